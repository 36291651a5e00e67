"""What Git says of the main branch: its first-parent commits and the files each one changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

ACCOUNTS = "accounts"
"""The folder of the declarations."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file that a commit changed against its first parent; a blob is None where the file is absent."""

    path: str
    old_mode: str
    new_mode: str
    old_blob: str | None
    new_blob: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitChange:
    """A commit of the first-parent line, with who and when, and the declarations it changed.

    Ids are 40 hex digits; `author` and `committer` read "name <email>"; `at` is the committer's, aware.
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
        """Whether it joins a branch, as a merged pull request does."""
        return len(self.parents) > 1

    @property
    def is_root(self) -> bool:
        """Whether it is the repository's first commit."""
        return not self.parents

    @property
    def declarations(self) -> tuple[FileChange, ...]:
        """The declarations among its files; the rest is configuration."""
        return tuple(file for file in self.files if file.path.startswith(f"{ACCOUNTS}/"))
