"""apply: what was merged is carried out."""

from __future__ import annotations

import contextlib
import importlib.metadata
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from reconciler import bitacora
from reconciler.cli import options
from reconciler.cli.capturing import tell_what_waits
from reconciler.cli.closing import follow_up
from reconciler.cli.concluding import conclude, say_held
from reconciler.cli.expiring import expire_quietly
from reconciler.cli.planning import proposed, recorded, view_of
from reconciler.cli.pulls import Pulls, pulls, say_released
from reconciler.cli.recording import says
from reconciler.cli.screen import ProgressLine, say, show_plan
from reconciler.cli.stopping import stoppable
from reconciler.cli.texts import welcome
from reconciler.cli.workspace import Workspace, now, opened
from reconciler.clock import Present, check_clock
from reconciler.engine.apply import Report, Run, apply, refuse, refuse_silence
from reconciler.engine.lateness import unrecorded
from reconciler.engine.orders import Ledger
from reconciler.engine.ports import Target
from reconciler.engine.propose import Proposal
from reconciler.engine.saga import Hands
from reconciler.engine.shown import Shown, is_noted, withhold
from reconciler.errors import CuentasError, RefusedError, UsageError, why_not
from reconciler.events import Event
from reconciler.lateness import Terms
from reconciler.passwords import first_password
from reconciler.plan import Plan
from reconciler.report.words import results, some

_YES = frozenset({"s", "si", "sí", "y", "yes"})

VERSION = importlib.metadata.version("cuentas")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("apply")(apply_command)


def apply_command(  # noqa: PLR0913, PLR0917 -- the options that DESIGN gives this command
    file: Annotated[
        Path | None,
        typer.Argument(metavar="PLAN", help="Plan guardado con «cuentas plan -o»; sin él, se calcula."),
    ] = None,
    repo: options.Repo = Path(),
    at: options.At = None,
    only: options.Only = None,
    target: options.TargetName = None,
    yes: Annotated[bool, typer.Option("--yes", help="No preguntar (para CI).")] = False,
    pull_requests: Annotated[
        bool,
        typer.Option("--pull-requests", help="Solo lo que se mostró en los pull requests; lo demás se retiene."),
    ] = False,
) -> None:
    """Aplica lo aprobado: altas, bajas y cambios, cada uno en la bitácora antes y después.

    Ejemplos: cuentas plan -o plan.json; cuentas apply plan.json --yes; cuentas apply --yes --pull-requests
    """
    if file and pull_requests:
        raise UsageError(
            "Un plan guardado y «--pull-requests» no van juntos: cada uno dice qué se mostró.",
            remedy="Deje solo uno de los dos.",
        )
    saved = Shown.of(_read(file)) if file else None
    with (
        opened(repo, at=at) as workspace,
        workspace.target(target, welcome) as (name, there),
        pulls(workspace) if pull_requests else contextlib.nullcontext() as asking,
    ):
        proposal = proposed(workspace, name, there, only, recorded(workspace))
        shown = asking.shown(workspace, proposal) if asking else saved or Shown.of(proposal.plan)
        proposal = withhold(proposal, shown)
        if file is None:
            show_plan(view_of(proposal))
        refuse(proposal, workspace.spool(name))
        if not proposal.approved and not proposal.standing.open_attempts and _idle(proposal, workspace):
            _publish_what_is_left(workspace)
            if asking:  # also what another run had put on record and did not come to say
                asking.tell(shown, proposal, (), "")
                asking.tell_unapproved(shown, proposal)
            say_released(workspace, asking, proposal, (), "")
            say_held(proposal)
            expire_quietly(workspace, name)
            tell_what_waits(workspace, name)
            refuse_silence(proposal)
            if not proposal.withheld:
                say("Nada que hacer.")
            conclude(Report(unapproved=len(proposal.unapproved), withheld=len(proposal.withheld)))
            return
        if file is None and not yes and proposal.approved:
            _ask(proposal)
        with workspace.record() as record:  # before the lease, which writes a date
            record.refresh()
            _refuse_clock(proposal, name, record.events())
        report, waiting = _run(workspace, name, there, only, shown, asking)
        expire_quietly(workspace, name)
        conclude(report)
        if waiting:
            raise waiting


def _idle(proposal: Proposal, workspace: Workspace) -> bool:
    """Whether nothing is to be put on record either: evidence, orders, a delay, or what was not shown."""
    if proposal.unrecorded:
        return False
    terms = Terms.of(proposal.desired.config.plazos, proposal.zone)
    late = unrecorded(proposal.orders.values(), terms, now())
    return not late and is_noted(proposal) and Ledger(proposal, says("ninguna"), workspace.today).idle


def _publish_what_is_left(workspace: Workspace) -> None:
    """Publish what a run that was killed at its very end had put on record here and nowhere else."""
    with workspace.record() as record:
        if not record.is_published:
            record.publish()


def _read(file: Path) -> Plan:
    try:
        return Plan.from_json(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"No se pudo leer el plan {file}: {why_not(error)}.", remedy="Genérelo con «cuentas plan -o ARCHIVO»."
        ) from None


def _ask(proposal: Proposal) -> None:
    if not sys.stdin.isatty():
        raise UsageError(
            "Aplicar pide confirmación y aquí no hay quien conteste.",
            remedy="Agregue «--yes», o dé el plan revisado: «cuentas apply plan.json».",
        )
    question = f"¿Aplicar {some(len(proposal.approved), 'cambio')}? [s/N]"
    answer = typer.prompt(question, default="n", show_default=False)
    if answer.strip().casefold() not in _YES:
        say("No se aplicó nada.")
        raise typer.Exit(0)


def _run(
    workspace: Workspace, name: str, target: Target, only: list[str] | None, shown: Shown, asking: Pulls | None
) -> tuple[Report, CuentasError | None]:
    """Take the lease, look again, and apply what was shown of what there is now; then see to the orders.

    Return what was done, and what keeps a notice waiting.
    """
    run_name = bitacora.new_run(now)
    with (
        stoppable() as stop,
        workspace.record(run_name) as record,
        bitacora.acquire(record, now, distrusted=workspace.config.limites.relojes_malos) as lease,
        ProgressLine() as progress,
        contextlib.ExitStack() as closing,
    ):
        events = record.events()
        proposal = withhold(proposed(workspace, name, target, only, events), shown)
        targets = [target, *(closing.enter_context(contextlib.closing(one)) for one in target.companions())]
        _refuse_clock(proposal, name, events)
        spool = workspace.spool(name)
        run = Run(
            name=run_name,
            version=VERSION,
            clock=now,
            record=record,
            crew=[Hands(target=one, spool=spool, new_password=first_password) for one in targets],
            heartbeat=lease.renew,
            progress=progress,
            stopping=stop,
            operator=workspace.operator,
        )
        refuse(proposal, spool)
        say(f"Corrida {run_name}: {some(len(proposal.approved), 'cambio')} en «{name}».")
        report, refused = _applied(proposal, run)
        waiting = follow_up(workspace, name, record, lease, stop)
    if asking:
        asking.tell(shown, proposal, report.outcomes, run_name)
        asking.tell_unapproved(shown, proposal)
    say_released(workspace, asking, proposal, report.outcomes, run_name)
    say_held(proposal)
    tell_what_waits(workspace, name)
    if refused:
        raise refused
    return report, waiting


def _applied(proposal: Proposal, run: Run) -> tuple[Report, RefusedError | None]:
    """Apply, and hand back a refusal of what is not done: whatever was done is still told and closed."""
    try:
        report, refused = apply(proposal, run), None
    except RefusedError as error:
        report, refused = Report(), error
    if report.outcomes:
        say(f"Resultado: {results(report.outcomes)}.", "bold")
    return report, refused


def _refuse_clock(proposal: Proposal, name: str, events: Sequence[Event]) -> None:
    """Refuse to apply with a clock that the record or the commit contradict."""
    present = Present(
        now=now(),
        commit_at=proposal.desired.trail.commits[proposal.desired.commit].at,
        changes=proposal.approved,
        narrowed=bool(proposal.only),
    )
    check_clock(present, events, name, proposal.desired.config.limites)
