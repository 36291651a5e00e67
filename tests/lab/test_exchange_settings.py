"""What is set at a mailbox of the double is what the product's own reader finds, and what is shown again."""

from typing import Any

import pytest

from reconciler.model import Mailbox, MailboxKind
from tests.lab.exchange.records import ExchangeError
from tests.lab.office import Office


@pytest.fixture
def guid(office: Office) -> str:
    """A user mailbox with an address that no policy gave it."""
    made = office.user(aliases=("otra@sinaloa.gob.mx",))
    office.console.run("Enable-Mailbox", Identity=made, Alias="ana", PrimarySmtpAddress="ana.ruiz@sinaloa.gob.mx")
    return made


def put(office: Office, guid: str, **settings: Any) -> Mailbox:
    office.console.run("Set-Mailbox", Identity=guid, **settings)
    mailbox = office.seen(guid).account.mailbox
    assert mailbox
    return mailbox


def shown(office: Office, guid: str) -> Any:
    return office.console.one("Get-Mailbox", Identity=guid)


def test_a_mailbox_is_hidden_and_shown(office: Office, guid: str) -> None:
    assert put(office, guid, HiddenFromAddressListsEnabled=True).hidden
    assert not put(office, guid, HiddenFromAddressListsEnabled=False).hidden


def test_a_set_that_changes_nothing_warns(office: Office, guid: str) -> None:
    put(office, guid, HiddenFromAddressListsEnabled=False)
    [warning] = office.console.warnings
    assert warning.endswith("have been modified.")
    put(office, guid, HiddenFromAddressListsEnabled=True)
    assert len(office.console.warnings) == 1


def test_a_mailbox_takes_mail_from_those_who_are_named_and_from_everybody_again(office: Office, guid: str) -> None:
    assert not put(office, guid, AcceptMessagesOnlyFrom=[guid]).accepts_mail
    assert [office.seen(guid).handle.place] == shown(office, guid)["AcceptMessagesOnlyFrom"]
    assert put(office, guid, AcceptMessagesOnlyFrom=None).accepts_mail
    without = office.user("luz.paz")
    wanted = {"Identity": guid, "AcceptMessagesOnlyFrom": {"Add": [without]}}
    assert office.refused("Set-Mailbox", **wanted) == "ManagementObjectNotFoundException"


def test_quotas_are_in_order_and_apply_only_without_the_databases(office: Office, guid: str) -> None:
    limits = {"IssueWarningQuota": "943718KB", "ProhibitSendQuota": "1024MB", "ProhibitSendReceiveQuota": "1GB"}
    assert put(office, guid, **limits).quota_mb is None
    assert put(office, guid, UseDatabaseQuotaDefaults=False).quota_mb == 1024
    assert shown(office, guid)["ProhibitSendQuota"] == "1 GB (1,073,741,824 bytes)"
    for wrong in (
        {"IssueWarningQuota": "2GB"},
        {"ProhibitSendReceiveQuota": "1023MB"},
        {"ProhibitSendQuota": "1 TB"},
    ):
        assert office.refused("Set-Mailbox", Identity=guid, **wrong) == "DataValidationException"
    put(office, guid, ProhibitSendReceiveQuota="Unlimited")
    assert shown(office, guid)["ProhibitSendReceiveQuota"] == "Unlimited"
    assert put(office, guid, UseDatabaseQuotaDefaults=True).quota_mb is None


def test_a_legal_hold_is_set_and_lifted_and_leaves_other_flags(office: Office, guid: str) -> None:
    office.outsider.replace_values(guid, msExchELCMailboxFlags=[1])
    assert put(office, guid, LitigationHoldEnabled=True).held
    assert "60 minutes" in office.console.warnings[0]
    assert not put(office, guid, LitigationHoldEnabled=False).held
    assert office.outsider.values(guid, "msExchELCMailboxFlags") == {"msExchELCMailboxFlags": ["1"]}


def test_a_mailbox_that_becomes_a_shared_one_closes_its_account(office: Office) -> None:
    guid = office.outsider.foreign_user("entra", "entra@sinaloa.gob.mx")
    try:
        office.console.run("Enable-Mailbox", Identity=guid)
        office.console.run("Set-Mailbox", Identity=guid, Type="shared")
        assert shown(office, guid)["RecipientTypeDetails"] == "SharedMailbox"
        assert shown(office, guid)["AccountDisabled"]
    finally:
        office.outsider.delete(guid)


@pytest.mark.parametrize(
    ("name", "kind"), [("Shared", "SHARED"), ("Room", "ROOM"), ("Equipment", "EQUIPMENT"), ("Regular", "USER")]
)
def test_a_mailbox_changes_its_kind(office: Office, guid: str, name: str, kind: str) -> None:
    assert put(office, guid, Type=name).kind is MailboxKind[kind]
    assert office.seen(guid).handle.mailbox_fault is None


def test_addresses_come_and_go_and_other_kinds_stay(office: Office, guid: str) -> None:
    office.outsider.give_odd_address(guid, "c=MX;s=ruiz")
    put(office, guid, EmailAddresses={"Add": ["smtp:a@sinaloa.gob.mx"], "Remove": ["smtp:otra@sinaloa.gob.mx"]})
    assert office.outsider.addresses(guid) == {"smtp:a@sinaloa.gob.mx", "x400:c=MX;s=ruiz"}
    assert office.seen(guid).account.aliases == ("a@sinaloa.gob.mx",)


def test_the_former_primary_address_stays_as_a_further_one(office: Office, guid: str) -> None:
    put(office, guid, PrimarySmtpAddress="nueva@sinaloa.gob.mx", EmailAddressPolicyEnabled=False)
    seen = office.seen(guid).account
    assert seen.address == "nueva@sinaloa.gob.mx"
    assert seen.aliases == ("ana.ruiz@sinaloa.gob.mx", "otra@sinaloa.gob.mx")
    put(office, guid, EmailAddresses={"Add": ["SMTP:ana.ruiz@sinaloa.gob.mx"]})
    assert office.seen(guid).account.address == "ana.ruiz@sinaloa.gob.mx"


def test_a_list_of_addresses_is_all_of_them(office: Office, guid: str) -> None:
    put(office, guid, EmailAddresses=["smtp:b@sinaloa.gob.mx", "SMTP:a@sinaloa.gob.mx"])
    seen = office.seen(guid).account
    assert (seen.address, seen.aliases) == ("a@sinaloa.gob.mx", ("b@sinaloa.gob.mx",))


def test_there_is_always_one_primary_address(office: Office, guid: str) -> None:
    for wrong in ([], ["SMTP:a@b.mx", "SMTP:c@b.mx"], {"Remove": ["smtp:ana.ruiz@sinaloa.gob.mx"]}):
        assert office.refused("Set-Mailbox", Identity=guid, EmailAddresses=wrong) == "DataValidationException"
    both: dict[str, Any] = {"EmailAddresses": {"Add": ["a@b.mx"]}, "PrimarySmtpAddress": "c@b.mx"}
    assert office.refused("Set-Mailbox", Identity=guid, **both) == "TaskInvalidOperationException"


@pytest.mark.usefixtures("guid")
def test_nobody_gets_an_address_of_somebody_else(office: Office) -> None:
    other = office.user("luz.paz")
    office.console.run("Enable-Mailbox", Identity=other)
    taken = {"Add": ["smtp:OTRA@sinaloa.gob.mx"]}
    assert office.refused("Set-Mailbox", Identity=other, EmailAddresses=taken) == "ProxyAddressExistsException"
    with pytest.raises(ExchangeError, match="already being used"):
        put(office, other, PrimarySmtpAddress="otra@sinaloa.gob.mx")


def test_the_policy_gives_its_address_back(office: Office, guid: str) -> None:
    put(office, guid, EmailAddressPolicyEnabled=True)
    assert shown(office, guid)["PrimarySmtpAddress"] == "ana@lab.sinaloa.test"
    assert shown(office, guid)["EmailAddressPolicyEnabled"]


def test_mail_is_forwarded_to_a_recipient(office: Office, guid: str) -> None:
    other = office.user("luz.paz")
    office.console.run("Enable-Mailbox", Identity=other)
    put(office, guid, ForwardingAddress=other, DeliverToMailboxAndForward=True)
    assert shown(office, guid)["ForwardingAddress"] == office.seen(other).handle.place
    put(office, guid, ForwardingAddress=None)
    assert shown(office, guid)["ForwardingAddress"] is None


def test_ways_in_are_closed_and_opened_one_by_one(office: Office, guid: str) -> None:
    office.console.run("Set-CASMailbox", Identity=guid, PopEnabled=False, EwsEnabled=False)
    office.console.run("Set-CASMailbox", Identity=guid, EwsEnabled=True)
    ways = office.console.one("Get-CASMailbox", Identity=guid)
    assert [ways[f"{one}Enabled"] for one in ("Pop", "Ews", "OWA", "Imap")] == [False, True, True, True]


def test_an_automatic_answer_is_kept_with_the_mailbox(office: Office, guid: str) -> None:
    before = shown(office, guid)
    text = "Ya no labora aquí.<br>" + "x" * 8000
    office.console.run(
        "Set-MailboxAutoReplyConfiguration", Identity=guid, AutoReplyState="Enabled", InternalMessage=text,
        ExternalMessage=text, ExternalAudience="All",
    )  # fmt: skip
    office.console.run("Disable-Mailbox", Identity=guid, Confirm=False)
    again = {"Identity": str(before["ExchangeGuid"]), "Database": before["Database"], "User": guid}
    office.console.run("Connect-Mailbox", **again)
    reply = office.console.one("Get-MailboxAutoReplyConfiguration", Identity=guid)
    assert (reply["AutoReplyState"], reply["InternalMessage"]) == ("Enabled", text)
    office.console.run("Set-MailboxAutoReplyConfiguration", Identity=guid, AutoReplyState="Disabled")
    reply = office.console.one("Get-MailboxAutoReplyConfiguration", Identity=guid)
    assert (reply["AutoReplyState"], reply["ExternalMessage"]) == ("Disabled", text)


REMOTE = {"": "USER", "Shared": "SHARED", "Room": "ROOM", "Equipment": "EQUIPMENT"}


@pytest.mark.parametrize("switch", REMOTE)
def test_a_remote_mailbox_is_read_as_one_of_its_kind(office: Office, switch: str) -> None:
    guid = office.user()
    office.console.run(
        "Enable-RemoteMailbox", Identity=guid, RemoteRoutingAddress="ana@t.mail.onmicrosoft.com",
        PrimarySmtpAddress="ana.ruiz@sinaloa.gob.mx", **({switch: True} if switch else {}),
    )  # fmt: skip
    seen = office.seen(guid)
    assert seen.handle.mailbox_fault is None
    assert seen.account.mailbox == Mailbox(kind=MailboxKind[REMOTE[switch]], remote=True)
    office.console.run("Set-RemoteMailbox", Identity=guid, Type="Shared", HiddenFromAddressListsEnabled=True)
    assert office.seen(guid).account.mailbox == Mailbox(kind=MailboxKind.SHARED, hidden=True, remote=True)
    office.console.run("Disable-RemoteMailbox", Identity=guid, Confirm=False)
    assert (office.seen(guid).account.mailbox, office.seen(guid).handle.mailbox_fault) == (None, None)
