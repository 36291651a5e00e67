"""What cuentas needs of the forge, looked at one by one; nothing is said there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial

from reconciler.check import Doubt, Step
from reconciler.config import Forja
from reconciler.errors import TargetRejectedError
from reconciler.forge.rest import RestForge
from reconciler.https import place
from reconciler.patience import Patience
from reconciler.reach import TLS, Place

_ENTRANCE = "entrada"


class ForgeExamination:
    """The forge, over a connection of its own."""

    def __init__(self, config: Forja, main: str, clock: Callable[[], datetime]) -> None:
        """Take the configuration; nothing is connected yet.

        Raises:
            ConfigurationError: the authority or the token cannot be read.

        """
        self._config = config
        self._forge = RestForge(config, main, lambda: Patience(0, lambda _: None))
        host, port = place(config.url)
        self._place = Place(host, port, config.espera_s, "forja", "url", "url")
        self._clock = clock

    def close(self) -> None:
        """Hang up."""
        self._forge.close()

    def steps(self) -> tuple[Step, ...]:
        """Return what is looked at."""
        return (
            *self._place.steps(self._certificate),
            Step(_ENTRANCE, self._entrance, (TLS,)),
            Step("quién es", self._who, (_ENTRANCE,)),
            Step("pull requests", partial(self._reads, "pulls", "pull requests"), (_ENTRANCE,)),
            Step("issues", partial(self._reads, "issues", "issues"), (_ENTRANCE,)),
        )

    def _certificate(self) -> str:
        return self._place.certificate(self._config.ca, self._clock())

    def _entrance(self) -> str:
        """Say what may be done with the repository, as far as the forge tells: GitHub gives the user's rights."""
        found = self._forge.seen()
        said = f"deja ver «{self._config.repositorio}»"
        if self._config.clave_archivo is None:
            raise Doubt(f"{said}, sin testigo.", remedy="Para comentar o proponer, ponga «clave_archivo» en «forja».")
        if found.permissions and not found.permissions.push:
            raise Doubt(
                f"{said}, y solo para leer.",
                remedy="Para comentar y proponer el testigo debe poder escribir en pull requests e issues.",
            )
        return said

    def _who(self) -> str:
        if self._config.clave_archivo is None:
            return "nadie: se lee sin testigo"
        me, posts = self._forge.me, self._config.usuario
        if me is None:
            return f"la forja no lo dice de este testigo; los planes los publica «{posts}»"
        return f"«{me}»" + ("" if me.casefold() == posts.casefold() else f"; los planes los publica «{posts}»")

    def _reads(self, what: str, name: str) -> str:
        try:
            self._forge.listed(what)
        except TargetRejectedError:
            raise TargetRejectedError(
                f"El testigo no deja leer los {name}.",
                remedy="Dele ese permiso (docs/operacion.md, «La forja (REST)»), o actívelos en el repositorio.",
            ) from None
        return "se pueden leer"
