"""What the bitácora needs of Git; `reconciler.repository` has a class that fits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Protocol

from reconciler.history import CommitChange


class Branch(Protocol):
    """A branch, here and on a remote. Raises only `RecordError`s, `LostRaceError` among them."""

    @property
    def name(self) -> str:
        """Its name, for people."""

    @property
    def remote(self) -> str | None:
        """The remote's name; None where there is none."""

    def head(self) -> str | None:
        """Return the local tip."""

    def remote_head(self) -> str | None:
        """Return the remote's tip as it was last seen."""

    def fetch(self) -> str | None:
        """Ask the remote for its tip; None where there is no remote or it has no such branch."""

    def listing(self, commit: str) -> Mapping[str, str]:
        """Return the blob id of every file of a commit (with its mode before it where no plain file)."""

    def blobs(self, ids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield blobs with their ids."""

    def history(self, commit: str) -> Iterator[CommitChange]:
        """Yield every commit that leads to one, oldest first, with all its files."""

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        """Whether one commit is, or is reachable from, the other."""

    def commit(self, parent: str | None, files: Mapping[str, bytes], message: str, *, expected: str | None) -> str:
        """Add files onto a parent and move the local branch from `expected` to that, or lose the race."""

    def move(self, commit: str, *, expected: str | None) -> None:
        """Move the local branch from `expected` to a commit, or lose the race."""

    def push(self, commit: str) -> None:
        """Make a commit the remote's tip, only ever forward, or lose the race."""
