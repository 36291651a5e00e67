"""order treat: the cause and the treatment of a late alta, which its order cannot be closed without (PSDT-08)."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from reconciler.cli import options
from reconciler.cli.order_acts import fit
from reconciler.cli.ordering import Name, asked_for
from reconciler.cli.recording import publish, refreshed, says
from reconciler.cli.screen import say
from reconciler.cli.workspace import now, opened
from reconciler.config import Config
from reconciler.engine.lateness import record_late
from reconciler.errors import RefusedError, UsageError
from reconciler.events import EventKind
from reconciler.lateness import Terms
from reconciler.model import Movimiento
from reconciler.orders import Order, orders

_SHORTEST = 10
"""Characters of a treatment: enough to say what was done."""


def register(group: typer.Typer) -> None:
    """Add the command of this module to the orders' own."""
    group.command()(treat)


def treat(
    name: Name,
    cause: Annotated[
        str | None,
        typer.Option("--causa", metavar="CAUSA", help="Una del catálogo (no_conformidad: causas, en cuentas.yaml)."),
    ] = None,
    treatment: Annotated[
        str | None,
        typer.Option("--tratamiento", metavar="TEXTO", help="Qué se hizo para subsanarla; sin datos personales."),
    ] = None,
    repo: options.Repo = Path(),
    target: options.TargetName = None,
) -> None:
    """Asienta la causa y el tratamiento de un alta con retraso. En una terminal pregunta lo que no se dé.

    Ejemplo: cuentas order treat OT-2026-7K3M9QWX --causa espera-enlace --tratamiento "Se llamó al enlace y contestó."
    """
    with opened(repo) as workspace, workspace.record() as record:
        refreshed(record)
        where = workspace.target_name(target)
        order = asked_for(name, orders(record.events(), where))
        terms = Terms.of(workspace.config.plazos, workspace.zone)
        _check_late(order, terms, workspace.today)
        causes = workspace.config.no_conformidad.causas
        chosen, done = _cause(cause, causes), _treatment(treatment, workspace.config)
        record_late(record, [order], terms, target=where, run=record.run, at=now())
        data = {"orden": order.id, "causa": chosen, "tratamiento": done, "destino": where}
        record.append(says(record.run, workspace.operator)(EventKind.LATE_TREATED, order.key, **data))
        publish(record)
    again = " (sustituye a lo que constaba)" if order.late and order.late.treated else ""
    say(f"{order.id}: consta la causa «{chosen}» ({causes[chosen]}) y su tratamiento{again}.")


def _check_late(order: Order, terms: Terms, today: date) -> None:
    """Raise where there is no delay to treat, or the order is over."""
    if not order.is_open:
        raise RefusedError(
            f"{order.id} ya está {order.state.value}, y una orden terminada queda como terminó.",
            remedy="Véala con «cuentas order show».",
        )
    if terms.late(order, today):
        return
    due = terms.due(order)
    if order.movement is Movimiento.BAJA:
        reason = "es una baja, y el servicio no conforme es el retraso en crear una cuenta"
    elif due is None:
        reason = "no tiene su oficio, y sin él no corre ningún plazo"
    else:
        reason = f"su plazo {'vencía' if order.done else 'vence'} el {due}" + (" y se cumplió" if order.done else "")
    raise UsageError(
        f"{order.id} no es un alta con retraso: {reason}.",
        remedy="Las que lo son: «cuentas report no-conformes --abiertos».",
    )


def _cause(given: str | None, causes: Mapping[str, str]) -> str:
    if given is None and _asks():
        import questionary  # noqa: PLC0415 -- only a terminal needs it

        choices = [questionary.Choice(f"{name}: {words}", name) for name, words in causes.items()]
        given = questionary.select("Causa del retraso", choices, instruction="(flechas e Intro)").ask()
        if given is None:
            raise typer.Abort
    if given is not None and given in causes:
        return given
    listed = "; ".join(f"{name} ({words})" for name, words in causes.items())
    wrong = "Falta la causa: diga «--causa»." if given is None else f"«{given}» no está en el catálogo de causas."
    raise UsageError(wrong, remedy=f"Las que hay: {listed}.")


def _treatment(given: str | None, config: Config) -> str:
    if given is None and _asks():
        import questionary  # noqa: PLC0415 -- only a terminal needs it

        given = questionary.text(
            "Tratamiento, qué se hizo para subsanarla:", validate=lambda text: _fault(text, config) or True
        ).ask()
        if given is None:
            raise typer.Abort
    if given is None:
        raise UsageError("Falta el tratamiento: diga «--tratamiento».", remedy="Escriba qué se hizo para subsanarla.")
    said = fit(given, config)
    if len(said) < _SHORTEST:
        raise UsageError("El tratamiento es demasiado corto.", remedy="Diga qué se hizo para subsanar la causa.")
    return said


def _fault(text: str, config: Config) -> str | None:
    """Return what is wrong with a treatment while it is typed; None where nothing is."""
    try:
        _treatment(text, config)
    except UsageError as error:
        return str(error)
    return None


def _asks() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()
