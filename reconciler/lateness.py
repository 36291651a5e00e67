"""Servicio no conforme (PSDT-08, annex): which altas are late, since when and by how many working days. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Self

from reconciler.config import Plazos
from reconciler.model import Movimiento
from reconciler.orders import Lack, Order, missing
from reconciler.workdays import Workdays


@dataclass(frozen=True, slots=True, kw_only=True)
class LateAlta:
    """An alta that was not done by its due day; `days` are working days after it, so far where nothing ended it.

    `ended` is the local day on which the account was there, or the order was withdrawn; None while it is awaited.
    """

    order: Order
    due: date
    days: int
    ended: date | None

    @property
    def missing(self) -> tuple[str, ...]:
        """What is left to do, in Spanish; nothing where the matter is closed."""
        order = self.order
        if not order.is_open:
            return ()
        unrecorded = () if order.late else (Lack.CAUSE,)
        return (*missing(order), *unrecorded) or ("cerrar la orden",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Until when altas are on time: so many working days of a calendar, in the institution's time zone."""

    calendar: Workdays
    days: int
    zone: tzinfo

    @classmethod
    def of(cls, terms: Plazos, zone: tzinfo) -> Self:
        """Return the terms that the configuration gives."""
        return cls(calendar=Workdays(terms), days=terms.alta_habiles, zone=zone)

    def due(self, order: Order) -> date | None:
        """Return the day by which an alta has to be done; None for a baja, and while there is no oficio.

        What is on record as late keeps the day that was told then, whatever the terms say by now.
        """
        if order.late:
            return order.late.due
        if order.movement is not Movimiento.ALTA or order.oficio_on is None:
            return None
        return self.calendar.due(max(order.received, order.oficio_on), self.days)

    def late(self, order: Order, today: date) -> LateAlta | None:
        """Return how an order is late as of a day, None where it is not."""
        due = None if order.twin else self.due(order)
        if due is None:
            return None
        ended = self._local(order.done or order.withdrawn)
        if order.late is None and (ended or today) <= due:
            return None
        return LateAlta(order=order, due=due, days=self.calendar.after(due, ended or today), ended=ended)

    def all_late(self, orders: Iterable[Order], today: date) -> tuple[LateAlta, ...]:
        """Return every late alta as of a day, the one that was due first first."""
        found = (self.late(order, today) for order in orders)
        return tuple(
            sorted(
                (one for one in found if one),
                key=lambda one: (one.due, one.order.received, one.order.key, one.order.id),
            )
        )

    def _local(self, at: datetime | None) -> date | None:
        return at.astimezone(self.zone).date() if at else None
