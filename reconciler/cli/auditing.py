"""audit: whether the record is whole, and whether Git, the record and the directory say one and the same."""

from __future__ import annotations

import re
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Annotated

import typer

from reconciler.audit import Clase, counts
from reconciler.audit.document import (
    Auditoria,
    BitacoraAuditada,
    Conteo,
    DestinoAuditado,
    HuellaBuscada,
    Revisado,
    told,
)
from reconciler.bitacora import Audit, Link
from reconciler.cli import options
from reconciler.cli.anchoring import anchor, published_first
from reconciler.cli.applying import VERSION
from reconciler.cli.examining import Examination
from reconciler.cli.screen import note, say, say_folded
from reconciler.cli.workspace import opened
from reconciler.errors import CuentasError, RefusedError, UsageError
from reconciler.events import EventKind
from reconciler.report.words import some

_DIGEST = re.compile(r"[0-9a-f]{12,64}")
_FOLIOS = 5
"""Sheets that are named; the rest are counted."""


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(audit)


def audit(  # noqa: PLR0913, PLR0917 -- what is compared with what, and what every look has
    head: Annotated[
        str | None,
        typer.Option("--cabeza", metavar="HUELLA", help="Comprueba también la que trae una hoja o un informe."),
    ] = None,
    make: Annotated[
        bool, typer.Option("--anchor", help="Hacer y publicar el ancla firmada de este trimestre, si todo cuadra.")
    ] = False,
    target: options.TargetName = None,
    blind: Annotated[bool, typer.Option("--sin-destino", help="No leer el directorio.")] = False,
    offline: Annotated[bool, typer.Option("--sin-red", help="No preguntar al remoto por sus anclas.")] = False,
    repo: options.Repo = Path(),
    at: options.At = None,
    format: options.ListFormat = options.TextOrJson.TEXT,  # noqa: A002
) -> None:
    """Verifica la bitácora, sus anclas, las aprobaciones, y que Git, bitácora y directorio digan lo mismo.

    Sale con 3 si algo falla; con 5 si lo único que falta es que el destino responda.

    Ejemplos: cuentas audit --format json; cuentas audit --anchor; cuentas audit --cabeza 3f9a0c51d2e7
    """
    asked = None if head is None else _digest(head)
    if make and offline:
        raise UsageError(
            "«--anchor» publica el ancla, y no puede ir con «--sin-red».", remedy="Quite una de las dos."
        )
    with opened(repo, at=at, asks_forge=False) as workspace:
        if make:
            published_first(workspace)
        examined = Examination(workspace, target, reads=not blind, online=not offline, head=asked)
        workspace.heard = lambda: examined.events  # a record that is not to be believed is a finding, and no end
        document = _document(examined)
        if format is options.TextOrJson.JSON:
            typer.echo(document.model_dump_json(indent=2, exclude_none=True))
        else:
            _print(document, examined)
        if make:
            note(anchor(examined))
        if document.hallazgos:
            raise _ending(document, examined)


def _ending(document: Auditoria, examined: Examination) -> CuentasError:
    """Return how an audit with findings ends: as the target's own failure, where that is all there is."""
    if examined.unread and len(document.hallazgos) == 1:
        return examined.unread
    count = len(document.hallazgos)
    noun = "una cosa" if count == 1 else f"{count} cosas"
    return RefusedError(f"La auditoría halló {noun} por atender.", remedy="Atienda cada una y repita.")


# --- as a document ------------------------------------------------------------------------------------------


def _document(examined: Examination) -> Auditoria:
    workspace, chain, found = examined.workspace, examined.chain, examined.findings
    reading = examined.proposal.reading if examined.proposal else None
    return Auditoria(
        cuando=examined.at.astimezone(UTC).isoformat(timespec="seconds"),
        version=VERSION,
        institucion=workspace.config.organizacion.nombre,
        commit=workspace.tip,
        bitacora=BitacoraAuditada(commit=chain.commit, eventos=chain.count, huella=chain.digest),
        destino=DestinoAuditado(
            nombre=examined.name, servidor=reading.server if reading else None, leido=reading is not None
        ),
        cabeza=_searched(examined.place, chain) if examined.place else None,
        revisado=_looked_at(examined),
        conteo=Conteo.model_validate({clase.value: count for clase, count in counts(found).items()}),
        hallazgos=tuple(told(found, notices=False)),
        avisos=tuple(told(found, notices=True)),
    )


def _looked_at(examined: Examination) -> Revisado:
    desired, events, proposal = examined.workspace.desired, examined.events, examined.proposal
    commits = desired.trail.commits.values()
    anchored = examined.anchored
    return Revisado(
        hechos=len(events),
        corridas=sum(one.kind is EventKind.RUN_STARTED for one in events),
        intentos=sum(one.kind is EventKind.ATTEMPT for one in events),
        commits=len(commits),
        fusiones=sum(one.is_merge for one in commits),
        aceptados=len(examined.baseline),
        otros_sin_fusion=sum(not (one.is_merge or one.is_root or one.files) for one in commits),
        movimientos=sum(len(ones) for ones in desired.trail.movements.values()),
        oficios=len(desired.trail.appeared),
        anclas=len({(one.name, one.id) for one in (*anchored.local, *anchored.remote)}),
        anclas_comparadas=anchored.there is not None,
        declaradas=len(desired.declaration.accounts),
        anotadas=examined.remembered,
        leidas=len(proposal.reading.accounts) if proposal else None,
        por_aplicar=len(proposal.plan.changes) if proposal else None,
    )


def _searched(line: Link, chain: Audit) -> HuellaBuscada:
    return HuellaBuscada(
        huella=line.digest,
        renglon=line.n,
        hecho=line.entry.event.kind.value,
        cuando=line.entry.event.at.isoformat(),
        corrida=line.entry.event.run,
        hojas=chain.sheets_after(line),
    )


# --- for people -----------------------------------------------------------------------------------------------


def _print(document: Auditoria, examined: Examination) -> None:
    chain = examined.chain
    say(f"Bitácora: {chain.count} eventos; último {chain.digest[:16]}.")
    if examined.place:
        say_folded(_line_text(examined.place, chain, examined.workspace.zone), 2)
    for line in _checked(document, remote=examined.workspace.branch.remote is not None):
        say_folded(line, 2)
    for clase in Clase:
        found = [one for one in document.hallazgos if one.clase is clase]
        if found:
            say()
            say(f"{clase.heading}:")
        for one in found:
            say_folded(f"  ! [{one.codigo}] {one.donde}: {one.mensaje}", 4)
        for remedy in dict.fromkeys(one.remedio for one in found):
            say_folded(f"    Qué hacer: {remedy}", 6)
    if document.avisos:
        say()
        say("Avisos, que no prueban nada malo:")
    for one in document.avisos:
        say_folded(f"  · [{one.codigo}] {one.mensaje} {one.remedio}", 4)
    say()
    if not document.hallazgos:
        say("Sin hallazgos: cadena íntegra, y cada valor declarado llegó por una fusión.")
    numbers = document.conteo.model_dump()
    say(f"Hallazgos: {', '.join(f'{clase} {count}' for clase, count in numbers.items())}")


def _checked(document: Auditoria, *, remote: bool) -> tuple[str, ...]:
    """Say what was looked at, so that no findings mean something."""
    seen, there = document.revisado, document.destino
    compared = ", sin preguntar al remoto" if remote and not seen.anclas_comparadas else ""
    directory = (
        f"Destino «{there.nombre}» ({there.servidor}): {some(seen.leidas or 0, 'cuenta')} nuestras; el plan haría "
        f"{some(seen.por_aplicar or 0, 'cambio')}."
        if there.leido
        else f"Destino «{there.nombre}»: no se leyó; nada de esto habla de él."
    )
    accepted = f", {seen.aceptados} aceptados por la línea base" if seen.aceptados else ""
    merges = "1 fusión" if seen.fusiones == 1 else f"{seen.fusiones} fusiones"
    line = f"{some(seen.commits, 'commit')} hasta {document.commit[:10]}, {merges}{accepted}"
    moved = f"{some(seen.movimientos, 'movimiento')} de {some(seen.declaradas, 'cuenta')}"
    tried = f"con {some(seen.intentos, 'cambio')} que se intentaron; {some(seen.anotadas, 'cuenta')} en la bitácora"
    return (
        f"Rama principal: {line}; {moved}.",
        f"Corridas: {seen.corridas}, {tried}.",
        f"Anclas: {seen.anclas}{compared}.",
        directory,
    )


def _line_text(line: Link, chain: Audit, zone: tzinfo) -> str:
    event, folios = line.entry.event, chain.sheets_after(line)
    sealed = f"; en esa corrida se selló después {', '.join(folios[:_FOLIOS])}" if folios else ""
    more = f" y {len(folios) - _FOLIOS} más" if len(folios) > _FOLIOS else ""
    return (
        f"La huella {line.digest} es del renglón {line.n} de {chain.count}: {event.kind.value}, "
        f"{event.at.astimezone(zone):%Y-%m-%d %H:%M}, corrida {event.run}{sealed}{more}."
    )


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
