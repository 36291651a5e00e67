"""A branch that only grows, for a record: written without a working copy, by compare-and-swap."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import NoReturn

from reconciler.errors import ConfigurationError, LostRaceError, RecordError, why_not
from reconciler.history import CommitChange
from reconciler.repository import parsing, plumbing
from reconciler.repository.door import Answer, Door, GitFailedError

_NONE = "0" * 40
_LOST_LOCALLY = re.compile(r"cannot lock ref|reference already exists|unable to resolve reference", re.IGNORECASE)
_LOST_REMOTELY = re.compile(
    r"non-fast-forward|fetch first|stale info|reference already exists|incorrect old value"
    r"|(cannot|failed to|unable to) (lock|update ref)",
    re.IGNORECASE,
)


class GitBranch:
    """One branch of a repository and its counterpart on a remote, where there is one.

    Neither the working copy nor the user's index is ever touched. Raises only `RecordError`s.
    """

    def __init__(self, door: Door, name: str, remote: str | None, email: str, holds: str = "la bitácora") -> None:
        self.name = name
        self.remote = remote
        self._holds = holds
        self._door = door
        self._local = f"refs/heads/{name}"
        self._tracking = f"refs/remotes/{remote}/{name}"
        person = {"NAME": "cuentas", "EMAIL": email, "DATE": ""}  # no date: the machine's, not the caller's
        self._identity = {f"GIT_{role}_{k}": v for role in ("AUTHOR", "COMMITTER") for k, v in person.items()}

    def head(self) -> str | None:
        """Return the local branch's tip; None where there is no branch."""
        return self._ref(self._local)

    def remote_head(self) -> str | None:
        """Return the remote branch's tip as it was last seen; None without a remote or a branch there."""
        return None if self.remote is None else self._ref(self._tracking)

    def fetch(self) -> str | None:
        """Ask the remote for its tip, with everything that leads to it; None as `remote_head`.

        Raises:
            RecordError: the remote cannot be reached or does not answer.

        """
        if self.remote is None:
            return None
        options = ("--quiet", "--no-tags", "--no-prune", "--no-write-fetch-head", "--recurse-submodules=no")
        words = ("fetch", *options, self.remote, f"+{self._local}:{self._tracking}")
        with _as_record_errors():
            answer = self._door.run(*words, network=True, allow=(0, 1, 128))
            if answer.status == 0:
                return self._ref(self._tracking)
            if f"couldn't find remote ref {self._local}" in answer.complaint:
                self._door.run("update-ref", "-d", self._tracking)
                return None
        raise RecordError(
            f"No se pudo leer la rama «{self.name}» de «{self.remote}»: {answer.complaint}.",
            remedy="Revise la red y el acceso al repositorio remoto («git fetch»), y vuelva a correr.",
        )

    def listing(self, commit: str) -> Mapping[str, str]:
        """Return the blob id of every file at a commit; what is no plain file gets its mode before the id."""
        with _as_record_errors():
            chunks = self._door.stream("ls-tree", "-r", "-l", "-z", "--full-tree", commit)
            return {
                entry.path: entry.blob if entry.mode == "100644" else f"{entry.mode} {entry.blob}"
                for entry in parsing.tree_entries(chunks)
            }

    def blobs(self, ids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield blobs with their ids, in the order asked for, holding one at a time."""
        with _as_record_errors():
            yield from plumbing.blobs(self._door, ids)

    def history(self, commit: str) -> Iterator[CommitChange]:
        """Yield every commit that leads to one, oldest first, with the files that each changed."""
        with _as_record_errors():
            yield from plumbing.log(self._door, "--topo-order", commit, prefixes=())

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        """Whether one commit is, or is reachable from, the other."""
        with _as_record_errors():
            return plumbing.is_ancestor(self._door, ancestor, descendant)

    def commit(self, parent: str | None, files: Mapping[str, bytes], message: str, *, expected: str | None) -> str:
        """Add files to what `parent` holds, as one commit, and move the local branch onto it.

        The branch moves only from `expected` (None: it must not exist), which need not be the parent.

        Raises:
            LostRaceError: the branch is no longer at `expected`; it stays where it is.
            RecordError: git cannot write, for want of room for example.

        """
        with _as_record_errors():
            new = plumbing.write_commit(self._door, parent, files, message, self._identity)
        self.move(new, expected=expected)
        return new

    def move(self, commit: str, *, expected: str | None) -> None:
        """Move the local branch onto a commit by compare-and-swap; raises as `commit` does."""
        words = ("update-ref", "--no-deref", "-m", "cuentas", self._local, commit, expected or _NONE)
        with _as_record_errors():
            answer = self._door.run(*words, allow=(0, 1, 128))
            if answer.status == 0:
                return
            if _LOST_LOCALLY.search(answer.complaint) and self.head() != expected:
                raise LostRaceError(
                    f"Otro proceso movió la rama «{self.name}» al mismo tiempo.", remedy="Vuelva a correr."
                )
            raise GitFailedError("update-ref", answer.complaint)

    def push(self, commit: str) -> None:
        """Make a commit the remote branch's tip, where that only adds to it; returning means it is there.

        Raises:
            LostRaceError: the remote has commits that this one does not lead on from.
            RecordError: the remote cannot be reached, or refused: a hook, a rule, no permission, no answer.

        """
        with _as_record_errors():
            answer = self._pushed(commit)
            if answer.status == 0:
                self._door.run("update-ref", "--no-deref", self._tracking, commit)
                return
        self._refused(answer)

    def rehearse(self, commit: str) -> None:
        """Begin to push a commit, as whoever may write to the remote can, and stop before anything is sent.

        What a remote judges only when a commit arrives (its hooks, its rules for a branch) does not show.

        Raises:
            RecordError: the remote cannot be reached, or lets this clone only read.

        """
        with _as_record_errors():
            answer = self._pushed(commit, "--dry-run")
        if answer.status != 0:
            with suppress(LostRaceError):  # it was let in: only the commit to begin with was not the latest
                self._refused(answer)

    def _pushed(self, commit: str, *more: str) -> Answer:
        options = ("--porcelain", "--no-verify", "--no-follow-tags", "--recurse-submodules=no", "--no-signed")
        words = ("push", *options, *more, str(self.remote), f"{commit}:{self._local}")
        return self._door.run(*words, network=True, allow=(0, 1, 128))

    def _refused(self, answer: Answer) -> NoReturn:
        verdict = plumbing.verdict(answer)
        said = ": ".join(part for part in (verdict, answer.complaint) if part)
        if _LOST_REMOTELY.search(verdict):
            raise LostRaceError(
                f"Otro escribe al mismo tiempo en la rama «{self.name}» de «{self.remote}»: {said}.",
                remedy="Vuelva a correr.",
            )
        raise RecordError(
            f"«{self.remote}» no aceptó {self._holds}: {said}.",
            remedy=f"Revise la red, los permisos y las reglas de la rama «{self.name}»; lo escrito queda en esta "
            "máquina y se publicará en la próxima corrida.",
        )

    def _ref(self, name: str) -> str | None:
        with _as_record_errors():
            return plumbing.ref(self._door, name)


@contextmanager
def _as_record_errors() -> Iterator[None]:
    try:
        yield
    except ConfigurationError as error:
        raise RecordError(error.message, remedy=error.remedy) from error
    except OSError as error:
        raise RecordError(
            f"No se pudo escribir la bitácora: {why_not(error)}.",
            remedy="Revise el espacio en disco y los permisos de .git.",
        ) from error
