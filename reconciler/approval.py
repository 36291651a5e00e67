"""Which merge approved which change: pure, over what the repository read of its first-parent history.

A change is approved when every value it carries out was brought in by a merge into the main branch whose
merged side already held that value. A commit pushed straight to the branch, a squash or a rebase leaves
one parent only: nothing in Git tells it from a push around the pull request, so it approves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import PurePosixPath

from reconciler.errors import Problem
from reconciler.history import CommitChange, FileChange
from reconciler.model import AccountKey, Declaration, Declared, Siglas
from reconciler.plan import Adopt, Change, Create, Disable, DisconnectMailbox, Move, Reactivate

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
            change
            for change in self.commits.values()
            if change.files and not change.is_merge and not change.is_root
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
        AccountKey(alias.partition("@")[0])
        for one in declaration.accounts.values()
        for alias in one.account.aliases
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


@dataclass(frozen=True, kw_only=True)
class Approver:
    """Judges changes against a trail.

    `reviewed` returns what a file said at a commit (None where it was absent) and `is_ancestor` whether
    the first commit is an ancestor of the second: both are asked only about merges that changes rest on.
    `baseline` is the set of commits accepted as the starting point (`aprobacion.linea_base`).
    """

    trail: Trail
    declaration: Declaration
    reviewed: Callable[[str, str], Entries | None]
    is_ancestor: Callable[[str, str], bool]
    author_of: Callable[[str], str]
    baseline: frozenset[str] = frozenset()
    _verdicts: dict[tuple[str, str, EntryId], Unapproved | None] = field(default_factory=dict)

    def approve(self, change: Change) -> Approval | Unapproved:
        """Return the evidence for a change, or the first reason why there is none."""
        declared = self.declaration.accounts.get(change.key)
        if declared is None:
            return Unapproved(commit="", reason="la cuenta no está declarada")
        for entry, origin in self._origins_behind(change, declared):
            fault = self._fault(entry, origin)
            if fault:
                return fault
        return self._evidence(change, declared)

    def entry_fault(self, key: AccountKey, declared: Declared) -> Unapproved | None:
        """Return what is wrong with how any value of an account's entry came to be, or None."""
        siglas = declared.account.dependencia
        named = [oficio for oficio in (declared.alta, declared.baja) if oficio]
        entries: list[EntryId] = [("", "cuentas", key), *((siglas, "oficios", oficio) for oficio in named)]
        for entry in entries:
            for origin in self.trail.origins.get(entry, {}).values():
                fault = self._fault(entry, origin)
                if fault:
                    return fault
        return None

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

    def _origins_behind(self, change: Change, declared: Declared) -> Iterable[tuple[EntryId, Origin]]:
        siglas = declared.account.dependencia
        account: EntryId = ("", "cuentas", change.key)
        fields = self.trail.origins.get(account, {})
        leaving = isinstance(change, Disable | DisconnectMailbox)
        wanted = {"baja", PLACE, "conservar_hasta"} if leaving else fields.keys()
        for name in sorted(wanted):
            if name in fields:
                yield account, fields[name]
        oficio: EntryId = (siglas, "oficios", change.oficio)
        for origin in self.trail.origins.get(oficio, {}).values():
            yield oficio, origin
        if leaving:
            return
        for header in ("dominio", "dependencia", "siglas"):
            entry: EntryId = (siglas, "", header)
            for origin in self.trail.origins.get(entry, {}).values():
                yield entry, origin

    def _fault(self, entry: EntryId, origin: Origin) -> Unapproved | None:
        known = (origin.commit, origin.path, entry)
        if known not in self._verdicts:
            self._verdicts[known] = self._judge(entry, origin)
        return self._verdicts[known]

    def _judge(self, entry: EntryId, origin: Origin) -> Unapproved | None:
        change = self.trail.commits[origin.commit]
        if change.commit in self.baseline:
            return None
        if change.is_root:
            if entry[1] != "cuentas":
                return None
            return Unapproved(commit=change.commit, reason="la trajo el primer commit, que nadie aprobó")
        if not change.is_merge:
            return Unapproved(commit=change.commit, reason="se empujó sin pasar por una fusión")
        first, *merged = change.parents
        if all(self.is_ancestor(side, first) for side in merged):
            return Unapproved(commit=change.commit, reason="es una fusión que no une ninguna rama")
        if not any(self._same_on(side, change, entry, origin) for side in merged):
            return Unapproved(
                commit=change.commit,
                reason="el valor se escribió al fusionar: no estaba en la rama revisada",
            )
        return None

    def _same_on(self, side: str, change: CommitChange, entry: EntryId, origin: Origin) -> bool:
        """Whether the merged side says of an entry what the merge left, in the fields that came with it."""
        name = entry[1], entry[2]
        merge_says = self.reviewed(change.commit, origin.path)
        side_says = self.reviewed(side, origin.path)
        after = (merge_says or {}).get(name, {})
        there = (side_says or {}).get(name, {})
        brought = [field for field, one in self.trail.origins[entry].items() if one == origin]
        return all(after.get(field) == there.get(field) for field in brought)

    def _evidence(self, change: Change, declared: Declared) -> Approval | Unapproved:
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
            author=self.author_of(reviewed),
            approver=merge.author,
            at=merge.at,
            subject=merge.subject,
            oficio=declared.oficio,
        )
