"""What each merge joined: whether the branch that came in had changed the values that the merge brought. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from reconciler.history import Commit, CommitChange, FileChange
from reconciler.lineage import Lineage
from reconciler.trail import (
    Entries,
    EntryId,
    Origin,
    Trail,
    declares,
    declaring,
    entry_id,
    is_plain_file,
    may_say,
    with_place,
)

Versions = Mapping[str, Entries]
"""What each version of a file says, by its blob's id; nothing for one that cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unapproved:
    """Why a change has no approval: the commit at fault and, in Spanish, what is wrong with it."""

    commit: str
    reason: str


class Review(Protocol):
    """What the repository can say of merges and of the branches they joined; asked in batches."""

    def graph(self) -> Iterable[Commit]:
        """Return every commit there is behind the tip, the merged branches' included."""

    def comparisons(self, pairs: Sequence[tuple[str, str]]) -> Sequence[tuple[FileChange, ...]]:
        """Return the files that differ between each merge and one side of it (the old one)."""

    def versions(self, blobs: Iterable[str]) -> Mapping[str, Entries]:
        """Return what each version of a file says; nothing for one that cannot be read."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Something that a change rests on: fields of an entry, as one commit brought them in."""

    entry: EntryId
    origin: Origin
    fields: frozenset[str]


Blobs = Mapping[str, str]
"""What a commit has for each file that a merge has otherwise: the blob's id, "" for none, or `_UNREADABLE`."""

_UNREADABLE = "?"
"""Stands for what is no plain file: a link or a submodule."""


@dataclass(frozen=True, kw_only=True)
class _Merge:
    """A merge on the main line, and the commits that it has to be compared with.

    `sides` are the branches that it joined, each with the commits where that branch had left the line;
    `differing` holds what each of all these commits has otherwise.
    """

    commit: str
    before: Blobs
    after: Blobs
    sides: Sequence[tuple[str, frozenset[str]]]
    differing: Mapping[str, Blobs]

    @property
    def joins_nothing(self) -> bool:
        """Whether the main branch already had all that it joins: nothing was reviewed there."""
        return all(side in bases for side, bases in self.sides)

    @cached_property
    def is_plain(self) -> bool:
        """Whether a branch left the line, nobody touched its files there meanwhile, and it came in as it was."""
        if len(self.sides) != 1:
            return False
        ((side, bases),) = self.sides
        base_is_first_parent = all(
            self.differing[base].get(path, self.after[path]) == blob
            for base in bases
            for path, blob in self.before.items()
        )
        return base_is_first_parent and self.differing[side].keys().isdisjoint(self.after)

    def entry_at(
        self, commit: str, ground: Ground, left: Mapping[str, str], read: Versions
    ) -> Mapping[str, str] | None:
        """Return what another commit says of an entry that the merge left as `left`; None where nobody can tell.

        It may stand in another file there. Where no file that differs has it, it is as the merge has it,
        unless the merge's own file is one that differs. A file that cannot be read may say anything.
        """
        name = ground.entry[1:]
        differing = self.differing[commit]
        if any(blob and blob not in read for blob in differing.values()):
            return None
        for path, blob in differing.items():
            fields = read.get(blob, {}).get(name) if may_say(path, name) else None
            if fields is not None and entry_id(path, name) == ground.entry:
                return with_place(path, name, fields)
        return {} if ground.origin.path in differing else left


@dataclass(frozen=True, kw_only=True)
class Court:
    """Everything needed to judge a set of grounds, fetched at once."""

    trail: Trail
    baseline: frozenset[str]
    lineage: Lineage
    merges: Mapping[str, _Merge]
    versions: Versions

    @classmethod
    def seated(cls, grounds: set[Ground], trail: Trail, review: Review, baseline: frozenset[str]) -> Court:
        """Ask the repository, in batches, for what these grounds have to be judged by."""
        wanted = {one.origin.commit for one in grounds} - baseline
        merged = any(trail.commits[one.origin.commit].is_merge for one in grounds)
        lineage = Lineage.of(trail, review.graph()) if merged else Lineage()
        merges = _compared([trail.commits[one] for one in sorted(wanted)], lineage, review)
        blobs = {
            blob
            for merge in merges.values()
            if not merge.is_plain
            for files in (merge.after, *merge.differing.values())
            for blob in files.values()
        }
        versions = review.versions(sorted(blobs - {"", _UNREADABLE}))
        return cls(trail=trail, baseline=baseline, lineage=lineage, merges=merges, versions=versions)

    @property
    def summoned(self) -> tuple[CommitChange, ...]:
        """The merges of the main line that the grounds rest on, those accepted as the starting point aside."""
        return tuple(self.trail.commits[commit] for commit in self.merges)

    def fault(self, ground: Ground) -> Unapproved | None:
        """Return what is wrong with how a value came in, or None."""
        change = self.trail.commits[ground.origin.commit]
        if change.commit in self.baseline:
            return None
        if change.is_root:
            if ground.entry[1] != "cuentas":
                return None
            return Unapproved(commit=change.commit, reason="la trajo el primer commit, que nadie aprobó")
        if not change.is_merge:
            return Unapproved(commit=change.commit, reason="se empujó sin pasar por una fusión")
        merge = self.merges[change.commit]
        if merge.joins_nothing:
            return Unapproved(commit=change.commit, reason="es una fusión que no une ninguna rama")
        reason = None if merge.is_plain else self._unreviewed(ground, merge)
        return Unapproved(commit=change.commit, reason=reason) if reason else None

    def _unreviewed(self, ground: Ground, merge: _Merge) -> str | None:
        """Say why a value that a merge brought in was not reviewed; None where a branch it joined changed it so.

        A branch that merely still has an old value did not propose it: taking its side of a conflict must
        not undo what the main branch decided meanwhile.
        """
        path, name = ground.origin.path, ground.entry[1:]
        fields = self.versions.get(merge.after.get(path, ""), {}).get(name)
        left = {} if fields is None else with_place(path, name, fields)

        def at(commit: str) -> Mapping[str, str] | None:
            return merge.entry_at(commit, ground, left, self.versions)

        sides = []
        for side, bases in merge.sides:
            theirs, before = at(side), [known for base in bases if (known := at(base)) is not None]
            if theirs is None or len(before) < len(bases):
                return "la rama revisada tenía un archivo que no se puede leer"
            sides.append((theirs, before))
        for field in sorted(ground.fields):
            value = left.get(field)
            holding = [bases for side, bases in sides if side.get(field) == value]
            if not holding:
                return "el valor se escribió al fusionar: no estaba en la rama revisada"
            if not any(all(base.get(field) != value for base in bases) for bases in holding):
                return "el valor volvió al fusionar: la rama revisada no lo cambiaba, lo tenía de antes"
        return None


def _blob(mode: str, blob: str | None) -> str:
    if blob is None:
        return ""
    return blob if is_plain_file(mode) else _UNREADABLE


def _compared(changes: Sequence[CommitChange], lineage: Lineage, review: Review) -> Mapping[str, _Merge]:
    """Compare merges with the branches that they joined and with where those had left the main line."""
    joined = {
        one: [(side, lineage.bases(one.commit, side)) for side in one.parents[1:]] for one in changes if one.is_merge
    }
    pairs = [
        (one.commit, other)
        for one, sides in joined.items()
        for other in sorted({commit for side, bases in sides for commit in (side, *bases)})
    ]
    differing: dict[str, dict[str, Blobs]] = {}
    for (merge, other), files in zip(pairs, review.comparisons(pairs), strict=True):
        differing.setdefault(merge, {})[other] = {
            file.path: _blob(file.old_mode, file.old_blob) for file in files if declares(file.path)
        }
    return {
        one.commit: _Merge(
            commit=one.commit,
            before={file.path: _blob(file.old_mode, file.old_blob) for file in declaring(one)},
            after={file.path: _blob(file.new_mode, file.new_blob) for file in declaring(one)},
            sides=sides,
            differing=differing[one.commit],
        )
        for one, sides in joined.items()
    }
