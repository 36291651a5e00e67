"""Ctrl-C and SIGTERM during an apply: the account in hand is finished and put on record, no other is begun."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_SAID = "\nSe pidió parar: se termina la cuenta en curso y se anota. Si lo repite, se corta de inmediato.\n"


@dataclass
class Stop:
    """Whether somebody asked to stop; called, it answers."""

    asked: bool = False

    def __call__(self) -> bool:
        """Say it."""
        return self.asked

    def hear(self, signum: int, frame: FrameType | None) -> None:
        """Take note the first time; the second time end at once, as a kill would: another run takes it up."""
        del frame
        if self.asked:
            signal.signal(signum, signal.SIG_DFL)
            os.kill(os.getpid(), signum)
        self.asked = True
        os.write(2, _SAID.encode())  # a signal may arrive in the middle of another write to the same stream


@contextmanager
def stoppable() -> Iterator[Stop]:
    """Hear both signals for the time of the block; afterwards they do what they did before."""
    stop = Stop()
    before = {one: signal.signal(one, stop.hear) for one in _SIGNALS}
    try:
        yield stop
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
