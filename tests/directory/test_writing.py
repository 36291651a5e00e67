"""Writes as Active Directory sees them: where, what exactly, and what happens when the answer is no or none."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pydantic import SecretStr

from reconciler.directory import AdTarget
from reconciler.directory.session import Session
from reconciler.errors import (
    ChangedMeanwhileError,
    OutcomeUnknownError,
    TargetRejectedError,
    TargetUnreachableError,
)
from reconciler.model import AccountKey, Handle, Siglas
from reconciler.plan import FieldChange
from tests.build import account
from tests.conformance.outsiders import SambaOutsider, samba_config

PASSWORD = SecretStr("Rk7#mWq4-Tn9xVd2")
ONE = account(mailbox=None)
TITLE = (FieldChange("title", "Analista", "Jefe"),)


@pytest.fixture
def session(outsider: SambaOutsider) -> Session:
    """The connection that the target works over, for tests that come between the two."""
    return Session(samba_config(outsider.controller, espera_s="2"))


@pytest.fixture
def target(outsider: SambaOutsider, session: Session) -> Iterator[AdTarget]:
    opened = AdTarget(samba_config(outsider.controller), session)
    opened.read()
    yield opened
    opened.close()


@contextmanager
def frozen(outsider: SambaOutsider) -> Iterator[None]:
    """Stop the controller's processes that serve connections, as a hanging server would."""
    children = [pid for pid in outsider.controller.processes() if pid != outsider.controller.pid]
    for pid in children:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in children:
            os.kill(pid, signal.SIGCONT)


def test_a_unit_is_made_under_the_base_for_each_dependencia_and_nowhere_else(
    outsider: SambaOutsider, target: AdTarget
) -> None:
    handle = target.create(ONE)
    assert handle.place == f"CN=juan.perez,OU=SAF,{outsider.controller.managed_base}"
    target.move(handle, Siglas("SEBIDES"))
    units = outsider.names("(objectClass=organizationalUnit)")
    assert {dn for dn in units if "Cuentas" in dn} == {
        f"{prefix}{outsider.controller.managed_base}" for prefix in ("", "OU=SAF,", "OU=SEBIDES,")
    }


def test_a_new_user_is_as_active_directory_wants_it(outsider: SambaOutsider, target: AdTarget) -> None:
    handle = target.create(ONE)
    target.set_first_password(handle, PASSWORD)
    target.finish(handle, ONE)
    values = outsider.values(handle.guid, "userAccountControl", "pwdLastSet", "userPrincipalName", "adminDescription")
    assert values == {
        "userAccountControl": ["512"],
        "pwdLastSet": ["0"],
        "userPrincipalName": ["juan.perez@sinaloa.gob.mx"],
        "adminDescription": ["cuentas/1 clave=juan.perez"],
    }
    assert set(outsider.values(handle.guid, "proxyAddresses")["proxyAddresses"]) == {"SMTP:juan.perez@sinaloa.gob.mx"}


def test_other_bits_of_user_account_control_survive_a_baja_and_a_return(
    outsider: SambaOutsider, target: AdTarget
) -> None:
    handle = target.create(ONE)
    target.set_first_password(handle, PASSWORD)
    target.finish(handle, ONE)
    outsider.replace_values(handle.guid, userAccountControl=[0x10200])  # DONT_EXPIRE_PASSWORD
    target.disable(handle)
    assert outsider.values(handle.guid, "userAccountControl")["userAccountControl"] == [str(0x10202)]
    target.set_first_password(handle, PASSWORD)
    target.reactivate(handle, ONE)
    assert outsider.values(handle.guid, "userAccountControl")["userAccountControl"] == [str(0x10200)]


def test_a_password_against_the_policy_is_refused_and_never_shown(target: AdTarget) -> None:
    handle = target.create(ONE)
    with pytest.raises(TargetRejectedError, match="política del dominio") as caught:
        target.set_first_password(handle, SecretStr("corta"))
    assert "corta" not in f"{caught.value} {caught.value!r}"


def test_an_address_change_takes_mail_logon_name_and_primary_proxy_along(
    outsider: SambaOutsider, target: AdTarget
) -> None:
    handle = target.create(ONE)
    new = "juan.perez.l@sinaloa.gob.mx"
    target.change_aliases(handle, (new,), ())
    target.update(handle, (FieldChange("address", ONE.address, new),))
    values = outsider.values(handle.guid, "mail", "userPrincipalName", "proxyAddresses")
    assert values == {"mail": [new], "userPrincipalName": [new], "proxyAddresses": [f"SMTP:{new}"]}


def test_a_logon_name_of_its_own_is_left_alone_by_an_address_change(
    outsider: SambaOutsider, target: AdTarget
) -> None:
    guid = outsider.foreign_user("ana.ajena2", "ana.ajena2@sinaloa.gob.mx")
    [other] = [one.handle for one in target.read().others if one.handle.guid == guid]
    target.adopt(other, AccountKey("ana.ajena2"))
    target.update(other, (FieldChange("address", "ana.ajena2@sinaloa.gob.mx", "ana@sinaloa.gob.mx"),))
    assert outsider.values(guid, "userPrincipalName", "mail") == {
        "userPrincipalName": ["ana.ajena2@lab.sinaloa.test"],
        "mail": ["ana@sinaloa.gob.mx"],
    }


def test_adopting_leaves_password_and_everything_else_as_they_were(outsider: SambaOutsider, target: AdTarget) -> None:
    guid = outsider.foreign_user("ana.ajena2", "ana.ajena2@sinaloa.gob.mx")
    before = outsider.values(guid, "*")
    [other] = [one.handle for one in target.read().others if one.handle.guid == guid]
    target.adopt(other, AccountKey("ana.ajena2"))
    after = outsider.values(guid, "*")
    moved = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    assert moved - {"whenChanged", "uSNChanged"} == {"adminDescription"}


def test_the_first_alias_of_an_account_without_proxies_brings_its_primary_along(
    outsider: SambaOutsider, target: AdTarget
) -> None:
    guid = outsider.foreign_user("ana.ajena2", "ana.ajena2@sinaloa.gob.mx")
    [other] = [one.handle for one in target.read().others if one.handle.guid == guid]
    target.adopt(other, AccountKey("ana.ajena2"))
    target.change_aliases(other, ("ana@sinaloa.gob.mx",), ())
    assert set(outsider.values(guid, "proxyAddresses")["proxyAddresses"]) == {
        "SMTP:ana.ajena2@sinaloa.gob.mx",
        "smtp:ana@sinaloa.gob.mx",
    }


def test_a_concurrent_edit_between_reading_and_writing_is_refused_by_the_server(
    outsider: SambaOutsider, target: AdTarget, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = target.create(ONE)
    modify = session.modify

    def late(dn: str, *words: object) -> None:
        outsider.retitle(handle.guid, "Directora")
        modify(dn, *words)  # type: ignore[arg-type]

    monkeypatch.setattr(session, "modify", late)
    with pytest.raises(ChangedMeanwhileError, match="ya no tiene el valor que se leyó"):
        target.update(handle, TITLE)
    assert outsider.values(handle.guid, "title")["title"] == ["Directora"]


def test_without_the_right_to_write_there_the_account_is_rejected_with_who_must_act(
    outsider: SambaOutsider,
) -> None:
    """A base where nothing was delegated: the service account may read it and no more."""
    target = AdTarget(samba_config(outsider.controller, base=outsider.controller.foreign_base))
    target.read()
    with pytest.raises(TargetRejectedError, match=r"no tiene permiso \(LDAP 50") as caught:
        target.create(ONE)
    assert "delegue" in caught.value.remedy
    target.close()


def test_a_write_whose_answer_is_lost_is_unknown_and_the_connection_is_made_anew(
    outsider: SambaOutsider, target: AdTarget, session: Session
) -> None:
    handle = target.create(ONE)
    with frozen(outsider), pytest.raises(OutcomeUnknownError, match="no se sabe si lo hizo"):
        session.modify(f"<GUID={handle.guid}>", {"title": [("MODIFY_REPLACE", [b"Jefe"])]}, handle.place)
    seen = target.lookup(handle.guid)
    assert seen
    assert seen.account.title in {"Analista", "Jefe"}


def test_a_reading_that_gets_no_answer_is_unreachable(outsider: SambaOutsider, target: AdTarget) -> None:
    with frozen(outsider), pytest.raises(TargetUnreachableError):
        target.read()
    assert target.read().canary_seen


def test_a_controller_that_dies_is_unreachable_and_one_that_is_back_is_used_again(
    outsider: SambaOutsider, target: AdTarget
) -> None:
    handle = target.create(ONE)
    outsider.controller.kill()
    for act in (target.read, lambda: target.update(handle, TITLE), lambda: target.lookup(handle.guid)):
        with pytest.raises(TargetUnreachableError):
            act()
    outsider.controller.start()
    target.update(handle, TITLE)
    assert target.read().state[AccountKey("juan.perez")].title == "Jefe"


def test_failure_e_another_domain_controller_is_never_written_to_in_the_same_run(
    target: AdTarget, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle = target.create(ONE)
    session.close()
    monkeypatch.setattr(session, "_server", "dc9.lab.sinaloa.test")
    with pytest.raises(TargetUnreachableError, match="La corrida empezó con dc9"):
        target.update(handle, TITLE)


def test_failure_k_an_object_with_children_is_disabled_and_moved_like_any_other(
    outsider: SambaOutsider, target: AdTarget
) -> None:
    """A user who used ActiveSync has child objects: a deletion would fail, and cuentas deletes nothing."""
    handle = target.create(ONE)
    outsider.add_object("CN=Dispositivo,CN=juan.perez,OU=SAF,OU=Cuentas", "nTFRSSubscriptions")
    target.disable(handle)
    target.move(handle, Siglas("SEBIDES"))
    assert outsider.names("(cn=Dispositivo)") == [
        f"CN=Dispositivo,CN=juan.perez,OU=SEBIDES,{outsider.controller.managed_base}"
    ]


def test_a_handle_of_nothing_is_said_to_be_gone(target: AdTarget) -> None:
    nobody = Handle(guid="00000000-0000-4000-8000-00000000dead", place="CN=nadie")
    with pytest.raises(ChangedMeanwhileError):
        target.disable(nobody)
