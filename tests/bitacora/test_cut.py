"""A chain cut off, rewritten or damaged since this clone saw it stops whoever would write or read on."""

from __future__ import annotations

import pytest

from reconciler.errors import RecordError
from tests.clones import BRANCH, Clone, event, put


@pytest.mark.parametrize("how", ["cut", "rewritten", "removed"])
def test_a_published_chain_that_was_cut_or_rewritten_stops_whoever_saw_it(
    here: Clone, there: Clone, remote: Clone, how: str
) -> None:
    with here.record("uno") as ours:
        put(ours, 1)
        before = str(remote.tip())
        put(ours, 2)
    whole = str(remote.tip())
    if how == "removed":
        remote.git("update-ref", "-d", BRANCH)
    else:
        remote.git("update-ref", BRANCH, before)
    if how == "rewritten":
        with there.record("dos") as theirs:
            put(theirs, 1)
    with here.record("tres") as later:
        later.append(event("tres", 1))
        with pytest.raises(RecordError, match="recortada o reescrita: su línea 2"):
            later.publish()
        with pytest.raises(RecordError, match="recortada o reescrita"):
            later.refresh()
        here.git("push", "--quiet", "--force", "origin", f"{BRANCH}:{BRANCH}")  # what the message advises
        assert remote.tip() == whole
        later.publish()
    assert remote.ids() == ["uno/1", "uno/2", "tres/1"]


def test_a_local_chain_without_remote_that_was_cut_stops_whoever_saw_it(alone: Clone) -> None:
    with alone.record("uno") as record:
        put(record, 1)
        before = str(alone.tip())
        put(record, 2)
    alone.git("update-ref", BRANCH, before)
    with alone.record("dos") as later, pytest.raises(RecordError, match="recortada o reescrita"):
        later.events()


@pytest.mark.parametrize("content", [b"", b"\0" * 41], ids=["empty", "zeros"])
def test_a_branch_that_a_crash_damaged_is_not_taken_for_a_new_record(alone: Clone, content: bytes) -> None:
    with alone.record("uno") as record:
        put(record, 1)
    (alone.git_dir / BRANCH).write_bytes(content)
    (alone.folder / "cabeza-.local").unlink()
    with alone.record("dos") as later:
        with pytest.raises(RecordError, match="broken ref"):
            later.events()
        later.append(event("dos", 1))
        with pytest.raises(RecordError, match="broken ref"):
            later.publish()


def test_a_note_of_the_end_that_cannot_be_read_is_said(alone: Clone) -> None:
    with alone.record("uno") as record:
        put(record, 1)
    (alone.folder / "cabeza-.local").write_text("")
    with alone.record("dos") as later, pytest.raises(RecordError, match=r"cabeza-\.local» no se puede leer"):
        later.events()
