"""From a tree to models: every entry is checked on its own, and every problem gets its line."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from reconciler.config import Clave
from reconciler.declaration import tree
from reconciler.declaration.characters import shown
from reconciler.declaration.models import (
    HEADERS,
    SECTIONS,
    CuentaYaml,
    DependenciaYaml,
    EnlaceYaml,
    NumeroOficio,
    OficioYaml,
    ParteYaml,
    mismatches,
)
from reconciler.declaration.personal import FORBIDDEN_KEYS
from reconciler.declaration.problems import Problems
from reconciler.declaration.words import problem_words
from reconciler.model import Source

E = TypeVar("E", bound=BaseModel)

_LONGEST = 40
"""Characters of an unknown key that are compared with the known ones."""

_KEY_TYPES: dict[str, TypeAdapter[str]] = {
    "enlaces": TypeAdapter(Clave),
    "oficios": TypeAdapter(NumeroOficio),
    "cuentas": TypeAdapter(Clave),
}


@dataclass(frozen=True, slots=True)
class Read(Generic[E]):
    """An entry with where it stands; `lines` holds the line of each field."""

    value: E
    source: Source
    lines: dict[str, int]

    def at(self, name: str) -> Source:
        """Return where a field stands, or the entry itself where the field is not written."""
        return Source(self.source.file, self.lines.get(name, self.source.line))


@dataclass(slots=True)
class FileRead:
    """What could be read of one file: the headers with their places, and every sound entry."""

    path: str
    headers: dict[str, tuple[str, Source]] = field(default_factory=dict)
    enlaces: dict[str, Read[EnlaceYaml]] = field(default_factory=dict)
    oficios: dict[str, Read[OficioYaml]] = field(default_factory=dict)
    cuentas: dict[str, Read[CuentaYaml]] = field(default_factory=dict)
    unsound: dict[str, set[str]] = field(default_factory=lambda: {name: set() for name in SECTIONS})
    """Keys written, by section, whose entries were not sound: whoever names them names something that is there."""


def plain(node: tree.Node) -> Any:
    """Return a tree without its lines, as pydantic takes it: every scalar a text."""
    if isinstance(node, tree.Text):
        return node.value
    if isinstance(node, tree.Sequence):
        return [plain(item) for item in node.items]
    return {key: plain(value) for key, value in node.entries.items()}


def read_file(root: tree.Mapping, path: str, problems: Problems, *, part: bool) -> FileRead:
    """Check a whole file and return what is sound of it; `part` is for a file of the folder form."""
    read = FileRead(path)
    model = ParteYaml if part else DependenciaYaml
    for name, node in root.entries.items():
        where = Source(path, root.keys[name])
        if name in SECTIONS:
            _section(name, node, where, read, problems)
        elif name not in HEADERS:
            _unknown(name, where, model.model_fields, problems)
    _headers(root, read, model, problems)
    return read


def _headers(root: tree.Mapping, read: FileRead, model: type[ParteYaml], problems: Problems) -> None:
    written = {name: plain(root.entries[name]) for name in HEADERS if name in root.entries}
    try:
        model.model_validate(written)
    except ValidationError as error:
        bad = {str(one["loc"][0]) for one in error.errors()}
        say(error.errors(), root, read.path, (), problems)
    else:
        bad = set()
    for name, value in written.items():
        if name not in bad:
            read.headers[name] = (value, Source(read.path, root.keys[name]))


def _section(name: str, node: tree.Node, where: Source, read: FileRead, problems: Problems) -> None:
    if not isinstance(node, tree.Mapping):
        problems.add(
            where,
            "seccion",
            f"«{name}» no trae entradas «clave: …» con sangrado.",
            "Escriba cada entrada dos espacios adentro, o quite la sección.",
        )
        return
    into: dict[str, Read[Any]] = getattr(read, name)
    for key, entry in node.entries.items():
        sound = _entry(name, key, entry, Source(read.path, node.keys[key]), problems)
        if sound is None:
            read.unsound[name].add(key)
        else:
            into[key] = sound


def _entry(section: str, key: str, node: tree.Node, where: Source, problems: Problems) -> Read[Any] | None:
    sound = _sound_key(section, key, where, problems)
    if not isinstance(node, tree.Mapping):
        problems.add(
            where,
            "entrada",
            f"{shown(key)} está vacía o no lleva campos.",
            "Escriba sus campos cuatro espacios adentro; una cuenta no se quita ni se vacía: lleva «baja:».",
        )
        return None
    written = plain(node)
    if section == "cuentas":
        sound &= _goes_together(key, written, node, where, problems)
    try:
        value = SECTIONS[section].model_validate(written)
    except ValidationError as error:
        say(error.errors(), node, where.file, (key,), problems, where.line, SECTIONS[section].model_fields)
        return None
    return Read(value, where, node.keys) if sound else None


def _goes_together(
    key: str, written: dict[str, object], node: tree.Mapping, where: Source, problems: Problems
) -> bool:
    together = True
    for name, reason in mismatches(written):
        place = Source(where.file, node.keys.get(name, where.line))
        problems.add(place, "valor", f"«{key}»: {reason}.", "Agregue, quite o corrija ese campo.")
        together = False
    return together


def _sound_key(section: str, key: str, where: Source, problems: Problems) -> bool:
    try:
        _KEY_TYPES[section].validate_python(key)
    except ValidationError as error:
        if not problems.has(where, "caracter") and not problems.has(where, "clave-nfd"):
            words = problem_words(error.errors()[0])
            problems.add(where, "clave", f"Como clave de «{section}», {words}.", "Corrija cómo está escrita.")
        return False
    return True


def say(  # noqa: PLR0913, PLR0917 -- errors, and everything that places them
    errors: Iterable[ErrorDetails],
    root: tree.Node,
    path: str,
    prefix: tuple[str, ...],
    problems: Problems,
    line: int = 1,
    known: Iterable[str] = (),
    manual: str = "docs/guia/declaracion.md",
) -> None:
    """Say pydantic's errors with the line of what each one is about; `manual` is where fields are explained."""
    together = list(errors)
    inside = {error["loc"][:-1] for error in together}
    for error in together:
        loc = error["loc"]
        if error["type"] == "too_short" and loc in inside:  # it is short of what was wrong in it
            continue
        found, way = _placed(root, loc, line)
        where = Source(path, found)
        if error["type"] == "extra_forbidden":
            _unknown(way[-1], where, known, problems)
            continue
        if problems.has(where, "caracter") or problems.has(where, "nulo"):
            continue
        subject = "/".join([*prefix, *way])
        if error["type"] == "missing":
            problems.add(where, "falta", f"Falta «{subject}».", f"Agréguelo; qué es cada campo está en {manual}.")
            continue
        words = f"«{subject}»: {problem_words(error)}." if subject else f"{problem_words(error)}."
        empty = isinstance(error["input"], str) and not error["input"].strip()
        mend = "Escriba el valor o, si no lo hay, quite el renglón" if empty else "Corrija el valor"
        problems.add(where, "valor", words, f"{mend}; qué es cada campo está en {manual}.")


def _unknown(name: str, where: Source, known: Iterable[str], problems: Problems) -> None:
    what = FORBIDDEN_KEYS.get(name.lower())
    if what:
        problems.add(
            where,
            "dato-personal",
            f"«{name}»: {what} no se escribe en la declaración.",
            "Quite el renglón: aquí va solo lo que muestra un directorio institucional (LGPDPPSO).",
        )
        return
    near = [] if problems.full(where.file) else difflib.get_close_matches(name[:_LONGEST], list(known), n=1)
    hint = f"¿Quiso decir «{near[0]}»?" if near else "Quítela, o revise cómo se escribe."
    problems.add(where, "clave-desconocida", f"No hay un campo {shown(name)}.", hint)


def _placed(root: tree.Node, loc: tuple[int | str, ...], line: int) -> tuple[int, list[str]]:
    """Return the line of what an error is about and the way to it, without pydantic's own steps (a union's tag)."""
    node = root
    way: list[str] = []
    for place, part in enumerate(loc):
        if isinstance(node, tree.Mapping) and part in node.entries:
            line, node = node.keys[str(part)], node.entries[str(part)]
        elif isinstance(node, tree.Sequence) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
            line = node.line
        elif place < len(loc) - 1 or part == "[key]":
            continue
        way.append(str(part))
    return line, way
