"""The diff as a table: what is declared, what is there, what would change."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from reconciler.diff import Memory, Policy, diff
from reconciler.model import AccountKey, Declaration, Mailbox, Reading, Siglas, Status, Tipo
from reconciler.plan import Change, ChangeAliases, Create, FieldChange, Finding, Rename, Update, UpdateMailbox
from tests.build import ALTA, BAJA, TODAY, account, declaration, declared, observed, occupant, reading, remembering

POLICY = Policy(retention_days=90)
JUAN = AccountKey("juan.perez")


def run(
    wanted: Declaration, there: Reading, memory: Memory | None = None, policy: Policy = POLICY
) -> tuple[tuple[Change, ...], tuple[Finding, ...]]:
    """Compare; whatever the memory says, it knows every object of the reading that it does not say otherwise of."""
    memory = memory or Memory()
    known = {**remembering(there).identity, **memory.identity}
    return diff(wanted, there, replace(memory, identity=known), policy, TODAY)


def verbs(changes: tuple[Change, ...]) -> list[str]:
    return [change.verb for change in changes]


def retired(**changes: Any) -> Any:
    return observed(account(status=Status.RETIRED, **changes))


def test_nothing_changes_when_both_sides_are_equal() -> None:
    assert run(declaration(declared()), reading(observed(account()))) == ((), ())


def test_a_missing_account_is_created_and_gets_its_mailbox() -> None:
    changes, findings = run(declaration(declared()), reading())
    assert verbs(changes) == ["create", "enable_mailbox"]
    assert {change.oficio for change in changes} == {ALTA}
    assert findings == ()


def test_a_target_without_mailboxes_gets_no_mailbox_changes() -> None:
    changes, _ = run(declaration(declared()), reading(reads_mailboxes=False))
    assert verbs(changes) == ["create"]


def test_a_baja_disables_and_closes_the_mailbox_under_its_own_oficio() -> None:
    changes, _ = run(declaration(declared(baja=BAJA)), reading(observed(account())))
    assert verbs(changes) == ["disable", "update_mailbox"]
    assert {change.oficio for change in changes} == {BAJA}
    (mailbox,) = [change for change in changes if isinstance(change, UpdateMailbox)]
    assert mailbox.fields == (FieldChange("hidden", False, True), FieldChange("accepts_mail", True, False))


def test_an_account_given_baja_before_it_ever_existed_is_left_alone() -> None:
    assert run(declaration(declared(baja=BAJA)), reading()) == ((), ())


def test_an_account_enabled_outside_after_its_baja_is_disabled_again() -> None:
    there = retired(logon_enabled=True)
    changes, _ = run(declaration(declared(baja=BAJA)), reading(there))
    assert verbs(changes) == ["disable"]


def test_an_account_disabled_outside_is_reported_and_never_enabled() -> None:
    changes, findings = run(declaration(declared()), reading(observed(account(logon_enabled=False))))
    assert changes == ()
    assert [(one.code, one.holds) for one in findings] == [("deshabilitada-por-fuera", True)]


def test_a_reincorporation_reactivates_and_opens_the_mailbox() -> None:
    changes, _ = run(declaration(declared(alta="SAF/DA/0500/2026")), reading(retired()))
    assert verbs(changes) == ["reactivate", "update_mailbox"]


def test_a_reincorporation_after_the_retention_reconnects_the_mailbox() -> None:
    there = observed(account(status=Status.RETIRED, mailbox=None), kept_mailbox="b-1")
    memory = Memory(taken_off={"b-1": there.handle.guid}, retired_on={JUAN: date(2026, 1, 1)})
    changes, _ = run(declaration(declared()), reading(there), memory)
    assert verbs(changes) == ["reactivate", "reconnect_mailbox"]


@pytest.mark.parametrize("known", [{}, {"b-1": "de otro objeto"}, {"b-2": "guid-juan.perez"}])
def test_a_mailbox_that_the_record_did_not_take_off_this_object_is_given_to_nobody(known: dict[str, str]) -> None:
    there = observed(account(status=Status.RETIRED, mailbox=None), kept_mailbox="b-1")
    changes, findings = run(declaration(declared()), reading(there), Memory(taken_off=known))
    assert changes == ()
    assert [(one.code, one.holds) for one in findings] == [("buzon-desconocido", True)]


def test_giving_a_mailbox_back_is_ended_where_the_object_still_remembers_it() -> None:
    there = observed(account(), mailbox="b-1", kept_mailbox="b-1")
    changes, _ = run(declaration(declared()), reading(there), Memory(taken_off={"b-1": there.handle.guid}))
    assert verbs(changes) == ["reconnect_mailbox"]


def test_an_object_that_remembers_no_mailbox_gets_a_new_one_whatever_its_key_once_had() -> None:
    memory = Memory(taken_off={"b-1": "un objeto que ya no existe"}, retired_on={JUAN: date(2026, 1, 1)})
    changes, _ = run(declaration(declared(alta="SAF/9")), reading(retired(mailbox=None)), memory)
    assert verbs(changes) == ["reactivate", "enable_mailbox"]


def test_a_new_baja_begins_its_retention_whatever_the_record_says_of_an_old_one() -> None:
    for there in (observed(account()), retired(logon_enabled=True)):
        memory = Memory(retired_on={JUAN: date(2020, 1, 1)})
        changes, _ = run(declaration(declared(baja=BAJA)), reading(there), memory)
        assert "disconnect_mailbox" not in verbs(changes)


def test_a_retired_account_that_is_renamed_keeps_its_retention_and_needs_a_new_oficio() -> None:
    key = AccountKey("juan.perez.l")
    there = retired(key=key, logon_enabled=False)
    memory = Memory(
        retired_on={JUAN: date(2020, 1, 1)}, present_for={JUAN: frozenset({ALTA})}, formerly={key: (JUAN,)}
    )
    changes, _ = run(declaration(declared(key, baja=BAJA)), reading(there), memory)
    assert "disconnect_mailbox" in verbs(changes)
    _, findings = run(declaration(declared(key)), reading(there), memory)
    assert [one.code for one in findings] == ["reincorporacion-sin-oficio"]


def test_a_legal_hold_that_nobody_declared_is_neither_lifted_nor_passed_over() -> None:
    for there, wanted in (
        (observed(account(mailbox=Mailbox(held=True))), declared()),
        (retired(mailbox=Mailbox(hidden=True, accepts_mail=False, held=True)), declared(baja=BAJA)),
    ):
        memory = Memory(retired_on={JUAN: date(2020, 1, 1)})
        changes, findings = run(declaration(wanted), reading(there), memory)
        assert changes == ()
        assert [(one.code, one.holds) for one in findings] == [("retencion-ajena", False)]


def test_a_hold_that_comes_when_the_mailbox_is_gone_is_said() -> None:
    there = observed(account(status=Status.RETIRED, mailbox=None), kept_mailbox="b-1")
    wanted = declared(baja=BAJA, hold_until=TODAY + timedelta(days=30))
    changes, findings = run(declaration(wanted), reading(there))
    assert changes == ()
    assert [one.code for one in findings] == ["retencion-tardia"]


def test_a_creation_that_was_interrupted_is_taken_up_again() -> None:
    there = observed(account(logon_enabled=False, mailbox=None), unfinished=True)
    changes, _ = run(declaration(declared()), reading(there))
    assert verbs(changes) == ["create", "enable_mailbox"]
    assert isinstance(changes[0], Create)
    assert changes[0].resumes


def test_an_unfinished_creation_that_is_now_a_baja_is_disabled() -> None:
    there = observed(account(logon_enabled=False, mailbox=None), unfinished=True)
    changes, _ = run(declaration(declared(baja=BAJA)), reading(there))
    assert verbs(changes) == ["disable"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("organization", "Secretaría de Economía"),
        ("logon", "jperez"),
        ("address", "juan.perez@salud.sinaloa.gob.mx"),
        ("display_name", "Juan P. López"),
        ("given_name", "Juan Carlos"),
        ("surname", "Pérez"),
        ("title", "Jefe"),
        ("title", None),
        ("area", "Egresos"),
        ("phone", "667 758 7000"),
        ("responsable", AccountKey("ana.ruiz")),
        ("tipo", Tipo.PERSONAL),
    ],
)
def test_every_field_that_differs_is_one_field_change_from_old_to_new(field: str, value: object) -> None:
    changed: dict[str, Any] = {field: value}
    there = account(**changed)
    changes, _ = run(declaration(declared()), reading(observed(there)))
    if there == account():
        assert changes == ()
        return
    (change,) = changes
    assert isinstance(change, Update)
    assert change.fields == (FieldChange(field, value, getattr(account(), field)),)  # type: ignore[arg-type]


def test_a_shared_account_that_lets_somebody_log_on_is_locked() -> None:
    shared = declared("contabilidad.saf", tipo=Tipo.COMPARTIDA, responsable=JUAN)
    there = observed(replace(shared.account, logon_enabled=True))
    (change,), _ = run(declaration(shared), reading(there))
    assert isinstance(change, Update)
    assert change.fields == (FieldChange("logon_enabled", True, False),)


def test_aliases_that_come_and_go_are_one_change() -> None:
    wanted = declared(aliases=("a@sinaloa.gob.mx", "b@sinaloa.gob.mx"))
    there = observed(account(aliases=("b@sinaloa.gob.mx", "c@sinaloa.gob.mx")))
    (change,), _ = run(declaration(wanted), reading(there))
    assert isinstance(change, ChangeAliases)
    assert (change.added, change.removed) == (("a@sinaloa.gob.mx",), ("c@sinaloa.gob.mx",))


def test_a_transfer_moves_the_object_and_keeps_it() -> None:
    wanted = declared(dependencia=Siglas("SEBIDES"), organization="Bienestar")
    changes, _ = run(declaration(wanted), reading(observed(account())))
    assert verbs(changes) == ["move", "update"]


def test_d_a_rename_keeps_identity_and_changes_name_logon_and_address_together() -> None:
    wanted = declared("juan.perez.l", previous=JUAN, aliases=("juan.perez@sinaloa.gob.mx",))
    changes, _ = run(declaration(wanted), reading(observed(account())))
    assert verbs(changes) == ["rename", "update", "aliases"]
    assert "create" not in verbs(changes)


def test_d_a_rename_whose_two_names_exist_is_held() -> None:
    wanted = declared("juan.perez.l", previous=JUAN)
    both = reading(observed(account()), observed(account("juan.perez.l")))
    changes, findings = run(declaration(wanted), both)
    assert changes == ()
    assert "renombre-doble" in {one.code for one in findings}


def test_an_existing_account_is_adopted_and_only_its_differences_are_changed() -> None:
    user = occupant(account(title="Jefe"))
    changes, _ = run(declaration(declared(adopt=True)), reading(others=(user,)))
    assert verbs(changes) == ["adopt", "update"]


@pytest.mark.parametrize(
    ("others", "code"),
    [
        ((), "existente-no-hallada"),
        (
            (occupant(account()), occupant(account("otro.perez", address="juan.perez@sinaloa.gob.mx"))),
            "existente-ambigua",
        ),
        ((occupant(logon="juan.perez"),), "existente-no-hallada"),
    ],
)
def test_an_adoption_without_exactly_one_candidate_is_held(others: tuple[Any, ...], code: str) -> None:
    changes, findings = run(declaration(declared(adopt=True)), reading(others=others))
    assert changes == ()
    assert [one.code for one in findings] == [code]


@pytest.mark.parametrize(
    "other",
    [
        occupant(account()),
        occupant(logon="JUAN.PEREZ"),
        occupant(addresses=("juan.perez@sinaloa.gob.mx",)),
        occupant(addresses=("jp@sinaloa.gob.mx",)),
    ],
)
def test_a_name_or_address_held_by_a_foreign_object_is_never_taken(other: Any) -> None:
    wanted = declared(aliases=("jp@sinaloa.gob.mx",))
    changes, findings = run(declaration(wanted), reading(others=(other,)))
    assert changes == ()
    assert [one.code for one in findings] == ["nombre-ocupado"]


def test_a_protected_account_is_left_alone_and_said() -> None:
    there = observed(account(title="Jefe"), protected="adminCount=1")
    changes, findings = run(declaration(declared()), reading(there))
    assert changes == ()
    assert [one.code for one in findings] == ["protegida"]


def test_an_account_protected_by_configuration_is_left_alone() -> None:
    policy = Policy(retention_days=90, protected=frozenset({JUAN}))
    changes, findings = run(declaration(declared(baja=BAJA)), reading(observed(account())), policy=policy)
    assert changes == ()
    assert [one.code for one in findings] == ["protegida"]


def test_a_protected_account_without_differences_says_nothing() -> None:
    assert run(declaration(declared()), reading(observed(account(), protected="adminCount=1"))) == ((), ())


def test_a_mark_on_two_objects_holds_the_account() -> None:
    handles = (observed(account()).handle, replace(observed(account()).handle, guid="otro"))
    changes, findings = run(declaration(declared()), reading(claims={JUAN: handles}))
    assert changes == ()
    assert [one.code for one in findings] == ["marca-duplicada"]


def test_an_account_of_ours_that_nobody_declares_is_a_finding_and_not_a_baja() -> None:
    changes, findings = run(declaration(), reading(observed(account())))
    assert changes == ()
    assert [(one.code, one.holds) for one in findings] == [("no-declarada", False)]


def test_an_account_deleted_outside_is_not_created_again_under_the_same_oficio() -> None:
    changes, findings = run(declaration(declared()), reading(), Memory(present_for={JUAN: frozenset({ALTA})}))
    assert changes == ()
    assert [one.code for one in findings] == ["desaparecida"]


def test_an_account_deleted_outside_is_created_again_under_a_new_oficio() -> None:
    changes, _ = run(declaration(declared(alta="SAF/2")), reading(), Memory(present_for={JUAN: frozenset({ALTA})}))
    assert verbs(changes) == ["create", "enable_mailbox"]


@pytest.mark.parametrize(
    ("days", "hold", "expected"),
    [
        (89, None, []),
        (90, None, ["disconnect_mailbox"]),
        (400, TODAY, ["update_mailbox"]),
        (400, TODAY - timedelta(days=1), ["disconnect_mailbox"]),
    ],
)
def test_a_mailbox_leaves_after_the_retention_unless_a_legal_hold_stands(
    days: int, hold: date | None, expected: list[str]
) -> None:
    memory = Memory(retired_on={JUAN: TODAY - timedelta(days=days)})
    changes, _ = run(declaration(declared(baja=BAJA, hold_until=hold)), reading(retired()), memory)
    assert verbs(changes) == expected


def test_a_legal_hold_is_put_on_the_mailbox_and_lifted_before_the_mailbox_leaves() -> None:
    there = account(status=Status.RETIRED, mailbox=Mailbox(hidden=True, accepts_mail=False))
    kept = declaration(declared(baja=BAJA, hold_until=TODAY))
    memory = Memory(retired_on={JUAN: TODAY - timedelta(days=400)})
    changes, _ = run(kept, reading(observed(there)), memory)
    assert [change.fields for change in changes if isinstance(change, UpdateMailbox)] == [
        (FieldChange("held", old=False, new=True),)
    ]
    held = replace(there, mailbox=Mailbox(hidden=True, accepts_mail=False, held=True))
    over = declaration(declared(baja=BAJA, hold_until=TODAY - timedelta(days=1)))
    changes, _ = run(over, reading(observed(held)), memory)
    assert verbs(changes) == ["update_mailbox", "disconnect_mailbox"]


def test_a_broken_mailbox_is_reported_and_a_baja_still_takes_logon_away() -> None:
    there = observed(account(mailbox=None), mailbox_fault="tiene servidor y no tiene base")
    changes, findings = run(declaration(declared(baja=BAJA)), reading(there))
    assert verbs(changes) == ["disable"]
    assert [(one.code, one.holds) for one in findings] == [("buzon-roto", False)]


def test_a_mailbox_in_exchange_online_keeps_its_own_quota_and_hold() -> None:
    there = observed(account(mailbox=Mailbox(remote=True, quota_mb=None)))
    wanted = declared(hold_until=TODAY, mailbox=Mailbox(quota_mb=700))
    changes, _ = run(declaration(wanted), reading(there))
    assert changes == ()


def test_mail_to_whoever_left_is_still_delivered_where_it_is_answered() -> None:
    there = account(status=Status.RETIRED, mailbox=Mailbox())
    policy = Policy(retention_days=90, answers_for_leavers=True)
    changes, _ = run(declaration(declared(baja=BAJA)), reading(observed(there)), policy=policy)
    assert [change.fields for change in changes if isinstance(change, UpdateMailbox)] == [
        (FieldChange("hidden", old=False, new=True),)
    ]


def test_a_baja_that_no_record_dates_keeps_its_mailbox() -> None:
    assert run(declaration(declared(baja=BAJA)), reading(retired())) == ((), ())


def test_a_mailbox_is_never_given_to_an_account_out_of_service() -> None:
    assert run(declaration(declared(baja=BAJA)), reading(retired(mailbox=None))) == ((), ())


def test_a_quota_that_differs_is_a_mailbox_change() -> None:
    wanted = declared(mailbox=Mailbox(quota_mb=2048))
    (change,), _ = run(declaration(wanted), reading(observed(account())))
    assert isinstance(change, UpdateMailbox)
    assert change.fields == (FieldChange("quota_mb", None, 2048),)


def test_bajas_go_first_and_shared_accounts_after_the_people_they_need() -> None:
    changes, _ = run(
        declaration(
            declared("ana.ruiz", baja=BAJA),
            declared("buzon.saf", tipo=Tipo.COMPARTIDA, responsable=JUAN),
            declared(),
        ),
        reading(observed(account("ana.ruiz"))),
    )
    assert [change.key for change in changes] == [
        "ana.ruiz", "ana.ruiz", "juan.perez", "juan.perez", "buzon.saf", "buzon.saf",
    ]  # fmt: skip


def test_a_rename_is_held_when_two_objects_claim_the_former_key() -> None:
    wanted = declared("juan.perez.l", previous=JUAN)
    twice = {JUAN: (observed(account()).handle, observed(account("copia")).handle)}
    changes, findings = run(declaration(wanted), reading(claims=twice))
    assert changes == ()
    assert [one.code for one in findings] == ["marca-duplicada"]


def test_d_two_renames_in_a_row_reach_the_object_that_is_there() -> None:
    wanted = declared("juan.perez.l", previous=AccountKey("juan.p"))
    memory = Memory(formerly={AccountKey("juan.perez.l"): (AccountKey("juan.p"), JUAN)})
    changes, findings = run(declaration(wanted), reading(observed(account())), memory)
    rename = changes[0]
    assert isinstance(rename, Rename)
    assert rename.previous == JUAN
    assert findings == ()


def test_a_mark_that_moved_to_another_object_is_not_believed() -> None:
    wanted = declared(title="Directora")
    changes, findings = run(declaration(wanted), reading(observed(account())), Memory(identity={JUAN: "otro-guid"}))
    assert changes == ()
    assert [(one.code, one.holds) for one in findings] == [("otro-objeto", True)]


def test_a_baja_that_merely_went_away_needs_a_new_oficio() -> None:
    memory = Memory(retired_on={JUAN: TODAY}, present_for={JUAN: frozenset({ALTA})})
    changes, findings = run(declaration(declared()), reading(retired()), memory)
    assert changes == ()
    assert [one.code for one in findings] == ["reincorporacion-sin-oficio"]
    changes, _ = run(declaration(declared(alta="SAF/9")), reading(retired()), memory)
    assert "reactivate" in verbs(changes)


def test_siglas_that_change_their_case_move_nobody() -> None:
    assert run(declaration(declared(dependencia=Siglas("Saf"))), reading(observed(account()))) == ((), ())


def test_an_account_re_created_by_hand_is_held_and_not_taken_for_ours() -> None:
    stranger = occupant(account())
    memory = Memory(present_for={JUAN: frozenset({ALTA})})
    changes, findings = run(declaration(declared()), reading(others=(stranger,)), memory)
    assert changes == ()
    assert [one.code for one in findings] == ["desaparecida"]


def test_a_clock_that_went_back_disconnects_no_mailbox() -> None:
    memory = Memory(retired_on={JUAN: TODAY + timedelta(days=400)})
    assert run(declaration(declared(baja=BAJA)), reading(retired()), memory) == ((), ())


def test_a_name_that_became_somebody_elses_holds_no_baja() -> None:
    contact = occupant(addresses=("juan.perez@sinaloa.gob.mx",))
    wanted = declaration(declared(baja=BAJA, title="Jefe", address="juan.perez@salud.sinaloa.gob.mx"))
    assert verbs(run(wanted, reading(observed(account()), others=(contact,)))[0]) == [
        "disable", "update_mailbox", "update",
    ]  # fmt: skip
    taken = occupant(addresses=("juan.perez@salud.sinaloa.gob.mx",))
    changes, findings = run(wanted, reading(observed(account()), others=(taken,)))
    assert verbs(changes) == ["disable", "update_mailbox"]
    assert [(one.code, one.holds) for one in findings] == [("nombre-ocupado", True)]


@pytest.mark.parametrize(
    "changes", [{"title": "Jefe"}, {"dependencia": Siglas("SEBIDES")}, {"mailbox": Mailbox(quota_mb=1024)}]
)
def test_a_change_that_writes_no_name_asks_nobody_for_it(changes: dict[str, Any]) -> None:
    contact = occupant(addresses=("juan.perez@sinaloa.gob.mx",))
    steps, findings = run(declaration(declared(**changes)), reading(observed(account()), others=(contact,)))
    assert len(steps) == 1
    assert findings == ()


def test_an_alias_that_is_somebody_elses_is_not_added() -> None:
    contact = occupant(addresses=("jp@sinaloa.gob.mx",))
    wanted = declared(aliases=("jp@sinaloa.gob.mx",), title="Jefe")
    changes, findings = run(declaration(wanted), reading(observed(account()), others=(contact,)))
    assert changes == ()
    assert [one.code for one in findings] == ["nombre-ocupado"]


def test_a_mark_that_the_record_knows_nothing_of_is_not_believed() -> None:
    forged = observed(account("luis.soto", dependencia=Siglas("Ajenas")))
    memory = Memory(identity={JUAN: "guid-juan.perez"})
    for wanted in (declared("luis.soto"), declared("luis.soto", adopt=True), declared("luis.soto", baja=BAJA)):
        changes, findings = diff(declaration(wanted), reading(forged), memory, POLICY, TODAY)
        assert changes == ()
        assert [(one.code, one.holds) for one in findings] == [("marca-desconocida", True)]


def test_a_forged_mark_of_a_former_key_is_not_believed_either() -> None:
    wanted = declaration(declared("juan.perez.l", previous=JUAN))
    memory = Memory(identity={AccountKey("otra"): "guid-otra"})
    changes, findings = diff(wanted, reading(observed(account())), memory, POLICY, TODAY)
    assert changes == ()
    assert [one.code for one in findings] == ["marca-desconocida"]


def test_the_object_of_a_rename_of_which_nobody_knows_how_it_ended_is_known_by_its_former_key() -> None:
    there = observed(account("juan.perez.l"), guid="guid-de-juan")
    wanted = declaration(declared("juan.perez.l", previous=JUAN))
    assert diff(wanted, reading(there), Memory(identity={JUAN: "guid-de-juan"}), POLICY, TODAY) == ((), ())


def test_an_object_that_a_run_had_begun_to_make_is_believed_to_be_its() -> None:
    there = observed(account(logon_enabled=False, mailbox=None), unfinished=True)
    changes, _ = diff(declaration(declared()), reading(there), Memory(begun=frozenset({JUAN})), POLICY, TODAY)
    assert verbs(changes) == ["create", "enable_mailbox"]


def test_a_record_that_remembers_no_account_holds_everything_and_says_how_to_get_it_back() -> None:
    people = [declared(f"p{n}.x", baja=BAJA) for n in range(5)]
    there = reading(*(observed(account(one.account.key)) for one in people))
    changes, (finding,) = diff(
        declaration(*people, declared("nueva.x")), there, Memory(unwritten=True), POLICY, TODAY
    )
    assert changes == ()
    assert (finding.code, finding.holds) == ("bitacora-perdida", True)
    assert "5 cuentas" in finding.message
    assert "git fetch origin bitacora:bitacora" in finding.remedy


@pytest.mark.parametrize("tipo", [Tipo.COMPARTIDA, Tipo.RECURSO])
def test_an_account_that_becomes_a_persons_is_let_in_with_a_new_password(tipo: Tipo) -> None:
    there = observed(account(tipo=tipo))
    changes, findings = run(declaration(declared()), reading(there))
    assert verbs(changes) == ["reactivate", "update"]
    assert findings == ()
