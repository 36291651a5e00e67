"""codeowners: the file by which the forge demands the review of whoever may approve."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated

import typer

from reconciler.cli import options
from reconciler.cli.authoring import DIFFERS
from reconciler.cli.saving import rewrite
from reconciler.cli.screen import say
from reconciler.cli.workspace import opened
from reconciler.codeowners import codeowners


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("codeowners")(codeowners_command)


def codeowners_command(
    check: Annotated[bool, typer.Option("--check", help="Solo decir si está al día; no escribir.")] = False,
    repo: options.Repo = Path(),
    at: options.At = None,
    worktree: options.Worktree = False,
) -> None:
    """Escribe CODEOWNERS: de quién exige revisión la forja, según quién aprueba y quiénes son los enlaces.

    Con «--check» sale con 2 si está atrasado, y muestra la diferencia.

    Ejemplos: cuentas codeowners; cuentas codeowners --worktree --check
    """
    with opened(repo, at=at, worktree=worktree) as workspace:
        agencies = workspace.desired.declaration.dependencias.values()
        made = codeowners(workspace.config, agencies, workspace.today)
        if check:
            found = [one.data or b"" for one in workspace.files((made.path,)) if one.path == made.path]
            _compare(b"".join(found), made.text, made.path)
            return
        path = workspace.repository.path / made.path
        if path.is_file() and path.read_bytes() == made.text.encode():
            say(f"{made.path} está al día.")
            return
        rewrite(path, made.text.encode())
        say(f"{made.path}: escrito")


def _compare(there: bytes, wanted: str, path: str) -> None:
    if there == wanted.encode():
        say(f"{path} está al día.")
        return
    say(f"{path}: {'atrasado' if there else 'falta'}")
    now = there.decode("utf-8", "replace").splitlines()
    for line in difflib.unified_diff(now, wanted.splitlines(), "ahora", "debe decir", lineterm="", n=1):
        say(f"    {line}")
    say("Es el de la rama principal, o el de «--worktree». Hágalo con «cuentas codeowners» y propóngalo.")
    raise typer.Exit(DIFFERS)
