"""Runs one pipeline: no language, one cmdlet of the role's, its errors as records, and the faults on order.

Known: scripts are refused in those words, what the role does not have is not recognised. Assumed: that a second
command in the pipeline is refused as a script is (nobody has verified what Exchange allows after a pipe).
"""

from collections.abc import Callable, Iterable
from typing import Any

from psrpcore import ServerPipeline
from psrpcore.types import PSInvocationState, PSObject, PSRPMessageType

from tests.lab.exchange import records
from tests.lab.exchange.cmdlet import Call, Cmdlets
from tests.lab.exchange.faults import Faults
from tests.lab.exchange.records import ExchangeError
from tests.lab.exchange.shell import ConfirmationError, Invocation

Ran = list[tuple[str, dict[str, Any]]]


class Runner:
    """Called with an invocation, it runs that to its end; `ran` tells what arrived at a cmdlet."""

    def __init__(self, cmdlets: Cmdlets, faults: Faults) -> None:
        self.cmdlets = cmdlets
        self.ran: Ran = []
        self._faults = faults

    def __call__(self, invocation: Invocation) -> None:
        """Run it; a defect of the double's fails the pipeline and ends the thread."""
        try:
            self._run(invocation)
        except ExchangeError as error:
            self._fail(invocation, error)
        except ConfirmationError:
            self._fail(invocation, records.unanswered(invocation.name))
        except Exception as error:
            self._fail(invocation, ExchangeError("InvalidOperationException", repr(error), terminating=True))
            raise

    def _run(self, invocation: Invocation) -> None:
        commands = invocation.script.commands
        if len(commands) != 1 or commands[0].is_script:
            raise records.no_language()
        [command] = commands
        parameters = {str(name): value for name, value in command.parameters}
        output = self._output(invocation, invocation.name, parameters)
        for one in self._spoilt(invocation, output):
            invocation.write(lambda pipeline, one=one: pipeline.write_output(one))  # type: ignore[misc]
        invocation.write(ServerPipeline.complete)

    def _spoilt(self, invocation: Invocation, output: Iterable[PSObject]) -> Iterable[PSObject]:
        """Put into effect what is to go wrong when the work is done."""
        late = self._faults.take("slow_after", invocation.name)
        wrong = self._faults.take("error_after", invocation.name)
        if late is not None or wrong is not None:
            output = list(output)
        if late is not None:
            invocation.pause(float(late))
        if wrong is not None:
            raise ExchangeError(wrong or "RecipientTaskException", "The operation couldn't be completed.")
        return output

    def _output(self, invocation: Invocation, name: str, parameters: dict[str, Any]) -> Iterable[PSObject]:
        known = {one.casefold(): (one, cmdlet) for one, cmdlet in self.cmdlets.items()}
        if name.casefold() == "get-command":
            return self._get_command(str(parameters.get("Name", "")))
        if name.casefold() not in known:
            raise records.unknown_cmdlet(name)
        name, cmdlet = known[name.casefold()]
        slow = self._faults.take("slow", name)
        if slow is not None and not invocation.pause(float(slow)):
            return ()
        self.ran.append((name, parameters))
        stale = self._faults.take("stale", name) is not None
        return cmdlet(Call(name, parameters, _confirmation(invocation, parameters), _warning(invocation), stale))

    def _get_command(self, wanted: str) -> Iterable[PSObject]:
        found = [name for name in self.cmdlets if not wanted or name.casefold() == wanted.casefold()]
        if not found:
            raise records.no_such_command(wanted)
        return [records.thing("CmdletInfo", {"Name": name, "CommandType": "Cmdlet"}, name) for name in found]

    def _fail(self, invocation: Invocation, error: ExchangeError) -> None:
        text = self._faults.take("language", invocation.name)
        record = records.record(error if text is None else records.translated(error, text), invocation.name)

        def write(pipeline: ServerPipeline) -> None:
            if error.terminating:
                pipeline._change_state(PSInvocationState.Failed, error=record)  # noqa: SLF001 -- psrpcore has no fail()
                return
            pipeline.prepare_message(record, message_type=PSRPMessageType.ErrorRecord)
            pipeline.complete()

        invocation.write(write)


def _confirmation(invocation: Invocation, parameters: dict[str, Any]) -> Callable[[str, str], bool]:
    def confirm(caption: str, question: str) -> bool:
        return parameters.get("Confirm") is False or invocation.confirm(caption, question)

    return confirm


def _warning(invocation: Invocation) -> Callable[[str], None]:
    return lambda text: invocation.write(lambda pipeline: pipeline.write_warning(text))
