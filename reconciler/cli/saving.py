"""Files that a command leaves where it was told to: whole, or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from reconciler.errors import UsageError, why_not


def save(data: bytes, file: Path) -> None:
    """Write a file that only its owner reads, in the place of the one that is there.

    Raises:
        UsageError: it cannot be written; what was there still is.

    """
    try:
        descriptor, unfinished = tempfile.mkstemp(prefix=f".{file.name[:40]}.", dir=file.parent)
        try:
            with open(descriptor, "wb") as stream:  # noqa: PTH123 -- it is open already
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            Path(unfinished).replace(file)
        except BaseException:
            Path(unfinished).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise UsageError(
            f"No se pudo escribir «{file}»: {why_not(error)}.", remedy="Elija otra ruta para «-o»."
        ) from None


def rewrite(path: Path, data: bytes) -> None:
    """Put a file of the working copy in the place of the one there is, whole or not at all, with its permissions.

    Raises:
        UsageError: it cannot be written; what was there still is.

    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, data)
    except OSError as error:
        raise UsageError(
            f"No se pudo escribir {path}: {why_not(error)}.", remedy="Revise permisos y espacio; quedó como estaba."
        ) from None


def _replace(path: Path, data: bytes) -> None:
    mode = path.stat().st_mode & 0o7777 if path.exists() else 0o644
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
