"""What cuentas needs of an SMTP server, looked at one by one; nothing is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from reconciler.check import Step
from reconciler.config import Smtp
from reconciler.post.entrance import Entrance
from reconciler.reach import TLS, Place, lasts

LOGON = "entrada"


class SmtpExamination:
    """One server; `section` is where its configuration stands."""

    def __init__(self, config: Smtp, section: str, clock: Callable[[], datetime]) -> None:
        """Take the configuration; nothing is connected yet.

        Raises:
            ConfigurationError: the authority or the password cannot be read.

        """
        self._entrance = Entrance(config, section)
        self._place = Place(config.servidor, config.puerto, config.espera_s, section)
        self._clock = clock

    def close(self) -> None:
        """Do nothing: every step hangs up by itself."""

    def steps(self) -> tuple[Step, ...]:
        """Return what is looked at."""
        return *self._place.steps(self._certificate), Step(LOGON, self._logs_on, (TLS,))

    def _certificate(self) -> str:
        return lasts(self._entrance.certificate(), self._clock())

    def _logs_on(self) -> str:
        return f"entró por SMTP como {self._entrance.log_on()}"
