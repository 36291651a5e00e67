"""The gate of Exchange's documented way in: Kerberos over plain HTTP, and every message encrypted with its key.

Known: the state belongs to the TCP connection, the form of the multipart bodies, the boundary with a space after the
hyphens that Exchange sends, the names of the two protocols. Assumed: that Exchange offers Kerberos by that name and
not Negotiate alone (both can be chosen here), and what it answers to a body that is not encrypted (400).
"""

import base64
import binascii
import os
import re
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

import spnego
from spnego import NegotiateOptions
from spnego.exceptions import SpnegoError

from tests.lab.exchange.gate import SOAP, Answer, Session, UnreadableError
from tests.lab.samba.domain import EXCHANGE_HOST_NAME

Offer = Literal["Kerberos", "Negotiate"]
_PROTOCOLS = {
    "Kerberos": "application/HTTP-Kerberos-session-encrypted",
    "Negotiate": "application/HTTP-SPNEGO-session-encrypted",
}
_BOUNDARY = b"-- Encrypted Boundary"
_PARTS = re.compile(
    rb"--\s*Encrypted Boundary\r\n\s*Content-Type: (?P<protocol>[^\r\n]+)\r\n"
    rb"\s*OriginalContent: type=[^\r\n]*;Length=(?P<length>\d+)\r\n"
    rb"--\s*Encrypted Boundary\r\n\s*Content-Type: application/octet-stream\r\n"
    rb"(?P<sealed>.*)--\s*Encrypted Boundary--(?:\r\n)?",
    re.DOTALL,
)


@dataclass
class Kerberos:
    """Tickets for HTTP/`host_name`, whose key is in `keytab`; `offer` is the one scheme that is offered.

    The libraries find the keytab by the process's environment, which is given back on leaving: one such gate at a
    time in a process.
    """

    keytab: Path
    offer: Offer = "Kerberos"
    host_name: str = EXCHANGE_HOST_NAME
    tls: None = None
    _before: dict[str, str | None] = field(default_factory=dict, init=False, repr=False)

    def __enter__(self) -> Self:
        wanted = {"KRB5_KTNAME": f"FILE:{self.keytab}", "KRB5RCACHENAME": "none:"}
        self._before = {name: os.environ.get(name) for name in wanted}
        os.environ.update(wanted)
        return self

    def __exit__(self, *_: object) -> None:
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    def session(self) -> Session:
        return _KerberosSession(self.offer, self.host_name)

    def config(self) -> dict[str, Any]:
        return {"seguridad": "kerberos", "nombre_kerberos": self.host_name}


class _KerberosSession:
    def __init__(self, offer: Offer, host_name: str) -> None:
        self._offer: Offer = offer
        self._host_name = host_name
        self._context: spnego.ContextProxy | None = None
        self._let_in = False

    @property
    def owner(self) -> str:
        """Who the ticket is of."""
        return str(self._context.client_principal) if self._context else ""

    def admit(self, authorization: str, *, has_body: bool) -> Answer | None:
        """Take the ticket; from then on the connection is let in, and whatever it sends has to be encrypted."""
        scheme, _, token = authorization.partition(" ")
        if not token:
            return None if self._let_in else self._offered()
        if scheme.casefold() != self._offer.casefold():
            return self._offered()
        self._let_in = False
        try:
            proof = self._step(base64.b64decode(token, validate=True))
        except (SpnegoError, binascii.Error):
            self._context = None
            return self._offered()
        headers = (("WWW-Authenticate", f"{self._offer} {base64.b64encode(proof or b'').decode()}"),)
        if not self._let_in:
            return Answer(401, headers)
        return None if has_body else Answer(200, headers)

    def _step(self, token: bytes) -> bytes | None:
        if self._context is None or self._context.complete:
            self._context = spnego.server(
                self._host_name,
                "HTTP",
                protocol=self._offer.lower(),
                options=NegotiateOptions.wrapping_winrm,
            )
        proof = self._context.step(token)
        self._let_in = self._context.complete
        return proof

    def _offered(self) -> Answer:
        return Answer(401, (("WWW-Authenticate", self._offer),))

    def unseal(self, content_type: str, body: bytes) -> bytes:
        """Decrypt with the connection's own key."""
        found = _PARTS.fullmatch(body)
        if self._context is None or found is None or not content_type.lower().startswith("multipart/encrypted"):
            raise UnreadableError
        sealed = found["sealed"]
        [header_length] = struct.unpack("<i", sealed[:4])
        try:
            text = self._context.unwrap_winrm(sealed[4 : 4 + header_length], sealed[4 + header_length :])
        except SpnegoError:
            raise UnreadableError from None
        if found["protocol"].decode() != _PROTOCOLS[self._offer] or len(text) != int(found["length"]):
            raise UnreadableError
        return text

    def seal(self, text: bytes) -> tuple[str, bytes]:
        """Encrypt with the connection's own key."""
        assert self._context is not None
        header, data, padding_length = self._context.wrap_winrm(text)
        protocol = _PROTOCOLS[self._offer]
        lines = [
            _BOUNDARY,
            f"\tContent-Type: {protocol}".encode(),
            f"\tOriginalContent: type={SOAP};Length={len(text) + padding_length}".encode(),
            _BOUNDARY,
            b"\tContent-Type: application/octet-stream",
            struct.pack("<i", len(header)) + header + data + _BOUNDARY + b"--\r\n",
        ]
        return f'multipart/encrypted;protocol="{protocol}";boundary="Encrypted Boundary"', b"\r\n".join(lines)
