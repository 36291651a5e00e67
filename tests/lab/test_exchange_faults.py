"""What goes wrong on order in the double of Exchange's shell."""

import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from psrpcore.types import PSObject
from pypsrp.exceptions import WSManFaultError
from pypsrp.powershell import PowerShell, RunspacePool

from tests.exchange.shells import everything, exchange_over_tls, fails
from tests.lab.bare_client import only_error, pool_on, run, wire
from tests.lab.exchange.cmdlet import Call
from tests.lab.exchange.faults import ALWAYS, Order, leave
from tests.lab.exchange.records import thing
from tests.lab.exchange.server import ExchangeShell


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[ExchangeShell]:
    with exchange_over_tls(tmp_path, faults_file=tmp_path / "fallas.json") as serving:
        yield serving


@pytest.fixture
def pool(exchange: ExchangeShell, tmp_path: Path) -> Iterator[RunspacePool]:
    with wire(exchange, tmp_path) as connection, pool_on(connection) as one:
        yield one


def test_an_error_after_the_work_leaves_the_work_done(exchange: ExchangeShell, pool: RunspacePool) -> None:
    done: list[str] = []

    def works(call: Call) -> Iterable[PSObject]:
        done.append(call.name)
        return [thing("Mailbox", {})]

    exchange.cmdlets = everything(works)
    exchange.faults.order("error_after", "Enable-Mailbox", value="ADTransientException")
    pipeline = run(pool, "Enable-Mailbox")
    assert (done, pipeline.output) == (["Enable-Mailbox"], [])
    assert "Cmdlet-ADTransientException]" in only_error(pipeline).fq_error


@pytest.mark.parametrize(("kind", "done"), [("slow", 0), ("slow_after", 1)])
def test_a_cmdlet_given_up_while_it_is_slow_has_done_all_or_nothing(
    kind: Any, done: int, exchange: ExchangeShell, pool: RunspacePool
) -> None:
    exchange.faults.order(kind, "Enable-Mailbox", value=60)
    pipeline = PowerShell(pool)
    pipeline.add_cmdlet("Enable-Mailbox")
    pipeline.begin_invoke()
    pipeline.poll_invoke(timeout=1)
    [working] = [one for one in threading.enumerate() if one.name == "Enable-Mailbox"]
    pipeline.stop()
    working.join(5)
    assert (working.is_alive(), len(exchange.ran)) == (False, done)


@pytest.mark.parametrize(("kind", "done"), [("drop_before", 0), ("drop_after", 1)])
def test_a_dropped_connection_tells_nothing_of_what_was_done(
    kind: Any, done: int, exchange: ExchangeShell, pool: RunspacePool
) -> None:
    exchange.faults.order(kind, "Enable-Mailbox")
    with pytest.raises(Exception, match="closed connection"):
        run(pool, "Enable-Mailbox")
    assert len(exchange.ran) == done


def test_a_message_in_another_language_keeps_its_category(exchange: ExchangeShell, pool: RunspacePool) -> None:
    exchange.cmdlets = everything(fails("ManagementObjectNotFoundException", "not there"))
    exchange.faults.order("language", times=ALWAYS, value="No se encontró el objeto.")
    pipeline = run(pool, "Get-Mailbox")
    assert str(only_error(pipeline)) == "No se encontró el objeto."
    assert "[FailureCategory=Cmdlet-ManagementObjectNotFoundException]" in only_error(pipeline).fq_error


def test_a_cmdlet_is_told_to_answer_as_a_stale_controller(exchange: ExchangeShell, pool: RunspacePool) -> None:
    exchange.cmdlets = everything(lambda call: [cast("PSObject", call.stale)])
    exchange.faults.order("stale", "Get-Mailbox")
    assert run(pool, "Set-Mailbox").output == [False]
    assert run(pool, "Get-Mailbox").output == [True]
    assert run(pool, "Get-Mailbox").output == [False]


def test_another_process_orders_faults_by_a_file(exchange: ExchangeShell, pool: RunspacePool, tmp_path: Path) -> None:
    leave(tmp_path / "fallas.json", [Order("back_off", "Get-Mailbox", value="700")])
    with pytest.raises(WSManFaultError, match="at least 700 milliseconds") as caught:
        run(pool, "Get-Mailbox")
    assert caught.value.code == 2150859175
    run(pool, "Get-Mailbox")
    leave(tmp_path / "fallas.json", [Order("language", times=ALWAYS), Order("http", "Command", value="503")])
    leave(tmp_path / "fallas.json", [])
    run(pool, "Get-Mailbox")
    assert len(exchange.ran) == 2
