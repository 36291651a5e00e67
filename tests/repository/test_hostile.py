"""Clones and remotes that mean harm: hooks and settings that run, servers that hang, secrets in addresses."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reconciler.errors import ConfigurationError, RecordError
from reconciler.repository import GitBranch, Repository
from reconciler.repository.door import Door, clean
from tests.clones import BRANCH, Clone, grown

SECRET = "s3cr/e@to"  # noqa: S105  # what is looked for where it must not be
IMPATIENT = 1.0


def impatient(one: Clone) -> GitBranch:
    """Return a branch whose git may be silent for a second only."""
    door = Door(one.git_dir, one.git_dir, None, patience=IMPATIENT)
    return GitBranch(door, "bitacora", "origin", "cuentas@noreply.invalid")


@pytest.fixture
def silent() -> Iterator[int]:
    """Listen on a port, take every call, and never say a word."""
    calls: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def take() -> None:
            while True:
                try:
                    calls.append(server.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=take)
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
    for call in calls:
        call.close()


def test_a_remote_that_never_answers_is_given_up(one: Clone, silent: int) -> None:
    one.git("remote", "set-url", "origin", f"git://127.0.0.1:{silent}/cuentas.git")
    branch = impatient(one)
    commit = grown(branch)
    for use in (branch.fetch, lambda: branch.push(commit)):
        before = datetime.now(UTC)
        with pytest.raises(RecordError, match="no respondió en 1 segundos"):
            use()
        assert (datetime.now(UTC) - before).total_seconds() < 10


def test_a_remote_that_drips_is_given_up_all_the_same(one: Clone, tmp_path: Path) -> None:
    script = tmp_path / "sube"
    script.write_text("#!/bin/sh\nwhile sleep 0.1; do echo gota >&2; done\n")
    script.chmod(0o755)
    one.git("config", "remote.origin.uploadpack", str(script))
    with pytest.raises(RecordError, match="no respondió"):
        impatient(one).fetch()


def test_a_remotes_password_is_in_no_error(one: Clone) -> None:
    one.git("remote", "set-url", "origin", f"http://robot:{SECRET}@127.0.0.1:9/cuentas.git")
    branch = one.branch()
    commit = grown(branch)
    for use in (branch.fetch, lambda: branch.push(commit)):
        with pytest.raises(RecordError) as caught:
            use()
        assert not any(part in str(caught.value) for part in ("robot", "s3cr", "e@to", "to@"))
    with Repository.open(one.path) as repository:
        assert repository.remote_url("origin") == "http://127.0.0.1:9/cuentas.git"


def test_what_git_says_is_one_line_without_credentials_or_terminal_codes() -> None:
    said = "remote: \x1b[31mno\x1b[0m\nfatal: 'https://u:p@ss/w@h/x.git' y ssh://git@h:22/y, no.\n"
    assert clean(said) == "remote: [31mno[0m fatal: 'https://***@h/x.git' y ssh://***@h:22/y, no"
    assert clean("x" * 5000 + "fin.").endswith("xfin")
    assert len(clean("x" * 5000)) == 2000


def hostile(one: Clone, mark: Path) -> None:
    """Make everything in a clone that git can be told to run leave a mark."""
    program = one.git_dir / "programa"
    program.write_text(f'#!/bin/sh\necho "$0 $*" >> "{mark}"\nexit 1\n')
    program.chmod(0o755)
    hooks = "reference-transaction pre-push post-index-change pre-commit commit-msg post-commit update pre-auto-gc"
    folders = [one.git_dir / "hooks", one.git_dir / "otros"]
    for folder in folders:
        folder.mkdir(exist_ok=True)
        for hook in hooks.split():
            (folder / hook).symlink_to(program)
    settings = {
        "core.hooksPath": str(folders[1]),
        "core.fsmonitor": str(program),
        "core.pager": str(program),
        "pager.log": str(program),
        "core.editor": str(program),
        "diff.external": str(program),
        "diff.malo.textconv": str(program),
        "filter.malo.clean": str(program),
        "filter.malo.smudge": str(program),
        "alias.log": f"!{program}",
        "alias.update-ref": f"!{program}",
        "gpg.program": str(program),
        "commit.gpgSign": "true",
        "push.gpgSign": "true",
        "log.showSignature": "true",
        "core.splitIndex": "true",
        "core.autocrlf": "true",
        "i18n.commitEncoding": "latin1",
        "user.name": "Otro",
        "user.email": "otro@ejemplo.mx",
    }
    for name, value in settings.items():
        one.git("config", name, value)
    (one.git_dir / "info").mkdir(exist_ok=True)
    (one.git_dir / "info/attributes").write_text("* diff=malo filter=malo text ident\n")


def test_nothing_that_a_clone_is_configured_to_run_is_run_nor_changes_a_commit(
    one: Clone, remote: Clone, tmp_path: Path
) -> None:
    mark = tmp_path / "marca"
    hostile(one, mark)
    branch = one.branch()
    first = grown(branch, "ñ", b"$Id$\r\n")
    branch.push(first)
    second = grown(branch, "b")
    branch.push(second)
    assert branch.fetch() == second
    assert branch.listing(second).keys() == {"ñ", "b"}
    assert [(change.subject, [file.path for file in change.files]) for change in branch.history(second)] == [
        ("Agrega ñ", ["ñ"]),
        ("Agrega b", ["b"]),
    ]
    assert [data for _, data in branch.blobs([branch.listing(first)["ñ"]])] == [b"$Id$\r\n"]
    assert not mark.exists()
    assert list(one.git_dir.glob("sharedindex*")) == []
    assert not (one.git_dir / "index").exists()
    assert "gpgsig" not in remote.git("cat-file", "commit", second)
    assert "encoding" not in remote.git("cat-file", "commit", second)


def test_a_commit_says_who_and_when_whatever_the_caller_is_called(
    one: Clone, monkeypatch: pytest.MonkeyPatch
) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Otro")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "otro@ejemplo.mx")
        monkeypatch.setenv(f"GIT_{role}_DATE", "2001-01-01T00:00:00Z")
    with Repository.open(one.path) as repository:
        branch = repository.branch("bitacora", None, "bitacora@sinaloa.gob.mx")
    (change,) = branch.history(grown(branch))
    assert change.author == change.committer == "cuentas <bitacora@sinaloa.gob.mx>"
    assert abs((datetime.now(UTC) - change.at).total_seconds()) < 600
    assert one.git("log", "-1", "--format=%ad", "--date=format:%Y", BRANCH) != "2001"


def test_no_room_for_a_temporary_index_is_a_record_error(one: Clone) -> None:
    branch = one.branch()
    one.folder.write_text("un archivo donde iría la carpeta")
    with pytest.raises(RecordError, match="No se pudo escribir la bitácora: ya existe"):
        grown(branch)
    assert branch.head() is None


def test_a_caller_who_traces_git_changes_no_answer(
    one: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("", "_SETUP", "_PACKET", "_PERFORMANCE", "_REFS", "2", "2_EVENT", "2_PERF"):
        monkeypatch.setenv(f"GIT_TRACE{name}", "1")
    branch = one.branch()
    assert (branch.head(), branch.fetch()) == (None, None)
    one.git("remote", "set-url", "origin", str(tmp_path / "no-existe.git"))
    with pytest.raises(RecordError) as caught:
        branch.fetch()
    assert "run-command" not in str(caught.value)


def test_without_git_the_record_says_so(one: Clone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    branch = one.branch()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RecordError, match="No se encontró git"):
        branch.head()
    with pytest.raises(ConfigurationError, match="No se encontró git"):
        Repository.open(one.path)
