"""What a branch changes and what it brings, as the repository tells of it."""

from __future__ import annotations

from reconciler.repository import Repository
from tests.scratch import Scratch


def test_changes_are_of_every_path_whatever_it_is(scratch: Scratch, repository: Repository) -> None:
    scratch.write("accounts/SAF.yaml", "siglas: SAF\n")
    scratch.write("a\nb ñ.txt", "x\n")
    base = scratch.commit("Empieza")
    scratch.write("accounts/SAF.yaml", "siglas: SAF # x\n")
    scratch.write("reconciler/x.py", "1\n")
    (scratch.path / "a\nb ñ.txt").unlink()
    (scratch.path / "liga").symlink_to("x")
    head = scratch.commit("Sigue")
    found = {one.path: (one.old_mode, one.new_mode) for one in repository.changes(base, head)}
    assert found == {
        "accounts/SAF.yaml": ("100644", "100644"),
        "a\nb ñ.txt": ("100644", "000000"),
        "liga": ("000000", "120000"),
        "reconciler/x.py": ("000000", "100644"),
    }
    assert repository.changes(head, head) == ()


def test_a_branch_brings_every_version_of_its_commits_and_none_of_the_bases(
    scratch: Scratch, repository: Repository
) -> None:
    scratch.write("x", "base\n")
    base = scratch.commit("Empieza")
    scratch.write("x", "uno\n")
    one = scratch.commit("Uno")
    scratch.write("x", "base\n")
    two = scratch.commit("Dos\n\nCuerpo")
    brought = list(repository.brought(base, two))
    assert [change.commit for change in brought] == [one, two]
    assert [file.path for change in brought for file in change.files] == ["x", "x"]
    assert brought[1].body == "Cuerpo"
    blobs = [str(file.new_blob) for change in brought for file in change.files]
    assert repository.sizes([*blobs, "f" * 40, base]) == {blobs[0]: 4, blobs[1]: 5}
