"""The options that several commands share, with their help."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class TextOrJson(StrEnum):
    """How an answer is printed: for people or for programs."""

    TEXT = "text"
    JSON = "json"


class PlanFormat(StrEnum):
    """How a plan is printed; in summary, one line per dependencia."""

    TEXT = "text"
    SUMMARY = "summary"
    MARKDOWN = "markdown"
    JSON = "json"


Repo = Annotated[
    Path,
    typer.Option("--repo", metavar="CARPETA", help="Repositorio de declaraciones.", show_default="la actual"),
]
At = Annotated[
    str | None,
    typer.Option("--at", metavar="REV", help="Commit que se lee.", show_default="la rama principal"),
]
Only = Annotated[
    list[str] | None,
    typer.Option("--only", metavar="SIGLAS", help="Solo estas dependencias (se puede repetir)."),
]
TargetName = Annotated[
    str | None,
    typer.Option("--target", metavar="NOMBRE", help="Destino.", show_default="el de cuentas.yaml"),
]
Worktree = Annotated[
    bool, typer.Option("--worktree", help="Leer la copia de trabajo en vez de un commit (para probar).")
]
ListFormat = Annotated[TextOrJson, typer.Option("--format", help="Cómo se imprime: para personas o programas.")]
