"""Servicio no conforme on record: each late alta once, as the fact that it is (PSDT-08, annex)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from reconciler.engine.ports import Record
from reconciler.events import Event, EventKind
from reconciler.lateness import LateAlta, Terms
from reconciler.orders import Order


def unrecorded(orders: Iterable[Order], terms: Terms, at: datetime) -> tuple[LateAlta, ...]:
    """Return every late alta, as of a moment, that is open and not on record as late."""
    waiting = (one for one in orders if one.is_open and one.late is None)
    return terms.all_late(waiting, at.astimezone(terms.zone).date())


def record_late(
    record: Record, orders: Iterable[Order], terms: Terms, *, target: str, run: str, at: datetime
) -> tuple[LateAlta, ...]:
    """Put on record what is late and `unrecorded`, and return it.

    An order that is over stays as it ended, so that this comes before closing any. Nothing is published: that is for
    whoever has more to write.

    Raises:
        RecordError: the record cannot be written.

    """
    found = unrecorded(orders, terms, at)
    record.append(*(_event(one, target, run, at) for one in found))
    return found


def _event(late: LateAlta, target: str, run: str, at: datetime) -> Event:
    order = late.order
    data = {"orden": order.id, "vence": late.due.isoformat(), "destino": target}
    return Event(kind=EventKind.LATE, at=at, run=run, key=order.key, data=data)
