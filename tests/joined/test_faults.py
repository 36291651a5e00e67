"""What goes wrong between the directory and Exchange, and what is believed then."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from psrpcore.types import PSObject

from reconciler.errors import ChangedMeanwhileError, OutcomeUnknownError, TargetError, TargetRejectedError
from reconciler.joined import ExchangeTarget
from reconciler.model import AccountKey, Mailbox
from reconciler.plan import FieldChange
from tests.conformance.acting import made, there, wanted
from tests.conformance.mail import ExchangeOutsider
from tests.lab.exchange.cmdlet import Call
from tests.lab.exchange.records import ExchangeError

HIDE = (FieldChange("hidden", old=False, new=True),)


@pytest.mark.parametrize("fault", ["error_after", "drop_after"])
def test_what_was_done_although_the_answer_says_otherwise_is_believed(
    target: ExchangeTarget, outsider: ExchangeOutsider, fault: str
) -> None:
    orders = outsider.exchange.shell.faults
    handle = made(target, wanted(), Mailbox(quota_mb=500))
    steps: list[tuple[str, Callable[[], None], Mailbox | None]] = [
        ("Set-Mailbox", lambda: target.update_mailbox(handle, HIDE), Mailbox(quota_mb=500, hidden=True)),
        ("Disable-Mailbox", lambda: target.disconnect_mailbox(handle), None),
        ("Connect-Mailbox", lambda: target.reconnect_mailbox(handle, Mailbox()), Mailbox()),
    ]
    for cmdlet, act, after in steps:
        orders.order(fault, cmdlet, value="RecipientTaskException")  # type: ignore[arg-type]
        act()
        assert orders.take(fault, cmdlet) is None  # type: ignore[arg-type]
        assert there(target, handle).account.mailbox == after
    assert there(target, handle).account.address == wanted().address


@pytest.mark.parametrize("fault", ["error_after", "drop_after"])
def test_a_mailbox_that_was_made_behind_an_error_is_finished_as_it_is_wanted(
    target: ExchangeTarget, outsider: ExchangeOutsider, fault: str
) -> None:
    outsider.exchange.shell.faults.order(fault, "Enable-Mailbox", value="RecipientTaskException")  # type: ignore[arg-type]
    handle = made(target, wanted(), Mailbox(quota_mb=500))
    assert there(target, handle).account.mailbox == Mailbox(quota_mb=500)
    assert there(target, handle).account.logon_enabled


def test_a_connection_lost_before_the_work_is_unknown_and_nobody_can_log_on(
    target: ExchangeTarget, outsider: ExchangeOutsider
) -> None:
    one = wanted("caja.saf")
    handle = target.create(one)
    outsider.exchange.shell.faults.order("drop_before", "Enable-Mailbox")
    with pytest.raises(OutcomeUnknownError):
        target.enable_mailbox(handle, Mailbox())
    seen = there(target, handle)
    assert (seen.account.mailbox, seen.handle.unfinished, seen.account.logon_enabled) == (None, True, False)
    target.enable_mailbox(handle, Mailbox())
    assert there(target, handle).account.mailbox == Mailbox()


def test_an_error_in_any_language_is_the_same_error(target: ExchangeTarget, outsider: ExchangeOutsider) -> None:
    outsider.foreign_user("ana.ajena2", "ana.ajena2@sinaloa.gob.mx")
    guid = outsider.foreign_user("luis.ajeno2", "luis.ajeno2@sinaloa.gob.mx")
    outsider.replace_values(guid, proxyAddresses=["smtp:ocupada@sinaloa.gob.mx"])
    handle = made(target, wanted(), Mailbox())
    orders = outsider.exchange.shell.faults
    said = []
    for words in (None, "La dirección de proxy ya se usa.", "Прокси-адрес уже используется."):
        if words:
            orders.order("language", "Set-Mailbox", value=words)
        with pytest.raises(TargetRejectedError) as caught:
            target._mailboxes.change_addresses(handle.guid, ("ocupada@sinaloa.gob.mx",), (), remote=False)  # noqa: SLF001 -- past our own look at who has it
        said.append(str(caught.value))
    assert len(set(said)) == 1


def test_a_controller_that_lags_behind_changes_nothing(target: ExchangeTarget, outsider: ExchangeOutsider) -> None:
    handle = target.create(wanted())
    outsider.exchange.shell.faults.order("stale", "Enable-Mailbox")
    with pytest.raises(ChangedMeanwhileError):
        target.enable_mailbox(handle, Mailbox())
    assert there(target, handle).account.mailbox is None
    target.enable_mailbox(handle, Mailbox())
    assert there(target, handle).account.mailbox == Mailbox()


@pytest.mark.parametrize(("fault", "value"), [("back_off", "300"), ("runspaces", "")])
def test_a_busy_exchange_is_waited_for_and_the_wait_is_said(
    target: ExchangeTarget, outsider: ExchangeOutsider, fault: str, value: str
) -> None:
    handle = target.create(wanted())
    outsider.exchange.shell.faults.order(fault, "Enable-Mailbox" if value else "Create", value=value)  # type: ignore[arg-type]
    target.enable_mailbox(handle, Mailbox())
    assert there(target, handle).account.mailbox == Mailbox()
    [told] = outsider.heard
    assert "Se intenta de nuevo en" in told


def test_a_broken_mailbox_is_reported_and_nothing_of_it_reaches_exchange(
    target: ExchangeTarget, outsider: ExchangeOutsider
) -> None:
    handle = made(target, wanted(), Mailbox())
    outsider.replace_values(handle.guid, msExchMailboxGuid=[])
    seen = target.read().accounts[wanted().key]
    assert seen.handle.mailbox_fault == "tiene base y no identificador"
    outsider.exchange.shell.ran.clear()
    acts: list[Callable[[], None]] = [
        lambda: target.enable_mailbox(handle, Mailbox()),
        lambda: target.update_mailbox(handle, HIDE),
        lambda: target.disconnect_mailbox(handle),
        lambda: target.reconnect_mailbox(handle, Mailbox()),
        lambda: target.answer_automatically(handle, "No está."),
    ]
    for act in acts:
        with pytest.raises(TargetError, match="a medias"):
            act()
    assert list(outsider.exchange.shell.ran) == []
    target.disable(handle)
    assert not there(target, handle).account.logon_enabled


def test_an_address_of_a_broken_mailbox_is_not_written_by_ldap_and_the_rest_of_the_account_is(
    target: ExchangeTarget, outsider: ExchangeOutsider
) -> None:
    handle = made(target, wanted(), Mailbox())
    outsider.replace_values(handle.guid, msExchMailboxGuid=[])
    before = outsider.values(handle.guid, "mail", "proxyAddresses")
    address = FieldChange("address", "juan.perez@sinaloa.gob.mx", "juan.nuevo@sinaloa.gob.mx")
    acts: list[Callable[[], None]] = [
        lambda: target.rename(handle, AccountKey("juan.nuevo"), (address,)),
        lambda: target.update(handle, (address, FieldChange("title", "Analista", "Jefe"))),
        lambda: target.change_aliases(handle, ("otra@sinaloa.gob.mx",), ()),
    ]
    for act in acts:
        with pytest.raises(TargetRejectedError, match="a medias"):
            act()
    assert outsider.values(handle.guid, "mail", "proxyAddresses") == before
    target.update(handle, (FieldChange("title", "Analista", "Jefe"),))
    target.disable(handle)
    assert there(target, handle).account.title == "Jefe"


def test_an_address_that_went_with_its_mailbox_is_written_where_exchange_looks_for_it(
    target: ExchangeTarget, outsider: ExchangeOutsider
) -> None:
    handle = made(target, wanted(), Mailbox())
    outsider.ask("Disable-Mailbox", Identity=handle.guid, Confirm=False)
    target.update(handle, (FieldChange("address", "", "juan.perez@sinaloa.gob.mx"),))
    assert outsider.values(handle.guid, "mail", "proxyAddresses") == {
        "mail": ["juan.perez@sinaloa.gob.mx"],
        "proxyAddresses": ["SMTP:juan.perez@sinaloa.gob.mx"],
    }


def test_an_address_that_somebody_took_meanwhile_is_not_given_back_and_the_others_are(
    target: ExchangeTarget, outsider: ExchangeOutsider
) -> None:
    handle = made(target, wanted(aliases=("j.perez@sinaloa.gob.mx",)), Mailbox())
    other = outsider.foreign_user("ana.ajena3", "ana.ajena3@sinaloa.gob.mx")
    kept = target.addresses(handle)
    outsider.ask("Disable-Mailbox", Identity=handle.guid, Confirm=False)
    outsider.replace_values(other, proxyAddresses=["smtp:j.perez@sinaloa.gob.mx"])
    with pytest.raises(TargetRejectedError, match=r"j\.perez@sinaloa\.gob\.mx ya es de CN="):
        target.give_addresses_back(handle, kept)
    assert there(target, handle).account.aliases == ()
    assert there(target, handle).account.address == "juan.perez@sinaloa.gob.mx"


def test_a_mailbox_that_breaks_while_it_is_taken_off_is_not_said_to_be_gone(
    target: ExchangeTarget, outsider: ExchangeOutsider
) -> None:
    handle = made(target, wanted(), Mailbox())
    shell = outsider.exchange.shell
    real = shell.cmdlets

    def half(_: Call) -> Iterable[PSObject]:
        outsider.replace_values(handle.guid, homeMDB=[])
        raise ExchangeError("RecipientTaskException", "The operation couldn't be completed.")

    shell.cmdlets = {**real, "Disable-Mailbox": half}
    try:
        with pytest.raises(TargetRejectedError):
            target.disconnect_mailbox(handle)
    finally:
        shell.cmdlets = real
    assert there(target, handle).handle.mailbox_fault == "tiene identificador y no base"
