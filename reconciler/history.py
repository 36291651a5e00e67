"""What a branch's first-parent line says: one value per commit, with the files that it changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

ACCOUNTS = "accounts"
"""The folder of the declarations."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """One path as a commit found it and left it, against the commit's first parent.

    Modes are Git's six octal digits (`000000` where there is nothing). A blob is None where there is
    nothing; renames are never guessed, so a renamed file is one that goes and one that comes.
    """

    path: str
    old_mode: str
    new_mode: str
    old_blob: str | None
    new_blob: str | None


@dataclass(frozen=True, slots=True)
class CommitChange:
    """One commit of a first-parent line.

    `author` and `committer` read `name <e-mail>`, as the commit spells them; `at` is the committer's date,
    aware, in UTC: whoever commits chooses it. `body` is the message without its subject. `files` leaves out
    what lies outside the declaration.
    """

    commit: str
    parents: tuple[str, ...]
    author: str
    committer: str
    at: datetime
    subject: str
    body: str
    files: tuple[FileChange, ...]

    @property
    def is_merge(self) -> bool:
        """Whether it has more than one parent."""
        return len(self.parents) > 1

    @property
    def is_root(self) -> bool:
        """Whether it has no parent."""
        return not self.parents


@dataclass(frozen=True, slots=True)
class Commit:
    """Any commit of the whole graph: its parents, and its author as `name <e-mail>`."""

    commit: str
    parents: tuple[str, ...]
    author: str
