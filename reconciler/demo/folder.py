"""The folder that the demonstration may fill and empty: its own, known by a mark, and no other."""

from __future__ import annotations

import shutil
from pathlib import Path

from reconciler.errors import UsageError, why_not

MARK = ".hecha-por-cuentas-demo"


def prepare(folder: Path) -> None:
    """Make an empty folder with the mark, or empty one that has it; the mark is there throughout.

    Raises:
        UsageError: something else is there, which is left as it is.

    """
    mark = folder / MARK
    if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
        raise _not_ours(folder)
    if folder.is_dir() and any(folder.iterdir()) and not (mark.is_file() and not mark.is_symlink()):
        raise _not_ours(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        mark.write_text("«cuentas demo» hizo esta carpeta y la vacía cada vez que corre.\n", encoding="utf-8")
        for one in folder.iterdir():
            if one.is_dir() and not one.is_symlink():
                shutil.rmtree(one)
            elif one != mark:
                one.unlink()
    except OSError as error:
        raise UsageError(
            f"No se pudo preparar la carpeta «{folder}»: {why_not(error)}.", remedy="Dé otra carpeta."
        ) from None


def _not_ours(folder: Path) -> UsageError:
    return UsageError(
        f"«{folder}» ya existe y no la hizo la demostración: no se toca.",
        remedy="Dé una carpeta nueva: «cuentas demo CARPETA».",
    )
