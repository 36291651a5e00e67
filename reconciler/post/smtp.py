"""Mail through an SMTP server, over TLS with a verified certificate: to everybody it is for, or to nobody."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Callable
from datetime import datetime
from email.headerregistry import Address
from typing import NoReturn, Protocol

from reconciler.config import Smtp
from reconciler.errors import (
    OutcomeUnknownError,
    TargetError,
    TargetRejectedError,
    TargetUnreachableError,
)
from reconciler.letter import Message, Sent
from reconciler.mime import compose
from reconciler.patience import Patience
from reconciler.post.entrance import CLOSING, PERMANENT, Entrance, NotNowError, farewell

_GO_AHEAD = 354


class Copies(Protocol):
    """Where it is known, on this machine, what was sent: SMTP itself keeps nothing to look up."""

    def holds(self, mark: str) -> bool:
        """Whether the message with a mark was sent; raises `OutcomeUnknownError` where nobody knows."""

    def begin(self, mark: str, data: bytes) -> None:
        """Store that it may have been sent."""

    def settle(self, mark: str, *, sent: bool) -> None:
        """Say what became of it."""


class SmtpPost:
    """Fits the engine's `Post`. `patience` makes the waiting that one message may take."""

    def __init__(
        self,
        config: Smtp,
        copies: Copies,
        sender: Address,
        clock: Callable[[], datetime],
        patience: Callable[[], Patience],
        *,
        section: str = "correo",
    ) -> None:
        """Take what is needed to connect; nothing is connected yet. `section` is where the configuration stands.

        Raises:
            ConfigurationError: the authority or the password cannot be read.

        """
        self._config = config
        self._copies = copies
        self._sender = sender
        self._clock = clock
        self._patience = patience
        self._entrance = Entrance(config, section)
        self._connection: smtplib.SMTP | None = None

    def send(self, message: Message) -> Sent:
        """Send the message, unless it was sent before from this machine.

        Raises:
            TargetRejectedError: a recipient or the message is refused; nobody got it.
            OutcomeUnknownError: the answer to the whole message was lost, now or the time before.
            TargetUnreachableError: nobody answers, or this machine may not send; nobody got it.

        """
        if self._copies.holds(message.mark):
            return Sent.BEFORE
        data = compose(message, self._sender, self._clock())
        patience = self._patience()
        while True:
            try:
                self._once(message, data)
            except NotNowError as error:
                if error.closing:
                    self.close()
                if not patience.wait(f"{self._config.servidor} no recibe correo por ahora ({error.code})."):
                    self._give_up(error)
            else:
                return Sent.NOW

    def close(self) -> None:
        """Say goodbye and hang up."""
        connection, self._connection = self._connection, None
        if connection is not None:
            farewell(connection)

    def _once(self, message: Message, data: bytes) -> None:
        """Name sender and recipients, and only where all are welcome hand over the message."""
        connection = self._connected()
        try:
            self._expect(connection.mail(str(self._sender.addr_spec)), "el remitente")
            for address in message.recipients:
                self._expect(connection.rcpt(address), address)
            self._expect(connection.docmd("DATA"), "el mensaje", _GO_AHEAD)
        except (smtplib.SMTPServerDisconnected, OSError):
            self._hang_up()
            raise NotNowError(CLOSING, closing=True) from None
        except (TargetError, NotNowError):
            self._reset(connection)
            raise
        self._hand_over(connection, message.mark, data)

    def _hand_over(self, connection: smtplib.SMTP, mark: str, data: bytes) -> None:
        """Send the message itself: from here on, no answer means that nobody knows."""
        try:
            self._copies.begin(mark, data)
        except TargetError:
            self._hang_up()  # without the end of the message the server has nothing to deliver
            raise
        try:
            connection.send(re.sub(rb"(?m)^\.", b"..", data) + b".\r\n")
            answer = self._answered(connection.getreply())
        except (smtplib.SMTPException, OSError):
            self._hang_up()
            raise OutcomeUnknownError(
                f"{self._config.servidor} no contestó si recibió el mensaje «{mark}».",
                remedy="Vuelva a correr: se dirá qué hacer, y nada se envía dos veces mientras no se sepa.",
            ) from None
        try:
            self._expect(answer, "el mensaje")
        except (TargetError, NotNowError):
            self._copies.settle(mark, sent=False)
            raise
        self._copies.settle(mark, sent=True)

    def _answered(self, answer: tuple[int, bytes]) -> tuple[int, bytes]:
        """Take an answer without a code for none: smtplib gives -1 for words that make no sense."""
        if answer[0] <= 0:
            raise smtplib.SMTPServerDisconnected
        return answer

    def _expect(self, answer: tuple[int, bytes], whom: str, wanted: int | None = None) -> None:
        """Go on after a yes. The server's words are left out: they may quote what was said to it."""
        code = self._answered(answer)[0]
        if code == wanted or (wanted is None and code // 100 == 2):  # noqa: PLR2004 -- RFC 5321, 4.2.1
            return
        if code < PERMANENT:
            raise NotNowError(code, closing=code == CLOSING)
        raise TargetRejectedError(
            f"{self._config.servidor} rechazó {whom} (código {code}).",
            remedy="Revise que la dirección exista y vuelva a correr. El mensaje no se envió a nadie.",
        )

    def _give_up(self, error: NotNowError) -> NoReturn:
        words = f"{self._config.servidor} sigue sin recibir el mensaje (código {error.code})."
        remedy = "Vuelva a correr más tarde; el mensaje no se envió a nadie."
        if error.closing:
            raise TargetUnreachableError(words, remedy=remedy) from None
        raise TargetRejectedError(words, remedy=remedy) from None

    def _reset(self, connection: smtplib.SMTP) -> None:
        try:
            connection.rset()
        except (smtplib.SMTPException, OSError):
            self._hang_up()

    def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connected(self) -> smtplib.SMTP:
        if self._connection is None:
            self._connection = self._entrance.opened()
        return self._connection
