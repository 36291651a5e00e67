"""What a pull request would do: the plans of its base and of its head against one reading, told apart. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from reconciler.config import Config, Excepcion
from reconciler.diff import Memory, Policy, diff, former_keys
from reconciler.model import AccountKey, Declaration, Reading
from reconciler.plan import Before, Change, Finding, Plan, change_id
from reconciler.safety import Past, Refusal, Use, excused, refusals, uses


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side of a pull request: what it declares, and what is remembered of the accounts that it does."""

    commit: str
    declaration: Declaration
    memory: Memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What both sides are held against: one reading, and the configuration and the record that judge it.

    `config` is the base's: what is judged does not choose its judge.
    """

    target: str
    reading: Reading
    config: Config
    policy: Policy
    past: Past
    spent: Mapping[str, frozenset[str]]
    today: date


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What would be done once a pull request is merged.

    `plan` is all of it; `caused` are its changes that the base does not ask for, `drift` those that it does as well,
    and `dropped` what the base asks for and the head no longer does. `unjudged` are the accounts that are to be
    adopted: the objects of others are in no snapshot. `refusals` and `uses` are of the whole plan.
    """

    plan: Plan
    caused: tuple[Change, ...]
    drift: tuple[Change, ...]
    dropped: tuple[Change, ...]
    doubts: tuple[Finding, ...]
    doubts_before: tuple[Finding, ...]
    unjudged: tuple[AccountKey, ...]
    refusals: tuple[Refusal, ...]
    uses: tuple[Use, ...]
    exception: Excepcion | None = None


def preview(base: Side | None, head: Side, ground: Ground) -> Preview:
    """Tell apart what a head would change from what its base would anyway (None: a base that was not valid)."""
    unjudged = _unjudged(head, ground.reading)
    plan = _planned(head, ground)
    before = _planned(base, ground) if base else None
    known = {change_id(one) for one in before.changes} if before else set()
    new = {change_id(one) for one in plan.changes}
    said = set(before.findings) if before else set()
    limits = ground.config.limites
    found = refusals(plan, head.declaration, ground.reading, limits, ground.past)
    exception = None
    if any(one.excusable for one in found):
        exception = excused(plan, ground.config.excepciones, ground.spent)
    return Preview(
        plan=plan,
        caused=tuple(one for one in plan.changes if change_id(one) not in known),
        drift=tuple(one for one in plan.changes if change_id(one) in known),
        dropped=tuple(one for one in before.changes if change_id(one) not in new) if before else (),
        doubts=tuple(one for one in plan.findings if one not in said),
        doubts_before=tuple(one for one in plan.findings if one in said),
        unjudged=unjudged,
        refusals=tuple(one for one in found if not (exception and one.excusable)),
        uses=uses(plan, ground.reading, limits, ground.past),
        exception=exception,
    )


def _planned(side: Side, ground: Ground) -> Plan:
    reading = ground.reading
    declaration = _without(side.declaration, _unjudged(side, reading))
    changes, findings = diff(declaration, reading, side.memory, ground.policy, ground.today)
    before = Before(
        commit=side.commit,
        target=ground.target,
        server=reading.server,
        declared=len(side.declaration.accounts),
        observed=len(reading.accounts),
        reads_mailboxes=reading.reads_mailboxes,
    )
    return Plan(before=before, changes=changes, findings=findings)


def _unjudged(side: Side, reading: Reading) -> tuple[AccountKey, ...]:
    """Return the accounts to be adopted that are not ours yet: only the target shows whom they are."""

    def there(keys: Iterable[AccountKey]) -> bool:
        return any(key in reading.accounts or key in reading.claims for key in keys)

    return tuple(
        sorted(
            key
            for key, one in side.declaration.accounts.items()
            if one.adopt and not there((key, *former_keys(one, side.memory)))
        )
    )


def _without(declaration: Declaration, keys: Sequence[AccountKey]) -> Declaration:
    gone = set(keys)
    return replace(declaration, accounts={key: one for key, one in declaration.accounts.items() if key not in gone})
