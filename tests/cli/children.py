"""The real command in a forked process: as true as a subprocess, without importing everything once more.

A test may prepare the child before the command runs: plant a canary, make a call fail, or kill the process.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, TextIO, cast

from reconciler.cli import main
from reconciler.cli.stopping import Stop

Preparation = Callable[[], None]


@dataclass(frozen=True)
class Said:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str


def child(folder: Path, *words: str, prepare: Preparation | None = None) -> Said:
    """Run the command in a folder, without a terminal; the code of a killed process is minus its signal."""
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        pid = os.fork()
        if pid == 0:
            _become(folder, words, (out.fileno(), err.fileno()), prepare)
        _, status = os.waitpid(pid, 0)
        out.seek(0)
        err.seek(0)
        code = os.waitstatus_to_exitcode(status)
        return Said(code, out.read().decode(), err.read().decode())


def _become(folder: Path, words: Sequence[str], outputs: tuple[int, int], prepare: Preparation | None) -> None:
    code = 99
    try:
        os.chdir(folder)
        for name in [name for name in os.environ if name.startswith(("CUENTAS_", "GIT_"))]:
            del os.environ[name]
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        for number, descriptor in enumerate(outputs, start=1):
            os.dup2(descriptor, number)
        sys.stdin, sys.stdout, sys.stderr = map(stream, (0, 1, 2), "rww")
        sys.argv = ["cuentas", *words]
        if prepare:
            prepare()
        code = main.run()
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)


def stream(descriptor: int, mode: str) -> TextIO:
    """Return a text stream over a descriptor of a process that was just made."""
    return cast("TextIO", os.fdopen(descriptor, mode, encoding="utf-8", closefd=False))


def killing(places: Sequence[tuple[type, str]], at: int) -> Preparation:
    """Return a preparation that ends the process with SIGKILL just before the n-th call (from 1) of any place."""
    calls = 0

    def wrap(owner: type, name: str) -> None:
        real = getattr(owner, name)

        def counted(*words: Any, **named: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls == at:
                os.kill(os.getpid(), signal.SIGKILL)
            return real(*words, **named)

        setattr(owner, name, counted)

    def prepare() -> None:
        for owner, name in places:
            wrap(owner, name)

    return prepare


def signalled(owner: type, name: str, signum: int, *, times: int = 1) -> Preparation:
    """Return a preparation that sends the process a signal in its first call of a method.

    Each further one is sent when the one before was heard: two at a time are one.
    """

    def prepare() -> None:
        real, hear = getattr(owner, name), Stop.hear
        left = [signum] * times
        heard = threading.Event()

        def noted(stop: Stop, number: int, frame: FrameType | None) -> None:
            hear(stop, number, frame)
            heard.set()

        def interrupted(*words: Any, **named: Any) -> Any:
            while left:
                os.kill(os.getpid(), left.pop())
                assert not left or heard.wait(10)
            return real(*words, **named)

        Stop.hear = noted  # type: ignore[assignment, method-assign]
        setattr(owner, name, interrupted)

    return prepare


def failing(owner: type, name: str, error: Exception, *, after: bool) -> Preparation:
    """Return a preparation that makes a method raise, before or after doing its work."""

    def prepare() -> None:
        real = getattr(owner, name)

        def fail(*words: Any, **named: Any) -> Any:
            if after:
                real(*words, **named)
            raise error

        setattr(owner, name, fail)

    return prepare
