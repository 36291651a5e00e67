"""Several accounts at a time: as many as there are hands, stage after stage, and every one told of."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from reconciler.engine.crew import Steps, worked
from reconciler.engine.saga import Ended, Hands
from reconciler.model import AccountKey, Tipo
from reconciler.plan import Change, Create, Disable, ordered
from tests.build import ALTA, account

ENDED = Ended(outcomes=(), guid=None, sheets=())


def accounts(*changes: Change) -> list[Steps]:
    return [(change,) for change in ordered(changes)]


def create(key: str, tipo: Tipo = Tipo.PERSONAL) -> Create:
    made = account(key, tipo=tipo, mailbox=None)
    return Create(key=made.key, dependencia=made.dependencia, oficio=ALTA, account=made)


def disable(key: str) -> Disable:
    return Disable(key=AccountKey(key), dependencia=account().dependencia, oficio=ALTA)


def hands(count: int) -> list[Hands]:
    nobody: Hands = object()  # type: ignore[assignment]
    return [nobody] * count


def never(steps: Sequence[Change]) -> None:
    del steps


def quiet() -> None:
    """Keep nothing alive."""


def test_as_many_work_at_once_as_there_are_hands_and_never_more() -> None:
    meeting = threading.Barrier(3, timeout=10)
    busy: list[int] = []
    lock = threading.Lock()
    most = 0

    def meet(steps: Steps, _: Hands) -> Ended:
        nonlocal most
        with lock:
            busy.append(1)
            most = max(most, len(busy))
        meeting.wait()
        with lock:
            busy.pop()
        del steps
        return ENDED

    done = list(worked(accounts(*(create(f"p{n}.x") for n in range(9))), hands(3), meet, never, quiet))
    assert len(done) == 9
    assert most == 3


def test_a_stage_begins_when_the_one_before_it_has_ended() -> None:
    ended: list[str] = []
    begun_with: dict[str, set[str]] = {}

    def work(steps: Steps, _: Hands) -> Ended:
        begun_with[steps[0].key] = set(ended)
        ended.append(steps[0].key)
        return ENDED

    plan = accounts(create("ana.x"), create("caja.x", Tipo.COMPARTIDA), disable("sale.x"), create("zoe.x"))
    assert len(list(worked(plan, hands(4), work, never, quiet))) == 4
    assert begun_with["ana.x"] >= {"sale.x"}
    assert begun_with["caja.x"] == {"sale.x", "ana.x", "zoe.x"}


def test_who_is_refused_is_told_of_and_not_begun() -> None:
    begun: list[str] = []

    def work(steps: Steps, _: Hands) -> Ended:
        begun.append(steps[0].key)
        return ENDED

    def refuse(steps: Sequence[Change]) -> Ended | None:
        return ENDED if steps[0].key == "ana.x" else None

    done = {
        steps[0].key for steps, _ in worked(accounts(create("ana.x"), create("zoe.x")), hands(2), work, refuse, quiet)
    }
    assert done == {"ana.x", "zoe.x"}
    assert begun == ["zoe.x"]


def test_where_the_caller_stops_listening_nothing_more_is_begun() -> None:
    begun: list[str] = []

    def work(steps: Steps, _: Hands) -> Ended:
        begun.append(steps[0].key)
        return ENDED

    results = worked(accounts(*(create(f"p{n}.x") for n in range(20))), hands(2), work, never, quiet)
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert len(begun) <= 4


def test_a_defect_in_a_worker_reaches_the_caller() -> None:
    def work(steps: Steps, _: Hands) -> Ended:
        raise ZeroDivisionError(steps[0].key)

    with pytest.raises(ZeroDivisionError):
        list(worked(accounts(create("ana.x")), hands(2), work, never, quiet))


@pytest.mark.parametrize("count", [1, 3])
def test_while_accounts_take_long_the_heart_beats_in_the_callers_thread(count: int) -> None:
    beaten = threading.Event()
    beats: list[int] = []

    def beat() -> None:
        beats.append(threading.get_ident())
        if len(beats) == 3:
            beaten.set()

    def work(steps: Steps, _: Hands) -> Ended:
        del steps
        assert beaten.wait(10)
        return ENDED

    everybody = accounts(create("ana.x"), create("zoe.x"))
    assert len(list(worked(everybody, hands(count), work, never, beat, every=0.01))) == 2
    assert set(beats) == {threading.get_ident()}


def test_one_pair_of_hands_begins_nothing_before_the_caller_has_taken_what_ended() -> None:
    told: list[str] = []

    def work(steps: Steps, _: Hands) -> Ended:
        told.append(f"empieza {steps[0].key}")
        return ENDED

    for steps, _ in worked(accounts(create("ana.x"), create("zoe.x")), hands(1), work, never, quiet):
        told.append(f"anotada {steps[0].key}")
    assert told == ["empieza ana.x", "anotada ana.x", "empieza zoe.x", "anotada zoe.x"]
