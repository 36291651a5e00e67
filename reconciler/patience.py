"""Waiting for a busy server: how long in all, and said while it lasts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

_WAITS = (0.5, 1.0, 2.0, 5.0, 10.0, 15.0)
"""Seconds before each new try where the server does not say; the last one repeats."""


class Patience:
    """What is left of the time that one operation may spend waiting.

    `tell` gets each wait in words, before it begins; `sleep` is there to be replaced in tests.
    """

    def __init__(
        self, seconds: float, tell: Callable[[str], None], sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._left = seconds
        self._tell = tell
        self._sleep = sleep
        self._waits = _waits()

    def wait(self, why: str, asked: float | None = None) -> bool:
        """Wait as long as the server asked (None: our own steps); False, at once, where there is no time for it."""
        seconds = next(self._waits) if asked is None else asked
        if seconds > self._left:
            return False
        self._left -= seconds
        self._tell(f"{why} Se intenta de nuevo en {seconds:.1f} s.")
        self._sleep(seconds)
        return True


def _waits() -> Iterator[float]:
    yield from _WAITS
    while True:
        yield _WAITS[-1]
