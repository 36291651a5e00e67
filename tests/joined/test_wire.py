"""What reaches Exchange: how objects are named, by whom it is asked, and what it is asked for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from reconciler.errors import TargetRejectedError
from reconciler.joined import ExchangeTarget
from reconciler.model import Mailbox, MailboxKind, Tipo
from reconciler.plan import FieldChange
from tests.conformance.acting import made, there, wanted
from tests.conformance.mail import ExchangeOutsider

CLOUD = "sinaloa.mail.onmicrosoft.com"


def test_every_cmdlet_names_one_object_and_one_controller_and_asks_nothing(
    target: ExchangeTarget, outsider: ExchangeOutsider
) -> None:
    handle = made(target, wanted(), Mailbox(quota_mb=500))
    target.change_aliases(handle, ("b@sinaloa.gob.mx",), ())
    target.answer_automatically(handle, "No está.")
    target.disconnect_mailbox(handle)
    target.reconnect_mailbox(handle, Mailbox())
    ran = list(outsider.exchange.shell.ran)
    assert {name for name, _ in ran} >= {"Enable-Mailbox", "Set-Mailbox", "Set-CASMailbox", "Connect-Mailbox"}
    for name, parameters in ran:
        assert parameters["DomainController"].casefold() == outsider.controller.host_name, name
        if not name.startswith("Get-"):
            assert parameters["Confirm"] is False, name
            assert "@" not in str(parameters["Identity"]), name


def test_a_mailbox_has_its_ways_in_before_anybody_can_log_on(outsider: ExchangeOutsider) -> None:
    target = outsider.opened(protocolos={"owa": True, "mapi": False, "ews": True, "imap": True})
    target.read()
    handle = made(target, wanted(), Mailbox())
    [found] = outsider.ask("Get-CASMailbox", Identity=handle.guid)
    ways = ("OWAEnabled", "MAPIEnabled", "EwsEnabled", "ActiveSyncEnabled", "ImapEnabled", "PopEnabled")
    assert [found[one] for one in ways] == [True, False, True, False, True, False]


def test_no_more_shells_than_configured_work_at_once_and_all_of_them_do(outsider: ExchangeOutsider) -> None:
    shell = outsider.exchange.shell
    target = outsider.opened(conexiones=3)
    target.read()
    shell.faults.order("slow", "Enable-Mailbox", times=6, value=0.2)
    crew = [target, *target.companions()]
    people = [wanted(f"persona.{number}") for number in range(6)]
    with ThreadPoolExecutor(len(crew)) as pool:
        work = [pool.submit(lambda one, who: [made(one, each, Mailbox()) for each in who], one, people[at::3])
                for at, one in enumerate(crew)]  # fmt: skip
        handles = [handle for done in work for handle in done.result()]
    assert len(shell.shells) == 3
    assert {there(target, handle).account.mailbox for handle in handles} == {Mailbox()}
    for one in reversed(crew):
        one.close()
    assert not shell.shells


# --- hybrid ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", list(MailboxKind))
def test_where_exchange_online_is_configured_new_mailboxes_are_made_there(
    outsider: ExchangeOutsider, kind: MailboxKind
) -> None:
    target = outsider.opened(dominio_remoto=CLOUD)
    target.read()
    tipo = {MailboxKind.USER: Tipo.PERSONAL, MailboxKind.SHARED: Tipo.COMPARTIDA}.get(kind, Tipo.RECURSO)
    one = wanted(tipo=tipo)
    handle = made(target, one, Mailbox(kind=kind, hidden=True))
    assert there(target, handle).account == replace(one, mailbox=Mailbox(kind=kind, hidden=True, remote=True))
    values = outsider.values(handle.guid, "targetAddress", "homeMDB")
    assert values == {"targetAddress": [f"SMTP:juan.perez@{CLOUD}"]}


def test_the_ladder_goes_down_in_exchange_online_too(outsider: ExchangeOutsider) -> None:
    target = outsider.opened(dominio_remoto=CLOUD)
    target.read()
    handle = made(target, wanted(aliases=("a@sinaloa.gob.mx",)), Mailbox())
    target.change_aliases(handle, ("b@sinaloa.gob.mx",), ("a@sinaloa.gob.mx",))
    target.disable(handle)
    target.answer_automatically(handle, "No está.")
    target.update_mailbox(
        handle, (FieldChange("hidden", old=False, new=True), FieldChange("accepts_mail", old=True, new=False))
    )
    mailbox = there(target, handle).account.mailbox
    assert mailbox == Mailbox(hidden=True, accepts_mail=False, remote=True)
    target.disconnect_mailbox(handle)
    seen = there(target, handle)
    assert (seen.account.mailbox, seen.handle.mailbox_fault) == (None, None)
    assert (seen.account.address, seen.account.aliases) == (wanted().address, ("b@sinaloa.gob.mx",))
    assert "Set-MailboxAutoReplyConfiguration" not in {name for name, _ in outsider.exchange.shell.ran}


# --- proof of life ---------------------------------------------------------------------------------------


def test_an_alta_ends_when_the_server_has_taken_its_first_message(outsider: ExchangeOutsider) -> None:
    target = outsider.opened(prueba_entrega=outsider.exchange.proof())
    target.read()
    handle = made(target, wanted(), Mailbox())
    assert [recipients for recipients, _ in outsider.exchange.delivery.sent] == [(wanted().address,)]
    assert there(target, handle).account.logon_enabled


def test_a_mailbox_that_takes_no_mail_is_not_put_in_service(outsider: ExchangeOutsider) -> None:
    target = outsider.opened(prueba_entrega=outsider.exchange.proof())
    target.read()
    one = wanted()
    outsider.exchange.delivery.faults.append("550 5.1.10 RESOLVER.ADR.RecipientNotFound")
    with pytest.raises(TargetRejectedError, match="550"):
        made(target, one, Mailbox())
    seen = target.read().accounts[one.key]
    assert seen.handle.unfinished
    assert not seen.account.logon_enabled
    target.finish(seen.handle, one)
    assert there(target, seen.handle).account.logon_enabled
