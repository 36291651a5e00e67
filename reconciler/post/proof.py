"""Proof of life of a new mailbox: a first message, handed to the server that has to deliver it.

A server that answers 250 to the end of a message has taken over its delivery (RFC 5321, 4.2.5 and 6.1); by then
Exchange has looked its recipients up.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.headerregistry import Address

from reconciler.config import Smtp
from reconciler.letter import Message
from reconciler.model import Account
from reconciler.patience import Patience
from reconciler.post.smtp import SmtpPost

Greeting = Callable[[Account], Message]


class DeliveryProof:
    """One connection to the server that delivers; not to be used by two threads at once."""

    def __init__(self, config: Smtp, greeting: Greeting, tell: Callable[[str], None]) -> None:
        """Take what is needed; nothing is connected before the first proof. `tell` gets each wait in words.

        Raises:
            ConfigurationError: the authority or the password cannot be read.

        """
        self._greeting = greeting
        user, _, domain = config.remitente.partition("@")
        self._post = SmtpPost(
            config,
            _NoCopies(),
            Address(username=user, domain=domain),
            lambda: datetime.now(UTC),
            lambda: Patience(config.paciencia_s, tell),
            section="prueba_entrega",
        )

    def prove(self, account: Account) -> None:
        """Hand the account its first message.

        Raises:
            TargetRejectedError: the server does not take mail for it.
            OutcomeUnknownError: the answer was lost.
            TargetUnreachableError: the server does not answer.

        """
        self._post.send(self._greeting(account))

    def close(self) -> None:
        """Hang up; calling it again does nothing."""
        self._post.close()


class _NoCopies:
    """Remembers nothing: an alta that is taken up again is proven again, and a second welcome does no harm."""

    def holds(self, mark: str) -> bool:
        """Say no."""
        del mark
        return False

    def begin(self, mark: str, data: bytes) -> None:
        """Do nothing."""

    def settle(self, mark: str, *, sent: bool) -> None:
        """Do nothing."""
