"""Whether somebody will be able to approve tomorrow: a list that nobody is left on names nobody any more."""

from __future__ import annotations

from datetime import date, timedelta

from reconciler.config import Config
from reconciler.errors import Problem
from reconciler.trail import CONFIG

SOON = timedelta(days=30)
"""How long before the last approver's end it is said."""


def approver_warnings(config: Config, today: date) -> tuple[Problem, ...]:
    """Return what is to be said where nobody who may approve for all agencies is left, or soon will be.

    Only they approve configuration, and with it who approves; an ended list cannot be mended by a pull request.
    """
    listed = config.aprobacion.aprueban.values()
    whole = [one.hasta for one in listed if not one.dependencias]
    ends = [day for day in whole if day is not None]
    if not listed or len(ends) < len(whole):
        return ()
    last = max(ends, default=None)
    if last is not None and last - today > SOON:
        return ()
    if last is None:
        words = "Nadie de «aprobacion: aprueban» puede aprobar por todas las dependencias, ni la configuración."
    else:
        words = f"El {last} termina el último que puede aprobar por todas: después nadie podría nombrar a otro."
    remedy = "Agregue, por pull request y mientras alguien pueda aprobarlo, a quien sigue."
    return (Problem(CONFIG, 0, "aprobadores", words, remedy, blocks=False),)
