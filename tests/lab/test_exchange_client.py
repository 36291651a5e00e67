"""The product over the double: every cmdlet it types does what it is typed for, and addresses outlive a mailbox."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reconciler.errors import ChangedMeanwhileError, OutcomeUnknownError, TargetRejectedError
from reconciler.exchange.mailboxes import Mailboxes
from reconciler.joined import ExchangeTarget
from reconciler.model import Handle, Mailbox, MailboxKind
from reconciler.plan import FieldChange
from tests.build import account
from tests.conformance.outsiders import samba_config
from tests.lab.console import ConsoleShell, shell_config
from tests.lab.office import Office

Open = Callable[..., tuple[ExchangeTarget, ConsoleShell]]
ALIASES = ("otra@sinaloa.gob.mx",)


@pytest.fixture
def opened(office: Office, tmp_path: Path) -> Iterator[Open]:
    """Open targets over the office's console; `more` is configuration of Exchange."""
    targets: list[ExchangeTarget] = []

    def open_one(**more: Any) -> tuple[ExchangeTarget, ConsoleShell]:
        config = shell_config(tmp_path, **more)
        shell = ConsoleShell(config, office.console)
        joined = samba_config(office.outsider.controller, exchange=config)
        targets.append(ExchangeTarget(joined, lambda _: None, shell=shell))
        return targets[-1], shell

    yield open_one
    for target in targets:
        target.close()


@pytest.fixture
def handle(office: Office) -> Handle:
    """An account with a further address and one of another kind, and without a mailbox."""
    made = office.target.create(account("ana.ruiz", mailbox=None, aliases=ALIASES))
    office.outsider.give_odd_address(made.guid, "c=MX;s=ruiz")
    return made


def lasting(office: Office, handle: Handle) -> set[str]:
    """Return the further addresses, but for the names that Exchange gives its mailboxes."""
    return {one for one in office.outsider.addresses(handle.guid) if not one.startswith("x500:")}


def test_the_role_has_every_cmdlet_that_is_needed(office: Office, tmp_path: Path) -> None:
    config = shell_config(tmp_path, dominio_remoto="t.mail.onmicrosoft.com")
    mailboxes = Mailboxes(ConsoleShell(config, office.console), config, lambda: "dc1.lab.sinaloa.test")
    assert mailboxes.needed() <= office.console.cmdlets.keys()


@pytest.mark.parametrize("kind", MailboxKind)
@pytest.mark.parametrize("remote", [False, True])
def test_a_mailbox_is_made_settled_and_taken_off_again(
    office: Office, opened: Open, handle: Handle, kind: MailboxKind, *, remote: bool
) -> None:
    target, _ = opened(dominio_remoto="t.mail.onmicrosoft.com") if remote else opened()
    before = office.seen(handle.guid).account
    quota = None if remote else 1500
    wanted = Mailbox(kind=kind, hidden=True, accepts_mail=False, quota_mb=quota, remote=remote)
    target.enable_mailbox(handle, wanted)
    made = office.seen(handle.guid)
    assert made.account.mailbox == wanted
    assert (made.account.address, made.account.aliases) == (before.address, before.aliases)
    changes = (FieldChange("hidden", True, False), FieldChange("accepts_mail", False, True))
    target.update_mailbox(handle, changes)
    target.disconnect_mailbox(handle)
    assert office.seen(handle.guid).account == before
    assert lasting(office, handle) == {f"smtp:{ALIASES[0]}", "x400:c=MX;s=ruiz"}


@pytest.mark.parametrize("kind", MailboxKind)
def test_a_mailbox_comes_back_with_the_addresses_of_its_account(
    office: Office, opened: Open, handle: Handle, kind: MailboxKind
) -> None:
    target, _ = opened()
    wanted = Mailbox(kind=kind, quota_mb=900)
    target.enable_mailbox(handle, wanted)
    before, mailbox = office.seen(handle.guid).account, office.console.one("Get-Mailbox", Identity=handle.guid)
    target.disconnect_mailbox(handle)
    target.reconnect_mailbox(handle, wanted)
    assert office.seen(handle.guid).account == before
    assert office.console.one("Get-Mailbox", Identity=handle.guid)["ExchangeGuid"] == mailbox["ExchangeGuid"]
    assert target.remembered_mailbox(handle) is None
    assert lasting(office, handle) == {f"smtp:{ALIASES[0]}", "x400:c=MX;s=ruiz"}


def test_a_mailbox_without_known_database_is_looked_for(office: Office, handle: Handle, tmp_path: Path) -> None:
    config = shell_config(tmp_path)
    mailboxes = Mailboxes(ConsoleShell(config, office.console), config, lambda: "DC1.lab.sinaloa.test")
    shown = office.console.one("Enable-Mailbox", Identity=handle.guid, Database="Mailbox Database 02")
    mailboxes.disable(handle.guid, remote=False)
    guid = str(shown["ExchangeGuid"])
    mailboxes.connect(guid, user_guid=handle.guid, alias="ana.ruiz", kind=MailboxKind.SHARED)
    assert office.seen(handle.guid).account.mailbox == Mailbox(kind=MailboxKind.SHARED)
    with pytest.raises(TargetRejectedError, match="Ninguna base"):
        mailboxes.connect(guid, user_guid=handle.guid, alias="ana.ruiz", kind=MailboxKind.USER)


def test_addresses_and_ways_in_of_a_mailbox_are_exchanges_to_write(
    office: Office, opened: Open, handle: Handle
) -> None:
    target, _ = opened()
    target.enable_mailbox(handle, Mailbox())
    target.change_aliases(handle, ("nueva@sinaloa.gob.mx",), ALIASES)
    target.update(handle, (FieldChange("address", "ana.ruiz@sinaloa.gob.mx", "ana@sinaloa.gob.mx"),))
    seen = office.seen(handle.guid).account
    assert (seen.address, seen.aliases) == ("ana@sinaloa.gob.mx", ("nueva@sinaloa.gob.mx",))
    target.finish(handle, account("ana.ruiz", logon_enabled=False))
    assert not office.console.one("Get-CASMailbox", Identity=handle.guid)["PopEnabled"]


def test_whoever_left_answers_and_answers_no_more(office: Office, opened: Open, handle: Handle) -> None:
    target, _ = opened()
    target.enable_mailbox(handle, Mailbox())
    target.answer_automatically(handle, "Ya no labora aquí.")
    reply = office.console.one("Get-MailboxAutoReplyConfiguration", Identity=handle.guid)
    assert (reply["AutoReplyState"], reply["ExternalMessage"]) == ("Enabled", "Ya no labora aquí.")
    target.answer_automatically(handle, None)
    reply = office.console.one("Get-MailboxAutoReplyConfiguration", Identity=handle.guid)
    assert reply["AutoReplyState"] == "Disabled"


def test_an_answer_lost_after_the_work_is_read_back(office: Office, opened: Open, handle: Handle) -> None:
    target, shell = opened()

    def lose(cmdlet: str) -> None:
        if cmdlet.startswith(("Enable", "Disable", "Connect")):
            raise OutcomeUnknownError("se perdió la respuesta", remedy="")

    shell.after = lose
    target.enable_mailbox(handle, Mailbox())
    before = office.seen(handle.guid).account
    target.disconnect_mailbox(handle)
    target.reconnect_mailbox(handle, Mailbox())
    assert office.seen(handle.guid).account == before


def test_a_mailbox_that_somebody_made_meanwhile_is_not_made_again(
    office: Office, opened: Open, handle: Handle
) -> None:
    target, _ = opened()
    office.console.run("Enable-Mailbox", Identity=handle.guid)
    with pytest.raises(ChangedMeanwhileError):
        target.enable_mailbox(handle, Mailbox())


def test_what_a_stop_left_without_addresses_gets_them_by_the_next_plan(
    office: Office, opened: Open, handle: Handle
) -> None:
    target, shell = opened()
    target.enable_mailbox(handle, Mailbox())
    before = office.seen(handle.guid).account

    def stop(cmdlet: str) -> None:
        if cmdlet == "Disable-Mailbox":
            raise KeyboardInterrupt

    shell.after = stop
    with pytest.raises(KeyboardInterrupt):
        target.disconnect_mailbox(handle)
    assert office.seen(handle.guid).account.address == ""
    target.update(handle, (FieldChange("address", "", before.address),))
    target.change_aliases(handle, before.aliases, ())
    shell.after = lambda _: None
    target.reconnect_mailbox(handle, Mailbox())
    assert office.seen(handle.guid).account == before
