"""order told: somebody whom no letter reaches was told of a movement by a person, and how (PSDT-08, 9.1)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from reconciler.cli import options
from reconciler.cli.closing import settle
from reconciler.cli.ordering import Name, asked_for
from reconciler.cli.recording import publish, refreshed, says
from reconciler.cli.screen import say
from reconciler.cli.workspace import opened
from reconciler.engine.notices import BY_HAND
from reconciler.errors import RefusedError, UsageError
from reconciler.events import EventKind
from reconciler.model import Addressee
from reconciler.orders import Means, Order, orders
from reconciler.report.words import MEANS_WORDS, TO_WHOM


def register(group: typer.Typer) -> None:
    """Add the command of this module to the orders' own."""
    group.command()(told)


def told(
    name: Name,
    whom: Annotated[Addressee, typer.Option("--a", metavar="QUIÉN", help="A quién se avisó: enlace o interesado.")],
    means: Annotated[Means, typer.Option("--medio", metavar="MEDIO", help=f"Cómo se le avisó: {', '.join(Means)}.")],
    repo: options.Repo = Path(),
    target: options.TargetName = None,
) -> None:
    """Anota que se avisó a alguien por otro medio, cuando el correo no le llega. Cuenta como avisado.

    Solo de lo que ya se hizo. Ejemplo: cuentas order told OT-2026-7K3M9QWX --a enlace --medio telefono
    """
    with opened(repo) as workspace, workspace.record() as record:
        refreshed(record)
        where = workspace.target_name(target)
        order = asked_for(name, orders(record.events(), where))
        if whom in order.told:
            say(f"{order.id}: ya constaba el aviso {TO_WHOM[whom]}.")
            return
        _refuse(order, whom)
        data = {"orden": order.id, "a": whom.value, "estado": BY_HAND, "medio": means.value, "destino": where}
        record.append(says(record.run, workspace.operator)(EventKind.NOTICE, order.key, **data))
        say(f"{order.id}: consta el aviso {TO_WHOM[whom]}, {MEANS_WORDS[means]}.")
        settle(workspace, where, record)
        publish(record)


def _refuse(order: Order, whom: Addressee) -> None:
    """Raise where there is nothing to tell somebody of."""
    if not order.is_open:
        raise RefusedError(
            f"{order.id} ya está {order.state.value}, y una orden terminada queda como terminó.",
            remedy="Véala con «cuentas order show».",
        )
    if order.done is None:
        raise RefusedError(
            f"De {order.id} no hay nada que avisar todavía: su {order.movement.value} no se ha hecho.",
            remedy=f"Vea qué le falta con «cuentas order show {order.id}».",
        )
    if whom not in order.to_tell:
        raise UsageError(
            f"De {order.id} no hay que avisar {TO_WHOM[whom]}.",
            remedy=f"A quién se avisa lo dice «cuentas order show {order.id}».",
        )
