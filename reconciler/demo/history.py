"""The whole history, deterministic from a seed: what is founded, what was merged, and what still waits."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from reconciler import declaration
from reconciler.demo.agencies import agencies
from reconciler.demo.chronicle import Files, Founding, PullRequest
from reconciler.demo.government import DIRECTOR, DOMAIN, Government
from reconciler.demo.movements import Movement
from reconciler.demo.names import folded
from reconciler.demo.office import Slot, founding, slot_of, slots, working_day_before
from reconciler.demo.plot import Cast, movements, waiting

CONFIG = f"""\
# yaml-language-server: $schema=schemas/cuentas.schema.json
organizacion:
  nombre: Gobierno del Estado de Sinaloa
  unidad: Dirección de Servicios Compartidos de Tecnología
  zona_horaria: America/Mazatlan
dominios:
  - {DOMAIN}
telefonos:
  - 667 758 7000
# La demostración aplica en un día lo que se fue pidiendo en nueve meses: con el plazo usual todo llegaría tarde.
plazos:
  alta_habiles: 250
"""

README = """\
# Cuentas de correo oficial

Una dependencia, un archivo en `accounts/`. Las altas y bajas se piden con oficio, en un pull request que propone el
enlace y fusiona el Director. Las personas de este repositorio son inventadas.
"""


_WORDS = 5


@dataclass(frozen=True, kw_only=True)
class Scale:
    """How large the history is; agencies beyond the thirteen secretarías are plain organismos."""

    accounts: int = 300
    agencies: int = 13


@dataclass(frozen=True, kw_only=True)
class History:
    """A founding, pull requests merged one after the other, and one that waits.

    `merged` writes itself as it is read, once, and `waiting` comes after it.
    """

    founding: Founding
    cast: Cast
    government: Government
    plans: Sequence[tuple[Movement, Slot]]
    proposed: Slot

    def pulls(self) -> Iterator[PullRequest]:
        """Yield the pull requests in order, the waiting one at the end; to be read once."""
        for number, (movement, slot) in enumerate(self.plans, start=1):
            yield self._pull(number, movement, slot, merged=True)
        yield self._pull(len(self.plans) + 1, waiting(self.cast), self.proposed, merged=False)

    def _pull(self, number: int, movement: Movement, slot: Slot, *, merged: bool) -> PullRequest:
        request = movement.write(self.government, slot)
        user = self.government.user_of(request.book)
        return PullRequest(
            number=number,
            branch=f"{user}/{_slug(request.title)}",
            title=request.title,
            body=request.body,
            author=self.government.author_of(request.book),
            proposed=slot.proposed,
            files=self.government.files(),
            approver=DIRECTOR if merged else None,
            merged=slot.merged if merged else None,
        )


def _slug(title: str) -> str:
    """Return a branch's name as people make them: the first words of what it is for."""
    words = filter(None, (folded(word) for word in title.split()))
    return "-".join(list(words)[:_WORDS])


def history(scale: Scale, today: date, seed: int, config: str) -> History:
    """Make up a history of about nine months that ends on the working day before `today`.

    `config` is the text of cuentas.yaml.
    """
    chance = random.Random(seed)  # noqa: S311 -- an invented history, nothing to keep secret
    dates = random.Random(seed)  # noqa: S311 -- dice of its own: on another day the same people do the same
    government = Government.of(agencies(scale.agencies), chance)
    cast = Cast.of(government.registry)
    plans = movements(government, cast, scale.accounts)
    files: Files = {
        "cuentas.yaml": config.encode(),
        ".gitignore": b".cuentas/\n",
        "README.md": README.encode(),
        **{f"schemas/{name}": text.encode() for name, text in declaration.schemas().items()},
        **government.files(),
    }
    return History(
        founding=Founding(
            files=files,
            author=DIRECTOR,
            at=founding(today),
            message="Repositorio de declaraciones: trece dependencias y sus enlaces\n"
            if scale.agencies == Scale.agencies
            else "Repositorio de declaraciones\n",
        ),
        cast=cast,
        government=government,
        plans=list(zip(plans, slots(len(plans), today, dates), strict=True)),
        proposed=slot_of(working_day_before(today), dates),
    )
