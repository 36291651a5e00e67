"""The double's cmdlets take what Exchange's take, find whom they are told, and refuse the rest as PowerShell does."""

from typing import Any

import pytest

from tests.lab.exchange.recipients import Recipients
from tests.lab.office import Office


def test_an_identity_that_is_two_peoples_is_nobodys(office: Office) -> None:
    guid = office.user()
    office.user("luz.paz", aliases=("otra@sinaloa.gob.mx",))
    office.outsider.replace_values(guid, userPrincipalName=["otra@sinaloa.gob.mx"])
    wanted = {"Identity": "otra@sinaloa.gob.mx"}
    assert office.refused("Enable-Mailbox", **wanted) == "ManagementObjectAmbiguousException"
    office.console.run("Enable-Mailbox", Identity=guid)


@pytest.mark.parametrize("name", ["Guid", "ExchangeGuid", "DistinguishedName", "UserPrincipalName", "Alias", "Name"])
def test_a_mailbox_is_found_by_whatever_names_it(office: Office, name: str) -> None:
    shown = office.console.one("Enable-Mailbox", Identity=office.user())
    assert office.console.one("Get-Mailbox", Identity=shown[name])["Guid"] == shown["Guid"]


def test_who_has_no_mailbox_is_not_found_among_mailboxes(office: Office) -> None:
    guid = office.user()
    for cmdlet in ("Get-Mailbox", "Set-Mailbox", "Disable-Mailbox", "Get-CASMailbox", "Disable-RemoteMailbox"):
        assert office.refused(cmdlet, Identity=guid, Confirm=False) == "ManagementObjectNotFoundException"


def test_a_controller_that_the_last_write_has_not_reached_does_not_know_it(office: Office) -> None:
    guid = office.user()
    office.console.stale = True
    assert office.refused("Enable-Mailbox", Identity=guid) == "ManagementObjectNotFoundException"
    office.console.stale = False
    office.console.run("Enable-Mailbox", Identity=guid)
    office.console.stale = True
    assert office.refused("Get-Mailbox", Identity=guid) == "ManagementObjectNotFoundException"


def test_a_connection_that_was_lent_when_the_controller_restarted_is_not_used_again(office: Office) -> None:
    recipients = Recipients(office.outsider.controller)
    with recipients.connection() as lent:
        recipients.forget()
    assert lent.closed
    with recipients.connection() as other:
        assert other is not lent
    recipients.forget()


def test_mailboxes_are_searched_by_what_the_filter_can_say(office: Office) -> None:
    for key in ("ana.ruiz", "ana.paz", "luz.paz"):
        office.console.run("Enable-Mailbox", Identity=office.user(key))
    office.user("sin.buzon")

    def named(**parameters: Any) -> list[Any]:
        return sorted(str(one["Alias"]) for one in office.console.run("Get-Mailbox", **parameters))

    assert named() == ["ana.paz", "ana.ruiz", "luz.paz"]
    assert named(Filter="Alias -like 'ana*'") == ["ana.paz", "ana.ruiz"]
    assert named(Filter="(Alias -like 'ana*') -and (DisplayName -eq 'Ana Paz')") == ["ana.paz"]
    assert named(RecipientTypeDetails="SharedMailbox") == []
    assert len(named(ResultSize=2)) == 2
    assert "ResultSize" in office.console.warnings[0]
    for text in ("Alias -gt 'a'", "CustomAttribute1 -eq 'x'", "Alias -eq 'a' -or Alias -eq 'b'", "*"):
        assert office.refused("Get-Mailbox", Filter=text) == "ParameterBindingException"


def test_there_is_no_cmdlet_that_deletes_a_user(office: Office) -> None:
    assert office.refused("Remove-Mailbox", Identity="x") == "CommandNotFoundException"


NO_TYPE = "ParameterBindingArgumentTransformationException"
WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("Set-Mailbox", {}, "ParameterBindingException"),
    ("Set-Mailbox", {"Identity": None}, "ParameterBindingException"),
    ("Set-Mailbox", {"Identity": "x", "Nada": 1}, "ParameterBindingException"),
    ("Enable-Mailbox", {"Identity": "x", "Shared": True, "Room": True}, "ParameterBindingException"),
    ("Set-Mailbox", {"Identity": "x", "Type": "Grande"}, NO_TYPE),
    ("Set-Mailbox", {"Identity": "x", "ProhibitSendQuota": "mucho"}, NO_TYPE),
    ("Set-Mailbox", {"Identity": "x", "HiddenFromAddressListsEnabled": "si"}, NO_TYPE),
    ("Set-Mailbox", {"Identity": "x", "HiddenFromAddressListsEnabled": None}, NO_TYPE),
    ("Set-Mailbox", {"Identity": "x", "PrimarySmtpAddress": "x"}, NO_TYPE),
    ("Set-Mailbox", {"Identity": "x", "DomainController": "dc9.lab.sinaloa.test"}, "ADTransientException"),
    ("Get-MailboxStatistics", {}, "ParameterBindingException"),
]  # fmt: skip


@pytest.mark.parametrize(("cmdlet", "parameters", "exception"), WRONG)
def test_what_does_not_fit_is_refused(
    office: Office, cmdlet: str, parameters: dict[str, Any], exception: str
) -> None:
    assert office.refused(cmdlet, **parameters) == exception
