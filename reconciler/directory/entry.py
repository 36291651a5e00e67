"""An object as the directory gave it: its DN, and the raw values of the attributes that were asked for."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One object; attribute names are in lower case, values as they came."""

    dn: str
    values: Mapping[str, Sequence[bytes]]

    def raw(self, name: str) -> tuple[bytes, ...]:
        """Return an attribute's values, none where it is absent."""
        return tuple(self.values.get(name.lower(), ()))

    def texts(self, name: str) -> tuple[str, ...]:
        """Return an attribute's values as text in NFC, as declarations are."""
        return tuple(unicodedata.normalize("NFC", value.decode("utf-8", "replace")) for value in self.raw(name))

    def text(self, name: str) -> str | None:
        """Return a single value as text, None where it is absent or empty."""
        values = self.texts(name)
        return values[0] or None if values else None

    def number(self, name: str) -> int:
        """Return a single number, 0 where it is absent."""
        values = self.raw(name)
        return int(values[0]) if values else 0

    @property
    def guid(self) -> str:
        """The objectGUID as people and `<GUID=…>` write it; Active Directory stores it little-endian.

        "" where it may not be read: such an object is protected, so that nothing is ever addressed by that.
        """
        values = self.raw("objectGUID")
        return str(uuid.UUID(bytes_le=values[0])) if values else ""


def by_guid(guid: str) -> str:
    """Return the DN that addresses an object by its objectGUID (MS-ADTS, 3.1.1.3.1.2.4)."""
    return f"<GUID={guid}>"
