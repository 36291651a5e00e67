"""The rules of a pull request: what a proposal may do to what its base declares, and who may propose it. Pure.

What an entry needs by itself (an oficio that is declared, an enlace who handles it) every declaration is checked for;
here is what only a comparison shows.
"""

from reconciler.pull.agencies import headcount_warnings
from reconciler.pull.approvers import approver_warnings
from reconciler.pull.entries import entry_problems
from reconciler.pull.judging import author_problems, judge, proposing_problems
from reconciler.pull.proposal import PULL_REQUEST, Proposal, Side
from reconciler.pull.scope import Kind, Scope, scope_of, scope_problems
from reconciler.pull.uses import Use, Uses, uses_of

__all__ = [
    "PULL_REQUEST",
    "Kind",
    "Proposal",
    "Scope",
    "Side",
    "Use",
    "Uses",
    "approver_warnings",
    "author_problems",
    "entry_problems",
    "headcount_warnings",
    "judge",
    "proposing_problems",
    "scope_of",
    "scope_problems",
    "uses_of",
]
