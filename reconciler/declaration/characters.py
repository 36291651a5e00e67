"""Which characters may be written in a declaration, and what to say of those that may not."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_BIDIRECTIONAL = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BLANK = frozenset("\u2800\u115f\u1160\u3164\uffa0")
_LAST_LATIN = "\u017e"
_NOT_SPANISH = frozenset("ıĸŉ")
_ORDINALS = frozenset("ªº")

_LOOKS_LIKE = dict(
    zip(
        "аеорсухіјѕԁһԛԝАВЕКМНОРСТУХІЈЅαονρικτυΑΒΕΖΗΙΚΜΝΟΡΤΥΧıɑɡℓ‐‑‒−／．＠",
        "aeopcyxijsdhqwABEKMHOPCTYXIJSaovpiktuABEZHIKMNOPTYXiagl----/.@",
        strict=True,
    )
)


def odd(text: str) -> str | None:
    """Return the first character that may not be written in a declaration, or None."""
    if text.isascii() and text.isprintable():
        return None
    return next((char for char in text if fault(char)), None)


@lru_cache(maxsize=4096)
def fault(char: str) -> str | None:
    """Return what is wrong with a character, in Spanish, or None where it may be written."""
    if " " <= char <= "~":
        return None
    category = unicodedata.category(char)
    if char in _BIDIRECTIONAL:
        return "un carácter invisible que cambia la dirección de lectura"
    if category == "Cc":
        return "un carácter de control"
    if category[0] in "CZ" or char in _BLANK:
        return "un carácter invisible"
    if category[0] == "M":
        return "una marca suelta, que no se une a ninguna letra"
    if category == "Nd":
        return "una cifra que no es de las comunes (0 a 9)"
    if category[0] == "L" and not _is_latin(char):
        return "una letra que no es del alfabeto español"
    if char in _LOOKS_LIKE:
        return "un signo que se confunde con otro"
    return None


def described(char: str) -> str:
    """Name a character so that it can be found: «U+0430 CYRILLIC SMALL LETTER A, que se parece a «a»»."""
    name = unicodedata.name(char, "sin nombre")
    alike = _LOOKS_LIKE.get(char)
    return f"U+{ord(char):04X} {name}" + (f", que se parece a «{alike}»" if alike else "")


_SECRET = ("AGE-SECRET-KEY-", "PRIVATE KEY")


def shown(text: str, limit: int = 60) -> str:
    """Quote a text for a message: invisible characters made visible, long texts cut, a private key never."""
    if any(mark in text.upper() for mark in _SECRET):
        return "lo que hay (parece una llave privada; no se repite aquí)"
    visible = "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text[: limit + 1])
    return f"«{visible}»" if len(text) <= limit else f"«{visible[:limit]}…»"


def _is_latin(char: str) -> bool:
    if char in _ORDINALS:
        return True
    return char <= _LAST_LATIN and char not in _NOT_SPANISH and unicodedata.name(char, "").startswith("LATIN ")
