"""A branch that proposes something: one commit on the main line, and nothing else is touched."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconciler.errors import ConfigurationError, UsageError
from reconciler.repository import Person, Repository, init
from tests.scratch import Scratch

WHO = Person("Mesa de Ayuda", "mesa@ejemplo.mx")
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)
NAME = "solicitud/saf-juan.perez-saf-1"


@pytest.fixture(name="clone")
def _clone(tmp_path: Path) -> Scratch:
    clone = Scratch(tmp_path / "clon")
    clone.write("accounts/SAF.yaml", "a: 1\n")
    clone.write("otro.txt", "x\n")
    clone.commit("Principio")
    return clone


def test_a_proposal_is_one_commit_and_neither_working_copy_nor_index_change(clone: Scratch) -> None:
    base = clone.git("rev-parse", "HEAD")
    clone.write("otro.txt", "a medias\n")
    clone.write("nuevo.txt", "sin añadir\n")
    clone.git("add", "otro.txt")
    before = clone.git("status", "--porcelain")
    with Repository.open(clone.path) as repository:
        topic = repository.topic(NAME, None)
        commit = topic.commit(base, {"accounts/SAF.yaml": b"a: 2\n"}, "Alta\n\nOficio: 1\n", WHO, AT)
        found = topic.found(base)
        assert found is not None
        assert (found.commit, found.base) == (commit, base)
    assert clone.git("status", "--porcelain") == before
    assert clone.git("symbolic-ref", "HEAD") == "refs/heads/main"
    assert clone.git("diff", "--name-only", base, NAME) == "accounts/SAF.yaml"
    assert clone.git("log", "-1", "--format=%an <%ae> %cn %aI|%B", NAME).startswith(
        "Mesa de Ayuda <mesa@ejemplo.mx> Mesa de Ayuda 2026-11-20T12:00:00+00:00|Alta"
    )


def test_a_branch_that_is_there_is_never_moved(clone: Scratch) -> None:
    base = clone.git("rev-parse", "HEAD")
    with Repository.open(clone.path) as repository:
        topic = repository.topic(NAME, None)
        commit = topic.commit(base, {"accounts/SAF.yaml": b"a: 2\n"}, "Una", WHO, AT)
        with pytest.raises(UsageError, match="no se sobrescribe"):
            topic.commit(base, {"accounts/SAF.yaml": b"a: 3\n"}, "Otra", WHO, AT)
        assert clone.git("rev-parse", NAME) == commit


def test_a_branch_with_somebodys_own_commits_is_no_proposal(clone: Scratch) -> None:
    base = clone.git("rev-parse", "HEAD")
    clone.git("switch", "--quiet", "--create", NAME)
    clone.commit("Una")
    clone.commit("Dos")
    with Repository.open(clone.path) as repository, pytest.raises(UsageError, match="otra cosa"):
        repository.topic(NAME, None).found(base)


def test_a_branch_whose_name_is_in_the_way_is_named(clone: Scratch) -> None:
    clone.git("branch", "solicitud")
    base = clone.git("rev-parse", "HEAD")
    with Repository.open(clone.path) as repository, pytest.raises(UsageError, match="Hay una rama «solicitud»"):
        repository.topic(NAME, None).commit(base, {}, "Una", WHO, AT)


@pytest.mark.parametrize(
    "name", ["main", "solicitud/../main", "solicitud/a..b", "solicitud/-x", "solicitud/a b", "x/"]
)
def test_a_name_that_is_no_proposals_is_a_defect_of_ours(clone: Scratch, name: str) -> None:
    with Repository.open(clone.path) as repository, pytest.raises(ValueError, match="not the name"):
        repository.topic(name, None)


def test_a_pushed_proposal_is_found_by_other_clones_and_another_one_is_refused(
    clone: Scratch, tmp_path: Path
) -> None:
    init(tmp_path / "remoto.git", bare=True)
    clone.git("remote", "add", "origin", str(tmp_path / "remoto.git"))
    clone.git("push", "--quiet", "origin", "main")
    clone.git("clone", "--quiet", str(tmp_path / "remoto.git"), str(tmp_path / "otro"))
    base = clone.git("rev-parse", "HEAD")
    with Repository.open(clone.path) as here, Repository.open(tmp_path / "otro") as there:
        topic = here.topic(NAME, "origin")
        commit = topic.commit(base, {"accounts/SAF.yaml": b"a: 2\n"}, "Una", WHO, AT)
        topic.push(commit)
        topic.push(commit)
        other = there.topic(NAME, "origin")
        mine = other.commit(base, {"accounts/SAF.yaml": b"a: 3\n"}, "Otra", WHO, AT)
        with pytest.raises(UsageError, match="no se sobrescribe"):
            other.push(mine)
        clone.git("-C", str(tmp_path / "otro"), "fetch", "--quiet")
        clone.git("-C", str(tmp_path / "otro"), "branch", "--quiet", "-D", NAME)
        found = other.found(base)
        assert found is not None
        assert found.commit == commit


def test_a_remote_that_is_not_there_is_said(clone: Scratch, tmp_path: Path) -> None:
    clone.git("remote", "add", "origin", str(tmp_path / "nada.git"))
    base = clone.git("rev-parse", "HEAD")
    with Repository.open(clone.path) as repository:
        topic = repository.topic(NAME, "origin")
        commit = topic.commit(base, {}, "Una", WHO, AT)
        with pytest.raises(ConfigurationError, match=r"nada\.git"):
            topic.push(commit)
