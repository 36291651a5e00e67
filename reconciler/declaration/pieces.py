"""A file in canonical form, cut into its headers and its entries, and only what a version has new is read.

What is not provably in that form is not cut at all. Cut by itself or after an earlier version, the pieces are the
same (tested).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from reconciler.declaration.models import HEADERS, SECTIONS
from reconciler.declaration.problems import Problems
from reconciler.declaration.text import MAX_BYTES, decode
from reconciler.declaration.writing import PLAIN

CACHED = 50_000
"""Pieces whose looks are remembered: a merge writes two or three."""

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
"""The lines that `canonical` writes, piece by piece; `cut` knows in which order pieces may come."""

_PLACES = {name: place for place, name in enumerate((*HEADERS, *SECTIONS))}
_TOP = re.compile(r"\n(?=[a-z])")
_ENTRY = re.compile(r"\n(?=  [^ #\n])")
"""The end of the line before a piece: a literal to look for first, which is ten times as fast as `^`."""


@dataclass(frozen=True, slots=True)
class Part:
    """A header, its own only piece, or a section: the lines before its entries, and each entry."""

    text: str
    first: str
    pieces: tuple[str, ...]


@dataclass(slots=True)
class Cut:
    """A file's parts by name, and the pieces that it lacks and has otherwise than the version before it.

    Each piece has the name of its section, "" for a header.
    """

    parts: dict[str, Part] = field(default_factory=dict)
    gone: list[tuple[str, str]] = field(default_factory=list)
    come: list[tuple[str, str]] = field(default_factory=list)

    def note(self, name: str, gone: Iterable[str], come: Iterable[str]) -> None:
        """Take in what became of a part."""
        section = name if name in SECTIONS else ""
        self.gone += [(section, piece) for piece in gone]
        self.come += [(section, piece) for piece in come]


def cut(data: bytes, before: Mapping[str, Part]) -> Cut | None:
    """Cut a file; `before` are the parts of the version that it follows, {} for none.

    None where the file is not in canonical form: something twice, empty or out of its place.
    """
    try:
        text = data.decode("utf-8") if len(data) <= MAX_BYTES else ""
    except UnicodeDecodeError:
        return None
    blank, *tops = _cut_at(_TOP, text if text.endswith("\n") else f"{text}\n")
    names = [top[: top.find(":")] for top in tops]
    places = [_PLACES.get(name, -1) for name in names]
    if not tops or places != sorted(set(places)) or places[0] < 0 or not _sound(blank, _BLANK_LINES):
        return None
    found = Cut()
    for name, top in zip(names, tops, strict=True):
        known = before.get(name)
        part = known if known and known.text == top else _part(name, top, known, found)
        if part is None:
            return None
        found.parts[name] = part
    for name, part in before.items():
        if name not in found.parts:
            found.note(name, part.pieces, ())
    return found


def _part(name: str, text: str, before: Part | None, found: Cut) -> Part | None:
    """Return a part that says something new, and note what; None where it is not canonical."""
    if name in HEADERS:
        found.note(name, before.pieces if before else (), (text,))
        return Part(text, "", (text,)) if _sound(text, _HEADER_LINES) else None
    followed = _followed(text, before) if before else None
    if before and followed:
        front, middle, back = followed
        found.note(name, before.pieces[front:back], middle)
        part = Part(text, before.first, (*before.pieces[:front], *middle, *before.pieces[back:]))
        return part if _all_entries(middle) else None
    first, *pieces = _cut_at(_ENTRY, text)
    found.note(name, before.pieces if before else (), pieces)
    sound = _sound(first, _FIRST_LINES if pieces else _EMPTY_LINES) and _all_entries(pieces)
    return Part(text, first, tuple(pieces)) if sound else None


def _followed(text: str, before: Part) -> tuple[int, list[str], int] | None:
    """Return how many pieces stand in front as they stood, those that follow, and from which on the rest stands.

    None where that does not help. A piece that goes on, or that does not begin a line, stands no more.
    """
    pieces = before.pieces
    start, end, front, back = len(before.first), len(text), 0, len(pieces)
    if not pieces or not text.startswith(before.first):
        return None
    while front < back and text.startswith(pieces[front], start):
        start += len(pieces[front])
        front += 1
    while front < back and text.endswith(pieces[back - 1], start, end):
        back -= 1
        end -= len(pieces[back])
    if back < len(pieces) and text[end - 1] != "\n":
        end += len(pieces[back])
        back += 1
    first, *middle = _cut_at(_ENTRY, text[start:end])
    if first and front:
        front -= 1
        _, *middle = _cut_at(_ENTRY, text[start - len(pieces[front]) : end])
    elif first or not (front or middle or back < len(pieces)):
        return None
    return front, middle, back


def _cut_at(mark: re.Pattern[str], text: str) -> list[str]:
    """Cut a text where lines of a kind begin; the first is what stands before all of them."""
    starts = (match.start() for match in mark.finditer(f"\n{text}"))
    return [text[start:end] for start, end in pairwise((0, *starts, len(text)))]


def _all_entries(pieces: Iterable[str]) -> bool:
    return all(_sound(piece, _ENTRY_LINES) for piece in pieces)


@lru_cache(maxsize=CACHED)
def _sound(piece: str, shape: re.Pattern[str]) -> bool:
    return shape.fullmatch(piece) is not None and decode(piece.encode(), "", Problems()) == piece
