"""Faults on order: what is to go wrong, in which cmdlet, how many times."""

import json
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

Kind = Literal[
    "slow", "error_after", "drop_before", "drop_after", "stale", "back_off", "language", "runspaces"
]  # fmt: skip
ALWAYS = -1


@dataclass
class Order:
    """`cmdlet` is one's name or `*`; `times` counts down to nothing, ALWAYS stays; `value` belongs to the kind."""

    kind: Kind
    cmdlet: str = "*"
    times: int = 1
    value: str = ""


class Faults:
    """The orders in force; another process leaves its own as JSON in `file`, read whenever it changes."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._orders: list[Order] = []
        self._seen = 0

    def order(self, kind: Kind, cmdlet: str = "*", times: int = 1, value: str | float = "") -> None:
        with self._lock:
            self._orders.append(Order(kind, cmdlet, times, str(value)))

    def clear(self) -> None:
        with self._lock:
            self._orders.clear()

    def take(self, kind: Kind, cmdlet: str = "*") -> str | None:
        """Use up one order of the kind for the cmdlet: its value, or None when there is none."""
        with self._lock:
            self._read()
            for order in self._orders:
                if order.kind == kind and order.times and order.cmdlet in {"*", cmdlet}:
                    order.times -= order.times > 0
                    return order.value
        return None

    def _read(self) -> None:
        try:
            changed = self._file.stat().st_mtime_ns
        except FileNotFoundError:
            return
        if changed != self._seen:
            self._seen = changed
            self._orders = [Order(**one) for one in json.loads(self._file.read_text("utf-8"))]


def leave(file: Path, orders: list[Order]) -> None:
    """Order faults of a double in another process; an empty list clears them."""
    partial = file.with_suffix(".partial")
    partial.write_text(json.dumps([asdict(order) for order in orders]), "utf-8")
    partial.rename(file)
