"""A request that nobody can be asked about: sound as it is, or refused with everything that is wrong."""

from __future__ import annotations

from dataclasses import replace

from reconciler.cli.receiving import Case, Reception
from reconciler.declaration.requested import Choice
from reconciler.errors import Problem, RequestError
from reconciler.model import Movimiento
from reconciler.orders import Order
from reconciler.request import Request, flag, place


def settled(there: Reception, request: Request, choice: Choice, own: str | None, *, yes: bool) -> Case:
    """Judge a request that nobody can be asked about; every problem is raised at once.

    Raises:
        RequestError: something is wrong with it, or its key was not chosen.

    """
    case = there.consider(request, choice, own)
    if case.done or case.agency is None or case.request.movimiento is Movimiento.BAJA or case.request.clave:
        return _sound(case)
    namesakes, unread = there.namesakes(case), there.unread(case)
    proposed = [one for one in case.namings if not one.unfortunate] or list(case.namings)
    if not proposed or namesakes or unread or not yes:
        unchosen = _unchosen(case, namesakes)
        doubts = (*(_may_be(one, case) for one in unread), *([unchosen] if unchosen and not unread else ()))
        raise RequestError(tuple(dict.fromkeys((*case.problems, *doubts))))
    _sound(case)  # a box that cannot be read is empty from here on
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


def _may_be(order: Order, case: Case) -> Problem:
    """Say that an order, received on another machine, may be this very request's."""
    keys = ", ".join(one.key for one in case.namings)
    if order.oficio:
        same = f"dé «{flag('clave')} {order.key}»"
    elif case.request.oficio:
        same = f"dé además «--orden {order.id}»"
    else:
        same = f"no hace falta recibirla otra vez: espera su oficio, con «--orden {order.id}»"
    return Problem(
        place("clave"), 0, "homonimia",
        f"La orden {order.id} ya recibió el alta de «{order.key}», y aquí no consta de quién es: se recibió en otra "
        "máquina, o su rama ya no está. Puede ser esta misma solicitud.",
        f"Pregunte a quien la recibió. Si es la misma, {same}; si es de otra persona, elija una con "
        f"{flag('clave')}: {keys}.",
    )  # fmt: skip


def _sound(case: Case) -> Case:
    if case.blocks:
        raise RequestError(case.problems)
    return case
