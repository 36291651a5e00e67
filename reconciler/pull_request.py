"""A pull request as the forge tells of it: values, whatever the forge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """A pull request: its number, where people read it, and the commits (40 hex digits) that it joins.

    `author` is the forge's user; `head` is the last commit proposed, `merge` the one that it was merged as, None
    while it is not merged.
    """

    number: int
    url: str
    author: str
    head: str
    branch: str
    merge: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """A review of a pull request that approves: whose, of which commit, and when (aware, UTC).

    What was dismissed or followed by a refusal of the same person is none.
    """

    user: str
    commit: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """Something said on a pull request or an issue."""

    id: int
    user: str
    body: str
