"""What each entry of one version of a file says, read fast enough for a whole history.

A file in canonical form is cut into its entries by one expression and only the entries never seen before are parsed;
a file that is not provably in that form is parsed whole. Both ways say the same (tested).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from reconciler.declaration import tree
from reconciler.declaration.models import HEADERS, SECTIONS
from reconciler.declaration.problems import Problems
from reconciler.declaration.reading import plain
from reconciler.declaration.text import decode
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
_SECTION = rf"(?: \{{\}}{_END}|{_END}(?:{_BLANK}  {_KEY}:{_END}(?:{_FIELD})++)++)"
_CANONICAL = re.compile(
    "".join(rf"(?:{_BLANK}{name}: {_SCALAR}{_END})?+" for name in HEADERS)
    + "".join(rf"(?:{_BLANK}{name}:{_SECTION})?+" for name in SECTIONS)
    + _BLANK
)
"""The form that `canonical` writes, whole: nothing twice, nothing empty, nothing out of its place."""
_TOP = re.compile(r"^(?=[a-z])", re.MULTILINE)
_ENTRY = re.compile(r"^(?=  [^ #\n])", re.MULTILINE)


def entries(data: bytes) -> Entries:
    """Return every entry as (section, key) -> field -> text, and the headers as ("", name) -> "" -> text.

    Lists and mappings are given as JSON with sorted keys. Of a cuentas.yaml every setting is an entry.

    Raises:
        ValueError: it is no declaration that can be read.

    """
    text = decode(data, "", Problems())
    if text is None:
        raise ValueError("no es texto legible")
    text = text.replace("\r\n", "\n")
    ended = text if text.endswith("\n") else f"{text}\n"
    if is_canonical(ended):
        return _together(_blocks(ended))
    return read_whole(text)


def is_canonical(text: str) -> bool:
    """Tell whether a text is provably in the form that can be cut into its entries."""
    return _CANONICAL.fullmatch(text) is not None and _TOP.search(text) is not None


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Cut a canonical text into its headers and its entries, each with its section ("" for a header)."""
    for top in _TOP.split(text):
        name, _, rest = top.partition(":")
        if name not in SECTIONS:
            if name in HEADERS:
                yield "", top
            continue
        _, _, body = rest.partition("\n")
        for block in _ENTRY.split(body):
            if _ENTRY.match(block):
                yield name, block


def _together(blocks: Iterator[tuple[str, str]]) -> Entries:
    found: dict[tuple[str, str], Mapping[str, str]] = {}
    for section, block in blocks:
        key, fields = _parsed(block)
        if (section, key) in found:
            raise ValueError(f"«{key}» está repetida")
        found[section, key] = fields
    return found


@lru_cache(maxsize=_CACHED)
def _parsed(block: str) -> tuple[str, Mapping[str, str]]:
    ((key, node),) = _tree(block).entries.items()
    return key, _fields(node)


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
    """Cut a setting of cuentas.yaml so small that two changes of it made side by side are told apart."""
    if isinstance(node, tree.Sequence):
        return {_text(item): "" for item in node.items}
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
