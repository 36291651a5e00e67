"""One LDAP modify in the making: every old value is deleted by name before its successor is added.

The server refuses the whole of it (16 noSuchAttribute) when somebody else changed a value meanwhile. The assertion
control (RFC 4528) would not do: sent as not critical it is silently ignored, and as critical it is not supported.
"""

from __future__ import annotations

from collections.abc import Iterable

from ldap3 import MODIFY_ADD, MODIFY_DELETE, MODIFY_REPLACE

from reconciler.directory import attributes as table
from reconciler.directory.entry import Entry
from reconciler.directory.mark import ATTRIBUTE, Mark


class Modification:
    """Changes to an object as it was just read."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        self._gone: dict[str, list[bytes]] = {}
        self._new: dict[str, list[bytes]] = {}
        self._put: dict[str, list[bytes]] = {}

    def swap(self, name: str, new: bytes | None) -> None:
        """Put one value in the place of what the attribute holds, None for no value."""
        old = self._entry.raw(name)
        values = () if new is None else (new,)
        if old != values:
            self._gone[name] = list(old)
            self._new[name] = list(values)

    def change(self, name: str, gone: Iterable[bytes], new: Iterable[bytes]) -> None:
        """Take values off an attribute of many and add others."""
        self._gone.setdefault(name, []).extend(gone)
        self._new.setdefault(name, []).extend(new)

    def put(self, name: str, value: bytes) -> None:
        """Set what cannot be read, and therefore not be compared."""
        self._put[name] = [value]

    def mark(self, new: Mark) -> None:
        """Write the mark."""
        self.swap(ATTRIBUTE, new.text().encode())

    def allow_logon(self, *, allowed: bool) -> None:
        """Flip the one bit of userAccountControl that says it; the others stay (a password becomes needed)."""
        control = self._entry.number(table.CONTROL)
        flipped = control & ~(table.DISABLED | table.NO_PASSWORD_NEEDED) if allowed else control | table.DISABLED
        self.swap(table.CONTROL, str(flipped).encode())

    def operations(self) -> dict[str, list[tuple[str, list[bytes]]]]:
        """Return the operations by attribute, deletions first."""
        found: dict[str, list[tuple[str, list[bytes]]]] = {}
        for values, operation in ((self._gone, MODIFY_DELETE), (self._new, MODIFY_ADD), (self._put, MODIFY_REPLACE)):
            for name, some in values.items():
                if some:
                    found.setdefault(name, []).append((operation, some))
        return found
