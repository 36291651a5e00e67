"""Signatures of commits, verified by git with keys of our own.

Verdicts are kept by commit and set of keys: each takes 14 ms or so.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from reconciler.repository import parsing
from reconciler.repository.door import Door
from reconciler.repository.key_home import KeyHome, key_home
from reconciler.signature import Keyring, Signature, State

_BATCH = 500
"""Commits for one process of git: seven seconds of the two minutes that it is given."""

_FORMAT = "%H,%G?,%GF,%GP"
_SETS = 8
"""Sets of keys that verdicts are kept for: today's, and those that stood when somebody changed who may sign."""

_STATES = {
    "G": State.GOOD,
    "U": State.UNKNOWN,
    "E": State.UNKNOWN,
    "X": State.EXPIRED,
    "Y": State.EXPIRED,
    "R": State.REVOKED,
}
_HEADER = b"\ngpgsig -----BEGIN "


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
    with key_home(keyring, kinds) as home:
        for start in range(0, len(signed), _BATCH):
            yield from _asked(door, signed[start : start + _BATCH], keyring, home)


def _asked(door: Door, commits: Sequence[str], keyring: Keyring, home: KeyHome) -> Iterator[tuple[str, Signature]]:
    """Verify some commits; what is bad by the list of revocations is told from what is bad by itself."""
    first = {name: (code, key) for name, code, key in _log(door, commits, home.environment())}
    bad = [name for name in commits if first.get(name, ("B", ""))[0] not in _STATES]
    bare = home.environment(revocations=False)
    again = {name: key for name, code, key in _log(door, bad, bare) if code == "G"} if bad else {}
    for name in commits:
        code, key = first.get(name, ("B", ""))
        verdict = keyring.verdict(_STATES.get(code, State.BAD), key or again.get(name, ""))
        yield name, verdict


def _log(door: Door, commits: Sequence[str], environment: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield each commit with git's letter for its signature and the key's fingerprint."""
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


# --- what is kept from run to run -------------------------------------------------------------------------


def _kept(folder: Path, keyring: Keyring) -> dict[str, Signature]:
    try:
        read = json.loads((folder / f"{keyring.digest}.json").read_text(encoding="utf-8"))
        return {name: Signature(State(state), str(key)) for name, (state, key) in read.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _keep(folder: Path, keyring: Keyring, verdicts: Mapping[str, Signature]) -> None:
    """Keep verdicts for these keys, and those for the last few sets; where that cannot be, they are found again."""
    name = f"{keyring.digest}.json"
    with contextlib.suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        text = json.dumps({commit: [one.state.value, one.key] for commit, one in verdicts.items()})
        descriptor, made = tempfile.mkstemp(dir=folder)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(made).replace(folder / name)
        for old in sorted(folder.iterdir(), key=lambda one: one.stat().st_mtime)[:-_SETS]:
            old.unlink()
