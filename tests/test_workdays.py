"""Working days: which days count, and when a term ends."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config import Plazos
from reconciler.workdays import Workdays

PLAIN = Workdays(Plazos(festivos=False))
DAYS = st.dates(date(2015, 1, 1), date(2035, 12, 31))
TERMS = st.builds(
    lambda public, first, length: Plazos(
        festivos=public, dias_inhabiles=(f"{first}/{first + timedelta(days=length)}", "2026-04-02")
    ),
    st.booleans(),
    DAYS,
    st.integers(0, 40),
)


def test_the_day_of_receipt_does_not_count() -> None:
    assert PLAIN.due(date(2026, 11, 23), 1) == date(2026, 11, 24)
    assert PLAIN.due(date(2026, 11, 23), 4) == date(2026, 11, 27)


def test_a_weekend_is_skipped() -> None:
    assert PLAIN.due(date(2026, 11, 27), 1) == date(2026, 11, 30)
    assert PLAIN.due(date(2026, 11, 28), 5) == date(2026, 12, 4)


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 1, 1),
        date(2026, 2, 2),
        date(2026, 3, 16),
        date(2026, 5, 1),
        date(2026, 9, 16),
        date(2026, 11, 16),
        date(2026, 12, 25),
        date(2024, 10, 1),
    ],
)
def test_the_obligatory_days_of_rest_are_none(day: date) -> None:
    assert day not in Workdays(Plazos())
    assert day in PLAIN


def test_the_institution_closes_when_it_says_so() -> None:
    closed = Workdays(Plazos(dias_inhabiles=("2026-12-21/2027-01-06", "2026-11-20")))
    assert closed.due(date(2026, 12, 18), 1) == date(2027, 1, 7)
    assert date(2026, 11, 20) not in closed
    assert date(2027, 1, 7) in closed


def test_days_late_are_working_days() -> None:
    assert PLAIN.after(date(2026, 11, 27), date(2026, 11, 27)) == 0
    assert PLAIN.after(date(2026, 11, 27), date(2026, 11, 29)) == 0
    assert PLAIN.after(date(2026, 11, 27), date(2026, 12, 1)) == 2
    assert PLAIN.after(date(2026, 11, 27), date(2026, 11, 20)) == 0


@given(TERMS, DAYS, st.integers(1, 60))
def test_a_term_ends_on_a_working_day_with_just_that_many_after_receipt(terms: Plazos, day: date, days: int) -> None:
    calendar = Workdays(terms)
    due = calendar.due(day, days)
    assert due in calendar
    assert calendar.after(day, due) == days


@given(TERMS, DAYS, st.integers(1, 30))
def test_a_longer_term_and_a_later_receipt_never_end_earlier(terms: Plazos, day: date, days: int) -> None:
    calendar = Workdays(terms)
    assert calendar.due(day, days) < calendar.due(day, days + 1)
    assert calendar.due(day, days) <= calendar.due(day + timedelta(days=1), days)
