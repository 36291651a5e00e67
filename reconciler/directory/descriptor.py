"""Who may do what to an object: its security descriptor's access list (MS-DTYP, 2.4), judged for one account."""

from __future__ import annotations

import struct
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from reconciler.directory.entry import Entry

READ_PROPERTY, CONTROL_ACCESS, DELETE = 0x10, 0x100, 0x10000
"""Rights in an access mask (MS-ADTS, 5.1.3.2)."""

RESET_PASSWORD = uuid.UUID("00299570-246d-11d0-a768-00aa006e0529")
"""The extended right User-Force-Change-Password (MS-ADTS, 5.1.3.2.1)."""

_EVERYTHING = 0x10000000  # GENERIC_ALL
_ALLOWED, _DENIED, _ALLOWED_OBJECT, _DENIED_OBJECT = 0, 1, 5, 6
_INHERIT_ONLY = 0x08
_HAS_KIND, _HAS_HEIR = 1, 2
_CONFIDENTIAL = 128


@dataclass(frozen=True, slots=True)
class _Entry:
    allows: bool
    mask: int
    kind: uuid.UUID | None
    who: bytes


class Rights:
    """What whoever belongs to some groups (their SIDs, the own one among them) may do to an object."""

    CONTROL: ClassVar = ("1.2.840.113556.1.4.801", True, b"\x30\x03\x02\x01\x04")
    """LDAP_SERVER_SD_FLAGS_OID: only the access list is asked for; the rest takes rights that nobody needs."""

    def __init__(self, descriptor: bytes, groups: Iterable[bytes]) -> None:
        mine = frozenset(groups)
        self._entries = [one for one in _entries(descriptor) if one.who in mine]

    def allows(self, right: int, *kinds: uuid.UUID) -> bool:
        """Whether a right is granted, on the object as a whole or on one of these kinds of its parts."""
        for entry in self._entries:  # in order: the first that speaks of it decides
            if entry.mask & (right | _EVERYTHING) and (entry.kind is None or entry.kind in kinds):
                return entry.allows
        return False

    def may_control(self, right: uuid.UUID) -> bool:
        """Whether an extended right is granted."""
        return self.allows(CONTROL_ACCESS, right)

    def may_read(self, attribute: Entry) -> bool:
        """Whether an attribute, given as the schema defines it, can be read; a confidential one takes more."""
        guids = (*attribute.raw("schemaIDGUID"), *attribute.raw("attributeSecurityGUID"))
        kinds = [uuid.UUID(bytes_le=one) for one in guids]
        secret = attribute.number("searchFlags") & _CONFIDENTIAL
        return self.allows(READ_PROPERTY, *kinds) and (not secret or self.allows(CONTROL_ACCESS, *kinds))


def _entries(descriptor: bytes) -> Iterator[_Entry]:
    """Yield the entries of the access list that count for the object itself."""
    (at,) = struct.unpack_from("<I", descriptor, 16)
    _, _, count = struct.unpack_from("<HHH", descriptor, at)
    at += 8
    for _ in range(count):
        kind, flags, size = struct.unpack_from("<BBH", descriptor, at)
        if kind in {_ALLOWED, _DENIED, _ALLOWED_OBJECT, _DENIED_OBJECT} and not flags & _INHERIT_ONLY:
            yield _entry(kind, descriptor[at + 4 : at + size])
        at += size


def _entry(kind: int, body: bytes) -> _Entry:
    (mask,) = struct.unpack_from("<I", body)
    part, at = None, 4
    if kind in {_ALLOWED_OBJECT, _DENIED_OBJECT}:
        (present,) = struct.unpack_from("<I", body, 4)
        at = 8
        if present & _HAS_KIND:
            part, at = uuid.UUID(bytes_le=body[at : at + 16]), at + 16
        at += 16 if present & _HAS_HEIR else 0
    return _Entry(kind in {_ALLOWED, _ALLOWED_OBJECT}, mask, part, body[at : at + _sid_length(body, at)])


def _sid_length(body: bytes, at: int) -> int:
    return 8 + 4 * body[at + 1]
