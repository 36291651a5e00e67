"""What a repository of declarations answers, and what it refuses."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.errors import UsageError
from reconciler.repository import GitFailedError, Repository, fast_import, init
from reconciler.repository.door import Door
from tests.scratch import Scratch

READING = """
import os, sys
from pathlib import Path
from reconciler.repository import Repository

def held():
    children = Path(f"/proc/self/task/{os.getpid()}/children")
    print(len(list(Path("/proc/self/fd").iterdir())), children.read_text().split() if children.exists() else "")

def read():
    with Repository.open(Path(sys.argv[1])) as repository:
        repository.tree(repository.resolve("main"))
        next(repository.first_parent("main"))

read()
held()
for _ in range(20):
    read()
held()
"""
"""In a process of its own: in the suite's, the laboratory's servers open and close connections meanwhile."""


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


def test_a_program_and_a_repository_inside_the_working_copy_are_told_from_files(
    scratch: Scratch, repository: Repository
) -> None:
    scratch.write("accounts/SAF.yaml", "siglas: SAF\n")
    (scratch.path / "accounts/SAF.yaml").chmod(0o755)
    init(scratch.path / "accounts/ajeno")
    subprocess.run(
        ["git", "-c", "user.name=A", "-c", "user.email=a@b", "commit", "--quiet", "--allow-empty", "-m", "x"],
        cwd=scratch.path / "accounts/ajeno",
        check=True,
    )
    assert [(file.path, file.mode, file.data) for file in repository.worktree()] == [
        ("accounts/SAF.yaml", "100755", b"siglas: SAF\n"),
        ("accounts/ajeno", "160000", None),
    ]


def test_a_bare_repository_has_no_working_copy_to_read(tmp_path: Path) -> None:
    init(tmp_path / "desnudo.git", bare=True)
    with (
        Repository.open(tmp_path / "desnudo.git") as bare,
        pytest.raises(UsageError, match="copia de trabajo"),
    ):
        bare.worktree()


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

    done = subprocess.run(
        [sys.executable, "-c", READING, str(scratch.path)], capture_output=True, text=True, check=True, timeout=60
    )
    before, after = done.stdout.splitlines()
    assert after == before


def test_a_git_that_never_answers_is_given_up_with_its_children(scratch: Scratch) -> None:
    git_dir = scratch.path / ".git"
    door = Door(git_dir, git_dir, scratch.path, patience=0.3)
    with pytest.raises(GitFailedError, match="no respondió"):
        door.run("-c", "alias.duerme=!sleep 60", "duerme")


def test_importing_what_is_no_stream_says_so(scratch: Scratch) -> None:
    with pytest.raises(GitFailedError, match="fast-import"):
        fast_import(scratch.path, [b"no es un comando\n"])
