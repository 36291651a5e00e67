"""People who sign: real SSH and OpenPGP keys, made where a test wants them."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Signer:
    """A key: as cuentas.yaml lists it, and the settings of git with which it signs."""

    listed: str
    settings: tuple[str, ...]
    armored: str = ""
    environment: dict[str, str] = field(default_factory=dict)


def ssh_signer(folder: Path, name: str) -> Signer:
    """Make an SSH key without passphrase."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", path], check=True)
    public = path.with_suffix(".pub")
    return Signer(
        listed=public.read_text(encoding="utf-8").strip(),
        settings=("-c", "gpg.format=ssh", "-c", f"user.signingkey={public}"),
    )


@contextmanager
def pgp_signer(identity: str) -> Iterator[Signer]:
    """Make an OpenPGP key whose subkey signs; its agent ends with it."""
    with tempfile.TemporaryDirectory(prefix="g", dir="/tmp") as home:  # an agent's socket has a short path
        environment = {"GNUPGHOME": home}
        gpg = ["gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", ""]

        def run(*words: str) -> str:
            done = subprocess.run(words, env=os.environ | environment, check=True, capture_output=True, text=True)
            return done.stdout

        try:
            run(*gpg, "--quick-generate-key", identity, "ed25519", "cert", "never")
            listing = run(*gpg, "--list-keys", "--with-colons").splitlines()
            primary = next(line.split(":")[9] for line in listing if line.startswith("fpr"))
            run(*gpg, "--quick-add-key", primary, "ed25519", "sign", "never")
            armored = run(*gpg, "--armor", "--export", primary)
            yield Signer(primary, ("-c", f"user.signingkey={primary}"), armored, environment)
        finally:
            subprocess.run(["gpgconf", "--kill", "all"], env=os.environ | environment, check=False)
