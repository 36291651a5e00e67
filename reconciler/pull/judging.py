"""Every rule of a pull request of declarations, at once."""

from __future__ import annotations

from datetime import date

from reconciler.config import Config
from reconciler.errors import Problem
from reconciler.pull.agencies import agency_problems
from reconciler.pull.authority import config_authority, data_authority
from reconciler.pull.entries import entry_problems
from reconciler.pull.oficios import oficio_problems
from reconciler.pull.proposal import Proposal
from reconciler.pull.scope import Scope
from reconciler.roster import Person, Roster


def judge(proposal: Proposal, scope: Scope) -> tuple[Problem, ...]:
    """Return everything that a pull request of declarations does that it must not, or that has to be seen."""
    touched = scope.agencies(proposal.changes)
    found = (
        *entry_problems(proposal.before.declaration, proposal.after.declaration),
        *oficio_problems(proposal),
        *agency_problems(proposal, touched),
        *data_authority(proposal, touched),
    )
    return tuple(sorted(set(found)))


def author_problems(proposal: Proposal, scope: Scope) -> tuple[Problem, ...]:
    """Return what there is to say of who proposes, where what they propose is not valid."""
    return tuple(sorted(data_authority(proposal, scope.agencies(proposal.changes))))


def proposing_problems(config: Config, roster: Roster, author: Person | None, day: date) -> tuple[Problem, ...]:
    """Return what there is to say of who proposes a change of the configuration."""
    return tuple(sorted(config_authority(config, roster, author, day)))
