"""order close, note, withdraw and notify: what a person does about work orders, put on record."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from reconciler import bitacora
from reconciler.bitacora import Bitacora
from reconciler.cli import options
from reconciler.cli.closing import follow_up, judged
from reconciler.cli.ordering import Name, asked_for
from reconciler.cli.recording import publish, refreshed, says
from reconciler.cli.screen import say
from reconciler.cli.stopping import stoppable
from reconciler.cli.workspace import Workspace, now, opened
from reconciler.config import Config
from reconciler.declaration.personal import in_free_text
from reconciler.engine.notices import due
from reconciler.engine.orders import asks, close_complete, in_doubt
from reconciler.errors import RefusedError, UsageError
from reconciler.events import Event, EventKind
from reconciler.orders import Lack, Order, OrderState, missing, orders
from reconciler.report.orders import STATE_WORDS, remedy

_LONGEST = 500
"""Characters of a note."""


def register(group: typer.Typer) -> None:
    """Add the commands of this module to `order`."""
    group.command()(close)
    group.command("note")(annotate)
    group.command()(withdraw)
    group.command("notify")(notify_now)


def close(name: Name, repo: options.Repo = Path(), target: options.TargetName = None) -> None:
    """Cierra una orden a la que no le falta nada. Si le falta algo, dice qué y cómo hacerlo, y sale con 3.

    Ejemplo: cuentas order close OT-2026-7K3M9QWX
    """
    with opened(repo) as workspace, workspace.record() as record:
        refreshed(record)
        there = workspace.target_name(target)
        order = asked_for(name, orders(record.events(), there))
        if not order.is_open:
            say(f"{order.id}: ya está {STATE_WORDS[order.state]}.")
            return
        order = judged(workspace, there, record)[order.id]
        if missing(order):
            publish(record)
        _refuse_incomplete(order)
        record.append(*close_complete([order], there, says(record.run)))
        publish(record)
        say(f"{order.id}: cerrada.")


def _refuse_incomplete(order: Order) -> None:
    lacks = missing(order)
    if lacks:
        raise RefusedError(
            f"La orden {order.id} no se puede cerrar; le falta {_listed(lacks)}.",
            remedy=" ".join(f"{one[0].upper()}{one[1:]}: {remedy(one, order)}" for one in lacks),
        )


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} y {words[-1]}"


def annotate(
    name: Name,
    text: Annotated[str, typer.Argument(metavar="TEXTO", help="Lo que conviene que quede dicho, en un renglón.")],
    repo: options.Repo = Path(),
    target: options.TargetName = None,
) -> None:
    """Anota algo en una orden. Queda en la bitácora para siempre: sin datos personales.

    Ejemplo: cuentas order note OT-2026-7K3M9QWX 'El enlace pidió entregar la hoja el lunes'
    """
    with opened(repo) as workspace, workspace.record() as record:
        said = fit(text, workspace.config)
        refreshed(record)
        order = asked_for(name, orders(record.events(), workspace.target_name(target)))
        record.append(
            says(record.run, workspace.operator)(EventKind.ORDER_NOTE, order.key, orden=order.id, texto=said)
        )
        publish(record)
        say(f"{order.id}: anotado.")


def fit(text: str, config: Config) -> str:
    """Return free text as it goes on record.

    Raises:
        UsageError: it is empty, too long, or seems to hold somebody's private data.

    """
    said = " ".join(text.split())
    if not 0 < len(said) <= _LONGEST or not said.isprintable():
        raise UsageError(
            f"El texto está vacío, pasa de {_LONGEST} caracteres o lleva signos que no se ven.",
            remedy="Escríbalo entre comillas, en un renglón.",
        )
    reason = in_free_text(said, config.dominios, config.telefonos)
    if reason:
        raise UsageError(
            f"El texto {reason}.", remedy="Quítelo: la bitácora no se borra y no lleva datos personales (LGPDPPSO)."
        )
    return said


def withdraw(
    name: Name,
    motive: Annotated[str, typer.Option("--motivo", metavar="TEXTO", help="Por qué ya no se pide.")],
    repo: options.Repo = Path(),
    target: options.TargetName = None,
) -> None:
    """Desiste de una orden que ya no se pide y que nunca llegó a hacerse, aunque se haya intentado.

    Cuenta como recibida y nunca como resuelta. Si es un alta con retraso, antes pide su causa y su tratamiento
    («cuentas order treat»). Si su oficio vuelve a pedir lo mismo, se abre otra orden.

    Ejemplo: cuentas order withdraw OT-2026-7K3M9QWX --motivo 'La dependencia retiró el oficio'
    """
    with opened(repo) as workspace, workspace.record(bitacora.new_run(now)) as record:
        said = fit(motive, workspace.config)
        refreshed(record)
        there = workspace.target_name(target)
        if _is_withdrawn(name, record, workspace, there):
            return
        with bitacora.acquire(record, now, distrusted=workspace.config.limites.relojes_malos):
            if _is_withdrawn(name, record, workspace, there):  # looked at again: no run may be making it meanwhile
                return
            order = judged(workspace, there, record)[asked_for(name, orders(record.events(), there)).id]
            if order.late and order.late.treated is None:
                publish(record)
                raise RefusedError(
                    f"De la orden {order.id} no se puede desistir sin la causa y el tratamiento de su retraso.",
                    remedy=remedy(Lack.CAUSE, order),
                )
            record.append(
                says(record.run, workspace.operator)(
                    EventKind.ORDER_WITHDRAWN, order.key, orden=order.id, motivo=said
                )
            )
            publish(record)
        say(f"{order.id}: desistida. Cuenta como recibida, y no como resuelta.")


def _is_withdrawn(name: str, record: Bitacora, workspace: Workspace, target: str) -> bool:
    """Whether an order was withdrawn already, which is said.

    Raises:
        RefusedError: it may not be withdrawn.

    """
    events = record.events()
    order = asked_for(name, orders(events, target))
    if order.state is OrderState.DESISTIDA:
        say(f"{order.id}: ya estaba desistida.")
        return True
    _refuse_done(order)
    _refuse_asked(order, workspace)
    _refuse_doubtful(order, events)
    return False


def _refuse_done(order: Order) -> None:
    if order.closed or order.done:
        raise RefusedError(
            f"De la orden {order.id} ya no se puede desistir: su {order.movement.value} se hizo.",
            remedy="Lo hecho se deshace con otro oficio (de baja o de reincorporación), que tiene su propia orden.",
        )


def _refuse_doubtful(order: Order, events: Sequence[Event]) -> None:
    if in_doubt(order, events):
        raise RefusedError(
            f"De la orden {order.id} no se puede desistir todavía: su {order.movement.value} se intentó y no consta "
            "cómo terminó.",
            remedy="Corra «cuentas apply», que lo comprueba en el destino, y repita.",
        )


def _refuse_asked(order: Order, workspace: Workspace) -> None:
    """Refuse while the declaration asks for it: the next run would open an order for it again."""
    declared = workspace.desired.declaration.accounts.get(order.key)
    if declared and order.oficio and asks(order, declared):
        raise RefusedError(
            f"De la orden {order.id} no se puede desistir: {declared.source} todavía la pide, y se aplicaría.",
            remedy="Proponga primero un pull request que deje de pedirla, y repita.",
        )


def notify_now(repo: options.Repo = Path(), target: options.TargetName = None) -> None:
    """Envía los avisos pendientes de lo que ya se hizo, cada uno una sola vez; y cierra lo que quede completo.

    Cada «cuentas apply» también lo hace. Ejemplo: cuentas order notify --target ad
    """
    run = bitacora.new_run(now)
    with opened(repo) as workspace, stoppable() as stop, workspace.record(run) as record:
        refreshed(record)
        there = workspace.target_name(target)
        found = orders(record.events(), there).values()
        if not due(found) and not any(one.is_open and not missing(one) for one in found):
            say("No hay avisos pendientes ni órdenes por cerrar.")
            return
        with bitacora.acquire(record, now, distrusted=workspace.config.limites.relojes_malos) as lease:
            waiting = follow_up(workspace, there, record, lease, stop)
    if waiting:
        raise waiting
