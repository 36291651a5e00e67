"""One runspace pool on the server's side: fragments in, pipelines to be run, fragments out."""

import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from psrpcore import (
    CreatePipelineEvent,
    PipelineHostResponseEvent,
    PSRPPayload,
    ServerPipeline,
    ServerRunspacePool,
    StreamType,
)
from psrpcore.types import HostMethodIdentifier, PSInvocationState, PSNoteProperty, PSObject

from tests.lab.exchange.faults import HangUpError

FRAGMENT_BYTES = 32_768
_HEADER_BYTES = 21
HOST_PATIENCE_SECONDS = 30.0
_ENDED = {PSInvocationState.Completed, PSInvocationState.Failed, PSInvocationState.Stopped}


class ConfirmationError(Exception):
    """Nobody answered the host call."""


@dataclass
class Shell:
    """A pool of one client, who is its owner; it is given up when nobody uses it for `idle_seconds`."""

    shell_id: str
    owner: str
    idle_seconds: float
    pool: ServerRunspacePool = field(default_factory=ServerRunspacePool)
    touched: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self._changed = threading.Condition()
        self._ready: dict[str, list[bytes]] = defaultdict(list)
        self._finished: set[str] = set()
        self._lost: set[str] = set()
        self._answers: dict[str, Any] = {}
        self.closed = False

    def feed(self, data: bytes) -> list["Invocation"]:
        """Take fragments of messages and return the pipelines that they complete, to be run by somebody."""
        with self._changed:
            self.touched = time.monotonic()
            self.pool.receive_data(PSRPPayload(data, StreamType.default, None))
            complete = list(self._events())
            self._pump()
            return complete

    def expect(self, command_id: str) -> None:
        """Register a pipeline before its data is fed: psrpcore wants it in that order."""
        with self._changed:
            ServerPipeline(self.pool, uuid.UUID(command_id))

    def receive(self, command_id: str, timeout: float, most_bytes: int) -> tuple[list[bytes], bool] | None:
        """Wait for messages to the command, or to the pool itself when it is empty; None when time is up.

        Of several, as many as `most_bytes` hold, one at least. Raises HangUpError when the answer is to be lost.
        """
        deadline = time.monotonic() + timeout
        with self._changed:
            while not self._has_answer(command_id):
                self.touched = time.monotonic()
                if self.closed or not self._changed.wait(max(0.0, deadline - time.monotonic())):
                    return None
            if command_id in self._lost:
                raise HangUpError
            messages = self._ready[command_id]
            taken = [messages.pop(0)] if messages else []
            while messages and sum(map(len, taken)) + len(messages[0]) <= most_bytes:
                taken.append(messages.pop(0))
            return taken, command_id in self._finished and not messages

    def release(self, command_id: str) -> None:
        """Forget a pipeline, stopping it when it still runs: what the client's Signal asks for."""
        with self._changed:
            self.touched = time.monotonic()
            pipeline = self.pool.pipeline_table.pop(uuid.UUID(command_id), None)
            if pipeline is not None and pipeline.state == PSInvocationState.Running:
                pipeline.stop()
                self._pump()
            self._finished.add(command_id)
            self._changed.notify_all()

    def lose(self, command_id: str) -> None:
        """Cut the connection, when the command has ended, of whoever waits for what it puts out."""
        self._lost.add(command_id)

    def pause(self, pipeline: ServerPipeline, seconds: float) -> bool:
        """Wait, but no longer than the pipeline is wanted; False when it no longer is."""
        with self._changed:
            return not self._changed.wait_for(lambda: self.closed or pipeline.state in _ENDED, seconds)

    @property
    def is_idle(self) -> bool:
        """Whether nobody has used it for so long that it may be given up."""
        busy = any(one.state == PSInvocationState.Running for one in list(self.pool.pipeline_table.values()))
        return not busy and time.monotonic() - self.touched > self.idle_seconds

    def close(self) -> None:
        with self._changed:
            self.closed = True
            self._changed.notify_all()

    def emit(self, pipeline: ServerPipeline, write: Callable[[], None]) -> None:
        """Let a pipeline write its records, unless the client has left it meanwhile."""
        with self._changed:
            if pipeline.state == PSInvocationState.Running and not self.closed:
                write()
            if pipeline.state in _ENDED:
                self._finished.add(str(pipeline.pipeline_id).upper())
            self._pump()

    def ask(self, pipeline: ServerPipeline, method: HostMethodIdentifier, parameters: list[Any]) -> Any:
        """Call the client's host and wait for what it answers; raises ConfirmationError when it does not."""
        key = str(pipeline.pipeline_id).upper()

        def call() -> None:
            pipeline.host_call(method, parameters)

        self.emit(pipeline, call)
        deadline = time.monotonic() + HOST_PATIENCE_SECONDS
        with self._changed:
            while key not in self._answers:
                if (
                    self.closed
                    or key in self._finished
                    or not self._changed.wait(max(0.0, deadline - time.monotonic()))
                ):
                    raise ConfirmationError
            return self._answers.pop(key)

    def _has_answer(self, command_id: str) -> bool:
        ended = bool(command_id) and command_id in self._finished
        return ended or (bool(self._ready[command_id]) and command_id not in self._lost)

    def _events(self) -> Iterator["Invocation"]:
        while (event := self.pool.next_event()) is not None:
            if isinstance(event, CreatePipelineEvent):
                yield Invocation(self, self.pool.pipeline_table[event.pipeline_id], event.pipeline)
            elif isinstance(event, PipelineHostResponseEvent):
                self._answers[str(event.pipeline_id).upper()] = event.result

    def _pump(self) -> None:
        while (payload := self.pool.data_to_send(FRAGMENT_BYTES)) is not None:
            key = "" if payload.pipeline_id is None else str(payload.pipeline_id).upper()
            self._ready[key].extend(_fragments(payload.data))
        self._changed.notify_all()


@dataclass(frozen=True)
class Invocation:
    """A pipeline to be run, and where its records go."""

    shell: Shell
    pipeline: ServerPipeline
    script: Any

    @property
    def command_id(self) -> str:
        return str(self.pipeline.pipeline_id).upper()

    @property
    def name(self) -> str:
        """The first cmdlet's name, or the script's text."""
        return str(self.script.commands[0].command_text)

    def start(self, run: Callable[["Invocation"], None]) -> None:
        """Run it in a thread of its own; that it runs is not told, as recorded servers do not tell it."""
        self.pipeline._change_state(PSInvocationState.Running, emit=False)  # noqa: SLF001 -- start() would tell
        threading.Thread(target=run, args=(self,), name=self.name, daemon=True).start()

    def write(self, write: Callable[[ServerPipeline], None]) -> None:
        self.shell.emit(self.pipeline, lambda: write(self.pipeline))

    def pause(self, seconds: float) -> bool:
        return self.shell.pause(self.pipeline, seconds)

    def confirm(self, caption: str, question: str) -> bool:
        """Ask the client's person; raises ConfirmationError when nobody answers."""
        choices = [_choice("&Yes", "Continue with this operation."), _choice("&No", "Skip this operation.")]
        answer = self.shell.ask(self.pipeline, HostMethodIdentifier.PromptForChoice, [caption, question, choices, 0])
        return int(answer) == 0


def _fragments(data: bytes) -> Iterator[bytes]:
    """Take apart what psrpcore packs together: each message, or piece of one, travels by itself."""
    while data:
        end = _HEADER_BYTES + int.from_bytes(data[_HEADER_BYTES - 4 : _HEADER_BYTES], "big")
        yield data[:end]
        data = data[end:]


def _choice(label: str, help_message: str) -> PSObject:
    choice = PSObject()
    choice.PSObject.extended_properties.append(PSNoteProperty("label", label))
    choice.PSObject.extended_properties.append(PSNoteProperty("helpMessage", help_message))
    return choice
