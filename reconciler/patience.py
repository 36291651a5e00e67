"""Waiting for a busy server: how long in all, and said while it lasts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

_WAITS = (0.5, 1.0, 2.0, 5.0, 10.0, 15.0)
"""Seconds before each new try, at the least; the last one repeats."""


class Patience:
    """What is left of the time that one operation may take from when this is made, its attempts included.

    `tell` gets each wait in words, before it begins; `sleep` and `clock` are there to be replaced in tests.
    """

    def __init__(
        self,
        seconds: float,
        tell: Callable[[str], None],
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._seconds = seconds
        self._began = clock()
        self._waited = 0.0
        self._tell = tell
        self._sleep = sleep
        self._waits = _waits()

    def wait(self, why: str, asked: float | None = None) -> bool:
        """Wait as long as the server asked, never less than our own steps; False, at once, where there is no time."""
        seconds = max(next(self._waits), asked or 0.0)
        if max(self._clock() - self._began, self._waited) + seconds > self._seconds:
            return False
        self._waited += seconds
        self._tell(f"{why} Se intenta de nuevo en {seconds:.1f} s.")
        self._sleep(seconds)
        return True


def _waits() -> Iterator[float]:
    yield from _WAITS
    while True:
        yield _WAITS[-1]
