"""Folders of the machine's own inside a repository: what is in them is never to be committed."""

from __future__ import annotations

import contextlib
import os
import secrets
from pathlib import Path

from reconciler.errors import ConfigurationError

PRIVATE = ".cuentas"
"""Where the machine keeps its own, unless it is told otherwise: the embedded target, sealed sheets."""


def make_untracked(folder: Path) -> None:
    """Make a folder with its parents; Git is told to leave alone what is in the first of them that was missing.

    A folder that was there already may be anybody's: nothing is written into it.
    """
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    if missing:
        with contextlib.suppress(FileExistsError), (missing[-1] / ".gitignore").open("x", encoding="ascii") as file:
            file.write("*\n")


def usable(folder: Path) -> str:
    """Say whether a folder is there or would be made, and leave everything as it is.

    Raises:
        ConfigurationError: nothing could be stored in it.

    """
    try:
        there = next(one for one in (folder, *folder.parents) if one.exists())
        good = there.is_dir() and os.access(there, os.W_OK | os.X_OK)
    except OSError:
        there, good = folder, False
    if not good:
        raise ConfigurationError(
            f"En «{there}» no se puede escribir.",
            remedy=f"Dé permiso a quien corre cuentas («chown» o «chmod u+rwx {there}»), o ponga otra carpeta.",
        )
    return f"«{folder}» se puede escribir" if there == folder else f"«{folder}» se hará cuando haga falta"


def put(folder: int, name: str, data: bytes) -> None:
    """Put a file in place whole, 0600 and durable, or not at all; names are inside the open folder."""
    temporary = f".{name}.{secrets.token_hex(4)}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(temporary, flags, 0o600, dir_fd=folder)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123 -- a name inside a folder already open
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        os.unlink(temporary, dir_fd=folder)
        raise
    os.fsync(folder)
