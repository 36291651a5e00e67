"""What cuentas needs of the Sistema de Oficios by hand and by files, looked at; nothing is written."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path

from reconciler.check import Step
from reconciler.sistema_oficios.files import IN, OUT, refuse_strangers
from reconciler.untracked import usable

AREA = "Sistema de Oficios"


def by_hand() -> Step:
    """Return the one step of what a person does."""
    return Step("modo", lambda: "a mano: «cuentas order tell» dice qué capturar")


def by_files(folder: Path) -> Iterator[Step]:
    """Yield what is looked at of the folders through which another program is spoken to."""
    for name in (OUT, IN):
        yield Step(name, partial(_safe, folder / name))


def _safe(folder: Path) -> str:
    said = usable(folder)
    for one in (folder.parent, folder):
        if one.exists():
            refuse_strangers(one)
    return said
