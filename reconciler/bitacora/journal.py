"""Journals: what a run has put on record on this machine and not yet published, one file per run."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from reconciler.bitacora.chain import Entry, MalformedLineError, decode, encode
from reconciler.bitacora.files import storing, sync_folder, try_lock, write_all
from reconciler.errors import RecordError, why_not

_WHAT = "lo anotado en la bitácora"


class Journal:
    """The journal of the run that is writing: locked while it lives, so that others can tell that it does.

    Raises only `RecordError`s. Once a line could not be made durable nor taken back, nothing more is
    accepted: a failed fsync may have lost what was written before it.
    """

    def __init__(self, path: Path) -> None:
        """Create the file; the caller holds the clone's lock, so that nobody takes it for a dead run's."""
        self._path = path
        self._length = 0
        self._broken = False
        with storing(_WHAT):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
            self._descriptor = os.open(path, flags, 0o600)
            try:
                try_lock(self._descriptor)
                sync_folder(path.parent)
                sync_folder(path.parent.parent)
            except OSError:
                self.close()
                raise

    def append(self, entries: tuple[Entry, ...]) -> None:
        """Write entries; once it returns they survive the machine's stop, and if it raises none is there."""
        if self._broken:
            raise RecordError(
                "El diario de esta corrida ya falló una vez y no admite nada más.",
                remedy="Revise el disco y vuelva a correr.",
            )
        data = b"".join(encode(entry) + b"\n" for entry in entries)
        with storing(_WHAT):
            try:
                write_all(self._descriptor, data)
                os.fsync(self._descriptor)
            except OSError:
                self._broken = True
                os.ftruncate(self._descriptor, self._length)
                os.fsync(self._descriptor)
                raise
        self._length += len(data)

    def clear(self) -> None:
        """Forget what has been published."""
        with storing(_WHAT):
            os.ftruncate(self._descriptor, 0)
            os.fsync(self._descriptor)
        self._length = 0

    def close(self) -> None:
        """Let go of the file, and take it away when nothing is left in it; an empty one harms nobody."""
        if self._length == 0:
            with suppress(OSError):
                self._path.unlink()
        os.close(self._descriptor)


def read_journal(path: Path) -> tuple[Entry, ...]:
    """Read what a journal holds; a last line without its end was never promised to anybody.

    Raises:
        RecordError: a whole line is not one that this program writes: nobody may guess what it said.

    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise RecordError(
            f"No se puede leer el diario {path}: {why_not(error)}.", remedy="Revise sus permisos."
        ) from error
    entries = []
    for number, line in enumerate(data.split(b"\n")[:-1], start=1):
        try:
            entries.append(decode(line))
        except MalformedLineError as error:
            raise RecordError(
                f"La línea {number} del diario {path} está dañada: {error}.",
                remedy="Guarde una copia del archivo, corrija o aparte esa línea, y vuelva a correr.",
            ) from None
    return tuple(entries)


def journals(folder: Path) -> tuple[Path, ...]:
    """Return the journals that there are, oldest run first."""
    return tuple(sorted(folder.glob("*.jsonl")))


@contextmanager
def dead_journals(folder: Path) -> Iterator[tuple[Path, ...]]:
    """Give the journals of runs that live no more, held for the time of the block.

    The caller holds the clone's lock.
    """
    held: list[int] = []
    found: list[Path] = []
    try:
        with storing(_WHAT):
            for path in journals(folder):
                try:
                    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
                except FileNotFoundError:  # its run has just ended, with nothing left to publish
                    continue
                held.append(descriptor)
                if try_lock(descriptor):
                    found.append(path)
        yield tuple(found)
    finally:
        for descriptor in held:
            os.close(descriptor)


def discard(paths: tuple[Path, ...]) -> None:
    """Take journals away, once what they held is known to be published."""
    with storing(_WHAT):
        for path in paths:
            path.unlink(missing_ok=True)
        for folder in {path.parent for path in paths}:
            sync_folder(folder)
