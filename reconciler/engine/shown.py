"""What was shown before it was approved or applied, item by item: the rest of a plan is withheld."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from reconciler.engine.ports import Forge, Says
from reconciler.engine.propose import Proposal, Withheld
from reconciler.errors import StalePlanError
from reconciler.events import Event, EventKind
from reconciler.marker import Showing, shown_by
from reconciler.plan import Adopt, Change, Outcome, Plan, change_id, protects

MOST = 200
"""Pull requests that are asked for what they showed besides those that brought what there is to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The changes that somebody was shown, by `change_id`, of one target.

    `pulls` are the pull requests whose plans were asked for, by the merge that each was merged as.
    """

    target: str
    changes: frozenset[str]
    pulls: Mapping[str, Showing] = field(default_factory=dict)

    @classmethod
    def of(cls, plan: Plan) -> Shown:
        """Return what whoever was shown a plan knows."""
        return cls(target=plan.before.target, changes=frozenset(map(change_id, plan.changes)))


def withhold(proposal: Proposal, shown: Shown) -> Proposal:
    """Return a proposal that makes nothing but what was shown: the same, or what is left of it.

    An account's steps go together or not at all, so that no half of what was shown is made with a half that was
    not; only what a baja takes away waits for nothing else. Where an adoption was not shown nothing of the account
    goes: its object is not ours yet.

    Raises:
        StalePlanError: what was shown is of another target.

    """
    here = proposal.plan.before.target
    if shown.target != here:
        raise StalePlanError(
            f"El plan es para el destino «{shown.target}» y este es «{here}».",
            remedy="Indique el destino del plan con «--target», o genere otro plan.",
        )
    held: dict[str, Withheld] = {}
    for _, steps in groupby(proposal.approved, key=lambda change: change.key):
        for step in _waiting(list(steps), shown.changes):
            name = change_id(step)
            approval = proposal.approvals[name]
            pull = shown.pulls.get(approval.merge)
            held[name] = Withheld(
                approval=approval,
                shown=name in shown.changes,
                pull_request=pull.pull_request.number if pull else None,
            )
    left = {name: one for name, one in proposal.approvals.items() if name not in held}
    return replace(proposal, approvals=left, withheld=held)


def _waiting(steps: Sequence[Change], shown: frozenset[str]) -> list[Change]:
    """Return which of one account's approved steps are not made."""
    missing = [step for step in steps if change_id(step) not in shown]
    if not missing or any(isinstance(step, Adopt) for step in missing):
        return list(steps) if missing else []
    return [step for step in steps if step in missing or not protects(step)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """What a run tried of what a pull request's comment says is withheld, and what still is."""

    outcomes: tuple[Outcome, ...]
    left: tuple[Change, ...]


def not_shown(proposal: Proposal, says: Says) -> Iterator[Event]:
    """Put on record what is withheld and why: once for each, and again when it is known on which pull request."""
    known = _on_record(proposal.events).held
    target = proposal.plan.before.target
    for change in proposal.plan.changes:
        name = change_id(change)
        one = proposal.withheld.get(name)
        if one is None or _says(known.get((target, name)), one):
            continue
        yield says(
            EventKind.NOT_SHOWN,
            change.key,
            cambio=name,
            verbo=change.verb,
            dependencia=change.dependencia,
            oficio=change.oficio,
            fusion=one.approval.merge,
            porque="espera-otro-paso" if one.shown else "no-mostrado",
            destino=target,
            **({"solicitud": one.pull_request} if one.pull_request else {}),
        )


def is_noted(proposal: Proposal) -> bool:
    """Whether everything that is withheld is on record as such."""
    target, known = proposal.plan.before.target, _on_record(proposal.events).held
    return all(_says(known.get((target, name)), one) for name, one in proposal.withheld.items())


def _says(noted: Event | None, one: Withheld) -> bool:
    """Whether an event says that something is withheld, and on which pull request, where that is known by now."""
    return noted is not None and one.pull_request in {None, noted.data.get("solicitud")}


def released(proposal: Proposal, outcomes: Sequence[Outcome]) -> Mapping[int, Released]:
    """Return, by the pull request where it was said to be withheld, what a run came to try after all.

    What the run before it had tried is among it, without an outcome: it may have been killed before it could say so.
    `proposal` is the run's own, whose record ends before it.
    """
    target, noted = proposal.plan.before.target, _on_record(proposal.events)
    known = {name: one for (where, name), one in (noted.untold | noted.held).items() if where == target}
    tried: dict[int, list[Outcome]] = {}
    merges: dict[int, object] = {}
    results = [(change_id(one.change), [one]) for one in outcomes]
    for name, ones in [*results, *((name, []) for where, name in noted.untold if where == target)]:
        held = known.get(name)
        number = held.data.get("solicitud") if held else None
        if held and isinstance(number, int):
            tried.setdefault(number, []).extend(ones)
            merges[number] = held.data.get("fusion")
    return {
        number: Released(
            outcomes=tuple(ones),
            left=tuple(
                change
                for change in proposal.plan.changes
                if (still := proposal.withheld.get(change_id(change))) and still.approval.merge == merges[number]
            ),
        )
        for number, ones in tried.items()
    }


@dataclass(slots=True)
class _Noted:
    """What is on record as withheld, by target and change: `held` still is, `untold` was tried by a run since.

    Once another run ended after that one it was told: whoever ends says on the way what those before left unsaid.
    """

    held: dict[tuple[str, str], Event] = field(default_factory=dict)
    untold: dict[tuple[str, str], Event] = field(default_factory=dict)
    tried_by: dict[tuple[str, str], str] = field(default_factory=dict)


def _on_record(events: Iterable[Event]) -> _Noted:
    found = _Noted()
    runs: dict[str, str] = {}
    for event in events:
        if event.kind is EventKind.RUN_STARTED:
            runs[event.run] = str(event.data.get("destino"))
        elif event.kind is EventKind.NOT_SHOWN:
            found.held[str(event.data.get("destino")), str(event.data.get("cambio"))] = event
        elif event.kind is EventKind.ATTEMPT:
            name = (runs.get(event.run, ""), str(event.data.get("cambio")))
            if name in found.held:
                found.untold[name] = found.held.pop(name)
                found.tried_by[name] = event.run
        elif event.kind is EventKind.RUN_ENDED:
            target = runs.get(event.run, "")
            found.untold = {
                name: one
                for name, one in found.untold.items()
                if name[0] != target or found.tried_by[name] == event.run
            }
    return found


# --- what pull requests showed --------------------------------------------------------------------------------


def asked(proposal: Proposal, merges: Mapping[str, str], forge: Forge, who: str) -> Shown:
    """Return what the plans showed in the pull requests that brought what there is to do, by the word of `who` alone.

    `merges` are the merges of the main line that the last run's commit lacks, oldest first, each with the commit that
    was merged. Those that approve nothing are asked for as well, so that it can be said there. While something was
    not shown yet, all of these are asked for, the newest first: a pull request shows what waited before it, too. An
    earlier one vouches only for what it brought itself, and until that was attempted: what somebody undoes by hand
    later was not shown to anybody. One that was approved late is among them whatever it showed, to be told what
    becomes of it. What the last run set out to make and still owes had been shown to it.

    Raises:
        TargetError: the forge does not answer, or says no: nothing is known to have been shown.

    """
    standing, target = proposal.standing, proposal.plan.before.target
    changes = standing.owed | {one.change for one in standing.open_attempts}
    pulls: dict[str, Showing] = {}
    own = _brought(proposal)
    said = {one.data.get("fusion") for one in _on_record(proposal.events).held.values() if one.data.get("solicitud")}
    reviewed = {one.merge: one.reviewed for one in proposal.approvals.values()} | dict(merges)
    blamed = {fault.commit for fault in proposal.unapproved.values()} & merges.keys() - own.keys()
    first = [*own, *(one for one in merges if one in blamed)]
    others = [one for one in reversed(list(merges)) if one not in first]
    for place, merge in enumerate([*first, *others]):
        if place >= len(first) and (proposal.approvals.keys() <= changes or place - len(first) >= MOST):
            break
        pull = forge.merged_as(merge)
        if pull is None or pull.merge != merge:
            continue
        showing = shown_by(pull, forge.comments(pull.number), who, merged=reviewed[merge], target=target)
        told = showing.changes if merge in merges else showing.changes & own[merge]
        if told or merge in merges or merge in said or showing.lacked_approval:
            pulls[merge] = showing
            changes |= told
    return Shown(target=target, changes=changes, pulls=pulls)


def _brought(proposal: Proposal) -> Mapping[str, set[str]]:
    """Return the approved changes that were never attempted, by the merge that brought them."""
    target = proposal.plan.before.target
    runs = {
        one.run for one in proposal.events if one.kind is EventKind.RUN_STARTED and one.data.get("destino") == target
    }
    tried = {
        (one.data.get("cambio"), one.data.get("fusion"))
        for one in proposal.events
        if one.kind is EventKind.ATTEMPT and one.run in runs
    }
    found: dict[str, set[str]] = {}
    for name, approval in proposal.approvals.items():
        if (name, approval.merge) not in tried:
            found.setdefault(approval.merge, set()).add(name)
    return found
