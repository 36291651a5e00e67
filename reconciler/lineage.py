"""Where a merged branch had left the main line, told from the graph of all commits. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from reconciler.history import Commit
from reconciler.trail import Trail


@dataclass(frozen=True, slots=True)
class Lineage:
    """The graph behind the main line; `arrived` says with which commit of the line each commit became part of it."""

    parents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    authors: Mapping[str, str] = field(default_factory=dict)
    arrived: Mapping[str, int] = field(default_factory=dict)
    position: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, trail: Trail, graph: Iterable[Commit]) -> Lineage:
        """Lay out a graph along the line."""
        commits = list(graph)
        parents = {one.commit: one.parents for one in commits}
        arrived: dict[str, int] = {}
        for commit, place in trail.position.items():
            waiting = [commit]
            while waiting:
                one = waiting.pop()
                if one not in arrived:
                    arrived[one] = place
                    waiting.extend(parents.get(one, ()))
        return cls(parents, {one.commit: one.author for one in commits}, arrived, trail.position)

    def bases(self, merge: str, side: str) -> frozenset[str]:
        """Return the commits where a side of a merge had last left the line: git's merge bases.

        Several where the two had crossed; a few that git would leave out may be among them. None for a side
        with a history of its own, the side itself where it brings nothing new.
        """
        return self._left(side, self.position[merge])

    def crossing(self, side: str, taken: str) -> frozenset[str]:
        """Return the commits where a side had last left the line, when it took in one of the line's own commits."""
        return self._left(side, self.position[taken] + 1)

    def joined(self, merge: str, sides: Iterable[str]) -> tuple[str, ...]:
        """Return the commits that became part of the line with a merge: all there is behind its sides, and new."""
        now = self.position[merge]
        found: dict[str, None] = {}
        waiting = list(sides)
        while waiting:
            commit = waiting.pop()
            if commit not in found and self.arrived.get(commit, now) >= now:
                found[commit] = None
                waiting.extend(self.parents.get(commit, ()))
        return tuple(found)

    def _left(self, side: str, now: int) -> frozenset[str]:
        met: set[str] = set()
        seen = {side}
        waiting = [side]
        while waiting:
            commit = waiting.pop()
            if self.arrived.get(commit, now) < now:
                met.add(commit)
                continue
            fresh = [one for one in self.parents.get(commit, ()) if one not in seen]
            seen.update(fresh)
            waiting.extend(fresh)
        newest = max((self.position[one] for one in met if one in self.position), default=-1)
        behind = {one for one in met if self.arrived[one] <= newest and self.position.get(one) != newest}
        return frozenset(met - behind)
