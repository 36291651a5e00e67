"""An event is published once, wherever it goes wrong: lost races, refusals, remotes that go or answer badly."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from reconciler.bitacora.bitacora import TRIES
from reconciler.errors import LostRaceError, RecordError
from reconciler.repository import GitBranch
from tests.clones import BRANCH, Clone, bare, clone, event, in_processes, put


def first(branch: GitBranch, verb: str, meddle: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let something happen just before a branch does something for the first time."""
    done = getattr(branch, verb)
    turns = itertools.count()

    def meddled(*words: Any, **more: Any) -> Any:
        if next(turns) == 0:
            meddle()
        return done(*words, **more)

    monkeypatch.setattr(branch, verb, meddled)


def wait_for_nothing(_: float) -> None:
    """Stand where the loser of a race waits."""


def test_a_publication_is_one_commit_on_the_branch_and_on_the_remote(here: Clone, remote: Clone) -> None:
    with here.record("uno") as record:
        put(record, 1, 2)
        put(record, 3)
    assert here.ids() == remote.ids() == ["uno/1", "uno/2", "uno/3"]
    assert here.tip() == remote.tip()
    assert remote.commits() == 2
    assert set(remote.files()) == {
        "bitacora.json",
        "eventos/2026/uno/0001.jsonl",
        "eventos/2026/uno/0002.jsonl",
    }
    assert remote.git("log", "--format=%s", BRANCH).splitlines() == [
        "Bitácora: 1 hecho de uno",
        "Bitácora: 2 hechos de uno",
    ]


def test_nothing_to_publish_makes_no_commit(here: Clone, remote: Clone) -> None:
    with here.record("uno") as record:
        record.publish()
        assert remote.tip() is None
        put(record, 1)
        record.publish()
    assert remote.commits() == 1


def test_another_clone_reads_what_was_published_once_it_asks(here: Clone, there: Clone) -> None:
    with here.record("uno") as ours, there.record("dos") as theirs:
        put(ours, 1)
        assert theirs.events() == ()
        theirs.refresh()
        assert list(theirs.events()) == [event("uno", 1)]
        put(theirs, 1)
        assert list(ours.events()) == [event("uno", 1)]
        ours.refresh()
        assert list(ours.events()) == [event("uno", 1), event("dos", 1)]


def test_the_loser_of_the_remote_chains_anew_and_the_winner_stays(
    here: Clone, there: Clone, remote: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    branch = here.branch()
    with here.record("uno", branch, wait_for_nothing) as ours, there.record("dos") as theirs:
        put(ours, 1)
        first(branch, "push", lambda: put(theirs, 1, 2), monkeypatch)
        put(ours, 2)
    assert remote.ids() == ["uno/1", "dos/1", "dos/2", "uno/2"]
    assert here.tip() == remote.tip()
    assert "merge" not in remote.git("rev-list", "--min-parents=2", BRANCH)


def test_the_loser_of_the_local_branch_starts_over(
    here: Clone, there: Clone, remote: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    branch = here.branch()

    def pulled_by_hand() -> None:
        with there.record("dos") as theirs:
            put(theirs, 1)
        here.git("fetch", "--quiet", "origin", f"{BRANCH}:{BRANCH}")

    with here.record("uno", branch, wait_for_nothing) as record:
        put(record, 1)
        first(branch, "commit", pulled_by_hand, monkeypatch)
        put(record, 2)
    assert remote.ids() == here.ids() == ["uno/1", "dos/1", "uno/2"]


def test_the_loser_of_a_branch_without_remote_loses_nothing_of_the_winner(
    alone: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    branch, pushing = alone.branch(), clone(tmp_path / "otra", alone)

    def pushed_into_it() -> None:
        with pushing.record("dos") as theirs:
            put(theirs, 1)

    with alone.record("uno", branch, wait_for_nothing) as record:
        put(record, 1)
        first(branch, "commit", pushed_into_it, monkeypatch)
        put(record, 2)
    assert alone.ids() == ["uno/1", "dos/1", "uno/2"]


def test_losing_for_ever_is_given_up_with_what_was_said_last(here: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    branch = here.branch()
    waits: list[float] = []

    def lose(_: str) -> None:
        raise LostRaceError("Alguien escribe sin parar.", remedy="Vuelva a correr.")

    monkeypatch.setattr(branch, "push", lose)
    with here.record("uno", branch, waits.append) as record:
        record.append(event("uno", 1))
        with pytest.raises(RecordError, match=r"en 10 intentos\. Alguien escribe sin parar"):
            record.publish()
        assert len(waits) == TRIES
        assert all(0 < wait <= 7.5 for wait in waits)
        monkeypatch.undo()
        record.publish()
    assert here.ids() == ["uno/1"]


def test_a_remote_that_refuses_stops_at_once_with_its_own_words(here: Clone, remote: Clone) -> None:
    remote.hook("pre-receive", "echo 'fetch first: la rama esta protegida'; exit 1")
    with here.record("uno") as record:
        record.append(event("uno", 1))
        with pytest.raises(RecordError, match=r"origin» no aceptó.*la rama esta protegida"):
            record.publish()
        assert list(record.events()) == [event("uno", 1)]
        (remote.git_dir / "hooks/pre-receive").unlink()
    with here.record("dos") as later:
        put(later, 1)
    assert remote.ids() == ["uno/1", "dos/1"]


def test_a_remote_whose_branch_is_locked_is_tried_again_and_then_named(here: Clone, remote: Clone) -> None:
    lock = remote.path / f"{BRANCH}.lock"
    lock.touch()
    with here.record("uno", sleep=wait_for_nothing) as record:
        record.append(event("uno", 1))
        with pytest.raises(RecordError, match=r"en 10 intentos\. .*cannot lock ref"):
            record.publish()
        lock.unlink()
        record.publish()
    assert remote.ids() == ["uno/1"]
    assert remote.commits() == 1


def test_a_remote_that_is_gone_is_said_and_what_was_appended_waits(
    here: Clone, remote: Clone, tmp_path: Path
) -> None:
    with here.record("uno") as record:
        put(record, 1)
        record.append(event("uno", 2))
        away = remote.path.rename(tmp_path / "lejos.git")
        with pytest.raises(RecordError, match="No se pudo leer la rama «bitacora» de «origin»"):
            record.publish()
        away.rename(remote.path)
        record.publish()
    assert remote.ids() == ["uno/1", "uno/2"]


def test_an_error_after_the_remote_took_the_push_counts_as_published(
    here: Clone, remote: Clone, tmp_path: Path
) -> None:
    script = tmp_path / "recibe"
    script.write_text('#!/bin/sh\ngit-receive-pack "$@"\nexit 1\n')
    script.chmod(0o755)
    here.git("config", "remote.origin.receivepack", str(script))
    branch = here.branch()
    with here.record("uno", branch) as record:
        put(record, 1)
        put(record, 2)
    assert remote.ids() == here.ids() == ["uno/1", "uno/2"]
    assert here.journals == []


def test_a_remote_that_goes_once_it_took_the_push_has_it_once(here: Clone, remote: Clone, tmp_path: Path) -> None:
    away = tmp_path / "lejos.git"
    script = tmp_path / "recibe"
    script.write_text(f'#!/bin/sh\ngit-receive-pack "$@"\nmv "{remote.path}" "{away}"\nexit 1\n')
    script.chmod(0o755)
    here.git("config", "remote.origin.receivepack", str(script))
    with here.record("uno") as record:
        record.append(event("uno", 1))
        with pytest.raises(RecordError, match="no aceptó la bitácora"):
            record.publish()
    away.rename(remote.path)
    here.git("config", "--unset", "remote.origin.receivepack")
    with here.record("dos") as later:
        put(later, 1)
    assert remote.ids() == ["uno/1", "dos/1"]


def test_commits_that_never_reached_the_remote_are_chained_again_behind_what_did(
    here: Clone, there: Clone, remote: Clone, tmp_path: Path
) -> None:
    with here.record("uno") as ours, there.record("dos") as theirs:
        put(ours, 1)
        theirs.publish()
        remote.hook("pre-receive", "exit 1")
        ours.append(event("uno", 2))
        with pytest.raises(RecordError):
            ours.publish()
        (remote.git_dir / "hooks/pre-receive").unlink()
        put(theirs, 1)
        ours.refresh()
        assert [one.run for one in ours.events()] == ["uno", "dos", "uno"]
    (here.folder / "pendientes/uno.jsonl").rename(tmp_path / "perdido")  # only the commit is left of it
    with here.record("tres") as later:
        later.publish()
    assert remote.ids() == here.ids() == ["uno/1", "dos/1", "uno/2"]


def test_a_remote_added_later_receives_everything(alone: Clone, tmp_path: Path) -> None:
    with alone.record("uno") as record:
        put(record, 1)
    late = bare(tmp_path / "tardio.git")
    alone.git("remote", "add", "origin", str(late.path))
    with alone.record("dos") as record:
        put(record, 1)
    assert late.ids() == ["uno/1", "dos/1"]


def test_processes_publishing_at_once_lose_nothing_and_duplicate_nothing(
    here: Clone, there: Clone, remote: Clone
) -> None:
    def job(one: Clone, run: str) -> Callable[[], None]:
        def work() -> None:
            with one.record(run, sleep=time.sleep) as record:
                for number in (1, 3, 5):
                    put(record, number, number + 1)

        return work

    jobs = [job(here, "uno"), job(here, "dos"), job(there, "tres"), job(there, "cuatro")]
    assert in_processes(*jobs) == [0, 0, 0, 0]
    expected = {f"{run}/{number}" for run in ("uno", "dos", "tres", "cuatro") for number in range(1, 7)}
    ids = remote.ids()
    assert len(ids) == len(expected)
    assert set(ids) == expected
    for run in ("uno", "dos", "tres", "cuatro"):
        assert [one for one in ids if one.startswith(run)] == [f"{run}/{number}" for number in range(1, 7)]
    assert here.journals == there.journals == []
