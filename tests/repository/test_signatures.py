"""Signatures of commits: what git says of them, by keys that are given and by no others."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.errors import ConfigurationError
from reconciler.repository import Repository
from reconciler.signature import Keyring, Signature, State, fingerprint
from tests.forge import DIRECTOR, Forge
from tests.signing import Signer, pgp_signer, ssh_signer


@pytest.fixture(name="forge")
def _forge(tmp_path: Path) -> Forge:
    return Forge(tmp_path / "repo")


@pytest.fixture(name="pgp", scope="module")
def _pgp() -> Iterator[Signer]:
    with pgp_signer("Dirección <dsct@sinaloa.gob.mx>") as signer:
        yield signer


def signed(forge: Forge, signer: Signer | None) -> str:
    """Make a commit, signed where there is somebody to sign it."""
    forge.git("commit", "--quiet", "--allow-empty", "-m", "Uno", author=DIRECTOR, signer=signer)
    return forge.head()


def verdict(forge: Forge, commit: str, keyring: Keyring) -> Signature:
    with Repository.open(forge.path) as repository:
        return repository.signatures([commit], keyring)[commit]


def tampered(forge: Forge, commit: str) -> str:
    """Return a commit with another's signature and a message of its own."""
    text = forge.git("cat-file", "commit", commit) + "y algo más\n"
    done = subprocess.run(
        ["git", "-C", str(forge.path), "hash-object", "-t", "commit", "-w", "--stdin"],
        input=text.encode(), capture_output=True, check=True,
    )  # fmt: skip
    return done.stdout.decode().strip()


def test_a_good_ssh_signature_is_told_with_its_key(forge: Forge, tmp_path: Path) -> None:
    signer = ssh_signer(tmp_path, "directora")
    commit = signed(forge, signer)
    assert verdict(forge, commit, Keyring.of([signer.listed], [])) == Signature(
        State.GOOD, fingerprint(signer.listed)
    )


def test_a_good_openpgp_signature_of_a_subkey_is_told_with_the_primary_key(forge: Forge, pgp: Signer) -> None:
    commit = signed(forge, pgp)
    keyring = Keyring.of([pgp.listed], [], [pgp.armored.encode()])
    assert verdict(forge, commit, keyring) == Signature(State.GOOD, pgp.listed)


def test_an_openpgp_key_that_is_in_the_folder_and_not_listed_proves_nothing(forge: Forge, pgp: Signer) -> None:
    commit = signed(forge, pgp)
    keyring = Keyring.of(["A" * 40], [], [pgp.armored.encode()])
    assert verdict(forge, commit, keyring) == Signature(State.UNKNOWN, pgp.listed)


def test_keys_that_nobody_listed_are_not_known(forge: Forge, tmp_path: Path, pgp: Signer) -> None:
    ours, stranger = ssh_signer(tmp_path, "directora"), ssh_signer(tmp_path, "extraño")
    keyring = Keyring.of([ours.listed], [])
    assert verdict(forge, signed(forge, stranger), keyring).state is State.UNKNOWN
    assert verdict(forge, signed(forge, pgp), keyring).state is State.UNKNOWN


def test_an_unsigned_commit_needs_no_program_to_be_told(forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    commit = signed(forge, None)
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert verdict(forge, commit, Keyring()) == Signature(State.NONE)


@pytest.mark.parametrize("kind", ["ssh", "pgp"])
def test_a_commit_that_was_changed_after_it_was_signed_is_bad(
    forge: Forge, tmp_path: Path, pgp: Signer, kind: str
) -> None:
    signer = pgp if kind == "pgp" else ssh_signer(tmp_path, "directora")
    keyring = Keyring.of([signer.listed], [], [signer.armored.encode()])
    assert verdict(forge, tampered(forge, signed(forge, signer)), keyring).state is State.BAD


@pytest.mark.parametrize("kind", ["ssh", "pgp"])
def test_a_revoked_key_is_told_from_a_bad_signature(forge: Forge, tmp_path: Path, pgp: Signer, kind: str) -> None:
    signer = pgp if kind == "pgp" else ssh_signer(tmp_path, "directora")
    keyring = Keyring.of([signer.listed], [signer.listed], [signer.armored.encode()])
    assert verdict(forge, signed(forge, signer), keyring) == Signature(State.REVOKED, fingerprint(signer.listed))


def test_neither_the_users_keys_nor_the_repositorys_settings_count(
    forge: Forge, tmp_path: Path, pgp: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    stranger = ssh_signer(tmp_path, "extraño")
    signers = tmp_path / "signers"
    signers.write_text(f"x@y {stranger.listed}\n")
    forge.git("config", "gpg.ssh.allowedSignersFile", str(signers))
    forge.git("config", "gpg.ssh.program", "/bin/true")
    forge.git("config", "gpg.program", "/bin/true")
    monkeypatch.setenv("GNUPGHOME", pgp.environment["GNUPGHOME"])
    for signer in (stranger, pgp):
        commit = signed(forge, Signer(signer.listed, ("-c", "gpg.program=gpg", "-c", "gpg.ssh.program=ssh-keygen",
                                                      *signer.settings), "", signer.environment))  # fmt: skip
        assert verdict(forge, commit, Keyring.of(["A" * 40], [])).state is State.UNKNOWN


@pytest.mark.parametrize(("kind", "package"), [("ssh", "openssh-client"), ("pgp", "gnupg")])
def test_a_signature_that_no_program_here_can_verify_says_what_to_install(
    forge: Forge, tmp_path: Path, pgp: Signer, monkeypatch: pytest.MonkeyPatch, kind: str, package: str
) -> None:
    signer = pgp if kind == "pgp" else ssh_signer(tmp_path, "directora")
    commit = signed(forge, signer)
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(ConfigurationError, match=package):
        verdict(forge, commit, Keyring())


def test_verdicts_are_kept_by_commit_and_keys_and_for_nobody_else_to_read(forge: Forge, tmp_path: Path) -> None:
    signer, other = ssh_signer(tmp_path, "directora"), ssh_signer(tmp_path, "otra")
    commit = signed(forge, signer)
    with Repository.open(forge.path) as repository:
        known = Keyring.of([signer.listed], [])
        first = repository.signatures([commit], known)
        [kept] = (forge.path / ".git" / "cuentas" / "firmas").iterdir()
        assert kept.stat().st_mode & 0o777 == 0o600
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("shutil.which", lambda _: None)
            assert repository.signatures([commit], known) == first
        assert repository.signatures([commit], Keyring.of([other.listed], []))[commit].state is State.UNKNOWN
        assert repository.signatures([commit], known) == first


def test_many_are_asked_in_one_go_and_no_agent_or_folder_is_left(forge: Forge, tmp_path: Path, pgp: Signer) -> None:
    signer = ssh_signer(tmp_path, "directora")
    commits = [signed(forge, one) for one in (signer, pgp, None, signer)]
    before = set(os.listdir("/tmp"))
    with Repository.open(forge.path) as repository:
        found = repository.signatures(commits, Keyring.of([signer.listed, pgp.listed], [], [pgp.armored.encode()]))
    assert [found[one].state for one in commits] == [State.GOOD, State.GOOD, State.NONE, State.GOOD]
    assert not {one for one in set(os.listdir("/tmp")) - before if one.startswith("cuentas-llaves-")}
