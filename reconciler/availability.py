"""Which account a request may name: keys that were somebody's, orders on their way, bajas and returns. Pure.

PSDT-08, 1.2, 2.1 and 4.1: a key is never anybody else's, and an account has one order of each kind at a time.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection, Iterator, Mapping

from reconciler.errors import Problem
from reconciler.model import (
    Account,
    AccountKey,
    Declaration,
    Declared,
    Dependencia,
    Movimiento,
    Tipo,
    derived_logon,
    normalized_oficio,
)
from reconciler.naming import folded
from reconciler.orders import Order, OrderState
from reconciler.request import Request, place, the
from reconciler.trail import Trail

_SEPARATORS = re.compile(r"[\s,;]+")


def used_names(trail: Trail, declaration: Declaration) -> frozenset[str]:
    """Return every name that was ever somebody's: keys, local parts of aliases and logon names, bajas' too."""
    names: set[str] = set()
    for key, changes in trail.movements.items():
        names |= {key, derived_logon(key)}
        for change in changes:
            names |= _names_in(change.before) | _names_in(change.after)
    for key, one in declaration.accounts.items():
        names |= {key, one.account.logon, *(alias.partition("@")[0] for alias in one.account.aliases)}
    return frozenset(name.lower() for name in names)


def _names_in(fields: Mapping[str, str]) -> set[str]:
    names = {fields[name] for name in ("renombra", "usuario_ad") if name in fields}
    if "renombra" in fields:
        names.add(derived_logon(fields["renombra"]))
    try:
        aliases = json.loads(fields.get("alias", "[]"))
    except ValueError:
        aliases = []
    return names | {str(one).partition("@")[0] for one in aliases if isinstance(aliases, list)}


def spoken_for(declaration: Declaration, orders: Mapping[str, Order]) -> frozenset[str]:
    """Return names that are as good as taken: enlaces' and interested parties' addresses, altas on their way."""
    people = {
        one.email.partition("@")[0] for there in declaration.dependencias.values() for one in there.enlaces.values()
    }
    told = {one.interested.partition("@")[0] for one in declaration.accounts.values() if one.interested}
    asked = {one.key for one in orders.values() if one.is_open and one.movement is Movimiento.ALTA}
    return frozenset({*people, *told, *asked})


def same_person(request: Request, declaration: Declaration) -> tuple[Declared, ...]:
    """Return the accounts of people of exactly the same names, whatever the agency, in service or not."""
    wanted = folded(request.nombre), folded(request.apellidos)
    return tuple(
        one
        for one in declaration.accounts.values()
        if all(wanted) and (folded(one.account.given_name or ""), folded(one.account.surname or "")) == wanted
    )


def is_done(request: Request, declaration: Declaration) -> bool:
    """Tell whether the main line declares already what a request asks for, under that very oficio."""
    there = declaration.accounts.get(AccountKey(request.clave))
    if there is None or not request.oficio or there.account.dependencia != request.dependencia:
        return False
    number = there.baja if request.movimiento is Movimiento.BAJA else (None if there.baja else there.alta)
    return number is not None and normalized_oficio(number) == normalized_oficio(request.oficio)


def is_alta_of(order: Order, agency: Dependencia, oficio: str) -> bool:
    """Tell whether an order is an agency's alta that is on its way, with this oficio or none yet."""
    mine = order.is_open and order.movement is Movimiento.ALTA and order.dependencia == agency.siglas
    number = normalized_oficio(order.oficio or "")
    return mine and order.done is None and number in {"", normalized_oficio(oficio)}


def is_return(request: Request, declaration: Declaration) -> bool:
    """Tell whether an alta brings somebody back to an account that is out of service."""
    there = declaration.accounts.get(AccountKey(request.clave))
    return request.movimiento is Movimiento.ALTA and there is not None and there.baja is not None


def account_problems(
    request: Request, declaration: Declaration, used: Collection[str], orders: Mapping[str, Order]
) -> Iterator[Problem]:
    """Yield why the account that a request names is not one that it may ask this for."""
    key = AccountKey(request.clave)
    there = declaration.accounts.get(key)
    if not key:  # it lacks, or cannot be read, which is said of its box
        return
    if request.movimiento is Movimiento.BAJA:
        on_its_way = (one for one in orders.values() if one.is_open and one.movement is Movimiento.ALTA)
        coming = next((one for one in on_its_way if one.key == key), None)
        yield from _of_a_baja(request, there, declaration, coming)
    elif there is None and key in used:
        yield _of_key(
            f"«{key}» ya fue de alguien: una clave no se vuelve a usar, ni la de quien cambió de nombre.",
            "Elija otra, o déjela vacía para que se propongan.",
        )
    elif there is not None:
        yield from _of_an_alta(request, there)


def _of_an_alta(request: Request, there: Declared) -> Iterator[Problem]:
    key, siglas = there.account.key, there.account.dependencia
    if there.baja is None:
        yield _of_key(
            f"«{key}» ya está en servicio en {siglas}, de {there.account.display_name}.",
            "Si es otra persona, elija otra clave. "
            "Si es un traslado, mueva la entrada (docs/guia/declaracion.md, «Traslado»).",
        )
    elif siglas != request.dependencia:
        yield _of_key(
            f"«{key}» está de baja en {siglas}: volver en otra dependencia es también un traslado.",
            "Mueva la entrada en el mismo pull request (docs/guia/declaracion.md, «Traslado»).",
        )
    elif not _is_called(request, there.account):
        yield _of_key(
            f"«{key}» fue de {there.account.display_name}, que no es quien dice la solicitud.",
            "Una clave no pasa a otra persona: elija otra, o corrija el nombre si es la misma que vuelve.",
        )


def _of_a_baja(
    request: Request, there: Declared | None, declaration: Declaration, coming: Order | None
) -> Iterator[Problem]:
    key = request.clave
    if there is None and coming and coming.dependencia == request.dependencia:
        yield _of_key(
            f"El alta de «{key}» está en trámite (orden {coming.id}), y todavía no en la rama principal: no hay qué "
            "dar de baja.",
            f"Si ya no se quiere, cierre su pull request y desista de ella: «cuentas order withdraw {coming.id}». Si "
            "se quiere la baja después, espere a que se fusione.",
        )
    elif there is None:
        mine = [name for name, one in declaration.accounts.items() if one.account.dependencia == request.dependencia]
        near = difflib.get_close_matches(key[:64], mine, n=1)
        hint = f"¿Es «{near[0]}»? " if near else ""
        yield _of_key(f"No hay una cuenta «{key[:64]}» declarada.", f"{hint}Es lo que va antes de la arroba.")
    elif there.account.dependencia != request.dependencia:
        yield _of_key(
            f"«{key}» es de {there.account.dependencia}, no de {request.dependencia}.",
            "La baja la pide el enlace de su dependencia.",
        )
    elif there.baja is not None:
        yield _of_key(f"«{key}» ya está de baja, por el oficio {there.baja}.", "No hace falta pedirla otra vez.")
    elif not _is_called(request, there.account):
        yield Problem(
            place("nombre"), 0, "otra-persona",
            f"«{key}» es de {there.account.display_name}, que no es quien dice la solicitud.",
            "Compruebe con el enlace de quién es la baja.",
        )  # fmt: skip
    else:
        yield from _cared_for(key, declaration)


def _cared_for(key: str, declaration: Declaration) -> Iterator[Problem]:
    """Yield what keeps somebody's baja waiting: the accounts in service that nobody would care for."""
    cared = sorted(
        name
        for name, one in declaration.accounts.items()
        if one.account.responsable == key and one.baja is None
    )  # fmt: skip
    if cared:
        names = ", ".join(f"«{one}»" for one in cared)
        yield _of_key(
            f"«{key}» es responsable de {names}, que se quedaría sin nadie que la cuide."
            if len(cared) == 1
            else f"«{key}» es responsable de {names}, que se quedarían sin nadie que las cuide.",
            "Pregunte al enlace quién queda en su lugar, ponga su clave en «responsable» con un pull request, y "
            "repita cuando se haya fusionado; o pida antes la baja de esas cuentas.",
        )


def _is_called(request: Request, account: Account) -> bool:
    """Tell whether a request's names, as far as it gives any, are an account's."""
    said = set(map(folded, _SEPARATORS.split(f"{request.nombre} {request.apellidos}"))) - {""}
    return said <= set(map(folded, _SEPARATORS.split(account.display_name)))


def order_problems(request: Request, orders: Mapping[str, Order], own: str | None) -> Iterator[Problem]:
    """Yield what orders on record keep a request from being received; `own` is the order that it goes on with."""
    for one in orders.values():
        if one.id == own or not one.is_open or (one.key, one.movement) != (request.clave, request.movimiento):
            continue
        other = " Si es otra persona, elija otra clave." if one.movement is Movimiento.ALTA else ""
        if one.state is OrderState.SIN_OFICIO:
            yield _of_key(
                f"La orden {one.id} ya recibió {the(one.movement)} de «{one.key}» y espera su oficio.",
                f"Si es la misma solicitud, complétela: «cuentas request --orden {one.id} --oficio …».{other}",
            )
        elif one.done is None and normalized_oficio(one.oficio or "") != normalized_oficio(request.oficio):
            yield _of_key(
                f"La orden {one.id} ya pide {the(one.movement)} de «{one.key}», con el oficio {one.oficio}.",
                f"No hace falta pedirla otra vez.{other} Si aquel oficio ya no vale, cierre su pull request, desista "
                f"(«cuentas order withdraw {one.id}») y repita.",
            )


def _of_key(message: str, remedy: str) -> Problem:
    return Problem(place("clave"), 0, "cuenta", message, remedy)


def is_strange(request: Request) -> bool:
    """Tell whether a person's key has nothing of their names in it: it may be somebody else's, or mistyped."""
    if (request.tipo or Tipo.PERSONAL) != Tipo.PERSONAL or not request.nombre:
        return False
    words = [*filter(None, map(folded, _SEPARATORS.split(f"{request.nombre} {request.apellidos}")))]
    return not any(word[:_ALIKE] in request.clave for word in words)


_ALIKE = 3
"""Letters of a name that a key made from it has at least; all of a shorter one."""
