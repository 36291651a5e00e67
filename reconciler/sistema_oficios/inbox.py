"""The inbox: files of answers, each read whole and strictly, and put aside once all that it says is on record."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from reconciler.capture import Answer, Answers
from reconciler.errors import TargetRejectedError, why_not
from reconciler.sistema_oficios.table import MalformedError, read_csv, read_json

READ = "leidas"

_LARGEST = 1 << 20
_MOST = 2_000
"""Files that one reading takes in; the rest wait for the next one."""

_READERS = {".json": read_json, ".csv": read_csv}


@dataclass
class _File:
    """A file as it was read: which one it was, and how many answers it holds."""

    identity: tuple[int, int, int, int]
    answers: int


@dataclass
class Inbox:
    """One folder of answers, given open (`inbox`, a descriptor) to every call. Raises only `OSError`s.

    A name that begins with a full stop is not looked at: that is how a writer keeps a file until it is whole.
    """

    folder: Path
    _read: dict[str, _File] = field(default_factory=dict)

    def read(self, inbox: int) -> Answers:
        """Return every answer that is there, and every file that holds none; all stay where they are."""
        taken: list[Answer] = []
        refused: list[TargetRejectedError] = []
        names = sorted(name for name in os.listdir(inbox) if name != READ and not name.startswith("."))
        for name in names[:_MOST]:
            try:
                taken.extend(self._answers(inbox, name))
            except MalformedError as error:
                refused.append(_rejected(self.folder / name, str(error)))
        return Answers(tuple(taken), tuple(refused))

    def settle(self, inbox: int, taken: Collection[Answer]) -> None:
        """Move each file away of which every answer was taken, unless it is another one by now."""
        count: defaultdict[str, int] = defaultdict(int)
        for one in taken:
            count[Path(one.source).name] += 1
        done = [name for name, file in self._read.items() if count[name] == file.answers]
        if not done:
            return
        with contextlib.suppress(FileExistsError):
            os.mkdir(READ, 0o700, dir_fd=inbox)
        read = os.open(READ, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=inbox)
        try:
            for name in done:
                self._move(inbox, read, name)
            os.fsync(read)
            os.fsync(inbox)
        finally:
            os.close(read)

    def _answers(self, inbox: int, name: str) -> list[Answer]:
        suffix = Path(name).suffix.lower()
        if suffix not in _READERS:
            raise MalformedError("no es .json ni .csv")
        try:
            data, identity = _contents(inbox, name)
        except FileNotFoundError:  # another run of ours moved it meanwhile
            return []
        found = _READERS[suffix](data, str(self.folder / name))
        self._read[name] = _File(identity, len(found))
        return found

    def _move(self, inbox: int, read: int, name: str) -> None:
        with contextlib.suppress(FileNotFoundError):  # another run of ours did it
            if _identity(os.stat(name, dir_fd=inbox, follow_symlinks=False)) != self._read[name].identity:
                return
            aside = name
            with contextlib.suppress(FileNotFoundError):
                os.stat(name, dir_fd=read, follow_symlinks=False)
                aside = f"{Path(name).stem}.{secrets.token_hex(4)}{Path(name).suffix}"
            os.rename(name, aside, src_dir_fd=inbox, dst_dir_fd=read)


def _contents(inbox: int, name: str) -> tuple[bytes, tuple[int, int, int, int]]:
    """Return what a plain file of a bounded size holds, and which file that was; no link is followed."""
    try:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=inbox)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise MalformedError(f"no se puede abrir, o es un enlace: {why_not(error)}") from None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
            raise MalformedError("no es un archivo común con un solo nombre")
        with open(descriptor, "rb", closefd=False) as file:
            data = file.read(_LARGEST + 1)
    finally:
        os.close(descriptor)
    if len(data) > _LARGEST:
        raise MalformedError("pasa de 1 MiB")
    return data, _identity(found)


def _identity(found: os.stat_result) -> tuple[int, int, int, int]:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _rejected(file: Path, why: str) -> TargetRejectedError:
    return TargetRejectedError(
        f"«{file}» {why}.", remedy="Corríjalo o apártelo: se queda ahí y se vuelve a leer la próxima vez."
    )
