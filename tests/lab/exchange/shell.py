"""One runspace pool on the server's side: fragments in, cmdlets run in threads of their own, fragments out."""

import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Callable
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
from psrpcore.types import HostMethodIdentifier, PSInvocationState

FRAGMENT_BYTES = 32_768
HOST_PATIENCE_SECONDS = 30.0
Runner = Callable[["Invocation"], None]


class ConfirmationError(Exception):
    """Nobody answered the host call."""


@dataclass
class Shell:
    """A pool of one client; `run` executes a pipeline and is called in a thread of the pipeline's own."""

    shell_id: str
    owner: str
    run: Runner
    pool: ServerRunspacePool = field(default_factory=ServerRunspacePool)
    touched: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self._changed = threading.Condition()
        self._ready: dict[str, list[bytes]] = defaultdict(list)
        self._finished: set[str] = set()
        self._answers: dict[str, Any] = {}
        self.closed = False

    def feed(self, data: bytes) -> None:
        """Take fragments of a message; when they complete a pipeline, it starts."""
        with self._changed:
            self.touched = time.monotonic()
            self.pool.receive_data(PSRPPayload(data, StreamType.default, None))
            while (event := self.pool.next_event()) is not None:
                self._handle(event)
            self._pump()

    def expect(self, command_id: str) -> None:
        """Register a pipeline before its data is fed: psrpcore wants it in that order."""
        with self._changed:
            ServerPipeline(self.pool, uuid.UUID(command_id))

    def receive(self, command_id: str, timeout: float) -> tuple[list[bytes], bool] | None:
        """Wait for messages to the command, or to the pool itself when it is empty; None when time is up."""
        deadline = time.monotonic() + timeout
        with self._changed:
            while not self._ready[command_id] and not (command_id and command_id in self._finished):
                self.touched = time.monotonic()
                if self.closed or not self._changed.wait(max(0.0, deadline - time.monotonic())):
                    return None
            messages = self._ready.pop(command_id, [])
            done = bool(command_id) and command_id in self._finished
            return messages, done

    def release(self, command_id: str) -> None:
        """Forget a pipeline, stopping it when it still runs: what the client's Signal asks for."""
        with self._changed:
            pipeline = self.pool.pipeline_table.pop(uuid.UUID(command_id), None)
            if pipeline is not None and pipeline.state == PSInvocationState.Running:
                pipeline.stop()
                self._pump()
            self._finished.add(command_id)
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self.closed = True
            self._changed.notify_all()

    def emit(self, pipeline: ServerPipeline, write: Callable[[], None]) -> None:
        """Let a pipeline write its records, unless the client has left it meanwhile."""
        with self._changed:
            if pipeline.state == PSInvocationState.Running and not self.closed:
                write()
            if pipeline.state in {PSInvocationState.Completed, PSInvocationState.Failed}:
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

    def _handle(self, event: Any) -> None:
        if isinstance(event, CreatePipelineEvent):
            pipeline = self.pool.pipeline_table[event.pipeline_id]
            pipeline.start()
            threading.Thread(target=self.run, args=(Invocation(self, pipeline, event.pipeline),), daemon=True).start()
        elif isinstance(event, PipelineHostResponseEvent):
            self._answers[str(event.pipeline_id).upper()] = event.result

    def _pump(self) -> None:
        while (payload := self.pool.data_to_send(FRAGMENT_BYTES)) is not None:
            key = "" if payload.pipeline_id is None else str(payload.pipeline_id).upper()
            self._ready[key].append(payload.data)
        self._changed.notify_all()


@dataclass(frozen=True)
class Invocation:
    """A pipeline to be run, and where its records go."""

    shell: Shell
    pipeline: ServerPipeline
    script: Any

    def write(self, write: Callable[[ServerPipeline], None]) -> None:
        self.shell.emit(self.pipeline, lambda: write(self.pipeline))

    def confirm(self, caption: str, question: str) -> bool:
        """Ask the client's person, who has Yes as the first choice and No as the second."""
        choices: list[Any] = []
        answer = self.shell.ask(self.pipeline, HostMethodIdentifier.PromptForChoice, [caption, question, choices, 0])
        return int(answer) == 0
