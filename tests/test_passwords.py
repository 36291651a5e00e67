"""First passwords: what Active Directory takes, what a person can copy, and nobody can guess or read in a log."""

from __future__ import annotations

import math
import random
import re
import unicodedata
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from reconciler.passwords import DIGITS, LENGTH, LOWER, SYMBOLS, UPPER, first_password
from tests.build import account

SEEDS = st.integers(0, 2**32)
NAMES = st.text(min_size=1, max_size=30)
EASY = st.text("abcdefgh ABC.áé23-", min_size=1, max_size=30)  # names likely to come up by chance


def folded(text: str) -> set[str]:
    """Return a name as Active Directory might compare it: any case, with its accents and without."""
    bare = "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))
    return {text.casefold(), text.lower(), bare}


@given(seed=SEEDS, given_name=NAMES | EASY, surname=NAMES | EASY, logon=NAMES | EASY)
def test_a_password_has_every_class_its_length_and_no_part_of_a_name(
    seed: int, given_name: str, surname: str, logon: str
) -> None:
    who = account(given_name=given_name, surname=surname, display_name=f"{given_name} {surname}", logon=logon)
    password = first_password(who, random.Random(seed)).get_secret_value()  # noqa: S311  # to be repeatable
    assert len(password) == LENGTH == 16
    assert all(set(password) & set(group) for group in (UPPER, LOWER, DIGITS, SYMBOLS))
    assert set(password) <= set(UPPER + LOWER + DIGITS + SYMBOLS)
    whole = password.casefold()
    for name in (given_name, surname, f"{given_name} {surname}", logon, str(who.key)):
        for spelling in folded(name):
            parts = [spelling, *re.split(r"[,.\-_#\s]", spelling)]
            assert not [part for part in parts if len(part) >= 3 and part in whole]


def test_a_password_that_would_hold_a_name_is_thrown_away() -> None:
    who = account("x.y", given_name="X", surname="Déf", display_name="X Déf")  # with its accent it never matches
    seed = next(n for n in range(10**6) if "def" in _made(random.Random(n)).casefold())  # noqa: S311
    assert _made(random.Random(seed)) != first_password(who, random.Random(seed)).get_secret_value()  # noqa: S311


def _made(source: random.Random) -> str:
    return first_password(account("x.y", given_name="X", surname="Y"), source).get_secret_value()


def test_nothing_in_a_password_looks_like_something_else() -> None:
    alphabet = UPPER + LOWER + DIGITS + SYMBOLS
    assert len(set(alphabet)) == len(alphabet)
    assert not set(alphabet) & set("0Oo1lIiL|!")
    for pair in ("2Z", "5S", "8B"):
        assert len(set(pair) & set(alphabet)) == 1
    assert alphabet.isascii()
    assert not set(alphabet) & set("'\"`\\^~ <>;")


def test_passwords_are_as_random_as_promised() -> None:
    """The fewest choices that any password can come from, whatever its classes: 90 bits, more or less."""
    forced = math.log2(len(UPPER) * len(LOWER) * len(DIGITS) * len(SYMBOLS))
    free = (LENGTH - 4) * math.log2(len(UPPER + LOWER + DIGITS + SYMBOLS))
    assert forced + free > 85
    passwords = [first_password(account()).get_secret_value() for _ in range(2000)]
    assert len(set(passwords)) == len(passwords)
    seen = Counter("".join(passwords))
    assert set(seen) == set(UPPER + LOWER + DIGITS + SYMBOLS)
    firsts = Counter(password[0] for password in passwords)
    assert max(firsts.values()) < 2000 * 0.08  # no class always comes first
    assert len(firsts) > 50


def test_a_password_shows_itself_to_nobody_by_chance() -> None:
    password = first_password(account())
    shown = f"{password} {password!r} {[password]} {ValueError(password)!r}"
    assert password.get_secret_value() not in shown
