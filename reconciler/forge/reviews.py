"""Which approvals of a pull request stand: the last decisive word of each person. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from reconciler.forge.answers import COMMIT
from reconciler.pull_request import Opinion


@dataclass(frozen=True, slots=True, order=True)
class Word:
    """A decisive word of somebody's on a pull request, in the order in which it was said.

    `approves` False takes back whatever they said before; `commit` is what they had before them.
    """

    at: datetime
    id: int
    user: str
    approves: bool
    commit: str


def standing(words: Iterable[Word]) -> tuple[Opinion, ...]:
    """Return the approvals that stand, oldest first; users that differ in case alone are one.

    An approval of a commit that the forge no longer names counts for nothing, and still replaces the one before.
    """
    last = {one.user.casefold(): one for one in sorted(words)}
    return tuple(
        Opinion(user=one.user, commit=one.commit, at=one.at.astimezone(UTC))
        for one in sorted(last.values())
        if one.approves and re.fullmatch(COMMIT, one.commit)
    )
