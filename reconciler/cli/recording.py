"""What a person puts on record from the command line: durable on this machine at once, published when it can be."""

from __future__ import annotations

from reconciler.bitacora import Bitacora
from reconciler.cli.screen import note
from reconciler.cli.workspace import now
from reconciler.engine.ports import Says
from reconciler.errors import RecordError
from reconciler.events import JSON, Event, EventKind
from reconciler.model import AccountKey

BY_HAND = frozenset(
    {
        EventKind.SHEET_PRINTED,
        EventKind.SHEET_SENT,
        EventKind.SHEET_ACKNOWLEDGED,
        EventKind.SHEET_ASKED,
        EventKind.ORDER_RECEIVED,
        EventKind.ORDER_OFICIO,
        EventKind.ORDER_WITHDRAWN,
        EventKind.ORDER_NOTE,
        EventKind.ORDER_TOLD,
        EventKind.NOTICE,
        EventKind.LATE_TREATED,
    }
)
"""What somebody does, or has done by a command: it says who, by the key of their account."""


def says(run: str, who: str | None = None) -> Says:
    """Return what makes a run's events, as of the moment each is made; `who` is `Workspace.operator`."""

    def event(kind: EventKind, key: AccountKey | None = None, **data: JSON) -> Event:
        by: dict[str, JSON] = {"quien": who} if who and kind in BY_HAND else {}
        return Event(kind=kind, at=now(), run=run, key=key, data={**data, **by})

    return event


def refreshed(record: Bitacora) -> bool:
    """Ask for what others have published; where nobody answers, say so and go on with what this clone knows.

    Return whether somebody answered.
    """
    try:
        record.refresh()
    except RecordError as error:
        note(f"Se trabaja con lo que esta copia sabe de la bitácora. {error.message}")
        return False
    return True


def publish(record: Bitacora) -> None:
    """Publish what was put on record; where that has to wait, say so: it is safe on this machine."""
    try:
        record.publish()
    except RecordError as error:
        note(f"Quedó anotado en esta máquina; se publicará la próxima vez que cuentas escriba aquí. {error.message}")
