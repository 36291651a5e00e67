"""Who approved each merge, for the history: whoever made it or, where a review counts, whom the record has."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from reconciler.config import Aprobacion
from reconciler.events import Event
from reconciler.history import CommitChange
from reconciler.report.words import person
from reconciler.roster import Person, written
from reconciler.testimony import frozen


@dataclass(frozen=True)
class Vouchers:
    """Who approved in the forge, by merge, as the record has it; `zone` says on which day a merge was made."""

    approving: Aprobacion
    zone: tzinfo
    reviewed: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, events: Iterable[Event], approving: Aprobacion, zone: tzinfo) -> Vouchers:
        """Take them from the record."""
        known = frozen(events).items()
        return cls(approving, zone, {merge: one.approvers for merge, one in known if one.reviewed and one.approvers})

    def beyond(self, commits: Iterable[CommitChange]) -> Mapping[str, Sequence[str]]:
        """Return who approved those merges that are not approved by being made; nobody while nobody is on record."""
        since = self.approving.exige.revision
        return {
            one.commit: self.reviewed.get(one.commit, ())
            for one in commits
            if one.is_merge
            and (one.commit in self.reviewed or (since and since <= one.at.astimezone(self.zone).date()))
        }

    def named(self, asked: str, mergers: Collection[str]) -> Approver:
        """Return whom a key of `aprueban`, an address, a user or a name stands for, of all who merged or reviewed."""
        entry = self.approving.aprueban.get(asked.strip().lower())
        wanted, plain = _folded(asked), asked.strip().casefold()
        if entry:
            known = Person.of(entry.correos, [entry.usuario])
            names = frozenset(one for one in mergers if known.is_also(written(one)))
        else:
            names = frozenset(
                one for one in mergers if wanted == _folded(person(one)) or plain in written(one).addresses
            )
        reviewers = {key for keys in self.reviewed.values() for key in keys}
        return Approver(names, frozenset(key for key in reviewers if self._is(key, plain, wanted, names)))

    def _is(self, key: str, plain: str, wanted: str, names: Collection[str]) -> bool:
        entry = self.approving.aprueban.get(key)
        if plain == key.casefold() or entry is None:
            return plain == key.casefold()
        known = Person.of(entry.correos, [entry.usuario])
        spelt = {one.casefold() for one in (*entry.correos, entry.usuario) if one}
        return plain in spelt or wanted == _folded(entry.cargo or "") or any(known.is_also(written(n)) for n in names)


@dataclass(frozen=True, slots=True)
class Approver:
    """Somebody who approved: as commits spell them (`name <e-mail>`), and as the record has who reviewed."""

    names: frozenset[str]
    keys: frozenset[str]

    def approved(self, merge: CommitChange, beyond: Mapping[str, Sequence[str]]) -> bool:
        """Whether a merge was approved by them; `beyond` is what `Vouchers.beyond` says of it."""
        if merge.commit in beyond:
            return not self.keys.isdisjoint(beyond[merge.commit])
        return merge.is_merge and merge.author in self.names


def _folded(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name)
    return " ".join("".join(char for char in decomposed if not unicodedata.combining(char)).casefold().split())
