"""A private folder with the keys that count, for git to verify signatures with: nobody else's do.

SSH signers and revocations, and a home for GnuPG with nothing in it but the keys that were given, are there for as
long as it takes; neither the user's keyring nor the machine's is looked at.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from reconciler.errors import ConfigurationError
from reconciler.signature import Keyring

_GPG = """\
batch
no-autostart
no-auto-key-retrieve
no-auto-check-trustdb
disable-dirmngr
trust-model always
"""
"""Every key in this home is there because it was given: whether it counts is for its fingerprint to say."""

_ARMOR = re.compile(
    rb"-----BEGIN PGP PUBLIC KEY BLOCK-----\r?\n(?:[^\r\n]+\r?\n)*?\r?\n(.*?)(?:\r?\n=[A-Za-z0-9+/]{4})?"
    rb"\r?\n-----END PGP PUBLIC KEY BLOCK-----",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class KeyHome:
    """The folder, and git's settings that point to it."""

    folder: Path
    settings: Mapping[str, str]

    def environment(self, *, revocations: bool = True) -> dict[str, str]:
        """Return what git's environment has to say; without `revocations` a revoked SSH key counts like any other."""
        pairs = [one for one in self.settings.items() if revocations or one[0] != "gpg.ssh.revocationFile"]
        environment = {"GIT_CONFIG_COUNT": str(len(pairs)), "GNUPGHOME": str(self.folder)}
        environment |= {f"GIT_CONFIG_KEY_{n}": name for n, (name, _) in enumerate(pairs)}
        return environment | {f"GIT_CONFIG_VALUE_{n}": value for n, (_, value) in enumerate(pairs)}


@contextlib.contextmanager
def key_home(keyring: Keyring, kinds: Collection[bytes]) -> Iterator[KeyHome]:
    """Lay the keys out; `kinds` are those of the signatures that there are (SSH, PGP).

    Raises:
        ConfigurationError: what verifies one of these kinds is not on this machine.

    """
    programs = {
        "gpg.ssh.program": _program("ssh-keygen", "openssh-client", needed=b"SSH" in kinds),
        "gpg.program": _program("gpg", "gnupg", needed=b"PGP" in kinds),
        "gpg.openpgp.program": _program("gpg", "gnupg", needed=b"PGP" in kinds),
        "gpg.x509.program": os.devnull,  # no such key can be listed
        "gpg.minTrustLevel": "undefined",
    }
    with tempfile.TemporaryDirectory(prefix="cuentas-llaves-") as folder:
        yield KeyHome(Path(folder), programs | _laid_out(Path(folder), keyring))


def _program(name: str, package: str, *, needed: bool) -> str:
    found = shutil.which(name)
    if found is None and needed:
        raise ConfigurationError(
            f"Hay fusiones firmadas por comprobar, y en esta máquina no está «{name}».",
            remedy=f"Instálelo (Debian: apt install {package}) y vuelva a correr.",
        )
    return found or os.devnull


def _laid_out(home: Path, keyring: Keyring) -> dict[str, str]:
    """Write the keys where git and GnuPG look for them, and return git's settings for that."""
    signers, revoked = home / "signers", home / "revoked"
    lines = (f'cuentas namespaces="git" {one}\n' for one in keyring.ssh)
    signers.write_text("".join(lines), encoding="ascii")
    revoked.write_text("".join(f"{one}\n" for one in keyring.revoked_ssh), encoding="ascii")
    (home / "gpg.conf").write_text(_GPG, encoding="ascii")
    (home / "pubring.gpg").write_bytes(b"".join(packets for one in keyring.armored for packets in _packets(one)))
    return {"gpg.ssh.allowedSignersFile": str(signers), "gpg.ssh.revocationFile": str(revoked)}


def _packets(armored: bytes) -> Iterator[bytes]:
    """Yield the packets of armored OpenPGP keys: exported keys one after the other are a keyring to GnuPG."""
    for body in _ARMOR.findall(armored):
        with contextlib.suppress(binascii.Error):
            yield base64.b64decode(body)
