"""order tell, order capture: orders carried to the Sistema de Oficios, and the numbers that they have there."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from reconciler import bitacora
from reconciler.capture import Answer, capture, clean_number, misfit
from reconciler.capture import holders as by_number
from reconciler.cli import options
from reconciler.cli.filing import Filing, filing
from reconciler.cli.ordering import Name, asked_for
from reconciler.cli.recording import publish, refreshed, says
from reconciler.cli.screen import say
from reconciler.cli.stopping import Stop, stoppable
from reconciler.cli.workspace import Workspace, opened
from reconciler.engine.telling import Clerk, Told, tell, waiting
from reconciler.errors import CuentasError, StoppedError, TargetError, UsageError
from reconciler.orders import Order, Telling, orders
from reconciler.sistema_oficios.manual import lines

_DONE = {Telling.OPEN: "levantada", Telling.CLOSE: "cerrada"}


def register(group: typer.Typer) -> None:
    """Add the commands of this module to those of orders."""
    group.command("tell")(tell_command)
    group.command("capture")(capture_command)


def tell_command(repo: options.Repo = Path(), target: options.TargetName = None) -> None:
    """Lleva al Sistema de Oficios lo que falta levantar o cerrar, y recoge los números que ya dio.

    A mano («modo: manual»), dice qué capturar y en una terminal pregunta el número ahí mismo. Repetirlo no hace daño.

    Ejemplos: cuentas order tell; cuentas order tell --target ad
    """
    with opened(repo) as workspace, _stopping() as stop:
        way = filing(workspace, target)
        told = _told(workspace, way, stop, say, _asking(stop) if sys.stdin.isatty() else None)
        _say_told(told, way)
    if stop.asked:
        raise StoppedError(
            "Se interrumpió: lo que ya se había capturado quedó en la bitácora.",
            remedy="Vuelva a correr «cuentas order tell»: toma solo lo que falta.",
        )
    if told.stopped:
        raise told.stopped
    if told.refused:
        raise TargetError(
            f"No se pudo con {len(told.refused)} de ellas; lo demás se hizo.",
            remedy="Lea arriba el motivo de cada una, corríjalo y repita «cuentas order tell».",
        )


def capture_command(
    name: Name,
    number: Annotated[
        str, typer.Option("--numero", metavar="NÚMERO", help="El que la orden tiene en el Sistema de Oficios.")
    ],
    what: Annotated[
        Telling | None,
        typer.Option("--accion", metavar="ACCIÓN", help="levantar o cerrar.", show_default="la que sigue"),
    ] = None,
    again: Annotated[
        bool, typer.Option("--corregir", help="El número que constaba estaba mal escrito: es este otro.")
    ] = False,
    repo: options.Repo = Path(),
    target: options.TargetName = None,
) -> None:
    """Anota que una orden ya se levantó, o se cerró, a mano en el Sistema de Oficios, y su número.

    Un número mal escrito se sustituye con «--corregir»; los dos quedan en la bitácora.

    Ejemplos: cuentas order capture OT-2026-7K3M9QWX --numero 4512/2026; cuentas order capture OT-2026-7K3M9QWX
    --accion cerrar --numero 4512/2026
    """
    with opened(repo) as workspace, workspace.record() as record:
        refreshed(record)
        where = workspace.target_name(target)
        found = orders(record.events(), where)
        order = asked_for(name, found)
        wrong = again and order.number is not None
        answer = Answer(order.id, what or (Telling.OPEN if wrong else _next(order)), _number(number))
        if wrong:
            found = {**found, order.id: replace(order, number=None)}
        fault = misfit(answer, found, by_number(found))
        if fault is not None:
            raise UsageError(fault.message, remedy=fault.remedy)
        if answer.accion in order.captured and not (wrong and answer.numero != order.number):
            say(f"Ya constaba: {order.id}, {_DONE[answer.accion]} con el número {answer.numero}.")
            return
        _clerk(workspace, record, where).confirm(answer)
        publish(record)
        say(f"{order.id}: {_DONE[answer.accion]} en el Sistema de Oficios con el número {answer.numero}.")
        _say_next(orders(record.events(), where)[order.id], workspace)


def tell_what_waits(workspace: Workspace, asked: str | None) -> None:
    """Tell what is due once a run is over, or say how many orders wait for somebody to capture them.

    Whatever the Sistema de Oficios does, it changes nothing of how the run ends: it is said, and what was not told
    waits on record.
    """
    try:
        with stoppable() as stop:
            way = filing(workspace, asked)
            left = waiting(_known(workspace, way.target))
            if way.by_hand:
                told = Told(waiting=left)
            elif left or way.by_files:
                told = _told(workspace, way, stop, lambda _: None, None)
            else:
                return
            _say_refused(told)
            if told.stopped:
                _say_trouble(told.stopped)
            if told.waiting or told.confirmed:
                say(_summary(told, way))
    except CuentasError as error:
        _say_trouble(error)


def _told(
    workspace: Workspace, way: Filing, stop: Stop, show: Callable[[str], None], ask: Callable[[str], str] | None
) -> Told:
    """Tell everything that waits, and publish what came of it."""
    with way.opened(show, ask) as system, workspace.record() as record:
        refreshed(record)
        told = tell(orders(record.events(), way.target), system, _clerk(workspace, record, way.target), stop)
        if told.confirmed:
            publish(record)
        return told


def _known(workspace: Workspace, target: str) -> Mapping[str, Order]:
    with workspace.record() as record:
        return orders(record.events(), target)


def _clerk(workspace: Workspace, record: bitacora.Bitacora, target: str) -> Clerk:
    return Clerk(record=record, says=says(record.run, workspace.operator), target=target)


@contextlib.contextmanager
def _stopping() -> Iterator[Stop]:
    """Hear Ctrl-C between two orders; where somebody answers questions, it ends the question at hand."""
    if sys.stdin.isatty():
        yield Stop()
    else:
        with stoppable() as stop:
            yield stop


def _asking(stop: Stop) -> Callable[[str], str]:
    def ask(question: str) -> str:
        try:
            return str(typer.prompt(question, default="", show_default=False))
        except typer.Abort:
            stop.asked = True
            return ""

    return ask


def _next(order: Order) -> Telling:
    return order.untold[0] if order.untold else (Telling.OPEN if order.is_open else Telling.CLOSE)


def _number(text: str) -> str:
    number = clean_number(text)
    if number is None:
        raise UsageError(
            "Eso no es un número de orden.",
            remedy="En «--numero» ponga el que dio el Sistema de Oficios: un renglón de hasta 60 letras o números.",
        )
    return number


def _say_next(order: Order, workspace: Workspace) -> None:
    """Say what is to be captured of the same order after this."""
    for what in order.untold[:1]:
        say()
        for line in lines(capture(order, what, workspace.zone)):
            say(line)


def _say_told(told: Told, way: Filing) -> None:
    for one in told.confirmed:
        say(f"  {one.orden}: {_DONE[one.accion]} con el número {one.numero}.")
    _say_refused(told)
    say(_summary(told, way), "bold")


def _say_refused(told: Told) -> None:
    for error in told.refused:
        _say_trouble(error)


def _say_trouble(error: CuentasError) -> None:
    say(f"  ! {error.message}", "red")
    say(f"    Qué hacer: {error.remedy}")


def _summary(told: Told, way: Filing) -> str:
    """Say what was done and what waits for what, in one line."""
    done = len(told.confirmed)
    parts = [f"{done} capturada" if done == 1 else f"{done} capturadas"] if done else []
    if told.waiting:
        parts.append(way.waiting(len(told.waiting)))
    return f"Sistema de Oficios: {'; '.join(parts) or 'nada por capturar'}."
