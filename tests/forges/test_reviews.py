"""Whatever is said of a pull request, in whatever order it is told: one approval at most of each, their last word."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from reconciler.forge.reviews import Word, standing

START = datetime(2026, 3, 23, 18, 0, tzinfo=UTC)
USERS = ("ana", "Ana", "ANA", "beto", "carla[bot]")

words = st.lists(
    st.builds(
        Word,
        at=st.integers(0, 5).map(lambda minutes: START + timedelta(minutes=minutes)),
        id=st.integers(1, 1000),
        user=st.sampled_from(USERS),
        approves=st.booleans(),
        commit=st.sampled_from(("a" * 40, "b" * 40, "", "main")),
    ),
    max_size=12,
    unique_by=lambda one: one.id,
)


@given(words)
def test_one_at_most_of_each_person_and_it_is_their_last_word(said: list[Word]) -> None:
    found = standing(said)
    assert len({one.user.casefold() for one in found}) == len(found)
    for one in found:
        last = max(word for word in said if word.user.casefold() == one.user.casefold())
        assert (last.user, last.commit, last.at, last.approves) == (one.user, one.commit, one.at, True)


@given(words, st.randoms())
def test_the_order_in_which_it_is_told_changes_nothing(said: list[Word], chance: object) -> None:
    shuffled = list(said)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert standing(shuffled) == standing(said)


@given(words, st.sampled_from(USERS))
def test_whoever_takes_it_back_approves_nothing(said: list[Word], user: str) -> None:
    back = Word(START + timedelta(hours=1), 2000, user, approves=False, commit="a" * 40)
    assert user.casefold() not in {one.user.casefold() for one in standing([*said, back])}


@given(words)
def test_what_stands_is_of_a_whole_commit(said: list[Word]) -> None:
    assert {one.commit for one in standing(said)} <= {"a" * 40, "b" * 40}
