"""When things happen in an office: working days, office hours, and letters that take a few days to arrive."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Mazatlan")
_SATURDAY = 5
_SPAN = timedelta(days=270)
"""How far back the history goes."""


@dataclass(frozen=True, slots=True)
class Slot:
    """When a pull request is proposed and merged, and the dates of the oficio behind it."""

    dated: date
    received: date
    proposed: datetime
    merged: datetime


def working_day_before(day: date, count: int = 1) -> date:
    """Return the working day that lies `count` working days before another day."""
    while count:
        day -= timedelta(days=1)
        if day.weekday() < _SATURDAY:
            count -= 1
    return day


def founding(today: date) -> datetime:
    """Return when the repository is founded."""
    return datetime.combine(working_day_before(today - _SPAN), time(10, 12), ZONE)


def slots(count: int, today: date, chance: random.Random) -> list[Slot]:
    """Return that many slots, in order of time, from the founding to two working days before `today`."""
    start, last = founding(today), working_day_before(today, 2)
    days = [start.date() + timedelta(days=n) for n in range(1, (last - start.date()).days + 1)]
    working = [day for day in days if day.weekday() < _SATURDAY]
    merged = sorted(
        datetime.combine(chance.choice(working), time(11), ZONE) + timedelta(seconds=chance.randrange(4 * 3600))
        for _ in range(count)
    )
    found: list[Slot] = []
    before = start
    for moment in merged:
        moment = max(moment, before + timedelta(seconds=2))  # noqa: PLW2901 -- two merges in one second
        found.append(_slot(before, moment, chance))
        before = moment
    return found


def slot_of(day: date, chance: random.Random) -> Slot:
    """Return the slot of a pull request proposed on a given day and merged on it."""
    moment = datetime.combine(day, time(12, 40), ZONE)
    return _slot(moment - timedelta(hours=3), moment, chance)


def _slot(before: datetime, merged: datetime, chance: random.Random) -> Slot:
    gap = min((merged - before) / 2, timedelta(minutes=chance.randrange(15, 150)))
    proposed = (merged - gap).replace(microsecond=0)
    received = working_day_before(proposed.date(), chance.randrange(2))
    if received.weekday() >= _SATURDAY:
        received = working_day_before(received)
    return Slot(working_day_before(received, chance.randrange(1, 5)), received, proposed, merged)
