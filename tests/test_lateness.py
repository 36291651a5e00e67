"""Late altas: which they are, by how much, and that each goes on record once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config import Plazos
from reconciler.engine.lateness import record_late
from reconciler.events import Event, EventKind
from reconciler.lateness import Terms
from reconciler.model import Movimiento
from reconciler.orders import Lack, Lateness, orders
from reconciler.workdays import Workdays
from tests.orders import ZONE, at, done, order, received, said

TERMS = Terms(calendar=Workdays(Plazos()), days=5, zone=ZONE)
MONDAY = date(2026, 11, 2)
DUE = date(2026, 11, 9)
LATER = date(2026, 11, 18)  # after the holiday of the 16th


def test_an_alta_is_on_time_up_to_the_end_of_its_due_day() -> None:
    assert TERMS.due(order(received=MONDAY)) == DUE
    assert TERMS.late(order(received=MONDAY), DUE) is None
    assert TERMS.late(replace(order(received=MONDAY), done=at(DUE, 23)), LATER) is None


def test_one_that_is_not_done_by_then_is_late_by_working_days() -> None:
    late = TERMS.late(order(received=MONDAY), LATER)
    assert late
    assert (late.due, late.days, late.ended) == (DUE, 6, None)
    assert late.missing == (Lack.DONE, Lack.CAUSE)


def test_one_that_was_done_afterwards_stays_late_by_what_it_took() -> None:
    late = TERMS.late(order(received=MONDAY, done=date(2026, 11, 11)), date(2027, 5, 1))
    assert late
    assert (late.days, late.ended) == (2, date(2026, 11, 11))


@pytest.mark.parametrize(
    "one",
    [
        order(received=MONDAY, movement=Movimiento.BAJA),
        order(received=MONDAY, oficio=None, oficio_on=None),
        order(received=MONDAY, twin="OT-2026-00000009", withdrawn=LATER),
        order(received=MONDAY, withdrawn=DUE),
    ],
    ids=["baja", "sin oficio", "repetida", "desistida a tiempo"],
)
def test_what_has_no_term_or_ended_within_it_is_never_late(one: object) -> None:
    assert TERMS.late(one, date(2027, 1, 29)) is None  # type: ignore[arg-type]


def test_a_term_begins_when_the_oficio_was_there() -> None:
    waiting = [received("OT-1", MONDAY, oficio=None)]
    with_day = said(EventKind.ORDER_OFICIO, LATER, "OT-1", oficio="SAF/1/2026", enlace=None, recibido="2026-11-12")
    without = said(EventKind.ORDER_OFICIO, LATER, "OT-1", oficio="SAF/1/2026", enlace=None)
    assert TERMS.due(orders(waiting, "embedded")["OT-1"]) is None
    assert TERMS.due(orders([*waiting, with_day], "embedded")["OT-1"]) == date(2026, 11, 20)
    assert TERMS.due(orders([*waiting, without], "embedded")["OT-1"]) == date(2026, 11, 25)


def test_what_is_on_record_keeps_its_day_when_terms_change() -> None:
    recorded = order(received=MONDAY, late=Lateness(due=DUE, recorded=at(LATER)))
    longer = replace(TERMS, days=60)
    late = longer.late(recorded, LATER)
    assert late
    assert late.due == DUE
    assert longer.late(order(received=MONDAY), LATER) is None


def test_a_late_alta_lacks_its_cause_until_it_is_treated_and_then_to_be_closed() -> None:
    treated = Lateness(due=DUE, recorded=at(LATER), cause="otra", treatment="Se creó.", treated=at(LATER))
    made = order(received=MONDAY, done=LATER, late=replace(treated, treated=None))
    still, ready = TERMS.late(made, LATER), TERMS.late(replace(made, late=treated), LATER)
    closed = TERMS.late(replace(made, late=treated, closed=at(LATER)), LATER)
    assert still
    assert still.missing == (Lack.CAUSE,)
    assert ready
    assert ready.missing == ("cerrar la orden",)
    assert closed
    assert closed.missing == ()


class Record:
    """A record in memory, which fits what the engine needs of one."""

    def __init__(self, *events: Event) -> None:
        self.said = list(events)

    def events(self) -> list[Event]:
        return self.said

    def append(self, *events: Event) -> None:
        self.said.extend(events)

    def publish(self) -> None:
        raise AssertionError

    def head(self) -> str:
        return "0" * 64


def test_each_delay_goes_on_record_once_with_the_day_that_it_was_due() -> None:
    record = Record(received("OT-1", MONDAY), received("OT-2", LATER, "ana.ruiz"))
    for _ in range(2):
        known = orders(record.events(), "embedded")
        record_late(record, known.values(), TERMS, target="embedded", run="r2", at=at(LATER))
    found = [event for event in record.events() if event.kind is EventKind.LATE]
    assert [(one.key, one.run, dict(one.data)) for one in found] == [
        ("juan.perez", "r2", {"orden": "OT-1", "vence": "2026-11-09", "destino": "embedded"})
    ]
    late = orders(record.events(), "embedded")["OT-1"].late
    assert late
    assert late.due == DUE


def test_an_alta_that_came_late_is_recorded_too_but_never_one_that_is_over() -> None:
    over = said(EventKind.ORDER_CLOSED, LATER, "OT-2")
    record = Record(
        received("OT-1", MONDAY), done("OT-1", LATER), received("OT-2", MONDAY), done("OT-2", LATER), over
    )
    known = orders(record.events(), "embedded")
    found = record_late(record, known.values(), TERMS, target="embedded", run="r2", at=at(LATER))
    assert [one.order.id for one in found] == ["OT-1"]


@given(
    st.dates(date(2024, 1, 1), date(2027, 12, 31)),
    st.integers(0, 60),
    st.integers(0, 60),
    st.integers(1, 20),
)
def test_it_is_late_exactly_where_there_are_days_to_tell(day: date, took: int, since: int, term: int) -> None:
    terms = replace(TERMS, days=term)
    one = order(received=day, done=day + timedelta(days=took))
    late = terms.late(one, day + timedelta(days=took + since))
    working = terms.calendar.after(day, day + timedelta(days=took))
    due = terms.calendar.due(day, term)
    assert (late is not None) == (day + timedelta(days=took) > due)
    assert (late.days if late else 0) == max(0, working - term)
