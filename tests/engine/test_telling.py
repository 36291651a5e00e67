"""Telling the Sistema de Oficios: what is due is told in order, and nothing is lost or on record twice."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.capture import Answer, Answers, capture, clean_number, confirmed, holders, misfit
from reconciler.engine.telling import DOUBTS, tell, waiting
from reconciler.errors import OutcomeUnknownError, RecordError, TargetRejectedError, TargetUnreachableError
from reconciler.events import Event
from reconciler.orders import Order, Telling
from tests.engine.world import MemoryRecord
from tests.sistema_oficios.work import MOMENT, ZONE, clerk, closed, known, order

REFUSED = TargetRejectedError("no", remedy="-")
LOST = OutcomeUnknownError("?", remedy="-")
DOWN = TargetUnreachableError("caído", remedy="-")


@dataclass
class Scripted:
    """A system that does what it is told to: an answer or an error for each telling, then numbers of its own."""

    script: list[str | Exception | None] = field(default_factory=list)
    came: Answers = field(default_factory=Answers)
    told: list[tuple[str, Telling]] = field(default_factory=list)
    settled: list[Answer] = field(default_factory=list)

    def tell(self, order: Order, what: Telling) -> str | None:
        self.told.append((order.id, what))
        answer = self.script.pop(0) if self.script else "ok"
        if isinstance(answer, Exception):
            raise answer
        return order.number or f"N-{order.id[-1]}" if answer == "ok" else answer

    def answers(self) -> Answers:
        return self.came

    def settle(self, taken: Collection[Answer], due: Collection[tuple[str, Telling]]) -> None:
        del due
        self.settled.extend(taken)

    def close(self) -> None: ...


def said(record: MemoryRecord) -> list[tuple[object, object, object]]:
    return [(one.data["orden"], one.data["accion"], one.data["numero"]) for one in record.kept]


def test_what_is_due_is_told_in_order_and_an_order_is_raised_before_it_is_closed() -> None:
    record, system = MemoryRecord(), Scripted()
    told = tell(known(closed(1), order(2)), system, clerk(record))
    assert said(record) == [
        ("OT-2026-00000001", "levantar", "N-1"),
        ("OT-2026-00000001", "cerrar", "N-1"),
        ("OT-2026-00000002", "levantar", "N-2"),
    ]
    assert (told.waiting, told.trouble) == ((), None)


def test_neither_what_has_no_oficio_nor_what_was_withdrawn_unraised_is_told() -> None:
    system = Scripted()
    tell(known(order(1, oficio=None), order(2, withdrawn=MOMENT)), system, clerk(MemoryRecord()))
    assert system.told == []


def test_what_was_raised_and_then_withdrawn_is_closed_as_withdrawn() -> None:
    one = order(withdrawn=MOMENT, captured=frozenset({Telling.OPEN}), number="N-1")
    record = MemoryRecord()
    tell(known(one), Scripted(), clerk(record))
    assert said(record) == [("OT-2026-00000001", "cerrar", "N-1")]
    assert capture(one, Telling.CLOSE, ZONE).estado == "desistida"


def test_an_order_is_not_closed_before_its_number_is_known() -> None:
    system = Scripted([None])
    told = tell(known(closed()), system, clerk(MemoryRecord()))
    assert system.told == [("OT-2026-00000001", Telling.OPEN)]
    assert len(told.waiting) == 1


def test_an_unreachable_system_stops_it_with_what_waits_and_what_was_done_is_on_record() -> None:
    record = MemoryRecord()
    told = tell(known(order(1), order(2), order(3)), Scripted(["N-1", DOWN]), clerk(record))
    assert told.stopped is DOWN
    assert [one.id for one in told.waiting] == ["OT-2026-00000002", "OT-2026-00000003"]
    assert len(record.kept) == 1


def test_a_refusal_and_a_lost_answer_leave_their_order_waiting_and_the_next_is_told() -> None:
    record = MemoryRecord()
    told = tell(known(order(1), order(2), order(3)), Scripted([REFUSED, LOST]), clerk(record))
    assert told.refused == [REFUSED, LOST]
    assert [one.id for one in told.waiting] == ["OT-2026-00000001", "OT-2026-00000002"]
    assert [one[0] for one in said(record)] == ["OT-2026-00000003"]


def test_so_many_lost_answers_in_a_row_stop_it() -> None:
    many = known(*(order(place) for place in range(1, 9)))
    system = Scripted([LOST] * 8)
    assert tell(many, system, clerk(MemoryRecord())).stopped is LOST
    assert len(system.told) == DOUBTS
    system = Scripted([LOST, LOST, "N-1", LOST, LOST])
    assert tell(many, system, clerk(MemoryRecord())).stopped is None


@pytest.mark.parametrize("number", ["OTRO", "N-2"])
def test_a_number_that_does_not_fit_is_never_put_on_record(number: str) -> None:
    raised = frozenset({Telling.OPEN})
    those = known(
        closed(1, captured=raised, number="N-1"),
        order(2, captured=raised, number="N-2", oficio="SAF/2/2026"),
        order(3),
    )
    record = MemoryRecord()
    told = tell(those, Scripted([number, number]), clerk(record))
    assert f"ya consta con el número N-1, y no {number}" in str(told.refused[0])
    assert [one[0] for one in said(record)] == (["OT-2026-00000003"] if number == "OTRO" else [])


def test_orders_of_one_oficio_may_share_a_number() -> None:
    record = MemoryRecord()
    tell(known(order(1), order(2, oficio="saf-da-0123-2026")), Scripted(["N", "N"]), clerk(record))
    assert len(record.kept) == 2


def test_answers_that_came_are_taken_in_first_and_settled_only_where_they_are_on_record() -> None:
    good = Answer("OT-2026-00000001", Telling.OPEN, "A-1", "1.json")
    bad = Answer("OT-2026-ZZZZZZZZ", Telling.OPEN, "A-2", "2.json")
    system = Scripted(came=Answers((good, bad), (REFUSED,)))
    record = MemoryRecord()
    told = tell(known(closed()), system, clerk(record))
    assert said(record) == [("OT-2026-00000001", "levantar", "A-1"), ("OT-2026-00000001", "cerrar", "A-1")]
    assert system.settled == [good]
    assert REFUSED in told.refused
    assert "2.json" in str(told.refused[1])


def test_nothing_more_is_told_once_the_record_cannot_be_written() -> None:
    class Full(MemoryRecord):
        def append(self, *_: Event) -> None:
            raise RecordError("lleno", remedy="-")

    system = Scripted()
    with pytest.raises(RecordError):
        tell(known(order(1), order(2)), system, clerk(Full()))
    assert len(system.told) == 1


def test_whoever_asks_it_to_stop_is_heard_between_two_orders() -> None:
    asked = iter([False, True])
    record = MemoryRecord()
    told = tell(known(order(1), order(2)), Scripted(), clerk(record), lambda: next(asked))
    assert [one.id for one in told.waiting] == ["OT-2026-00000002"]


ANSWERS = st.sampled_from(["ok", None, REFUSED, LOST, DOWN])


@given(st.lists(st.lists(ANSWERS, max_size=6), min_size=1, max_size=4), st.integers(1, 4))
def test_whatever_happens_every_order_ends_raised_and_closed_once_in_that_order(
    runs: list[list[str | Exception | None]], count: int
) -> None:
    state = dict(known(*(closed(place) for place in range(1, count + 1))))
    record = MemoryRecord()
    for script in [*runs, []]:
        for one in tell(state, Scripted(list(script)), clerk(record)).confirmed:
            state[one.orden] = confirmed(state[one.orden], one)
    assert waiting(state) == ()
    told_of = [(one[0], one[1]) for one in said(record)]
    assert len(told_of) == len(set(told_of)) == 2 * count
    assert all(told_of.index((name, "levantar")) < told_of.index((name, "cerrar")) for name in state)


@pytest.mark.parametrize("value", ["", " ", "\n", "--", "a\x00b", "a\u202eb", "x" * 61, None, 7, True, ["1"]])
def test_what_is_no_number_is_none(value: object) -> None:
    assert clean_number(value) is None


@given(st.text(max_size=80))
def test_a_number_is_one_visible_line_and_stays_what_it_is(text: str) -> None:
    number = clean_number(text)
    if number is not None:
        assert clean_number(number) == number
        assert len(number) <= 60
        assert number.isprintable()


def test_what_is_captured_says_the_same_whenever_it_is_asked_for() -> None:
    early, late = order(), order(done=MOMENT, closed=MOMENT, number="N-1", captured=frozenset({Telling.OPEN}))
    assert capture(early, Telling.OPEN, ZONE) == capture(late, Telling.OPEN, ZONE)


def test_an_answer_to_what_is_on_record_already_fits() -> None:
    those = known(order(captured=frozenset({Telling.OPEN}), number="N-1"))
    assert misfit(Answer("OT-2026-00000001", Telling.OPEN, "N-1"), those, holders(those)) is None
