"""What the record says of a target: folds over events."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from reconciler.events import JSON, Event, EventKind, Standing, standing
from reconciler.model import AccountKey

MAZATLAN = ZoneInfo("America/Mazatlan")
JUAN = AccountKey("juan.perez")
AT = datetime(2027, 1, 1, 6, 30, tzinfo=UTC)  # 23:30 of 31 December in Sinaloa


def event(kind: EventKind, run: str = "r1", key: AccountKey | None = None, **data: JSON) -> Event:
    return Event(kind=kind, at=AT, run=run, key=key, data=data)


def started(run: str = "r1", target: str = "ad") -> Event:
    return event(EventKind.RUN_STARTED, run, destino=target, commit="c" * 40)


def tried(verb: str, change: str = "x", run: str = "r1") -> Event:
    return event(EventKind.ATTEMPT, run, JUAN, cambio=change, verbo=verb, oficio="O/1")


def came_out(result: str, change: str = "x", run: str = "r1") -> Event:
    return event(EventKind.OUTCOME, run, JUAN, cambio=change, estado=result)


def fold(*events: Event, target: str = "ad") -> Standing:
    return standing(events, target, MAZATLAN)


def test_an_empty_record_says_nothing() -> None:
    assert fold() == fold(started())


def test_a_baja_is_dated_where_the_institution_is() -> None:
    assert fold(started(), tried("disable"), came_out("aplicado")).retired_on == {JUAN: date(2026, 12, 31)}


def test_a_baja_repeated_keeps_its_first_date_and_a_reincorporation_forgets_it() -> None:
    twice = (
        started(),
        tried("disable"),
        came_out("aplicado"),
        tried("disable", "y"),
        came_out("aplicado", "y"),
    )
    assert fold(*twice).retired_on == {JUAN: date(2026, 12, 31)}
    assert fold(*twice, tried("reactivate", "z"), came_out("aplicado", "z")).retired_on == {}


def test_a_rejected_baja_dates_nothing() -> None:
    assert fold(started(), tried("disable"), came_out("rechazado")).retired_on == {}


def test_a_creation_remembers_its_oficio() -> None:
    assert fold(started(), tried("create"), came_out("aplicado")).present_for == {JUAN: {"O/1"}}


def test_an_intention_without_result_stays_open_until_it_is_read_back() -> None:
    open_one = fold(started(), tried("create"))
    assert [(one.run, one.verb) for one in open_one.open_attempts] == [("r1", "create")]
    unknown = fold(started(), tried("create"), came_out("desconocido"))
    assert len(unknown.open_attempts) == 1
    back = event(EventKind.RECONCILED, "r2", JUAN, de="r1", cambio="x", estado="aplicado")
    settled = fold(started(), tried("create"), started("r2"), back)
    assert settled.open_attempts == ()
    assert settled.present_for == {JUAN: {"O/1"}}


def test_what_happened_in_another_target_does_not_count() -> None:
    assert fold(started(target="embedded"), tried("create"), came_out("aplicado")) == fold()


@pytest.mark.parametrize("ending", [(), (came_out("aplicado"),), (came_out("rechazado"),)])
def test_a_mailbox_is_known_to_be_somebodys_from_the_moment_a_run_set_out_to_take_it_off(
    ending: tuple[Event, ...],
) -> None:
    data = {"cambio": "x", "verbo": "disconnect_mailbox", "oficio": "O/1", "buzon": "b-1", "objeto": "g-1"}
    gone = event(EventKind.ATTEMPT, "r1", JUAN, **data)
    assert fold(started(), gone, *ending).taken_off == {"b-1": "g-1"}


def test_another_object_under_the_same_key_has_no_baja_on_record() -> None:
    gone = (started(), tried("disable"), came_out("aplicado"))
    for verb in ("create", "adopt"):
        assert fold(*gone, tried(verb, "y"), came_out("aplicado", "y")).retired_on == {}


def test_the_last_run_that_ended_says_how_many_accounts_and_which_commit() -> None:
    ended = event(EventKind.RUN_ENDED, cuentas=300)
    known = fold(started(), ended, started("r2"))
    assert (known.last_count, known.last_commit) == (300, "c" * 40)


def test_an_exception_is_spent_and_keeps_only_what_its_run_still_owes() -> None:
    used = event(EventKind.EXCEPTION_USED, plan="d" * 64)
    run = (started(), used, tried("create", "x"), tried("create", "y"), came_out("aplicado", "x"))
    assert fold(*run).spent == {"d" * 64: frozenset({"y"})}


def test_a_run_that_was_killed_at_its_end_still_moved_the_commit_on() -> None:
    ended = event(EventKind.RUN_ENDED, cuentas=300)
    later = event(EventKind.RUN_STARTED, "r2", destino="ad", commit="d" * 40)
    known = fold(started(), ended, later, tried("create", run="r2"))
    assert (known.last_count, known.last_commit) == (300, "d" * 40)


def test_another_baja_has_its_own_date_even_when_the_first_was_undone_by_hand() -> None:
    second = Event(
        kind=EventKind.ATTEMPT, at=AT, run="r1", key=JUAN, data={"cambio": "y", "verbo": "disable", "oficio": "O/9"}
    )
    late = Event(
        kind=EventKind.OUTCOME,
        at=AT + timedelta(days=200),
        run="r1",
        key=JUAN,
        data={"cambio": "y", "estado": "aplicado"},
    )
    known = fold(started(), tried("disable"), came_out("aplicado"), second, late)
    assert known.retired_on == {JUAN: date(2027, 7, 19)}


def test_a_run_owes_what_it_set_out_to_make_and_did_not() -> None:
    run = (started(), tried("create", "x"), tried("create", "y"), came_out("aplicado", "x"))
    assert fold(*run, came_out("omitido", "y")).owed == {"y"}
    assert fold(*run, started("r2")).owed == frozenset()


def test_the_object_that_an_account_was_created_as_is_remembered() -> None:
    made = event(EventKind.OUTCOME, "r1", JUAN, cambio="x", estado="aplicado", guid="g-1")
    assert fold(started(), tried("create"), made).identity == {JUAN: "g-1"}


def test_a_transfer_keeps_an_account_present_under_its_oficio_too() -> None:
    moved = Event(
        kind=EventKind.ATTEMPT, at=AT, run="r1", key=JUAN, data={"cambio": "y", "verbo": "move", "oficio": "O/2"}
    )
    known = fold(started(), tried("create"), came_out("aplicado"), moved, came_out("aplicado", "y"))
    assert known.present_for == {JUAN: {"O/1", "O/2"}}


@pytest.mark.parametrize(("verb", "known"), [("create", True), ("adopt", False), ("rename", False)])
@pytest.mark.parametrize("result", ["rechazado", "desconocido"])
def test_what_an_alta_made_is_known_although_it_was_not_finished(verb: str, known: bool, result: str) -> None:
    made = event(EventKind.OUTCOME, "r1", JUAN, cambio="x", estado=result, guid="g-1")
    assert fold(started(), tried(verb), made).identity == ({JUAN: "g-1"} if known else {})


def lately(*events: Event, hours: int = 1) -> dict[str, frozenset[AccountKey]]:
    return dict(standing(events, "ad", MAZATLAN, AT - timedelta(hours=hours)).recent)


def tried_as(kind: str, change: str = "x") -> Event:
    return event(EventKind.ATTEMPT, "r1", JUAN, cambio=change, verbo="disable", oficio="O/1", clase=kind)


def test_what_was_applied_within_the_window_is_recent_by_kind() -> None:
    made = (started(), tried_as("bajas"), came_out("aplicado"), tried_as("cambios", "y"), came_out("rechazado", "y"))
    assert lately(*made) == {"bajas": {JUAN}}
    assert lately(*made, hours=0) == {"bajas": {JUAN}}
    assert lately(*made, hours=-1) == {}
    assert fold(*made).recent == {}


def test_what_an_exception_let_through_does_not_count_against_what_comes_after() -> None:
    used = event(EventKind.EXCEPTION_USED, plan="d" * 64)
    assert lately(started(), used, tried_as("bajas"), came_out("aplicado")) == {}
