"""The shell over the wire, with the unmodified pypsrp."""

import gc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from reconciler.errors import (
    ChangedMeanwhileError,
    ConfigurationError,
    OutcomeUnknownError,
    TargetRejectedError,
    TargetUnreachableError,
)
from reconciler.exchange.records import CmdletMissingError
from reconciler.exchange.shell import Shell
from tests.exchange.shells import (
    PASSWORD,
    config,
    everything,
    exchange_over_tls,
    fails,
    pipelines,
    puts_out,
    takes,
)
from tests.lab.exchange.faults import ALWAYS
from tests.lab.exchange.server import ExchangeShell


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ExchangeShell]:
    with exchange_over_tls(tmp_path) as exchange:
        yield exchange
    gc.collect()


@pytest.fixture
def shell(server: ExchangeShell, tmp_path: Path) -> Iterator[Shell]:
    made = Shell(config(server, tmp_path))
    yield made
    made.close()


def test_a_cmdlet_arrives_with_its_parameters_and_its_objects_come_back(server: ExchangeShell, shell: Shell) -> None:
    server.cmdlets = everything(puts_out({"Name": "Base1"}))
    assert [one["Name"] for one in shell.invoke("Get-MailboxDatabase", Identity="x")] == ["Base1"]
    shell.invoke("Set-Mailbox", Confirm=False, EmailAddresses={"Add": ["smtp:a@b.mx"]}, Nothing=None)
    assert server.ran[1][1]["Confirm"] is False
    assert server.ran[1][1]["EmailAddresses"] == {"Add": ["smtp:a@b.mx"]}
    assert server.ran[1][1]["Nothing"] is None


def test_one_runspace_is_used_again_leaves_no_pipeline_and_is_closed_at_the_end(
    server: ExchangeShell, shell: Shell
) -> None:
    for _ in range(3):
        shell.invoke("Get-Mailbox")
    assert (server.provider.opened, pipelines(server)) == (1, 0)
    shell.close()
    shell.close()
    assert not server.shells


def test_an_error_that_does_not_fail_the_pipeline_is_still_an_error(server: ExchangeShell, shell: Shell) -> None:
    server.cmdlets = everything(fails("ManagementObjectNotFoundException"))
    with pytest.raises(ChangedMeanwhileError) as caught:
        shell.invoke("Set-Mailbox", Identity="x")
    assert "внутр" not in str(caught.value)
    server.cmdlets = everything(puts_out())
    shell.invoke("Get-Mailbox")
    assert server.provider.opened == 1


def test_without_a_category_the_type_of_the_exception_tells(server: ExchangeShell, shell: Shell) -> None:
    server.cmdlets = everything(fails("ProxyAddressExistsException", categorised=False))
    with pytest.raises(TargetRejectedError, match="ya tiene esa dirección"):
        shell.invoke("Set-Mailbox", Identity="x")


def test_a_cmdlet_outside_the_role_is_named_and_stops_the_run(server: ExchangeShell, shell: Shell) -> None:
    server.cmdlets = {}
    with pytest.raises(CmdletMissingError, match="Enable-Mailbox"):
        shell.invoke("Enable-Mailbox", Identity="x")


@pytest.mark.parametrize("action", ["Command", "Receive"])
def test_a_lost_answer_is_unknown_for_a_change_and_unreachable_for_a_read(
    action: str, server: ExchangeShell, shell: Shell
) -> None:
    shell.invoke("Get-Mailbox")  # opening receives too
    server.faults.order("drop_before", action)
    with pytest.raises(OutcomeUnknownError):
        shell.invoke("Enable-Mailbox", Identity="x")
    server.faults.order("drop_before", "Command")
    with pytest.raises(TargetUnreachableError):
        shell.invoke("Get-Mailbox")


def test_an_answer_lost_after_the_work_is_known_costs_only_the_runspace(server: ExchangeShell, shell: Shell) -> None:
    server.faults.order("drop_before", "Signal")
    shell.invoke("Enable-Mailbox", Identity="x")
    shell.invoke("Get-Mailbox")
    assert (server.provider.opened, server.provider.most) == (2, 1)


def test_a_runspace_that_the_server_closed_is_replaced_and_the_change_made_once(
    server: ExchangeShell, shell: Shell
) -> None:
    shell.invoke("Get-Mailbox")
    server.provider.close()
    shell.invoke("Enable-Mailbox", Identity="x")
    assert [cmdlet for cmdlet, _ in server.ran] == ["Get-Mailbox", "Enable-Mailbox"]


def test_a_cmdlet_that_does_not_end_is_unknown(server: ExchangeShell, shell: Shell) -> None:
    shell.invoke("Get-Mailbox")
    server.faults.order("slow", "Enable-Mailbox", value=60)
    shell._idle[0]._patience_s = 1  # type: ignore[misc]  # noqa: SLF001 -- the least to configure is long for a test
    with pytest.raises(OutcomeUnknownError):
        shell.invoke("Enable-Mailbox", Identity="x")


@pytest.mark.parametrize("action", ["Create", "Command"])
def test_a_busy_server_is_waited_out_as_long_as_it_asks_and_visibly(
    action: str, server: ExchangeShell, tmp_path: Path
) -> None:
    said: list[str] = []
    slept: list[float] = []
    server.faults.order("back_off", action, value=1500)
    server.faults.order("runspaces", action)
    shell = Shell(config(server, tmp_path), waiting=said.append, sleep=slept.append)
    shell.invoke("Enable-Mailbox", Identity="x")
    shell.close()
    assert slept == [1.5, 1.0]
    assert "MaxConcurrency" in said[1]
    assert len(server.ran) == 1


def test_waiting_has_an_end(server: ExchangeShell, tmp_path: Path) -> None:
    server.faults.order("runspaces", "Create", times=ALWAYS)
    shell = Shell(config(server, tmp_path), patience_s=10, sleep=lambda _: None)
    with pytest.raises(TargetUnreachableError, match="Se agotó el tiempo"):
        shell.invoke("Enable-Mailbox", Identity="x")


def test_no_more_shells_are_open_at_once_than_configured(server: ExchangeShell, tmp_path: Path) -> None:
    server.cmdlets = everything(takes(0.05))
    shell = Shell(config(server, tmp_path, conexiones=3))
    with ThreadPoolExecutor(8) as workers:
        list(workers.map(lambda _: shell.invoke("Get-Mailbox"), range(16)))
    shell.close()
    assert (server.provider.most, server.provider.opened, len(server.ran), len(server.shells)) == (3, 3, 16, 0)


@pytest.mark.parametrize(("status", "said"), [(404, "HTTP 404"), (503, "HTTP 503")])
def test_a_closed_door_is_unreachable(status: int, said: str, server: ExchangeShell, tmp_path: Path) -> None:
    server.faults.order("http", "Create", value=status)
    with pytest.raises(TargetUnreachableError, match=said):
        Shell(config(server, tmp_path)).invoke("Enable-Mailbox", Identity="x")


def test_a_wrong_password_is_told_and_not_shown(server: ExchangeShell, tmp_path: Path) -> None:
    shell = Shell(config(server, tmp_path, password=PASSWORD[::-1]))
    with pytest.raises(TargetUnreachableError, match="no reconoce") as caught:
        shell.invoke("Enable-Mailbox", Identity="x")
    assert PASSWORD[::-1] not in repr(vars(shell)) + str(caught.value) + repr(caught.value.__cause__)


def test_a_certificate_of_another_authority_is_not_accepted(server: ExchangeShell, tmp_path: Path) -> None:
    shell = Shell(config(server, tmp_path, ca=None))
    with pytest.raises(TargetUnreachableError, match="TLS"):
        shell.invoke("Get-Mailbox")


def test_a_password_that_others_may_read_is_refused(server: ExchangeShell, tmp_path: Path) -> None:
    given = config(server, tmp_path)
    (tmp_path / "clave").chmod(0o644)
    with pytest.raises(ConfigurationError, match="Otros pueden leer"):
        Shell(given)
