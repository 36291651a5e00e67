"""What follows once a movement is on record: notices go out and complete orders are closed (PSDT-08, 9.1 and 9.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from reconciler.bitacora import Bitacora, Lease
from reconciler.cli.recording import says
from reconciler.cli.screen import say, say_folded
from reconciler.cli.texts import approved_letters
from reconciler.cli.workspace import Workspace, now
from reconciler.engine.lateness import record_late
from reconciler.engine.notices import Mailroom, Notified, due, notify, stopped
from reconciler.engine.orders import close_complete
from reconciler.errors import CuentasError, RecordError
from reconciler.lateness import Terms
from reconciler.movements import reincorporated
from reconciler.orders import Order, orders
from reconciler.report.words import TO_WHOM, some

_HANG = 4
_SHOWN = 5
"""Waiting notices that are named; the rest are counted."""


def follow_up(
    workspace: Workspace, target: str, record: Bitacora, lease: Lease, stopping: Callable[[], bool]
) -> CuentasError | None:
    """Send the notices that are due, close what is complete, and publish; return what keeps a notice waiting.

    The lease is held meanwhile, so that no two machines send. What happened is said.

    Raises:
        RecordError: something could not be put on record or published.

    """
    error = _notify(workspace, target, record, lease, stopping)
    settle(workspace, target, record)
    record.publish()
    return error


def settle(workspace: Workspace, target: str, record: Bitacora) -> None:
    """Say what is late, close every order that is complete and say which; nothing is published yet.

    Raises:
        RecordError: something could not be put on record.

    """
    found = judged(workspace, target, record)
    closed = list(close_complete(found.values(), target, says(record.run)))
    record.append(*closed)
    if closed:
        names = ", ".join(str(one.data["orden"]) for one in closed[:_SHOWN])
        more = f" y {len(closed) - _SHOWN} más" if len(closed) > _SHOWN else ""
        say_folded(f"Órdenes cerradas: {names}{more}.", 2)


def judged(workspace: Workspace, target: str, record: Bitacora) -> Mapping[str, Order]:
    """Put every late alta on record and say which; return the orders: what is late is not closed untreated.

    Raises:
        RecordError: something could not be put on record.

    """
    found = orders(record.events(), target)
    terms = Terms.of(workspace.config.plazos, workspace.zone)
    late = record_late(record, found.values(), terms, target=target, run=record.run, at=now())
    if not late:
        return found
    names = ", ".join(one.order.id for one in late[:_SHOWN])
    more = f" y {len(late) - _SHOWN} más" if len(late) > _SHOWN else ""
    say_folded(f"  ! Servicio no conforme, {some(len(late), 'alta')} con retraso: {names}{more}.", _HANG)
    say_folded("    Su orden pide causa y tratamiento («cuentas order treat») antes de cerrarse.", _HANG)
    return orders(record.events(), target)


def _notify(
    workspace: Workspace, target: str, record: Bitacora, lease: Lease, stopping: Callable[[], bool]
) -> CuentasError | None:
    events = record.events()
    waiting = orders(events, target)
    owed = due(waiting.values())
    if not owed:
        return None
    try:
        if stopping():
            raise stopped()
        lease.resume()
        letters = approved_letters(workspace)
        with workspace.delivering(target) as way:
            room = Mailroom(
                target=target,
                desired=workspace.desired,
                letters=letters,
                post=way.post,
                record=record,
                says=says(record.run, workspace.operator),
                back=reincorporated(events, target),
                keep=lease.renew,
                stopping=stopping,
            )
            told = notify(waiting.values(), room)
    except RecordError:
        raise
    except CuentasError as error:  # nobody more is told: texts, configuration or another run are in the way
        told = Notified(waiting=[(order, one, error) for order, one in owed])
    _say_told(told)
    return told.error


def _say_told(told: Notified) -> None:
    if told.sent:
        say(f"Avisos: {some(told.sent, 'enviado')}.")
    if told.waiting:
        say(f"  ! {some(len(told.waiting), 'aviso')} por enviar, lo demás no espera por ellos:", "yellow")
    for order, one, error in told.waiting[:_SHOWN]:
        say_folded(f"    {_who(order)} {TO_WHOM[one]}. {error.message}", 4)
    if len(told.waiting) > _SHOWN:
        say(f"    y {len(told.waiting) - _SHOWN} más; véalos con «cuentas order list».")


def _who(order: Order) -> str:
    return f"{order.id}, {order.movement.value} de {order.key},"
