"""What was done in a month: altas, reincorporations and bajas, from the orders. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, tzinfo
from enum import StrEnum

from reconciler.events import Event, EventKind
from reconciler.model import AccountKey, Movimiento
from reconciler.orders import Order, OrderKey, asked
from reconciler.period import Month


class Made(StrEnum):
    """What an order came to; to the procedure a reincorporation is an alta (PSDT-08 has no other name for it)."""

    ALTA = "alta"
    REINCORPORACION = "reincorporación"
    BAJA = "baja"


@dataclass(frozen=True, slots=True)
class Movement:
    """An order's movement with the local day on which it was done and read back."""

    order: Order
    day: date
    made: Made


def reincorporated(events: Iterable[Event], target: str) -> frozenset[OrderKey]:
    """Return the altas that brought somebody back, by what makes an order one: the record names each verb."""
    runs: set[str] = set()
    found: set[OrderKey] = set()
    for event in events:
        if event.kind is EventKind.RUN_STARTED and event.data.get("destino") == target:
            runs.add(event.run)
        elif event.kind is EventKind.ATTEMPT and event.run in runs and event.data["verbo"] == "reactivate":
            found.add(asked(event.key or AccountKey(""), Movimiento.ALTA, str(event.data["oficio"])))
    return frozenset(found)


def made_in(
    orders: Iterable[Order], month: Month, zone: tzinfo, returned: frozenset[OrderKey]
) -> tuple[Movement, ...]:
    """Return what was done in a month of the institution's time, the earliest first."""
    found: list[Movement] = []
    for order in orders:
        day = order.done.astimezone(zone).date() if order.done else None
        if day is not None and day in month:
            found.append(Movement(order, day, _made(order, returned)))
    return tuple(sorted(found, key=lambda one: (one.order.done, one.order.key, one.order.id)))


def _made(order: Order, returned: frozenset[OrderKey]) -> Made:
    if order.movement is Movimiento.BAJA:
        return Made.BAJA
    back = order.oficio is not None and asked(order.key, order.movement, order.oficio) in returned
    return Made.REINCORPORACION if back else Made.ALTA
