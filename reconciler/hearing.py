"""What is known of the merges behind a judgement, asked for once and in batches, and what is wrong with them. Pure.

The record is asked first, and what it has is asked of nobody else; then Git for signatures and the forge for reviews,
and only of merges that have to show them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from reconciler.evidence import EVERYTHING, Evidence, Fault, Frozen, Regime, Reviewed, Silence, effective
from reconciler.history import CommitChange
from reconciler.lineage import Lineage
from reconciler.model import AccountKey, Siglas
from reconciler.proposers import proposers
from reconciler.review import Court, Ground, Review, Unapproved
from reconciler.signature import Signature
from reconciler.trail import PLACE, RENAMES, SETTINGS, Trail, siglas_of


class Witness(Protocol):
    """What the world can say of merges beyond their content; asked in batches."""

    def frozen(self) -> Mapping[str, Frozen]:
        """Return what the record has of merges."""

    def signatures(self, merges: Sequence[str], keys: Collection[str]) -> Mapping[str, Signature]:
        """Return how their signatures turned out, by these keys; what is revoked is for the main line to say."""

    def reviews(self, merges: Sequence[str]) -> Mapping[str, Reviewed | Silence]:
        """Return what the forge says of them; nothing for one that is of no pull request."""


@dataclass(frozen=True, kw_only=True)
class Hearing:
    """What is known of some merges, by commit, and the rules that they are judged by."""

    regime: Regime
    known: Mapping[str, Evidence]
    _faults: dict[tuple[str, frozenset[Siglas]], str | None] = field(default_factory=dict)

    @classmethod
    def held(
        cls,
        merges: Sequence[CommitChange],
        trail: Trail,
        lineage: Lineage,
        review: Review,
        regime: Regime,
        witness: Witness,
    ) -> Hearing:
        """Ask for everything that there is to know of some merges of the main line.

        One that is on record is of the day that it was judged by then: a date that had not come yet moves those
        after it once it has.
        """
        if not merges:
            return cls(regime=regime, known={})
        by = proposers(merges, lineage, review)
        at = effective(((one.commit, one.at) for one in trail.commits.values()), regime.zone, regime.today)
        days = {one.commit: regime.day(at[one.commit]) for one in merges}
        record = witness.frozen() if any(regime.demands(at[name]) for name in days) else {}
        at = {name: record.get(name, Frozen()).at or at[name] for name in days}
        days = {name: regime.day(one) for name, one in at.items()}
        signed = [
            name for name, day in days.items() if regime.asks_signature(day) and not record.get(name, Frozen()).proves
        ]
        asked = [
            name for name, day in days.items() if regime.asks_review(day) and not record.get(name, Frozen()).reviewed
        ]
        signatures = witness.signatures(signed, regime.keys) if signed else {}
        reviews = witness.reviews(asked) if asked else {}
        known = {
            one.commit: Evidence(
                merge=one.commit,
                heads=one.parents[1:],
                merger=one.author,
                committer=one.committer,
                proposers=by[one.commit],
                at=at[one.commit],
                subject=one.subject,
                signature=signatures.get(one.commit) or record.get(one.commit, Frozen()).signature,
                reviewed=record.get(one.commit, Frozen()).reviewed or reviews.get(one.commit),
                frozen=record.get(one.commit),
            )
            for one in merges
        }
        return cls(regime=regime, known=known)

    def fault(self, merge: str, agencies: Iterable[Siglas]) -> str | None:
        """Say why a merge approves nothing for these agencies; None where it does, or was not to be judged."""
        question = merge, frozenset(agencies)
        if merge not in self.known:
            return None
        if question not in self._faults:
            self._faults[question] = self.regime.fault(self.known[merge], question[1])
        return self._faults[question]

    def faults(self, merge: str, agencies: frozenset[Siglas]) -> Iterator[Fault]:
        """Yield everything that a merge lacks to approve something for these agencies."""
        return self.regime.faults(self.known[merge], agencies)

    def approvers(self, merge: str, agencies: Collection[Siglas]) -> tuple[str, ...]:
        """Return who approved a merge, as the list of approvers or the forge names them."""
        return self.regime.approvers(self.known[merge], agencies) if merge in self.known else ()


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A court and a hearing on the merges that its grounds rest on."""

    court: Court
    hearing: Hearing

    @classmethod
    def seated(cls, court: Court, review: Review, regime: Regime, witness: Witness) -> Bench:
        """Hold the hearing."""
        hearing = Hearing.held(court.summoned, court.trail, court.lineage, review, regime, witness)
        return cls(court=court, hearing=hearing)

    def fault(self, ground: Ground) -> Unapproved | None:
        """Return what is wrong with how a value came in, or with the merge that brought it; None where nothing is."""
        found = self.court.fault(ground)
        if found:
            return found
        merge = ground.origin.commit
        reason = self.hearing.fault(merge, agencies_of(ground, self.court.trail))
        return Unapproved(commit=merge, reason=reason) if reason else None

    def behind(self, grounds: Iterable[Ground]) -> tuple[tuple[Evidence, frozenset[Siglas]], ...]:
        """Return what is known of the merges that grounds rest on, with the agencies that each is judged for."""
        found: dict[str, frozenset[Siglas]] = {}
        for ground in grounds:
            if ground.origin.commit in self.hearing.known:
                for_whom = agencies_of(ground, self.court.trail)
                found[ground.origin.commit] = found.get(ground.origin.commit, frozenset()) | for_whom
        return tuple((self.hearing.known[merge], agencies) for merge, agencies in found.items())


def agencies_of(ground: Ground, trail: Trail) -> frozenset[Siglas]:
    """Return the agencies for which somebody had to be entitled to approve what a ground brought in.

    Those of the file that it came in by, and for a transfer the one that the account left, too: whether it moved
    under its own name or an entry that was there already says that it is it (`renombra`).
    """
    if ground.entry[1] == SETTINGS:
        return frozenset({EVERYTHING})
    found: set[Siglas | None] = {siglas_of(ground.origin.path)}
    key, commit = AccountKey(ground.entry[2]), ground.origin.commit
    if PLACE in ground.fields:
        found.add(_left(key, commit, trail))
    if RENAMES in ground.fields:
        moves = (one.after for one in trail.movements.get(key, ()) if one.commit == commit)
        found.update(_left(AccountKey(after[RENAMES]), commit, trail) for after in moves if RENAMES in after)
    return frozenset(one for one in found if one)


def _left(key: AccountKey, commit: str, trail: Trail) -> Siglas | None:
    """Return the agency that had an account before a commit; None for one that is new.

    It may have been out of every file meanwhile, or have had the name that it is said to have had.
    """
    names, place = [key], trail.position[commit]
    for name in names:
        moves = [one for one in trail.movements.get(name, ()) if trail.position[one.commit] <= place]
        said = [one.before for one in moves] + [one.after for one in moves if one.commit != commit]
        had = [fields[PLACE] for fields in said if PLACE in fields]
        if had:
            return Siglas(had[-1])
        former = [one.after[RENAMES] for one in moves if RENAMES in one.after]
        names.extend(AccountKey(one) for one in former if one not in names)
    return None
