"""sheet list, ack and purge: credential sheets (RSDT-08.02) that wait, are acknowledged, or are too old."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from reconciler.cli import options, sheet_again, sheet_out
from reconciler.cli.closing import settle
from reconciler.cli.expiring import expired
from reconciler.cli.recording import publish
from reconciler.cli.screen import say, say_folded
from reconciler.cli.sheet_desk import Asked, SheetDesk, sheet_desk
from reconciler.cli.spanish import SpanishGroup
from reconciler.cli.workspace import now
from reconciler.delivery import way_of
from reconciler.errors import RefusedError
from reconciler.events import EventKind
from reconciler.model import Addressee
from reconciler.orders import sheets
from reconciler.report.sheets import plain, strangers, table
from reconciler.report.words import some
from reconciler.waiting import Stage, Waiting, waiting

app = typer.Typer(
    cls=SpanishGroup,
    help="Las hojas RSDT-08.02: usuario y contraseña.",
    epilog="Cómo se sella y se entrega cada hoja está en docs/operacion.md, «Entrega de la primera contraseña».",
    no_args_is_help=True,
    rich_markup_mode=None,
)


def register(above: typer.Typer) -> None:
    """Add the group of this module, with what other modules put in it."""
    app.command("list")(list_sheets)
    sheet_out.register(app)
    app.command()(ack)
    sheet_again.register(app)
    app.command()(purge)
    above.add_typer(app, name="sheet")


def list_sheets(
    every: Annotated[
        bool, typer.Option("--todas", help="También las acusadas, y las de cuentas que ya no están en servicio.")
    ] = False,
    repo: options.Repo = Path(),
    target: options.TargetName = None,
    format: options.ListFormat = options.TextOrJson.TEXT,  # noqa: A002
) -> None:
    """Lista las hojas que esperan: cómo va cada una, para quién es y cuántos días le quedan.

    Ejemplos: cuentas sheet list; cuentas sheet list --todas --format json
    """
    with sheet_desk(repo, target) as desk:
        found = [one for one in _waiting(desk) if every or _waits(desk, one)]
        to = {one.key: _whom(desk, one) for one in found}
        known = sheets(desk.events, desk.target)
        unknown = [one for one in desk.shelf.kept() if one.folio not in known]
    if format is options.TextOrJson.JSON:
        typer.echo(json.dumps([plain(one, to[one.key]) for one in found], ensure_ascii=False, indent=2))
        return
    for place, line in enumerate(table(found, to, desk.workspace.zone)):
        say(line, "bold" if place == 0 else "")
    say(f"{some(len(found), 'hoja')}." if found else "No hay hojas por entregar.", "dim" if found else "")
    for line in strangers([(one.name, bool(one.folio)) for one in unknown]):
        say_folded(line, 2)


def _waiting(desk: SheetDesk) -> tuple[Waiting, ...]:
    days = timedelta(days=desk.workspace.config.entrega.conservar_dias)
    return waiting(desk.events, desk.target, {one.folio for one in desk.shelf.kept() if one.part}, now(), days)


def _waits(desk: SheetDesk, one: Waiting) -> bool:
    declared = desk.workspace.desired.declaration.accounts.get(one.key)
    return one.stage is not Stage.ACUSADA and declared is not None and not declared.baja


def _whom(desk: SheetDesk, one: Waiting) -> str:
    """Say whom a sheet is for: who got it or, before that, whom the declaration names."""
    declaration = desk.workspace.desired.declaration
    declared = declaration.accounts.get(one.key)
    if one.sent or declared is None:
        return ", ".join(one.sent) or "—"
    return way_of(declared, declaration.dependencias[declared.account.dependencia]).to or "impresa"


def ack(
    asked: Asked,
    by: Annotated[Addressee, typer.Option("--recibio", metavar="QUIÉN", help="Quién firmó: enlace o interesado.")],
    repo: options.Repo = Path(),
    target: options.TargetName = None,
) -> None:
    """Anota que alguien recibió la hoja y lo firmó (PSDT-08, 8.1). La hoja sellada se retira.

    Ejemplo: cuentas sheet ack juan.perez --recibio enlace
    """
    with sheet_desk(repo, target) as desk:
        sheet = desk.any_sheet(asked)
        if sheet.delivered is None and not sheet.acknowledged:
            raise RefusedError(
                f"No consta que la hoja {sheet.folio} se haya impreso ni enviado: no hay qué acusar.",
                remedy=f"Entréguela con «cuentas sheet print {sheet.folio} --imprimir» o «cuentas sheet send "
                f"{sheet.folio}».",
            )
        if sheet.acknowledged is None:
            desk.refuse_replaced(sheet)
            desk.put(EventKind.SHEET_ACKNOWLEDGED, sheet, por=by.value)
        desk.discard(sheet)
        if sheet.removed is None:
            desk.put(EventKind.SHEET_REMOVED, sheet, porque="acusada")
        settle(desk.workspace, desk.target, desk.record)
        publish(desk.record)
        done = "ya estaba acusada" if sheet.acknowledged else f"acuse anotado ({by})"
        say_folded(f"Hoja {sheet.folio} de {sheet.key}: {done}; la hoja sellada se retiró.", 2)


def purge(repo: options.Repo = Path(), target: options.TargetName = None) -> None:
    """Retira las hojas que nadie recogió a tiempo y lo que quedó de otras. También lo hace «cuentas apply».

    Ejemplo: cuentas sheet purge
    """
    with sheet_desk(repo, target) as desk:
        found = expired(desk.workspace, desk.target, desk.record)
        say(f"Se retiraron archivos: {len(found.files)}." if found.files else "Nada que retirar.")
