"""Folders of the machine's own inside a repository: what is in them is never to be committed."""

from __future__ import annotations

import contextlib
from pathlib import Path

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
