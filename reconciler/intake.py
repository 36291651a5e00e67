"""A request as Mesa de Ayuda receives it: whose it is, who may ask it, and what it lacks. Pure.

PSDT-08, 1.1, 2.1 and 6.1, with its policies P1 to P3.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import date

from reconciler.errors import Problem, RefusedError
from reconciler.model import (
    Dependencia,
    Enlace,
    Movimiento,
    Oficio,
    Tipo,
    normalized_oficio,
)
from reconciler.naming import folded
from reconciler.request import Request, filled, place

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


def aliases_in(text: str) -> tuple[str, ...]:
    """Return the addresses that a box holds, separated by commas, semicolons or spaces."""
    return tuple(dict.fromkeys(one for one in _SEPARATORS.split(text) if one))
