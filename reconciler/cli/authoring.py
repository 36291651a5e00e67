"""fmt and schema: for whoever writes declarations."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated

import typer

from reconciler import declaration
from reconciler.cli.screen import say
from reconciler.errors import UsageError

DIFFERS = 2
"""Exit code of `--check` when something is not as it should be written."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(fmt)
    app.command()(schema)


def fmt(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[ARCHIVO]...", help="Archivos; sin ellos, accounts/.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Solo decir cuáles cambiarían; no escribir.")] = False,
) -> None:
    """Escribe las declaraciones en su forma canónica: ordenadas, con sangría y comillas uniformes.

    Ejemplo: cuentas fmt accounts/SAF.yaml
    """
    pending = 0
    for path in _files(paths):
        before = path.read_bytes()
        after = declaration.canonical(before, str(path))
        if before == after:
            continue
        pending += 1
        say(f"{path}: {'cambiaría' if check else 'reescrito'}")
        if check:
            for line in difflib.unified_diff(
                before.decode().splitlines(), after.decode().splitlines(), "ahora", "canónico", lineterm="", n=1
            ):
                say(f"    {line}")
        else:
            path.write_bytes(after)
    if check and pending:
        raise typer.Exit(DIFFERS)
    if not pending:
        say("Todo está en su forma canónica.")


def _files(paths: list[Path] | None) -> list[Path]:
    given = paths or [Path("accounts")]
    missing = [path for path in given if not path.exists()]
    if missing:
        raise UsageError(f"No existe {missing[0]}.", remedy="Corra el comando en la raíz del repositorio.")
    found = [sorted(path.rglob("*.yaml")) if path.is_dir() else [path] for path in given]
    return [path for group in found for path in group]


def schema(
    folder: Annotated[Path, typer.Argument(metavar="[CARPETA]", help="Dónde escribirlos.")] = Path("schemas"),
    check: Annotated[bool, typer.Option("--check", help="Solo decir cuáles están atrasados.")] = False,
) -> None:
    """Escribe los JSON Schema de las declaraciones, para editores y CI.

    Ejemplo: cuentas schema schemas
    """
    stale = 0
    for name, text in declaration.schemas().items():
        path = folder / name
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale += 1
        say(f"{path}: {'atrasado' if check else 'escrito'}")
        if not check:
            folder.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if check and stale:
        raise typer.Exit(DIFFERS)
    if not stale:
        say("Los esquemas están al día.")
