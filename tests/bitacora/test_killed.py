"""A process killed at any step of writing: the next run publishes what it had appended, once."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path

import pytest

from reconciler.bitacora import Bitacora
from reconciler.errors import RecordError
from tests.clones import Clone, bare, clone, event, in_processes

STEPS = {"subprocess.Popen", "os.truncate", "os.rename", "os.remove", "os.mkdir", "fcntl.flock"}
"""What Python announces before it does it (PEP 578); opening a file counts where it is ours."""

PARTS = 6
"""The steps are many: one test takes every sixth."""


def killed_at(step: int, folder: Path) -> None:
    """From now on count what this process sets out to do, and die before the step of that number."""
    counted = 0

    def watch(what: str, words: tuple[object, ...]) -> None:
        nonlocal counted
        if what in STEPS or (what == "open" and str(words[0]).startswith(str(folder))):
            counted += 1
            if counted == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


def run_to(step: int, one: Clone, promises: Path) -> Callable[[], None]:
    """Write as a run of apply does; note outside what was promised to be on record."""

    def job() -> None:
        paper = os.open(promises, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        killed_at(step, one.folder)
        with one.record("uno") as record:
            record.append(event("uno", 1), event("uno", 2))
            os.write(paper, b"uno/1\nuno/2\n")
            record.publish()
            record.append(event("uno", 3))
            os.write(paper, b"uno/3\n")
            record.publish()
        os.write(paper, b"fin\n")

    return job


@pytest.mark.parametrize("part", range(1, PARTS + 1))
def test_killed_at_any_step_what_was_promised_is_published_once(tmp_path: Path, part: int) -> None:
    for step in range(part, 1000, PARTS):
        remote = bare(tmp_path / f"{step}.git")
        here, there = clone(tmp_path / f"{step}", remote), clone(tmp_path / f"{step}-otra", remote)
        promises = tmp_path / f"{step}.txt"
        (ended,) = in_processes(run_to(step, here, promises))
        promised = promises.read_text().split()
        assert (ended == 0) is ("fin" in promised)
        with here.record("dos") as later, there.record("tres") as elsewhere:
            later.append(event("dos", 1))
            later.publish()
            elsewhere.refresh()
            seen = [(one.run, one.data["cambio"]) for one in elsewhere.events()]
        ids = remote.ids()
        assert ids == here.ids()
        assert seen == [(run, f"c{number}") for run, number in (name.split("/") for name in ids)]
        assert len(set(ids)) == len(ids)
        assert ids[-1] == "dos/1"
        assert ids[:-1] == ["uno/1", "uno/2", "uno/3"][: len(ids) - 1]
        assert set(promised) - {"fin"} <= set(ids)
        assert here.journals == []
        if ended == 0:
            assert step > 40, "too few steps were seen to trust this"
            return
        assert ended == -signal.SIGKILL
    raise AssertionError("the run never came to its end")


def test_killed_while_the_remote_takes_the_push_the_facts_are_there_once(
    here: Clone, remote: Clone, tmp_path: Path
) -> None:
    arrived, go = tmp_path / "llego", tmp_path / "siga"
    remote.hook("pre-receive", f'touch "{arrived}"; while [ ! -e "{go}" ]; do sleep 0.02; done')

    def job() -> None:
        with here.record("uno") as record:
            record.append(event("uno", 1))
            record.publish()

    process = get_context("fork").Process(target=job)
    process.start()
    until(arrived.exists)
    assert process.pid is not None
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    go.touch()  # its git pushes on, while the next run pushes too
    with here.record("dos", sleep=time.sleep) as later:
        later.append(event("dos", 1))
        later.publish()
    assert remote.ids() == here.ids() == ["uno/1", "dos/1"]


def test_killed_at_random_again_and_again_nothing_is_lost_or_doubled(here: Clone, remote: Clone) -> None:
    for turn in range(8):
        run = f"r{turn}"

        def job(run: str = run) -> None:
            with here.record(run, sleep=time.sleep) as record:
                for number in range(1, 50):
                    record.append(event(run, number))
                    published(record)

        process = get_context("fork").Process(target=job)
        process.start()
        time.sleep(0.05 * (turn + 1))  # anywhere: the promise does not depend on where
        process.kill()
        process.join()
    with here.record("fin", sleep=time.sleep) as last:
        last.append(event("fin", 1))
        until(lambda: published(last))
    ids = remote.ids()
    assert len(set(ids)) == len(ids)
    assert ids[-1] == "fin/1"
    for run in {name.partition("/")[0] for name in ids}:
        mine = [int(name.partition("/")[2]) for name in ids if name.startswith(f"{run}/")]
        assert mine == list(range(1, len(mine) + 1))
    assert here.journals == []


def published(record: Bitacora) -> bool:
    """Publish, unless a git that outlived its killed parent is still at it."""
    with suppress(RecordError):
        record.publish()
        return True
    return False


def until(true: Callable[[], bool]) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)
