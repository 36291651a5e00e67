"""A request as the entry that it would be, judged by every rule at once; what is wrong is said of its boxes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date

from reconciler.availability import is_return
from reconciler.config import Config
from reconciler.declaration import tree
from reconciler.declaration.characters import described, fault, odd, shown
from reconciler.declaration.editing import Entry, Value, put
from reconciler.declaration.loading import load
from reconciler.declaration.problems import Problems
from reconciler.declaration.text import decode
from reconciler.errors import Problem
from reconciler.intake import aliases_in, oficio_of
from reconciler.model import Declaration, Movimiento, Siglas, TreeFile
from reconciler.pull import entry_problems
from reconciler.request import LABELS, Request, place

PROVISIONAL = "PROVISIONAL/1"
"""The number of an oficio that is still to come: it stands in for it while the rest is judged, and nowhere else."""

_LONGEST = 500
"""Characters that any box may have: the longest field has 254."""

_OF_ACCOUNT = ("recurso", "nombre", "apellidos", "puesto", "area", "telefono", "responsable", "vigencia", "avisar_a")
_OF_ITS_TIME = ("vigencia", "avisar_a", "entrega")
"""Fields that were of the request before: where a first password goes is never taken from years ago."""

_WAY = re.compile(r"^(«[^»]*»: |Como clave de «[^»]*», )")
"""How the reader names an entry and its field, which the box says better."""

_LACKING = re.compile(r"falta «(\w+)»: (.*?)\.?")
"""How the reader says that a field lacks which another one needs."""

BOX_OF = {"medio": "entrega", "a": "entrega_a", "motivo": "entrega_motivo"}
"""Boxes of the fields of `entrega`; every other field has the name of its box."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a request is judged on: the main line's files, what they declare, and what is said of them already."""

    files: Sequence[TreeFile]
    config: Config
    declaration: Declaration
    said: Sequence[Problem]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What Mesa de Ayuda decides of an entry, and no form asks for: its logon name, and which part it goes to."""

    usuario_ad: str = ""
    part: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The files that a request would change, with everything there is to say of it, by box.

    `declaration` is what would be declared then, None where anything blocks.
    """

    files: tuple[TreeFile, ...]
    problems: tuple[Problem, ...]
    declaration: Declaration | None


def unreadable_boxes(request: Request) -> tuple[Problem, ...]:
    """Return what no box may hold, whatever it is for: bytes that are no text, what nobody sees, or far too much."""
    found = []
    for box, value in asdict(request).items():
        char = odd(value.replace("\n", " ")) if len(value) <= _LONGEST else None
        if len(value) > _LONGEST:
            words, remedy = f"Lleva {len(value)} caracteres; el máximo es de {_LONGEST}.", "Acórtelo."
        elif "\n" in value:
            words, remedy = f"{shown(value)} lleva un salto de renglón.", "Escríbalo en un solo renglón."
        elif char is not None:
            words, remedy = f"{shown(value)} lleva {fault(char)}: {described(char)}.", "Vuelva a escribirlo a mano."
        else:
            continue
        found.append(Problem(place(box), 0, "caracter", words, remedy))
    return tuple(found)


def entries_of(request: Request, choice: Choice, base: Declaration) -> tuple[Entry, ...]:
    """Return what a request writes: its oficio, where it is not declared yet, and the account's entry."""
    agency = base.dependencias[Siglas(request.dependencia)]
    number = request.oficio or PROVISIONAL
    known = oficio_of(request, agency)
    letters = () if known else (Entry("oficios", number, _oficio_fields(request)),)
    if request.movimiento is Movimiento.BAJA:
        if request.clave not in base.accounts:
            return letters
        return (*letters, Entry("cuentas", request.clave, {"baja": number, "motivo_baja": request.motivo_baja}))
    fields = _account_fields(request, choice) | {"alta": known.number if known else number}
    returning = is_return(request, base)
    if returning:  # who it is does not change, nor what it is for
        fields = {name: value for name, value in fields.items() if name not in {"tipo", "nombre", "apellidos"}}
    gone = (
        ("baja", "motivo_baja", "cambio", *(name for name in _OF_ITS_TIME if name not in fields)) if returning else ()
    )
    return (*letters, Entry("cuentas", request.clave, fields, gone))


def judge(request: Request, choice: Choice, ground: Ground, today: date) -> Judged:
    """Write a request into the files of the main line and judge the whole by the rules of every declaration.

    The request has its agency, its account and its defaults. Problems that the main line has already are nobody's
    here; a request without its oficio is judged as if it had come today.

    Raises:
        UsageError: the part that was chosen is none of the agency's.

    """
    entries = entries_of(request, choice, ground.declaration)
    changed = put(ground.files, request.dependencia, entries, choice.part)
    paths = {one.path for one in changed}
    loaded = load([*(one for one in ground.files if one.path not in paths), *changed], ground.config, today)
    found = list(loaded.problems)
    if loaded.declaration is not None:
        found += entry_problems(ground.declaration, loaded.declaration)
    said = _on_boxes(found, ground.said, changed, entries)
    if not request.oficio:
        said = list(_without_oficio(request, said))
    blocks = any(one.blocks for one in said)
    return Judged(
        files=changed,
        problems=_once(said),
        declaration=None if blocks else loaded.declaration,
    )


def _once(said: Iterable[Problem]) -> tuple[Problem, ...]:
    """Return problems, each thing that is wrong in a box once: the same value is a section's key and a field."""
    return tuple({(one.file, one.line, one.message): one for one in said}.values())


def _without_oficio(request: Request, said: Iterable[Problem]) -> Iterator[Problem]:
    """Yield the problems that are a request's own, and not of the oficio that stands in for the one to come."""
    nobodys = {place("oficio"), *(place(box) for box in ("fecha",) if not request.fecha)}
    for one in said:
        if one.file not in nobodys:
            yield replace(one, message=one.message.replace(f"«{PROVISIONAL}»", "el oficio"))


def _oficio_fields(request: Request) -> dict[str, Value]:
    values = {
        "fecha": request.fecha or (request.recibido if not request.oficio else ""),
        "recibido": request.recibido,
        "medio": request.medio,
        "enlace": request.enlace,
        "firmante": request.firmante,
    }
    return {name: value for name, value in values.items() if value}


def _account_fields(request: Request, choice: Choice) -> dict[str, Value]:
    fields: dict[str, Value] = {name: getattr(request, name) for name in _OF_ACCOUNT if getattr(request, name)}
    if request.tipo not in {"", "personal"}:
        fields["tipo"] = request.tipo
    if aliases_in(request.alias):
        fields["alias"] = aliases_in(request.alias)
    if choice.usuario_ad:
        fields["usuario_ad"] = choice.usuario_ad
    delivery = {"medio": request.entrega, "a": request.entrega_a, "motivo": request.entrega_motivo}
    said = {name: value for name, value in delivery.items() if value}
    if said and said not in ({"medio": "impresa"}, {"medio": "impresa", "a": "enlace"}, {"a": "enlace"}):
        fields["entrega"] = said
    return fields


def _on_boxes(
    found: Iterable[Problem], before: Iterable[Problem], changed: Sequence[TreeFile], entries: Sequence[Entry]
) -> list[Problem]:
    """Return the problems that a request brings: each on its box, or where it stands if it is another's."""
    boxes = {(file.path, line): box for file in changed for line, box in _boxes(file, entries)}
    known = {(one.file, one.code, one.message) for one in before}
    said = []
    for one in found:
        box = boxes.get((one.file, one.line))
        if box is not None:
            said.append(_on_lacking(replace(one, file=place(box), line=0, message=_WAY.sub("", one.message))))
        elif (one.file, one.code, one.message) not in known:
            said.append(one)
    return said


def _on_lacking(problem: Problem) -> Problem:
    """Return a problem of a field that another one needs as that field's own box says it."""
    found = _LACKING.fullmatch(problem.message)
    box = BOX_OF.get(found[1], found[1]) if found else ""
    if not found or box not in LABELS:
        return problem
    remedy = "Dé ese dato: sin él no se puede recibir la solicitud."
    return replace(problem, file=place(box), message=f"Falta: {found[2]}.", remedy=remedy)


def _boxes(file: TreeFile, entries: Iterable[Entry]) -> Iterator[tuple[int, str]]:
    """Yield the lines of a file that entries wrote, each with the box that it came from."""
    problems = Problems()
    text = decode(file.data or b"", file.path, problems)
    root = None if text is None else tree.parse(text, file.path, problems)
    for entry in entries:
        section = root.entries.get(entry.section) if root else None
        node = section.entries.get(entry.key) if isinstance(section, tree.Mapping) else None
        if isinstance(section, tree.Mapping) and isinstance(node, tree.Mapping):
            letter = entry.section == "oficios"
            yield section.keys[entry.key], "oficio" if letter else "clave"
            written: Mapping[str, tree.Node] = {name: node.entries[name] for name in entry.fields}
            for name, value in written.items():
                box = "oficio" if name in {"alta", "baja"} else name
                yield node.keys[name], box
                yield from _inner(value, box)


def _inner(node: tree.Node, box: str) -> Iterator[tuple[int, str]]:
    if isinstance(node, tree.Sequence):
        for item in node.items:
            yield item.line, box
    elif isinstance(node, tree.Mapping):
        for name, line in node.keys.items():
            yield line, BOX_OF.get(name, box)
