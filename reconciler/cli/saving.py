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
