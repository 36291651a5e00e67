"""The embedded target's file, looked at without making or touching it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from reconciler.check import Step
from reconciler.embedded.store import CANARY, VERSION
from reconciler.errors import TargetUnreachableError
from reconciler.untracked import usable

AREA = "Directorio embebido"

FILE, CANARY_STEP = "archivo", "canario"


def steps(path: Path) -> tuple[Step, ...]:
    """Return what is looked at."""
    return Step(FILE, lambda: _file(path)), Step(CANARY_STEP, lambda: _canary(path), (FILE,))


def _file(path: Path) -> str:
    where = usable(path.parent)
    if not path.exists():
        return f"«{path}» se hará al aplicar"
    (found,) = _asked(path, "PRAGMA user_version")
    if found != VERSION:
        raise TargetUnreachableError(
            f"«{path}» no es un directorio embebido de esta versión ({found}, no {VERSION}).",
            remedy="Apunte «archivo» del destino a otro archivo, o aparte ése.",
        )
    return where


def _canary(path: Path) -> str:
    if not path.exists():
        return "lo llevará el archivo nuevo"
    (count,) = _asked(path, f"SELECT count(*) FROM objetos WHERE usuario = '{CANARY}'")  # noqa: S608 -- a constant
    if not count:
        raise TargetUnreachableError(
            f"En «{path}» no está el canario «{CANARY}».",
            remedy="Alguien vació el archivo: restitúyalo de un respaldo, o apártelo y se hará otro.",
        )
    return CANARY


def _asked(path: Path, query: str) -> tuple[int]:
    """Ask the file; one that nobody has open is read as it lies there, so that no file appears beside it."""
    alone = not path.with_name(f"{path.name}-wal").exists()
    options = "mode=ro&immutable=1" if alone else "mode=ro"
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?{options}", uri=True, timeout=5)) as file:
            answer: tuple[int] = file.execute(query).fetchone()
            return answer
    except sqlite3.Error as error:
        raise TargetUnreachableError(
            f"«{path}» no se puede leer como directorio embebido ({type(error).__name__}).",
            remedy="Revise sus permisos; si está dañado, apártelo: en él solo hay datos de prueba.",
        ) from None
