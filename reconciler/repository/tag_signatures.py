"""Signatures of tags, verified by git with keys of our own."""

from __future__ import annotations

import re
from collections.abc import Mapping

from reconciler.repository.door import Door
from reconciler.repository.key_home import key_home
from reconciler.signature import Keyring, Signature, State

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
    with key_home(keyring, set(kinds.values())) as home:
        for name, kind in kinds.items():
            state, key = _verdict(_said(door, name, home.environment()), kind)
            if state is State.BAD and kind == b"SSH":  # bad by the list of revocations is told from bad by itself
                again, revoked = _verdict(_said(door, name, home.environment(revocations=False)), kind)
                key = revoked if again is State.GOOD else ""
            verdicts[name] = keyring.verdict(state, key)
    return verdicts


def _said(door: Door, name: str, environment: Mapping[str, str]) -> str:
    return door.run("verify-tag", "--raw", name, env=environment, allow=(0, 1, 128)).complaint


def _verdict(said: str, kind: bytes) -> tuple[State, str]:
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
