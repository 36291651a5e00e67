"""The clock's guard: a machine whose clock is wrong must not apply, for deadlines are counted with it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from reconciler.config import Limites
from reconciler.errors import RefusedError
from reconciler.events import Event, EventKind
from reconciler.plan import Change, DisconnectMailbox

TOLERANCE = timedelta(minutes=10)
"""How far clocks may differ: the forge and every machine that applies have their own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """What a machine takes for now, and what is to be applied then; `narrowed` leaves part of the plan out."""

    now: datetime
    commit_at: datetime
    changes: Sequence[Change]
    narrowed: bool


def check_clock(present: Present, events: Iterable[Event], target: str, limits: Limites) -> None:
    """Make sure that the clock does not contradict the record of a target and the commit to be applied.

    It must not be behind either. Where a mailbox would be taken away, it must not be far ahead of the record:
    retentions and holds would seem to be over. A narrowed run must not be either: it would put the wrong date on
    record, and the next one would believe it. Leases prove nothing: a run that is refused leaves them too.

    Raises:
        RefusedError: it does; says what to do.

    """
    if present.now < present.commit_at - TOLERANCE:
        raise RefusedError(
            f"El reloj de esta máquina ({_day(present.now)}) va atrás del commit que se aplicaría "
            f"({_day(present.commit_at)}).",
            remedy="Corrija el reloj (NTP). Si el equivocado es el del commit, fusione otro pull request encima.",
        )
    last = _last(events, target, limits)
    if last is not None and present.now < last.at - TOLERANCE:
        raise RefusedError(
            f"El reloj de esta máquina ({_day(present.now)}) va atrás de la bitácora ({_day(last.at)}, "
            f"corrida {last.run}).",
            remedy="Corrija el reloj (NTP). Si el equivocado fue el de esa corrida, proponga en un pull request "
            f"«limites: relojes_malos: [{last.run}]» en cuentas.yaml.",
        )
    risky = present.narrowed or any(isinstance(one, DisconnectMailbox) for one in present.changes)
    if last is not None and risky and present.now - last.at > timedelta(days=limits.salto_dias):
        raise _ahead(present, last)


def check_leap(now: datetime, events: Iterable[Event], patience: timedelta) -> None:
    """Make sure that the clock did not leap ahead of the record, before what waits is taken for too old.

    What was written in the last day proves nothing: the same clock may have dated it. `patience` is how long nothing
    may have been written.

    Raises:
        RefusedError: it seems to have leapt; says what to do.

    """
    last = max((one.at for one in events if one.at <= now - timedelta(days=1)), default=None)
    if last is not None and now - last > patience:
        raise RefusedError(
            f"El reloj de esta máquina ({_day(now)}) va {(now - last).days} días adelante de la bitácora "
            f"({_day(last)}): no se retira ninguna hoja.",
            remedy="Si está mal, corríjalo (NTP). Si de verdad no se había anotado nada desde entonces, repítalo un "
            "día después de la siguiente corrida con cambios.",
        )


def _ahead(present: Present, last: Event) -> RefusedError:
    days = (present.now - last.at).days
    what = "no se puede aplicar solo una parte" if present.narrowed else "no se desconecta ningún buzón"
    return RefusedError(
        f"El reloj de esta máquina ({_day(present.now)}) va {days} días adelante de la bitácora "
        f"({_day(last.at)}): {what}.",
        remedy=("Quite «--only». " if present.narrowed else "")
        + "Si está mal, corríjalo (NTP). Si de verdad no se había aplicado nada desde entonces, proponga en un "
        f"pull request «limites: salto_dias: {days + 1}» en cuentas.yaml.",
    )


def _last(events: Iterable[Event], target: str, limits: Limites) -> Event | None:
    """Return the latest event of a target's runs, but for those whose clock is known to have been wrong."""
    runs: set[str] = set()
    last: Event | None = None
    for event in events:
        if event.kind is EventKind.RUN_STARTED and event.data.get("destino") == target:
            runs.add(event.run)
        counts = event.run in runs and event.kind is not EventKind.LEASE and event.run not in limits.relojes_malos
        if counts and (last is None or event.at > last.at):
            last = event
    return last


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
