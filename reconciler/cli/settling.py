"""A request that nobody can be asked about: sound as it is, or refused with everything that is wrong."""

from __future__ import annotations

from dataclasses import replace

from reconciler.cli.receiving import Case, Reception
from reconciler.declaration.requested import Choice
from reconciler.errors import Problem, RequestError
from reconciler.model import Movimiento
from reconciler.request import Request, flag, place


def settled(there: Reception, request: Request, choice: Choice, own: str | None, *, yes: bool) -> Case:
    """Judge a request that nobody can be asked about; every problem is raised at once.

    Raises:
        RequestError: something is wrong with it, or its key was not chosen.

    """
    case = there.consider(request, choice, own)
    if case.done or case.agency is None or case.request.movimiento is Movimiento.BAJA or case.request.clave:
        return _sound(case)
    namesakes = there.namesakes(case)
    proposed = [one for one in case.namings if not one.unfortunate] or list(case.namings)
    if not proposed or namesakes or not yes:
        unchosen = _unchosen(case, namesakes)
        raise RequestError(tuple(dict.fromkeys((*case.problems, *([unchosen] if unchosen else ())))))
    return _sound(there.consider(replace(case.request, clave=proposed[0].key), choice, own))


def _unchosen(case: Case, namesakes: str) -> Problem | None:
    """Say that an alta has no key, and which it could have; None where its names are what lacks."""
    keys = ", ".join(one.key for one in case.namings)
    where = place("clave")
    if namesakes:
        return Problem(
            where, 0, "homonimia", f"Ya hay quien se llama así: {namesakes}.",
            f"Si es la misma persona que vuelve, dé su clave; si es otra, elija una: {keys}.",
        )  # fmt: skip
    if keys:
        return Problem(where, 0, "sin-clave", f"Falta elegirla. Se propone: {keys}.",
                       f"Dé una con {flag('clave')}, o «--yes» para tomar la primera.")  # fmt: skip
    if case.request.nombre:
        return Problem(where, 0, "sin-clave", "De ese nombre no se puede proponer ninguna.",
                       f"Dela con {flag('clave')}: minúsculas sin acento, cifras y puntos.")  # fmt: skip
    return None


def _sound(case: Case) -> Case:
    if case.blocks:
        raise RequestError(case.problems)
    return case
