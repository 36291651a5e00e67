"""Apply on the embedded target: what is done, what is refused, what is on record."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from reconciler.approval import Approval
from reconciler.config import Limite, Limites
from reconciler.embedded import EmbeddedTarget
from reconciler.engine.propose import propose
from reconciler.engine.shown import Shown, withhold
from reconciler.errors import (
    ChangedMeanwhileError,
    OutcomeUnknownError,
    RecordError,
    RefusedError,
    StalePlanError,
    TargetUnreachableError,
)
from reconciler.events import EventKind
from reconciler.model import AccountKey, Handle, Mailbox, Observed, Reading, Siglas, Status, Tipo
from reconciler.plan import Change, Disable, Kind, Result, Update, change_id
from reconciler.review import Unapproved
from tests.build import ALTA, BAJA, TODAY, account, declared, occupant
from tests.engine.world import COMMIT, GENEROUS, Denying, Everything, MemoryRecord, World, desired, embedded

JUAN = AccountKey("juan.perez")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with embedded(tmp_path) as opened:
        yield opened


def kinds(world: World) -> list[str]:
    return [event.kind.value for event in world.record.kept]


def results(world: World) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for event in world.record.kept:
        if event.kind is EventKind.OUTCOME:
            found.setdefault(event.key or "", []).append(str(event.data["estado"]))
    return found


class Failing:
    """The target, except that one of its methods raises an error, before or after doing its work."""

    def __init__(
        self, target: Any, method: str, error: BaseException, *, after: bool = False, times: int = 99
    ) -> None:
        self._target, self._method, self._error = target, method, error
        self._after, self._times = after, times

    def __getattr__(self, name: str) -> Any:
        real = getattr(self._target, name)
        if name != self._method:
            return real

        def fail(*words: Any) -> Any:
            if self._times <= 0:
                return real(*words)
            self._times -= 1
            if self._after:
                real(*words)
            raise self._error

        return fail


def test_four_beats_of_an_alta(world: World) -> None:
    wanted = desired(declared())
    assert [change.verb for change in world.plan(wanted).plan.changes] == ["create", "enable_mailbox"]
    assert world.target.read().accounts == {}
    assert world.apply(wanted).clean
    assert world.target.read().state == wanted.declaration.wanted
    assert world.plan(wanted).plan.changes == ()


def test_the_first_password_is_sealed_before_it_is_set_and_is_nowhere_else(world: World) -> None:
    world.target = Failing(world.target, "set_first_password", TargetUnreachableError("caído", remedy="x"))
    world.apply(desired(declared()))
    assert set(world.spool.sheets) == {"juan.perez"}
    assert "Clave-de-" not in repr(world.record.kept)


def test_a_shared_account_gets_no_password_and_nobody_can_log_on_to_it(world: World) -> None:
    shared = declared("caja.saf", tipo=Tipo.COMPARTIDA, responsable=JUAN)
    wanted = desired(declared(), shared)
    assert world.apply(wanted).clean
    assert set(world.spool.sheets) == {"juan.perez"}
    assert not world.target.read().state[AccountKey("caja.saf")].logon_enabled


def test_intentions_are_published_before_the_first_change_and_results_after(world: World) -> None:
    seen: list[int] = []
    create = world.target.create

    def watched(account: Any) -> Any:
        seen.append(world.record.published)
        return create(account)

    world.target.create = watched  # type: ignore[method-assign]
    world.apply(desired(declared()))
    assert kinds(world) == [
        "corrida_iniciada", "orden_recibida", "intento", "intento",
        "hoja_sellada", "resultado", "resultado", "orden_ejecutada", "corrida_terminada",
    ]  # fmt: skip
    assert seen == [4]
    assert world.record.published == len(world.record.kept)


def test_a_record_that_cannot_be_written_means_that_nothing_is_changed(world: World) -> None:
    def refuse() -> None:
        raise RecordError("sin espacio", remedy="libere")

    world.record.publish = refuse  # type: ignore[method-assign]
    with pytest.raises(RecordError):
        world.apply(desired(declared()))
    assert world.target.read().accounts == {}


def test_a_run_with_nothing_to_do_writes_nothing(world: World) -> None:
    wanted = desired(declared())
    world.apply(wanted)
    before = len(world.record.kept)
    assert world.apply(wanted).outcomes == []
    assert len(world.record.kept) == before


def test_a_baja_takes_logon_and_mail_and_keeps_the_object(world: World) -> None:
    world.apply(desired(declared()))
    guid = world.target.read().accounts[JUAN].handle.guid
    assert world.apply(desired(declared(baja=BAJA))).clean
    there = world.target.read().accounts[JUAN]
    assert there.handle.guid == guid
    assert there.account.status is Status.RETIRED
    assert not there.account.logon_enabled
    assert there.account.mailbox is not None
    assert there.account.mailbox.hidden
    assert not there.account.mailbox.accepts_mail


def test_a_reincorporation_gets_a_new_first_password(world: World) -> None:
    world.apply(desired(declared()))
    world.apply(desired(declared(baja=BAJA)))
    world.spool.sheets.clear()
    again = desired(declared(alta="SAF/DA/0300/2026"))
    assert world.apply(again).clean
    assert set(world.spool.sheets) == {"juan.perez"}
    assert world.plan(again).plan.changes == ()


def test_d_a_rename_keeps_the_object_its_mailbox_and_its_old_address(world: World) -> None:
    world.apply(desired(declared()))
    guid = world.target.read().accounts[JUAN].handle.guid
    wanted = desired(declared("juan.perez.l", previous=JUAN, aliases=("juan.perez@sinaloa.gob.mx",)))
    assert world.apply(wanted).clean
    there = world.target.read().accounts[AccountKey("juan.perez.l")]
    assert there.handle.guid == guid
    assert there.account.mailbox is not None
    assert world.plan(wanted).plan.changes == ()


def test_a_transfer_keeps_the_object(world: World) -> None:
    world.apply(desired(declared()))
    guid = world.target.read().accounts[JUAN].handle.guid
    wanted = desired(declared(dependencia=Siglas("SEBIDES"), organization="Bienestar", alta="SEBIDES/1"))
    assert world.apply(wanted).clean
    assert world.target.read().accounts[JUAN].handle.guid == guid
    assert world.plan(wanted).plan.changes == ()


def test_h_one_rejection_does_not_stop_the_others_and_is_said(world: World) -> None:
    calls: list[str] = []
    create = world.target.create

    def choosy(account: Any) -> Any:
        calls.append(account.key)
        if account.key == "ana.ruiz":
            raise ChangedMeanwhileError("otro la tocó", remedy="vuelva a planear")
        return create(account)

    world.target.create = choosy  # type: ignore[method-assign]
    report = world.apply(desired(declared("ana.ruiz"), declared(), declared("zoe.paz")))
    assert not report.clean
    assert report.count(Result.REJECTED) == 1
    assert results(world)["ana.ruiz"] == ["rechazado", "omitido"]
    assert set(world.target.read().accounts) == {"juan.perez", "zoe.paz"}


def test_h_an_unreachable_target_stops_the_run_and_the_rest_is_said_not_tried(world: World) -> None:
    error = TargetUnreachableError("no contesta", remedy="espere")
    world.target = Failing(world.target, "create", error)
    report = world.apply(desired(declared("ana.ruiz"), declared()))
    assert report.unreachable is error
    assert results(world) == {"ana.ruiz": ["desconocido", "omitido"], "juan.perez": ["omitido", "omitido"]}


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    "method",
    ["create", "set_first_password", "enable_mailbox", "finish", "lookup", "disable", "update_mailbox"],
)
def test_a_lost_answer_is_unknown_until_the_next_run_reads_it_back(world: World, method: str, after: bool) -> None:
    wanted = desired(declared())
    if method in {"disable", "update_mailbox"}:
        world.apply(wanted)
        wanted = desired(declared(baja=BAJA))
    real = world.target
    error = OutcomeUnknownError("se perdió la respuesta", remedy="relea")
    world.target = Failing(real, method, error, after=after)
    assert world.apply(wanted).count(Result.UNKNOWN) > 0
    world.target = real
    assert world.apply(wanted).clean
    assert world.plan(wanted).plan.changes == ()
    assert world.plan(wanted).standing.open_attempts == ()
    assert world.target.read().state == wanted.declaration.wanted


def test_h_a_creation_refused_halfway_leaves_nobody_able_to_log_on_and_is_taken_up_again(world: World) -> None:
    real = world.target
    world.target = Failing(real, "enable_mailbox", ChangedMeanwhileError("no", remedy="x"))
    wanted = desired(declared())
    assert results_of(world, wanted) == ["rechazado", "rechazado"]
    there = real.read().accounts[JUAN]
    assert there.handle.unfinished
    assert not there.account.logon_enabled
    world.target = real
    assert world.apply(wanted).clean
    assert real.read().state == wanted.declaration.wanted


def results_of(world: World, wanted: Any) -> list[str]:
    return [outcome.result.value for outcome in world.apply(wanted).outcomes]


def names(*changes: Any) -> set[tuple[str, str]]:
    return {(one.key, one.verb) for one in changes}


def test_f_what_is_new_since_a_plan_was_shown_is_withheld_and_the_rest_goes(world: World) -> None:
    shown = Shown.of(world.plan(desired(declared())).plan)
    wanted = desired(declared(), declared("ana.ruiz"))
    report = world.apply(wanted, withhold(world.plan(wanted), shown))
    assert set(world.target.read().accounts) == {"juan.perez"}
    assert report.withheld == 2
    noted = [one for one in world.record.kept if one.kind is EventKind.NOT_SHOWN]
    assert {(one.key, one.data["verbo"]) for one in noted} == {("ana.ruiz", "create"), ("ana.ruiz", "enable_mailbox")}
    assert {one.data["fusion"] for one in noted} == {COMMIT}


def test_what_is_withheld_goes_on_record_once_and_opens_no_order(world: World) -> None:
    nothing = Shown(target="embedded", changes=frozenset())
    for _ in range(2):
        world.apply(desired(declared()), withhold(world.plan(desired(declared())), nothing))
    assert [one.kind for one in world.record.kept] == [EventKind.NOT_SHOWN] * 2
    assert world.record.published == 2


def test_f_a_plan_stands_for_what_is_left_of_it(world: World) -> None:
    wanted = desired(declared(), declared("ana.ruiz"))
    shown = Shown.of(world.plan(wanted).plan)
    world.apply(desired(declared()))
    left = withhold(world.plan(wanted), shown)
    assert left.withheld == {}
    assert names(*left.approved) == {("ana.ruiz", "create"), ("ana.ruiz", "enable_mailbox")}


def test_f_an_old_value_that_is_another_one_is_withheld(world: World) -> None:
    world.apply(desired(declared(title="Jefe")))
    shown = Shown.of(world.plan(desired(declared())).plan)
    world.apply(desired(declared(title="Director")))
    assert withhold(world.plan(desired(declared())), shown).approved == ()


def test_f_a_plan_for_another_target_is_stale(world: World) -> None:
    proposal = world.plan(desired(declared()))
    with pytest.raises(StalePlanError, match="destino"):
        withhold(proposal, replace(Shown.of(proposal.plan), target="ad"))


def test_an_account_is_made_whole_or_not_at_all(world: World) -> None:
    proposal = world.plan(desired(declared()))
    shown = Shown.of(replace(proposal.plan, changes=proposal.plan.changes[:1]))
    held = withhold(proposal, shown)
    assert held.approved == ()
    assert sorted(one.shown for one in held.withheld.values()) == [False, True]


def test_a_baja_that_was_shown_waits_for_nothing_else_of_its_account(world: World) -> None:
    world.apply(desired(declared()))
    shown = Shown.of(world.plan(desired(declared(baja=BAJA))).plan)
    wanted = desired(declared(baja=BAJA, title="Jefe"))
    fresh = withhold(world.plan(wanted), shown)
    report = world.apply(wanted, fresh)
    assert report.clean
    assert names(*fresh.approved) == {("juan.perez", "disable"), ("juan.perez", "update_mailbox")}
    there = world.target.read().accounts[JUAN].account
    assert (there.logon_enabled, there.title) == (False, "Analista")


def test_nothing_of_an_account_goes_whose_adoption_was_not_shown(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    existing = replace(world.target.read(), others=(occupant(account(title="Jefe")),))
    monkeypatch.setattr(world.target, "read", lambda: existing)
    proposal = world.plan(desired(declared(adopt=True, baja=BAJA)))
    assert ("juan.perez", "disable") in names(*proposal.approved)
    rest = tuple(one for one in proposal.plan.changes if one.verb != "adopt")
    assert withhold(proposal, Shown.of(replace(proposal.plan, changes=rest))).approved == ()


def test_the_order_of_a_baja_is_not_done_while_part_of_it_is_withheld(world: World) -> None:
    world.apply(desired(declared()))
    wanted = desired(declared(baja=BAJA))
    whole = world.plan(wanted)
    only = Shown.of(replace(whole.plan, changes=tuple(one for one in whole.plan.changes if one.verb == "disable")))
    world.apply(wanted, withhold(whole, only))
    done = [one.kind for one in world.record.kept].count(EventKind.ORDER_DONE)
    world.apply(wanted)
    assert [one.kind for one in world.record.kept].count(EventKind.ORDER_DONE) == done + 1


def test_an_interrupted_alta_that_was_shown_is_taken_up_again(world: World) -> None:
    real = world.target
    wanted = desired(declared())
    shown = Shown.of(world.plan(wanted).plan)
    world.target = Failing(real, "enable_mailbox", ChangedMeanwhileError("no", remedy="x"))
    world.apply(wanted)
    world.target = real
    again = withhold(world.plan(wanted), shown)
    assert again.withheld == {}
    assert world.apply(wanted, again).clean


def test_an_unapproved_change_is_held_and_the_others_go_on(world: World) -> None:
    report = world.apply(desired(declared(), declared("ana.ruiz"), approver=Denying))
    assert report.unapproved == 2
    assert set(world.target.read().accounts) == {"ana.ruiz"}


def test_b_c_a_plan_over_its_limits_changes_nothing(world: World) -> None:
    crowd = [declared(f"p{n}.x") for n in range(60)]
    with pytest.raises(RefusedError, match="60 altas en SAF"):
        world.apply(desired(*crowd, limits=Limites()))
    assert world.target.read().accounts == {}
    assert world.record.kept == []


def test_nothing_is_created_when_nobody_could_be_handed_the_password(world: World) -> None:
    def nobody() -> None:
        raise RefusedError("sin destinatario", remedy="ponga uno")

    world.spool.check = nobody  # type: ignore[method-assign]
    with pytest.raises(RefusedError):
        world.apply(desired(declared()))
    assert world.target.read().accounts == {}


def test_a_working_copy_is_never_applied(world: World) -> None:
    with pytest.raises(RefusedError, match="copia de trabajo"):
        world.apply(replace(desired(declared()), commit=""))


def test_a_commit_outside_the_main_line_is_never_applied(world: World) -> None:
    with pytest.raises(RefusedError, match="rama principal"):
        world.apply(replace(desired(declared()), on_main_line=False))


def test_a_shallow_clone_is_never_applied(world: World) -> None:
    with pytest.raises(RefusedError, match="superficial"):
        world.apply(replace(desired(declared()), shallow=True))


def test_a_history_that_lost_the_last_commit_applied_is_refused(world: World) -> None:
    world.apply(desired(declared()))
    elsewhere = desired(declared(), declared("ana.ruiz"))
    elsewhere.trail.position.clear()  # type: ignore[attr-defined]
    rewritten = replace(elsewhere, trail=replace_position(elsewhere.trail))
    with pytest.raises(RefusedError, match="reescribió la historia"):
        world.apply(rewritten)


def replace_position(trail: Any) -> Any:
    class Elsewhere:
        around_review = ()
        movements: dict[str, object] = {}  # noqa: RUF012
        position = {"d" * 40: 0}  # noqa: RUF012

    del trail
    return Elsewhere()


def test_an_account_deleted_outside_is_held_not_created_again(world: World, tmp_path: Path) -> None:
    world.apply(desired(declared()))
    with embedded(tmp_path / "otro") as fresh:
        fresh.record = world.record
        assert fresh.plan(desired(declared())).plan.changes == ()
        renewed = fresh.plan(desired(declared(alta=ALTA + "-bis")))
        assert [change.verb for change in renewed.plan.changes] == ["create", "enable_mailbox"]


class HalfDenied(Everything):
    """Approves a baja, and nothing else of the same account."""

    def judge(self, changes: Sequence[Change]) -> Mapping[str, Approval | Unapproved]:
        """Return what a baja rests on: its own lines."""
        verdicts = dict(super().judge(changes))
        verdicts |= {
            change_id(one): Unapproved(commit=COMMIT, reason="x") for one in changes if isinstance(one, Update)
        }
        return verdicts


def test_h_an_approved_baja_beside_an_unapproved_change_is_on_record_as_applied(world: World) -> None:
    world.apply(desired(declared()))
    report = world.apply(desired(declared(baja=BAJA, title="Jefe"), approver=HalfDenied))
    assert report.clean
    assert report.unapproved == 1
    assert set(world.plan(desired(declared(baja=BAJA))).standing.retired_on) == {JUAN}


def test_a_stop_between_accounts_leaves_the_rest_untouched_and_says_so(world: World) -> None:
    done: list[int] = []
    wanted = desired(declared("ana.ruiz"), declared(), declared("zoe.paz"))
    report = world.apply(wanted, progress=lambda at, _total, _outcomes: done.append(at), stopping=lambda: done == [1])
    assert report.stopped
    assert set(world.target.read().accounts) == {"ana.ruiz"}
    assert results(world)["zoe.paz"] == ["omitido", "omitido"]
    assert kinds(world)[-1] == "corrida_terminada"
    assert world.apply(wanted).clean


def test_what_is_left_of_a_run_is_not_judged_again_by_limits_that_the_whole_had_passed(world: World) -> None:
    people = [declared(f"p{n}.x") for n in range(20)]
    world.apply(desired(*people))
    limits = Limites(dependencia=GENEROUS | {Kind.CAMBIO: Limite(maximo=50, porcentaje=50, libres=5)}, total=GENEROUS)
    changed = [declared(f"p{n}.x", title="Jefe") for n in range(10)]
    gone = [declared(f"p{n}.x", baja=BAJA) for n in range(10, 14)]
    wanted = desired(*changed, *gone, *people[14:], limits=limits)
    done: list[int] = []
    report = world.apply(wanted, progress=lambda at, _all, _ended: done.append(at), stopping=lambda: len(done) == 4)
    assert report.stopped
    assert world.apply(wanted).clean
    assert world.plan(wanted).plan.changes == ()


def test_a_change_that_an_interrupted_run_never_made_is_not_said_to_be_applied(world: World) -> None:
    world.apply(desired(declared()))
    moved = desired(declared(dependencia=Siglas("SEBIDES"), organization="Bienestar", alta="SEBIDES/1"))
    world.target, real = Failing(world.target, "move", OutcomeUnknownError("?", remedy="x")), world.target
    world.apply(moved)
    world.target = real
    world.apply(desired(declared()))
    said = [event.data["estado"] for event in world.record.kept if event.kind is EventKind.RECONCILED]
    assert said == ["omitido"]


def test_a_baja_is_made_although_another_step_of_the_same_account_is_rejected(world: World) -> None:
    world.apply(desired(declared()))
    world.target = Failing(world.target, "move", ChangedMeanwhileError("ya hay otro ahí", remedy="x"))
    wanted = desired(declared(baja=BAJA, dependencia=Siglas("SEBIDES"), organization="Bienestar"))
    assert not world.apply(wanted).clean
    there = world.target.read().state[JUAN]
    assert not there.logon_enabled
    assert there.mailbox is not None
    assert there.mailbox.hidden
    assert set(world.plan(wanted).standing.retired_on) == {JUAN}


def test_the_mailbox_of_a_baja_is_hidden_although_its_logon_could_not_be_taken(world: World) -> None:
    world.apply(desired(declared()))
    world.target = Failing(world.target, "disable", ChangedMeanwhileError("no", remedy="x"))
    assert results_of(world, desired(declared(baja=BAJA))) == ["rechazado", "aplicado"]
    there = world.target.read().state[JUAN]
    assert there.mailbox is not None
    assert there.mailbox.hidden


def test_a_baja_that_reading_back_shows_is_on_record_although_something_else_is_not_as_declared(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.apply(desired(declared()))
    monkeypatch.setattr(world.target, "update", lambda *_: None)
    assert results_of(world, desired(declared(baja=BAJA, title="Jefe"))) == ["aplicado", "rechazado", "rechazado"]
    assert set(world.plan(desired(declared(baja=BAJA, title="Jefe"))).standing.retired_on) == {JUAN}


def test_a_baja_of_an_account_whose_rename_nobody_approved_reaches_it_under_its_former_key(world: World) -> None:
    world.apply(desired(declared()))
    new = declared("juan.p", previous=JUAN, baja=BAJA, aliases=("juan.perez@sinaloa.gob.mx",))
    report = world.apply(desired(new, approver=OnlyBajas))
    assert report.clean
    assert not world.target.read().state[JUAN].logon_enabled


class OnlyBajas(Everything):
    """Approves bajas, and nothing else."""

    def judge(self, changes: Sequence[Change]) -> Mapping[str, Approval | Unapproved]:
        """Return no approval for anything but a baja."""
        verdicts = dict(super().judge(changes))
        others = [one for one in changes if not isinstance(one, Disable)]
        return verdicts | {change_id(one): Unapproved(commit=COMMIT, reason="x") for one in others}


def test_a_baja_goes_on_while_the_name_of_its_rename_is_somebody_elses(world: World) -> None:
    world.apply(desired(declared()))
    occupied = replace(
        world.target.read(), others=(*world.target.read().others, occupant(addresses=("juan.p@sinaloa.gob.mx",)))
    )
    world.target, real = Told(world.target, occupied), world.target
    new = declared("juan.p", previous=JUAN, baja=BAJA, aliases=("juan.perez@sinaloa.gob.mx",))
    assert [one.verb for one in world.plan(desired(new)).plan.changes] == ["disable", "update_mailbox"]
    assert world.apply(desired(new)).clean
    assert not real.read().state[JUAN].logon_enabled


class Told:
    """The target, except that it reads as somebody says."""

    def __init__(self, target: Any, said: Reading) -> None:
        self._target, self._said = target, said

    def __getattr__(self, name: str) -> Any:
        return getattr(self._target, name)

    def read(self) -> Reading:
        """Return what was said."""
        return self._said


def test_a_baja_that_something_holds_is_never_nothing_to_do(world: World) -> None:
    world.apply(desired(declared(), declared("ana.ruiz")))
    reading = world.target.read()
    guarded = replace(reading.accounts[JUAN], handle=replace(reading.accounts[JUAN].handle, protected="adminCount=1"))
    world.target = Told(world.target, replace(reading, accounts={**reading.accounts, JUAN: guarded}))
    before = len(world.record.kept)
    with pytest.raises(RefusedError, match=r"Bajas sin hacer.*: juan\.perez\."):
        world.apply(desired(declared(baja=BAJA), declared("ana.ruiz")))
    assert len(world.record.kept) == before
    with pytest.raises(RefusedError, match="Bajas sin hacer"):
        world.apply(desired(declared(baja=BAJA), declared("zoe.paz")))
    assert kinds(world)[-1] == "corrida_terminada"


def test_a_held_baja_that_is_out_already_is_not_said_to_be_pending(world: World) -> None:
    world.apply(desired(declared()))
    world.apply(desired(declared(baja=BAJA)))
    reading = world.target.read()
    protected = replace(
        reading.accounts[JUAN], handle=replace(reading.accounts[JUAN].handle, protected="adminCount=1")
    )
    world.target = Told(world.target, replace(reading, accounts={JUAN: protected}))
    assert world.apply(desired(declared(baja=BAJA, title="Jefe"))).clean


def test_a_directory_of_ours_with_a_record_that_was_lost_is_left_alone(world: World) -> None:
    world.apply(desired(declared()))
    world.record = MemoryRecord()
    with pytest.raises(RefusedError, match=r"git fetch origin bitacora:bitacora"):
        world.apply(desired(declared(baja=BAJA), declared("ana.ruiz")))
    assert set(world.target.read().accounts) == {JUAN}
    assert world.record.kept == []


@pytest.mark.parametrize("lost", ["create", "enable_mailbox", "finish"])
def test_an_alta_whose_run_was_killed_is_known_by_its_object_after_the_next_run_read_it_back(
    world: World, lost: str
) -> None:
    wanted = desired(declared(), declared("ana.ruiz"))
    world.apply(desired(declared("ana.ruiz")))
    real = world.target
    world.target = Failing(real, lost, KeyboardInterrupt(), after=True)
    with pytest.raises(KeyboardInterrupt):
        world.apply(wanted)
    world.target = real
    guid = real.read().accounts[JUAN].handle.guid
    world.apply(desired(declared(), declared("ana.ruiz"), approver=Denying))
    assert world.plan(wanted).standing.identity[JUAN] == guid
    assert world.plan(wanted).standing.open_attempts == ()
    assert world.apply(wanted).clean
    assert real.read().state == wanted.declaration.wanted


def test_an_adoption_that_reading_back_shows_is_known_although_something_else_is_not_as_declared(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.apply(desired(declared("ana.ruiz")))
    with monkeypatch.context() as patch:
        existing = replace(world.target.read(), others=(occupant(account(title="Jefe")),))
        patch.setattr(world.target, "read", lambda: existing)
        patch.setattr(world.target, "adopt", lambda *_: None)
        patch.setattr(world.target, "update", lambda *_: None)
        there = Observed(account(title="Jefe"), replace(existing.others[0].handle, owner=JUAN))
        patch.setattr(world.target, "lookup", lambda _: there)
        report = world.apply(desired(declared(adopt=True), declared("ana.ruiz")))
    assert [one.result.value for one in report.outcomes] == ["aplicado", "rechazado"]
    assert world.plan(desired(declared("ana.ruiz"))).standing.identity[JUAN] == there.handle.guid


def test_a_persons_account_that_was_made_shared_by_mistake_can_be_given_back(world: World) -> None:
    world.apply(desired(declared()))
    world.apply(desired(declared(tipo=Tipo.COMPARTIDA)))
    assert not world.target.read().state[JUAN].logon_enabled
    guid = world.target.read().accounts[JUAN].handle.guid
    world.spool.sheets.clear()
    wanted = desired(declared())
    assert world.apply(wanted).clean
    assert world.target.read().state == wanted.declaration.wanted
    assert world.target.read().accounts[JUAN].handle.guid == guid
    assert set(world.spool.sheets) == {"juan.perez"}
    assert world.plan(wanted).standing.retired_on == {}


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("method", ["disable", "set_first_password", "reactivate", "update", "lookup"])
def test_a_way_back_that_is_interrupted_anywhere_is_taken_up_again(world: World, method: str, after: bool) -> None:
    world.apply(desired(declared()))
    world.apply(desired(declared(tipo=Tipo.COMPARTIDA)))
    real, wanted = world.target, desired(declared())
    world.target = Failing(real, method, KeyboardInterrupt(), after=after)
    with pytest.raises(KeyboardInterrupt):
        world.apply(wanted)
    world.target = real
    assert world.apply(wanted).clean
    assert real.read().state == wanted.declaration.wanted
    assert world.plan(wanted).standing.open_attempts == ()


def test_bajas_in_two_runs_of_one_day_are_counted_together(world: World) -> None:
    people = [declared(f"p{n}.x") for n in range(20)]
    world.apply(desired(*people))
    limits = Limites(dependencia=GENEROUS, total=GENEROUS | {Kind.BAJA: Limite(maximo=5)})
    gone = [declared(f"p{n}.x", baja=BAJA) for n in range(8)]
    assert world.apply(desired(*gone[:4], *people[4:], limits=limits)).clean
    with pytest.raises(RefusedError, match="8 bajas en total, con lo aplicado en las últimas 24 horas"):
        world.apply(desired(*gone, *people[8:], limits=limits))
    wanted = desired(*gone, *people[8:], limits=limits)
    later = world.moment + timedelta(hours=25)
    proposal = propose(wanted, world.target, world.record.events(), name="embedded", today=TODAY, now=later)
    assert world.apply(wanted, proposal).clean


def test_a_defect_is_raised_once_everything_that_was_done_is_on_record(world: World) -> None:
    world.target, real = Failing(world.target, "enable_mailbox", KeyError("Clave-secreta"), times=1), world.target
    wanted = desired(*(declared(f"p{n}.persona") for n in range(4)))
    proposal = world.plan(wanted)
    with pytest.raises(KeyError) as caught:
        world.apply(wanted, proposal)
    assert caught.traceback[-1].name == "fail"
    assert list(results(world).values()) == [["desconocido", "desconocido"], *[["omitido", "omitido"]] * 3]
    assert kinds(world).count("hoja_sellada") == 1
    assert kinds(world)[-1] == "corrida_terminada"
    assert world.record.published == len(world.record.kept)
    assert "Clave-" not in repr([event.data for event in world.record.kept])
    world.target = real
    assert world.apply(wanted).clean
    assert world.plan(wanted).plan.changes == ()


def test_whoever_leaves_is_shut_out_although_another_step_met_a_defect(world: World) -> None:
    world.apply(desired(declared()))
    world.target = Failing(world.target, "disable", KeyError("x"))
    wanted = desired(declared(baja=BAJA))
    with pytest.raises(KeyError):
        world.apply(wanted)
    [there] = world.target.read().state.values()
    assert there.mailbox
    assert there.mailbox.hidden


def test_what_others_finished_is_on_record_although_one_of_many_met_a_defect(world: World, tmp_path: Path) -> None:
    meeting = threading.Barrier(2, timeout=10)

    class Meeting(Failing):
        def __getattr__(self, name: str) -> Any:
            found = getattr(self._target, name)
            return partial(self._meet, found) if name == self._method else found

        def _meet(self, enable: Callable[..., None], handle: Handle, mailbox: Mailbox) -> None:
            meeting.wait()
            if "ana.x" in handle.place:
                raise self._error
            enable(handle, mailbox)

    with closing(EmbeddedTarget(tmp_path / "directorio.sqlite")) as other:
        world.target, more = (Meeting(one, "enable_mailbox", KeyError("x")) for one in (world.target, other))
        with pytest.raises(KeyError):
            world.apply(desired(declared("ana.x"), declared("zoe.x")), helpers=(more,))
    assert results(world) == {"ana.x": ["desconocido", "desconocido"], "zoe.x": ["aplicado", "aplicado"]}
    assert kinds(world).count("hoja_sellada") == 2
