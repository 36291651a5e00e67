"""What a repository of declarations answers, and what it refuses."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import pytest

from reconciler.errors import UsageError
from reconciler.history import FileChange
from reconciler.repository import GitFailedError, Repository, fast_import, init
from reconciler.repository.door import Door


class Scratch(Protocol):
    path: Path

    def git(self, *words: str) -> str: ...
    def write(self, path: str, text: str) -> None: ...
    def commit(self, message: str) -> str: ...


def test_a_folder_that_is_no_repository_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no es un repositorio de Git"):
        Repository.open(tmp_path)
    with pytest.raises(UsageError, match="no es un repositorio de Git"):
        Repository.open(tmp_path / "no-existe")


def test_a_subfolder_and_a_linked_working_copy_open_the_same_repository(scratch: Scratch, tmp_path: Path) -> None:
    scratch.write("accounts/SAF.yaml", "siglas: SAF\n")
    commit = scratch.commit("Empieza")
    scratch.git("worktree", "add", "--quiet", str(tmp_path / "otra"), "-b", "otra")
    with Repository.open(scratch.path / "accounts") as inside, Repository.open(tmp_path / "otra") as linked:
        assert inside.path == scratch.path
        assert linked.path == tmp_path / "otra"
        assert inside.git_dir == linked.git_dir == scratch.path / ".git"
        assert linked.resolve("HEAD") == commit


def test_the_callers_git_variables_lead_nowhere_else(
    scratch: Scratch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = scratch.commit("Empieza")
    init(tmp_path / "ajeno")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "ajeno/.git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "indice"))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(tmp_path / "ajeno/.git/objects"))
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'alias.log'='!false'")
    with Repository.open(scratch.path) as repository:
        assert repository.resolve("main") == commit
        assert [change.commit for change in repository.first_parent("main")] == [commit]


@pytest.mark.parametrize(
    "rev", ["--upload-pack=touch /tmp/x", "-n", "", "no-existe", "main:accounts", "f" * 40, "a\nb"]
)
def test_a_revision_that_names_no_commit_or_looks_like_an_option_is_refused(
    scratch: Scratch, repository: Repository, rev: str
) -> None:
    scratch.write("accounts/SAF.yaml", "siglas: SAF\n")
    scratch.commit("Empieza")
    with pytest.raises(UsageError, match="no nombra ningún commit"):
        repository.resolve(rev)


def test_a_tree_is_read_from_the_commit_and_not_from_the_working_copy(
    scratch: Scratch, repository: Repository
) -> None:
    scratch.write("accounts/SAF.yaml", "viejo\n")
    scratch.write("accounts/SALUD/uno.yaml", "ñandú\n")
    scratch.write("accounts/grande.yaml", "x" * 50)
    scratch.write("cuentas.yaml", "dominios: []\n")
    scratch.write("accounts.txt", "fuera")
    (scratch.path / "accounts/enlace.yaml").symlink_to("/etc/passwd")
    commit = scratch.commit("Empieza")
    scratch.write("accounts/SAF.yaml", "nuevo\n")

    files = repository.tree(commit, size_limit=20)

    assert [(file.path, file.mode, file.size, file.data) for file in files] == [
        ("accounts/SAF.yaml", "100644", 6, b"viejo\n"),
        ("accounts/SALUD/uno.yaml", "100644", 8, "ñandú\n".encode()),
        ("accounts/enlace.yaml", "120000", 11, None),
        ("accounts/grande.yaml", "100644", 50, None),
        ("cuentas.yaml", "100644", 13, b"dominios: []\n"),
    ]
    assert repository.blob_at(commit, "accounts/SAF.yaml") == b"viejo\n"
    assert repository.blob_at(commit, "accounts") is None
    assert repository.blob_at(commit, "accounts/enlace.yaml") is None


def test_the_working_copy_is_read_without_following_links_and_without_ignored_files(
    scratch: Scratch, repository: Repository, tmp_path: Path
) -> None:
    secret = tmp_path / "secreto"
    secret.mkdir()
    (secret / "dentro.yaml").write_text("secreto")
    scratch.write("accounts/SAF.yaml", "siglas: SAF\n")
    scratch.write("accounts/SALUD/dentro.yaml", "mío")
    scratch.write("accounts/ido.yaml", "x")
    scratch.write(".gitignore", "*.bak\n")
    scratch.commit("Empieza")
    scratch.write("accounts/nuevo.yaml", "sin agregar")
    scratch.write("accounts/viejo.bak", "ignorado")
    scratch.write("accounts/grande.yaml", "x" * 50)
    (scratch.path / "accounts/ido.yaml").unlink()
    (scratch.path / "accounts/enlace.yaml").symlink_to(secret / "dentro.yaml")
    (scratch.path / "accounts/SALUD/dentro.yaml").unlink()
    (scratch.path / "accounts/SALUD").rmdir()
    (scratch.path / "accounts/SALUD").symlink_to(secret)
    os.mkfifo(scratch.path / "accounts/tubo.yaml")

    files = {file.path: (file.mode, file.data) for file in repository.worktree(size_limit=20)}

    files.pop("accounts/tubo.yaml", None)
    assert files == {
        "accounts/SAF.yaml": ("100644", b"siglas: SAF\n"),
        "accounts/SALUD": ("120000", None),
        "accounts/enlace.yaml": ("120000", None),
        "accounts/grande.yaml": ("100644", None),
        "accounts/nuevo.yaml": ("100644", b"sin agregar"),
    }


def test_a_bare_repository_has_no_working_copy_to_read(tmp_path: Path) -> None:
    init(tmp_path / "desnudo.git", bare=True)
    with (
        Repository.open(tmp_path / "desnudo.git") as bare,
        pytest.raises(UsageError, match="copia de trabajo"),
    ):
        bare.worktree()


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


def test_a_remotes_password_is_not_shown(scratch: Scratch, repository: Repository) -> None:
    scratch.git("remote", "add", "origin", "https://robot:s3creto@git.ejemplo.mx/cuentas.git")
    assert repository.remote_url("origin") == "https://git.ejemplo.mx/cuentas.git"


def test_twenty_thousand_blobs_do_not_deadlock_and_come_in_the_order_asked(
    scratch: Scratch, repository: Repository
) -> None:
    def stream() -> Iterator[bytes]:
        yield b"commit refs/heads/main\ncommitter A <a@b> 1700000000 +0000\ndata 1\nx\n"
        for n in range(20_000):
            yield b"M 100644 inline accounts/%d.yaml\ndata 300\n%s\n" % (n, (b"%06d" % n) * 50)
        yield b"done\n"

    fast_import(scratch.path, stream())
    change = next(repository.first_parent("main"))
    ids = [file.new_blob for file in change.files if file.new_blob]
    assert len(ids) == 20_000
    assert [name for name, _ in repository.blobs(ids)] == ids


def test_a_missing_blob_is_named(scratch: Scratch, repository: Repository) -> None:
    scratch.commit("Empieza")
    with pytest.raises(GitFailedError, match=f"{'e' * 40}: missing"):
        list(repository.blobs(["e" * 40]))


def test_nothing_stays_open_however_often_a_repository_is_read_and_left_halfway(scratch: Scratch) -> None:
    for n in range(5):
        scratch.write("accounts/SAF.yaml", f"{n}\n" * 100)
        scratch.commit(f"Cambio {n}")

    def descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = descriptors()
    for _ in range(20):
        with Repository.open(scratch.path) as repository:
            repository.tree(repository.resolve("main"))
            next(repository.first_parent("main"))
    assert descriptors() == before
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    assert not children.exists() or children.read_text() == ""


def test_a_git_that_never_answers_is_given_up_with_its_children(scratch: Scratch) -> None:
    git_dir = scratch.path / ".git"
    door = Door(git_dir, git_dir, scratch.path, patience=0.3)
    with pytest.raises(GitFailedError, match="no respondió"):
        door.run("-c", "alias.duerme=!sleep 60", "duerme")


def test_importing_what_is_no_stream_says_so(scratch: Scratch) -> None:
    with pytest.raises(GitFailedError, match="fast-import"):
        fast_import(scratch.path, [b"no es un comando\n"])
