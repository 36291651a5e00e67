"""A credential sheet (RSDT-08.02), as it is named and sealed, without what it says."""

from __future__ import annotations

import random
import re
import secrets
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

FOLIO = re.compile(r"H-[0-9]{4}-[0-9A-HJKMNP-TV-Z]{8}")
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, which are misread on paper."""


class Seal(StrEnum):
    """How a sheet is sealed, which says who can open it."""

    MESA = "mesa"
    """age, to Mesa de Ayuda's key: it is printed, or sealed anew for somebody else."""
    ENLACE = "enlace"
    """age, to the enlace's own key: it is mailed, and nobody else opens it."""
    PASSPHRASE = "frase"  # noqa: S105 -- says that there is one
    """An AES-256 PDF that is mailed; its passphrase, sealed to Mesa de Ayuda's key, travels by another channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A sheet that is stored: its folio, its name in the spool and how it is sealed."""

    folio: str
    name: str
    seal: Seal


def new_name(prefix: str, day: date, length: int, randomness: random.Random | None = None) -> str:
    """Return a name that nobody has had: prefix, year and so many random characters that paper does not blur."""
    source = randomness or secrets.SystemRandom()
    return f"{prefix}-{day.year}-{''.join(source.choice(_LETTERS) for _ in range(length))}"


def new_folio(day: date, randomness: random.Random | None = None) -> str:
    """Return a sheet's folio: 40 random bits, so that one is never another's."""
    return new_name("H", day, 8, randomness)
