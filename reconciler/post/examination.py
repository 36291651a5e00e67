"""What cuentas needs of an SMTP server, looked at one by one; nothing is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email.headerregistry import Address

from reconciler.check import Step
from reconciler.config import Smtp
from reconciler.patience import Patience
from reconciler.post.proof import NoCopies
from reconciler.post.smtp import SmtpPost
from reconciler.reach import TLS, Place, lasts

LOGON = "entrada"


class SmtpExamination:
    """One server; `section` is where its configuration stands."""

    def __init__(
        self, config: Smtp, section: str, clock: Callable[[], datetime], tell: Callable[[str], None]
    ) -> None:
        """Take the configuration; nothing is connected yet. `tell` gets each wait in words.

        Raises:
            ConfigurationError: the authority or the password cannot be read.

        """
        user, _, domain = config.remitente.partition("@")
        sender = Address(username=user, domain=domain)
        self._post = SmtpPost(config, NoCopies(), sender, clock, lambda: Patience(0, tell), section=section)
        self._place = Place(config.servidor, config.puerto, config.espera_s, section)
        self._clock = clock

    def close(self) -> None:
        """Hang up."""
        self._post.close()

    def steps(self) -> tuple[Step, ...]:
        """Return what is looked at."""
        return *self._place.steps(self._certificate), Step(LOGON, self._logs_on, (TLS,))

    def _certificate(self) -> str:
        return lasts(self._post.certificate(), self._clock())

    def _logs_on(self) -> str:
        return f"entró por SMTP como {self._post.log_on()}"
