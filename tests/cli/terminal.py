"""The real command on a terminal: a pseudo-terminal that somebody types on, read with a deadline."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reconciler.cli import main
from tests.cli.children import stream

PATIENCE = 30.0
"""Seconds that any answer may take before the test fails; none waits for them to pass."""

ENTER, DOWN, CONTROL_C = "\r", "\x1b[B", "\x03"
_CONTROLS = re.compile(
    r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[()][A-Z0-9]|\x1b[=>78]|\x1b\][^\x07]*\x07|[\x00-\x08\x0e-\x1f]"
)


class Terminal:
    """A command that runs on a terminal. `screen` is all that it wrote, without control sequences."""

    def __init__(self, pid: int, descriptor: int) -> None:
        self._pid = pid
        self._descriptor = descriptor
        self._seen = 0
        self._raw = b""
        self.code: int | None = None

    @property
    def screen(self) -> str:
        """What was written so far."""
        return _CONTROLS.sub("", self._raw.decode("utf-8", "replace")).replace("\r", "")

    def answer(self, question: str, *keys: str) -> None:
        """Wait until something new on the screen says a question, and type."""
        self.expect(question)
        for key in keys:
            os.write(self._descriptor, key.encode())

    def expect(self, text: str) -> None:
        """Wait until something new on the screen says this."""
        deadline = time.monotonic() + PATIENCE
        while (place := self.screen.find(text, self._seen)) < 0:
            assert self._read(deadline), f"nunca dijo «{text}»:\n{self.screen[self._seen :]}"
        self._seen = place + len(text)

    def end(self) -> int:
        """Wait until the command ends, and return its exit code."""
        deadline = time.monotonic() + PATIENCE
        while self._read(deadline):
            pass
        _, status = os.waitpid(self._pid, 0)
        self.code = os.waitstatus_to_exitcode(status)
        return self.code

    def close(self) -> None:
        """End the command, if it has not ended."""
        if self.code is None:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        os.close(self._descriptor)

    def _read(self, deadline: float) -> bool:
        ready, _, _ = select.select([self._descriptor], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"no contesta:\n{self.screen[self._seen :]}"
        try:
            data = os.read(self._descriptor, 65536)
        except OSError:  # Linux says so when the other side is gone
            return False
        self._raw += data
        return bool(data)


@contextmanager
def terminal(folder: Path, *words: str) -> Iterator[Terminal]:
    """Run the command in a folder, on a terminal of its own."""
    pid, descriptor = pty.fork()
    if pid == 0:
        _become(folder, words)
    opened = Terminal(pid, descriptor)
    try:
        yield opened
    finally:
        opened.close()


def _become(folder: Path, words: tuple[str, ...]) -> None:
    code = 99
    try:
        os.chdir(folder)
        for name in [name for name in os.environ if name.startswith(("CUENTAS_", "GIT_"))]:
            del os.environ[name]
        os.environ |= {"TERM": "xterm", "COLUMNS": "200", "LINES": "60", "PROMPT_TOOLKIT_NO_CPR": "1"}
        sys.stdin, sys.stdout, sys.stderr = map(stream, (0, 1, 2), "rww")
        sys.argv = ["cuentas", *words]
        code = main.run()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)
