"""What the plan in a pull request says to `apply`: which changes it showed, of which commit. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reconciler.pull_request import Comment, PullRequest

_BEGINS = "<!-- cuentas:plan "
_WRITTEN = re.compile(r"^<!-- cuentas:plan (\{[^\n]{1,200000}\}) -->\r?$", re.MULTILINE)

UNAPPROVED = "cuentas:sin-aprobar"
"""The mark of our comment that says what lacks an approval."""

RELEASED = "cuentas:liberado"
"""A mark of our comment on what was withheld, once nothing is."""

_MARK = re.compile(r"^<!-- (cuentas:[a-z-]+) -->\r?$", re.MULTILINE)

_Commit = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
_Huella = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
_Destino = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]
_Cambio = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]


class Marker(BaseModel):
    """What was shown: the changes, by `change_id`, of the plan of a head against a base and a target's snapshot."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    formato: Literal["cuentas-mostrado/1"] = "cuentas-mostrado/1"
    cabeza: _Commit
    base: _Commit
    destino: _Destino
    lectura: _Huella
    huella: _Huella
    cambios: Annotated[tuple[_Cambio, ...], Field(max_length=10_000)]


@dataclass(frozen=True, slots=True)
class Showing:
    """A pull request, and the changes that its plan showed to whoever approved it.

    `marks` are those of our other comments there.
    """

    pull_request: PullRequest
    changes: frozenset[str]
    marks: frozenset[str] = frozenset()

    @property
    def lacked_approval(self) -> bool:
        """Whether it was said there that an approval was lacking."""
        return UNAPPROVED in self.marks


def hidden(marker: Marker) -> str:
    """Return a marker as the line that nobody sees; no value that comes from people is in it."""
    return f"{_BEGINS}{marker.model_dump_json()} -->"


def shown_by(
    pull_request: PullRequest, comments: Iterable[Comment], who: str, *, merged: str, target: str
) -> Showing:
    """Return what a pull request showed of a target: what `who` said in it, of the commit that was merged (40 hex).

    That commit is Git's to say: a forge may go on telling what the branch holds by now.

    Whatever anybody else writes, a marker that is quoted or not whole, and two in one comment count for nothing.
    """
    ours = [one for one in comments if one.user.casefold() == who.casefold()]
    changes = (set(one.cambios) for one in _markers(ours) if one.cabeza == merged and one.destino == target)
    return Showing(pull_request, frozenset().union(*changes), marks_of(ours, who))


def marks_of(comments: Iterable[Comment], who: str) -> frozenset[str]:
    """Return the marks of what somebody said."""
    ours = (one for one in comments if one.user.casefold() == who.casefold())
    return frozenset(mark for one in ours for mark in _MARK.findall(one.body))


def _markers(comments: Iterable[Comment]) -> Iterator[Marker]:
    for comment in comments:
        found = _WRITTEN.findall(comment.body)
        if len(found) != 1 or comment.body.count(_BEGINS) != 1:
            continue
        try:
            yield Marker.model_validate_json(found[0])
        except ValidationError:
            continue
