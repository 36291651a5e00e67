"""Who proposed what a merge joined: the authors of its commits, but for bringing a branch up to date. Pure.

Whoever merges the main line into a branch ("Update branch") proposes nothing by it, so that an approver may. Where
that merge says anything that neither the main line nor a change of the branch says, its author wrote it: it counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from reconciler.history import CommitChange, FileChange
from reconciler.lineage import Lineage
from reconciler.review import Review, Versions
from reconciler.trail import EntryId, declares, entry_id, is_plain_file, may_say, with_place

_UNREADABLE = "?"
"""Stands for what is no plain file: a link or a submodule."""

_Says = Mapping[EntryId, Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class _Update:
    """A merge of the main line into a branch: the branch before it, the line's commit, and where they had parted."""

    commit: str
    branch: str
    line: str
    bases: frozenset[str]
    after: dict[str, str] = field(default_factory=dict)
    differing: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def pairs(self) -> Iterator[tuple[str, str]]:
        """The comparisons that it takes to see what it wrote."""
        return ((self.commit, other) for other in sorted({self.branch, self.line, *self.bases}))

    def compared(self, other: str, files: Iterable[FileChange]) -> None:
        """Take in what differs between it and another commit, which is the old side."""
        found = self.differing.setdefault(other, {})
        for one in files:
            self.after[one.path] = _blob(one.new_mode, one.new_blob)
            found[one.path] = _blob(one.old_mode, one.old_blob)

    def blob(self, commit: str, path: str) -> str:
        """Return what a commit has at a path: its own, or what the merge has too."""
        return self.differing.get(commit, {}).get(path, self.after[path])

    @cached_property
    def doubtful(self) -> frozenset[str]:
        """The files that are neither the line's nor the branch's alone: they have to be read."""
        return frozenset(
            path
            for path, theirs in self.differing.get(self.line, {}).items()
            if self.after[path] != theirs
            and (
                self.blob(self.branch, path) != self.after[path]
                or any(self.blob(base, path) != theirs for base in self.bases)
            )
        )

    @property
    def blobs(self) -> Iterator[str]:
        """What has to be read of it."""
        every = (self.after, *self.differing.values())
        return (blob for files in every for path, blob in files.items() if declares(path))

    def writes(self, versions: Versions) -> bool:
        """Whether it says anything that neither the line says nor the branch had changed.

        What is no declaration, as the words of a letter, is taken as a whole: made of both is written.
        """
        if not self.doubtful:
            return False
        if any(not declares(path) and self._wrote(path) for path in self.doubtful):
            return True
        says = {one: self._says(one, versions) for one in (self.commit, self.branch, self.line, *self.bases)}
        if any(one is None for one in says.values()):
            return True
        result, branch, line, *bases = ({} if one is None else one for one in says.values())
        return any(
            _written(
                result.get(one, {}), branch.get(one, {}), line.get(one, {}), [base.get(one, {}) for base in bases]
            )
            for one in (*result, *branch, *line)
        )

    def _wrote(self, path: str) -> bool:
        """Whether a file that differs from the line's is not as the branch had changed it."""
        branch = self.blob(self.branch, path)
        return branch != self.after[path] or any(self.blob(base, path) == branch for base in self.bases)

    def _says(self, commit: str, versions: Versions) -> _Says | None:
        """Return what a commit's files say, of those that differ anywhere; None where one cannot be read."""
        found: dict[EntryId, Mapping[str, str]] = {}
        for path, own in self.after.items():
            if not declares(path):
                continue
            blob = own if commit == self.commit else self.blob(commit, path)
            if blob and blob not in versions:
                return None
            for name, fields in versions.get(blob, {}).items():
                if may_say(path, name):
                    found[entry_id(path, name)] = with_place(path, name, fields)
        return found


def _written(
    result: Mapping[str, str], branch: Mapping[str, str], line: Mapping[str, str], bases: Sequence[Mapping[str, str]]
) -> bool:
    """Whether any field is neither as the line has it nor as the branch had changed it."""
    return any(
        result.get(name) != line.get(name)
        and (result.get(name) != branch.get(name) or any(one.get(name) == branch.get(name) for one in bases))
        for name in result.keys() | branch.keys() | line.keys()
    )


def proposers(merges: Sequence[CommitChange], lineage: Lineage, review: Review) -> Mapping[str, tuple[str, ...]]:
    """Return, for each merge of the main line, who proposed what it joined, as commits spell them, each once."""
    joined = {one.commit: lineage.joined(one.commit, one.parents[1:]) for one in merges}
    updates = [
        update
        for merge, commits in joined.items()
        for commit in commits
        if (update := _update(commit, frozenset(commits), merge, lineage))
    ]
    pairs = [pair for update in updates for pair in update.pairs]
    compared = iter(review.comparisons(pairs))
    for update in updates:
        for _, other in update.pairs:
            update.compared(other, next(compared))
    blobs = {blob for update in updates if update.doubtful for blob in update.blobs} - {"", _UNREADABLE}
    versions = review.versions(sorted(blobs)) if blobs else {}
    innocent = {update.commit for update in updates if not update.writes(versions)}
    return {
        merge: tuple(sorted({lineage.authors[one] for one in commits if one not in innocent}))
        for merge, commits in joined.items()
    }


def _update(commit: str, new: frozenset[str], merge: str, lineage: Lineage) -> _Update | None:
    """Return a commit as a merge of the main line into its branch; None where it is anything else."""
    parents = lineage.parents.get(commit, ())
    own = [one for one in parents if one in new]
    line = [one for one in parents if lineage.position.get(one, len(lineage.position)) < lineage.position[merge]]
    if len(parents) != len(own) + len(line) or len(own) != 1 or len(line) != 1:
        return None
    return _Update(commit=commit, branch=own[0], line=line[0], bases=lineage.crossing(own[0], line[0]))


def _blob(mode: str, blob: str | None) -> str:
    if blob is None:
        return ""
    return blob if is_plain_file(mode) else _UNREADABLE
