"""The promises of a target. Each one is kept by the embedded target and by Active Directory alike."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import SecretStr

from reconciler.engine.ports import Target
from reconciler.errors import ChangedMeanwhileError, TargetRejectedError
from reconciler.model import AccountKey, Handle, Siglas, Status, Tipo
from reconciler.plan import FieldChange
from tests.conformance.acting import JUAN, PASSWORD, made, there, wanted
from tests.conformance.outsiders import Outsider

# --- reading ---------------------------------------------------------------------------------------------


def test_a_new_directory_has_its_canary_and_nothing_of_ours(target: Target) -> None:
    reading = target.read()
    assert reading.accounts == {}
    assert reading.claims == {}
    assert reading.canary_seen
    assert reading.objects == len(reading.others) >= 1


def test_a_directory_without_its_canary_says_so(target: Target, outsider: Outsider) -> None:
    outsider.hide_canary()
    assert not target.read().canary_seen


def test_what_was_made_is_read_back_equal_by_another_instance(target: Target, outsider: Outsider) -> None:
    one = wanted(
        area="Dirección de Egresos",
        phone="667 758 7000 ext. 1234",
        aliases=("j.perez@sinaloa.gob.mx",),
        title="Ñandú",
    )
    made(target, one)
    assert outsider.open().read().state == {JUAN: one}


def test_an_account_without_optional_fields_is_read_back_equal(target: Target, outsider: Outsider) -> None:
    one = wanted(title=None)
    made(target, one)
    assert outsider.open().read().state == {JUAN: one}


def test_a_responsable_is_read_back_by_key(target: Target, outsider: Outsider) -> None:
    made(target, wanted())
    shared = wanted("caja.saf", tipo=Tipo.COMPARTIDA, responsable=JUAN, given_name=None, surname=None)
    handle = made(target, shared)
    assert there(target, handle).account == shared
    assert outsider.open().read().state[shared.key] == shared


def test_a_user_of_others_is_read_as_an_occupant_that_could_be_adopted(target: Target, outsider: Outsider) -> None:
    guid = outsider.foreign_user("ana.ajena2", "Ana.Ajena2@sinaloa.gob.mx")
    [found] = [one for one in target.read().others if one.handle.guid == guid]
    assert found.logon == "ana.ajena2"
    assert "ana.ajena2@sinaloa.gob.mx" in found.addresses
    assert found.account is not None
    assert found.handle.owner is None
    assert found.handle.protected is None


def test_two_objects_with_one_mark_are_both_claims_and_neither_an_account(target: Target, outsider: Outsider) -> None:
    handle = made(target, wanted())
    other = outsider.foreign_user("copia", "copia@sinaloa.gob.mx")
    outsider.copy_mark(handle.guid, other)
    reading = target.read()
    assert reading.accounts == {}
    assert {one.guid for one in reading.claims[JUAN]} == {handle.guid, other}


def test_looking_up_what_is_not_there_or_not_ours_finds_nothing(target: Target, outsider: Outsider) -> None:
    assert target.lookup("00000000-0000-4000-8000-00000000dead") is None
    assert target.lookup(outsider.foreign_user("ajena3", "ajena3@sinaloa.gob.mx")) is None


# --- an alta ---------------------------------------------------------------------------------------------


def test_nobody_can_use_an_account_before_its_creation_is_finished(target: Target, outsider: Outsider) -> None:
    one = wanted()
    handle = target.create(one)
    seen = there(target, handle)
    assert seen.handle.unfinished
    assert not seen.account.logon_enabled
    target.set_first_password(handle, PASSWORD)
    assert there(target, handle).handle.unfinished
    assert outsider.logon(one.logon, PASSWORD.get_secret_value()) == "deshabilitada"


def test_a_first_password_has_to_be_changed_at_the_first_logon(target: Target, outsider: Outsider) -> None:
    one = wanted()
    handle = made(target, one)
    assert not there(target, handle).handle.unfinished
    assert outsider.logon(one.logon, PASSWORD.get_secret_value()) == "debe cambiarla"
    assert outsider.logon(one.logon, "Otra-Clave-2026") == "equivocada"


def test_an_account_in_service_takes_another_first_password_and_stays_as_it_is(
    target: Target, outsider: Outsider
) -> None:
    one = wanted()
    handle = made(target, one)
    before = there(target, handle)
    fresh = SecretStr("Vd2xTn9-Rk7#mWq4")
    target.set_first_password(handle, fresh)
    assert there(target, handle) == before
    assert outsider.logon(one.logon, fresh.get_secret_value()) == "debe cambiarla"
    assert outsider.logon(one.logon, PASSWORD.get_secret_value()) == "equivocada"


def test_an_account_without_password_is_never_let_in(target: Target) -> None:
    handle = target.create(wanted())
    with pytest.raises(TargetRejectedError, match="no tiene contraseña"):
        target.finish(handle, wanted())
    assert not there(target, handle).account.logon_enabled


def test_an_account_for_nobody_to_log_on_is_finished_without_password(target: Target) -> None:
    shared = wanted("caja.saf", tipo=Tipo.RECURSO, given_name=None, surname=None)
    assert there(target, made(target, shared)).account == shared


def test_a_creation_is_finished_once(target: Target) -> None:
    handle = made(target, wanted())
    with pytest.raises(ChangedMeanwhileError):
        target.finish(handle, wanted())


def test_an_interrupted_creation_is_taken_up_by_another_instance(target: Target, outsider: Outsider) -> None:
    target.create(wanted())
    later = outsider.open()
    handle = later.read().accounts[JUAN].handle
    assert handle.unfinished
    later.set_first_password(handle, PASSWORD)
    later.set_first_password(handle, PASSWORD)
    later.finish(handle, wanted())
    assert later.read().state == {JUAN: wanted()}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("logon", "JUAN.PEREZ"),
        ("address", "juan.perez@sinaloa.gob.mx"),
        ("aliases", ("juan.perez@sinaloa.gob.mx",)),
        ("address", "j.perez@sinaloa.gob.mx"),
        ("key", AccountKey("juan.perez")),
    ],
)
def test_a_name_that_is_taken_is_refused(target: Target, field: str, value: object) -> None:
    made(target, wanted(aliases=("j.perez@sinaloa.gob.mx",)))
    other = replace(wanted("otra.persona"), **{field: value})  # type: ignore[arg-type]
    with pytest.raises(TargetRejectedError):
        target.create(other)
    assert list(target.read().accounts) == [JUAN]


def test_a_name_that_somebody_else_has_is_refused(target: Target, outsider: Outsider) -> None:
    outsider.foreign_user("ana.ajena2", "ana.ajena2@sinaloa.gob.mx", inside=False)
    with pytest.raises(TargetRejectedError):
        target.create(wanted(address="ana.ajena2@sinaloa.gob.mx"))
    with pytest.raises(TargetRejectedError):
        target.create(wanted(logon="ana.ajena2"))


def test_a_logon_of_more_than_twenty_characters_is_refused(target: Target) -> None:
    with pytest.raises(TargetRejectedError, match="20 caracteres"):
        target.create(wanted(logon="felipedejesus.esquive"))


def test_a_responsable_that_is_not_there_is_refused(target: Target) -> None:
    with pytest.raises(TargetRejectedError, match="responsable"):
        target.create(wanted("caja.saf", tipo=Tipo.COMPARTIDA, responsable=JUAN))


# --- changes ---------------------------------------------------------------------------------------------


def test_every_field_is_changed_from_its_old_value_to_the_new_one(target: Target) -> None:
    before = wanted()
    handle = made(target, before)
    made(target, wanted("maria.lopez"))
    after = wanted(
        logon="jperez", address="juan.perez.l@sinaloa.gob.mx", organization="Otra", display_name="Juan P.",
        given_name="J.", surname="Pérez L.", title="Jefe", area="Egresos", phone="667 1234567",
        tipo=Tipo.RECURSO, responsable=AccountKey("maria.lopez"), logon_enabled=False,
    )  # fmt: skip
    names = (
        "logon", "address", "organization", "display_name", "given_name", "surname", "title", "area", "phone",
        "tipo", "responsable", "logon_enabled",
    )  # fmt: skip
    fields = tuple(FieldChange(name, getattr(before, name), getattr(after, name)) for name in names)
    target.update(handle, fields)
    assert there(target, handle).account == after
    back = tuple(FieldChange(name, getattr(after, name), getattr(before, name)) for name in names[:-1])
    target.update(handle, back)
    assert there(target, handle).account == replace(before, logon_enabled=False)


def test_a_change_of_nothing_but_case_or_accents_is_made(target: Target) -> None:
    handle = made(target, wanted(title="jefe de area"))
    target.update(handle, (FieldChange("title", "jefe de area", "Jefe de Área"),))
    assert there(target, handle).account.title == "Jefe de Área"
    target.update(handle, (FieldChange("title", "Jefe de Área", "JEFE DE ÁREA"),))
    assert there(target, handle).account.title == "JEFE DE ÁREA"


def test_what_somebody_else_changed_is_not_overwritten(target: Target, outsider: Outsider) -> None:
    handle = made(target, wanted())
    outsider.retitle(handle.guid, "Directora")
    with pytest.raises(ChangedMeanwhileError, match="title"):
        target.update(handle, (FieldChange("area", None, "Egresos"), FieldChange("title", "Analista", "Jefe")))
    seen = there(target, handle).account
    assert (seen.title, seen.area) == ("Directora", None)


def test_a_field_that_is_no_attribute_is_refused(target: Target) -> None:
    handle = made(target, wanted())
    with pytest.raises(TargetRejectedError):
        target.update(handle, (FieldChange("dependencia", "SAF", "SEBIDES"),))


def test_a_change_to_a_name_that_is_taken_is_refused(target: Target) -> None:
    made(target, wanted())
    other = wanted("maria.lopez")
    handle = made(target, other)
    for name, value in (("logon", "juan.perez"), ("address", "juan.perez@sinaloa.gob.mx")):
        with pytest.raises(TargetRejectedError):
            target.update(handle, (FieldChange(name, getattr(other, name), value),))
    assert there(target, handle).account == other


def test_aliases_come_and_go_and_other_kinds_of_address_stay(target: Target, outsider: Outsider) -> None:
    handle = made(target, wanted(aliases=("a@sinaloa.gob.mx", "b@sinaloa.gob.mx")))
    outsider.give_odd_address(handle.guid, "c=MX;a= ;p=Sinaloa;o=Exchange;s=Perez;")
    target.change_aliases(handle, ("c@sinaloa.gob.mx",), ("a@sinaloa.gob.mx",))
    assert there(target, handle).account.aliases == ("b@sinaloa.gob.mx", "c@sinaloa.gob.mx")
    assert outsider.addresses(handle.guid) == {
        "smtp:b@sinaloa.gob.mx", "smtp:c@sinaloa.gob.mx", "x400:c=MX;a= ;p=Sinaloa;o=Exchange;s=Perez;",
    }  # fmt: skip


def test_an_alias_that_is_not_as_it_was_read_is_refused_whole(target: Target) -> None:
    handle = made(target, wanted(aliases=("a@sinaloa.gob.mx",)))
    for added, removed in ((("b@sinaloa.gob.mx",), ("z@sinaloa.gob.mx",)), (("a@sinaloa.gob.mx",), ())):
        with pytest.raises(ChangedMeanwhileError):
            target.change_aliases(handle, added, removed)
    assert there(target, handle).account.aliases == ("a@sinaloa.gob.mx",)


def test_an_alias_that_somebody_else_has_is_refused(target: Target) -> None:
    made(target, wanted(aliases=("a@sinaloa.gob.mx",)))
    handle = made(target, wanted("maria.lopez"))
    for taken in ("a@sinaloa.gob.mx", "juan.perez@sinaloa.gob.mx"):
        with pytest.raises(TargetRejectedError):
            target.change_aliases(handle, (taken,), ())


def test_a_transfer_keeps_the_object_and_makes_the_place_it_goes_to(target: Target) -> None:
    one = wanted()
    handle = made(target, one)
    target.move(handle, Siglas("SEBIDES"))
    assert there(target, handle).account == replace(one, dependencia=Siglas("SEBIDES"))
    target.move(handle, Siglas("SAF"))
    assert there(target, handle).account == one


def test_a_rename_keeps_the_object(target: Target) -> None:
    one = wanted()
    handle = made(target, one)
    new = AccountKey("juan.perez.lopez")
    target.rename(
        handle,
        new,
        (FieldChange("logon", one.logon, new), FieldChange("address", one.address, f"{new}@sinaloa.gob.mx")),
    )
    reading = target.read()
    assert set(reading.accounts) == {new}
    seen = reading.accounts[new]
    assert seen.handle.guid == handle.guid
    assert seen.account == replace(one, key=new, logon=new, address=f"{new}@sinaloa.gob.mx")
    again = target.create(wanted("maria.lopez", address="otra@sinaloa.gob.mx"))
    target.change_aliases(handle, (one.address,), ())
    assert again.guid != handle.guid


def test_a_rename_to_a_key_that_is_taken_is_refused(target: Target) -> None:
    made(target, wanted("maria.lopez"))
    handle = made(target, wanted())
    with pytest.raises(TargetRejectedError):
        target.rename(handle, AccountKey("maria.lopez"), ())
    assert set(target.read().accounts) == {JUAN, "maria.lopez"}


# --- baja and back ---------------------------------------------------------------------------------------


def test_a_baja_takes_logon_away_and_keeps_everything_else(target: Target, outsider: Outsider) -> None:
    one = wanted(aliases=("a@sinaloa.gob.mx",))
    handle = made(target, one)
    target.disable(handle)
    assert there(target, handle).account == replace(one, status=Status.RETIRED, logon_enabled=False)
    assert outsider.logon(one.logon, PASSWORD.get_secret_value()) == "deshabilitada"


def test_a_baja_is_given_once(target: Target) -> None:
    handle = made(target, wanted())
    target.disable(handle)
    with pytest.raises(ChangedMeanwhileError):
        target.disable(handle)


def test_an_unfinished_alta_can_be_given_baja(target: Target) -> None:
    handle = target.create(wanted())
    target.set_first_password(handle, PASSWORD)
    target.disable(handle)
    seen = there(target, handle)
    assert seen.account.status is Status.RETIRED
    assert not seen.handle.unfinished


def test_a_reincorporation_lets_in_with_the_new_password(target: Target, outsider: Outsider) -> None:
    one = wanted()
    handle = made(target, one)
    target.disable(handle)
    fresh = SecretStr("Vd2xTn9-Rk7#mWq4")
    target.set_first_password(handle, fresh)
    assert outsider.logon(one.logon, fresh.get_secret_value()) == "deshabilitada"
    assert there(target, handle).account.status is Status.RETIRED
    target.reactivate(handle, one)
    assert there(target, handle).account == one
    assert outsider.logon(one.logon, fresh.get_secret_value()) == "debe cambiarla"


def test_an_account_that_was_no_persons_becomes_one_by_way_of_a_baja(target: Target, outsider: Outsider) -> None:
    shared = wanted(tipo=Tipo.COMPARTIDA)
    handle = made(target, shared)
    target.disable(handle)
    target.set_first_password(handle, PASSWORD)
    assert outsider.logon(shared.logon, PASSWORD.get_secret_value()) == "deshabilitada"
    target.reactivate(handle, wanted())
    target.update(handle, (FieldChange("tipo", Tipo.COMPARTIDA.value, Tipo.PERSONAL.value),))
    assert there(target, handle).account == wanted()
    assert outsider.logon(shared.logon, PASSWORD.get_secret_value()) == "debe cambiarla"


def test_only_what_is_of_baja_is_reincorporated(target: Target) -> None:
    handle = made(target, wanted())
    with pytest.raises(ChangedMeanwhileError):
        target.reactivate(handle, wanted())


# --- adoption, and what is not ours ----------------------------------------------------------------------


def test_adopting_puts_the_mark_and_changes_nothing_else(target: Target, outsider: Outsider) -> None:
    guid = outsider.foreign_user("ana.ajena2", "ana.ajena2@sinaloa.gob.mx")
    [before] = [one for one in target.read().others if one.handle.guid == guid]
    target.adopt(before.handle, AccountKey("ana.ajena2"))
    seen = target.read().accounts[AccountKey("ana.ajena2")]
    assert seen.account == before.account
    assert seen.handle.guid == guid


def test_nothing_is_adopted_twice_and_no_key_is_given_twice(target: Target, outsider: Outsider) -> None:
    guid = outsider.foreign_user("ana.ajena2", "ana.ajena2@sinaloa.gob.mx")
    [other] = [one.handle for one in target.read().others if one.handle.guid == guid]
    made(target, wanted())
    with pytest.raises(TargetRejectedError):
        target.adopt(other, JUAN)
    target.adopt(other, AccountKey("ana.ajena2"))
    with pytest.raises(ChangedMeanwhileError):
        target.adopt(other, AccountKey("ana.segunda"))


def writes(handle: Handle) -> dict[str, tuple[object, ...]]:
    return {
        "set_first_password": (handle, PASSWORD),
        "finish": (handle, wanted()),
        "rename": (handle, AccountKey("otra.clave"), ()),
        "move": (handle, Siglas("SEBIDES")),
        "update": (handle, (FieldChange("title", "Analista", "Jefe"),)),
        "change_aliases": (handle, ("z@sinaloa.gob.mx",), ()),
        "disable": (handle,),
        "reactivate": (handle, wanted()),
    }


@pytest.mark.parametrize("verb", writes(Handle(guid="", place="")))
def test_what_is_protected_is_not_touched(target: Target, outsider: Outsider, verb: str) -> None:
    handle = made(target, wanted())
    outsider.protect(handle.guid)
    assert there(target, handle).handle.protected
    before = there(target, handle)
    with pytest.raises(TargetRejectedError):
        getattr(target, verb)(*writes(handle)[verb])
    assert there(target, handle) == before


@pytest.mark.parametrize("verb", writes(Handle(guid="", place="")))
def test_what_lost_its_mark_is_not_touched(target: Target, outsider: Outsider, verb: str) -> None:
    handle = made(target, wanted())
    outsider.unmark(handle.guid)
    with pytest.raises(ChangedMeanwhileError, match="marca"):
        getattr(target, verb)(*writes(handle)[verb])


@pytest.mark.parametrize("verb", writes(Handle(guid="", place="")))
def test_what_is_gone_is_said_to_be_gone(target: Target, outsider: Outsider, verb: str) -> None:
    handle = made(target, wanted())
    outsider.delete(handle.guid)
    with pytest.raises(ChangedMeanwhileError, match="ya no existe"):
        getattr(target, verb)(*writes(handle)[verb])


def test_a_protected_object_is_not_adopted(target: Target, outsider: Outsider) -> None:
    guid = outsider.foreign_user("ana.ajena2", "ana.ajena2@sinaloa.gob.mx", inside=False)
    [other] = [one.handle for one in target.read().others if one.handle.guid == guid]
    assert other.protected
    with pytest.raises(TargetRejectedError):
        target.adopt(other, AccountKey("ana.ajena2"))


def test_closing_twice_does_nothing(target: Target) -> None:
    target.close()
    target.close()
