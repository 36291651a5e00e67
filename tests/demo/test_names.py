"""Invented people have addresses and logon names of their own, whatever the dice say."""

from __future__ import annotations

import random
import re

from hypothesis import given
from hypothesis import strategies as st

from reconciler.config import KEY
from reconciler.demo.names import Registry, folded
from reconciler.model import derived_logon


def registry_of(seed: int) -> Registry:
    return Registry(random.Random(seed))  # noqa: S311 -- invented people, nothing to keep secret


@given(seed=st.integers(0, 10_000), count=st.integers(1, 300))
def test_no_two_people_share_a_key_or_a_logon_name(seed: int, count: int) -> None:
    registry = registry_of(seed)
    people = [registry.somebody() for _ in range(count)]
    logons = [one.logon or derived_logon(one.key) for one in people]
    assert len({one.key for one in people}) == len({logon.casefold() for logon in logons}) == count
    assert all(len(logon) <= 20 for logon in logons)
    assert all(re.fullmatch(KEY, one.key) for one in people)


def test_homonyms_get_the_initial_of_the_second_surname_then_all_of_it_then_a_number() -> None:
    registry = registry_of(0)
    keys = [registry.person("Juan", "Meza Lara", woman=False).key for _ in range(4)]
    assert keys == ["juan.meza", "juan.mezal", "juan.mezalara", "juan.meza2"]


def test_names_are_folded_as_addresses_spell_them() -> None:
    names = ("Núñez", "Güémez", "O'Farril", "Peña-Nieto", "María de la Luz")
    assert [folded(one) for one in names] == ["nunez", "guemez", "ofarril", "penanieto", "mariadelaluz"]
