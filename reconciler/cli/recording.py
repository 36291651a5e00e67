"""What a person puts on record from the command line: durable on this machine at once, published when it can be."""

from __future__ import annotations

from reconciler.bitacora import Bitacora
from reconciler.cli.screen import note
from reconciler.cli.workspace import now
from reconciler.engine.ports import Says
from reconciler.errors import RecordError
from reconciler.events import JSON, Event, EventKind
from reconciler.model import AccountKey


def says(run: str) -> Says:
    """Return what makes a run's events, as of the moment each is made."""

    def event(kind: EventKind, key: AccountKey | None = None, **data: JSON) -> Event:
        return Event(kind=kind, at=now(), run=run, key=key, data=data)

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
