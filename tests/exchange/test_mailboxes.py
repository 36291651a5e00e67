"""What each verb asks of Exchange, as it arrives there."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from reconciler.errors import TargetRejectedError
from reconciler.exchange.mailboxes import HERE, REMOTE, Mailboxes
from reconciler.exchange.shell import Shell
from reconciler.model import MailboxKind
from reconciler.plan import FieldValue
from tests.exchange.shells import config, exchange_over_tls, puts_out
from tests.lab.exchange.running import Ran
from tests.lab.exchange.server import ExchangeShell

GUID = "6f1c0a52-9d5b-4c0e-8a57-0d1f6b7f2a11"
EVERY = dict.fromkeys((*HERE, *REMOTE), puts_out())
Make = Callable[..., tuple[Mailboxes, Ran]]


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExchangeShell]:
    with exchange_over_tls(tmp_path_factory.mktemp("exchange")) as serving:
        yield serving


@pytest.fixture
def made(exchange: ExchangeShell, tmp_path: Path) -> Iterator[Make]:
    """Give a function that makes mailboxes of a configuration, and what has arrived at a cmdlet since."""
    shells: list[Shell] = []
    exchange.cmdlets = dict(EVERY)
    exchange.ran.clear()

    def make(**more: Any) -> tuple[Mailboxes, Ran]:
        given = config(exchange, tmp_path, **more)
        shells.append(Shell(given))
        return Mailboxes(shells[-1], given, lambda: "dc1"), exchange.ran

    yield make
    for shell in shells:
        shell.close()


def test_every_write_names_guid_and_controller_and_asks_no_question(made: Make) -> None:
    mailboxes, ran = made()
    mailboxes.enable(GUID, alias="a", address="a@b.mx", kind=MailboxKind.USER)
    mailboxes.settle(GUID, {"hidden": True}, remote=False)
    mailboxes.change_addresses(GUID, ("x@b.mx",), (), remote=False)
    mailboxes.set_primary(GUID, "n@b.mx", remote=True)
    mailboxes.protocols(GUID)
    mailboxes.answer(GUID, "hola")
    mailboxes.disable(GUID, remote=False)
    mailboxes.connect(GUID, user_guid=GUID, alias="a", kind=MailboxKind.USER, database="B1")
    assert len(ran) == 8
    for _, parameters in ran:
        assert (parameters["Identity"], parameters["DomainController"], parameters["Confirm"]) == (GUID, "dc1", False)


@pytest.mark.parametrize(("kind", "switch"), [("compartido", "Shared"), ("sala", "Room"), ("equipo", "Equipment")])
def test_a_mailbox_is_of_its_kind_from_the_start(kind: str, switch: str, made: Make) -> None:
    mailboxes, ran = made(base_datos="B1")
    mailboxes.enable(GUID, alias="a", address="a@b.mx", kind=MailboxKind(kind))
    cmdlet, parameters = ran[0]
    assert (cmdlet, parameters[switch], parameters["Database"]) == ("Enable-Mailbox", True, "B1")


def test_with_a_remote_domain_mailboxes_are_made_there(made: Make) -> None:
    mailboxes, ran = made(dominio_remoto="t.mail.onmicrosoft.com", base_datos="B1")
    mailboxes.enable(GUID, alias="a", address="a@b.mx", kind=MailboxKind.USER)
    cmdlet, parameters = ran[0]
    assert (cmdlet, parameters["RemoteRoutingAddress"]) == ("Enable-RemoteMailbox", "a@t.mail.onmicrosoft.com")
    assert "Database" not in parameters


def test_all_settings_go_in_one_cmdlet(made: Make) -> None:
    mailboxes, ran = made()
    values: dict[str, FieldValue] = {
        "kind": MailboxKind.SHARED,
        "quota_mb": 1000,
        "hidden": True,
        "accepts_mail": False,
        "held": True,
    }
    mailboxes.settle(GUID, values, remote=False)
    ((cmdlet, parameters),) = ran
    assert cmdlet == "Set-Mailbox"
    assert parameters.items() >= {
        "Type": "Shared", "UseDatabaseQuotaDefaults": False, "IssueWarningQuota": "921600KB",
        "ProhibitSendQuota": "1000MB", "ProhibitSendReceiveQuota": "1000MB", "HiddenFromAddressListsEnabled": True,
        "LitigationHoldEnabled": True,
    }.items()  # fmt: skip
    assert parameters["AcceptMessagesOnlyFrom"] == [GUID]


def test_giving_up_a_quota_and_a_restriction_gives_them_back(made: Make) -> None:
    mailboxes, ran = made()
    mailboxes.settle(GUID, {"quota_mb": None, "accepts_mail": True}, remote=False)
    assert ran[0][1]["UseDatabaseQuotaDefaults"] is True
    assert ran[0][1]["AcceptMessagesOnlyFrom"] is None


def test_what_exchange_online_keeps_is_not_set_from_here(made: Make) -> None:
    mailboxes, ran = made()
    for name in ("quota_mb", "held", "remote"):
        with pytest.raises(TargetRejectedError, match=name):
            mailboxes.settle(GUID, {name: True}, remote=True)
    assert not ran


def test_addresses_are_added_and_removed_without_touching_the_rest(made: Make) -> None:
    mailboxes, ran = made()
    mailboxes.change_addresses(GUID, (), (), remote=False)
    mailboxes.change_addresses(GUID, ("x@b.mx",), ("y@b.mx",), remote=True)
    ((cmdlet, parameters),) = ran
    assert cmdlet == "Set-RemoteMailbox"
    assert parameters["EmailAddresses"] == {"Add": ["smtp:x@b.mx"], "Remove": ["smtp:y@b.mx"]}


def test_the_primary_address_never_goes_with_the_list(made: Make) -> None:
    mailboxes, ran = made()
    mailboxes.set_primary(GUID, "n@b.mx", remote=False)
    assert "EmailAddresses" not in ran[0][1]
    assert ran[0][1]["EmailAddressPolicyEnabled"] is False


def test_an_automatic_answer_is_text_and_never_markup(made: Make) -> None:
    mailboxes, ran = made()
    mailboxes.answer(GUID, "<b>Ya no</b>\nlabora")
    mailboxes.answer(GUID, None)
    sent = [parameters for _, parameters in ran]
    assert sent[0]["InternalMessage"] == sent[0]["ExternalMessage"] == "&lt;b&gt;Ya no&lt;/b&gt;<br>labora"
    assert sent[1]["AutoReplyState"] == "Disabled"


def test_a_disconnected_mailbox_is_looked_for_in_every_database(exchange: ExchangeShell, made: Make) -> None:
    exchange.cmdlets = EVERY | {
        "Get-MailboxDatabase": puts_out({"Name": "B1"}),
        "Get-MailboxStatistics": puts_out({"MailboxGuid": GUID.upper()}),
    }
    mailboxes, ran = made()
    mailboxes.connect(GUID, user_guid="u", alias="a", kind=MailboxKind.ROOM)
    assert ran[-1][1]["Room"] is True
    assert ran[-1][1]["Database"] == "B1"
    with pytest.raises(TargetRejectedError, match="Ninguna base"):
        mailboxes.connect("otro", user_guid="u", alias="a", kind=MailboxKind.USER)


def test_a_database_without_a_name_is_none_to_look_in(exchange: ExchangeShell, made: Make) -> None:
    exchange.cmdlets = EVERY | {"Get-MailboxDatabase": puts_out({"Nombre": "B1"})}
    mailboxes, _ = made()
    with pytest.raises(TargetRejectedError, match="Ninguna base"):
        mailboxes.connect(GUID, user_guid="u", alias="a", kind=MailboxKind.USER)


def test_what_the_role_may_not_run_is_not_available(exchange: ExchangeShell, made: Make) -> None:
    exchange.cmdlets = {name: cmdlet for name, cmdlet in EVERY.items() if name != "Enable-Mailbox"}
    mailboxes, _ = made()
    assert mailboxes.available() == set(HERE) - {"Enable-Mailbox"}
