"""Telling the Sistema de Oficios: what the record says is due is told, and each confirmation goes on record.

The record is the outbox: an order is told until its confirmation is there, whoever stops in between and whenever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from reconciler.capture import Answer, confirmed, holders, misfit
from reconciler.engine.ports import OrderSystem, Record, Says
from reconciler.errors import OutcomeUnknownError, TargetError, TargetRejectedError, TargetUnreachableError
from reconciler.events import EventKind
from reconciler.orders import Order, Telling

DOUBTS = 3
"""Lost answers in a row after which nothing more is tried: a system that is ill is not asked a thousand times."""


@dataclass(frozen=True, kw_only=True)
class Clerk:
    """Who puts confirmations on record: for which target, and in whose words."""

    record: Record
    says: Says
    target: str

    def confirm(self, answer: Answer) -> None:
        """Put on record what was done in the Sistema de Oficios, and the number that the order has there.

        Raises:
            RecordError: it cannot be written.

        """
        event = self.says(
            EventKind.ORDER_TOLD,
            orden=answer.orden,
            accion=answer.accion.value,
            numero=answer.numero,
            destino=self.target,
        )
        self.record.append(event)


@dataclass(kw_only=True)
class Told:
    """What came of it: confirmations now on record, what was refused, and what ended it before its end, if anything.

    `waiting` are the orders of which something is still untold, in order.
    """

    confirmed: list[Answer] = field(default_factory=list)
    refused: list[TargetError] = field(default_factory=list)
    stopped: TargetError | None = None
    waiting: tuple[Order, ...] = ()

    @property
    def trouble(self) -> TargetError | None:
        """The worst that happened: what stopped it, or else the first that was refused."""
        return self.stopped or next(iter(self.refused), None)


def tell(
    orders: Mapping[str, Order],
    system: OrderSystem,
    clerk: Clerk,
    stopping: Callable[[], bool] = lambda: False,
) -> Told:
    """Take in the answers that came, then tell everything untold, in order, each confirmation on record at once.

    Nothing of the Sistema de Oficios is raised: an order that is refused, or whose answer was lost, stays to be told
    again and the next one is told; one that cannot be reached stops it. An order is closed there once its number is
    known. `stopping` is asked before each one.

    Raises:
        RecordError: a confirmation cannot be written; nothing more was told. Telling again does no harm.

    """
    return _Telling(orders, system, clerk).all(stopping)


def waiting(orders: Mapping[str, Order]) -> tuple[Order, ...]:
    """Return the orders of which the Sistema de Oficios is still to be told something, in order."""
    return tuple(one for one in orders.values() if one.untold)


class _Telling:
    def __init__(self, orders: Mapping[str, Order], system: OrderSystem, clerk: Clerk) -> None:
        self._orders = dict(orders)
        self._numbers = holders(orders)
        self._system = system
        self._clerk = clerk
        self._told = Told()
        self._doubts = 0

    def all(self, stopping: Callable[[], bool]) -> Told:
        try:
            self._take_answers()
            for order in waiting(self._orders):
                if stopping():
                    break
                self._tell(order.id)
        except (TargetUnreachableError, OutcomeUnknownError) as error:
            self._told.stopped = error
        self._told.waiting = waiting(self._orders)
        return self._told

    def _take_answers(self) -> None:
        answers = self._system.answers()
        self._told.refused.extend(answers.refused)
        taken = [one for one in answers.taken if self._take(one)]
        self._system.settle(taken, {(one.id, what) for one in waiting(self._orders) for what in one.untold})

    def _take(self, answer: Answer) -> bool:
        """Put an answer on record where it is not there yet; False where it cannot be."""
        fault = misfit(answer, self._orders, self._numbers)
        if fault is not None:
            self._told.refused.append(fault)
            return False
        order = self._orders[answer.orden]
        if answer.accion not in order.captured:
            self._clerk.confirm(answer)
            self._told.confirmed.append(answer)
            self._orders[order.id] = confirmed(order, answer)
            self._numbers.setdefault(answer.numero, self._orders[order.id])
        return True

    def _tell(self, name: str) -> None:
        """Tell all that is due of an order, as far as its number is known."""
        for what in self._due(name):
            try:
                number = self._system.tell(self._orders[name], what)
            except TargetRejectedError as error:
                self._told.refused.append(error)
                return
            except OutcomeUnknownError as error:
                self._doubts += 1
                if self._doubts == DOUBTS:
                    raise
                self._told.refused.append(error)
                return
            self._doubts = 0
            if number is None or not self._take(Answer(name, what, number)):
                return

    def _due(self, name: str) -> Iterator[Telling]:
        while untold := self._orders[name].untold:
            yield untold[0]
