"""What each verb asks of Exchange."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from reconciler.config import Exchange
from reconciler.errors import TargetRejectedError
from reconciler.exchange.mailboxes import Mailboxes
from reconciler.exchange.records import missing
from reconciler.exchange.shell import Shell
from reconciler.model import MailboxKind
from reconciler.plan import FieldValue

GUID = "6f1c0a52-9d5b-4c0e-8a57-0d1f6b7f2a11"


class Recorder(Shell):
    """Keeps what would be sent, and answers from a table."""

    def __init__(self, config: Exchange, answers: Mapping[str, Any]) -> None:
        super().__init__(config)
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.answers = answers

    def invoke(self, cmdlet: str, /, **parameters: Any) -> tuple[Mapping[str, object], ...]:
        self.sent.append((cmdlet, parameters))
        answer = self.answers.get(parameters.get("Name", cmdlet), ())
        if isinstance(answer, Exception):
            raise answer
        return tuple(answer)


def made(answers: Mapping[str, Any] | None = None, **more: Any) -> tuple[Mailboxes, Recorder]:
    secret = Path(more.pop("folder")) / "clave"
    secret.touch(mode=0o600)
    secret.write_text("x", encoding="utf-8")
    given = {"servidor": "ex1", "seguridad": "basico", "usuario": "svc", "clave_archivo": secret}
    config = Exchange.model_validate(given | more)
    shell = Recorder(config, answers or {})
    return Mailboxes(shell, config, lambda: "dc1"), shell


def test_every_write_names_guid_and_controller_and_asks_no_question(tmp_path: Path) -> None:
    mailboxes, shell = made(folder=tmp_path)
    mailboxes.enable(GUID, alias="a", address="a@b.mx", kind=MailboxKind.USER)
    mailboxes.settle(GUID, {"hidden": True}, remote=False)
    mailboxes.change_addresses(GUID, ("x@b.mx",), (), remote=False)
    mailboxes.set_primary(GUID, "n@b.mx", remote=True)
    mailboxes.protocols(GUID)
    mailboxes.answer(GUID, "hola")
    mailboxes.disable(GUID, remote=False)
    mailboxes.connect(GUID, user_guid=GUID, alias="a", kind=MailboxKind.USER, database="B1")
    assert len(shell.sent) == 8
    for _, parameters in shell.sent:
        assert (parameters["Identity"], parameters["DomainController"], parameters["Confirm"]) == (GUID, "dc1", False)


@pytest.mark.parametrize(("kind", "switch"), [("compartido", "Shared"), ("sala", "Room"), ("equipo", "Equipment")])
def test_a_mailbox_is_of_its_kind_from_the_start(kind: str, switch: str, tmp_path: Path) -> None:
    mailboxes, shell = made(folder=tmp_path, base_datos="B1")
    mailboxes.enable(GUID, alias="a", address="a@b.mx", kind=MailboxKind(kind))
    cmdlet, parameters = shell.sent[0]
    assert (cmdlet, parameters[switch], parameters["Database"]) == ("Enable-Mailbox", True, "B1")


def test_with_a_remote_domain_mailboxes_are_made_there(tmp_path: Path) -> None:
    mailboxes, shell = made(folder=tmp_path, dominio_remoto="t.mail.onmicrosoft.com", base_datos="B1")
    mailboxes.enable(GUID, alias="a", address="a@b.mx", kind=MailboxKind.USER)
    cmdlet, parameters = shell.sent[0]
    assert (cmdlet, parameters["RemoteRoutingAddress"]) == ("Enable-RemoteMailbox", "a@t.mail.onmicrosoft.com")
    assert "Database" not in parameters


def test_all_settings_go_in_one_cmdlet(tmp_path: Path) -> None:
    mailboxes, shell = made(folder=tmp_path)
    values: dict[str, FieldValue] = {
        "kind": MailboxKind.SHARED,
        "quota_mb": 1000,
        "hidden": True,
        "accepts_mail": False,
        "held": True,
    }
    mailboxes.settle(GUID, values, remote=False)
    ((cmdlet, parameters),) = shell.sent
    assert cmdlet == "Set-Mailbox"
    assert parameters.items() >= {
        "Type": "Shared", "UseDatabaseQuotaDefaults": False, "IssueWarningQuota": "921600KB",
        "ProhibitSendQuota": "1000MB", "ProhibitSendReceiveQuota": "1000MB", "HiddenFromAddressListsEnabled": True,
        "LitigationHoldEnabled": True,
    }.items()  # fmt: skip
    assert parameters["AcceptMessagesOnlyFrom"] == [GUID]


def test_giving_up_a_quota_and_a_restriction_gives_them_back(tmp_path: Path) -> None:
    mailboxes, shell = made(folder=tmp_path)
    mailboxes.settle(GUID, {"quota_mb": None, "accepts_mail": True}, remote=False)
    assert shell.sent[0][1]["UseDatabaseQuotaDefaults"] is True
    assert shell.sent[0][1]["AcceptMessagesOnlyFrom"] is None


def test_what_exchange_online_keeps_is_not_set_from_here(tmp_path: Path) -> None:
    mailboxes, shell = made(folder=tmp_path)
    for name in ("quota_mb", "held", "remote"):
        with pytest.raises(TargetRejectedError, match=name):
            mailboxes.settle(GUID, {name: True}, remote=True)
    assert not shell.sent


def test_addresses_are_added_and_removed_without_touching_the_rest(tmp_path: Path) -> None:
    mailboxes, shell = made(folder=tmp_path)
    mailboxes.change_addresses(GUID, (), (), remote=False)
    mailboxes.change_addresses(GUID, ("x@b.mx",), ("y@b.mx",), remote=True)
    ((cmdlet, parameters),) = shell.sent
    assert cmdlet == "Set-RemoteMailbox"
    assert parameters["EmailAddresses"] == {"Add": ["smtp:x@b.mx"], "Remove": ["smtp:y@b.mx"]}


def test_the_primary_address_never_goes_with_the_list(tmp_path: Path) -> None:
    mailboxes, shell = made(folder=tmp_path)
    mailboxes.set_primary(GUID, "n@b.mx", remote=False)
    assert "EmailAddresses" not in shell.sent[0][1]
    assert shell.sent[0][1]["EmailAddressPolicyEnabled"] is False


def test_an_automatic_answer_is_text_and_never_markup(tmp_path: Path) -> None:
    mailboxes, shell = made(folder=tmp_path)
    mailboxes.answer(GUID, "<b>Ya no</b>\nlabora")
    mailboxes.answer(GUID, None)
    sent = [parameters for _, parameters in shell.sent]
    assert sent[0]["InternalMessage"] == sent[0]["ExternalMessage"] == "&lt;b&gt;Ya no&lt;/b&gt;<br>labora"
    assert sent[1]["AutoReplyState"] == "Disabled"


def test_a_disconnected_mailbox_is_looked_for_in_every_database(tmp_path: Path) -> None:
    answers = {"Get-MailboxDatabase": [{"Name": "B1"}], "Get-MailboxStatistics": [{"MailboxGuid": GUID.upper()}]}
    mailboxes, shell = made(answers, folder=tmp_path)
    mailboxes.connect(GUID, user_guid="u", alias="a", kind=MailboxKind.ROOM)
    assert shell.sent[-1][1]["Room"] is True
    assert shell.sent[-1][1]["Database"] == "B1"
    with pytest.raises(TargetRejectedError, match="Ninguna base"):
        mailboxes.connect("otro", user_guid="u", alias="a", kind=MailboxKind.USER)


def test_what_the_role_may_not_run_is_not_available(tmp_path: Path) -> None:
    every = {"Set-Mailbox": [{"Name": "Set-Mailbox"}], "Enable-Mailbox": missing("Get-Command")}
    mailboxes, _ = made(every, folder=tmp_path)
    assert mailboxes.available() == {"Set-Mailbox"}
