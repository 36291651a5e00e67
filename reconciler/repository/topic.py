"""A branch that proposes something: one commit on the main line, made without touching the working copy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from reconciler.errors import UsageError
from reconciler.repository import plumbing
from reconciler.repository.door import Door, GitFailedError, clean

_NONE = "0" * 40
_NAME = re.compile(r"[a-z]+/[a-z0-9]+([.-][a-z0-9]+)*")
_REFUSED = re.compile(r"non-fast-forward|fetch first|stale info|already exists", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Person:
    """Who writes a commit."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposal that is there: its one commit, and the commit of the main line that it stands on."""

    commit: str
    base: str


class TopicBranch:
    """A branch `folder/name` of the clone and its counterpart on the remote, as last fetched."""

    def __init__(self, door: Door, name: str, remote: str | None) -> None:
        if not _NAME.fullmatch(name):
            raise ValueError(f"not the name of a proposal's branch: {name!r}")
        self.name = name
        self._door = door
        self._remote = remote
        self._local = f"refs/heads/{name}"
        self._tracking = f"refs/remotes/{remote}/{name}"

    def found(self, main: str) -> Proposed | None:
        """Return the proposal that the branch holds, here or on the remote; None where there is no such branch.

        Raises:
            UsageError: what is there is not one commit on the main line, so that it is somebody's own work.

        """
        tip = plumbing.ref(self._door, self._local)
        if tip is None and self._remote is not None:
            tip = plumbing.ref(self._door, self._tracking)
        if tip is None:
            return None
        parents = self._door.run("rev-list", "--parents", "--max-count=1", tip).line.split()[1:]
        if len(parents) != 1 or not plumbing.is_ancestor(self._door, parents[0], main):
            raise self.occupied()
        return Proposed(tip, parents[0])

    def occupied(self) -> UsageError:
        """Return what to say where the branch holds something else, which is never overwritten."""
        return UsageError(
            f"La rama «{self.name}» ya existe y lleva otra cosa: no se sobrescribe.",
            remedy=f"Véala con «git log -p {self.name}»; si solo está en el remoto, con el nombre de éste delante "
            f"(«origin/…»). Si ya no sirve, bórrela («git branch -D {self.name}», y en el remoto con «git push "
            f"origin --delete {self.name}») y repita con la misma «--clave»; si es otra solicitud, use otra clave.",
        )

    def commit(self, base: str, files: Mapping[str, bytes], message: str, who: Person, at: datetime) -> str:
        """Make the branch: one commit of somebody's on `base`, with some files over what that holds.

        Raises:
            UsageError: the branch is there by now, or its name cannot be had beside another's.

        """
        moment = at.isoformat(timespec="seconds")
        person = {"NAME": who.name, "EMAIL": who.email, "DATE": moment}
        identity = {f"GIT_{role}_{field}": text for role in ("AUTHOR", "COMMITTER") for field, text in person.items()}
        new = plumbing.write_commit(self._door, base, files, message, identity)
        words = ("update-ref", "--no-deref", "-m", "cuentas request", self._local, new, _NONE)
        answer = self._door.run(*words, allow=(0, 1, 128))
        if answer.status == 0:
            return new
        if plumbing.ref(self._door, self._local) is not None:
            raise self.occupied()
        folder = self.name.partition("/")[0]
        if plumbing.ref(self._door, f"refs/heads/{folder}") is not None:
            raise UsageError(
                f"Hay una rama «{folder}», y Git no deja tener a la vez «{self.name}».",
                remedy=f"Cámbiele el nombre: «git branch -m {folder} otro-nombre».",
            )
        raise GitFailedError("update-ref", answer.complaint)

    def push(self, commit: str) -> None:
        """Put the proposal on the remote, where its branch is not there yet or is this very commit.

        Raises:
            UsageError: the remote has another branch of that name.
            GitFailedError: it cannot be reached, or did not let us.

        """
        options = ("--porcelain", "--no-verify", "--no-follow-tags", "--recurse-submodules=no", "--no-signed")
        words = ("push", *options, str(self._remote), f"{commit}:{self._local}")
        answer = self._door.run(*words, network=True, allow=(0, 1, 128))
        if answer.status == 0:
            self._door.run("update-ref", "--no-deref", self._tracking, commit)
            return
        said = clean(f"{answer.out.decode('utf-8', 'replace')} {answer.complaint}")
        if _REFUSED.search(said):
            raise self.occupied()
        raise GitFailedError(f"push {self._remote} {self.name}", said)
