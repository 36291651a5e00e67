"""Where every declared value came from: the first-parent history, traced entry by entry. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath

from reconciler.errors import Problem
from reconciler.history import CommitChange, FileChange
from reconciler.model import AccountKey, Declaration, Siglas

CONFIG = "cuentas.yaml"
SETTINGS = "configuracion"
"""The section that the settings of cuentas.yaml are entries of."""

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
        for file in change.files:
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
            versions = touched.setdefault(entry_id(file.path, name), _Touched(origin))
            if name in old:
                versions.before = with_place(file.path, name, old[name])
            if name in new:
                versions.after = with_place(file.path, name, new[name])
                versions.origin = origin

    def _attribute(self, entry: EntryId, versions: _Touched) -> None:
        known = self.origins.setdefault(entry, {})
        before, after = versions.before, versions.after
        for name in before.keys() | after.keys():
            if before.get(name) != after.get(name):
                known[name] = versions.origin


def entry_id(path: str, name: tuple[str, str]) -> EntryId:
    """Return the id of an entry of a file."""
    section, key = name
    return ("" if section == "cuentas" else siglas_of(path), section, key)


def with_place(path: str, name: tuple[str, str], fields: Mapping[str, str]) -> dict[str, str]:
    """Return an entry's fields and, for an account, the dependencia that its file gives it."""
    return {**fields, PLACE: siglas_of(path)} if name[0] == "cuentas" else dict(fields)


def vanished(trail: Trail, declaration: Declaration) -> tuple[Problem, ...]:
    """Return a problem for every account that was once declared and is no longer accounted for.

    An account is accounted for as an entry, or as a key that one of today's entries once had (`renombra`).
    """
    kept = set(declaration.accounts)
    kept |= {one.previous for one in declaration.accounts.values() if one.previous}
    kept |= {key for keys in formerly(trail, declaration).values() for key in keys}
    return tuple(
        _vanished(key, trail.commits[changes[-1].commit], trail)
        for key, changes in sorted(trail.movements.items())
        if key not in kept
    )


def formerly(trail: Trail, declaration: Declaration) -> Mapping[AccountKey, tuple[AccountKey, ...]]:
    """Return the keys that today's entries had before they were renamed, the latest first.

    A key that is declared today is nobody's former one: a rename that was undone.
    """
    found: dict[AccountKey, tuple[AccountKey, ...]] = {}
    for key in declaration.accounts:
        line = list(_renamed_from(key, trail))
        for former in line:
            line.extend(one for one in _renamed_from(former, trail) if one not in line)
        earlier = tuple(one for one in line if one not in declaration.accounts)
        if earlier:
            found[key] = earlier
    return found


def _renamed_from(key: AccountKey, trail: Trail) -> Iterator[AccountKey]:
    for change in reversed(trail.movements.get(key, ())):
        if "renombra" in change.after:
            yield AccountKey(change.after["renombra"])


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
