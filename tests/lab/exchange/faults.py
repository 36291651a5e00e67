"""Faults on order: what is to go wrong, in which cmdlet or request, how many times.

slow            value: seconds that the cmdlet takes before it does anything; given up meanwhile, it does nothing
slow_after      value: seconds that the cmdlet takes when it has done everything
error_after     the cmdlet does its work and then fails; value: the exception's simple name
drop_before     the connection is cut before anything is done
drop_after      the connection is cut when it is done, instead of the answer
stale           the cmdlet answers as a domain controller that the last write has not reached
back_off        nothing is done, and the user's quota is used up; value: milliseconds to wait
runspaces       nothing is done, and the user has too many runspaces
language        the cmdlet's error says `value` instead of its English text
http            whatever stands before the shell answers; value: the HTTP status
"""

import json
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

Kind = Literal[
    "slow", "slow_after", "error_after", "drop_before", "drop_after", "stale", "back_off", "runspaces", "language",
    "http",
]  # fmt: skip
ALWAYS = -1


class HangUpError(Exception):
    """The connection is to be cut without an answer."""


@dataclass
class Order:
    """`of` is a cmdlet's name, `*` for any cmdlet, or a request of WSMan's (Create, Command, Receive, Signal...).

    `times` counts down to nothing, ALWAYS stays; `value` belongs to the kind.
    """

    kind: Kind
    of: str = "*"
    times: int = 1
    value: str = ""

    def concerns(self, name: str) -> bool:
        """Tell cmdlets from requests by the hyphen that only cmdlets have."""
        return self.of.casefold() == name.casefold() or (self.of == "*" and "-" in name)


class Faults:
    """The orders in force; another process leaves its own as JSON in `file`, read whenever it changes."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._orders: list[Order] = []
        self._seen = (0, 0)

    def order(self, kind: Kind, of: str = "*", times: int = 1, value: str | float = "") -> None:
        with self._lock:
            self._orders.append(Order(kind, of, times, str(value)))

    def clear(self) -> None:
        with self._lock:
            self._orders.clear()

    def take(self, kind: Kind, name: str) -> str | None:
        """Use up one order of the kind for the cmdlet or request: its value, or None when there is none."""
        with self._lock:
            self._read()
            for order in self._orders:
                if order.kind == kind and order.times and order.concerns(name):
                    order.times -= order.times > 0
                    return order.value
        return None

    def _read(self) -> None:
        if self._file is None:
            return
        try:
            status = self._file.stat()
        except FileNotFoundError:
            return
        version = (status.st_mtime_ns, status.st_ino)  # two orders in a hurry may have the same time
        if version != self._seen:
            self._seen = version
            self._orders = [Order(**one) for one in json.loads(self._file.read_text("utf-8"))]


def leave(file: Path, orders: list[Order]) -> None:
    """Order faults of a double in another process; an empty list clears them."""
    partial = file.with_suffix(".partial")
    partial.write_text(json.dumps([asdict(order) for order in orders]), "utf-8")
    partial.rename(file)
