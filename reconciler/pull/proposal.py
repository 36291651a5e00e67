"""A pull request as values: what its branch left, what it proposes, and everything that it is judged by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from reconciler.config import Config
from reconciler.history import FileChange
from reconciler.model import AccountKey, Declaration, Declared, Siglas, Source
from reconciler.oficios import Fields, lacking, named
from reconciler.orders import Order, OrderKey
from reconciler.pull.uses import Uses
from reconciler.roster import Person, Roster

PULL_REQUEST = "(pull request)"
"""Stands for the place of what is wrong with a pull request as a whole; what begins with «(» is no file."""

WHOLE = Source(PULL_REQUEST, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one commit declares: as values, and as it is written."""

    declaration: Declaration
    written: Mapping[AccountKey, Fields]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What a proposal does to one account; `before` is None for an entry that appears.

    After a rename, `before` is the entry that had the former key.
    """

    before: Declared | None
    after: Declared
    old: Fields
    new: Fields

    @property
    def key(self) -> AccountKey:
        """The account, as it is proposed to be called."""
        return self.after.account.key

    @property
    def agency(self) -> Siglas:
        """The agency that the account would be in."""
        return self.after.account.dependencia

    @property
    def left(self) -> Siglas | None:
        """The agency that the account leaves; None where it stays, or appears."""
        old = self.before.account.dependencia if self.before else self.agency
        return old if old != self.agency else None

    @property
    def fields(self) -> tuple[str, ...]:
        """The names of the fields that say something else, sorted."""
        names = self.old.keys() | self.new.keys()
        return tuple(sorted(name for name in names if self.old.get(name) != self.new.get(name)))

    @property
    def named(self) -> Mapping[str, str]:
        """The oficios that the proposal puts on the entry, by the field that names each."""
        return named(self.old, self.new)

    @property
    def lacking(self) -> str | None:
        """The field that had to name an oficio which is new, and names none."""
        return lacking(self.old, self.new, moved=self.left is not None)

    @property
    def returns(self) -> bool:
        """Whether the account comes back into service."""
        return "baja" in self.old and "baja" not in self.new


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A pull request of declarations, and what it is judged by.

    `before` is the base branch and `after` what merging would leave of it: what happened there since the branch began
    is nobody's fault here. Where the two conflict, `before` is where the branch left and `after` the branch alone.
    `main` and `config` are the base branch as it is now, and `uses` what its history says of oficios: an old branch
    brings no old rules back. `main` is None where that is not valid. `asked` are the orders that are open, by what
    makes each one. `day` is local.
    """

    before: Side
    after: Side
    main: Declaration | None
    config: Config
    changes: tuple[FileChange, ...]
    author: Person | None
    day: date
    uses: Uses
    asked: Mapping[OrderKey, Order] = field(default_factory=dict)

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """What is done to each account that stands in the end, in order of their keys."""
        return tuple(self._differences())

    def _differences(self) -> Iterator[Difference]:
        for key, after in sorted(self.after.declaration.accounts.items()):
            before = self.before.declaration.accounts.get(key) or self._renamed(after)
            old = self.before.written.get(before.account.key, {}) if before else {}
            new = self.after.written.get(key, {})
            one = Difference(before=before, after=after, old=old, new=new)
            if before is None or one.fields or one.left or before.account.key != key:
                yield one

    def _renamed(self, after: Declared) -> Declared | None:
        former = after.previous
        if former is None or former in self.after.declaration.accounts:
            return None
        return self.before.declaration.accounts.get(former)

    @cached_property
    def roster(self) -> Roster:
        """Everybody that the base branch knows, as it is now."""
        return Roster.of(self.config, self.main.dependencias if self.main else {})

    @property
    def by_desk(self) -> bool:
        """Whether it is somebody of the Mesa de Ayuda who proposes."""
        return self.author is not None and self.roster.is_desk(self.author)
