"""What each entry of one version of a file says, read fast enough for a whole history.

A file in canonical form is cut into its entries, and only the entries never seen before are checked and parsed; a
file that is not provably in that form is parsed whole. Both ways say the same (tested).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from reconciler.declaration import tree
from reconciler.declaration.models import HEADERS, SECTIONS
from reconciler.declaration.problems import Problems
from reconciler.declaration.reading import plain
from reconciler.declaration.text import MAX_BYTES, decode
from reconciler.declaration.writing import PLAIN

Entries = Mapping[tuple[str, str], Mapping[str, str]]

CONFIGURATION = "configuracion"
"""The section under which the settings of a cuentas.yaml are given."""

_CACHED = 50_000
"""Entries kept parsed: the changed ones of some twenty thousand merges."""

_SCALAR = rf"(?:(?>{PLAIN})|\"[^\"\\\n]*\")"
_KEY = r"(?:[A-Za-z0-9][\w./-]*|\"[^\"\\\n]*\")"
_BLANK = r"(?: *(?:#[^\n]*)?\n)*+"
_END = r"(?: +#[^\n]*)?\n"
_LIST = rf"(?:{_BLANK}      - {_SCALAR}{_END})++"
_MAPPING = rf"(?:{_BLANK}      [a-z_]+: {_SCALAR}{_END})++"
_FIELD = rf"{_BLANK}    [a-z_0-9]+:(?: {_SCALAR}{_END}|{_END}(?:{_LIST}|{_MAPPING}))"
_ENTRY_LINES = re.compile(rf"  {_KEY}:{_END}(?:{_FIELD})++{_BLANK}")
_HEADER_LINES = re.compile(rf"[a-z]+: {_SCALAR}{_END}{_BLANK}")
_FIRST_LINES = re.compile(rf"[a-z]+:{_END}{_BLANK}")
_EMPTY_LINES = re.compile(rf"[a-z]+: \{{\}}{_END}{_BLANK}")
_BLANK_LINES = re.compile(_BLANK)
"""The lines that `canonical` writes, piece by piece; `_cut` knows in which order pieces may come."""

_PLACES = {name: place for place, name in enumerate((*HEADERS, *SECTIONS))}
_TOP = re.compile(r"^(?=[a-z])", re.MULTILINE)
_ENTRY = re.compile(r"^(?=  [^ #\n])", re.MULTILINE)
_USUAL = re.compile("[ -~\nÁÉÍÑÓÚÜáéíñóúü]*")
"""Characters that need no second look: neither invisible, nor to be written in two ways."""

_NULLS = frozenset({"null", "Null", "NULL"})


def entries(data: bytes) -> Entries:
    """Return every entry as (section, key) -> field -> text, and the headers as ("", name) -> "" -> text.

    Lists and mappings are given as JSON with sorted keys. Of a cuentas.yaml every setting is an entry.

    Raises:
        ValueError: it is no declaration that can be read.

    """
    pieces = _cut(data)
    if pieces is not None:
        return _together(pieces)
    text = decode(data, "", Problems())
    if text is None:
        raise ValueError("no es texto legible")
    return read_whole(text.replace("\r\n", "\n"))


def is_canonical(text: str) -> bool:
    """Tell whether a text is provably in the form that can be cut into its entries."""
    return _cut(text.encode()) is not None


def _cut(data: bytes) -> list[tuple[str, str]] | None:
    """Cut a file into its headers and its entries, each with its section ("" for a header).

    None where the file is not in canonical form: something twice, empty or out of its place. A piece that was
    seen before is not looked at again.
    """
    try:
        text = data.decode("utf-8") if len(data) <= MAX_BYTES else ""
    except UnicodeDecodeError:
        return None
    before, *tops = _TOP.split(text if text.endswith("\n") else f"{text}\n")
    names = [top.partition(":")[0] for top in tops]
    places = [_PLACES.get(name, -1) for name in names]
    if not tops or places != sorted(set(places)) or places[0] < 0 or not _sound(before, _BLANK_LINES):
        return None
    found: list[tuple[str, str]] = []
    for name, top in zip(names, tops, strict=True):
        first, *pieces = _ENTRY.split(top) if name in SECTIONS else [top]
        shape = _HEADER_LINES if name in HEADERS else _FIRST_LINES if pieces else _EMPTY_LINES
        if not _sound(first, shape) or not all(_sound(piece, _ENTRY_LINES) for piece in pieces):
            return None
        found += [(name, piece) for piece in pieces] if name in SECTIONS else [("", top)]
    return found


@lru_cache(maxsize=_CACHED)
def _sound(piece: str, shape: re.Pattern[str]) -> bool:
    return shape.fullmatch(piece) is not None and decode(piece.encode(), "", Problems()) == piece


def _together(pieces: Iterable[tuple[str, str]]) -> Entries:
    found: dict[tuple[str, str], Mapping[str, str]] = {}
    for section, piece in pieces:
        key, fields = _parsed(piece)
        if (section, key) in found:
            raise ValueError(f"«{key}» está repetida")
        found[section, key] = fields
    return found


@lru_cache(maxsize=_CACHED)
def _parsed(piece: str) -> tuple[str, Mapping[str, str]]:
    simple = _simple(piece)
    if simple:
        return simple
    root = _tree(piece)
    if len(root.entries) != 1:
        raise ValueError("la entrada no se puede leer")
    ((key, node),) = root.entries.items()
    return key, _fields(node)


def _simple(piece: str) -> tuple[str, Mapping[str, str]] | None:
    """Read an entry of bare fields, one to a line, without a parser; None for any other.

    The piece is canonical: what looks like a field is one, and a quoted text has no escapes.
    """
    first, *lines = piece.splitlines()
    if "#" in piece or not first.startswith("  ") or not _USUAL.fullmatch(piece):
        return None
    fields: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(": ")
        if not colon or line[4] == " " or name[4:] in fields or value in _NULLS:
            return None
        fields[name[4:]] = _unquoted(value)
    return _unquoted(first[2:-1]), fields


def _unquoted(text: str) -> str:
    return text[1:-1] if text.startswith('"') else text


def read_whole(text: str) -> Entries:
    """Return every entry of any text, parsed as a whole; raises ValueError like `entries`."""
    root = _tree(text)
    found: dict[tuple[str, str], Mapping[str, str]] = {}
    for name, node in root.entries.items():
        if name in SECTIONS and isinstance(node, tree.Mapping):
            for key, entry in node.entries.items():
                found[name, key] = _fields(entry)
        elif name in HEADERS:
            found["", name] = _fields(node)
        else:
            found[CONFIGURATION, name] = _parts(node)
    return found


def _parts(node: tree.Node) -> Mapping[str, str]:
    """Cut a setting of cuentas.yaml so small that two changes of it made side by side are told apart.

    The first of a list is told: it is what counts where nothing is said, such as everybody's domain.
    """
    if isinstance(node, tree.Sequence):
        return {_text(item): "primero" if place == 0 else "" for place, item in enumerate(node.items)}
    return _fields(node)


def _tree(text: str) -> tree.Mapping:
    problems = Problems()
    root = tree.parse(text, "", problems)
    if root is None or problems.blocks:
        raise ValueError("no se puede leer")
    return root


def _fields(node: tree.Node) -> Mapping[str, str]:
    if isinstance(node, tree.Mapping):
        return {name: _text(value) for name, value in node.entries.items()}
    return {"": _text(node)}


def _text(node: tree.Node) -> str:
    if isinstance(node, tree.Text):
        return node.value
    return json.dumps(plain(node), ensure_ascii=False, sort_keys=True)
