"""What a reading is worth: complete, with evidence, or an error; never an absence that is none."""

from __future__ import annotations

import pytest

from reconciler.diff import Memory, Policy, diff
from reconciler.directory import AdTarget
from reconciler.errors import TargetRejectedError
from reconciler.model import AccountKey, Siglas
from tests.build import BAJA, TODAY, account, declaration, declared
from tests.conformance.outsiders import SambaOutsider, samba_config
from tests.lab.samba import DomainController


def test_failure_a_an_account_that_may_bind_and_not_read_is_told_by_the_canary(
    domain_controller: DomainController,
) -> None:
    blind = domain_controller.blind_account
    target = AdTarget(
        samba_config(
            domain_controller,
            usuario=blind.upn,
            clave_archivo=blind.password_file,
            base=domain_controller.base_dn,
        )
    )
    reading = target.read()
    target.close()
    assert reading.accounts == {}
    assert not reading.canary_seen


def test_a_reading_of_many_pages_is_the_same_as_one_of_one_page(outsider: SambaOutsider) -> None:
    for number in range(25):
        outsider.foreign_user(f"persona{number}", f"persona{number}@sinaloa.gob.mx")
    counts = set()
    for page in (10, 1000):
        target = AdTarget(samba_config(outsider.controller, pagina=page))
        reading = target.read()
        counts.add((reading.objects, tuple(sorted(one.handle.guid for one in reading.others))))
        target.close()
    assert len(counts) == 1
    assert {count for count, _ in counts} > {25} or next(iter(counts))[0] > 25


def test_groups_and_computers_hold_names_and_cannot_be_adopted(outsider: SambaOutsider) -> None:
    outsider.add_object("CN=Nómina,OU=Ajenas", "group", sAMAccountName="nomina", mail="nomina@sinaloa.gob.mx")
    outsider.add_object("CN=PC1,OU=Ajenas", "computer", sAMAccountName="PC1$", userAccountControl=4096)
    outsider.add_object("CN=Externo,OU=Ajenas", "contact", proxyAddresses="SMTP:externo@sinaloa.gob.mx")
    target = outsider.open()
    others = {one.handle.place.partition(",")[0]: one for one in target.read().others}
    assert others["CN=Nómina"].logon == "nomina"
    assert "nomina@sinaloa.gob.mx" in others["CN=Nómina"].addresses
    assert others["CN=Externo"].addresses == {"externo@sinaloa.gob.mx"}
    assert [others[name].account for name in ("CN=Nómina", "CN=PC1", "CN=Externo")] == [None, None, None]


def test_administrators_and_what_the_domain_needs_are_protected(domain_controller: DomainController) -> None:
    target = AdTarget(samba_config(domain_controller, base=domain_controller.base_dn))
    protected = {one.logon: one.handle.protected or "" for one in target.read().others}
    target.close()
    assert "adminCount" in protected["Administrator"]
    assert protected["krbtgt"]
    assert "isCriticalSystemObject" in protected["Guest"]


def test_a_mark_that_was_edited_by_hand_protects_its_object(outsider: SambaOutsider) -> None:
    target = outsider.open()
    target.read()
    handle = target.create(account(mailbox=None))
    for edited in ("cuentas/1", "cuentas/9 clave=juan.perez", "cuentas/1 clave=juan.perez estado=raro"):
        outsider.replace_values(handle.guid, adminDescription=[edited])
        reading = target.read()
        assert reading.accounts == {}
        [seen] = [one for one in reading.others if one.handle.guid == handle.guid]
        assert "marca" in (seen.handle.protected or "")


def test_an_object_whose_mark_attribute_others_use_is_protected(outsider: SambaOutsider) -> None:
    guid = outsider.foreign_user("ana.ajena2", "ana.ajena2@sinaloa.gob.mx")
    outsider.replace_values(guid, adminDescription=["User_sincronizada"])
    [seen] = [one for one in outsider.open().read().others if one.handle.guid == guid]
    assert "otro sistema usa su adminDescription" in (seen.handle.protected or "")


def test_an_address_that_disagrees_with_its_primary_proxy_shows(outsider: SambaOutsider) -> None:
    target = outsider.open()
    target.read()
    handle = target.create(account(mailbox=None))
    outsider.replace_values(handle.guid, mail=["otra@sinaloa.gob.mx"])
    seen = target.lookup(handle.guid)
    assert seen
    assert seen.account.address == "juan.perez@sinaloa.gob.mx (mail: otra@sinaloa.gob.mx)"


def test_what_is_moved_deeper_or_out_by_hand_is_told_apart(outsider: SambaOutsider) -> None:
    target = outsider.open()
    target.read()
    handle = target.create(account(mailbox=None))
    outsider.add_object("OU=Sub,OU=SAF,OU=Cuentas", "organizationalUnit")
    outsider.move(handle.guid, "OU=Sub,OU=SAF,OU=Cuentas")
    deeper = target.lookup(handle.guid)
    assert deeper
    assert deeper.account.dependencia == Siglas("SAF")
    assert deeper.handle.protected is None
    outsider.move(handle.guid, "OU=Ajenas")
    outside = target.lookup(handle.guid)
    assert outside
    assert "fuera de" in (outside.handle.protected or "")


def test_objects_with_any_name_are_read_and_moved(outsider: SambaOutsider) -> None:
    names = ("Caja #1", "Pérez\\, Juan", "O'Farril \\+ Co", "Ñ\\=1")
    for number, name in enumerate(names):
        logon = f"rara{number}"
        outsider.add_object(f"CN={name},OU=Cuentas", "user", sAMAccountName=logon, userAccountControl=514)
    target = outsider.open()
    others = {one.logon: one.handle for one in target.read().others}
    for number in range(len(names)):
        handle = others[f"rara{number}"]
        assert handle.protected is None
        target.adopt(handle, AccountKey(f"rara{number}"))
        target.move(handle, Siglas("SAF"))
        seen = target.lookup(handle.guid)
        assert seen
        assert seen.account.dependencia == "SAF"


UNREADABLE = pytest.mark.parametrize("attribute", ["objectGUID", "userAccountControl"])


def hidden(outsider: SambaOutsider, guid: str, attribute: str) -> None:
    """Keep an attribute of an object from the service account."""
    service = outsider.controller.service_account.upn
    [dn] = outsider.names(f"(userPrincipalName={service})")
    outsider.deny_reading(guid, attribute, dn)


@UNREADABLE
def test_a_foreign_object_that_may_not_be_read_whole_holds_its_names_and_is_protected(
    outsider: SambaOutsider, attribute: str
) -> None:
    hidden(outsider, outsider.foreign_user("ana.ajena2", "ana.ajena2@sinaloa.gob.mx"), attribute)
    target = outsider.open()
    [seen] = [one for one in target.read().others if one.logon == "ana.ajena2"]
    assert f"no se le puede leer el {attribute}" in (seen.handle.protected or "")
    assert "ana.ajena2@sinaloa.gob.mx" in seen.addresses
    with pytest.raises(TargetRejectedError, match="ya es de"):
        target.create(account("ana.ajena2", mailbox=None))


@UNREADABLE
def test_an_account_of_ours_that_may_not_be_read_whole_is_held_and_not_lost(
    outsider: SambaOutsider, attribute: str
) -> None:
    target = outsider.open()
    target.read()
    wanted = account(mailbox=None)
    handle = target.create(wanted)
    hidden(outsider, handle.guid, attribute)
    reading = target.read()
    seen = reading.accounts[wanted.key]
    assert f"no se le puede leer el {attribute}" in (seen.handle.protected or "")
    for known in (Memory(), Memory(identity={wanted.key: handle.guid})):
        for one in (declared(mailbox=None), declared(mailbox=None, baja=BAJA)):
            changes, findings = diff(declaration(one), reading, known, Policy(retention_days=90), TODAY)
            assert changes == ()
            assert [finding.holds for finding in findings if finding.key == wanted.key] == [True]
    with pytest.raises(TargetRejectedError):
        target.disable(seen.handle)
