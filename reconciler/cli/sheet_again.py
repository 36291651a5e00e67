"""sheet reissue: another first password and another sheet, for one that was lost or nobody fetched."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from reconciler import bitacora
from reconciler.cli import options
from reconciler.cli.planning import proposed
from reconciler.cli.recording import says
from reconciler.cli.screen import say_folded
from reconciler.cli.sheet_out import reason_of
from reconciler.cli.workspace import Workspace, now, opened
from reconciler.clock import Present, check_clock
from reconciler.engine.ports import Target
from reconciler.engine.propose import Proposal
from reconciler.engine.reissue import Bench, candidate, reissue
from reconciler.engine.saga import Hands
from reconciler.model import AccountKey
from reconciler.passwords import first_password
from reconciler.sheet import Seal, Sealed


def register(group: typer.Typer) -> None:
    """Add the command of this module to `sheet`."""
    group.command("reissue")(reissue_sheet)


def reissue_sheet(
    asked: Annotated[str, typer.Argument(metavar="CUENTA", help="La cuenta.")],
    motive: Annotated[str, typer.Option("--motivo", metavar="TEXTO", help="Por qué; queda en la bitácora.")],
    repo: options.Repo = Path(),
    target: options.TargetName = None,
    yes: Annotated[bool, typer.Option("--yes", help="No preguntar en la terminal.")] = False,
) -> None:
    """Restablece la contraseña de una cuenta y expide otra hoja; la anterior deja de servir.

    Ejemplo: cuentas sheet reissue juan.perez --motivo 'Perdió la hoja'
    """
    reason = reason_of(motive)
    key = AccountKey(asked.strip().partition("@")[0].lower())
    with opened(repo) as workspace, workspace.target(target) as (name, there):
        with workspace.record() as record:
            record.refresh()
            candidate(proposed(workspace, name, there, None, record.events()), key)
        if not yes and sys.stdin.isatty():
            typer.confirm(f"La contraseña de hoy de «{key}» dejará de servir. ¿Restablecerla?", abort=True)
        sheet = _reissued(workspace, name, there, key, reason)
        say_folded(f"Hoja {sheet.folio} de {key}: contraseña restablecida; hay que cambiarla al primer ingreso.", 2)
        way = f"print {sheet.folio} --imprimir" if sheet.seal is Seal.MESA else f"send {sheet.folio}"
        say_folded(f"Entréguela con «cuentas sheet {way}». La anterior ya no sirve.", 2)


def _reissued(workspace: Workspace, name: str, there: Target, key: AccountKey, reason: str) -> Sealed:
    """Take the lease, look again, and reset."""
    run = bitacora.new_run(now)
    with (
        workspace.record(run) as record,
        bitacora.acquire(record, now, distrusted=workspace.config.limites.relojes_malos),
    ):
        proposal = proposed(workspace, name, there, None, record.events())
        present = Present(now=now(), commit_at=_commit_at(proposal), changes=(), narrowed=False)
        check_clock(present, record.events(), name, workspace.config.limites)
        hands = Hands(target=there, spool=workspace.spool(name), new_password=first_password)
        return reissue(proposal, key, reason, Bench(record=record, says=says(run, workspace.operator), hands=hands))


def _commit_at(proposal: Proposal) -> datetime:
    desired = proposal.desired
    return desired.trail.commits[desired.commit].at
