"""The shell over the wire, with the unmodified pypsrp."""

import gc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

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
from tests.exchange.stand_in import PASSWORD, Fault, Hangup, Refused, StandIn, first_times, slow, standing_in

QUOTA = 2150859175


@pytest.fixture
def server(tmp_path: Path) -> Iterator[StandIn]:
    with standing_in(tmp_path) as standing:
        yield standing
    gc.collect()


@pytest.fixture
def shell(server: StandIn, tmp_path: Path) -> Iterator[Shell]:
    made = Shell(server.config(tmp_path))
    yield made
    made.close()


def refuse(kind: str, *, category: bool = True) -> NoReturn:
    raise Refused(kind, category=category)


def test_a_cmdlet_arrives_with_its_parameters_and_its_objects_come_back(server: StandIn, shell: Shell) -> None:
    server.act = lambda *_: [{"Name": "Base1"}]
    assert [one["Name"] for one in shell.invoke("Get-MailboxDatabase", Identity="x")] == ["Base1"]
    shell.invoke("Set-Mailbox", Confirm=False, EmailAddresses={"Add": ["smtp:a@b.mx"]}, Nothing=None)
    assert server.ran[1][1]["Confirm"] is False
    assert server.ran[1][1]["EmailAddresses"] == {"Add": ["smtp:a@b.mx"]}
    assert server.ran[1][1]["Nothing"] is None


def test_one_runspace_is_used_again_leaves_no_pipeline_and_is_closed_at_the_end(
    server: StandIn, shell: Shell
) -> None:
    for _ in range(3):
        shell.invoke("Get-Mailbox")
    assert (server.opened, server.pipelines) == (1, {})
    shell.close()
    shell.close()
    assert not server.pools


def test_an_error_that_does_not_fail_the_pipeline_is_still_an_error(server: StandIn, shell: Shell) -> None:
    server.act = lambda *_: refuse("ManagementObjectNotFoundException")
    with pytest.raises(ChangedMeanwhileError) as caught:
        shell.invoke("Set-Mailbox", Identity="x")
    assert "внутр" not in str(caught.value)
    server.act = lambda *_: []
    shell.invoke("Get-Mailbox")
    assert server.opened == 1


def test_without_a_category_the_type_of_the_exception_tells(server: StandIn, shell: Shell) -> None:
    server.act = lambda *_: refuse("ProxyAddressExistsException", category=False)
    with pytest.raises(TargetRejectedError, match="ya tiene esa dirección"):
        shell.invoke("Set-Mailbox", Identity="x")


def test_a_cmdlet_outside_the_role_is_named_and_stops_the_run(server: StandIn, shell: Shell) -> None:
    server.act = lambda *_: refuse("CommandNotFoundException", category=False)
    with pytest.raises(CmdletMissingError, match="Enable-Mailbox"):
        shell.invoke("Enable-Mailbox", Identity="x")


@pytest.mark.parametrize("action", ["Command", "Receive"])
def test_a_lost_answer_is_unknown_for_a_change_and_unreachable_for_a_read(
    action: str, server: StandIn, shell: Shell
) -> None:
    shell.invoke("Get-Mailbox")  # opening receives too
    server.before = first_times(action, Hangup())
    with pytest.raises(OutcomeUnknownError):
        shell.invoke("Enable-Mailbox", Identity="x")
    server.before = first_times("Command", Hangup())
    with pytest.raises(TargetUnreachableError):
        shell.invoke("Get-Mailbox")


def test_an_answer_lost_after_the_work_is_known_costs_only_the_runspace(server: StandIn, shell: Shell) -> None:
    server.before = first_times("Signal", Hangup())
    shell.invoke("Enable-Mailbox", Identity="x")
    shell.invoke("Get-Mailbox")
    assert (server.opened, server.most) == (2, 1)


def test_a_runspace_that_the_server_closed_is_replaced_and_the_change_made_once(
    server: StandIn, shell: Shell
) -> None:
    shell.invoke("Get-Mailbox")
    server.pools.clear()
    shell.invoke("Enable-Mailbox", Identity="x")
    assert [cmdlet for cmdlet, _ in server.ran] == ["Get-Mailbox", "Enable-Mailbox"]


def test_a_cmdlet_that_does_not_end_is_unknown(server: StandIn, shell: Shell) -> None:
    shell.invoke("Get-Mailbox")

    def late(action: str) -> None:
        if action == "Receive":
            raise Fault(2150858793)

    server.before = late
    shell._idle[0]._patience_s = 1  # type: ignore[misc]  # noqa: SLF001 -- the least to configure is long for a test
    with pytest.raises(OutcomeUnknownError):
        shell.invoke("Enable-Mailbox", Identity="x")


@pytest.mark.parametrize("action", ["Create", "Command"])
def test_a_busy_server_is_waited_out_as_long_as_it_asks_and_visibly(
    action: str, server: StandIn, tmp_path: Path
) -> None:
    said: list[str] = []
    slept: list[float] = []
    policy = Fault(1, "[FailureCategory=AuthZ-AuthorizationException] maximum : 3 : MaxConcurrency.")
    server.before = first_times(action, Fault(QUOTA, "at least 1500 milliseconds"), policy)
    shell = Shell(server.config(tmp_path), waiting=said.append, sleep=slept.append)
    shell.invoke("Enable-Mailbox", Identity="x")
    shell.close()
    assert slept == [1.5, 0.5]
    assert "MaxConcurrency" in said[1]
    assert len(server.ran) == 1


def test_waiting_has_an_end(server: StandIn, tmp_path: Path) -> None:
    server.before = first_times("Create", *[Fault(QUOTA)] * 99)
    shell = Shell(server.config(tmp_path), patience_s=10, sleep=lambda _: None)
    with pytest.raises(TargetUnreachableError, match="Se agotó el tiempo"):
        shell.invoke("Enable-Mailbox", Identity="x")


def test_no_more_shells_are_open_at_once_than_configured(server: StandIn, tmp_path: Path) -> None:
    server.act = slow(0.05)
    shell = Shell(server.config(tmp_path, conexiones=3))
    with ThreadPoolExecutor(8) as workers:
        list(workers.map(lambda _: shell.invoke("Get-Mailbox"), range(16)))
    shell.close()
    assert (server.most, server.opened, len(server.ran), len(server.pools)) == (3, 3, 16, 0)


@pytest.mark.parametrize(("status", "said"), [(401, "no reconoce"), (404, "HTTP 404"), (503, "HTTP 503")])
def test_a_closed_door_is_unreachable_and_keeps_the_password(
    status: int, said: str, server: StandIn, tmp_path: Path
) -> None:
    server.status = status
    shell = Shell(server.config(tmp_path))
    with pytest.raises(TargetUnreachableError, match=said) as caught:
        shell.invoke("Enable-Mailbox", Identity="x")
    assert PASSWORD not in repr(vars(shell)) + str(caught.value) + repr(caught.value.__cause__)


def test_a_certificate_of_another_authority_is_not_accepted(server: StandIn, tmp_path: Path) -> None:
    shell = Shell(server.config(tmp_path, ca=None))
    with pytest.raises(TargetUnreachableError, match="TLS"):
        shell.invoke("Get-Mailbox")


def test_a_password_that_others_may_read_is_refused(server: StandIn, tmp_path: Path) -> None:
    config = server.config(tmp_path)
    (tmp_path / "clave").chmod(0o644)
    with pytest.raises(ConfigurationError, match="Otros pueden leer"):
        Shell(config)
