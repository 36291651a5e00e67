"""What was done in a month: altas, reincorporations and bajas, from the orders. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, tzinfo
from enum import StrEnum

from reconciler.events import Event, EventKind
from reconciler.model import AccountKey, Movimiento
from reconciler.orders import OneTarget, Order, OrderKey, asked
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
    here = OneTarget(target)
    return frozenset(
        asked(event.key or AccountKey(""), Movimiento.ALTA, str(event.data["oficio"]))
        for event in events
        if here.concerns(event) and event.kind is EventKind.ATTEMPT and event.data["verbo"] == "reactivate"
    )


def is_return(order: Order, returned: Collection[OrderKey]) -> bool:
    """Whether an alta brought somebody back."""
    named = asked(order.key, order.movement, order.oficio) if order.oficio else None
    return order.movement is Movimiento.ALTA and named in returned


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
    return Made.REINCORPORACION if is_return(order, returned) else Made.ALTA
