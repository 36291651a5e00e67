"""Signatures of tags: SSH and OpenPGP, by the keys that are given and no others."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from reconciler.repository import Repository
from reconciler.signature import Keyring, State
from tests.forge import Forge, founded
from tests.signing import Signer, pgp_signer, ssh_signer


def tagged(forge: Forge, name: str, signer: Signer) -> None:
    """Make a signed tag as a person would."""
    who = ("-c", "user.name=Dirección", "-c", "user.email=dsct@sinaloa.gob.mx")
    subprocess.run(
        ["git", "-C", str(forge.path), *who, *signer.settings, "tag", "-s", "-m", "Ancla", name, "main"],
        env=os.environ | signer.environment,
        check=True,
        capture_output=True,
    )


def test_a_tag_is_good_by_a_listed_key_and_by_no_other(tmp_path: Path) -> None:
    forge = founded(tmp_path / "repo")
    mine, other = ssh_signer(tmp_path, "mia"), ssh_signer(tmp_path, "otra")
    with pgp_signer("Directora <dsct@sinaloa.gob.mx>") as pgp:
        tagged(forge, "ancla/2026-T1", mine)
        tagged(forge, "ancla/2026-T2", other)
        tagged(forge, "ancla/2026-T3", pgp)
        armored = [pgp.armored.encode()]
        with Repository.open(forge.path) as repository:
            anchors = repository.anchors(None)
            listed = Keyring.of([mine.listed, pgp.listed], [], armored)
            revoked = Keyring.of([mine.listed, pgp.listed], [mine.listed, pgp.listed], armored)
            first = [one.signature.state for one in anchors.local(listed)]
            second = [one.signature.state for one in anchors.local(revoked)]
    assert first == [State.GOOD, State.UNKNOWN, State.GOOD]
    assert second == [State.REVOKED, State.UNKNOWN, State.REVOKED]
