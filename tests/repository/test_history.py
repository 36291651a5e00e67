"""What history says: the first-parent line, the graph, comparisons, and what cannot bend them."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

from reconciler.history import FileChange
from reconciler.repository import Repository, fast_import
from tests.scratch import Scratch


def test_the_first_parent_line_has_every_commit_with_the_files_it_changed(
    scratch: Scratch, repository: Repository
) -> None:
    scratch.write("accounts/SAF.yaml", "uno\n")
    scratch.write("otro.txt", "fuera")
    root = scratch.commit("Empieza\n\nCon cuerpo\n\nde dos párrafos")
    plain = scratch.commit("Nada cambia")
    scratch.git("checkout", "--quiet", "-b", "alta")
    scratch.write("accounts/SAF.yaml", "dos\n")
    scratch.write("accounts/Órganos «raros»\n.yaml", "tres\n")
    side = scratch.commit("Alta")
    scratch.git("checkout", "--quiet", "main")
    scratch.git("merge", "--quiet", "--no-ff", "-m", "Merge pull request #7", "alta")
    merge = scratch.git("rev-parse", "HEAD")
    scratch.git("mv", "accounts/SAF.yaml", "accounts/SAyF.yaml")
    moved = scratch.commit("Cambia de nombre")

    line = list(repository.first_parent("main"))

    assert [change.commit for change in line] == [root, plain, merge, moved]
    assert [(change.is_root, change.is_merge) for change in line] == [
        (True, False),
        (False, False),
        (False, True),
        (False, False),
    ]
    assert line[0].subject == "Empieza"
    assert line[0].body == "Con cuerpo\n\nde dos párrafos"
    assert line[0].author == line[0].committer == "Laura Beltrán <laura@ejemplo.mx>"
    assert abs((line[0].at - datetime.now(UTC)).total_seconds()) < 600
    assert [file.path for file in line[0].files] == ["accounts/SAF.yaml"]
    assert line[1].files == ()
    assert line[2].parents == (plain, side)
    assert {file.path for file in line[2].files} == {"accounts/SAF.yaml", "accounts/Órganos «raros»\n.yaml"}
    blob = line[2].files[0].new_blob
    assert blob is not None
    assert line[3].files == (
        FileChange("accounts/SAF.yaml", "100644", "000000", blob, None),
        FileChange("accounts/SAyF.yaml", "000000", "100644", None, blob),
    )
    assert [change.commit for change in repository.first_parent("main", since=plain)] == [merge, moved]
    assert dict(repository.blobs([blob])) == {blob: b"dos\n"}
    assert repository.is_ancestor(side, "main")
    assert not repository.is_first_parent_ancestor(side, "main")
    assert repository.is_first_parent_ancestor(plain, "main")
    assert not repository.is_first_parent_ancestor("main", plain)


def test_the_graph_has_merged_branches_too_and_the_same_replacements_do_not_count(
    scratch: Scratch, repository: Repository
) -> None:
    root = scratch.commit("Empieza")
    scratch.git("checkout", "--quiet", "-b", "alta")
    side = scratch.commit("Alta")
    scratch.git("checkout", "--quiet", "main")
    plain = scratch.commit("Mientras")
    scratch.git("merge", "--quiet", "--no-ff", "-m", "Merge", "alta")
    merge = repository.resolve("main")
    scratch.git("replace", side, root)
    graph = list(repository.graph("main"))
    assert graph[0].commit == merge
    assert {(one.commit, one.parents) for one in graph} == {
        (merge, (plain, side)),
        (plain, (root,)),
        (side, (root,)),
        (root, ()),
    }
    assert {one.author for one in graph} == {"Laura Beltrán <laura@ejemplo.mx>"}


def test_commits_are_compared_with_any_other_in_the_order_asked_for(scratch: Scratch, repository: Repository) -> None:
    scratch.write("accounts/SAF.yaml", "uno\n")
    one = scratch.commit("Uno")
    scratch.write("accounts/SALUD.yaml", "dos\n")
    scratch.write("fuera.txt", "también")
    two = scratch.commit("Dos")
    scratch.git("rm", "--quiet", "accounts/SAF.yaml")
    three = scratch.commit("Tres")
    pairs = [(three, one), (two, two), (two, one), (one, three)]
    found = [
        {file.path: (file.old_blob is None, file.new_blob is None) for file in files}
        for files in repository.comparisons(pairs)
    ]
    new, gone = (True, False), (False, True)
    assert found == [
        {"accounts/SAF.yaml": gone, "accounts/SALUD.yaml": new, "fuera.txt": new},
        {},
        {"accounts/SALUD.yaml": new, "fuera.txt": new},
        {"accounts/SAF.yaml": new, "accounts/SALUD.yaml": gone, "fuera.txt": gone},
    ]
    assert list(repository.comparisons([])) == []


def test_the_tip_of_a_remotes_branch_is_what_the_last_fetch_saw(scratch: Scratch, tmp_path: Path) -> None:
    first = scratch.commit("Uno")
    subprocess.run(["git", "clone", "--quiet", str(scratch.path), str(tmp_path / "clon")], check=True)
    scratch.commit("Dos")
    with Repository.open(tmp_path / "clon") as cloned:
        assert cloned.remote_head_of("origin", "main") == cloned.head_of("main") == first
        assert cloned.remote_head_of("origin", "otra") is None
        assert cloned.remote_head_of("ninguno", "main") is None


def test_a_replaced_commit_is_seen_as_it_was_pushed(scratch: Scratch, repository: Repository) -> None:
    scratch.write("accounts/SAF.yaml", "uno\n")
    first = scratch.commit("Empieza")
    second = scratch.commit("Sigue")
    scratch.git("replace", second, first)
    assert [change.subject for change in repository.first_parent("main")] == ["Empieza", "Sigue"]


def test_a_date_that_no_calendar_holds_does_not_stop_the_reading(scratch: Scratch, repository: Repository) -> None:
    raw = "commit refs/heads/main\ncommitter A <a@b> 99999999999999 +0000\ndata 1\nx\n\ndone\n"
    fast_import(scratch.path, [raw.encode()])
    assert len(list(repository.first_parent("main"))) == 1


def test_a_shallow_clone_is_seen(scratch: Scratch, tmp_path: Path) -> None:
    scratch.commit("Uno")
    scratch.commit("Dos")
    source, target = f"file://{scratch.path}", str(tmp_path / "corto")
    subprocess.run(["git", "clone", "--quiet", "--depth=1", source, target], check=True)
    with Repository.open(Path(target)) as shallow, Repository.open(scratch.path) as whole:
        assert shallow.is_shallow()
        assert not whole.is_shallow()
        assert shallow.has_remote("origin")
        assert not whole.has_remote("origin")
