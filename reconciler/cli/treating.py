"""order treat: the cause and the treatment of a late alta, which its order cannot be closed without (PSDT-08)."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from reconciler.bitacora import Bitacora
from reconciler.cli import options
from reconciler.cli.ordering import Name, asked_for
from reconciler.cli.reporting import terms
from reconciler.cli.screen import say
from reconciler.cli.workspace import Workspace, now, opened
from reconciler.declaration.personal import forbidden, private_address
from reconciler.engine.lateness import record_late
from reconciler.errors import RefusedError, UsageError
from reconciler.events import Event, EventKind
from reconciler.model import Movimiento
from reconciler.orders import Order, orders
from reconciler.report.inert import visible

SHORTEST, LONGEST = 10, 500
"""Characters of a treatment: enough to say what was done, and no more than a report's cell holds."""


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
        record.refresh()
        where = workspace.target_name(target)
        order = asked_for(name, orders(record.events(), where))
        _check_late(order, workspace)
        causes = workspace.config.no_conformidad.causas
        data = {
            "orden": order.id,
            "causa": _cause(cause, causes),
            "tratamiento": _treatment(treatment, workspace.config.dominios),
            "destino": where,
        }
        _write(record, order, workspace, data)
    again = " (sustituye a lo que constaba)" if order.late and order.late.treated else ""
    say(f"{order.id}: consta la causa «{data['causa']}» ({causes[data['causa']]}) y su tratamiento{again}.")


def _check_late(order: Order, workspace: Workspace) -> None:
    """Raise where there is no delay to treat, or the order is over."""
    if not order.is_open:
        raise RefusedError(
            f"{order.id} ya está {order.state.value}, y una orden terminada queda como terminó.",
            remedy="Véala con «cuentas order show».",
        )
    deadlines = terms(workspace)
    if deadlines.late(order, workspace.today):
        return
    due = deadlines.due(order)
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


def _treatment(given: str | None, domains: tuple[str, ...]) -> str:
    if given is None and _asks():
        import questionary  # noqa: PLC0415 -- only a terminal needs it

        given = questionary.text(
            "Tratamiento: qué se hizo para subsanarla", validate=lambda text: _fault(text, domains) or True
        ).ask()
        if given is None:
            raise typer.Abort
    if given is None:
        raise UsageError("Falta el tratamiento: diga «--tratamiento».", remedy="Escriba qué se hizo para subsanarla.")
    fault = _fault(given, domains)
    if fault:
        raise UsageError(
            f"El tratamiento {fault}.", remedy="Corríjalo: queda en la bitácora, de la que nada se borra."
        )
    return " ".join(given.split())


def _fault(text: str, domains: tuple[str, ...]) -> str | None:
    """Return what is wrong with a treatment, in Spanish; None where nothing is."""
    told = " ".join(text.split())
    if len(told) < SHORTEST:
        return "es demasiado corto: diga qué se hizo"
    if len(told) > LONGEST:
        return f"pasa de {LONGEST} caracteres"
    if visible(told) != told:
        return "lleva caracteres que no se ven"
    address = private_address(told, domains)
    return f"lleva un correo ajeno ({visible(address)})" if address else forbidden(told)


def _asks() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


def _write(record: Bitacora, order: Order, workspace: Workspace, data: dict[str, str]) -> None:
    """Put cause and treatment on record, after the delay itself where nobody had; published at once."""
    at = now()
    if order.late is None:
        record_late(record, [order], terms(workspace), target=data["destino"], run=record.run, at=at)
    record.append(Event(kind=EventKind.LATE_TREATED, at=at, run=record.run, key=order.key, data=data))
    record.publish()
