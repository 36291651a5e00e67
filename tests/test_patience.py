"""How long a busy server is waited for."""

from itertools import count

import pytest

from reconciler.patience import Patience


def never(_: str) -> None:
    """Tell nobody."""


@pytest.mark.parametrize("asked", [0.0, 0.001, -1.0, float("nan")])
def test_a_server_that_asks_for_next_to_nothing_is_not_hammered(asked: float) -> None:
    slept: list[float] = []
    patience = Patience(60, never, sleep=slept.append, clock=lambda: 0.0)
    while patience.wait("Ocupado.", asked):
        assert len(slept) < 10
    assert slept == [0.5, 1.0, 2.0, 5.0, 10.0, 15.0, 15.0]


def test_what_the_server_asks_for_is_waited_where_it_is_more() -> None:
    slept: list[float] = []
    patience = Patience(60, never, sleep=slept.append, clock=lambda: 0.0)
    assert patience.wait("Ocupado.", 7.5)
    assert slept == [7.5]


def test_the_time_that_the_attempts_take_counts_too() -> None:
    minutes = count(step=60.0)
    patience = Patience(150, never, sleep=lambda _: None, clock=lambda: next(minutes))
    assert [patience.wait("Ocupado.") for _ in range(3)] == [True, True, False]


def test_a_wait_longer_than_what_is_left_is_not_begun() -> None:
    said: list[str] = []
    assert not Patience(5, said.append, sleep=lambda _: None).wait("Ocupado.", 5.5)
    assert not said
