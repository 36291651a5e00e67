"""How a client proves who it is: what a gate promises, and basic authentication over TLS."""

import base64
import binascii
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self

SOAP = "application/soap+xml;charset=UTF-8"


class UnreadableError(Exception):
    """The body is not what this gate lets in."""


@dataclass(frozen=True)
class Answer:
    """What the gate itself answers, before anybody hears of the request."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()


class Session(Protocol):
    """One TCP connection at the gate."""

    @property
    def owner(self) -> str:
        """Who it is, once let in."""

    def admit(self, authorization: str, *, has_body: bool) -> Answer | None:
        """Let a request in, None, or answer it."""

    def unseal(self, content_type: str, body: bytes) -> bytes:
        """Give the envelope in the body; raises UnreadableError."""

    def seal(self, text: bytes) -> tuple[str, bytes]:
        """Give the content type and the body that carry an envelope."""


class Gate(Protocol):
    """What stands at the port, and how it is entered."""

    @property
    def tls(self) -> ssl.SSLContext | None:
        """What the connection is wrapped in; None leaves it in clear."""

    def __enter__(self) -> Any:
        """Make ready; leave gives back what that took."""

    def __exit__(self, *_: object) -> None: ...

    def session(self) -> Session:
        """Begin with a connection."""

    def config(self) -> dict[str, Any]:
        """Tell what a client has to be configured with."""


@dataclass
class Basic:
    """Names and passwords over TLS; `certificates` is a folder as `issue_certificates` writes it."""

    users: Mapping[str, str] = field(repr=False)
    certificates: Path

    def __post_init__(self) -> None:
        self.tls: ssl.SSLContext | None = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(self.certificates / "exchange-cert.pem", self.certificates / "exchange-key.pem")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def session(self) -> Session:
        return _BasicSession(self.users)

    def config(self) -> dict[str, Any]:
        return {"seguridad": "basico", "ca": self.certificates / "ca.pem"}


class _BasicSession:
    def __init__(self, users: Mapping[str, str]) -> None:
        self._users = {name.casefold(): password for name, password in users.items()}
        self.owner = ""

    def admit(self, authorization: str, *, has_body: bool) -> Answer | None:
        """Every request names its sender again."""
        del has_body
        kind, _, token = authorization.partition(" ")
        try:
            name, _, password = base64.b64decode(token, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            name = password = ""
        if kind.casefold() != "basic" or self._users.get(name.casefold()) != password:
            return Answer(401, (("WWW-Authenticate", 'Basic realm="ex1.lab.sinaloa.test"'),))
        self.owner = name
        return None

    def unseal(self, content_type: str, body: bytes) -> bytes:
        """TLS has sealed it."""
        if not content_type.lower().startswith("application/soap+xml"):
            raise UnreadableError
        return body

    def seal(self, text: bytes) -> tuple[str, bytes]:
        """TLS will seal it."""
        return SOAP, text
