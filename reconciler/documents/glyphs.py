"""The letters that documents can be written in: those of the fonts that every reader has."""

from __future__ import annotations

import re
import unicodedata

LETTERS = "cp1252"
_LATIN = re.compile(r"LATIN (CAPITAL|SMALL) LETTER ([A-Z]+)\b")
"""What a letter that Unicode does not take apart is called by: «LATIN CAPITAL LETTER L WITH STROKE»."""

PAGES = "\xa4"
"""Stands for how many pages there are until that is known: as wide as a digit, and in no text (`printable`)."""


def printable(text: str) -> str:
    """Return a text in letters that the fonts have (cp1252): what they lack loses its marks, or becomes «?»."""
    return "".join(_letter(char) for char in unicodedata.normalize("NFC", text).replace(PAGES, "?"))


def _letter(char: str) -> str:
    named = _LATIN.match(unicodedata.name(char, ""))
    base = named.group(2) if named else "?"
    small = named is not None and named.group(1) == "SMALL"
    for candidate in (char, unicodedata.normalize("NFKD", char)[:1], base.lower() if small else base):
        if candidate.encode(LETTERS, "ignore"):
            return candidate
    return "?"
