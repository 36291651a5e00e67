"""order list and show: work orders, from the record: which there are, and what each lacks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from reconciler.cli import options
from reconciler.cli.counting import siglas_of
from reconciler.cli.planning import recorded
from reconciler.cli.screen import say, say_folded
from reconciler.cli.spanish import SpanishGroup
from reconciler.cli.workspace import Workspace, opened
from reconciler.errors import UsageError
from reconciler.orders import Order, OrderState, orders
from reconciler.report.order_data import plain
from reconciler.report.orders import as_text, table

app = typer.Typer(
    cls=SpanishGroup,
    help="Las órdenes de trabajo, y qué les falta.",
    epilog="Qué hace que una orden se abra, se resuelva y se cierre está en docs/operacion.md, «Órdenes de trabajo».",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Name = Annotated[str, typer.Argument(metavar="ORDEN", help="La orden, como la dice «cuentas order list».")]


def register(above: typer.Typer) -> None:
    """Add the group of this module."""
    above.add_typer(app, name="order")


@app.command("list")
def list_orders(
    state: Annotated[
        OrderState | None, typer.Option("--estado", metavar="ESTADO", help=f"Uno de: {', '.join(OrderState)}.")
    ] = None,
    siglas: Annotated[
        str | None, typer.Option("--dependencia", metavar="SIGLAS", help="Solo las de esta dependencia.")
    ] = None,
    still_open: Annotated[
        bool, typer.Option("--abiertas/--todas", help="Solo las que no han terminado, o todas.")
    ] = True,
    repo: options.Repo = Path(),
    target: options.TargetName = None,
    format: options.ListFormat = options.TextOrJson.TEXT,  # noqa: A002
) -> None:
    """Lista las órdenes, y lo que le falta a cada una. Las desistidas y las cerradas, con «--todas».

    Ejemplos: cuentas order list --dependencia SAF; cuentas order list --estado cerrada --format json
    """
    with opened(repo) as workspace:
        there = known(workspace, target)
        agency = siglas_of(workspace, there.values(), siglas)
        found = [
            one
            for one in there.values()
            if (state is None or one.state is state)
            and (agency is None or one.dependencia == agency)
            and (state is not None or not still_open or one.is_open)
        ]
    if format is options.TextOrJson.JSON:
        typer.echo(json.dumps([plain(one) for one in found], ensure_ascii=False, indent=2))
    elif not found:
        say("No hay órdenes abiertas." if still_open and state is None else "No hay órdenes así.")
    else:
        for place, line in enumerate(table(found)):
            say(line, "bold" if place == 0 else "")
        say("1 orden." if len(found) == 1 else f"{len(found)} órdenes.", "dim")


@app.command()
def show(
    name: Name,
    repo: options.Repo = Path(),
    target: options.TargetName = None,
    format: options.ListFormat = options.TextOrJson.TEXT,  # noqa: A002
) -> None:
    """Dice todo de una orden: fechas, avisos, hoja, notas; qué le falta y qué hacer.

    Ejemplo: cuentas order show OT-2026-7K3M9QWX
    """
    with opened(repo) as workspace:
        order = asked_for(name, known(workspace, target))
        if format is options.TextOrJson.JSON:
            typer.echo(json.dumps(plain(order), ensure_ascii=False, indent=2))
            return
        for line in as_text(order, workspace.zone):
            say_folded(line, 4)


def known(workspace: Workspace, target: str | None) -> Mapping[str, Order]:
    """Return a target's orders as this clone knows them; the remote is not asked."""
    return orders(recorded(workspace), workspace.target_name(target))


def asked_for(name: str, found: Mapping[str, Order]) -> Order:
    """Return the order that somebody named, however they typed it.

    Raises:
        UsageError: there is none.

    """
    order = found.get(name.strip().upper())
    if order is None:
        raise UsageError(
            f"No hay una orden «{name}» en este destino.",
            remedy="Véalas con «cuentas order list --todas»; si es de otro destino, indíquelo con «--target».",
        )
    return order
