"""snapshot: what was read of a target, saved or published for who plans without reaching it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from reconciler.cli import options
from reconciler.cli.saving import save
from reconciler.cli.screen import say
from reconciler.cli.workspace import Workspace, now, opened
from reconciler.errors import LostRaceError, RecordError, RefusedError, UsageError, why_not
from reconciler.report.words import some
from reconciler.repository import GitBranch
from reconciler.snapshot import LARGEST, Snapshot, as_json, from_json, taken

LECTURA = "lectura"
"""The branch that readings are published on."""

PUBLISHED = "publicada"
"""What names the published reading where a file could be named."""

_TRIES = 5
_RENEWED = 6
"""Hours after which an unchanged reading is published again, so that who plans knows that it is still so."""


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(snapshot)


def snapshot(
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="ARCHIVO", help="Guardarla en un archivo.")
    ] = None,
    publish: Annotated[
        bool, typer.Option("--publish", help="Publicarla en la rama «lectura» del repositorio y de su remoto.")
    ] = False,
    renew: Annotated[
        int,
        typer.Option(
            "--renovar", metavar="HORAS", min=0, help="Publicarla otra vez, aunque no cambie, a estas horas."
        ),
    ] = _RENEWED,
    repo: options.Repo = Path(),
    target: options.TargetName = None,
) -> None:
    """Lee el destino y deja la lectura donde se pueda planear sin alcanzarlo: sin secretos, solo cuentas propias.

    Ejemplo: cuentas snapshot --publish
    """
    if (output is None) == (not publish):
        raise UsageError(
            "Falta decir a dónde va la lectura.", remedy="Use «-o ARCHIVO» o «--publish», uno de los dos."
        )
    with opened(repo) as workspace:
        shot = _read(workspace, target)
        many = some(len(shot.reading.accounts), "cuenta")
        if output:
            save(as_json(shot).encode(), output)
            say(f"Lectura de «{shot.target}»: {many}, huella {shot.digest[:16]}, en {output}.")
        else:
            _publish(workspace, shot, timedelta(hours=renew), many)


def _read(workspace: Workspace, asked: str | None) -> Snapshot:
    """Read the target, and nothing that a bad reading would show as absence.

    Raises:
        RefusedError: the canary was not seen.

    """
    with workspace.record() as record, workspace.target(asked) as (name, target):
        record.refresh()
        head = record.head()
        reading = target.read()
    if not reading.canary_seen:
        raise RefusedError(
            f"La lectura de {reading.server} no muestra la cuenta canario: no se publica.",
            remedy="La cuenta de servicio perdió permiso de lectura, o el canario no existe: revise ambos.",
        )
    return taken(name, reading, now(), commit=workspace.tip, record=head)


def _publish(workspace: Workspace, shot: Snapshot, renew: timedelta, many: str) -> None:
    """Put a reading on its branch, unless the same is there and not old; the last one to publish is right."""
    branch = workspace.repository.branch(LECTURA, workspace.repository.main_remote(), holds="la lectura")
    for _ in range(_TRIES):
        there = branch.fetch() if branch.remote else branch.head()
        known = _found(workspace, there, shot.target) if there else None
        if known and known.digest == shot.digest and abs(shot.taken - known.taken) < renew:
            say(f"Lectura de «{shot.target}»: {many}, sin cambios desde {known.taken:%Y-%m-%d %H:%M} UTC.")
            return
        try:
            _write(branch, there, shot)
        except LostRaceError as error:
            lost = error.message
            continue
        say(f"Lectura de «{shot.target}»: {many}, huella {shot.digest[:16]}, publicada en «{LECTURA}».")
        return
    raise RecordError(f"La lectura no se pudo publicar en {_TRIES} intentos. {lost}", remedy="Vuelva a correr.")


def _write(branch: GitBranch, parent: str | None, shot: Snapshot) -> None:
    message = f"Lectura de {shot.target}: {len(shot.reading.accounts)} cuentas\n"
    files = {_file(shot.target): as_json(shot).encode()}
    commit = branch.commit(parent, files, message, expected=branch.head())
    if branch.remote:
        branch.push(commit)


def _found(workspace: Workspace, commit: str, target: str) -> Snapshot | None:
    """Return the reading that a commit has; None where it has none, or none that can be believed."""
    try:
        return _at(workspace, commit, target)
    except UsageError:
        return None


def _at(workspace: Workspace, commit: str, target: str) -> Snapshot | None:
    name = _file(target)
    for one in workspace.repository.tree(commit, (name,), size_limit=LARGEST):
        if one.path == name and one.mode == "100644":
            return from_json(one.data) if one.data is not None else from_json(b"")
    return None


def _file(target: str) -> str:
    return f"lectura.{target}.json"


def read_snapshot(workspace: Workspace, where: str, target: str) -> Snapshot:
    """Return the reading of a target in a file, or («publicada») on the branch as it was last fetched.

    Raises:
        UsageError: there is none, it is no reading, or it is of another target.

    """
    shot = _published(workspace, target) if where == PUBLISHED else _from_file(Path(where))
    if shot.target != target:
        raise UsageError(
            f"La lectura es del destino «{shot.target}» y se planea para «{target}».",
            remedy="Indique el destino de la lectura con «--target», o dé otra lectura.",
        )
    return shot


def _published(workspace: Workspace, target: str) -> Snapshot:
    branch = workspace.repository.branch(LECTURA, workspace.repository.main_remote(), holds="la lectura")
    commit = branch.remote_head() or branch.head()
    shot = _at(workspace, commit, target) if commit else None
    if shot is None:
        raise UsageError(
            f"Este clon no tiene una lectura publicada de «{target}».",
            remedy=f"Tráigala con «git fetch origin {LECTURA}»; si nadie la ha publicado, corra «cuentas snapshot "
            "--publish» donde se alcance el destino.",
        )
    return shot


def _from_file(path: Path) -> Snapshot:
    try:
        with path.open("rb") as stream:
            return from_json(stream.read(LARGEST + 1))
    except OSError as error:
        raise UsageError(
            f"No se pudo leer la lectura {path}: {why_not(error)}.",
            remedy=f"Tómela con «cuentas snapshot -o ARCHIVO», o use la publicada: «--against {PUBLISHED}».",
        ) from None
