"""Working days: which days count towards a term, and when a term ends. Pure; the only place with python-holidays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import cache

from holidays.countries.mexico import Mexico

from reconciler.config import Plazos

_DAY = timedelta(days=1)
_SATURDAY = 5


class Workdays:
    """The institution's calendar: no Saturdays, no Sundays, no days off of its own, no public holidays if it says so.

    Public holidays are Mexico's obligatory days of rest (Ley Federal del Trabajo, article 74).
    """

    def __init__(self, terms: Plazos) -> None:
        self._own = frozenset(_days(terms.dias_inhabiles))
        self._holidays = terms.festivos

    def __contains__(self, day: date) -> bool:
        if day.weekday() >= _SATURDAY or day in self._own:
            return False
        return not (self._holidays and day in _public_holidays(day.year))

    def due(self, received: date, days: int) -> date:
        """Return the last day of a term of so many working days; the day of receipt does not count."""
        day = received
        while days > 0:
            day += _DAY
            days -= day in self
        return day

    def after(self, due: date, day: date) -> int:
        """Return how many working days after a due day something happened; 0 up to that day."""
        return sum(1 for one in _between(due + _DAY, day) if one in self)


@cache
def _public_holidays(year: int) -> frozenset[date]:
    return frozenset(Mexico(years=year))  # type: ignore[no-untyped-call]


def _days(ranges: Iterable[str]) -> Iterator[date]:
    for one in ranges:
        first, _, last = one.partition("/")
        yield from _between(date.fromisoformat(first), date.fromisoformat(last or first))


def _between(first: date, last: date) -> Iterator[date]:
    """Yield every day from one to another, both included."""
    return (first + timedelta(days=place) for place in range((last - first).days + 1))
