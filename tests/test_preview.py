"""What a pull request would do, told apart from what its base would: pure, over one reading."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from reconciler.config import Config
from reconciler.diff import Policy
from reconciler.model import AccountKey, Declared, Reading
from reconciler.plan import change_id
from reconciler.preview import Ground, Preview, Side, preview
from reconciler.safety import Past
from tests.build import BAJA, TODAY, account, declaration, declared, observed, reading, remembering


def side(there: Reading, *entries: Declared) -> Side:
    return Side(commit="c" * 40, declaration=declaration(*entries), memory=remembering(there))


def told(there: Reading, base: tuple[Declared, ...] | None, head: tuple[Declared, ...]) -> Preview:
    ground = Ground(
        target="ad",
        reading=there,
        config=Config(dominios=("sinaloa.gob.mx",)),
        policy=Policy(retention_days=90),
        past=Past(),
        spent={},
        today=TODAY,
    )
    return preview(None if base is None else side(there, *base), side(there, *head), ground)


KEYS = ("ana.ruiz", "beto.gil", "dora.paz")
_ENTRIES = st.tuples(
    *(
        st.sampled_from([(), (declared(key),), (declared(key, title="Jefe"),), (declared(key, baja=BAJA),)])
        for key in KEYS
    )
).map(lambda some: tuple(one for ones in some for one in ones))
_THERE = st.sets(st.sampled_from(KEYS)).map(lambda keys: reading(*(observed(account(key)) for key in sorted(keys))))


@given(_THERE, _ENTRIES, _ENTRIES)
def test_every_change_of_the_head_is_caused_or_drift_and_nothing_is_both(
    there: Reading, base: tuple[Declared, ...], head: tuple[Declared, ...]
) -> None:
    found = told(there, base, head)
    caused, drift = (set(map(change_id, ones)) for ones in (found.caused, found.drift))
    assert caused | drift == set(map(change_id, found.plan.changes))
    assert not caused & drift
    assert not set(map(change_id, found.dropped)) & (caused | drift)


@given(_THERE, _ENTRIES)
def test_a_head_that_says_what_its_base_says_causes_nothing(there: Reading, both: tuple[Declared, ...]) -> None:
    found = told(there, both, both)
    assert (found.caused, found.dropped, found.doubts) == ((), (), ())


@given(_THERE, _ENTRIES, _ENTRIES)
def test_what_is_asked_for_twice_over_is_undone_the_other_way(
    there: Reading, base: tuple[Declared, ...], head: tuple[Declared, ...]
) -> None:
    assert told(there, base, head).dropped == told(there, head, base).caused


def test_without_a_sound_base_everything_is_of_the_pull_request() -> None:
    assert len(told(reading(), None, (declared(),)).caused) == 2


def test_an_adoption_is_left_to_the_target_until_it_is_ours() -> None:
    head = (declared("ana.ruiz", adopt=True, title="Jefa"), declared("beto.gil"))
    found = told(reading(), (), head)
    assert found.unjudged == ("ana.ruiz",)
    assert {one.key for one in found.plan.changes} == {"beto.gil"}
    ours = told(reading(observed(account("ana.ruiz"))), (), head)
    assert ours.unjudged == ()
    assert ("ana.ruiz", "update") in {(one.key, one.verb) for one in ours.caused}


def test_a_mark_that_two_objects_carry_is_a_doubt_and_no_adoption() -> None:
    handles = tuple(observed(account("ana.ruiz"), guid=guid).handle for guid in "ab")
    there = replace(reading(), claims={AccountKey("ana.ruiz"): handles})
    found = told(there, (), (declared("ana.ruiz", adopt=True),))
    assert found.unjudged == ()
    assert [one.code for one in found.doubts] == ["marca-duplicada"]
