"""Pull requests for tests: a branch as a forge has it while it is open, and what validation says of it."""

from __future__ import annotations

import json
from typing import Any

from tests.cli.desk import Desk
from tests.forge import ENLACE, Agency

FIVE = tuple(f"SAF/{number}/2026" for number in range(1, 6))
DESK = """\
mesa_de_ayuda:
  integrantes:
    mesa.uno:
      correos: [mesa.uno@sinaloa.gob.mx]
      usuario: mesauno
aprobacion:
  aprueban:
    directora:
      correos: [dsct@sinaloa.gob.mx]
      usuario: directora
"""


def proposed(
    mesa: Desk, files: dict[str, str | Agency | None], message: str = "Movimientos", *, again: bool = False
) -> None:
    """Leave a branch `propuesta` with one more commit, begun on main where there is none yet (or not `again`)."""
    words = ("switch", "--quiet", "propuesta") if again else ("switch", "--quiet", "-C", "propuesta", "main")
    mesa.forge.git(*words)
    mesa.forge.push(files, message)
    mesa.forge.git("switch", "--quiet", "main")


def found(mesa: Desk, code: int, author: str | None = ENLACE) -> list[dict[str, Any]]:
    """Validate the branch against main and return everything that is said."""
    who = () if author is None else ("--author", author)
    said = mesa.run("validate", "--at", "propuesta", "--base", "main", "--format", "json", *who, code=code)
    problems: list[dict[str, Any]] = json.loads(said.out)
    return problems


def codes(mesa: Desk, code: int, author: str | None = ENLACE) -> list[str]:
    """Return the codes of what is said."""
    return [one["code"] for one in found(mesa, code, author)]


def configuration(mesa: Desk) -> str:
    """Return what main's cuentas.yaml says."""
    return (mesa.forge.path / "cuentas.yaml").read_text(encoding="utf-8")
