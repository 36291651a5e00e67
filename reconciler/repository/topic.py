"""A branch that proposes something: one commit on the main line, made without touching the working copy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from reconciler.errors import ConfigurationError, UsageError
from reconciler.repository import plumbing
from reconciler.repository.door import Door, GitFailedError

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
        tip = plumbing.ref(self._door, self._local) or self._on_remote()
        if tip is None:
            return None
        found = self._proposed(tip, main)
        if found is None:
            raise self.occupied()
        return found

    def published(self, main: str) -> Proposed | None:
        """Return the proposal that the remote's branch holds; None where it has none, or something else."""
        tip = self._on_remote()
        return None if tip is None else self._proposed(tip, main)

    def _on_remote(self) -> str | None:
        return None if self._remote is None else plumbing.ref(self._door, self._tracking)

    def _proposed(self, tip: str, main: str) -> Proposed | None:
        parents = self._door.run("rev-list", "--parents", "--max-count=1", tip).line.split()[1:]
        if len(parents) != 1 or not plumbing.is_ancestor(self._door, parents[0], main):
            return None
        return Proposed(tip, parents[0])

    def occupied(self) -> UsageError:
        """Return what to say where the branch holds something else, which is never overwritten."""
        return UsageError(
            f"La rama «{self.name}» ya existe y lleva otra cosa: no se sobrescribe.",
            remedy=f"Véala con «git log -p {self.name}»; si solo está en el remoto, con el nombre de éste delante "
            f"(«origin/…»). Si ya no sirve, bórrela («git branch -D {self.name}», y en el remoto con «git push "
            f"origin --delete {self.name}») y repita con la misma «--clave»; si es otra solicitud, use otra clave.",
        )

    def commit(
        self,
        base: str,
        files: Mapping[str, bytes],
        message: str,
        who: Person,
        at: datetime,
        *,
        instead: str | None = None,
    ) -> str:
        """Make the branch: one commit of somebody's on `base`, with some files over what that holds.

        `instead` is the commit that the branch holds and that this one takes the place of.

        Raises:
            UsageError: the branch holds another commit by now, or its name cannot be had beside another's.

        """
        moment = at.isoformat(timespec="seconds")
        person = {"NAME": who.name, "EMAIL": who.email, "DATE": moment}
        identity = {f"GIT_{role}_{field}": text for role in ("AUTHOR", "COMMITTER") for field, text in person.items()}
        new = plumbing.write_commit(self._door, base, files, message, identity)
        here = plumbing.ref(self._door, self._local)
        expected = instead if instead and here == instead else _NONE  # one that is only on the remote is new here
        words = ("update-ref", "--no-deref", "-m", "cuentas request", self._local, new, expected)
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

    def drop(self, commit: str) -> None:
        """Take the branch away from this clone, where it holds this commit and nothing else."""
        self._door.run("update-ref", "--no-deref", "-d", self._local, commit)

    def push(self, commit: str, over: str | None = None) -> None:
        """Put the proposal on the remote, where its branch is not there yet, is this very commit, or is `over`.

        Raises:
            UsageError: the remote has another branch of that name.
            ConfigurationError: it cannot be reached, or did not let us.

        """
        options = ("--porcelain", "--no-verify", "--no-follow-tags", "--recurse-submodules=no", "--no-signed")
        lease = (f"--force-with-lease={self._local}:{over}",) if over else ()
        words = ("push", *options, *lease, str(self._remote), f"{commit}:{self._local}")
        answer = self._door.run(*words, network=True, allow=(0, 1, 128))
        if answer.status == 0:
            self._door.run("update-ref", "--no-deref", self._tracking, commit)
            return
        verdict = plumbing.verdict(answer)
        if _REFUSED.search(verdict):
            raise self.occupied()
        said = ": ".join(part for part in (verdict, answer.complaint) if part) or "no dijo por qué"
        raise ConfigurationError(
            f"«{self._remote}» no aceptó la rama «{self.name}»: {said}.",
            remedy="La rama está en este clon, y su orden en la bitácora. Revise la red y sus permisos en la forja, "
            "y repita el mismo comando con «--push».",
        )
