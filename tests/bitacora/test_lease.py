"""One run applies at a time: in one clone, among clones, with dead runs, late clocks and two who ask at once."""

from __future__ import annotations

import os
import shutil
import signal
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from reconciler.bitacora import Bitacora, Lease, acquire, new_run
from reconciler.bitacora.lease import DURATION, holder
from reconciler.errors import BusyError, RecordError
from reconciler.events import JSON, Event, EventKind
from tests.clones import NOON, Clone, in_processes


@dataclass
class Clock:
    """A clock that moves when told to."""

    at: datetime = NOON

    def __call__(self) -> datetime:
        return self.at

    def go(self, minutes: float) -> None:
        self.at += timedelta(minutes=minutes)


@pytest.fixture
def clock() -> Clock:
    return Clock()


def leases(one: Clone) -> list[tuple[str, str]]:
    """Return who asked for the lease, and how, as it stands on the branch."""
    with one.record("lector") as reader:
        reader.refresh()
        found = [event for event in reader.events() if event.kind is EventKind.LEASE]
    return [
        (event.run, "libera" if event.data.get("libera") else str(event.data.get("sustituye", "pide")))
        for event in found
    ]


def die_holding(one: Clone, run: str) -> None:
    """Get the lease in a process that is killed with it."""

    def job() -> None:
        acquire(one.record(run), Clock())
        os.kill(os.getpid(), signal.SIGKILL)

    assert in_processes(job) == [-signal.SIGKILL]


def test_in_one_clone_a_living_run_keeps_the_others_out_and_is_named(here: Clone, clock: Clock) -> None:
    with here.record("uno") as ours, here.record("dos") as theirs:
        with acquire(ours, clock):
            clock.go(600)  # however long it takes: it lives
            with pytest.raises(BusyError, match=f"en esta misma copia: uno, proceso {os.getpid()}"):
                acquire(theirs, clock)
        acquire(theirs, clock).release()
    assert leases(here) == [("uno", "pide"), ("uno", "libera"), ("dos", "pide"), ("dos", "libera")]


def test_in_one_clone_a_dead_run_is_relieved_at_once_and_told_apart(here: Clone, clock: Clock) -> None:
    die_holding(here, "uno")
    clock.go(1)
    with here.record("dos") as record, acquire(record, clock):
        tenure = holder(record.events())
        assert tenure is not None
        assert (tenure.run, tenure.since) == ("dos", clock.at)
    assert leases(here) == [("uno", "pide"), ("dos", "uno"), ("dos", "libera")]


def test_another_clones_lease_stands_until_it_expires(here: Clone, there: Clone, clock: Clock) -> None:
    die_holding(here, "uno")
    with there.record("dos") as record:
        clock.go(29)
        with pytest.raises(BusyError, match=r"La corrida uno está aplicando desde .*hasta 2026-11-24 12:30 UTC"):
            acquire(record, clock)
        clock.go(1)
        with acquire(record, clock):
            pass
    assert leases(here) == [("uno", "pide"), ("dos", "pide"), ("dos", "libera")]


def test_a_copy_of_the_clone_does_not_take_its_living_run_for_dead(here: Clone, tmp_path: Path, clock: Clock) -> None:
    with here.record("uno") as record, acquire(record, clock):
        shutil.copytree(here.path, tmp_path / "copia")
        copied = Clone(tmp_path / "copia")
        with copied.record("dos") as other, pytest.raises(BusyError, match="La corrida uno está aplicando"):
            acquire(other, clock)


def test_a_lease_is_renewed_when_half_of_it_is_gone(here: Clone, there: Clone, clock: Clock) -> None:
    with here.record("uno") as record, there.record("dos") as other, acquire(record, clock) as lease:
        clock.go(14)
        lease.renew()
        assert lease.until == NOON + DURATION
        clock.go(2)
        lease.renew()
        assert lease.until == clock.at + DURATION
        clock.go(20)
        with pytest.raises(BusyError):
            acquire(other, clock)
    assert [how for _, how in leases(here)] == ["pide", "pide", "libera"]


def test_a_run_that_let_its_lease_expire_stops_when_another_has_it(here: Clone, there: Clone, clock: Clock) -> None:
    with here.record("uno") as record, there.record("dos") as other:
        lease = acquire(record, clock)
        clock.go(31)
        with acquire(other, clock):
            with pytest.raises(BusyError, match="La corrida dos está aplicando"):
                lease.renew()
            lease.release()
            tenure = holder(other.events())
            assert tenure is not None
            assert tenure.run == "dos"
    assert leases(here) == [
        ("uno", "pide"),
        ("dos", "pide"),
        ("uno", "pide"),
        ("uno", "libera"),
        ("dos", "libera"),
    ]


def test_a_run_that_let_its_lease_expire_and_nobody_took_it_gets_it_again(here: Clone, clock: Clock) -> None:
    with here.record("uno") as record, acquire(record, clock) as lease:
        clock.go(90)
        lease.renew()
        assert lease.until == clock.at + DURATION


def test_of_two_clones_that_ask_at_once_one_gets_it(
    here: Clone, there: Clone, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with here.record("uno") as record, there.record("dos") as other:
        held: list[Lease] = []
        publish = other.publish

        def late() -> None:
            if not held:
                held.append(acquire(record, clock))
            publish()

        monkeypatch.setattr(other, "publish", late)
        with pytest.raises(BusyError, match="La corrida uno"):
            acquire(other, clock)
        held[0].release()
        acquire(other, clock).release()
    assert leases(here) == [
        ("uno", "pide"),
        ("dos", "pide"),
        ("dos", "libera"),
        ("uno", "libera"),
        ("dos", "pide"),
        ("dos", "libera"),
    ]


def test_processes_that_ask_at_once_never_hold_it_together(here: Clone, there: Clone, tmp_path: Path) -> None:
    def job(one: Clone, run: str) -> None:
        with one.record(run, sleep=lambda _: None) as record:
            try:
                with acquire(record, Clock()):
                    mark = tmp_path / "aplicando"
                    mark.touch(exist_ok=False)
                    mark.unlink()
            except BusyError:
                pass

    jobs = [lambda one=one, n=n: job(one, f"r{n}") for n, one in enumerate([here, there] * 3)]
    assert in_processes(*jobs) == [0] * 6


def test_the_end_of_a_run_gives_the_lease_back_without_another_event(here: Clone, clock: Clock) -> None:
    with here.record("uno") as record:
        with acquire(record, clock):
            record.append(Event(kind=EventKind.RUN_ENDED, at=clock(), run="uno"))
            record.publish()
        assert holder(record.events()) is None
    assert leases(here) == [("uno", "pide")]


def test_a_run_that_ended_holds_the_lease_again_for_what_follows_it(here: Clone, clock: Clock) -> None:
    with here.record("uno") as record:
        with acquire(record, clock) as lease:
            lease.resume()  # it has it: nothing is asked
            record.append(Event(kind=EventKind.RUN_ENDED, at=clock(), run="uno"))
            record.publish()
            lease.resume()
            tenure = holder(record.events())
            assert tenure is not None
            assert tenure.run == "uno"
        assert holder(record.events()) is None
    assert leases(here) == [("uno", "pide"), ("uno", "pide"), ("uno", "libera")]


def test_a_lease_that_another_clone_took_at_the_end_of_the_run_is_not_resumed(
    here: Clone, there: Clone, clock: Clock
) -> None:
    with here.record("uno") as record, there.record("dos") as other, acquire(record, clock) as lease:
        record.append(Event(kind=EventKind.RUN_ENDED, at=clock(), run="uno"))
        record.publish()
        with acquire(other, clock):
            with pytest.raises(BusyError, match="dos está aplicando"):
                lease.resume()
            assert holder(record.events()) is not None


def test_a_lease_that_went_while_it_was_asked_for_is_not_had(
    here: Clone, there: Clone, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with here.record("uno") as record, there.record("dos") as other:
        lease = acquire(record, clock)
        monkeypatch.setattr(other, "refresh", lambda: None)  # it sees nothing of the other's
        publish = other.publish

        def then_released() -> None:
            publish()
            lease.release()
            Bitacora.refresh(other)

        monkeypatch.setattr(other, "publish", then_released)
        with pytest.raises(BusyError, match="se soltó mientras se pedía"):
            acquire(other, clock)


def test_a_lease_that_cannot_be_given_back_is_said_unless_something_worse_was(
    here: Clone, remote: Clone, tmp_path: Path, clock: Clock
) -> None:
    with here.record("uno") as record:
        lease = acquire(record, clock)
        away = remote.path.rename(tmp_path / "lejos.git")
        with pytest.raises(RecordError, match="No se pudo leer la rama"), lease:
            pass
        lease.release()  # there is nothing more to give back
    away.rename(remote.path)
    with here.record("dos") as record:
        lease = acquire(record, clock)
        remote.path.rename(away)
        with pytest.raises(ZeroDivisionError), lease:
            raise ZeroDivisionError
    away.rename(remote.path)
    with here.record("tres") as record:
        acquire(record, clock).release()


def test_a_record_that_cannot_be_written_gives_no_lease(here: Clone, remote: Clone, clock: Clock) -> None:
    remote.hook("pre-receive", "exit 1")
    with here.record("uno") as record, pytest.raises(RecordError, match="no aceptó"):
        acquire(record, clock)
    (remote.git_dir / "hooks/pre-receive").unlink()
    with here.record("dos") as record:
        acquire(record, clock).release()


def asked(run: str, minute: int, hasta: JSON, **data: JSON) -> Event:
    more: dict[str, JSON] = {"hasta": hasta, "clon": "c", "equipo": "e"}
    return Event(kind=EventKind.LEASE, at=NOON + timedelta(minutes=minute), run=run, data=more | data)


@pytest.mark.parametrize("hasta", [None, 7, "mañana", "2026-11-24T23:00:00", "0001-01-01T00:00:00+23:59"])
def test_a_lease_without_a_readable_end_keeps_nobody_out(hasta: JSON) -> None:
    first = holder([asked("uno", 0, hasta)])
    assert first is not None
    assert first.until == NOON
    second = holder([asked("uno", 0, hasta), asked("dos", 0, "2026-11-24T12:30:00.000000Z")])
    assert second is not None
    assert second.run == "dos"


def test_only_the_same_clone_may_relieve_a_run() -> None:
    until = "2026-11-24T12:30:00.000000Z"
    for clon, run in (("c", "dos"), ("otro", "uno")):
        tenure = holder([asked("uno", 0, until), asked("dos", 1, until, sustituye="uno", clon=clon)])
        assert tenure is not None
        assert tenure.run == run


def test_what_a_dead_run_published_late_does_not_take_the_lease_from_the_living() -> None:
    late = asked("uno", 5, "2026-11-24T12:35:00.000000Z")
    living = asked("dos", 31, "2026-11-24T13:01:00.000000Z")
    tenure = holder([asked("uno", 0, "2026-11-24T12:30:00.000000Z"), living, late])
    assert tenure is not None
    assert tenure.run == "dos"


def test_the_name_of_a_run_sorts_by_time_and_names_files(here: Clone, clock: Clock) -> None:
    early = new_run(clock)
    clock.go(1)
    late = new_run(clock)
    assert early < late
    assert early.startswith("20261124T120000Z-")
    here.record(late).close()


def test_a_lock_that_cannot_be_made_is_a_record_error(here: Clone, clock: Clock) -> None:
    (here.folder / "arriendo").mkdir(parents=True)
    with here.record("uno") as record, pytest.raises(RecordError, match="No se pudo guardar el arriendo"):
        acquire(record, clock)


def test_a_lease_from_a_clock_that_was_ahead_names_its_machine_and_yields_once_its_run_is_distrusted(
    here: Clone, there: Clone, clock: Clock
) -> None:
    die_holding(here, "uno")
    clock.go(-60 * 24 * 365)
    with there.record("dos") as record:
        with pytest.raises(BusyError, match=f"corrida uno, del equipo {socket.gethostname()} .*reloj") as caught:
            acquire(record, clock)
        assert "relojes_malos: [uno]" in caught.value.remedy
        with acquire(record, clock, distrusted=("uno",)):
            tenure = holder(record.events())
            assert tenure is not None
            assert tenure.run == "dos"
            with here.record("tres") as other, pytest.raises(BusyError, match="La corrida dos está aplicando"):
                acquire(other, clock)
    assert leases(here) == [("uno", "pide"), ("dos", "uno"), ("dos", "libera")]


def test_distrust_takes_no_lease_whose_clock_is_right(here: Clone, there: Clone, clock: Clock) -> None:
    die_holding(here, "uno")
    clock.go(-30)
    with there.record("dos") as record, pytest.raises(BusyError, match="La corrida uno está aplicando"):
        acquire(record, clock, distrusted=("uno",))
