"""history and audit: what was asked, approved and done, and whether the record is whole."""

from __future__ import annotations

import json
import re
from datetime import tzinfo
from pathlib import Path
from typing import Annotated

import typer

from reconciler import bitacora
from reconciler.bitacora import Audit, Link
from reconciler.cli import options
from reconciler.cli.screen import say, say_folded
from reconciler.cli.workspace import Workspace, opened
from reconciler.errors import RefusedError, UsageError

_DIGEST = re.compile(r"[0-9a-f]{12,64}")
_FOLIOS = 5
"""Sheets that are named; the rest are counted."""


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(audit)


def audit(
    head: Annotated[
        str | None,
        typer.Option("--cabeza", metavar="HUELLA", help="Comprueba también la que trae una hoja o un informe."),
    ] = None,
    repo: options.Repo = Path(),
    at: options.At = None,
    format: options.ListFormat = options.TextOrJson.TEXT,  # noqa: A002
) -> None:
    """Verifica la cadena de la bitácora y las aprobaciones. Sale con 3 si algo falla.

    Ejemplos: cuentas audit --repo /srv/declaraciones; cuentas audit --cabeza 3f9a0c51d2e7
    """
    asked = None if head is None else _digest(head)
    with opened(repo, at=at) as workspace:
        chain = bitacora.audit_chain(workspace.branch, workspace.record_folder)
        findings = [*(str(one) for one in chain.findings), *_approval_findings(workspace)]
        place = chain.line(asked) if asked else None
        if asked and place is None:
            findings.append(f"Ningún renglón tiene la huella {asked}: no es de esta bitácora, o se reescribió.")
        if format is options.TextOrJson.JSON:
            ended = {"commit": chain.commit, "eventos": chain.count, "ultimo": chain.digest}
            found = {"cabeza": _line_data(place, chain)} if asked else {}
            _print_json({**ended, **found, "hallazgos": findings})
        else:
            say(f"Bitácora: {chain.count} eventos; último {chain.digest[:16]}.")
            if place:
                say_folded(_line_text(place, chain, workspace.zone), 2)
            for line in findings:
                say(f"  ! {line}")
        if findings:
            noun = "una cosa" if len(findings) == 1 else f"{len(findings)} cosas"
            raise RefusedError(f"La auditoría halló {noun} por atender.", remedy="Atienda cada una y repita.")
        if format is options.TextOrJson.TEXT:
            say("Sin hallazgos: cadena íntegra, y cada valor declarado llegó por una fusión.")


def _digest(head: str) -> str:
    """Return a digest as the record has it, whole or its first digits, however it was copied from paper.

    Raises:
        UsageError: it is none, or too short to be one line's.

    """
    said = "".join(head.split()).lower()
    if not _DIGEST.fullmatch(said):
        raise UsageError(
            f"«{head}» no es una huella de la bitácora.",
            remedy="Cópiela del pie de la hoja: sus 64 cifras (0-9, a-f), o al menos las primeras 12.",
        )
    return said


def _line_text(line: Link, chain: Audit, zone: tzinfo) -> str:
    event, folios = line.entry.event, chain.sheets_after(line)
    sealed = f"; en esa corrida se selló después {', '.join(folios[:_FOLIOS])}" if folios else ""
    more = f" y {len(folios) - _FOLIOS} más" if len(folios) > _FOLIOS else ""
    return (
        f"La huella {line.digest} es del renglón {line.n} de {chain.count}: {event.kind.value}, "
        f"{event.at.astimezone(zone):%Y-%m-%d %H:%M}, corrida {event.run}{sealed}{more}."
    )


def _line_data(line: Link | None, chain: Audit) -> dict[str, object] | None:
    if line is None:
        return None
    event = line.entry.event
    return {
        "huella": line.digest,
        "renglon": line.n,
        "hecho": event.kind.value,
        "cuando": event.at.isoformat(),
        "corrida": event.run,
        "hojas": list(chain.sheets_after(line)),
    }


def _print_json(value: object) -> None:
    typer.echo(json.dumps(value, ensure_ascii=False, indent=2))


def _approval_findings(workspace: Workspace) -> list[str]:
    desired = workspace.desired
    approver = desired.approver
    findings = [
        f"El commit {change.commit[:10]} ({change.author}) llegó a la rama principal sin fusión."
        for change in desired.trail.around_review
        if change.commit not in approver.baseline
    ]
    if desired.shallow:
        findings.append("El clon es superficial: falta historia para probar aprobaciones.")
    for key, fault in sorted(approver.entry_faults().items()):
        source = desired.declaration.accounts[key].source
        findings.append(f"{source}: «{key}» ({fault.commit[:10]}): {fault.reason}.")
    return findings
