"""fmt and schema: for whoever writes declarations."""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated

import typer

from reconciler import declaration
from reconciler.cli.saving import rewrite
from reconciler.cli.screen import say
from reconciler.errors import DeclarationError, Problem, UsageError
from reconciler.history import ACCOUNTS
from reconciler.model import TreeFile
from reconciler.repository import SIZE_LIMIT, read_files
from reconciler.trail import CONFIG

DIFFERS = 2
"""Exit code of `--check` when something is not as it should be written."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(fmt)
    app.command()(schema)


def fmt(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="ARCHIVO", help="Archivos o carpetas; sin ellos, accounts/.")
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Solo decir cuáles cambiarían; no escribir.")] = False,
) -> None:
    """Escribe las declaraciones en su forma canónica. Ordenadas, con sangría y comillas uniformes.

    Ejemplo: cuentas fmt accounts/SAF.yaml
    """
    pending = 0
    problems: list[Problem] = []
    for path, file in _declarations(paths or [_all()]):
        try:
            after = _canonical(file)
        except DeclarationError as error:
            problems += error.problems
            continue
        if after == file.data:
            continue
        pending += 1
        say(f"{path}: {'cambiaría' if check else 'reescrito'}")
        if check:
            _show_difference(file.data or b"", after)
        else:
            rewrite(path, after)
    if problems:
        raise DeclarationError(tuple(problems))
    if check and pending:
        raise typer.Exit(DIFFERS)
    if not pending:
        say("Todo está en su forma canónica.")


def _all() -> Path:
    """Return the accounts/ folder of the repository of declarations that one stands in, be it in a subfolder."""
    here = Path.cwd()
    for folder in here.parents:
        if not os.path.lexists(here / ACCOUNTS) and (folder / CONFIG).is_file() and (folder / ACCOUNTS).is_dir():
            return Path(os.path.relpath(folder / ACCOUNTS, here))
    return Path(ACCOUNTS)


def _declarations(paths: Iterable[Path]) -> Iterator[tuple[Path, TreeFile]]:
    """Read the declarations named, each once, never through a symbolic link."""
    found = sorted({path for given in paths for path in _named(given)})
    for path in found:
        root, name = _placed(path)
        yield from ((path, file) for file in read_files(root, [name], SIZE_LIMIT))


def _named(given: Path) -> list[Path]:
    if not os.path.lexists(given):
        raise UsageError(
            f"No existe {given}.", remedy="Corra el comando en la raíz del repositorio de declaraciones."
        )
    _placed(given)
    if given.is_dir() and not given.is_symlink():
        return list(given.rglob("*.yaml"))
    if given.suffix != ".yaml" and not given.is_symlink():
        raise UsageError(f"{given} no es un archivo .yaml.", remedy="Las declaraciones terminan en «.yaml».")
    return [given]


def _placed(path: Path) -> tuple[Path, str]:
    """Return the repository's root and a declaration's path in it, by the accounts/ folder it is in."""
    whole = Path(os.path.abspath(path))  # noqa: PTH100 -- resolve() would follow links, which have to be seen
    for folder in (whole, *whole.parents):
        if folder.name == ACCOUNTS:
            return folder.parent, whole.relative_to(folder.parent).as_posix()
    raise UsageError(f"{path} no está en accounts/.", remedy="«cuentas fmt» solo escribe declaraciones.")


def _canonical(file: TreeFile) -> bytes:
    refusal = declaration.unreadable(file)
    if refusal:
        raise DeclarationError(refusal)
    return declaration.canonical(file.data or b"", file.path)


def _show_difference(before: bytes, after: bytes) -> None:
    now, then = (text.decode("utf-8-sig").splitlines() for text in (before, after))
    for line in difflib.unified_diff(now, then, "ahora", "canónico", lineterm="", n=1):
        say(f"    {line}")


def schema(
    folder: Annotated[Path, typer.Argument(metavar="CARPETA", help="Dónde escribirlos.")] = Path("schemas"),
    check: Annotated[bool, typer.Option("--check", help="Solo decir cuáles están atrasados o faltan.")] = False,
) -> None:
    """Escribe los JSON Schema de las declaraciones. Son para editores y CI.

    Ejemplo: cuentas schema schemas
    """
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} no es una carpeta.", remedy="Indique la carpeta de los esquemas.")
    stale = 0
    for name, text in declaration.schemas().items():
        path = folder / name
        if path.is_file() and path.read_bytes() == text.encode():
            continue
        stale += 1
        say(f"{path}: {('atrasado' if path.is_file() else 'falta') if check else 'escrito'}")
        if not check:
            rewrite(path, text.encode())
    if check and stale:
        raise typer.Exit(DIFFERS)
    if not stale:
        say("Los esquemas están al día.")
