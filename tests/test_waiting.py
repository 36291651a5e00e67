"""Which sheets wait and which are too old, whatever happened to them, as pure answers from the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from reconciler.engine.purge import purge
from reconciler.events import JSON, Event, EventKind
from reconciler.model import AccountKey
from reconciler.orders import sheets
from reconciler.waiting import REJECTED, Stage, Waiting, find, interrupted, waiting

JUAN, ANA = AccountKey("juan.perez"), AccountKey("ana.ruiz")
START = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
KEEP = timedelta(days=30)


@dataclass(frozen=True)
class File:
    name: str
    folio: str
    at: datetime = START


def event(kind: EventKind, key: AccountKey = JUAN, after: int = 0, **data: JSON) -> Event:
    at = START + timedelta(days=after)
    return Event(kind=kind, at=at, run="r", key=key, data={"destino": "ad", **data})


def sealed(folio: str, key: AccountKey = JUAN, after: int = 0) -> Event:
    return event(EventKind.SHEET_SEALED, key, after, hoja=f"ad/{key}", folio=folio, sello="mesa")


def one(events: Sequence[Event], stored: tuple[str, ...] = ("H1",), after: int = 1) -> Waiting:
    (found,) = waiting(events, "ad", stored, START + timedelta(days=after), KEEP)
    return found


def test_a_sheet_goes_from_stage_to_stage() -> None:
    events = [sealed("H1")]
    assert (one(events).stage, one(events).days_left) == (Stage.SELLADA, 29)
    events.append(event(EventKind.SHEET_PRINTED, folio="H1"))
    assert one(events).stage is Stage.IMPRESA
    events.append(event(EventKind.SHEET_SENT, folio="H1", a="enlace", motivo="Lejos"))
    assert one(events).stage is Stage.ENVIADA
    events.append(event(EventKind.SHEET_ACKNOWLEDGED, folio="H1", por="enlace"))
    assert one(events, stored=()).stage is Stage.ACUSADA


def test_a_sheet_that_was_too_old_or_is_lost_is_handed_to_nobody() -> None:
    assert one([sealed("H1")], stored=()).stage is Stage.SIN_ENTREGAR
    removed = event(EventKind.SHEET_REMOVED, folio="H1", porque="vencida")
    assert one([sealed("H1"), removed], stored=()).stage is Stage.VENCIDA


def test_a_reissue_is_open_until_its_sheet_or_its_refusal_is_on_record() -> None:
    begun = [sealed("H1"), event(EventKind.SHEET_ASKED, motivo="Perdida")]
    assert (one(begun).stage, one(begun).half) == (Stage.SIN_ENTREGAR, True)
    assert interrupted([*begun, event(EventKind.SHEET_ASKED, estado=REJECTED)], "ad") == frozenset()
    assert interrupted([*begun, sealed("H2")], "ad") == frozenset()
    assert interrupted([*begun, sealed("H2", ANA)], "ad") == {JUAN}


def test_another_target_says_nothing_of_this_one() -> None:
    assert waiting([sealed("H1")], "laboratorio", ("H1",), START, KEEP) == ()


def test_a_sheet_is_found_by_account_address_or_folio_and_the_last_one_counts() -> None:
    known = sheets([sealed("H1"), sealed("H2")], "ad").values()
    for asked in ("juan.perez", "Juan.Perez@sinaloa.gob.mx", "h2"):
        found = find(known, asked)
        assert found is not None
        assert found.folio == "H2"
    assert find(known, "nadie") is None


@given(st.lists(st.tuples(st.sampled_from([JUAN, ANA]), st.integers(0, 60)), max_size=8), st.integers(0, 90))
def test_what_waits_in_time_is_never_taken_away_and_what_is_too_old_always_is(
    seals: list[tuple[AccountKey, int]], now: int
) -> None:
    events = [sealed(f"H{place}", key, after) for place, (key, after) in enumerate(seals)]
    files = [File(f"f{place}", f"H{place}") for place in range(len(seals))]
    oldest = START + timedelta(days=now) - KEEP
    found = purge(files, events, "ad", oldest)
    last = {key: place for place, (key, _) in enumerate(seals)}
    for place, (key, after) in enumerate(seals):
        late = START + timedelta(days=after) < oldest
        assert (f"f{place}" in found.files) == (late or last[key] != place)
        assert (f"H{place}" in {each.folio for each in found.expired}) == (late and last[key] == place)


def test_a_file_that_nobody_has_on_record_stays_while_it_may_be_in_the_making() -> None:
    files = [File("nueva", "H9", START), File("ajena", "", START - KEEP * 9), File("vieja", "H8", START - KEEP * 2)]
    assert purge(files, [], "ad", START - KEEP).files == ("vieja",)
