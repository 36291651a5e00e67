"""validate: everything that is wrong with a declaration, or with a pull request, at once."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from reconciler.cli import options
from reconciler.cli.applying import VERSION
from reconciler.cli.comparing import Verdict, examined
from reconciler.cli.saving import save
from reconciler.cli.screen import problem_text, say, say_prose
from reconciler.cli.texts import template_problems
from reconciler.cli.workspace import Workspace, opened
from reconciler.engine.desired import Desired
from reconciler.errors import DeclarationError, Problem, PullRequestError, UsageError
from reconciler.model import Declaration
from reconciler.pull import approver_warnings, headcount_warnings
from reconciler.report.problems import as_annotations, as_json, as_sarif, as_text
from reconciler.report.words import some
from reconciler.untracked import PRIVATE


class Format(StrEnum):
    """How problems are said: to people, to programs, beside a pull request's lines, or to code scanning."""

    TEXT = "text"
    JSON = "json"
    ANNOTATIONS = "annotations"
    SARIF = "sarif"


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(validate)


def validate(  # noqa: PLR0913, PLR0917 -- the options that DESIGN gives this command
    repo: options.Repo = Path(),
    at: options.At = None,
    worktree: options.Worktree = False,
    base: Annotated[
        str | None,
        typer.Option("--base", metavar="REV", help="Revisar también las reglas de un pull request contra esta base."),
    ] = None,
    author: Annotated[
        str | None,
        typer.Option("--author", metavar="USUARIO", help="Quién propone: su usuario, o «Nombre <correo>»."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="ARCHIVO", help="Dejar ahí lo que se encontró.")
    ] = None,
    format: Annotated[Format, typer.Option("--format", help="Cómo se imprime.")] = Format.TEXT,  # noqa: A002
) -> None:
    """Dice todo lo que está mal en la declaración. Cada cosa, con su archivo y su renglón.

    Ejemplos: cuentas validate --worktree; cuentas validate --at HEAD --base origin/main --author lbeltran
    """
    _check_options(base, author, worktree=worktree)
    with opened(repo, at=at, worktree=worktree) as workspace:
        try:
            verdict = _alone(workspace) if base is None else _proposed(workspace, base, author)
        except DeclarationError as error:
            _deliver(error.problems, f"{error.message} {error.remedy}", format, output)
            if output is None and format is not Format.TEXT:
                raise typer.Exit(error.exit_code) from None
            raise
        _deliver(verdict.problems, verdict.summary, format, output)
        if output is not None or format is Format.TEXT:
            for problem in verdict.problems:
                say_prose(problem_text(problem, coded=base is not None))
            say(verdict.summary)


def _check_options(base: str | None, author: str | None, *, worktree: bool) -> None:
    if base is None and author is not None:
        raise UsageError("«--author» es de un pull request.", remedy="Diga su base con «--base».")
    if author is not None and not author.strip():
        raise UsageError(
            "«--author» está vacío: no se sabe quién propone.",
            remedy="Dé su usuario de la forja; en un trabajo de CI, revise la variable de donde sale.",
        )
    if base is not None and worktree:
        raise UsageError(
            "Un pull request son commits: «--worktree» y «--base» no van juntas.",
            remedy="Haga el commit y repita con «--at HEAD», o quite «--base».",
        )


def _deliver(problems: tuple[Problem, ...], summary: str, form: Format, output: Path | None) -> None:
    """Leave what was found in a file, or print it where that is for no person (they are told elsewhere)."""
    match form:
        case Format.TEXT:
            text = as_text(problems, summary)
        case Format.JSON:
            text = as_json(problems)
        case Format.ANNOTATIONS:
            text = as_annotations(problems, summary)
        case Format.SARIF:
            text = as_sarif(problems, VERSION)
    if output is not None:
        save(text.encode("utf-8", "replace"), output)
    elif form is not Format.TEXT:
        typer.echo(text.encode("utf-8", "replace").decode(), nl=False)


def _alone(workspace: Workspace) -> Verdict:
    """Judge a declaration by itself; raise with everything wrong in it, in its letters' templates and in its logo."""
    broken = (*template_problems(workspace), *workspace.logo_problems())
    try:
        desired: Desired = workspace.desired
    except DeclarationError as error:
        raise DeclarationError((*error.problems, *broken)) from None
    warnings = (
        *desired.warnings,
        *headcount_warnings(desired.declaration, desired.config),
        *approver_warnings(desired.config, workspace.today),
    )
    private = _committed(workspace)
    if broken or private:
        raise DeclarationError((*warnings, *broken, *private))
    return Verdict(warnings, _counted(desired.declaration))


def _proposed(workspace: Workspace, base: str, author: str | None) -> Verdict:
    """Judge a pull request; raise with everything wrong in it."""
    verdict = examined(workspace, base, author, _counted)
    problems = tuple(sorted({*verdict.problems, *_committed(workspace)}, key=lambda one: (not one.blocks, one)))
    if any(one.blocks for one in problems):
        raise PullRequestError(problems)
    return Verdict(problems, verdict.summary)


def _counted(declared: Declaration) -> str:
    active = sum(1 for one in declared.accounts.values() if one.baja is None)
    return (
        f"Declaración válida: {some(len(declared.dependencias), 'dependencia')}, "
        f"{some(len(declared.accounts), 'cuenta')} "
        f"({active} en servicio, {len(declared.accounts) - active} de baja)."
    )


def _committed(workspace: Workspace) -> tuple[Problem, ...]:
    """Say where Git has files of the machine's own: first passwords, sealed as they are, stay out of it."""
    files = workspace.repository.tree(workspace.tip, (PRIVATE,), size_limit=0)
    if not files:
        return ()
    message = f"Git lleva lo que es solo de esta máquina: {some(len(files), 'archivo')} de «{PRIVATE}/»."
    remedy = (
        f"Sáquelo con «git rm -r --cached {PRIVATE}» y ponga «{PRIVATE}/» en .gitignore. Si ya se empujó, "
        "avise a quien administra el repositorio y dé contraseñas nuevas."
    )
    return (Problem(files[0].path, 0, "privado", message, remedy),)
