"""Sealed sheets that were kept long enough: taken away, on record, and said."""

from __future__ import annotations

from datetime import timedelta

from reconciler.bitacora import Bitacora
from reconciler.cli.recording import publish, says
from reconciler.cli.screen import note, say
from reconciler.cli.workspace import Workspace, now
from reconciler.clock import check_leap
from reconciler.engine.purge import Purge, expire, oldest
from reconciler.errors import CuentasError, RecordError

_SHOWN = 5
"""Accounts that are named; the rest are counted."""


def expired(workspace: Workspace, target: str, record: Bitacora) -> Purge:
    """Take away what a target's shelf has for too long, or has for nothing, and say whose sheets were too old.

    Raises:
        RefusedError: the clock seems to have leapt ahead; nothing was removed.
        RecordError: it could not be put on record; nothing was removed.
        TargetError, RefusedError: a file could not be removed.

    """
    days = workspace.config.entrega.conservar_dias
    shelf = workspace.shelf(target)
    if shelf.kept():
        check_leap(now(), record.events(), timedelta(days=days + workspace.config.limites.salto_dias))
    found = expire(shelf, record, says(record.run), target, oldest(now(), days))
    if found.expired:
        publish(record)
    for one in found.expired[:_SHOWN]:
        say(
            f"  ! {one.key}: su hoja cumplió {days} días y se retiró. Otra se expide con «cuentas sheet reissue "
            f"{one.key}».",
            "yellow",
        )
    if len(found.expired) > _SHOWN:
        say(f"  ! y {len(found.expired) - _SHOWN} más; véalas con «cuentas sheet list».", "yellow")
    return found


def expire_quietly(workspace: Workspace, target: str) -> None:
    """Do the same at the end of something else, which does not fail over it: another time it is done."""
    try:
        with workspace.record() as record:
            expired(workspace, target, record)
    except RecordError:
        raise
    except CuentasError as error:
        note(f"Quedaron hojas por retirar. {error.message}")
