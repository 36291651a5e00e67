"""The line to Exchange's shell: every answer within one time and one size, sealed where it has to be, NTLM never."""

from __future__ import annotations

import math
import socket
import ssl
import time
from pathlib import Path
from typing import Any

import requests
from pypsrp.negotiate import HTTPNegotiateAuth
from requests.adapters import HTTPAdapter
from spnego import Credential, CredentialCache, Password
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

MOST_BYTES = 64 * 1024 * 1024
"""Of one answer; Exchange is asked for half a megabyte at most."""

_PIECE_BYTES = 64 * 1024
_SEALED = "multipart/encrypted;"
"""How the content type of what pypsrp decrypts begins, to the letter: anything else it would take as it comes."""

_UNAUTHORIZED = 401


class PlainAnswerError(Exception):
    """An answer came in clear where every message has to be encrypted: it is not believed."""


class UnfitAnswerError(Exception):
    """An answer is larger than any of Exchange's, or compressed, which was not asked for."""


class NoKerberosError(Exception):
    """The server does not offer to be entered with Kerberos."""


class Clock:
    """Until when the line may be waited on; without end before the first `allow`."""

    def __init__(self) -> None:
        self._until = math.inf

    def allow(self, seconds: float) -> None:
        """Begin to count: from now on there is so much."""
        self._until = time.monotonic() + seconds

    def left(self) -> float:
        """Return the seconds that are left.

        Raises:
            TimeoutError: none are.

        """
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("time is up")
        return left


def trusting(authority: Path | None) -> ssl.SSLContext:
    """Return what verifies servers: by this authority, or by the system's where there is none.

    Raises:
        OSError: it cannot be read.

    """
    context = ssl.create_default_context(cafile=authority)
    context.sslsocket_class = _TlsSocket
    return context


class Line(HTTPAdapter):
    """What carries requests to one server.

    `posted` turns true when a message with something to do may have reached it. `authority`, made by `trusting`,
    verifies its certificate, whatever the environment says. With `sealed`, nothing in clear is believed but the
    handshake.
    """

    def __init__(self, clock: Clock, authority: ssl.SSLContext, *, sealed: bool) -> None:
        self.posted = False
        self._clock, self._authority, self._sealed = clock, authority, sealed
        super().__init__(max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **more: Any) -> None:
        """Make connections whose sockets look at the clock."""
        super().init_poolmanager(connections, maxsize, block, ssl_context=self._authority, **more)
        of_clock = {"clock": self._clock}
        plain = type("Plain", (_Connection, HTTPConnection), of_clock)
        over_tls = type("OverTls", (_Connection, HTTPSConnection), of_clock)
        self.poolmanager.pool_classes_by_scheme = {
            "http": type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("TlsPool", (HTTPSConnectionPool,), {"ConnectionCls": over_tls}),
        }

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Leave the verifying to the authority given."""
        del url, verify, cert
        conn.cert_reqs = "CERT_REQUIRED"

    def send(self, request: requests.PreparedRequest, *arguments: Any, **named: Any) -> requests.Response:
        """Send a request and take in the whole of its answer.

        Raises:
            PlainAnswerError: it may have been written by whoever sits on the wire.
            UnfitAnswerError: it is not taken in.

        """
        try:
            response = super().send(request, *arguments, **named | {"stream": True})
        except Exception as error:
            self.posted |= bool(request.body) and not _not_connected(error)
            raise
        self.posted |= bool(request.body)
        response._content = _taken_in(response)  # noqa: SLF001 -- what requests itself would do, without an end
        response._content_consumed = True  # noqa: SLF001 -- the same
        if self._sealed and not _believable(request, response):
            raise PlainAnswerError(response.status_code)
        return response


class OnlyKerberos(HTTPNegotiateAuth):
    """Enters with Kerberos, by its name or inside Negotiate; NTLM would give the password's proof to anybody."""

    def __init__(self, username: str | None, password: str | None, **more: Any) -> None:
        super().__init__(wrap_required=True, send_cbt=False, **more)
        self.username = _credential(username, password)  # type: ignore[assignment]  # spnego takes either

    @staticmethod
    def _check_auth_supported(response: requests.Response, _: list[str]) -> str:
        offered = response.headers.get("www-authenticate", "").lower()
        for scheme in ("Negotiate", "Kerberos"):
            if scheme.lower() in offered:
                return scheme
        raise NoKerberosError


class _KerberosPassword(Password):
    """A password that is proved with Kerberos or not at all."""

    @property
    def supported_protocols(self) -> list[str]:
        return ["kerberos"]


class _KerberosTicket(CredentialCache):
    """A ticket that is already there."""

    @property
    def supported_protocols(self) -> list[str]:
        return ["kerberos"]


def _credential(username: str | None, password: str | None) -> Credential:
    if username and password is not None:
        return _KerberosPassword(username, password)
    return _KerberosTicket(username)


class _Timed(socket.socket):
    """Waits for no more than the clock has left, in however many pieces it comes."""

    clock: Clock

    def recv_into(self, *arguments: Any, **named: Any) -> int:
        left, given = self.clock.left(), self.gettimeout()
        self.settimeout(left if given is None else min(left, given))
        return super().recv_into(*arguments, **named)


class _TlsSocket(_Timed, ssl.SSLSocket):
    clock = Clock()  # until the handshake, which has the time of a connection, is done


class _Connection(HTTPConnection):
    clock: Clock

    def connect(self) -> None:
        super().connect()
        if isinstance(self.sock, _Timed):
            self.sock.clock = self.clock

    def _new_conn(self) -> socket.socket:
        plain = super()._new_conn()
        given = plain.gettimeout()
        timed = _Timed(fileno=plain.detach())
        timed.clock = self.clock
        timed.settimeout(given)
        return timed


def _believable(request: requests.PreparedRequest, response: requests.Response) -> bool:
    """Tell whether it is sealed, or of the handshake, which says nothing but who is who."""
    if response.headers.get("content-type", "").startswith(_SEALED):
        return bool(request.body)
    if request.body:
        return False
    return response.status_code == _UNAUTHORIZED or (response.ok and not response.content)


def _not_connected(error: Exception) -> bool:
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(error, requests.ConnectTimeout) or isinstance(reason, NewConnectionError)


def _taken_in(response: requests.Response) -> bytes:
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        response.close()
        raise UnfitAnswerError
    taken = bytearray()
    for piece in response.iter_content(_PIECE_BYTES):
        taken += piece
        if len(taken) > MOST_BYTES:
            response.close()
            raise UnfitAnswerError
    return bytes(taken)
