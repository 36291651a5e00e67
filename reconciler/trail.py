"""Where every declared value came from: the first-parent history, traced entry by entry. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import PurePosixPath
from typing import Protocol

from reconciler.errors import Problem
from reconciler.history import CommitChange, FileChange
from reconciler.model import AccountKey, Declaration, Siglas

CONFIG = "cuentas.yaml"
SETTINGS = "configuracion"
"""The section that the settings of cuentas.yaml are entries of."""

PLACE = "(dependencia)"
"""The field under which an account's dependencia is traced: moving to another file changes it."""

RENAMES = "renombra"
"""The field in which an entry says the key that its account had before."""

_PATHS = 4096
"""Paths whose parts are remembered: a history names the same few again and again."""

Entries = Mapping[tuple[str, str], Mapping[str, str]]
"""What one file says: (section, name) -> field -> canonical text."""

LINK = "120000"
"""Git's mode of a symbolic link: its content is where it points to."""

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

    `origins` has, for every entry that there ever was, field by field where its value came from, once for each
    file that has it. `movements` holds, for every account that was ever declared, what happened to its entry,
    oldest first. `appeared` names, for every oficio that was ever declared, the commit that first did.
    """

    commits: Mapping[str, CommitChange]
    origins: Mapping[EntryId, Sequence[Mapping[str, Origin]]]
    movements: Mapping[AccountKey, Sequence[EntryChange]]
    appeared: Mapping[EntryId, str] = field(default_factory=dict)

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


@lru_cache(maxsize=_PATHS)
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
    tracer = Tracer(entries)
    for change in commits:
        tracer.take(change)
    return tracer.trail


@dataclass(frozen=True, slots=True)
class Holding:
    """An entry as one file has it, and where each of its fields (taken away ones too) came from."""

    fields: Mapping[str, str]
    origins: Mapping[str, Origin]


_NOTHING = Holding({}, {})


class Past(Protocol):
    """What was traced before, where a trace goes on from there; asked once for each file and entry."""

    def current(self, path: str) -> Entries:
        """Return what the last readable version of a file said."""

    def held(self, entry: EntryId) -> dict[str, Holding]:
        """Return the files that had an entry, in the order in which they came to have it."""


class _NoPast:
    """Before the root there is nothing."""

    def current(self, path: str) -> Entries:
        del path
        return {}

    def held(self, entry: EntryId) -> dict[str, Holding]:
        del entry
        return {}


@dataclass
class Tracer:
    """Takes commits of the first-parent line, one after the other, oldest first.

    To go on where another one ended, give what it knew as `past`, the `place` in the line of the next commit, and
    the files that could not be read then, each with the place and the name of the commit that is to answer for it.
    """

    entries: Callable[[str], Entries]
    past: Past = field(default_factory=_NoPast)
    place: int = 0
    unreadable: dict[str, tuple[int, str]] = field(default_factory=dict)
    commits: dict[str, CommitChange] = field(default_factory=dict)
    movements: dict[AccountKey, list[EntryChange]] = field(default_factory=dict)
    appeared: dict[EntryId, str] = field(default_factory=dict)
    holdings: dict[EntryId, dict[str, Holding]] = field(default_factory=dict)
    current: dict[str, Entries] = field(default_factory=dict)
    _left: dict[EntryId, Mapping[str, Origin]] = field(default_factory=dict)

    @property
    def trail(self) -> Trail:
        """Everything that was taken in.

        For an entry that no file has any more, its origins are those of what took it away.
        """
        origins = {
            entry: tuple(one.origins for one in held.values()) or (self._left[entry],)
            for entry, held in self.holdings.items()
        }
        return Trail(commits=self.commits, origins=origins, movements=self.movements, appeared=self.appeared)

    def going_on(self, entries: Callable[[str], Entries]) -> Tracer:
        """Return one that goes on from here with commits of its own; this one and its trail stay as they are."""
        return replace(
            self,
            entries=entries,
            unreadable=dict(self.unreadable),
            commits=dict(self.commits),
            movements={key: list(ones) for key, ones in self.movements.items()},
            appeared=dict(self.appeared),
            holdings={entry: dict(held) for entry, held in self.holdings.items()},
            current=dict(self.current),
            _left=dict(self._left),
        )

    def take(self, change: CommitChange) -> list[tuple[AccountKey, EntryChange]]:
        """Take one more commit of the line in, and return what it did to accounts."""
        self.commits[change.commit] = change
        versions = {file.path: self._read(file) for file in declaring(change)}
        commit = self._answerable(change, versions)
        self.place += 1
        touched: dict[EntryId, dict[str, Mapping[str, str] | None]] = {}
        for path, new in versions.items():
            if new is None:
                continue
            old = self.current[path] if path in self.current else self.past.current(path)
            self.current[path] = new
            for name in _changed(path, old, new):
                found = with_place(path, name, new[name]) if name in new else None
                touched.setdefault(entry_id(path, name), {})[path] = found
        moved = [(entry, self._hold(entry, files, commit)) for entry, files in touched.items()]
        return [(AccountKey(entry[2]), movement) for entry, movement in moved if movement]

    def _read(self, file: FileChange) -> Entries | None:
        """Return what a version of a file says; None where nobody can tell."""
        blob = blob_of(file)
        if blob is None:
            return None
        try:
            return self.entries(blob) if blob else {}
        except ValueError:
            return None

    def _answerable(self, change: CommitChange, versions: Mapping[str, Entries | None]) -> str:
        """Return the commit that answers for what this one shows.

        What a push hid behind a file that cannot be read comes to light in the commit that mends or removes the
        file, in whatever file: the push answers for all that this commit changes.
        """
        readable = [path for path, new in versions.items() if new is not None]
        mended = [self.unreadable.pop(path) for path in readable if path in self.unreadable]
        if not change.is_merge:
            for path, new in versions.items():
                if new is None:
                    self.unreadable.setdefault(path, (self.place, change.commit))
        return min(mended)[1] if mended else change.commit

    def _hold(self, entry: EntryId, files: Mapping[str, Mapping[str, str] | None], commit: str) -> EntryChange | None:
        """Note which files have an entry now; each field keeps its origin as long as its value stays.

        An entry that one file loses and another one gains has moved and takes its origins along. One that stands
        in two files was written twice: each answers for itself, and taking one away vouches for nothing.
        """
        if entry not in self.holdings:
            self.holdings[entry] = self.past.held(entry)
            if entry[1] == "oficios" and not self.holdings[entry]:
                self.appeared[entry] = commit
        held = self.holdings[entry]
        before = _shown(held)
        gone = [held.pop(path) for path, fields in files.items() if fields is None and path in held]
        for path, fields in sorted(files.items()):
            if fields is None:
                continue
            known = held.get(path) or (gone.pop() if len(gone) == 1 and not held else _NOTHING)
            held[path] = Holding(fields, _traced(known, fields, Origin(commit, path)))
        if not held:
            self._left[entry] = dict.fromkeys(before, Origin(commit, next(iter(files))))
        if entry[1] != "cuentas" or before == _shown(held):
            return None
        movement = EntryChange(commit, before, _shown(held))
        self.movements.setdefault(AccountKey(entry[2]), []).append(movement)
        return movement


def _changed(path: str, old: Entries, new: Entries) -> list[tuple[str, str]]:
    """Return the entries that two versions of a file have otherwise, sorted; what is the same object is the same."""
    gone = (name for name in old if name not in new)
    come = (name for name, fields in new.items() if (was := old.get(name)) is not fields and was != fields)
    return sorted(name for name in (*gone, *come) if may_say(path, name))


def _shown(held: Mapping[str, Holding]) -> Mapping[str, str]:
    return next(iter(held.values())).fields if held else {}


def _traced(known: Holding, fields: Mapping[str, str], origin: Origin) -> Mapping[str, Origin]:
    names = known.fields.keys() | fields.keys()
    return {**known.origins, **{name: origin for name in names if known.fields.get(name) != fields.get(name)}}


def declaring(change: CommitChange) -> tuple[FileChange, ...]:
    """Return those of a commit's files that the declaration is read from: cuentas.yaml and accounts/**.yaml."""
    return tuple(file for file in change.files if declares(file.path))


@lru_cache(maxsize=_PATHS)
def declares(path: str) -> bool:
    """Whether the declaration is read from a path, in either form of an agency; README and the like never are."""
    parts = PurePosixPath(path)
    return path == CONFIG or (parts.parts[0] == "accounts" and len(parts.parts) in {2, 3} and parts.suffix == ".yaml")


def may_say(path: str, name: tuple[str, str]) -> bool:
    """Whether a file may hold an entry: settings stand in cuentas.yaml alone, and nothing else does there."""
    return (path == CONFIG) == (name[0] == SETTINGS)


def blob_of(file: FileChange) -> str | None:
    """Return the blob that a commit left at a path: "" for nothing, None for what is no plain file."""
    if file.new_blob is None:
        return ""
    return file.new_blob if is_plain_file(file.new_mode) else None


def is_plain_file(mode: str) -> bool:
    """Whether a mode of Git is that of a file, and not of a link or a submodule."""
    return mode in {"100644", "100755"}


def entry_id(path: str, name: tuple[str, str]) -> EntryId:
    """Return the id of an entry of a file; accounts move between files, and settings have but one."""
    section, key = name
    return ("" if section in {"cuentas", SETTINGS} else siglas_of(path), section, key)


def with_place(path: str, name: tuple[str, str], fields: Mapping[str, str]) -> dict[str, str]:
    """Return an entry's fields and, for an account, the dependencia that its file gives it."""
    return {**fields, PLACE: siglas_of(path)} if name[0] == "cuentas" else dict(fields)


def vanished(trail: Trail, written: Collection[AccountKey]) -> tuple[Problem, ...]:
    """Return a problem for every account that was once declared and is no longer accounted for.

    An account is accounted for as an entry, as what one renames, or as a key that one of them once had.
    """
    waiting = list(written)
    kept = set(waiting)
    while waiting:
        former = set(_renamed_from(waiting.pop(), trail)) - kept
        kept |= former
        waiting.extend(former)
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
        if RENAMES in change.after:
            yield AccountKey(change.after[RENAMES])


def _vanished(key: AccountKey, change: CommitChange, trail: Trail) -> Problem:
    [*_, origins] = trail.origins["", "cuentas", key]
    return Problem(
        file=origins[PLACE].path,
        line=0,
        code="entrada-desaparecida",
        message=f"La cuenta «{key}» estaba declarada y desapareció en el commit {change.commit[:10]}.",
        remedy=(
            "Restituya la entrada. Para dar de baja una cuenta agregue «baja:» con su oficio; "
            "para cambiarle el nombre use «renombra:» en la nueva."
        ),
    )
