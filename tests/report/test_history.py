"""The order in which a history tells what happened at one moment."""

from __future__ import annotations

from datetime import UTC, datetime

from reconciler.events import Event, EventKind
from reconciler.history import CommitChange, FileChange
from reconciler.model import AccountKey
from reconciler.report.history import deeds, moments
from reconciler.trail import EntryChange, Trail

AT = datetime(2026, 4, 1, 18, tzinfo=UTC)
OLD, NEW = AccountKey("eva.mar"), AccountKey("eva.marg")


def test_what_happened_in_one_second_under_two_names_is_told_as_it_is_on_record() -> None:
    commits = [
        CommitChange(
            commit=name * 40,
            parents=("a" * 40, "b" * 40),
            author="Dirección <d@b>",
            committer="forja <f@b>",
            at=AT,
            subject="Merge",
            body="",
            files=(FileChange("accounts/SAF.yaml", "100644", "100644", None, "c" * 40),),
        )
        for name in "12"
    ]
    entry = {"nombre": "Eva", "alta": "SAF/1/2026", "(dependencia)": "SAF"}
    trail = Trail(
        commits={one.commit: one for one in commits},
        origins={},
        movements={
            OLD: [EntryChange("1" * 40, {}, entry), EntryChange("2" * 40, entry, {})],
            NEW: [EntryChange("2" * 40, {}, entry | {"renombra": OLD})],
        },
    )
    events = [
        Event(kind=EventKind.SHEET_SEALED, at=AT, run="r", key=OLD, data={}),
        Event(kind=EventKind.OUTCOME, at=AT, run="r", key=NEW, data={"verbo": "rename", "estado": "aplicado"}),
    ]
    for asked in (OLD, NEW):
        told = [one.what.partition(" ")[0] for one in moments(asked, trail, deeds(events), {})]
        assert told == ["alta", "renombre", "primera", "renombre:"]
