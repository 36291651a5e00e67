"""A mailbox of the double comes, goes and comes back, and the product's own reader finds it as Exchange leaves it."""

import uuid
from typing import Any

import pytest

from reconciler.model import Mailbox, MailboxKind
from tests.lab.exchange.cmdlets import cmdlets
from tests.lab.exchange.recipients import OWN, Recipients
from tests.lab.exchange.records import ExchangeError
from tests.lab.office import Office


def test_an_enabled_mailbox_is_read_as_one_of_its_kind(office: Office) -> None:
    kinds = {"": "user", "Shared": "shared", "Room": "room", "Equipment": "equipment"}
    for number, switch in enumerate(kinds):
        guid = office.user(f"cuenta{number}")
        shown = office.console.one("Enable-Mailbox", Identity=guid, **({switch: True} if switch else {}))
        assert shown["Guid"] == uuid.UUID(guid)
        seen = office.seen(guid)
        assert seen.handle.mailbox_fault is None
        assert seen.account.mailbox == Mailbox(kind=MailboxKind[kinds[switch].upper()])


def test_the_address_named_is_the_primary_one_and_no_policys(office: Office) -> None:
    guid = office.user(aliases=("otra@sinaloa.gob.mx",))
    office.outsider.give_odd_address(guid, "c=MX;s=ruiz")
    shown = office.console.one(
        "Enable-Mailbox", Identity=guid, Alias="ana.ruiz", PrimarySmtpAddress="ana.ruiz@sinaloa.gob.mx"
    )
    assert (shown["PrimarySmtpAddress"], shown["EmailAddressPolicyEnabled"]) == ("ana.ruiz@sinaloa.gob.mx", False)
    assert office.seen(guid).account.address == "ana.ruiz@sinaloa.gob.mx"
    assert office.outsider.addresses(guid) == {"smtp:otra@sinaloa.gob.mx", "x400:c=MX;s=ruiz"}


def test_without_an_address_the_policy_gives_one(office: Office) -> None:
    guid = office.user()
    shown = office.console.one("Enable-Mailbox", Identity=guid)
    assert (shown["Alias"], shown["EmailAddressPolicyEnabled"]) == ("ana.ruiz", True)
    assert shown["PrimarySmtpAddress"] == "ana.ruiz@lab.sinaloa.test"
    assert office.seen(guid).account.aliases == ("ana.ruiz@sinaloa.gob.mx",)


def test_a_mailbox_is_in_a_database_that_is_there(office: Office) -> None:
    names = [one["Name"] for one in office.console.run("Get-MailboxDatabase")]
    guid = office.user()
    assert office.refused("Enable-Mailbox", Identity=guid, Database="otra") == "ManagementObjectNotFoundException"
    shown = office.console.one("Enable-Mailbox", Identity=guid, Database=names[1])
    assert shown["Database"] == names[1] == "Mailbox Database 02"
    database = office.console.one("Get-MailboxDatabase", Identity=names[1])
    assert office.console.one("Get-MailboxDatabase", Identity=str(database["Guid"])) == database


def test_who_has_a_mailbox_gets_no_other(office: Office) -> None:
    guid = office.user()
    office.console.run("Enable-Mailbox", Identity=guid)
    before = office.outsider.values(guid, "*")
    assert office.refused("Enable-Mailbox", Identity=guid) == "RecipientTaskException"
    assert office.refused("Enable-RemoteMailbox", Identity=guid) == "RecipientTaskException"
    assert office.outsider.values(guid, "*") == before


@pytest.mark.parametrize(
    ("attribute", "value", "text"),
    [
        ("msExchHomeServerName", "/o=Sinaloa/cn=EX0", "Database is mandatory on UserMailbox."),
        ("msExchMailboxGuid", bytes(range(16)), "Database is mandatory on UserMailbox."),
        ("homeMDB", "", "ExchangeGuid is mandatory on UserMailbox."),
    ],
)
def test_what_is_left_of_a_mailbox_stands_in_the_way(office: Office, attribute: str, value: Any, text: str) -> None:
    guid = office.user()
    database = office.console.run("Get-MailboxDatabase")[0]["DistinguishedName"]
    office.outsider.replace_values(guid, **{attribute: [value or str(database)]})
    with pytest.raises(ExchangeError, match=text) as caught:
        office.console.run("Enable-Mailbox", Identity=guid)
    assert caught.value.exception == "DataValidationException"
    assert office.seen(guid).handle.mailbox_fault


def test_an_address_has_one_owner_whatever_its_case(office: Office) -> None:
    first, second = office.user(), office.user("luz.paz")
    office.console.run("Enable-Mailbox", Identity=first, PrimarySmtpAddress="unica@sinaloa.gob.mx")
    wanted = {"Identity": second, "PrimarySmtpAddress": "UNICA@sinaloa.gob.mx"}
    assert office.refused("Enable-Mailbox", **wanted) == "ProxyAddressExistsException"
    assert office.seen(second).account.mailbox is None


@pytest.mark.parametrize("alias", [".ana", "ana.", "a..b", "ana ruiz", "a" * 65, "ana@b"])
def test_an_alias_has_its_rules(office: Office, alias: str) -> None:
    guid = office.user()
    assert office.refused("Enable-Mailbox", Identity=guid, Alias=alias) == "DataValidationException"


def test_who_can_log_on_gets_no_shared_mailbox(office: Office) -> None:
    guid = office.outsider.foreign_user("entra", "entra@sinaloa.gob.mx")
    try:
        assert office.refused("Enable-Mailbox", Identity=guid, Shared=True) == "RecipientTaskException"
    finally:
        office.outsider.delete(guid)


def test_a_disabled_mailbox_leaves_the_user_and_nothing_of_exchanges(office: Office) -> None:
    guid = office.user()
    office.console.run("Enable-Mailbox", Identity=guid)
    office.console.run("Set-CASMailbox", Identity=guid, PopEnabled=False)
    office.console.run("Disable-Mailbox", Identity=guid, Confirm=False)
    seen = office.seen(guid)
    assert (seen.account.mailbox, seen.handle.mailbox_fault) == (None, None)
    assert not office.outsider.values(guid, *OWN)
    assert not office.console.questions


def test_a_mailbox_is_not_disabled_before_somebody_agrees(office: Office) -> None:
    guid = office.user()
    office.console.run("Enable-Mailbox", Identity=guid)
    office.console.answer = False
    office.console.run("Disable-Mailbox", Identity=guid)
    assert office.console.questions
    assert office.seen(guid).account.mailbox


def test_a_mailbox_on_legal_hold_is_not_disabled_by_mistake(office: Office) -> None:
    guid = office.user()
    office.console.run("Enable-Mailbox", Identity=guid)
    office.console.run("Set-Mailbox", Identity=guid, LitigationHoldEnabled=True)
    assert office.refused("Disable-Mailbox", Identity=guid, Confirm=False) == "RecipientTaskException"
    office.console.run("Disable-Mailbox", Identity=guid, Confirm=False, IgnoreLegalHold=True)
    assert office.seen(guid).account.mailbox is None


def test_a_disconnected_mailbox_comes_back_as_the_same_one(office: Office) -> None:
    guid = office.user()
    database = "Mailbox Database 01"
    before = office.console.one("Enable-Mailbox", Identity=guid, Database=database)
    office.console.run("Disable-Mailbox", Identity=guid, Confirm=False)
    [kept] = disconnected(office, database, before)
    assert (kept["DisplayName"], kept["TotalItemSize"]) == ("Ana Ruiz", "0 B (0 bytes)")
    again = {"Identity": str(before["ExchangeGuid"]), "Database": database, "User": guid, "Alias": "ana"}
    after = office.console.one("Connect-Mailbox", **again)
    assert [after[name] == before[name] for name in ("ExchangeGuid", "LegacyExchangeDN", "Database")] == [True] * 3
    assert not disconnected(office, database, before)
    assert office.seen(guid).account.mailbox == Mailbox()
    assert office.refused("Connect-Mailbox", **again) == "ManagementObjectNotFoundException"


def disconnected(office: Office, database: str, mailbox: Any) -> list[Any]:
    found = office.console.run("Get-MailboxStatistics", Database=database, Filter="DisconnectDate -ne $null")
    return [one for one in found if one["MailboxGuid"] == mailbox["ExchangeGuid"]]


def test_a_mailbox_is_connected_to_nobody_who_has_one_and_from_no_other_database(office: Office) -> None:
    guid, other = office.user(), office.user("luz.paz")
    before = office.console.one("Enable-Mailbox", Identity=guid, Database="Mailbox Database 01")
    office.console.run("Enable-Mailbox", Identity=other)
    office.console.run("Disable-Mailbox", Identity=guid, Confirm=False)
    again = {"Identity": str(before["ExchangeGuid"]), "Database": "Mailbox Database 01"}
    assert office.refused("Connect-Mailbox", **again, User=other) == "RecipientTaskException"
    elsewhere = again | {"Database": "Mailbox Database 02", "User": guid}
    assert office.refused("Connect-Mailbox", **elsewhere) == "ManagementObjectNotFoundException"
    shown = office.console.one("Connect-Mailbox", **again, User=guid, Shared=True)
    assert shown["RecipientTypeDetails"] == "SharedMailbox"


def test_disconnected_mailboxes_outlive_the_double(office: Office) -> None:
    guid = office.user()
    before = office.console.one("Enable-Mailbox", Identity=guid, Database="Mailbox Database 02")
    office.console.run("Disable-Mailbox", Identity=guid, Confirm=False)
    restarted = Recipients(office.outsider.controller)
    office.console.cmdlets = cmdlets(restarted)
    assert disconnected(office, "Mailbox Database 02", before)
    restarted.forget()
