"""The indicator: what is received, resolved and carried over, in the quarters of Sinaloa's clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.events import EventKind
from reconciler.indicator import Case, Tally, cases, indicator, tally, together
from reconciler.model import Addressee, Movimiento
from reconciler.orders import orders
from reconciler.period import Month, Quarter
from tests.orders import ZONE, at, order, received, said

T3, T4 = Quarter(2026, 3), Quarter(2026, 4)
TODAY = date(2027, 2, 10)
DAYS = st.dates(date(2025, 6, 1), date(2027, 3, 31))


@st.composite
def histories(draw: st.DrawFn) -> Case:
    """Draw an order that was resolved, withdrawn or neither, some time after it was received."""
    day = draw(DAYS)
    end = day + timedelta(days=draw(st.integers(0, 300)))
    how = draw(st.sampled_from(["resolved", "withdrawn", "open"]))
    return Case(
        movement=draw(st.sampled_from(Movimiento)),
        dependencia=draw(st.sampled_from(["SAF", "SEBIDES", "SSP"])),
        received=day,
        resolved=end if how == "resolved" else None,
        withdrawn=end if how == "withdrawn" else None,
    )


CASES = st.lists(histories(), max_size=40)
QUARTERS = st.builds(Quarter, st.integers(2025, 2027), st.integers(1, 4))


# --- quarters -------------------------------------------------------------------------------------------------


def test_a_quarter_is_read_as_it_is_written_and_nothing_else_is() -> None:
    assert Quarter.read("2026-T4") == T4 == Quarter.read(" 2026-t4 ")
    assert (str(T4), T4.first, T4.last) == ("2026-T4", date(2026, 10, 1), date(2026, 12, 31))
    assert [Quarter.read(one) for one in ("2026-T5", "26-T4", "2026-Q4", "2026-10", "")] == [None] * 5
    assert Month.read("2026-02") == Month(2026, 2)
    assert Month(2028, 2).last == date(2028, 2, 29)
    assert [Month.read(one) for one in ("2026-13", "2026-00", "2026-T1", "2026-2")] == [None] * 4


@given(st.dates(date(2000, 1, 1), date(2999, 12, 31)))
def test_every_day_is_in_exactly_one_quarter_and_its_neighbours_are_not(day: date) -> None:
    quarter = Quarter.of(day)
    assert day in quarter
    assert quarter.first <= day <= quarter.last
    assert day not in quarter.previous
    assert quarter.previous.last + timedelta(days=1) == quarter.first
    assert Quarter.read(str(quarter)) == quarter


def test_what_is_resolved_on_new_years_eve_in_sinaloa_is_not_of_january() -> None:
    late_night = datetime(2027, 1, 1, 6, 30, tzinfo=UTC)  # 23:30 of 31 December in Mazatlán
    found = indicator(cases([order(received=date(2026, 12, 30), done=late_night)], ZONE), T4, TODAY)
    assert found.total.resolved == 1
    after = indicator(
        cases([order(received=date(2026, 12, 30), done=late_night + timedelta(hours=1))], ZONE), T4, TODAY
    )
    assert (after.total.resolved, after.total.resolved_later) == (0, 1)


# --- what counts as what ----------------------------------------------------------------------------------------


def test_what_waits_for_its_oficio_counts_as_received() -> None:
    found = indicator(cases([order(oficio=None, oficio_on=None)], ZONE), T4, TODAY)
    assert (found.total.received, found.total.pending) == (1, 1)


def test_an_order_is_resolved_when_everybody_was_told_and_not_before() -> None:
    silent = order(done=date(2026, 11, 5), to_tell=(Addressee.ENLACE,))
    told = replace(silent, told={Addressee.ENLACE: at(date(2027, 1, 4))})
    assert indicator(cases([silent], ZONE), T4, TODAY).total.resolved == 0
    assert indicator(cases([told], ZONE), T4, TODAY).total == Tally(received=1, resolved_later=1)


def test_what_was_withdrawn_was_received_and_not_resolved() -> None:
    found = indicator(cases([order(withdrawn=date(2026, 11, 5)), order("OT-2")], ZONE), T4, TODAY)
    assert found.total == Tally(received=2, withdrawn=1)
    assert found.total.percentage == Decimal("0.0")


def test_an_order_told_twice_counts_once() -> None:
    twice = [
        received("OT-1", date(2026, 11, 3), oficio=None),
        received("OT-2", date(2026, 11, 4), oficio="SAF/7/2026"),
        said(EventKind.ORDER_OFICIO, date(2026, 11, 5), "OT-1", oficio="SAF/7/2026", enlace=None),
    ]
    found = orders(twice, "embedded")
    assert found["OT-1"].twin == "OT-2"
    assert indicator(cases(found.values(), ZONE), T4, TODAY).total == Tally(received=1)


def test_while_the_quarter_runs_the_cut_is_today() -> None:
    some = cases([order(done=date(2026, 11, 20)), order("OT-2", done=date(2026, 11, 25))], ZONE)
    now = indicator(some, T4, date(2026, 11, 24))
    assert (now.cut, now.running, now.total.resolved) == (date(2026, 11, 24), True, 1)
    assert not indicator(some, T4, date(2027, 1, 1)).running


def test_nothing_received_is_no_percentage_at_all() -> None:
    assert indicator([], T4, TODAY).total.percentage is None
    assert indicator(cases([order(received=date(2026, 7, 1))], ZONE), T4, TODAY).total.percentage is None


@pytest.mark.parametrize(
    ("resolved", "received_", "expected"), [(2, 3, "66.7"), (1, 8, "12.5"), (1, 16, "6.3"), (7, 7, "100.0")]
)
def test_it_has_one_decimal_and_half_a_tenth_goes_up(resolved: int, received_: int, expected: str) -> None:
    assert Tally(received=received_, resolved=resolved).percentage == Decimal(expected)


def test_the_quarters_before_are_shown_as_of_their_own_end() -> None:
    some = cases([order(received=date(2026, 9, 29), done=date(2026, 10, 2)), order("OT-2")], ZONE)
    trend = indicator(some, T4, TODAY).trend
    assert [(str(quarter), one.received, one.resolved) for quarter, one in trend] == [
        ("2026-T3", 1, 0),
        ("2026-T4", 1, 0),
    ]


# --- sums ---------------------------------------------------------------------------------------------------------


@given(CASES, QUARTERS, DAYS)
def test_the_parts_add_up(some: list[Case], quarter: Quarter, today: date) -> None:
    found = indicator(some, quarter, max(today, quarter.first))
    total = found.total
    assert total == sum((together(one) for one in found.by_agency.values()), start=Tally())
    assert total == found.by_movement[Movimiento.ALTA] + found.by_movement[Movimiento.BAJA]
    assert total.received == total.resolved + total.withdrawn + total.pending
    assert total.received == sum(1 for one in some if one.received in quarter)
    assert total.pending >= total.resolved_later + total.withdrawn_later
    assert min(total.pending, total.carried_pending, total.left) >= 0
    assert dict(found.trend)[quarter].percentage == total.percentage


@given(CASES, QUARTERS)
def test_the_indicator_is_between_0_and_100(some: list[Case], quarter: Quarter) -> None:
    found = indicator(some, quarter, date(2027, 12, 31))
    for one in (found.total, *map(together, found.by_agency.values())):
        assert one.percentage is None or 0 <= one.percentage <= 100


@given(CASES)
def test_every_order_is_received_in_exactly_one_quarter(some: list[Case]) -> None:
    years: Sequence[Quarter] = [Quarter(year, number) for year in (2025, 2026, 2027) for number in (1, 2, 3, 4)]
    counted = [tally(one, quarter, quarter.last).received for one in some for quarter in years]
    assert sum(counted) == len(some)


@given(CASES, QUARTERS)
def test_what_is_carried_over_is_what_the_quarter_before_left(some: list[Case], quarter: Quarter) -> None:
    here, before = (indicator(some, one, date(2028, 1, 1)) for one in (quarter, quarter.previous))
    assert here.total.carried == before.total.left
    for siglas, one in here.by_agency.items():
        left = before.by_agency.get(siglas, {})
        assert together(one).carried == together(left).left
