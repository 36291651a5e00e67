"""Builders of orders for tests: as values, and as the events that the record tells them by."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from reconciler.events import JSON, Event, EventKind
from reconciler.model import AccountKey, Movimiento
from reconciler.orders import Order

ZONE = ZoneInfo("America/Mazatlan")


def at(day: date, hour: int = 12) -> datetime:
    """Return an hour of a day in Sinaloa."""
    return datetime.combine(day, time(hour), ZONE).astimezone(UTC)


def order(name: str = "OT-2026-00000001", received: date = date(2026, 11, 3), **changes: Any) -> Order:
    """Return an alta of SAF with its oficio; `done` and the like may be days."""
    values: dict[str, Any] = {
        "id": name,
        "key": AccountKey("juan.perez"),
        "movement": Movimiento.ALTA,
        "dependencia": "SAF",
        "received": received,
        "opened": at(received),
        "medium": "oficio",
        "oficio": "SAF/1/2026",
        "oficio_on": received,
    }
    days = {key: at(value) for key, value in changes.items() if type(value) is date and key in _MOMENTS}
    return Order(**values | changes | days)


_MOMENTS = ("opened", "done", "closed", "withdrawn")


def said(kind: EventKind, day: date, order: str, key: str = "juan.perez", run: str = "mesa", **data: JSON) -> Event:
    """Return an event of the embedded target about an order, at noon in Sinaloa."""
    moment = at(day) + timedelta(seconds=1)
    return Event(
        kind=kind, at=moment, run=run, key=AccountKey(key), data={"orden": order, "destino": "embedded", **data}
    )


def received(order: str, day: date, key: str = "juan.perez", **data: JSON) -> Event:
    """Return the event that opens an alta of SAF by its oficio."""
    values: dict[str, JSON] = {
        "movimiento": "alta",
        "dependencia": "SAF",
        "oficio": f"SAF/{order[-4:]}/2026",
        "recibido": day.isoformat(),
        "medio": "oficio",
        "enlace": "laura.beltran",
    }
    return said(EventKind.ORDER_RECEIVED, day, order, key, "mesa", **values | data)


def done(order: str, day: date, key: str = "juan.perez") -> Event:
    """Return the event that says that an order's movement was made, with nobody to notify."""
    return said(EventKind.ORDER_DONE, day, order, key, avisar=[], entregar=False)
