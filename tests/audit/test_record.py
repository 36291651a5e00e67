"""What the record says, against what merges brought: pure, over small histories."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from reconciler.audit import Code
from reconciler.audit.anchors import Anchor, read_anchor
from reconciler.audit.line import date_findings, record_date_findings
from reconciler.audit.record import Line, record_findings
from reconciler.events import JSON, Event, EventKind
from reconciler.history import CommitChange
from reconciler.model import AccountKey
from reconciler.period import Quarter
from reconciler.trail import EntryChange, Trail

NOON = datetime(2026, 4, 1, 18, tzinfo=UTC)
A, B, C = "a" * 40, "b" * 40, "c" * 40
ANA = AccountKey("ana")


def commit(name: str, hours: int) -> CommitChange:
    return CommitChange(
        commit=name, parents=("1" * 40, "2" * 40), author="D <d@b>", committer="D <d@b>",
        at=NOON + timedelta(hours=hours), subject="Merge", body="", files=(),
    )  # fmt: skip


def line(*hours: int) -> Trail:
    commits = {name: commit(name, at) for name, at in zip((A, B), hours or (0, 1), strict=True)}
    before = {"alta": "SAF/1/2026", "(dependencia)": "SAF"}
    told = [EntryChange(A, {}, before), EntryChange(B, before, before | {"cambio": "SAF/2/2026"})]
    return Trail(commits=commits, origins={}, movements={ANA: told})


def event(kind: EventKind, hours: float = 2, **data: JSON) -> Event:
    return Event(kind=kind, at=NOON + timedelta(hours=hours), run="r", key=ANA, data=data)


def ran(oficio: str, fusion: str, applied: str = B) -> list[Event]:
    return [
        event(EventKind.RUN_STARTED, destino="d", commit=applied),
        event(EventKind.ATTEMPT, cambio="1", verbo="update", oficio=oficio, fusion=fusion),
        event(EventKind.OUTCOME, cambio="1", verbo="update", estado="aplicado"),
    ]


@pytest.mark.parametrize(
    ("events", "found"),
    [
        (ran("SAF/1/2026", A), []),
        (ran("saf-2-2026", A), []),  # named by a merge between its own and the commit that was applied
        (ran("SAF/2/2026", A, A), [Code.ACUERDO_OFICIO_DISTINTO]),
        (ran("SAF/9/2026", B), [Code.ACUERDO_OFICIO_DISTINTO]),
        (ran("SAF/1/2026", C), [Code.ACUERDO_FUSION_AJENA]),
        (ran("SAF/1/2026", A, C), [Code.ACUERDO_COMMIT_AJENO]),
        (ran("SAF/1/2026", A)[:1] + ran("SAF/1/2026", A)[2:], [Code.ACUERDO_SIN_INTENTO]),
    ],
)
def test_an_attempt_names_a_merge_of_the_line_and_an_oficio_that_it_brought(
    events: list[Event], found: list[Code]
) -> None:
    assert [one.code for one in record_findings(events, Line(line()))] == found


def test_what_the_published_line_has_beyond_the_audited_commit_is_not_foreign() -> None:
    assert not list(record_findings(ran("SAF/1/2026", C, C), Line(line(), frozenset({C}))))


def test_a_merge_dated_before_the_one_below_it_or_after_now_is_found() -> None:
    now = NOON + timedelta(days=1)
    assert [one.code for one in date_findings(line(5, 0), (), now)] == [Code.FECHA_ATRAS]
    assert [one.code for one in date_findings(line(0, 99), (), now)] == [Code.FECHA_FUTURO]
    assert not list(date_findings(line(5, 0), {B}, now))


def test_a_run_dated_before_its_merge_is_found_once_and_a_known_wrong_clock_is_not() -> None:
    events = [event(EventKind.ATTEMPT, -3, fusion=A), event(EventKind.ATTEMPT, -3, fusion=A)]
    now = NOON + timedelta(days=1)
    assert [one.code for one in record_date_findings(events, line(), (), now)] == [Code.FECHA_ANTES_DE_FUSION]
    assert not list(record_date_findings(events, line(), {"r"}, now))


def test_an_anchor_is_read_as_it_was_written_and_nothing_else_is_one() -> None:
    anchor = Anchor(quarter=Quarter(2026, 4), record=A, count=7, digest="d" * 64, main=B)
    assert read_anchor(anchor.message) == anchor
    assert read_anchor(anchor.message + "renglon: 9\n") is None
    assert read_anchor(anchor.message.replace("renglon: 7", "renglon: siete")) is None
