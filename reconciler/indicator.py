"""The indicator of PSDT-08: (# of orders resolved / # of orders received) x 100, by quarter of receipt. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from functools import reduce

from reconciler.model import Movimiento
from reconciler.orders import Order
from reconciler.period import Quarter

_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Case:
    """An order as far as it is counted, in local days; what was withdrawn before it was resolved never is."""

    movement: Movimiento
    dependencia: str
    received: date
    resolved: date | None
    withdrawn: date | None


def cases(orders: Iterable[Order], zone: tzinfo) -> tuple[Case, ...]:
    """Return what is counted: every order once, those that were told twice left out."""
    return tuple(_case(order, zone) for order in orders if order.twin is None)


def _case(order: Order, zone: tzinfo) -> Case:
    resolved, withdrawn = order.resolved, order.withdrawn
    if resolved and withdrawn:
        resolved, withdrawn = (resolved, None) if resolved <= withdrawn else (None, withdrawn)
    return Case(order.movement, order.dependencia, order.received, _local(resolved, zone), _local(withdrawn, zone))


def _local(at: datetime | None, zone: tzinfo) -> date | None:
    return at.astimezone(zone).date() if at else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """One quarter's orders as of its cut, and what it had carried over from before.

    `received` = `resolved` + `withdrawn` + `pending`; of those pending, `resolved_later` and `withdrawn_later` say
    what became of them after the cut. `carried` were received before the quarter and neither resolved nor withdrawn
    when it began.
    """

    received: int = 0
    resolved: int = 0
    withdrawn: int = 0
    resolved_later: int = 0
    withdrawn_later: int = 0
    carried: int = 0
    carried_resolved: int = 0
    carried_withdrawn: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(**{one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(Tally)})

    @property
    def pending(self) -> int:
        """Those received in the quarter that the cut found neither resolved nor withdrawn."""
        return self.received - self.resolved - self.withdrawn

    @property
    def carried_pending(self) -> int:
        """Those carried over into the quarter that the cut found so still."""
        return self.carried - self.carried_resolved - self.carried_withdrawn

    @property
    def left(self) -> int:
        """What the quarter leaves open: of its own and of what it had carried over."""
        return self.pending + self.carried_pending

    @property
    def percentage(self) -> Decimal | None:
        """The indicator, with one decimal, half a tenth rounded up; None where nothing was received."""
        if not self.received:
            return None
        return (Decimal(100 * self.resolved) / self.received).quantize(_TENTH, ROUND_HALF_UP)


NOTHING = Tally()


def tally(case: Case, quarter: Quarter, cut: date) -> Tally:
    """Return what one order is to a quarter as of a cut: at most one received, or one carried over."""
    if case.received in quarter:
        done = case.resolved is not None and case.resolved <= cut
        dropped = case.withdrawn is not None and case.withdrawn <= cut
        return Tally(
            received=1,
            resolved=int(done),
            withdrawn=int(dropped),
            resolved_later=int(case.resolved is not None and not done),
            withdrawn_later=int(case.withdrawn is not None and not dropped),
        )
    if case.received > quarter.last or _was_over(case, quarter.first):
        return NOTHING
    return Tally(
        carried=1,
        carried_resolved=int(case.resolved is not None and case.resolved <= cut),
        carried_withdrawn=int(case.withdrawn is not None and case.withdrawn <= cut),
    )


def _was_over(case: Case, first: date) -> bool:
    return any(one is not None and one < first for one in (case.resolved, case.withdrawn))


@dataclass(frozen=True, slots=True, kw_only=True)
class Indicator:
    """A quarter's orders in all, by movement and by agency; `running` while the quarter has not ended.

    `cut` is the day up to which an order counts as resolved: the quarter's last, or today while it runs. `trend` are
    the quarters up to this one, each as of its own cut.
    """

    quarter: Quarter
    cut: date
    running: bool
    by_movement: Mapping[Movimiento, Tally]
    by_agency: Mapping[str, Mapping[Movimiento, Tally]]
    trend: tuple[tuple[Quarter, Tally], ...]

    @property
    def total(self) -> Tally:
        """Altas and bajas together."""
        return together(self.by_movement)


def together(by_movement: Mapping[Movimiento, Tally]) -> Tally:
    """Return altas and bajas together."""
    return reduce(Tally.__add__, by_movement.values(), NOTHING)


def indicator(counted: Iterable[Case], quarter: Quarter, today: date, quarters: int = 8) -> Indicator:
    """Return a quarter's indicator as of a day in it or after it, with the quarters before it.

    An agency is named where it has an order received in the quarter, or carried over into it.
    """
    everything = tuple(counted)
    cut = min(quarter.last, today)
    agencies: dict[str, dict[Movimiento, Tally]] = defaultdict(lambda: dict.fromkeys(Movimiento, NOTHING))
    for case in everything:
        one = tally(case, quarter, cut)
        if one is not NOTHING:
            of_agency = agencies[case.dependencia]
            of_agency[case.movement] += one
    by_movement = {
        movement: sum((one[movement] for one in agencies.values()), start=NOTHING) for movement in Movimiento
    }
    return Indicator(
        quarter=quarter,
        cut=cut,
        running=today <= quarter.last,
        by_movement=by_movement,
        by_agency=dict(sorted(agencies.items())),
        trend=_trend(everything, quarter, today, quarters),
    )


def _trend(
    everything: tuple[Case, ...], last: Quarter, today: date, quarters: int
) -> tuple[tuple[Quarter, Tally], ...]:
    """Return the quarters up to one, from the first that has any order on."""
    names = [last]
    while len(names) < quarters:
        names.append(names[-1].previous)
    received: dict[Quarter, int] = dict.fromkeys(names, 0)
    resolved: dict[Quarter, int] = dict.fromkeys(names, 0)
    for case in everything:
        quarter = Quarter.of(case.received)
        if quarter in received:
            received[quarter] += 1
            resolved[quarter] += case.resolved is not None and case.resolved <= min(quarter.last, today)
    while len(names) > 1 and not received[names[-1]]:
        names.pop()
    return tuple((one, Tally(received=received[one], resolved=resolved[one])) for one in reversed(names))
