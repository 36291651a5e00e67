"""Sealed sheets that nobody needs any more: taken away, and on record where somebody might still look for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from reconciler.engine.ports import Record, Says
from reconciler.events import Event, EventKind
from reconciler.orders import SheetRecord, sheets


class File(Protocol):
    """A file of a stored sheet."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def folio(self) -> str:
        """The sheet that it is of; "" where nobody knows."""

    @property
    def at(self) -> datetime:
        """When it was written."""


@dataclass(frozen=True, slots=True)
class Purge:
    """What is to go: files, and the sheets that this makes too old to be handed over."""

    files: tuple[str, ...]
    expired: tuple[SheetRecord, ...]


def purge(files: Sequence[File], events: Sequence[Event], target: str, oldest: datetime) -> Purge:
    """Return what is to go: what was sealed before `oldest`, and what the record says is gone or done with.

    A file whose name is none that we give is left alone, whoever put it there. Pure.
    """
    known = sheets(events, target)
    current = {one.key: one.folio for one in known.values()}
    going: list[str] = []
    expired: dict[str, SheetRecord] = {}
    for file in files:
        one = known.get(file.folio)
        if not file.folio or (one is None and file.at >= oldest):
            continue
        if one is None or one.removed or one.acknowledged or current[one.key] != one.folio:
            going.append(file.name)
        elif one.sealed < oldest:
            going.append(file.name)
            expired[one.folio] = one
    return Purge(tuple(going), tuple(expired.values()))


def expirations(found: Purge, target: str, says: Says) -> Iterator[Event]:
    """Yield what the record says of sheets that were too old."""
    for one in found.expired:
        yield says(EventKind.SHEET_REMOVED, one.key, folio=one.folio, porque="vencida", destino=target)


class Store(Protocol):
    """Where files of sheets are."""

    def kept(self) -> Sequence[File]:
        """Return every file there is."""

    def remove(self, names: Sequence[str]) -> None:
        """Remove files; raises a TargetError or a RefusedError where one cannot be removed."""


def expire(store: Store, record: Record, says: Says, target: str, oldest: datetime) -> Purge:
    """Take away what is to go, each too old sheet on record before its file is gone; nothing is published yet.

    Raises:
        RecordError: the record cannot be written; no file was removed.
        TargetError, RefusedError: a file could not be removed: another time it is.

    """
    found = purge(store.kept(), record.events(), target, oldest)
    record.append(*expirations(found, target, says))
    store.remove(found.files)
    return found


def oldest(now: datetime, days: int) -> datetime:
    """Return the moment before which a sheet is too old to be kept."""
    return now - timedelta(days=days)
