"""The promises of a target that has mailboxes, kept by the embedded target and by Exchange alike."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from reconciler.engine.ports import Target
from reconciler.errors import ChangedMeanwhileError, TargetRejectedError
from reconciler.model import AccountKey, Handle, Mailbox, MailboxKind, Tipo
from reconciler.plan import FieldChange
from tests.conformance.acting import JUAN, PASSWORD, made, there, wanted
from tests.conformance.mail import exchange
from tests.conformance.outsiders import MailOutsider, embedded

OUT_OF_SERVICE = (FieldChange("hidden", old=False, new=True), FieldChange("accepts_mail", old=True, new=False))


@pytest.fixture(params=["embedded", "exchange"])
def outsider(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MailOutsider]:
    """Everybody else, in front of a directory with mailboxes that nobody has used yet."""
    if request.param == "embedded":
        with embedded(tmp_path) as one:
            yield one
    else:
        with exchange(request.getfixturevalue("exchange_double")) as other:
            yield other


# --- an alta ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("quota", [None, 500])
@pytest.mark.parametrize("hidden", [False, True])
def test_an_account_gets_a_mailbox_as_it_is_wanted(
    target: Target, outsider: MailOutsider, quota: int | None, *, hidden: bool
) -> None:
    mailbox = Mailbox(quota_mb=quota, hidden=hidden)
    made(target, wanted(aliases=("j.perez@sinaloa.gob.mx",)), mailbox)
    reading = outsider.open().read()
    assert reading.reads_mailboxes
    assert reading.state == {JUAN: replace(wanted(aliases=("j.perez@sinaloa.gob.mx",)), mailbox=mailbox)}


@pytest.mark.parametrize("kind", [MailboxKind.SHARED, MailboxKind.ROOM, MailboxKind.EQUIPMENT])
def test_a_mailbox_that_is_nobodys_is_of_its_kind_and_lets_nobody_in(target: Target, kind: MailboxKind) -> None:
    tipo = Tipo.COMPARTIDA if kind is MailboxKind.SHARED else Tipo.RECURSO
    one = wanted("sala.saf", tipo=tipo, given_name=None, surname=None)
    handle = made(target, one, Mailbox(kind=kind))
    assert there(target, handle).account == replace(one, mailbox=Mailbox(kind=kind))
    assert not there(target, handle).account.logon_enabled


def test_nobody_can_log_on_before_the_mailbox_is_there(target: Target, outsider: MailOutsider) -> None:
    one = wanted()
    handle = target.create(one)
    target.set_first_password(handle, PASSWORD)
    target.enable_mailbox(handle, Mailbox())
    seen = there(target, handle)
    assert seen.handle.unfinished
    assert outsider.logon(one.logon, PASSWORD.get_secret_value()) == "deshabilitada"
    target.finish(handle, one)
    assert outsider.logon(one.logon, PASSWORD.get_secret_value()) == "debe cambiarla"


def test_an_alta_that_stopped_at_the_mailbox_is_taken_up(target: Target, outsider: MailOutsider) -> None:
    handle = target.create(wanted())
    target.set_first_password(handle, PASSWORD)
    target.enable_mailbox(handle, Mailbox(quota_mb=500))
    later = outsider.open()
    seen = later.read().accounts[JUAN]
    assert seen.handle.unfinished
    assert seen.account.mailbox == Mailbox(quota_mb=500)
    later.finish(seen.handle, wanted())
    assert later.read().state == {JUAN: replace(wanted(), mailbox=Mailbox(quota_mb=500))}


def test_a_mailbox_is_given_once(target: Target, outsider: MailOutsider) -> None:
    handle = made(target, wanted(), Mailbox())
    before = outsider.mailbox_id(handle.guid)
    with pytest.raises(ChangedMeanwhileError):
        target.enable_mailbox(handle, Mailbox())
    with pytest.raises(ChangedMeanwhileError):
        target.reconnect_mailbox(handle, Mailbox())
    assert outsider.mailbox_id(handle.guid) == before


# --- changes ---------------------------------------------------------------------------------------------


def test_every_setting_is_changed_from_its_old_value_and_back(target: Target) -> None:
    before = Mailbox(quota_mb=500)
    after = Mailbox(kind=MailboxKind.SHARED, quota_mb=None, hidden=True, accepts_mail=False, held=True)
    handle = made(target, wanted(), before)
    names = ("kind", "quota_mb", "hidden", "accepts_mail", "held")

    def between(old: Mailbox, new: Mailbox) -> tuple[FieldChange, ...]:
        return tuple(FieldChange(name, getattr(old, name), getattr(new, name)) for name in names)

    target.update_mailbox(handle, between(before, after))
    assert there(target, handle).account.mailbox == after
    target.update_mailbox(handle, between(after, before))
    assert there(target, handle).account.mailbox == before


def test_a_setting_that_somebody_else_changed_is_not_overwritten(target: Target, outsider: MailOutsider) -> None:
    handle = made(target, wanted(), Mailbox(quota_mb=500))
    outsider.open().update_mailbox(handle, (FieldChange("quota_mb", 500, 700),))
    with pytest.raises(ChangedMeanwhileError, match="quota_mb"):
        target.update_mailbox(handle, (FieldChange("quota_mb", 500, 900), FieldChange("hidden", old=False, new=True)))
    assert there(target, handle).account.mailbox == Mailbox(quota_mb=700)


def test_addresses_of_a_mailbox_come_and_go_and_other_kinds_stay(target: Target, outsider: MailOutsider) -> None:
    handle = made(target, wanted(aliases=("a@sinaloa.gob.mx",)), Mailbox())
    odd = "c=MX;a= ;p=Sinaloa;o=Exchange;s=Perez;"
    outsider.give_odd_address(handle.guid, odd)
    target.change_aliases(handle, ("b@sinaloa.gob.mx",), ("a@sinaloa.gob.mx",))
    seen = there(target, handle).account
    assert (seen.address, seen.aliases) == ("juan.perez@sinaloa.gob.mx", ("b@sinaloa.gob.mx",))
    assert {f"x400:{odd}", "smtp:b@sinaloa.gob.mx"} <= outsider.addresses(handle.guid)
    assert "smtp:a@sinaloa.gob.mx" not in outsider.addresses(handle.guid)


def test_a_rename_takes_the_mailbox_along_under_its_new_address(target: Target, outsider: MailOutsider) -> None:
    one = wanted()
    handle = made(target, one, Mailbox(quota_mb=500))
    before = outsider.mailbox_id(handle.guid)
    new = AccountKey("juan.perez.lopez")
    address = f"{new}@sinaloa.gob.mx"
    target.rename(handle, new, (FieldChange("logon", one.logon, new), FieldChange("address", one.address, address)))
    target.change_aliases(handle, (one.address,), ())
    seen = target.read().accounts[new].account
    assert seen == replace(
        one, key=new, logon=new, address=address, aliases=(one.address,), mailbox=Mailbox(quota_mb=500)
    )
    assert outsider.mailbox_id(handle.guid) == before


def test_an_address_that_somebody_else_has_is_refused(target: Target, outsider: MailOutsider) -> None:
    outsider.foreign_user("ana.ajena2", "ana.ajena2@sinaloa.gob.mx", inside=False)
    handle = made(target, wanted(), Mailbox())
    with pytest.raises(TargetRejectedError):
        target.change_aliases(handle, ("ana.ajena2@sinaloa.gob.mx",), ())
    with pytest.raises(TargetRejectedError):
        target.update(handle, (FieldChange("address", wanted().address, "ana.ajena2@sinaloa.gob.mx"),))
    assert there(target, handle).account == replace(wanted(), mailbox=Mailbox())


# --- baja and back ---------------------------------------------------------------------------------------


def test_the_ladder_of_a_baja_ends_with_the_mailbox_apart_and_the_account_there(
    target: Target, outsider: MailOutsider
) -> None:
    handle = made(target, wanted(), Mailbox(quota_mb=500))
    target.disable(handle)
    target.answer_automatically(handle, "Ya no labora aquí.")
    target.update_mailbox(handle, OUT_OF_SERVICE)
    assert there(target, handle).account.mailbox == Mailbox(quota_mb=500, hidden=True, accepts_mail=False)
    assert outsider.answer(handle.guid) == "Ya no labora aquí."
    target.disconnect_mailbox(handle)
    seen = there(target, handle)
    assert seen.account.mailbox is None
    assert seen.account.address == wanted().address
    assert seen.handle.mailbox_fault is None
    assert outsider.mailbox_id(handle.guid) is None
    with pytest.raises(ChangedMeanwhileError):
        target.disconnect_mailbox(handle)


def test_a_reincorporation_gets_the_very_same_mailbox_back_as_it_is_wanted_now(
    target: Target, outsider: MailOutsider
) -> None:
    handle = made(target, wanted(), Mailbox(quota_mb=500))
    before = outsider.mailbox_id(handle.guid)
    target.disable(handle)
    target.update_mailbox(handle, OUT_OF_SERVICE)
    target.disconnect_mailbox(handle)
    later = outsider.open()
    later.read()
    later.set_first_password(handle, PASSWORD)
    later.reactivate(handle, wanted())
    later.reconnect_mailbox(handle, Mailbox(quota_mb=700))
    assert there(later, handle).account == replace(wanted(), mailbox=Mailbox(quota_mb=700))
    assert outsider.mailbox_id(handle.guid) == before is not None


def test_a_mailbox_that_is_gone_for_good_is_not_replaced_by_an_empty_one(
    target: Target, outsider: MailOutsider
) -> None:
    handle = made(target, wanted(), Mailbox())
    target.disconnect_mailbox(handle)
    outsider.purge(handle.guid)
    with pytest.raises(TargetRejectedError):
        target.reconnect_mailbox(handle, Mailbox())
    assert there(target, handle).account.mailbox is None


def test_while_a_mailbox_is_apart_no_empty_one_takes_its_place(target: Target, outsider: MailOutsider) -> None:
    handle = made(target, wanted(), Mailbox())
    before = there(target, handle).handle.mailbox
    assert before == outsider.mailbox_id(handle.guid) is not None
    target.disconnect_mailbox(handle)
    seen = there(target, handle).handle
    assert (seen.mailbox, seen.kept_mailbox) == (None, before)
    with pytest.raises(ChangedMeanwhileError, match="desconectado"):
        target.enable_mailbox(handle, Mailbox())
    target.reconnect_mailbox(handle, Mailbox())
    seen = there(target, handle).handle
    assert (seen.mailbox, seen.kept_mailbox) == (before, None)


def test_a_mailbox_that_comes_back_no_longer_answers_by_itself(target: Target, outsider: MailOutsider) -> None:
    handle = made(target, wanted(), Mailbox())
    target.answer_automatically(handle, "Ya no labora aquí.")
    target.disconnect_mailbox(handle)
    target.reconnect_mailbox(handle, Mailbox())
    assert outsider.answer(handle.guid) is None


def test_a_held_mailbox_is_not_taken_off(target: Target, outsider: MailOutsider) -> None:
    handle = made(target, wanted(), Mailbox())
    before = outsider.mailbox_id(handle.guid)
    target.update_mailbox(handle, (FieldChange("held", old=False, new=True),))
    with pytest.raises(TargetRejectedError):
        target.disconnect_mailbox(handle)
    assert outsider.mailbox_id(handle.guid) == before


def test_what_a_mailbox_answers_by_itself_can_be_said_twice_and_taken_back(
    target: Target, outsider: MailOutsider
) -> None:
    handle = made(target, wanted(), Mailbox())
    for _ in range(2):
        target.answer_automatically(handle, "Escriba a <caja.saf>.")
        assert outsider.answer(handle.guid) == "Escriba a <caja.saf>."
    target.answer_automatically(handle, None)
    assert outsider.answer(handle.guid) is None


# --- what is not touched ---------------------------------------------------------------------------------


def writes(handle: Handle) -> dict[str, tuple[object, ...]]:
    return {
        "enable_mailbox": (handle, Mailbox()),
        "update_mailbox": (handle, OUT_OF_SERVICE),
        "answer_automatically": (handle, "No está."),
        "disconnect_mailbox": (handle,),
        "reconnect_mailbox": (handle, Mailbox()),
    }


@pytest.mark.parametrize("verb", writes(Handle(guid="", place="")))
def test_the_mailbox_of_what_is_protected_is_not_touched(target: Target, outsider: MailOutsider, verb: str) -> None:
    handle = made(target, wanted(), Mailbox())
    outsider.protect(handle.guid)
    before = there(target, handle)
    with pytest.raises(TargetRejectedError):
        getattr(target, verb)(*writes(handle)[verb])
    assert there(target, handle) == before
    assert outsider.answer(handle.guid) is None


@pytest.mark.parametrize("verb", writes(Handle(guid="", place="")))
def test_the_mailbox_of_what_lost_its_mark_is_not_touched(target: Target, outsider: MailOutsider, verb: str) -> None:
    handle = made(target, wanted(), Mailbox())
    before = outsider.mailbox_id(handle.guid)
    outsider.unmark(handle.guid)
    with pytest.raises(ChangedMeanwhileError, match="marca"):
        getattr(target, verb)(*writes(handle)[verb])
    assert outsider.mailbox_id(handle.guid) == before
    assert outsider.answer(handle.guid) is None


@pytest.mark.parametrize("verb", writes(Handle(guid="", place="")))
def test_the_mailbox_of_what_is_gone_is_said_to_be_gone(target: Target, outsider: MailOutsider, verb: str) -> None:
    handle = made(target, wanted())
    outsider.delete(handle.guid)
    with pytest.raises(ChangedMeanwhileError, match="ya no existe"):
        getattr(target, verb)(*writes(handle)[verb])
