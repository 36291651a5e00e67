"""A request as Mesa de Ayuda receives it: whose it is, who may ask it, what it lacks, and which names are free. Pure.

PSDT-08, 1.1, 2.1 and 6.1, with its policies P1 to P3.
"""

from __future__ import annotations

import difflib
import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import date

from reconciler.errors import Problem, RefusedError
from reconciler.model import (
    Account,
    AccountKey,
    Declaration,
    Declared,
    Dependencia,
    Enlace,
    Movimiento,
    Oficio,
    Tipo,
    derived_logon,
    normalized_oficio,
)
from reconciler.naming import folded
from reconciler.orders import Order, OrderState
from reconciler.request import Request, filled, place
from reconciler.trail import Trail

CHOICES: Mapping[str, tuple[str, ...]] = {
    "tipo": ("personal", "compartida", "recurso"),
    "recurso": ("sala", "equipo"),
    "medio": ("oficio", "ventanilla", "correo", "telefono"),
    "entrega": ("impresa", "correo"),
    "entrega_a": ("enlace", "interesado"),
}
"""Boxes that are chosen, with what there is to choose from, as it is offered."""
_DATES = frozenset({"vigencia", "fecha", "recibido"})
_LOWER = frozenset({"clave", "responsable", "alias", "avisar_a"})
_AS_WRITTEN_HERE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_SEPARATORS = re.compile(r"[\s,;]+")


def cleaned(request: Request) -> Request:
    """Return a request as it will be judged: spaces trimmed, options and addresses in lower case, dates as ISO.

    `20/03/2026` is the twentieth of March, as everybody here writes it. What makes no sense stays as it is.
    """
    values = {name: _clean(name, value) for name, value in asdict(request).items() if name != "movimiento"}
    return Request(movimiento=request.movimiento, **values)


def _clean(name: str, value: str) -> str:
    text = re.sub(r"[ \t\u00a0]+", " ", unicodedata.normalize("NFC", value)).strip()
    if name in CHOICES:
        return folded(text) if folded(text) in CHOICES[name] else text
    if name in _DATES and (found := _AS_WRITTEN_HERE.fullmatch(text)):
        day, month, year = found.groups()
        return f"{year}-{month:>02}-{day:>02}"
    if name in _LOWER:
        text = text.lower()
    if name in {"clave", "responsable"}:
        return text.partition("@")[0]
    return text


def foreign_addresses(request: Request, domains: Collection[str]) -> Iterator[Problem]:
    """Yield the accounts that a request names by an address of nobody's here: what is before the @ is another's."""
    for box in ("clave", "responsable"):
        domain = getattr(request, box).strip().lower().partition("@")[2]
        if domain and domain not in domains:
            yield Problem(
                place(box), 0, "dominio",
                f"«{getattr(request, box)[:80]}» no es una cuenta de {', '.join(sorted(domains))}.",
                "Escriba la institucional, o solo lo que va antes de la arroba.",
            )  # fmt: skip


def agency_of(text: str, agencies: Iterable[Dependencia]) -> Dependencia | None:
    """Return the agency that a text names, by its siglas or its name, accents and case aside."""
    wanted = folded(text)
    found = [one for one in agencies if wanted and wanted in {folded(one.siglas), folded(one.name)}]
    return found[0] if len(found) == 1 else None


def enlace_of(text: str, agency: Dependencia) -> Enlace | None:
    """Return the enlace that a text names: by key, name or address; by the forge's user after an @."""
    wanted = text.strip().casefold()
    for one in agency.enlaces.values():
        user = f"@{one.git_user}".casefold() if one.git_user else None
        if wanted in {one.key, one.email.casefold(), user} or (folded(text) and folded(text) == folded(one.name)):
            return one
    return None


def check_asker(request: Request, agency: Dependencia) -> None:
    """Turn away whoever is not an enlace of the agency, to its enlaces by name (PSDT-08, P3).

    Raises:
        RefusedError: the request names who asks, and that is no enlace.

    """
    if not request.solicitante or enlace_of(request.solicitante, agency):
        return
    people = "; ".join(f"{one.name} <{one.email}>" for one in agency.enlaces.values())
    asker = request.solicitante[:80]
    if asker.startswith("@") and people:
        people += (
            f". Si «{asker}» es la cuenta en la forja de uno de ellos, propóngala en su «usuario_git» con un pull "
            "request, y repita"
        )
    raise RefusedError(
        f"«{asker}» no es enlace tecnológico de {agency.siglas}: la solicitud no se recibe (PSDT-08, política P3).",
        remedy=f"Pídale que le notifique a su enlace y se apoye en él para el trámite: {people}."
        if people
        else f"{agency.siglas} todavía no declara ningún enlace: propóngalo en «enlaces» con un pull request.",
    )


def with_defaults(request: Request, agency: Dependencia, today: date) -> Request:
    """Return a request with what need not be said: the day, the means, and the enlace where there can be but one."""
    enlace = enlace_of(request.enlace, agency) if request.enlace else enlace_of(request.solicitante, agency)
    if not request.enlace and enlace is None and len(agency.enlaces) == 1:
        enlace = next(iter(agency.enlaces.values()))
    known = oficio_of(request, agency)
    if known:  # it is declared: what was left empty is what it says
        request = replace(
            request,
            oficio=known.number,
            fecha=request.fecha or known.dated.isoformat(),
            recibido=request.recibido or known.received.isoformat(),
            medio=request.medio or known.medium,
        )
        enlace = enlace if request.enlace else agency.enlaces.get(known.enlace, enlace)
    return replace(
        request,
        dependencia=agency.siglas,
        recibido=request.recibido or today.isoformat(),
        medio=request.medio or ("oficio" if request.oficio else "telefono"),
        enlace=enlace.key if enlace else request.enlace,
    )


def oficio_of(request: Request, agency: Dependencia) -> Oficio | None:
    """Return the oficio that the agency has declared and the request names, however its number is spelled."""
    if not request.oficio:
        return None
    if request.oficio in agency.oficios:
        return agency.oficios[request.oficio]
    wanted = normalized_oficio(request.oficio)
    same = [one for number, one in agency.oficios.items() if normalized_oficio(number) == wanted]
    likely = [one for one in same if not request.fecha or request.fecha.startswith(str(one.dated.year))]
    return likely[0] if likely else None


def contradictions(request: Request, known: Oficio) -> Iterator[Problem]:
    """Yield what a request says otherwise of an oficio that is declared already."""
    declared = {
        "fecha": known.dated.isoformat(),
        "recibido": known.received.isoformat(),
        "medio": known.medium,
        "enlace": known.enlace,
        "firmante": known.signer or "",
    }
    for box, value in declared.items():
        said = getattr(request, box)
        if said and said != value and value:
            yield Problem(
                place(box), 0, "oficio-distinto",
                f"El oficio «{known.number}» ya está declarado con «{value}», y aquí dice «{said[:60]}».",
                "Compárelo con la carta: deje el recuadro vacío para tomar lo declarado, o corrija antes el oficio "
                "con un pull request.",
            )  # fmt: skip


_NEEDED_OFICIO = ("fecha", "enlace")
_OF_TIPO: Mapping[str, tuple[str, ...]] = {
    Tipo.PERSONAL: ("apellidos",),
    Tipo.COMPARTIDA: ("responsable",),
    Tipo.RECURSO: ("responsable",),
}


def missing_boxes(request: Request, *, returning: bool = False) -> tuple[str, ...]:
    """Return the boxes that have to be filled in and were left empty, all of them, in the form's order.

    Of somebody who comes back (`returning`) the entry says who it is.
    """
    needed: tuple[str, ...] = ("dependencia",)
    if request.movimiento is Movimiento.BAJA:
        needed += ("clave", "motivo_baja")
    elif not returning:
        needed += ("nombre", *_OF_TIPO.get(request.tipo or Tipo.PERSONAL, ()))
    if request.oficio:
        needed += _NEEDED_OFICIO
    if request.entrega == "correo":
        needed += ("entrega_a", "entrega_motivo")
    return tuple(name for name in needed if not getattr(request, name))


def missing_problems(request: Request, *, returning: bool = False) -> Iterator[Problem]:
    """Yield a problem for each of them."""
    for box in missing_boxes(request, returning=returning):
        yield Problem(place(box), 0, "falta", "Falta.", "Dé ese dato: sin él no se puede recibir la solicitud.")


def stood_in(request: Request, agency: Dependencia, today: date) -> Request:
    """Return a request that lacks nothing, so that the rest of it can be judged: what it lacks is something sound."""
    delivery = replace(request, entrega="", entrega_a="", entrega_motivo="")
    wanted = {
        "nombre": "Nombre",
        "apellidos": "Apellidos" if (request.tipo or Tipo.PERSONAL) == Tipo.PERSONAL else "",
        "motivo_baja": "Motivo" if request.movimiento is Movimiento.BAJA else "",
        "fecha": today.isoformat(),
        "recibido": today.isoformat(),
        "medio": "oficio",
        "enlace": next(iter(agency.enlaces), ""),
    }
    whole = request if request.entrega and request.entrega_a and request.entrega_motivo else delivery
    return filled(whole, {box: value for box, value in wanted.items() if not getattr(request, box)})


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
            "Si es otra persona, elija otra clave. Si es un traslado, mueva la entrada (docs/guia.md, «Traslado»).",
        )
    elif siglas != request.dependencia:
        yield _of_key(
            f"«{key}» está de baja en {siglas}: volver en otra dependencia es también un traslado.",
            "Mueva la entrada en el mismo pull request (docs/guia.md, «Traslado»).",
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


def the(movement: Movimiento) -> str:
    """Return a movement with its article, as Spanish has it."""
    return "el alta" if movement is Movimiento.ALTA else "la baja"


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


def aliases_in(text: str) -> tuple[str, ...]:
    """Return the addresses that a box holds, separated by commas, semicolons or spaces."""
    return tuple(dict.fromkeys(one for one in _SEPARATORS.split(text) if one))
