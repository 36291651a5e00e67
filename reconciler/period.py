"""Quarters and months, by which the procedure's work is counted. Days are local; nothing here knows a clock."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

_QUARTER = re.compile(r"(2[0-9]{3})-[Tt]([1-4])")
_MONTH = re.compile(r"(2[0-9]{3})-(0[1-9]|1[0-2])")
_NAMES = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
    "diciembre",
)  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """A quarter of a calendar year; its text is `2026-T4`."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the quarter that a day is in."""
        return cls(day.year, (day.month + 2) // 3)

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return the quarter that a text names, None where it names none."""
        found = _QUARTER.fullmatch(text.strip())
        return cls(int(found[1]), int(found[2])) if found else None

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number * 3 - 2, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return _last_of(self.year, self.number * 3)

    @property
    def previous(self) -> Self:
        """The one before it."""
        return type(self).of(self.first - timedelta(days=1))

    @property
    def words(self) -> str:
        """It in words, as in "octubre a diciembre de 2026"."""
        return f"{_NAMES[self.first.month - 1]} a {_NAMES[self.last.month - 1]} de {self.year}"

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __str__(self) -> str:
        return f"{self.year:04d}-T{self.number}"


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of a calendar year; its text is `2026-11`."""

    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> Self:
        """Return the month that a day is in."""
        return cls(day.year, day.month)

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return the month that a text names, None where it names none."""
        found = _MONTH.fullmatch(text.strip())
        return cls(int(found[1]), int(found[2])) if found else None

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return _last_of(self.year, self.number)

    @property
    def words(self) -> str:
        """It in words, as in "noviembre de 2026"."""
        return f"{_NAMES[self.number - 1]} de {self.year}"

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


def in_words(day: date) -> str:
    """Return a day as a document writes it: "27 de noviembre de 2026"."""
    return f"{day.day} de {_NAMES[day.month - 1]} de {day.year}"


def _last_of(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])
