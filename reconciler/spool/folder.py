"""Folders of their owner's alone, and files that are put in them whole and durable, or not at all."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from reconciler.errors import RefusedError

_PRIVATE = 0o700
OTHERS = stat.S_IRWXG | stat.S_IRWXO


@contextlib.contextmanager
def private(path: Path, above: int | None = None) -> Iterator[int]:
    """Open a folder, durably made where it is missing; `above` is the open folder that it must be right inside of."""
    name = path if above is None else path.name
    with contextlib.suppress(FileExistsError):
        os.mkdir(name, _PRIVATE, dir_fd=above)
        if above is not None:
            os.fsync(above)
    if stat.S_ISLNK(os.stat(name, dir_fd=above, follow_symlinks=False).st_mode):
        raise unsafe(path, "es un enlace simbólico")
    folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=above)
    try:
        if os.fstat(folder).st_uid != os.geteuid() or os.fstat(folder).st_mode & OTHERS:
            raise unsafe(path, "no es solo de quien corre cuentas")
        yield folder
    finally:
        os.close(folder)


def unsafe(path: Path, why: str) -> RefusedError:
    """Return the refusal to use a folder."""
    return RefusedError(
        f"La carpeta de entregas «{path}» {why}.",
        remedy="Bórrela o cámbiela por una propia con permisos 0700 («chmod 700»), y vuelva a correr.",
    )


def taken(folder: int, name: str) -> bytes:
    """Return what a file of the open folder holds; a link in its place is none."""
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    with open(descriptor, "rb") as file:  # noqa: PTH123  # a name inside a folder already open
        return file.read()
