"""The branch that only grows: moved by compare-and-swap, pushed only forward, deaf to hooks and configuration."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from reconciler.errors import ConfigurationError, LostRaceError, RecordError
from reconciler.repository import Repository, init
from reconciler.repository.door import Answer, Door
from reconciler.repository.index import temporary_index
from tests.clones import BRANCH, Clone, clone, grown, in_processes

SECRET = "s3cr/e@to"  # noqa: S105  # what is looked for where it must not be
IMPATIENT = 1.0


@pytest.fixture
def other(tmp_path: Path, remote: Clone) -> Clone:
    return clone(tmp_path / "otra", remote)


def test_a_commit_adds_its_files_to_its_parents_byte_by_byte(one: Clone) -> None:
    branch = one.branch()
    assert branch.head() is None
    first = branch.commit(None, {"b/c/ñandú.txt": b"\r\n\x00\xff", "vacío": b""}, "Dos\n", expected=None)
    second = branch.commit(first, {"d": b"dos"}, "Más\n", expected=first)
    assert branch.head() == second == one.tip()
    listing = branch.listing(second)
    assert set(listing) == {"b/c/ñandú.txt", "vacío", "d"}
    assert dict(zip(listing, (data for _, data in branch.blobs(listing.values())), strict=True)) == {
        "b/c/ñandú.txt": b"\r\n\x00\xff",
        "vacío": b"",
        "d": b"dos",
    }
    assert [change.commit for change in branch.history(second)] == [first, second]
    assert branch.is_ancestor(first, second)
    assert not branch.is_ancestor(second, first)
    one.git("fsck", "--strict")


def test_a_commit_of_nothing_new_is_a_commit(one: Clone) -> None:
    branch = one.branch()
    assert branch.listing(branch.commit(None, {}, "Nada\n", expected=None)) == {}


def test_the_branch_moves_only_from_where_it_was_expected(one: Clone) -> None:
    branch = one.branch()
    first = grown(branch)
    second = grown(branch, "b")
    for expected in (None, first, "f" * 40):
        with pytest.raises(LostRaceError, match="Otro proceso movió la rama"):
            branch.commit(second, {"c": b""}, "Tarde\n", expected=expected)
        with pytest.raises(LostRaceError):
            branch.move(first, expected=expected)
    assert branch.head() == second
    branch.move(first, expected=second)
    assert branch.head() == first


def test_a_lock_left_behind_or_a_name_in_the_way_is_no_race(one: Clone) -> None:
    branch = one.branch()
    grown(branch)
    lock = one.git_dir / f"{BRANCH}.lock"
    lock.touch()
    with pytest.raises(RecordError, match="cannot lock ref") as caught:
        grown(branch, "b")
    assert not isinstance(caught.value, LostRaceError)
    lock.unlink()
    one.git("update-ref", "refs/heads/otra/bitacora", BRANCH)
    with Repository.open(one.path) as repository:
        blocked = repository.branch("otra", None)
    with pytest.raises(RecordError) as caught:
        grown(blocked)
    assert not isinstance(caught.value, LostRaceError)


def test_what_names_no_commit_is_refused(one: Clone) -> None:
    branch = one.branch()
    grown(branch)
    for use in (
        lambda: branch.listing("f" * 40),
        lambda: list(branch.history("f" * 40)),
        lambda: list(branch.blobs(["f" * 40])),
        lambda: branch.is_ancestor("f" * 40, "e" * 40),
        lambda: branch.commit("f" * 40, {}, "x\n", expected=branch.head()),
    ):
        with pytest.raises(RecordError):
            use()


def test_push_and_fetch_carry_the_branch_and_nothing_else(one: Clone, other: Clone, remote: Clone) -> None:
    ours, theirs = one.branch(), other.branch()
    assert (ours.fetch(), ours.remote_head()) == (None, None)
    first = grown(ours)
    one.git("update-ref", "refs/heads/main", first)
    one.git("tag", "v1", first)
    ours.push(first)
    ours.push(first)
    assert ours.remote_head() == first
    assert theirs.remote_head() is None
    assert theirs.fetch() == theirs.remote_head() == first
    assert theirs.head() is None
    assert remote.git("for-each-ref", "--format=%(refname)") == BRANCH
    assert other.git("for-each-ref", "--format=%(refname)") == "refs/remotes/origin/bitacora"


def test_a_push_that_would_not_only_add_loses(one: Clone, other: Clone, remote: Clone) -> None:
    ours, theirs = one.branch(), other.branch()
    first = grown(ours)
    ours.push(first)
    stranger = grown(theirs, "b")
    with pytest.raises(LostRaceError, match=r"Otro escribe al mismo tiempo en la rama «bitacora» de «origin»"):
        theirs.push(stranger)
    second = grown(ours, "c")
    ours.push(second)
    with pytest.raises(LostRaceError):
        ours.push(first)
    one.git("config", "remote.origin.push", f"+{BRANCH}:{BRANCH}")
    one.git("config", "push.default", "matching")
    with pytest.raises(LostRaceError):
        ours.push(first)
    assert remote.tip() == second


def test_a_refusal_of_the_remote_is_no_race_whatever_it_says(one: Clone, remote: Clone) -> None:
    remote.hook("update", "echo 'non-fast-forward, fetch first, cannot lock ref'; exit 1")
    branch = one.branch()
    with pytest.raises(RecordError, match=r"origin» no aceptó la bitácora.*hook declined.*fetch first") as caught:
        branch.push(grown(branch))
    assert not isinstance(caught.value, LostRaceError)
    assert remote.tip() is None
    assert branch.remote_head() is None


def test_a_remote_branch_that_is_gone_is_seen_as_gone(one: Clone, remote: Clone) -> None:
    branch = one.branch()
    branch.push(grown(branch))
    remote.git("update-ref", "-d", BRANCH)
    assert branch.remote_head() is not None
    assert branch.fetch() is None
    assert branch.remote_head() is None


def test_an_absent_branch_is_told_from_a_failure_however_much_the_server_says(one: Clone, tmp_path: Path) -> None:
    script = tmp_path / "sube"
    script.write_text(
        '#!/bin/sh\nyes "Aviso: uso exclusivo de Gobierno." | head -c 200000 >&2\ngit-upload-pack "$@"\n'
    )
    script.chmod(0o755)
    one.git("config", "remote.origin.uploadpack", str(script))
    assert one.branch().fetch() is None


def test_a_remote_that_is_not_there_is_said(one: Clone, tmp_path: Path) -> None:
    one.git("remote", "set-url", "origin", str(tmp_path / "no-existe.git"))
    branch = one.branch()
    with pytest.raises(RecordError, match=r"No se pudo leer la rama «bitacora» de «origin».*no-existe"):
        branch.fetch()
    with pytest.raises(RecordError, match=r"no aceptó la bitácora.*no-existe"):
        branch.push(grown(branch))


def test_a_remote_that_is_not_configured_counts_as_none(one: Clone) -> None:
    with Repository.open(one.path) as repository:
        for name in ("ninguno", None):
            branch = repository.branch("bitacora", name)
            assert (branch.remote, branch.fetch(), branch.remote_head()) == (None, None, None)


def test_neither_the_working_copy_nor_its_index_is_touched(one: Clone) -> None:
    (one.path / "a").write_text("mío")
    one.git("add", "a")
    index = (one.git_dir / "index").read_bytes()
    branch = one.branch()
    branch.push(grown(branch, "a", b"de la rama"))
    assert (one.git_dir / "index").read_bytes() == index
    assert (one.path / "a").read_text() == "mío"
    assert one.git("status", "--porcelain") == "A  a"


def test_a_bare_repository_and_a_linked_working_copy_share_the_branch(remote: Clone, tmp_path: Path) -> None:
    first = grown(remote.branch())
    remote.git("update-ref", "refs/heads/main", first)
    remote.git("worktree", "add", "--quiet", str(tmp_path / "ligada"), "main")
    with Repository.open(tmp_path / "ligada") as linked:
        branch = linked.branch("bitacora", None)
        second = grown(branch, "b")
        assert linked.git_dir == remote.path
        assert linked.head_of("bitacora") == second
    assert remote.tip() == second


def test_a_repository_of_sha256_is_refused_by_its_name(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", "--object-format=sha256", str(tmp_path / "otro")], check=True)
    with pytest.raises(ConfigurationError, match="SHA-256"):
        Repository.open(tmp_path / "otro")


def test_a_damaged_branch_is_not_an_absent_one(one: Clone) -> None:
    grown(one.branch())
    (one.git_dir / BRANCH).write_bytes(b"")
    with pytest.raises(RecordError, match="broken ref"):
        one.branch().head()
    with Repository.open(one.path) as repository, pytest.raises(ConfigurationError, match="broken ref"):
        repository.head_of("bitacora")


def test_a_folder_given_by_a_relative_path_can_be_made_and_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    init(Path("relativa"))
    with Repository.open(Path("relativa")) as repository:
        assert repository.path == tmp_path / "relativa"
        assert repository.head_of("main") is None
    assert os.listdir(tmp_path) == ["relativa"]  # noqa: PTH208


def test_a_kill_leaves_no_index_after_the_next_commit_and_none_outside_git(
    one: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "tmp"
    outside.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(outside))
    run = Door.run

    def killed() -> None:
        def until_the_tree(door: Door, *words: str, **more: Any) -> Answer:
            if words[0] == "write-tree":
                os.kill(os.getpid(), signal.SIGKILL)
            return run(door, *words, **more)

        monkeypatch.setattr(Door, "run", until_the_tree)
        grown(one.branch())

    assert in_processes(killed) == [-signal.SIGKILL]
    assert len(list(one.folder.glob("indice-*/index"))) == 1
    grown(one.branch())
    assert list(one.folder.glob("indice-*")) == []
    assert list(outside.iterdir()) == []


def test_an_index_in_use_is_swept_by_nobody(one: Clone) -> None:
    with temporary_index(one.folder) as path:
        path.touch()
        grown(one.branch())
        assert path.exists()
    assert list(one.folder.glob("indice-*")) == []


def test_many_commits_at_once_all_keep_their_index(one: Clone) -> None:
    def job() -> None:
        branch = one.branch()
        for number in range(5):
            with suppress(LostRaceError):
                branch.commit(None, {f"a{number}": b"uno"}, "Uno\n", expected=None)

    assert in_processes(job, job, job) == [0, 0, 0]
    assert list(one.folder.glob("indice-*")) == []
