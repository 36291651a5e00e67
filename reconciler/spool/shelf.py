"""The shelf: a target's sealed sheets as files, named after account, folio and how they are sealed."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

from reconciler.errors import ConfigurationError, RefusedError, TargetError, why_not
from reconciler.model import AccountKey
from reconciler.sheet import FOLIO, Seal
from reconciler.spool.folder import OTHERS, private, taken, unsafe
from reconciler.untracked import make_untracked, put, usable

_R = TypeVar("_R")

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


class Part(StrEnum):
    """What a file is, by how its name ends: a sheet by its seal, or the passphrase of one."""

    MESA = ".pdf.age"
    ENLACE = ".enlace.pdf.age"
    LOCKED = ".pdf"
    PASSPHRASE = ".frase.age"  # noqa: S105 -- how a name ends


SEALED_AS = {Part.MESA: Seal.MESA, Part.ENLACE: Seal.ENLACE, Part.LOCKED: Seal.PASSPHRASE}
"""The seal that each file of a sheet has; a passphrase is none."""

_FILE = re.compile(
    rf"(?P<key>[a-z0-9.]+?)\.(?P<folio>{FOLIO.pattern})(?:\.(?P<to>[0-9a-f]{{8}}))?"
    rf"(?P<part>{'|'.join(re.escape(one) for one in Part)})"
)
_BEGUN = re.compile(rf"\.(?:{_FILE.pattern})\.[0-9a-f]{{8}}")
"""What `put` had not finished; one that is there for long was left behind by whoever died over it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A file on the shelf, and since when; `key` and `folio` are "" where its name is none that we give.

    `part` is None of what was never finished. `to` is the mark of the enlace's key that it is sealed to.
    """

    name: str
    at: datetime
    key: AccountKey
    folio: str
    part: Part | None
    to: str = ""


def mark_of(key: str) -> str:
    """Return what tells an enlace's public key from another one, whatever comment it has."""
    return sha256(" ".join(key.split()[:2]).encode()).hexdigest()[:8]


class Shelf:
    """The folder of one target's sheets, inside another one, both their owner's alone."""

    def __init__(self, directory: Path, target: str) -> None:
        """Take the folder of every target, and the target's name.

        Raises:
            ConfigurationError: the name cannot be a folder's.

        """
        if not NAME.fullmatch(target):
            raise ConfigurationError(
                f"El destino «{target}» no puede nombrar la carpeta de sus primeras contraseñas.",
                remedy="Póngale en «destinos:» de cuentas.yaml un nombre de letras, números, punto o guiones.",
            )
        self.directory = directory
        self.target = target

    def file(self, key: AccountKey, folio: str, part: Part, to: str = "") -> str:
        """Return the name of a file; `to` is the enlace's key that it is sealed to, "" for any other."""
        return f"{key}.{folio}{f'.{mark_of(to)}' if to else ''}{part}"

    def store(self, key: AccountKey, files: Sequence[tuple[str, bytes]]) -> None:
        """Store an account's files one after the other, each durable before the next is begun.

        Raises:
            RefusedError: a folder is a symbolic link, or others than its owner may look into it.
            TargetError: one could not be stored, and those after it were not tried.

        """
        if not all(NAME.fullmatch(name) for name, _ in files):
            raise TargetError(f"«{key}» no puede nombrar un archivo.", remedy="Corrija la clave.")
        try:
            with self._folder() as folder:
                for name, data in files:
                    put(folder, name, data)
        except OSError as error:
            raise TargetError(
                f"No se pudo guardar la hoja sellada de {key}: {why_not(error)}.",
                remedy=f"Revise el espacio y los permisos de «{self.directory}»; la contraseña no se puso.",
            ) from None

    def kept(self) -> tuple[Kept, ...]:
        """Return every file there is, by name, what somebody did not finish to write among them.

        Raises:
            RefusedError: a folder is not safe.
            TargetError: the folder cannot be read.

        """
        if not (self.directory / self.target).exists():
            return ()
        return tuple(self._using(lambda folder: sorted(_listed(folder), key=lambda one: one.name)))

    def read(self, name: str) -> bytes:
        """Return what a file holds.

        Raises:
            RefusedError: a folder is not safe.
            TargetError: it is not there, or cannot be read.

        """
        return self._using(lambda folder: taken(folder, name))

    def remove(self, names: Iterable[str]) -> None:
        """Remove files, durably; those that are gone already do not matter.

        Raises:
            RefusedError: a folder is not safe.
            TargetError: one cannot be removed.

        """

        def act(folder: int) -> None:
            for name in names:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(name, dir_fd=folder)
            os.fsync(folder)

        if (self.directory / self.target).exists():
            self._using(act)

    def check(self) -> None:
        """Make sure that the target's folder and the one above it are there and safe.

        Raises:
            RefusedError: one is a symbolic link, others may look into it, or it cannot be made.

        """
        try:
            with self._folder():
                pass
        except OSError as error:
            raise unsafe(self.directory / self.target, f"no se puede usar: {why_not(error)}") from None

    def rehearse(self) -> str:
        """Look at the folders without making them, and say where sheets go.

        Raises:
            ConfigurationError: nothing could be stored in them.
            RefusedError: one is a symbolic link, or others may look into it.

        """
        folder = self.directory / self.target
        where = usable(folder)
        for path in (self.directory, folder):
            if path.is_symlink():
                raise unsafe(path, "es un enlace simbólico")
            if path.is_dir() and (path.stat().st_uid != os.geteuid() or path.stat().st_mode & OTHERS):
                raise unsafe(path, "no es solo de quien corre cuentas")
        return where

    def _using(self, act: Callable[[int], _R]) -> _R:
        try:
            with self._folder() as folder:
                return act(folder)
        except RefusedError:
            raise
        except OSError as error:
            raise TargetError(
                f"No se pudo usar la carpeta de entregas «{self.directory / self.target}»: {why_not(error)}.",
                remedy="Revise que la hoja siga ahí («cuentas sheet list») y los permisos de la carpeta.",
            ) from None

    @contextlib.contextmanager
    def _folder(self) -> Iterator[int]:
        """Open the target's folder, made where it is missing, once both are known to be ours alone."""
        make_untracked(self.directory.parent)
        with private(self.directory) as top, private(self.directory / self.target, top) as folder:
            yield folder


def _listed(folder: int) -> Iterator[Kept]:
    for name in os.listdir(folder):
        try:
            at = datetime.fromtimestamp(os.stat(name, dir_fd=folder, follow_symlinks=False).st_mtime, UTC)
        except FileNotFoundError:  # finished by now, or taken away
            continue
        begun = _BEGUN.fullmatch(name)
        found = begun or _FILE.fullmatch(name)
        if found is None and not name.startswith("."):
            yield Kept(name=name, at=at, key=AccountKey(""), folio="", part=None)
        elif found:
            part = None if begun else Part(found["part"])
            key, folio = AccountKey(found["key"]), found["folio"]
            yield Kept(name=name, at=at, key=key, folio=folio, part=part, to=found["to"] or "")
