"""A commit's signature as Git verified it, and the keys that it is verified by. Pure."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a signature turned out, in the words that an auditor reads. Only a good one proves anything."""

    GOOD = "buena"
    BAD = "mala"
    NONE = "ninguna"
    UNKNOWN = "desconocida"
    EXPIRED = "vencida"
    REVOKED = "revocada"


@dataclass(frozen=True, slots=True)
class Signature:
    """How a commit's signature turned out, and its key's fingerprint where Git tells it ("" otherwise).

    An SSH key's is `SHA256:` and 43 characters, an OpenPGP key's the 40 hex digits of its primary key.
    """

    state: State
    key: str = ""


@dataclass(frozen=True, kw_only=True)
class Keyring:
    """The keys that count, as cuentas.yaml writes them, those among them that are revoked, and armored OpenPGP keys.

    An armored key that is not among those listed proves nothing.
    """

    listed: frozenset[str] = frozenset()
    revoked: frozenset[str] = frozenset()
    armored: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, keys: Iterable[str], revoked: Iterable[str], armored: Iterable[bytes] = ()) -> Keyring:
        """Gather keys; one that is revoked stays known, so that what it signed can be told from a bad signature."""
        out = frozenset(map(_bare, revoked))
        return cls(listed=frozenset(map(_bare, keys)) | out, revoked=out, armored=tuple(armored))

    @property
    def ssh(self) -> tuple[str, ...]:
        """The SSH public keys, sorted."""
        return tuple(sorted(one for one in self.listed if _is_ssh(one)))

    @property
    def revoked_ssh(self) -> tuple[str, ...]:
        """The SSH public keys that are revoked, sorted."""
        return tuple(sorted(one for one in self.revoked if _is_ssh(one)))

    @property
    def digest(self) -> str:
        """What the verdicts by these keys are kept under; anything else in it would make other verdicts."""
        parts = [*sorted(self.listed), "-", *sorted(self.revoked), "-"]
        parts += [hashlib.sha256(one).hexdigest() for one in self.armored]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()

    def verdict(self, state: State, key: str) -> Signature:
        """Return what a signature that Git found to be so is worth, by these keys."""
        if key in {fingerprint(one) for one in self.revoked}:
            return Signature(State.REVOKED, key)
        if state is State.GOOD and key not in {fingerprint(one) for one in self.listed}:
            return Signature(State.UNKNOWN, key)
        return Signature(state, key)


def fingerprint(key: str) -> str:
    """Return the fingerprint of a key as cuentas.yaml writes it."""
    if not _is_ssh(key):
        return key
    blob = base64.b64decode(key.split()[1])
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode("ascii").rstrip("=")


def _is_ssh(key: str) -> bool:
    return key.startswith("ssh-")


def _bare(key: str) -> str:
    """Return a key without its comment."""
    return " ".join(key.split()[:2])
