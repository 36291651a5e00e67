"""Disks that are full or fail: what could not be stored is refused whole, and what was stays."""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reconciler.errors import RecordError
from tests.clones import Clone, event


@contextmanager
def full_disk(limit: int) -> Iterator[None]:
    """Let no file of this process, nor of git under it, grow above some bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_refuses_the_append_whole_and_everything_after_it(alone: Clone) -> None:
    with alone.record("uno") as record:
        record.append(event("uno", 1))
        kept = alone.journal("uno").read_bytes()
        with full_disk(len(kept) + 100), pytest.raises(RecordError, match="No se pudo guardar lo anotado"):
            record.append(event("uno", 2), event("uno", 3))
        assert alone.journal("uno").read_bytes() == kept
        with pytest.raises(RecordError, match="ya falló una vez"):
            record.append(event("uno", 4))
        assert list(record.events()) == [event("uno", 1)]
    with alone.record("dos") as later:
        later.publish()
    assert alone.ids() == ["uno/1"]


@pytest.mark.parametrize("verbs", [["fsync"], ["fsync", "ftruncate"]])
def test_a_disk_that_fails_to_sync_is_believed_nothing_more(
    alone: Clone, monkeypatch: pytest.MonkeyPatch, verbs: list[str]
) -> None:
    def failing(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with alone.record("uno") as record:
        record.append(event("uno", 1))
        for verb in verbs:
            monkeypatch.setattr(os, verb, failing)
        with pytest.raises(RecordError, match="el disco falló"):
            record.append(event("uno", 2))
        monkeypatch.undo()
        with pytest.raises(RecordError, match="ya falló una vez"):
            record.append(event("uno", 3))


def test_a_journal_whose_folder_cannot_be_synced_is_not_begun(alone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with alone.record("uno") as record:
        monkeypatch.setattr(os, "fsync", failing)
        with pytest.raises(RecordError, match="el disco falló"):
            record.append(event("uno", 1))
        monkeypatch.undo()
        assert alone.journals == []
        record.append(event("uno", 1))
        record.publish()
    assert alone.ids() == ["uno/1"]


def test_a_small_file_that_does_not_fit_leaves_nothing(alone: Clone) -> None:
    with full_disk(5), pytest.raises(RecordError, match="la identidad de esta copia"):
        alone.record("uno").clone()
    assert [path.name for path in alone.folder.iterdir()] == ["bloqueo"]


def test_a_full_disk_under_git_publishes_nothing_and_loses_nothing(alone: Clone) -> None:
    with alone.record("uno") as record:
        record.append(*(event("uno", n, texto=os.urandom(3000).hex()) for n in (1, 2, 3)))
        with full_disk(4000), pytest.raises(RecordError):
            record.publish()
        assert alone.tip() is None
        record.publish()
    assert alone.ids() == ["uno/1", "uno/2", "uno/3"]


def test_a_full_disk_where_the_end_of_the_chain_is_noted_is_told_and_done_again(
    alone: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(_: Path, __: Path) -> Path:
        raise OSError(errno.ENOSPC, "No space left on device")

    with alone.record("uno") as record:
        record.append(event("uno", 1))
        monkeypatch.setattr(Path, "replace", failing)
        with pytest.raises(RecordError, match="la última línea vista de la bitácora: no queda espacio"):
            record.publish()
        assert [path.name for path in alone.folder.glob("*cabeza*")] == []
        monkeypatch.undo()
        record.publish()
    assert alone.ids() == ["uno/1"]
    assert alone.commits() == 1
