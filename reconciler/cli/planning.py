"""plan and drift: they look and change nothing."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from reconciler.cli import options
from reconciler.cli.options import PlanFormat
from reconciler.cli.previewing import show_pull_plan
from reconciler.cli.screen import show_plan
from reconciler.cli.workspace import Workspace, now, opened
from reconciler.engine.ports import Target
from reconciler.engine.propose import Proposal, propose
from reconciler.errors import RefusedError, UsageError, why_not
from reconciler.events import Event
from reconciler.model import Siglas
from reconciler.plan import Create, Reactivate
from reconciler.report.plan import PlanView, as_markdown
from reconciler.report.words import some
from reconciler.safety import Refusal

PENDING = 8
"""Exit code of `--exit-code` when there is something to do."""


FormatOption = Annotated[PlanFormat, typer.Option("--format", help="Cómo se imprime.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(plan)
    app.command()(drift)


def plan(  # noqa: PLR0913, PLR0917 -- the options that DESIGN gives this command
    repo: options.Repo = Path(),
    at: options.At = None,
    only: options.Only = None,
    target: options.TargetName = None,
    worktree: options.Worktree = False,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="ARCHIVO", help="Guardar el plan para «apply».")
    ] = None,
    format: FormatOption = PlanFormat.TEXT,  # noqa: A002
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="Salir con 8 si hay cambios, con 3 si una guarda los rechaza.")
    ] = False,
    base: Annotated[
        str | None, typer.Option("--base", metavar="REV", help="La base del pull request; va con «--against».")
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            "--against", metavar="LECTURA", help="Planear sin destino: un archivo de «snapshot», o «publicada»."
        ),
    ] = None,
    author: Annotated[
        str | None, typer.Option("--author", metavar="USUARIO", help="Quién abrió el pull request.")
    ] = None,
    comment: Annotated[
        int | None, typer.Option("--comment", metavar="N", min=1, help="Decirlo en ese pull request.")
    ] = None,
) -> None:
    """Muestra qué cambiaría, con qué oficio y quién lo aprobó. No cambia nada.

    Ejemplos: cuentas plan --only SAF -o plan.json; cuentas plan --at rama --base main --against publicada
    """
    if base or against or author or comment:
        if base is None or against is None or only or worktree or exit_code:
            raise UsageError(
                "El plan de un pull request se hace de su base y de una lectura, y de todo lo que trae.",
                remedy="Dé «--base REV» y «--against LECTURA», sin «--only», «--worktree» ni «--exit-code».",
            )
        with opened(repo, at=at) as workspace:
            show_pull_plan(
                workspace,
                base=base,
                against=against,
                target=target,
                author=author,
                form=format,
                output=output,
                comment=comment,
            )
        return
    if worktree and output:
        raise UsageError(
            "Un plan de la copia de trabajo es solo para ver: no se guarda, porque «apply» nunca lo haría.",
            remedy="Quite «-o», o quite «--worktree» para planear lo que está en la rama principal.",
        )
    with opened(repo, at=at, worktree=worktree) as workspace, workspace.target(target) as (name, there):
        proposal = proposed(workspace, name, there, only, recorded(workspace))
        if output:
            _save(proposal, output)
        _print(proposal, format)
        if exit_code:
            _leave_with_code(proposal)


def drift(
    repo: options.Repo = Path(),
    at: options.At = None,
    only: options.Only = None,
    target: options.TargetName = None,
    format: FormatOption = PlanFormat.TEXT,  # noqa: A002
) -> None:
    """Compara todo con el destino y dice qué difiere. No cambia nada; sale con 8 si algo difiere.

    Ejemplo: cuentas drift --format markdown
    """
    with opened(repo, at=at) as workspace, workspace.target(target) as (name, there):
        proposal = proposed(workspace, name, there, only, recorded(workspace))
        _print(proposal, format)
        if proposal.plan.changes or proposal.plan.findings:
            raise typer.Exit(PENDING)


def proposed(
    workspace: Workspace, name: str, target: Target, only: list[str] | None, events: Sequence[Event]
) -> Proposal:
    """Propose for the workspace, narrowed to some dependencias, which must exist."""
    desired = workspace.desired
    unknown = sorted(set(only or ()) - set(desired.declaration.dependencias))
    if unknown:
        raise UsageError(
            f"No hay una dependencia «{unknown[0]}» en la declaración.",
            remedy=f"Las que hay: {', '.join(sorted(desired.declaration.dependencias))}.",
        )
    narrowed = frozenset(Siglas(siglas) for siglas in only or ())
    return propose(desired, target, events, name=name, today=workspace.today, only=narrowed, now=now())


def recorded(workspace: Workspace) -> Sequence[Event]:
    """Return the record as this clone knows it; the remote is not asked."""
    with workspace.record() as record:
        return record.events()


def view_of(proposal: Proposal) -> PlanView:
    """Return a proposal as reports take it."""
    return PlanView(
        plan=proposal.plan,
        dependencias=proposal.desired.declaration.dependencias,
        approvals={**proposal.approvals, **{name: one.approval for name, one in proposal.withheld.items()}},
        unapproved=proposal.unapproved,
        refusals=_refusals(proposal),
        exception=proposal.exception.oficio if proposal.exception else None,
    )


def _refusals(proposal: Proposal) -> tuple[Refusal, ...]:
    """Return why «apply» would not run: what guards say, and having nobody to give first passwords to."""
    recipient = proposal.desired.config.entrega.destinatario
    new = sum(isinstance(one, Create | Reactivate) and one.account.logon_enabled for one in proposal.approved)
    if recipient or not new:
        return proposal.refusals
    nobody = Refusal(
        guard="sin-destinatario",
        message=f"Hay {some(new, 'cuenta')} por crear o reincorporar, y nadie recibiría su primera contraseña.",
        remedy="Ponga en cuentas.yaml, en «entrega: destinatario:», una llave age1… o ssh-ed25519 "
        "(docs/operacion.md, «Primeras contraseñas»).",
    )
    return (*proposal.refusals, nobody)


def _print(proposal: Proposal, form: PlanFormat) -> None:
    match form:
        case PlanFormat.TEXT:
            show_plan(view_of(proposal))
        case PlanFormat.SUMMARY:
            show_plan(view_of(proposal), in_short=True)
        case PlanFormat.MARKDOWN:
            typer.echo(as_markdown(view_of(proposal)), nl=False)
        case PlanFormat.JSON:
            typer.echo(proposal.plan.to_json(), nl=False)


def _save(proposal: Proposal, output: Path) -> None:
    try:
        output.write_text(proposal.plan.to_json(), encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"No se pudo escribir {output}: {why_not(error)}.", remedy="Elija otra ruta para «-o»."
        ) from None


def _leave_with_code(proposal: Proposal) -> None:
    if _refusals(proposal) or proposal.unapproved:
        raise typer.Exit(RefusedError.exit_code)
    if proposal.plan.changes:
        raise typer.Exit(PENDING)
