"""The last published line that this clone has seen: a chain cut off or rewritten since then is told by it."""

from __future__ import annotations

from pathlib import Path

from reconciler.bitacora.chain import Chain, Tail
from reconciler.bitacora.files import storing, write_whole
from reconciler.errors import RecordError


class UnreadableAnchorError(RecordError):
    """What this clone last saw can no longer be read."""


class Anchor:
    """One file per remote (and one for none) in the clone's folder. Raises only `RecordError`s."""

    def __init__(self, directory: Path, remote: str | None) -> None:
        self._path = directory / f"cabeza-{remote or '.local'}"
        self._seen: Tail | None = None

    def tail(self) -> Tail:
        """Return the end of the chain as it was last seen published; the empty chain's before that."""
        if self._seen is None:
            try:
                number, digest = self._path.read_text("ascii").split()
                self._seen = Tail(int(number), digest)
            except FileNotFoundError:
                self._seen = Tail()
            except (OSError, ValueError):
                raise UnreadableAnchorError(
                    f"«{self._path}» no se puede leer.",
                    remedy="Corra «cuentas audit» y, si la bitácora está completa, borre ese archivo.",
                ) from None
        return self._seen

    def check(self, chain: Chain) -> None:
        """Let pass a chain that has only grown since it was last seen.

        Raises:
            RecordError: lines that had been published are gone or others.

        """
        seen = self.tail()
        if not chain.holds(seen):
            raise RecordError(
                f"La bitácora publicada fue recortada o reescrita: su línea {seen.n} ya no es la que esta "
                f"copia vio ({seen.digest[:12]}…); ahora tiene {chain.tail.n}.",
                remedy="No escriba nada más: averigüe quién cambió la rama, y recupérela de una copia que la "
                "tenga entera («git push» de su rama bitacora).",
            )

    def drop_at(self, chain: Chain) -> None:
        """Remember where a published chain ends, once it has been checked."""
        self.check(chain)
        if chain.tail != self.tail():
            with storing("la última línea vista de la bitácora"):
                write_whole(self._path, f"{chain.tail.n} {chain.tail.digest}\n".encode("ascii"))
            self._seen = chain.tail
