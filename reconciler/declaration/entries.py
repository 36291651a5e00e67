"""What each entry of one version of a file says, read fast enough for a whole history.

A file in canonical form is cut into its entries, and only what the version before it did not have is checked and
parsed; a file that is not provably in that form is parsed whole. Both ways say the same (tested).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from reconciler.declaration import tree
from reconciler.declaration.models import HEADERS, SECTIONS
from reconciler.declaration.pieces import CACHED, Cut, Part, cut
from reconciler.declaration.problems import Problems
from reconciler.declaration.reading import plain
from reconciler.declaration.text import decode

Entries = Mapping[tuple[str, str], Mapping[str, str]]

CONFIGURATION = "configuracion"
"""The section under which the settings of a cuentas.yaml are given."""

_USUAL = re.compile("[ -~\nÁÉÍÑÓÚÜáéíñóúü]*")
"""Characters that need no second look: neither invisible, nor to be written in two ways."""

_NULLS = frozenset({"null", "Null", "NULL"})


@dataclass(frozen=True, slots=True)
class _Version:
    entries: Entries
    parts: Mapping[str, Part]


class Reader:
    """Reads versions of files as they followed each other: of each file, only the pieces that it did not have before.

    What is as it was is the same object in both versions.
    """

    def __init__(self) -> None:
        self._last: dict[str, _Version] = {}

    def read(self, path: str, data: bytes) -> Entries:
        """Return what `entries` does, of the next version of a file.

        Raises:
            ValueError: it is no declaration that can be read; the next one is read after the last that could be.

        """
        self._last[path] = found = _version(data, self._last.get(path))
        return found.entries


def entries(data: bytes) -> Entries:
    """Return every entry as (section, key) -> field -> text, and the headers as ("", name) -> "" -> text.

    Lists and mappings are given as JSON with sorted keys. Of a cuentas.yaml every setting is an entry.

    Raises:
        ValueError: it is no declaration that can be read.

    """
    return _version(data, None).entries


def is_canonical(text: str) -> bool:
    """Tell whether a text is provably in the form that can be cut into its entries."""
    return cut(text.encode(), {}) is not None


def _version(data: bytes, before: _Version | None) -> _Version:
    known = before if before and before.parts else _Version({}, {})
    found = cut(data, known.parts)
    if found is not None:
        return _Version(_together(known.entries, found), found.parts)
    text = decode(data, "", Problems())
    if text is None:
        raise ValueError("no es texto legible")
    return _Version(read_whole(text.replace("\r\n", "\n")), {})


def _together(before: Entries, found: Cut) -> Entries:
    together = dict(before)
    for section, piece in found.gone:
        del together[section, _parsed(piece)[0]]
    for section, piece in found.come:
        key, fields = _parsed(piece)
        if (section, key) in together:
            raise ValueError(f"«{key}» está repetida")
        together[section, key] = fields
    return together


@lru_cache(maxsize=CACHED)
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
