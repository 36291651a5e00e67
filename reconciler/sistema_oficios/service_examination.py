"""What cuentas needs of the Sistema de Oficios' service, looked at one by one; no order is raised."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from reconciler.check import Step
from reconciler.config import OficiosHttp
from reconciler.https import place
from reconciler.patience import Patience
from reconciler.reach import TLS, Place
from reconciler.sistema_oficios.service import HttpSystem


class ServiceExamination:
    """The service, over a connection of its own."""

    def __init__(self, config: OficiosHttp, clock: Callable[[], datetime]) -> None:
        """Take the configuration; nothing is connected yet.

        Raises:
            ConfigurationError: the authority or the token cannot be read.

        """
        self._config = config
        self._system = HttpSystem(config, UTC, lambda: Patience(0, lambda _: None))
        host, port = place(config.url)
        self._place = Place(host, port, config.espera_s, "sistema_oficios", "url", "url")
        self._clock = clock

    def close(self) -> None:
        """Hang up."""
        self._system.close()

    def steps(self) -> tuple[Step, ...]:
        """Return what is looked at."""
        return *self._place.steps(self._certificate), Step("entrada", self._system.examine, (TLS,))

    def _certificate(self) -> str:
        return self._place.certificate(self._config.ca, self._clock())
