"""YAML's scalars, read from the very text that was written: what could be misread is refused, never guessed.

YAML 1.1 readers take `no` for false, `010` for 8, `1e3` for a number and `2026-13-01` for a text; here every scalar
arrives as its text, and each field says which of these it wants.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,14}")
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,6})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _integer(value: object) -> object:
    if isinstance(value, str) and not _INTEGER.fullmatch(value):
        raise ValueError(f"«{value[:40]}» no es un número entero escrito con cifras, sin ceros al principio")
    return value


def _decimal(value: object) -> object:
    if isinstance(value, str) and not _DECIMAL.fullmatch(value):
        raise ValueError(f"«{value[:40]}» no es un número escrito con cifras (ejemplo: 12.5)")
    return value


def _boolean(value: object) -> object:
    if isinstance(value, str):
        if value not in {"true", "false"}:
            raise ValueError(f"«{value[:40]}» no se acepta: escriba true o false")
        return value == "true"
    return value


def _date(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not _DATE.fullmatch(value):
        raise ValueError(f"«{value[:40]}» no es una fecha AAAA-MM-DD (ejemplo: 2026-03-20)")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"«{value}» no existe en el calendario") from None


Integer = Annotated[int, BeforeValidator(_integer)]
Decimal = Annotated[float, BeforeValidator(_decimal)]
Boolean = Annotated[bool, BeforeValidator(_boolean)]
Day = Annotated[date, BeforeValidator(_date)]
