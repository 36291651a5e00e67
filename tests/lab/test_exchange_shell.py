"""What the double of Exchange's shell does to the unmodified client."""

import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from psrpcore.types import PSObject
from pypsrp.exceptions import WinRMTransportError, WSManFaultError
from pypsrp.host import PSHost, PSHostUserInterface
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.serializer import TaggedValue

from tests.exchange.shells import PASSWORD, USER, config, everything, exchange_over_tls, fails, pipelines, puts_out
from tests.lab.bare_client import only_error, overheard, pool_on, run, wire
from tests.lab.exchange.cmdlet import Call
from tests.lab.exchange.gate import Basic
from tests.lab.exchange.records import thing
from tests.lab.exchange.server import ExchangeShell

MILLION = 1_000_000


@pytest.fixture
def exchange(tmp_path: Path) -> Iterator[ExchangeShell]:
    with exchange_over_tls(tmp_path, limit=3) as serving:
        yield serving


@pytest.fixture
def pool(exchange: ExchangeShell, tmp_path: Path) -> Iterator[RunspacePool]:
    with wire(exchange, tmp_path) as connection, pool_on(connection) as one:
        yield one


def test_only_its_own_path_and_configuration_are_there(exchange: ExchangeShell, tmp_path: Path) -> None:
    with pytest.raises(WinRMTransportError) as caught, pool_on(wire(exchange, tmp_path, path="wsman")):
        pass
    assert caught.value.code == 404
    with pytest.raises(WSManFaultError) as fault, RunspacePool(wire(exchange, tmp_path)):
        pass
    assert fault.value.code == 2150858811
    assert not exchange.provider.opened


def test_language_is_refused_and_so_is_a_second_command(exchange: ExchangeShell, pool: RunspacePool) -> None:
    script, piped = PowerShell(pool), PowerShell(pool)
    script.add_script("1 + 1")
    piped.add_cmdlet("Get-Mailbox").add_cmdlet("Set-Mailbox")
    for pipeline in (script, piped):
        pipeline.invoke()
        assert pipeline.had_errors
        assert "no-language mode" in str(only_error(pipeline))
    assert not exchange.ran


def test_what_the_role_may_not_run_ends_the_pipeline(exchange: ExchangeShell, pool: RunspacePool) -> None:
    pipeline = run(pool, "Remove-Mailbox")
    assert pipeline.had_errors
    assert only_error(pipeline).fq_error == "CommandNotFoundException"
    assert not exchange.ran


def test_get_command_answers_from_the_role(pool: RunspacePool) -> None:
    assert [str(one) for one in run(pool, "Get-Command", Name="get-mailbox").output] == ["Get-Mailbox"]
    absent = run(pool, "Get-Command", Name="Remove-Mailbox")
    assert not absent.had_errors
    assert only_error(absent).fq_error == "CommandNotFoundException"


def test_an_error_of_a_cmdlet_leaves_the_pipeline_complete_and_names_itself(
    exchange: ExchangeShell, pool: RunspacePool
) -> None:
    exchange.cmdlets = everything(fails("ManagementObjectNotFoundException", "not there"))
    pipeline = run(pool, "set-mailbox")
    assert not pipeline.had_errors
    assert "[FailureCategory=Cmdlet-ManagementObjectNotFoundException]" in only_error(pipeline).fq_error
    assert only_error(pipeline).exception.types[0].endswith(".ManagementObjectNotFoundException")


class Answering(PSHostUserInterface):
    """A person who always chooses the same, and remembers what was asked."""

    def __init__(self, choice: int) -> None:
        super().__init__()
        self.choice = choice
        self.asked: list[tuple[str, list[str]]] = []

    def PromptForChoice(  # noqa: N802 -- pypsrp's own
        self, runspace: Any, pipeline: Any, caption: Any, message: Any, choices: Any, default: Any
    ) -> int:
        del runspace, pipeline, caption, default
        self.asked.append((message, [one.extended_properties["label"] for one in choices]))
        return self.choice


@pytest.mark.parametrize(("choice", "done"), [(0, True), (1, False)])
def test_a_cmdlet_that_confirms_asks_the_clients_person(
    choice: int, done: bool, exchange: ExchangeShell, tmp_path: Path
) -> None:
    exchange.cmdlets = everything(asks)
    person = Answering(choice)
    host = PSHost(None, None, False, None, None, person, "1.0")
    with wire(exchange, tmp_path) as connection, pool_on(connection, host) as pool:
        assert run(pool, "Set-Mailbox").output == [done]
        assert run(pool, "Set-Mailbox", Confirm=False).output == [True]
    assert person.asked == [("Are you sure?", ["&Yes", "&No"])]


def asks(call: Call) -> Iterable[PSObject]:
    return [cast("PSObject", call.confirm("Confirm", "Are you sure?"))]


def test_a_question_without_anybody_to_answer_ends_when_the_client_gives_up(
    exchange: ExchangeShell, pool: RunspacePool
) -> None:
    exchange.cmdlets = everything(asks)
    pipeline = PowerShell(pool)
    pipeline.add_cmdlet("Set-Mailbox")
    pipeline.begin_invoke()
    pipeline.poll_invoke(timeout=1)
    [waiting] = [one for one in threading.enumerate() if one.name == "Set-Mailbox"]
    pipeline.stop()
    waiting.join(5)
    assert (waiting.is_alive(), pipelines(exchange)) == (False, 0)


def test_warnings_come_back(exchange: ExchangeShell, pool: RunspacePool) -> None:
    def warns(call: Call) -> Iterable[PSObject]:
        call.warn("it is late")
        return []

    exchange.cmdlets = everything(warns)
    assert [one.message for one in run(pool, "Get-Mailbox").streams.warning] == ["it is late"]


def test_a_slow_cmdlet_is_waited_for_in_several_polls(exchange: ExchangeShell, tmp_path: Path) -> None:
    exchange.faults.order("slow", "Get-Mailbox", value=2.5)
    exchange.cmdlets = everything(puts_out({"Name": "B1"}))
    with wire(exchange, tmp_path, timeout=1) as connection, pool_on(connection) as pool:
        assert len(run(pool, "Get-Mailbox").output) == 1


def test_a_user_has_so_many_runspaces_and_another_user_his_own(exchange: ExchangeShell, tmp_path: Path) -> None:
    exchange.gate = Basic({USER: PASSWORD, "otro": PASSWORD}, tmp_path)
    pools = [pool_on(wire(exchange, tmp_path)) for _ in range(3)]
    for one in pools:
        one.open()
    with pytest.raises(
        WSManFaultError, match=r"FailureCategory=AuthZ-AuthorizationException.*: 3 for .*MaxConcurrency"
    ):
        pool_on(wire(exchange, tmp_path)).open()
    with pool_on(wire(exchange, tmp_path, user="otro")) as another:
        assert another.is_alive()
    pools.pop().close()
    with pool_on(wire(exchange, tmp_path)) as free:
        assert free.is_alive()
    for one in pools:
        one.close()
    assert not exchange.shells


def test_a_runspace_that_nobody_uses_is_given_up(exchange: ExchangeShell, pool: RunspacePool, tmp_path: Path) -> None:
    assert pool.is_alive()
    [shell] = exchange.shells.values()
    shell.touched -= 901
    with pool_on(wire(exchange, tmp_path)):
        assert list(exchange.shells) != [shell.shell_id]
    assert not pool.is_alive()


def test_what_does_not_fit_into_an_envelope_comes_in_pieces_both_ways(
    exchange: ExchangeShell, pool: RunspacePool
) -> None:
    exchange.cmdlets = everything(lambda call: [thing("Mailbox", {"Text": call.parameters["Text"][::-1]})] * 3)
    long, heard = "ñ" + "x" * MILLION, overheard(pool.connection)
    pipeline = run(pool, "Get-Mailbox", Text=long)
    assert [one.adapted_properties["Text"] == long[::-1] for one in pipeline.output] == [True] * 3
    assert exchange.ran[0][1]["Text"] == long
    verbs = [one.verb for one in heard]
    assert verbs.count("Send") > 1
    assert verbs.count("Receive") > 6
    assert max(len(one.answer) for one in heard) <= 512_000


def test_a_secret_arrives_encrypted_and_is_readable(exchange: ExchangeShell, pool: RunspacePool) -> None:
    pool.exchange_keys()
    run(pool, "Set-Mailbox", Password=TaggedValue("SS", "invento-9"))
    assert exchange.ran[0][1]["Password"].decrypt() == "invento-9"


def test_the_servers_end_cuts_whoever_is_connected(tmp_path: Path) -> None:
    with exchange_over_tls(tmp_path) as exchange:
        given = config(exchange, tmp_path)
        pool = pool_on(wire(exchange, tmp_path))
        pool.open()
    assert given.puerto
    assert not pool.is_alive()
