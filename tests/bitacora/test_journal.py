"""What was appended survives on this machine at once, or is refused: torn ends, full disks, damaged files."""

from __future__ import annotations

import os
import signal
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from reconciler.bitacora import Bitacora, journal
from reconciler.bitacora.files import exclusively
from reconciler.errors import RecordError
from reconciler.events import Event, EventKind
from tests.clones import NOON, Clone, event, in_processes


def appended_and_killed(one: Clone, run: str, *events: Event) -> None:
    """Append in a process that dies right after that."""

    def job() -> None:
        one.record(run).append(*events)
        os.kill(os.getpid(), signal.SIGKILL)

    assert in_processes(job) == [-signal.SIGKILL]


def test_what_was_appended_outlives_a_killed_process(alone: Clone) -> None:
    appended_and_killed(alone, "uno", event("uno", 1), event("uno", 2))
    with alone.record("dos") as record:
        assert list(record.events()) == [event("uno", 1), event("uno", 2)]
        assert alone.tip() is None
        record.publish()
        assert list(record.events()) == [event("uno", 1), event("uno", 2)]
    assert alone.ids() == ["uno/1", "uno/2"]
    assert alone.journals == []


def test_each_append_is_synced_before_it_returns(alone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    lengths: list[int] = []
    sync = os.fsync

    def watched(descriptor: int) -> None:
        if Path(f"/proc/self/fd/{descriptor}").readlink().suffix == ".jsonl":
            lengths.append(os.fstat(descriptor).st_size)
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", watched)
    with alone.record("uno") as record:
        for number in (1, 2, 3):
            record.append(event("uno", number))
            assert lengths[-1] == alone.journal("uno").stat().st_size
    assert len(lengths) == 3


@pytest.mark.parametrize("torn", [b'{"at":"2026', b"\xc3", b"\0\0\0"])
def test_a_last_line_torn_by_a_crash_was_promised_to_nobody(alone: Clone, torn: bytes) -> None:
    appended_and_killed(alone, "uno", event("uno", 1))
    with alone.journal("uno").open("ab") as file:
        file.write(torn)
    with alone.record("dos") as record:
        assert list(record.events()) == [event("uno", 1)]
        record.publish()
    assert alone.ids() == ["uno/1"]
    assert alone.journals == []


def test_a_whole_line_that_was_damaged_stops_everything_and_is_kept(alone: Clone) -> None:
    appended_and_killed(alone, "uno", event("uno", 1), event("uno", 2))
    path = alone.journal("uno")
    damaged = path.read_bytes().replace(b"c1", b"c1\x00", 1)
    path.write_bytes(damaged)
    with alone.record("dos") as record:
        with pytest.raises(RecordError, match=r"La línea 1 del diario .*uno\.jsonl está dañada"):
            record.events()
        record.append(event("dos"))
        with pytest.raises(RecordError, match="La línea 1 del diario"):
            record.publish()
    assert path.read_bytes() == damaged
    assert alone.journals == ["dos.jsonl", "uno.jsonl"]


def test_two_facts_of_one_name_are_never_taken_for_one(alone: Clone) -> None:
    with alone.record("uno") as record:
        record.append(event("uno", 1))
        record.publish()
    appended_and_killed(alone, "uno", event("uno", 2))
    with alone.record("dos") as record, pytest.raises(RecordError, match="dos hechos distintos con el nombre uno/1"):
        record.publish()
    assert alone.journals == ["uno.jsonl"]


def test_a_journal_that_cannot_be_read_is_named(alone: Clone) -> None:
    alone.journal("viejo").mkdir(parents=True)
    with (
        alone.record("uno") as record,
        pytest.raises(RecordError, match=r"No se puede leer el diario .*viejo\.jsonl"),
    ):
        record.events()


def test_what_is_no_json_or_has_no_zone_is_a_defect_and_leaves_nothing(alone: Clone) -> None:
    naive = Event(kind=EventKind.ATTEMPT, at=datetime(2026, 1, 1), run="uno")  # noqa: DTZ001  # what is refused
    with alone.record("uno") as record:
        with pytest.raises(ValueError, match="aware"):
            record.append(event("uno", 1), naive)
        with pytest.raises(TypeError):
            record.append(event("uno", 1, mala=object()))  # type: ignore[arg-type]
        assert record.events() == ()
    assert alone.journals == []
    with pytest.raises(ValueError, match="not the name of a run"):
        alone.record("../fuera")


def test_whatever_the_zone_of_a_moment_the_record_holds_it_in_utc(alone: Clone) -> None:
    mazatlan = timezone(timedelta(hours=-7))
    with alone.record("uno") as record:
        record.append(Event(kind=EventKind.ATTEMPT, at=NOON.astimezone(mazatlan), run="uno"))
        record.publish()
        (one,) = record.events()
    assert one.at == NOON
    assert one.at.utcoffset() == timedelta(0)
    assert b'"at":"2026-11-24T12:00:00.000000Z"' in alone.lines()[0]


def test_the_journal_of_a_living_run_is_left_to_it(alone: Clone) -> None:
    with alone.record("uno") as living, alone.record("dos") as other:
        living.append(event("uno", 1))
        other.append(event("dos", 1))
        other.publish()
        assert alone.ids() == ["dos/1"]
        assert [one.run for one in other.events()] == ["dos", "uno"]
        living.publish()
    assert alone.ids() == ["dos/1", "uno/1"]
    assert alone.journals == []


def test_two_living_runs_of_one_name_are_refused(alone: Clone) -> None:
    with alone.record("uno") as first, alone.record("uno") as second:
        first.append(event("uno", 1))
        with pytest.raises(RecordError, match="No se pudo guardar"):
            second.append(event("uno", 2))
        assert list(first.events()) == [event("uno", 1)]


def test_a_run_that_ends_while_another_publishes_disturbs_nobody(
    alone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = journal.journals

    def with_one_just_gone(folder: Path) -> tuple[Path, ...]:
        return (folder / "acabada.jsonl", *listed(folder))

    monkeypatch.setattr(journal, "journals", with_one_just_gone)
    monkeypatch.setattr("reconciler.bitacora.bitacora.journals", with_one_just_gone)
    with alone.record("uno") as record:
        record.append(event("uno", 1))
        record.publish()
        assert list(record.events()) == [event("uno", 1)]
    assert alone.ids() == ["uno/1"]


def test_what_is_kept_is_its_owners_alone(alone: Clone) -> None:
    before = os.umask(0)
    try:
        with alone.record("uno") as record:
            record.append(event("uno", 1))
            record.clone()
            modes = {path.name: path.stat().st_mode & 0o777 for path in alone.folder.rglob("*")}
    finally:
        os.umask(before)
    assert modes == {"pendientes": 0o700, "uno.jsonl": 0o600, "clon": 0o600, "bloqueo": 0o600}
    assert alone.folder.stat().st_mode & 0o777 == 0o700


def test_a_link_in_the_place_of_a_lock_or_a_journal_is_not_followed(alone: Clone, tmp_path: Path) -> None:
    victim = tmp_path / "ajeno"
    victim.write_text("ajeno\n")
    alone.folder.joinpath("pendientes").mkdir(parents=True)
    alone.journal("viejo").symlink_to(victim)
    with alone.record("uno") as record:
        with pytest.raises(RecordError):
            record.publish()
        alone.journal("viejo").unlink()
        (alone.folder / "bloqueo").unlink()
        (alone.folder / "bloqueo").symlink_to(victim)
        with pytest.raises(RecordError, match="el bloqueo de la bitácora"):
            record.append(event("uno"))
    assert victim.read_text() == "ajeno\n"


def test_a_clone_busy_for_too_long_is_said_so(alone: Clone) -> None:
    waits: list[float] = []
    record = alone.record("uno", sleep=waits.append)
    with (
        exclusively(alone.folder / "bloqueo", waits.append),
        pytest.raises(RecordError, match="Otro proceso de esta misma copia"),
    ):
        record.publish()
    assert 50 < sum(waits) < 70


def test_the_clones_name_is_its_own_and_lasts_and_a_copy_of_the_folder_has_another(
    alone: Clone, tmp_path: Path
) -> None:
    name = alone.record("uno").clone()
    assert alone.record("dos").clone() == name
    copied = tmp_path / "copia"
    copied.mkdir()
    (copied / "clon").write_bytes((alone.folder / "clon").read_bytes())
    assert Bitacora(alone.branch(), copied, "uno").clone() != name
    (alone.folder / "clon").write_text("dañado\n")
    with pytest.raises(RecordError, match="clon» está dañado"):
        alone.record("uno").clone()


def test_closing_twice_or_unused_does_nothing(alone: Clone) -> None:
    record = alone.record("uno")
    record.append()
    record.publish()
    record.close()
    record.close()
    assert record.events() == ()
    assert alone.journals == []
    assert alone.tip() is None
