"""Which merge approved which change: pure, over what the repository read of its first-parent history.

A change is approved when every value it carries out was brought in by a merge into the main branch whose
merged side already held that value. A commit pushed straight to the branch, a squash or a rebase leaves
one parent only: nothing in Git tells it from a push around the pull request, so it approves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import PurePosixPath
from typing import Protocol

from reconciler.errors import Problem
from reconciler.history import Commit, CommitChange, FileChange
from reconciler.model import AccountKey, Declaration, Declared, Siglas
from reconciler.plan import Adopt, Change, Create, Disable, DisconnectMailbox, Move, Reactivate, change_id

CONFIG = "cuentas.yaml"
PLACE = "(dependencia)"
"""The field under which an account's dependencia is traced: moving to another file changes it."""

Entries = Mapping[tuple[str, str], Mapping[str, str]]
"""What one file says: (section, name) -> field -> canonical text."""

EntryId = tuple[str, str, str]
"""(siglas, section, name) of an entry; the siglas of an account are "", because accounts move."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The commit and file that brought a field's current value in (or took the field away)."""

    commit: str
    path: str


@dataclass(frozen=True, slots=True)
class EntryChange:
    """What one first-parent commit did to an account's entry: its fields before and after, {} for none."""

    commit: str
    before: Mapping[str, str]
    after: Mapping[str, str]

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields that changed, sorted."""
        names = self.before.keys() | self.after.keys()
        return tuple(sorted(name for name in names if self.before.get(name) != self.after.get(name)))


@dataclass(frozen=True, kw_only=True)
class Trail:
    """The first-parent history, traced to the origin of every value that stands today.

    `movements` holds, for every account that was ever declared, what happened to its entry, oldest first.
    """

    commits: Mapping[str, CommitChange]
    origins: Mapping[EntryId, Mapping[str, Origin]]
    movements: Mapping[AccountKey, Sequence[EntryChange]]

    @cached_property
    def position(self) -> Mapping[str, int]:
        """Every commit's place in the line, oldest first."""
        return {commit: place for place, commit in enumerate(self.commits)}

    @cached_property
    def around_review(self) -> tuple[CommitChange, ...]:
        """Commits that changed declarations or configuration without being a merge, the root aside."""
        return tuple(
            change for change in self.commits.values() if change.files and not change.is_merge and not change.is_root
        )


def siglas_of(path: str) -> Siglas:
    """Return the siglas that a path under accounts/ stands for, in either form."""
    parts = PurePosixPath(path).parts
    return Siglas(parts[1] if len(parts) > 2 else PurePosixPath(path).stem)  # noqa: PLR2004


def trace(commits: Iterable[CommitChange], entries: Callable[[str], Entries]) -> Trail:
    """Walk the first-parent line, oldest first, and keep the origin of every value.

    `entries` reads a blob by its id and raises ValueError for one that is no valid YAML; the values that
    such a version hides are attributed to it, when the next readable one shows them, unless a merge
    brought it in.
    """
    tracer = _Tracer(entries)
    for change in commits:
        tracer.take(change)
    return Trail(commits=tracer.commits, origins=tracer.origins, movements=tracer.movements)


@dataclass
class _Touched:
    """An entry before and after one commit; in a transfer each comes from a file of its own."""

    origin: Origin
    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)


@dataclass
class _Tracer:
    entries: Callable[[str], Entries]
    commits: dict[str, CommitChange] = field(default_factory=dict)
    origins: dict[EntryId, dict[str, Origin]] = field(default_factory=dict)
    movements: dict[AccountKey, list[EntryChange]] = field(default_factory=dict)
    _current: dict[str, Entries] = field(default_factory=dict)
    _unreadable: dict[str, str] = field(default_factory=dict)

    def take(self, change: CommitChange) -> None:
        self.commits[change.commit] = change
        touched: dict[EntryId, _Touched] = {}
        for file in change.declarations:
            self._compare(change, file, touched)
        for entry, versions in touched.items():
            self._attribute(entry, versions)
            if entry[1] == "cuentas" and versions.before != versions.after:
                movement = EntryChange(versions.origin.commit, versions.before, versions.after)
                self.movements.setdefault(AccountKey(entry[2]), []).append(movement)

    def _compare(self, change: CommitChange, file: FileChange, touched: dict[EntryId, _Touched]) -> None:
        old = self._current.get(file.path, {})
        try:
            new = self.entries(file.new_blob) if file.new_blob else {}
        except ValueError:
            if not change.is_merge:
                self._unreadable.setdefault(file.path, change.commit)
            return
        origin = Origin(self._unreadable.pop(file.path, change.commit), file.path)
        self._current[file.path] = new
        for name in old.keys() | new.keys():
            if old.get(name) == new.get(name):
                continue
            versions = touched.setdefault(_entry_id(file.path, name), _Touched(origin))
            if name in old:
                versions.before = _with_place(file.path, name, old[name])
            if name in new:
                versions.after = _with_place(file.path, name, new[name])
                versions.origin = origin

    def _attribute(self, entry: EntryId, versions: _Touched) -> None:
        known = self.origins.setdefault(entry, {})
        before, after = versions.before, versions.after
        for name in before.keys() | after.keys():
            if before.get(name) != after.get(name):
                known[name] = versions.origin


def _entry_id(path: str, name: tuple[str, str]) -> EntryId:
    section, key = name
    return ("" if section == "cuentas" else siglas_of(path), section, key)


def _with_place(path: str, name: tuple[str, str], fields: Mapping[str, str]) -> dict[str, str]:
    return {**fields, PLACE: siglas_of(path)} if name[0] == "cuentas" else dict(fields)


def vanished(trail: Trail, declaration: Declaration) -> tuple[Problem, ...]:
    """Return a problem for every account that was once declared and is no longer accounted for.

    An account is accounted for as an entry, as the previous key of a renamed one, or as an alias.
    """
    kept = set(declaration.accounts)
    kept |= {one.previous for one in declaration.accounts.values() if one.previous}
    kept |= {
        AccountKey(alias.partition("@")[0]) for one in declaration.accounts.values() for alias in one.account.aliases
    }
    return tuple(
        _vanished(key, trail.commits[changes[-1].commit], trail)
        for key, changes in sorted(trail.movements.items())
        if key not in kept
    )


def _vanished(key: AccountKey, change: CommitChange, trail: Trail) -> Problem:
    origin = trail.origins["", "cuentas", key][PLACE]
    return Problem(
        file=origin.path,
        line=0,
        code="entrada-desaparecida",
        message=f"La cuenta «{key}» estaba declarada y desapareció en el commit {change.commit[:10]}.",
        remedy=(
            "Restituya la entrada. Para dar de baja una cuenta agregue «baja:» con su oficio; "
            "para cambiarle el nombre use «renombra:» en la nueva."
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Evidence for one change: the merge, who proposed, who merged, when, and the oficio it names."""

    merge: str
    reviewed: str
    author: str
    approver: str
    at: datetime
    subject: str
    oficio: str


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
        """Return the declarations that differ between each merge and one side of it (the old one)."""

    def versions(self, blobs: Iterable[str]) -> Mapping[str, Entries]:
        """Return what each version of a file says; nothing for one that cannot be read."""


@dataclass(frozen=True, slots=True)
class _Ground:
    """Something a change rests on: an entry's fields, as one commit brought them in."""

    entry: EntryId
    origin: Origin


@dataclass(frozen=True, kw_only=True)
class Approver:
    """Judges changes against a trail.

    `baseline` is the set of commits accepted as the starting point (`aprobacion.linea_base`).
    """

    trail: Trail
    declaration: Declaration
    review: Review
    baseline: frozenset[str] = frozenset()

    def judge(self, changes: Sequence[Change]) -> Mapping[str, Approval | Unapproved]:
        """Return, by `change_id`, each change's evidence, or the first reason why there is none."""
        grounds = {change_id(change): tuple(self._grounds(change)) for change in changes}
        court = self._court(ground for behind in grounds.values() for ground in behind)
        verdicts: dict[str, Approval | Unapproved] = {}
        for change in changes:
            name = change_id(change)
            faults = filter(None, (court.fault(ground) for ground in grounds[name]))
            verdicts[name] = next(faults, None) or self._evidence(change, court)
        return verdicts

    def entry_faults(self) -> Mapping[AccountKey, Unapproved]:
        """Return what is wrong with how any value of any declared account came to be."""
        grounds = {
            key: tuple(self._behind(self._entries(key, declared)))
            for key, declared in self.declaration.accounts.items()
        }
        court = self._court(ground for behind in grounds.values() for ground in behind)
        faults = {key: next(filter(None, map(court.fault, behind)), None) for key, behind in grounds.items()}
        return {key: fault for key, fault in faults.items() if fault}

    def config_fault(self) -> Unapproved | None:
        """Return what is wrong with how cuentas.yaml came to be, or None.

        The root commit founds the repository, and with it the first configuration.
        """
        for change in self.trail.commits.values():
            touched = any(file.path == CONFIG for file in change.files)
            if not touched or change.is_merge or change.is_root or change.commit in self.baseline:
                continue
            return Unapproved(commit=change.commit, reason="cambió cuentas.yaml sin pasar por una fusión")
        return None

    def _court(self, grounds: Iterable[_Ground]) -> _Court:
        return _Court.seated(set(grounds), self.trail, self.review, self.baseline)

    def _entries(self, key: AccountKey, declared: Declared) -> list[EntryId]:
        siglas = declared.account.dependencia
        oficios = [oficio for oficio in (declared.alta, declared.baja) if oficio]
        return [("", "cuentas", key), *((siglas, "oficios", oficio) for oficio in oficios)]

    def _behind(self, entries: Iterable[EntryId]) -> Iterator[_Ground]:
        for entry in entries:
            for origin in dict.fromkeys(self.trail.origins.get(entry, {}).values()):
                yield _Ground(entry, origin)

    def _grounds(self, change: Change) -> Iterator[_Ground]:
        """Yield what a change rests on: a baja on its own lines alone, anything else on the whole entry."""
        declared = self.declaration.accounts[change.key]
        siglas = declared.account.dependencia
        account: EntryId = ("", "cuentas", change.key)
        yield from self._behind([(siglas, "oficios", change.oficio)])
        if isinstance(change, Disable | DisconnectMailbox):
            fields = self.trail.origins.get(account, {})
            for name in ("baja", PLACE, "conservar_hasta"):
                if name in fields:
                    yield _Ground(account, fields[name])
        else:
            headers = ((siglas, "", name) for name in ("dependencia", "siglas", "dominio"))
            yield from self._behind([account, *headers])

    def _evidence(self, change: Change, court: _Court) -> Approval | Unapproved:
        declared = self.declaration.accounts[change.key]
        fields = self.trail.origins.get(("", "cuentas", change.key), {})
        match change:
            case Create() | Adopt():
                names = ["alta"]
            case Disable() | DisconnectMailbox():
                names = ["baja"]
            case Reactivate():
                names = ["alta", "baja"]
            case Move():
                names = [PLACE]
            case _:
                names = list(fields)
        commits = [fields[name].commit for name in names if name in fields]
        if not commits:
            return Unapproved(commit="", reason="no aparece en la historia de la rama principal")
        merge = self.trail.commits[max(commits, key=self.trail.position.__getitem__)]
        reviewed = merge.parents[-1] if merge.is_merge else merge.commit
        return Approval(
            merge=merge.commit,
            reviewed=reviewed,
            author=court.authors.get(reviewed, merge.author),
            approver=merge.author,
            at=merge.at,
            subject=merge.subject,
            oficio=declared.oficio,
        )


@dataclass(frozen=True, kw_only=True)
class _Court:
    """Everything needed to judge a set of grounds, fetched at once.

    `sides` holds, per merge and path, what each merged side says where it differs from the merge;
    `empty` are the merges that join nothing new.
    """

    trail: Trail
    baseline: frozenset[str]
    authors: Mapping[str, str]
    empty: frozenset[str]
    merged: Mapping[tuple[str, str], tuple[Entries, Sequence[Entries]]]

    @classmethod
    def seated(cls, grounds: set[_Ground], trail: Trail, review: Review, baseline: frozenset[str]) -> _Court:
        wanted = {(one.origin.commit, one.origin.path) for one in grounds}
        merges = sorted({commit for commit, _ in wanted if trail.commits[commit].is_merge} - baseline)
        graph = list(review.graph()) if grounds else []
        return cls(
            trail=trail,
            baseline=baseline,
            authors={one.commit: one.author for one in graph},
            empty=_joins_nothing(trail, graph),
            merged=_merged(merges, wanted, trail, review),
        )

    def fault(self, ground: _Ground) -> Unapproved | None:
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
        if change.commit in self.empty:
            return Unapproved(commit=change.commit, reason="es una fusión que no une ninguna rama")
        if not self._was_reviewed(ground):
            reason = "el valor se escribió al fusionar: no estaba en la rama revisada"
            return Unapproved(commit=change.commit, reason=reason)
        return None

    def _was_reviewed(self, ground: _Ground) -> bool:
        """Whether a merged side says what the merge left, in the fields that came with it."""
        versions = self.merged.get((ground.origin.commit, ground.origin.path))
        if versions is None:
            return True
        left, sides = versions
        name = ground.entry[1], ground.entry[2]
        brought = [field for field, one in self.trail.origins[ground.entry].items() if one == ground.origin]
        after = left.get(name, {})
        return any(all(after.get(field) == side.get(name, {}).get(field) for field in brought) for side in sides)


def _merged(
    merges: Sequence[str], wanted: set[tuple[str, str]], trail: Trail, review: Review
) -> Mapping[tuple[str, str], tuple[Entries, Sequence[Entries]]]:
    """Return what merge and sides say of each wanted path, where no side is equal to the merge."""
    pairs = [(merge, side) for merge in merges for side in trail.commits[merge].parents[1:]]
    differing: dict[tuple[str, str], list[FileChange]] = {}
    for (merge, _), files in zip(pairs, review.comparisons(pairs), strict=True):
        for file in files:
            if (merge, file.path) in wanted:
                differing.setdefault((merge, file.path), []).append(file)
    all_sides = {
        place: files for place, files in differing.items() if len(files) == len(trail.commits[place[0]].parents) - 1
    }
    blobs = {blob for files in all_sides.values() for one in files for blob in (one.old_blob, one.new_blob)}
    versions = review.versions(sorted(blob for blob in blobs if blob))
    return {
        place: (
            versions.get(files[0].new_blob or "", {}),
            [versions.get(one.old_blob or "", {}) for one in files],
        )
        for place, files in all_sides.items()
    }


def _joins_nothing(trail: Trail, graph: Iterable[Commit]) -> frozenset[str]:
    """Return the merges whose other side the main branch already had: nothing was reviewed there."""
    parents = {one.commit: one.parents for one in graph}
    known: set[str] = set()
    empty: set[str] = set()
    for change in trail.commits.values():
        sides = change.parents[1:]
        if sides and all(side in known for side in sides):
            empty.add(change.commit)
        waiting = [*sides, change.commit]
        while waiting:
            commit = waiting.pop()
            if commit not in known:
                known.add(commit)
                waiting.extend(parents.get(commit, ()))
    return frozenset(empty)
