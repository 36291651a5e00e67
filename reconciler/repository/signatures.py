"""Signatures of commits, verified by git with keys of our own: neither the user's nor the machine's count.

SSH signers and revocations, and a home for GnuPG with nothing in it but the keys that were given, are written to
a private folder for as long as it takes. Verdicts are kept by commit and set of keys: each takes 14 ms or so.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from reconciler.errors import ConfigurationError
from reconciler.repository import parsing
from reconciler.repository.door import Door
from reconciler.signature import Keyring, Signature, State

_BATCH = 500
"""Commits for one process of git: seven seconds of the two minutes that it is given."""

_FORMAT = "%H,%G?,%GF,%GP"
_STATES = {
    "G": State.GOOD,
    "U": State.UNKNOWN,
    "E": State.UNKNOWN,
    "X": State.EXPIRED,
    "Y": State.EXPIRED,
    "R": State.REVOKED,
}
_HEADER = b"\ngpgsig -----BEGIN "
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


def signatures(door: Door, commits: Iterable[str], keyring: Keyring, folder: Path) -> Mapping[str, Signature]:
    """Return how the signature of each commit (40 hex digits) turned out; `folder` keeps verdicts from run to run.

    Raises:
        ConfigurationError: there is a signature to verify, and no ssh-keygen or no gpg to do it with.

    """
    wanted = list(dict.fromkeys(commits))
    kept = _kept(folder, keyring)
    found = {one: kept[one] for one in wanted if one in kept}
    fresh = dict(_verified(door, [one for one in wanted if one not in kept], keyring))
    if fresh:
        lasting = {name: one for name, one in fresh.items() if one.state is not State.EXPIRED}
        _keep(folder, keyring, kept | lasting)
    return found | fresh


def _verified(door: Door, commits: Sequence[str], keyring: Keyring) -> Iterator[tuple[str, Signature]]:
    signed = []
    kinds: set[bytes] = set()
    for name, _, data in parsing.batch_objects(door.stream("cat-file", "--batch", feed=parsing.batch_lines(commits))):
        kind = _kind(data)
        if kind is None:
            yield name, Signature(State.NONE)
        else:
            signed.append(name)
            kinds.add(kind)
    if not signed:
        return
    programs = {
        "gpg.ssh.program": _program("ssh-keygen", "openssh-client", needed=b"SSH" in kinds),
        "gpg.program": _program("gpg", "gnupg", needed=b"PGP" in kinds),
        "gpg.openpgp.program": _program("gpg", "gnupg", needed=b"PGP" in kinds),
        "gpg.x509.program": os.devnull,  # no such key can be listed
        "gpg.minTrustLevel": "undefined",
    }
    with tempfile.TemporaryDirectory(prefix="cuentas-llaves-") as home:
        files = _lay_out(Path(home), keyring)
        for start in range(0, len(signed), _BATCH):
            yield from _asked(door, signed[start : start + _BATCH], keyring, programs | files, Path(home))


def _asked(
    door: Door, commits: Sequence[str], keyring: Keyring, settings: Mapping[str, str], home: Path
) -> Iterator[tuple[str, Signature]]:
    """Verify some commits; what is bad by the list of revocations is told from what is bad by itself."""
    first = {name: (code, key) for name, code, key in _log(door, commits, settings, home)}
    bad = [name for name in commits if first.get(name, ("B", ""))[0] not in _STATES]
    bare = {name: value for name, value in settings.items() if name != "gpg.ssh.revocationFile"}
    again = {name: key for name, code, key in _log(door, bad, bare, home) if code == "G"} if bad else {}
    for name in commits:
        code, key = first.get(name, ("B", ""))
        verdict = keyring.verdict(_STATES.get(code, State.BAD), key or again.get(name, ""))
        yield name, verdict


def _log(
    door: Door, commits: Sequence[str], settings: Mapping[str, str], home: Path
) -> Iterator[tuple[str, str, str]]:
    """Yield each commit with git's letter for its signature and the key's fingerprint."""
    pairs = list(settings.items())
    environment = {"GIT_CONFIG_COUNT": str(len(pairs)), "GNUPGHOME": str(home)}
    environment |= {f"GIT_CONFIG_KEY_{n}": name for n, (name, _) in enumerate(pairs)}
    environment |= {f"GIT_CONFIG_VALUE_{n}": value for n, (_, value) in enumerate(pairs)}
    words = ("log", "--no-walk=unsorted", "--stdin", f"--format={_FORMAT}")
    answer = door.run(*words, feed=parsing.batch_lines(commits), env=environment)
    for line in answer.out.decode("ascii", "replace").splitlines():
        name, code, key, primary = line.split(",")
        yield name, code, primary or key


def _kind(commit: bytes) -> bytes | None:
    """Return what a commit object is signed with (SSH, PGP, whatever); None where it is not signed."""
    header = commit.partition(b"\n\n")[0]
    _, found, rest = header.partition(_HEADER)
    return rest.split(b" ", 1)[0] if found else None


def _program(name: str, package: str, *, needed: bool) -> str:
    found = shutil.which(name)
    if found is None and needed:
        raise ConfigurationError(
            f"Hay fusiones firmadas por comprobar, y en esta máquina no está «{name}».",
            remedy=f"Instálelo (Debian: apt install {package}) y vuelva a correr.",
        )
    return found or os.devnull


def _lay_out(home: Path, keyring: Keyring) -> dict[str, str]:
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


# --- what is kept from run to run -------------------------------------------------------------------------


def _kept(folder: Path, keyring: Keyring) -> dict[str, Signature]:
    try:
        read = json.loads((folder / f"{keyring.digest}.json").read_text(encoding="utf-8"))
        return {name: Signature(State(state), str(key)) for name, (state, key) in read.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _keep(folder: Path, keyring: Keyring, verdicts: Mapping[str, Signature]) -> None:
    """Keep verdicts for these keys and drop those for others; where that cannot be, they are found again."""
    name = f"{keyring.digest}.json"
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = json.dumps({commit: [one.state.value, one.key] for commit, one in verdicts.items()})
        descriptor, made = tempfile.mkstemp(dir=folder)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(made).replace(folder / name)
        for old in folder.iterdir():
            if old.name != name:
                old.unlink()


# --- of tags ----------------------------------------------------------------------------------------------

_TAGGED = re.compile(rb"^-----BEGIN (SSH|PGP) ", re.MULTILINE)
_SSH_GOOD = re.compile(r'Good "git" signature for cuentas with \S+ key (SHA256:[A-Za-z0-9+/]{43})')
_SSH_UNKNOWN = re.compile(r'Good "git" signature with \S+ key (SHA256:[A-Za-z0-9+/]{43})')
_PGP_VALID = re.compile(r"\[GNUPG:\] VALIDSIG (?:\S+ ){9}([0-9A-F]{40})")
_PGP_STATES = (
    ("REVKEYSIG", State.REVOKED),
    ("EXPKEYSIG", State.EXPIRED),
    ("EXPSIG", State.EXPIRED),
    ("BADSIG", State.BAD),
    ("ERRSIG", State.UNKNOWN),
    ("GOODSIG", State.GOOD),
)


def tag_signatures(door: Door, tags: Mapping[str, bytes], keyring: Keyring) -> Mapping[str, Signature]:
    """Return how the signature of each tag turned out, by the tag objects' ids and contents.

    Raises:
        ConfigurationError: there is a signature to verify, and no ssh-keygen or no gpg to do it with.

    """
    kinds = {name: found[-1] for name, data in tags.items() if (found := _TAGGED.findall(data))}
    verdicts = {name: Signature(State.NONE) for name in tags}
    if not kinds:
        return verdicts
    programs = {
        "gpg.ssh.program": _program("ssh-keygen", "openssh-client", needed=b"SSH" in kinds.values()),
        "gpg.program": _program("gpg", "gnupg", needed=b"PGP" in kinds.values()),
        "gpg.openpgp.program": _program("gpg", "gnupg", needed=b"PGP" in kinds.values()),
        "gpg.x509.program": os.devnull,
        "gpg.minTrustLevel": "undefined",
    }
    with tempfile.TemporaryDirectory(prefix="cuentas-llaves-") as home:
        settings = programs | _lay_out(Path(home), keyring)
        bare = {name: value for name, value in settings.items() if name != "gpg.ssh.revocationFile"}
        for name, kind in kinds.items():
            state, key = _tag_verdict(_verify_tag(door, name, settings, home), kind)
            if state is State.BAD and kind == b"SSH":  # bad by the list of revocations is told from bad by itself
                again, revoked = _tag_verdict(_verify_tag(door, name, bare, home), kind)
                key = revoked if again is State.GOOD else ""
            verdicts[name] = keyring.verdict(state, key)
    return verdicts


def _verify_tag(door: Door, name: str, settings: Mapping[str, str], home: str) -> str:
    pairs = list(settings.items())
    environment = {"GIT_CONFIG_COUNT": str(len(pairs)), "GNUPGHOME": home}
    environment |= {f"GIT_CONFIG_KEY_{n}": name for n, (name, _) in enumerate(pairs)}
    environment |= {f"GIT_CONFIG_VALUE_{n}": value for n, (_, value) in enumerate(pairs)}
    return door.run("verify-tag", "--raw", name, env=environment, allow=(0, 1, 128)).complaint


def _tag_verdict(said: str, kind: bytes) -> tuple[State, str]:
    """Read what ssh-keygen or gpg said, all of it on one line; anything twice is a name that plays tricks."""
    if kind == b"SSH":
        good, unknown = _SSH_GOOD.findall(said), _SSH_UNKNOWN.findall(said)
        if len(good) + len(unknown) != 1:
            return State.BAD, ""
        return (State.GOOD, good[0]) if good else (State.UNKNOWN, unknown[0])
    states = [state for word, state in _PGP_STATES if f"[GNUPG:] {word} " in said]
    keys = _PGP_VALID.findall(said)
    if not states or len(keys) > 1:
        return State.BAD, ""
    return states[0], keys[0] if keys else ""
