"""A request asked for on the terminal: what is missing, with what the repository knows to choose from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import questionary
from questionary import Choice as Option

from reconciler.availability import is_return
from reconciler.cli.receiving import Case, Reception
from reconciler.cli.screen import problem_text, say, say_prose, say_sentence
from reconciler.declaration.requested import Choice
from reconciler.errors import RequestError, StoppedError
from reconciler.intake import CHOICES, agency_of, aliases_in, check_asker, cleaned, missing_boxes, with_defaults
from reconciler.model import LOGON_LENGTH, Dependencia, Movimiento, derived_logon, normalized_oficio
from reconciler.naming import Naming
from reconciler.request import LABELS, Request, flag, place, with_box

_HINT = "(flechas e Intro)"
_OTHER, _NONE = "\0otra", "\0ninguno"
_LETTERS = 15
"""Oficios that are offered: the latest."""

_NEEDED = frozenset({"nombre", "apellidos", "responsable", "motivo_baja", "fecha", "oficio", "entrega_motivo"})


def asked(there: Reception, request: Request, choice: Choice, own: str | None, *, known: bool, whole: bool) -> Case:
    """Ask for what a request lacks until it is sound and confirmed, and return it.

    `known` says that the movement was said; `whole` that nobody filled in a form, so that boxes which may stay
    empty are asked for too. Ctrl-C ends the command, and nothing was written.

    Raises:
        RefusedError: whoever asks is no enlace (PSDT-08, P3).
        RequestError: something is wrong that no box can mend.
        StoppedError: it was not confirmed.

    """
    request = _about(there, request, known=known, whole=whole)
    while True:
        case = there.consider(request, choice, own)
        if case.done:
            return case
        if case.request.movimiento is Movimiento.ALTA and not case.request.clave and case.agency:
            request = replace(request, clave=_key(there, case))  # as it was said: what cannot be read is told
            continue
        if case.blocks:
            request, choice = _mended(there, case)
            continue
        if not choice.usuario_ad and len(case.request.clave) > LOGON_LENGTH and not case.returning:
            logon = _logon(there, case) if case.request.movimiento is Movimiento.ALTA else ""
            if logon not in {"", derived_logon(case.request.clave)}:
                choice = replace(choice, usuario_ad=logon)
                continue
        _confirm(case)
        return case


def _about(there: Reception, request: Request, *, known: bool, whole: bool) -> Request:
    """Ask, box by box, for what is still empty."""
    base = there.ground.declaration
    if not known:
        movements = [("Un alta", "alta"), ("Una baja", "baja"), ("Que alguien vuelva", "vuelve")]
        wanted = _select("¿Qué se pide?", movements)
        request = replace(request, movimiento=Movimiento.BAJA if wanted == "baja" else Movimiento.ALTA)
        if wanted == "vuelve" and not request.clave:
            request = _agency(there, request)
            request = replace(request, clave=_account(there, request, in_service=False))
    request = _agency(there, request)
    agency = agency_of(request.dependencia, base.dependencias.values())
    if agency is None:
        return request
    if not request.solicitante and whole:
        request = replace(request, solicitante=_asker(agency))
    check_asker(request, agency)
    if request.movimiento is Movimiento.BAJA and not request.clave:
        request = replace(request, clave=_account(there, request, in_service=True))
    returning = is_return(cleaned(request), base)
    if whole and request.movimiento is Movimiento.ALTA:
        request = _data(request, returning=returning)
    if not request.oficio:
        request = _oficio(request, agency, there.workspace.today)
    elif normalized_oficio(request.oficio) not in map(normalized_oficio, agency.oficios):
        request = _reception(request, there.workspace.today)
    request = with_defaults(cleaned(request), agency, there.workspace.today)
    return _boxes(request, missing_boxes(request, returning=returning), there)


def _data(request: Request, *, returning: bool) -> Request:
    """Ask for what RSDT-08.01 says of an account; of somebody who comes back, what may have changed."""
    boxes = ["puesto", "area", "telefono"]
    if not returning:
        request = _boxes(request, [] if request.tipo else ["tipo"])
        personal = request.tipo == "personal"
        first = ["nombre", "apellidos"] if personal else ["nombre", "responsable"]
        boxes = [*first, *boxes] if personal else [*first, "area"]
        boxes += ["recurso"] if request.tipo == "recurso" else []
    request = _boxes(request, [box for box in boxes if not getattr(request, box)])
    rest = [box for box in ("alias", "vigencia", "avisar_a", "entrega") if not getattr(request, box)]
    if rest and _yes("¿Más datos (alias, vigencia, avisos, entrega)?", default=False):
        request = _boxes(request, rest)
    return request


def _boxes(request: Request, boxes: Iterable[str], there: Reception | None = None) -> Request:
    for box in boxes:
        if box == "enlace" and there:
            agency = agency_of(request.dependencia, there.ground.declaration.dependencias.values())
            value = _enlace(agency) if agency else ""
        elif box == "dependencia" and there:
            value = _agency(there, replace(request, dependencia="")).dependencia
        elif box in CHOICES:
            value = _select(f"{LABELS[box]}:", [(one, one) for one in CHOICES[box]])
        else:
            value = _text(box, getattr(request, box))
        request = with_box(request, box, value)
    return request


def _mended(there: Reception, case: Case) -> tuple[Request, Choice]:
    """Say what is wrong, and ask again for the boxes that it is about."""
    for problem in case.problems:
        say_prose(problem_text(problem))
    places = {one.file for one in case.problems if one.blocks}
    boxes = [box for box in LABELS if place(box) in places]
    logon = f"({flag('usuario_ad')})" in places or any(one.code == "usuario-repetido" for one in case.problems)
    if logon:
        value = str(questionary.text("Inicio de sesión (20 caracteres o menos):").unsafe_ask())
        return case.request, replace(case.choice, usuario_ad=value.strip())
    if len(places) > len(boxes):  # something else of the declaration stands in the way
        raise RequestError(case.problems)
    request = case.request
    if "clave" in boxes and request.movimiento is Movimiento.ALTA:
        request = replace(request, clave="")
        boxes.remove("clave")
    elif "clave" in boxes:
        request = replace(request, clave=_account(there, request, in_service=True))
        boxes.remove("clave")
    return _boxes(request, boxes, there), case.choice


def _agency(there: Reception, request: Request) -> Request:
    """Ask for the agency, unless the request names one that there is."""
    agencies = there.ground.declaration.dependencias
    if agency_of(request.dependencia, agencies.values()):
        return request
    options = [(f"{one.siglas}: {one.name}", str(one.siglas)) for _, one in sorted(agencies.items())]
    return replace(request, dependencia=_select("Dependencia:", options))


def _asker(agency: Dependencia) -> str:
    options = [(f"{one.name} ({one.key})", one.key) for one in agency.enlaces.values()]
    who = _select("¿Quién solicita?", [*options, ("Otra persona", _OTHER)])
    return _text("solicitante", "") if who == _OTHER else who


def _enlace(agency: Dependencia) -> str:
    options = [(f"{one.name} ({one.key})", one.key) for one in agency.enlaces.values()]
    return _select("Enlace que lleva el trámite:", options) if options else ""


def _account(there: Reception, request: Request, *, in_service: bool) -> str:
    """Ask which account, among those of the agency that are in service, or out of it."""
    agency = agency_of(request.dependencia, there.ground.declaration.dependencias.values())
    found = {
        str(key): one.account.display_name
        for key, one in there.ground.declaration.accounts.items()
        if agency and one.account.dependencia == agency.siglas and (one.baja is None) == in_service
    }
    question = questionary.autocomplete(
        "¿Qué cuenta? (escriba para buscar; Tab completa)",
        choices=sorted(found),
        meta_information=found,
        match_middle=True,
        validate=lambda text: text.strip() in found or "No es una de las cuentas de esa dependencia.",
    )
    return str(question.unsafe_ask()).strip()


def _oficio(request: Request, agency: Dependencia, today: date) -> Request:
    """Ask for the oficio: one that is declared, a new one with its data, or none yet (PSDT-08, P1 and P2)."""
    latest = sorted(agency.oficios.values(), key=lambda one: (one.received, one.number), reverse=True)[:_LETTERS]
    options = [
        ("Uno nuevo", _OTHER),
        ("Todavía no llega: que la solicitud espere", _NONE),
        *((f"{one.number}, del {one.dated}", one.number) for one in latest),
    ]
    number = _select("Oficio que la ampara:", options)
    if number == _NONE:
        return request
    if number != _OTHER:
        return replace(request, oficio=number)
    request = _boxes(request, [box for box in ("oficio", "fecha") if not getattr(request, box)])
    return _reception(request, today)


def _reception(request: Request, today: date) -> Request:
    """Ask when and how a new oficio came: its term, and the quarter that it counts in, begin on that day."""
    received = request.recibido or _text("recibido", today.isoformat())
    request = replace(request, recibido=received)
    request = _boxes(request, [] if request.medio else ["medio"])
    return _boxes(request, [] if request.firmante else ["firmante"])


def _key(there: Reception, case: Case) -> str:
    """Let a person choose a key: one of those proposed, that of whoever comes back, or another."""
    namesakes = there.namesakes(case)
    if namesakes:
        say(f"Ya hay quien se llama así: {namesakes}. Si es la misma persona, escriba su clave.", "yellow")
    for one in there.unread(case):
        say_sentence(
            f"La orden {one.id} ya recibió el alta de «{one.key}», y aquí no consta de quién es. Si es esta misma "
            f"solicitud, escriba «{one.key}»; si no, elija otra."
        )
    options = [(_naming_words(one), str(one.key)) for one in case.namings]
    chosen = _select("Clave propuesta:", [*options, ("Otra", _OTHER)]) if options else _OTHER
    return _text("clave", "") if chosen == _OTHER else chosen


def _naming_words(one: Naming) -> str:
    words = str(one.key)
    if one.better_logon:
        words += f"  (pasa de {LOGON_LENGTH} caracteres: su inicio de sesión sería «{one.logon}»)"
    if one.unfortunate:
        words += f"  (aviso: se lee «{one.unfortunate}»)"
    return words


def _logon(there: Reception, case: Case) -> str:
    if case.agency is None:
        return ""
    naming = there.naming_of(case.request, case.agency)
    cut, better = naming.logon, naming.better_logon or naming.logon
    return _select("Inicio de sesión (hasta 20 caracteres):", [(one, one) for one in dict.fromkeys((better, cut))])


def _confirm(case: Case) -> None:
    """Show what was understood, and what has to be looked at; leave if that is not it."""
    request = case.request
    say()
    for box in LABELS:
        value = ", ".join(aliases_in(request.alias)) if box == "alias" else str(getattr(request, box))
        if value and (request.oficio or box != "fecha"):
            say(f"  {LABELS[box]:<32}{value}")
    for warning in case.problems:
        say_prose(problem_text(warning))
    say()
    if not _yes("¿Es correcto?", default=True):
        raise StoppedError(
            "No se confirmó: no se escribió nada.", remedy="Repita el comando con los datos correctos."
        )


def _text(box: str, before: str) -> str:
    needed = box in _NEEDED
    hint = "" if needed else " (Intro para dejarlo vacío)"
    answer = questionary.text(
        f"{LABELS[box]}{hint if not before else ''}:",
        default=before,
        validate=lambda text: bool(text.strip()) or not needed or "Hace falta.",
    ).unsafe_ask()
    return str(answer).strip()


def _yes(question: str, *, default: bool) -> bool:
    options = [("Sí", "s"), ("No", "n")]
    return _select(question, options if default else options[::-1]) == "s"


def _select(question: str, options: Iterable[tuple[str, str]]) -> str:
    choices = [Option(title=title, value=value) for title, value in options]
    return str(questionary.select(question, choices=choices, instruction=_HINT).unsafe_ask())
