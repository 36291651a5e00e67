"""A double of an SMTP server: aiosmtpd over STARTTLS with authentication, and faults on order."""

from __future__ import annotations

import logging
import socket
import ssl
from collections import deque
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tests.lab.samba.domain import ADDRESSES

logging.getLogger("mail.log").addHandler(logging.NullHandler())  # else what it deprecates of itself is on the screen

DROP = "cuelga"
"""Takes the whole message and hangs up without an answer, the message kept."""

DROP_UNKEPT = "cuelga sin guardar"
"""The same, and the message is lost."""


@dataclass
class SmtpServer:
    """`with SmtpServer(certificates, user, password) as server`.

    `faults` holds an answer or DROP for each message, None for none; `refusals` an answer for each address.
    """

    certificates: Path
    user: str
    password: str = field(repr=False)
    tls: bool = True
    faults: deque[str | None] = field(default_factory=deque)
    refusals: dict[str, deque[str]] = field(default_factory=dict)
    sent: list[tuple[tuple[str, ...], bytes]] = field(default_factory=list)

    def __enter__(self) -> Self:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificates / "cert.pem", self.certificates / "key.pem")
        secure: dict[str, Any] = (
            {"tls_context": context, "require_starttls": True, "auth_required": True} if self.tls else {}
        )
        self._controller = Controller(
            self, hostname=ADDRESSES[1], port=self.port, authenticator=self._authenticate, **secure
        )
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    @property
    def host(self) -> str:
        """Where it listens."""
        return ADDRESSES[1]

    @cached_property
    def port(self) -> int:
        """Where it listens: a port that was free when it was asked for, since aiosmtpd has to know it beforehand."""
        with socket.create_server((ADDRESSES[1], 0)) as free:
            return int(free.getsockname()[1])

    def _authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        del server, session, envelope, mechanism
        good = (data.login, data.password) == (self.user.encode(), self.password.encode())
        return AuthResult(success=good, handled=False)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802 -- aiosmtpd names it
        """Take a recipient, or refuse it."""
        del server, session, options
        if self.refusals.get(address):
            return self.refusals[address].popleft()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 -- aiosmtpd names it
        """Take a message, refuse it, or hang up."""
        del session
        fault = self.faults.popleft() if self.faults else None
        if fault in {None, DROP}:
            self.sent.append((tuple(envelope.rcpt_tos), envelope.content))
        if fault in {DROP, DROP_UNKEPT}:
            server.transport.abort()
        return "250 OK" if fault in {None, DROP, DROP_UNKEPT} else str(fault)
