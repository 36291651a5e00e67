"""The guards: what they stop, what they let through, and what lets them be overruled."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.config import Excepcion, Limite, Limites
from reconciler.diff import Policy, diff
from reconciler.model import AccountKey, Declaration, Declared, Reading, Siglas, Status, Tipo
from reconciler.plan import Before, Create, Kind, Plan, change_id
from reconciler.safety import Past, excused, refusals, uses
from tests.build import BAJA, TODAY, account, declaration, declared, observed, reading, remembering


def planned(wanted: Declaration, there: Reading) -> Plan:
    changes, findings = diff(wanted, there, remembering(there), Policy(retention_days=90), TODAY)
    before = Before(commit="", target="t", server="s", declared=0, observed=0, reads_mailboxes=True)
    return Plan(before=before, changes=changes, findings=findings)


def guards(
    wanted: Declaration, there: Reading, limits: Limites | None = None, last: int | None = None
) -> list[tuple[str, str | None]]:
    found = refusals(planned(wanted, there), wanted, there, limits or Limites(), Past(last_count=last))
    assert all(one.remedy for one in found)
    return [(one.guard, one.dependencia) for one in found]


def people(count: int, siglas: str = "SAF", **changes: object) -> list[Declared]:
    names = [f"{chr(97 + n // 26)}{chr(97 + n % 26)}.{siglas.lower()}" for n in range(count)]
    return [declared(name, dependencia=Siglas(siglas), **changes) for name in names]


def all_there(entries: list[Declared], **changes: object) -> Reading:
    live = [account(one.account.key, dependencia=one.account.dependencia) for one in entries]
    return reading(*(observed(one) for one in live), **changes)


def bajas(entries: list[Declared], count: int) -> list[Declared]:
    gone = [declared(one.account.key, dependencia=one.account.dependencia, baja=BAJA) for one in entries[:count]]
    return [*gone, *entries[count:]]


def test_a_modest_plan_passes() -> None:
    entries = people(40)
    assert guards(declaration(*bajas(entries, 2)), all_there(entries), last=40) == []


def test_a_reading_without_the_canary_is_refused() -> None:
    assert ("canario", None) in guards(declaration(), reading(canary_seen=False))


@pytest.mark.parametrize(
    ("there", "last", "refused"), [(0, 300, True), (269, 300, True), (270, 300, False), (0, None, False)]
)
def test_a_an_empty_or_shrunken_reading_is_taken_for_a_bad_one(there: int, last: int | None, refused: bool) -> None:
    entries = people(there)
    assert (("lectura-encogida", None) in guards(declaration(*entries), all_there(entries), last=last)) is refused


def test_b_c_an_absolute_limit_holds_where_a_percentage_would_not() -> None:
    entries = people(400)
    found = guards(declaration(*bajas(entries, 11)), all_there(entries))
    assert found == [("limite", "SAF")]


def test_c_a_percentage_holds_where_an_absolute_limit_would_not() -> None:
    entries = people(40)
    assert ("limite", "SAF") in guards(declaration(*bajas(entries, 5)), all_there(entries))


def test_c_a_small_agency_may_lose_two_accounts_but_never_all_of_them() -> None:
    entries = people(4) + people(200, "SEPyC")
    assert guards(declaration(*bajas(entries, 2)), all_there(entries)) == []
    assert ("dependencia-vacia", "SAF") in guards(declaration(*bajas(entries, 4)), all_there(entries))


def test_c_whoever_leaves_on_the_way_from_another_agency_does_not_empty_this_one() -> None:
    entries = people(2) + people(3, "SEPyC")
    there = all_there(entries)
    mover = declared(entries[2].account.key, baja=BAJA)
    wanted = declaration(*bajas(entries[:2], 1), mover, *entries[3:])
    assert guards(wanted, there) == []


def test_b_creations_are_limited_too() -> None:
    assert guards(declaration(*people(51)), reading()) == [("limite", "SAF")]


def test_the_limit_in_all_holds_when_every_agency_keeps_its_own() -> None:
    entries = [one for n in range(9) for one in people(50, f"D{n}x")]
    gone = [one for n in range(9) for one in bajas(people(50, f"D{n}x"), 5)]
    assert guards(declaration(*gone), all_there(entries)) == [("limite", None)]


def test_every_kind_of_movement_has_a_limit_in_all_and_per_agency() -> None:
    limits = Limites(total={Kind.BAJA: Limite(maximo=1)})
    assert set(limits.total) == set(limits.dependencia) == set(Kind)
    assert limits.total[Kind.BAJA].maximo == 1


def test_d_a_baja_and_an_alta_of_one_person_are_seen_as_a_rename() -> None:
    gone = declared("maria.lopez", baja=BAJA, given_name="María", surname="López Ruiz")
    new = declared("maria.lopez.r", given_name="MARIA", surname="Lopez  Ruíz")
    others = people(20)
    there = reading(observed(account("maria.lopez")), *all_there(others).accounts.values())
    assert guards(declaration(gone, new, *others), there) == [("renombre", "SAF")]


def test_homonyms_that_only_arrive_are_no_rename() -> None:
    one = declared("maria.lopez", given_name="María", surname="López Ruiz")
    other = declared("maria.lopez.r", given_name="María", surname="López Ruiz")
    assert guards(declaration(one, other), reading()) == []


def exception(plan: Plan, digest: str | None = None) -> Excepcion:
    return Excepcion(
        plan=digest or plan.digest, motivo="reestructura de la SAF", oficio="X/1", fecha=date(2026, 11, 1)
    )


def test_an_exception_is_for_one_digest() -> None:
    plan = planned(declaration(*people(60)), reading())
    assert excused(plan, (exception(plan),), {}) is not None
    assert excused(plan, (exception(plan, "0" * 64),), {}) is None


def test_an_exception_is_spent_by_the_run_that_used_it() -> None:
    plan = planned(declaration(*people(60)), reading())
    assert excused(plan, (exception(plan),), {plan.digest: frozenset()}) is None


def test_what_an_interrupted_run_left_still_falls_under_its_exception() -> None:
    entries = people(60)
    whole = planned(declaration(*entries), reading())
    ids = frozenset(change_id(change) for change in whole.changes)
    rest = Plan(before=whole.before, changes=whole.changes[30:])
    assert excused(rest, (exception(whole),), {whole.digest: ids}) is not None
    more = planned(declaration(*entries, declared("uno.mas")), reading())
    assert excused(more, (exception(whole),), {whole.digest: ids}) is None


def test_no_exception_excuses_a_bad_reading() -> None:
    wanted = declaration()
    found = refusals(planned(wanted, reading()), wanted, reading(canary_seen=False), Limites(), Past(last_count=100))
    assert {one.guard for one in found} == {"canario", "lectura-encogida"}
    assert not any(one.excusable for one in found)


def test_a_transfer_is_not_counted_as_baja_and_alta() -> None:
    moved = declared(AccountKey("juan.perez"), dependencia=Siglas("SEBIDES"))
    plan = planned(declaration(moved), reading(observed(account())))
    assert {change.verb for change in plan.changes} == {"move"}


def test_an_agency_of_two_may_ask_for_five_altas() -> None:
    assert guards(declaration(*people(7)), all_there(people(2))) == []


def test_a_change_of_case_in_the_siglas_makes_no_new_agency_for_the_limits() -> None:
    entries = people(40)
    gone = [declared(one.account.key, dependencia=Siglas("Saf"), baja=BAJA) for one in entries[:5]]
    rest = [declared(one.account.key, dependencia=Siglas("Saf")) for one in entries[5:]]
    assert guards(declaration(*gone, *rest), all_there(entries)) == [("limite", "Saf")]


def test_accounts_that_are_out_of_service_already_empty_no_agency() -> None:
    entries = people(4)
    gone = bajas(entries, 2)
    there = reading(
        *(observed(account(one.account.key, status=Status.RETIRED, logon_enabled=True)) for one in gone[:2]),
        *(observed(account(one.account.key)) for one in gone[2:]),
    )
    assert guards(declaration(*gone), there) == []


def test_d_a_rename_written_in_two_agencies_is_seen_when_only_one_of_them_is_asked_for() -> None:
    gone = declared("maria.lopez", baja=BAJA, given_name="María", surname="López Ruiz")
    new = declared("maria.lopez.r", dependencia=Siglas("SEBIDES"), given_name="María", surname="López Ruiz")
    wanted, there = declaration(gone, new), reading(observed(account("maria.lopez")))
    whole = planned(wanted, there)
    for siglas in ("SAF", "SEBIDES"):
        half = replace(whole, changes=tuple(one for one in whole.changes if one.dependencia == siglas))
        found = refusals(half, wanted, there, Limites(), Past(), whole.changes)
        assert [one.guard for one in found] == ["renombre"]
    assert refusals(replace(whole, changes=()), wanted, there, Limites(), Past(), whole.changes) == ()


def test_an_alta_taken_up_again_still_falls_under_the_exception_of_its_run() -> None:
    entries = people(60)
    whole = planned(declaration(*entries), reading())
    ids = frozenset(change_id(change) for change in whole.changes)
    begun = observed(account(entries[0].account.key, logon_enabled=False, mailbox=None), unfinished=True)
    rest = planned(declaration(*entries), reading(begun))
    assert any(isinstance(change, Create) and change.resumes for change in rest.changes)
    assert excused(rest, (exception(whole),), {whole.digest: ids}) is not None


def shared(entries: list[Declared], count: int) -> list[Declared]:
    made = [declared(one.account.key, tipo=Tipo.COMPARTIDA) for one in entries[:count]]
    return [*made, *entries[count:]]


def test_people_whose_accounts_become_shared_ones_are_counted_as_bajas() -> None:
    entries = people(100)
    wanted, there = declaration(*shared(entries, 11)), all_there(entries)
    said = [one.message for one in refusals(planned(wanted, there), wanted, there, Limites(), Past())]
    assert any("11 bajas en SAF" in one for one in said)
    assert not any("cambios" in one for one in said)


def test_an_agency_whose_people_all_become_shared_accounts_is_emptied() -> None:
    entries = people(4) + people(200, "SEPyC")
    found = guards(declaration(*shared(entries, 4)), all_there(entries))
    assert ("dependencia-vacia", "SAF") in found


def test_a_mass_change_in_slices_is_judged_as_a_whole() -> None:
    entries = [one for n in range(9) for one in people(50, f"D{n}x")]
    gone = [one for n in range(9) for one in bajas(people(50, f"D{n}x"), 5)]
    wanted, there = declaration(*gone), all_there(entries)
    whole = planned(wanted, there)
    slice_ = replace(whole, changes=tuple(one for one in whole.changes if one.dependencia == "D0x"))
    found = refusals(slice_, wanted, there, Limites(), Past(), whole.changes)
    assert [one.message for one in found] == ["45 bajas en total: el máximo es 40."]


def test_a_slice_is_not_kept_waiting_by_movements_of_another_kind() -> None:
    entries = [one for n in range(9) for one in people(50, f"D{n}x")]
    gone = [one for n in range(9) for one in bajas(people(50, f"D{n}x"), 5)]
    wanted, there = declaration(*gone, declared("nueva.saf")), all_there(entries)
    whole = planned(wanted, there)
    slice_ = replace(whole, changes=tuple(one for one in whole.changes if one.dependencia == "SAF"))
    assert refusals(slice_, wanted, there, Limites(), Past(), whole.changes) == ()


def test_what_was_applied_lately_counts_towards_the_limit_in_all() -> None:
    entries = people(400)
    wanted, there = declaration(*bajas(entries, 3)), all_there(entries)
    gone = frozenset(AccountKey(f"fue{n}.x") for n in range(38))
    (refusal,) = refusals(planned(wanted, there), wanted, there, Limites(), Past(recent={Kind.BAJA: gone}))
    assert refusal.message == "41 bajas en total, con lo aplicado en las últimas 24 horas: el máximo es 40."
    assert refusal.excusable
    altas = Past(recent={Kind.ALTA: gone, Kind.BAJA: frozenset(list(gone)[:37])})
    assert refusals(planned(wanted, there), wanted, there, Limites(), altas) == ()


@settings(max_examples=80)
@given(st.integers(1, 40), st.data())
def test_what_a_limit_is_said_to_allow_is_what_it_lets_through(there: int, data: st.DataObject) -> None:
    leaving = data.draw(st.integers(0, there))
    limit = data.draw(
        st.builds(Limite, maximo=st.integers(0, 12), porcentaje=st.integers(0, 100), libres=st.integers(0, 6))
    )
    entries = people(there)
    limits = Limites(dependencia={Kind.BAJA: limit}, total={Kind.BAJA: limit})
    wanted, reading_of_it = declaration(*bajas(entries, leaving)), all_there(entries)
    plan = planned(wanted, reading_of_it)
    bounded = [one for one in uses(plan, reading_of_it, limits, Past()) if one.kind is Kind.BAJA]
    refused = [
        one
        for one in refusals(plan, wanted, reading_of_it, limits, Past())
        if one.guard == "limite" and "bajas" in one.message
    ]
    assert len([one for one in bounded if not one.fits]) == len(refused)
    assert len(bounded) == (2 if leaving else 0)
