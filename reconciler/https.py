"""The line to a web service: one request, one bounded answer, over verified TLS alone.

The only place with httpx.
"""

from __future__ import annotations

import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import httpx

from reconciler.errors import ConfigurationError, TargetUnreachableError
from reconciler.password_file import read_password
from reconciler.reach import trusting

_NOTHING: Mapping[str, str] = MappingProxyType({})
_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")
"""RFC 6750, 2.1."""


class NotNowError(Exception):
    """Nothing was done, and it may be asked again."""


class LostError(Exception):
    """The answer did not come whole: what was asked may have been done."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What was answered; the headers' names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service as it is configured, and how it is called in Spanish.

    `name` begins a sentence («El Sistema de Oficios»), `whose` says of whom something is («del Sistema de Oficios»),
    `section` is where it is configured. An answer may take `seconds` from first byte to last, and `largest` bytes.
    """

    name: str
    whose: str
    section: str
    url: str
    authority: Path | None
    token: Path | None
    seconds: float
    largest: int
    headers: Mapping[str, str] = field(default_factory=dict)


class Connection:
    """Not to be used by two threads at once. The token goes nowhere but to the configured address."""

    def __init__(self, service: Service) -> None:
        """Take what is needed; nothing is connected yet.

        Raises:
            ConfigurationError: the authority or the token cannot be read.

        """
        self.base = service.url.rstrip("/")
        self._service = service
        self._socket: socket.socket | None = None
        headers = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "cuentas"}
        headers |= service.headers
        if service.token is not None:
            headers["Authorization"] = f"Bearer {_token(service, service.token)}"
        self._client = httpx.Client(
            headers=headers,
            verify=trusting(service.authority, service.section),
            timeout=service.seconds,
            follow_redirects=False,
            trust_env=False,  # a proxy of the environment would be somebody that nobody approved
        )

    def ask(self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] = _NOTHING) -> Reply:
        """Send a request and return its answer, within the configured seconds from first to last.

        Raises:
            TargetUnreachableError: the server does not prove to be the one that is configured.
            NotNowError: it was not sent.
            LostError: it was, and the answer did not come, or not whole, or was too large.

        """
        sent = dict(headers)
        if body is not None:
            sent["Content-Type"] = "application/json; charset=utf-8"
        try:
            with (
                self._within(),
                self._client.stream(
                    method, f"{self.base}{path}", content=body, headers=sent, extensions={"trace": self._note}
                ) as response,
            ):
                return Reply(response.status_code, dict(response.headers), _whole(response, self._service.largest))
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            if _unbelievable(error):
                raise self._no_proof() from None
            raise NotNowError from None
        except (httpx.HTTPError, httpx.StreamError, OSError):
            raise LostError from None

    def close(self) -> None:
        """Hang up; calling it again does nothing."""
        self._client.close()
        self._forget()

    @contextlib.contextmanager
    def _within(self) -> Iterator[None]:
        """Cut the line when the time is over: httpx bounds each read, and an answer may drip in for ever."""
        timer = threading.Timer(self._service.seconds, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _note(self, event: str, info: Mapping[str, Any]) -> None:
        """Keep a hold on the line as soon as there is one, so that it can be cut during TLS' greeting too."""
        if event == "connection.connect_tcp.complete":
            self._forget()
            self._socket = info["return_value"].get_extra_info("socket").dup()

    def _cut(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _forget(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _no_proof(self) -> TargetUnreachableError:
        host, port = place(self.base)
        return TargetUnreachableError(
            f"{self._service.name} ({host}:{port}) no prueba ser quien debe: su certificado no se pudo verificar.",
            remedy=f"Revise «url» y «ca» de «{self._service.section}»: el PEM de la autoridad que firma el "
            "certificado.",
        )


def place(url: str) -> tuple[str, int]:
    """Return host and port of an address."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 443


def retry_after(reply: Reply) -> float | None:
    """Return for how many seconds a service asks to be left alone; None where it does not say, or says nonsense."""
    said = reply.headers.get("retry-after", "").strip()
    if said.isascii() and said.isdigit():
        return float(said[:9])
    try:
        moment = parsedate_to_datetime(said)
        return max((moment - datetime.now(UTC)).total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return None


def _token(service: Service, file: Path) -> str:
    token = read_password(file, f"la cuenta {service.whose}")
    if not _TOKEN.fullmatch(token):
        raise ConfigurationError(
            f"Lo que guarda «{file}» no es un testigo (token) de portador.",
            remedy=f"Debe ser un solo renglón de letras, números y «-._~+/=», como lo da quien administra lo "
            f"de «{service.section}».",
        )
    return token


def _whole(response: httpx.Response, largest: int) -> bytes:
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise LostError  # it was told that nothing packed would be opened
    data = bytearray()
    for part in response.iter_raw():
        data += part
        if len(data) > largest:
            raise LostError
    return bytes(data)


def _unbelievable(error: BaseException) -> bool:
    """Whether a certificate was not to be believed, as far as the causes of an error tell."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
