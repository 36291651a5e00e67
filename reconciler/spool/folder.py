"""Folders of their owner's alone, and files that are put in them whole and durable, or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
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


def put(folder: int, name: str, data: bytes) -> None:
    """Put a file in place whole, 0600 and durable, or not at all; names are inside the open folder."""
    temporary = f".{name}.{secrets.token_hex(4)}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(temporary, flags, 0o600, dir_fd=folder)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123  # a name inside a folder already open
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        os.unlink(temporary, dir_fd=folder)
        raise
    os.fsync(folder)


def taken(folder: int, name: str) -> bytes:
    """Return what a file of the open folder holds; a link in its place is none."""
    descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    with open(descriptor, "rb") as file:  # noqa: PTH123  # a name inside a folder already open
        return file.read()
