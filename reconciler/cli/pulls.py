"""apply over pull requests: what their plans showed is asked before, and what was done of each is said after."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from reconciler.cli.screen import note
from reconciler.cli.workspace import Workspace
from reconciler.engine.ports import Forge
from reconciler.engine.propose import Proposal
from reconciler.engine.shown import Shown, asked, released
from reconciler.errors import ConfigurationError, RefusedError, TargetError, TargetUnreachableError
from reconciler.marker import RELEASED, UNAPPROVED, marks_of
from reconciler.plan import Change, Outcome, change_id
from reconciler.report.pull_result import (
    DONE,
    HELD,
    HeldChange,
    approved_in_markdown,
    done_in_markdown,
    held_in_markdown,
    released_in_markdown,
    unapproved_in_markdown,
)

BY_HAND = (
    "Repita cuando la forja conteste. Si urge, aplique a mano un plan que alguien haya leído: «cuentas plan -o "
    "plan.json», y luego «cuentas apply plan.json --yes»."
)


@dataclass(frozen=True, kw_only=True)
class Pulls:
    """The forge that is asked, and who is believed in it."""

    forge: Forge
    who: str

    def shown(self, workspace: Workspace, proposal: Proposal) -> Shown:
        """Return what was shown of a proposal in the pull requests merged since the last run.

        Raises:
            TargetUnreachableError: the forge does not tell; nothing may be applied by its word.

        """
        merges = {
            one.commit: one.parents[-1]
            for one in workspace.repository.first_parent(workspace.tip, proposal.standing.last_commit)
            if one.is_merge
        }
        try:
            return asked(proposal, merges, self.forge, self.who)
        except TargetError as error:
            raise TargetUnreachableError(
                f"No se aplicó nada: no se pudo leer qué mostraron los pull requests. {error.message}",
                remedy=f"{error.remedy} {BY_HAND}",
            ) from None

    def tell(self, shown: Shown, proposal: Proposal, outcomes: Sequence[Outcome], run: str) -> None:
        """Say on each pull request what was done of it, and what was withheld; where that fails, say so here."""
        for merge, showing in shown.pulls.items():
            number = showing.pull_request.number
            held = _held(
                (
                    change
                    for change in proposal.plan.changes
                    if _merge(proposal, change_id(change)) == merge and change_id(change) in proposal.withheld
                ),
                proposal,
            )
            done = [one for one in outcomes if _merge(proposal, change_id(one.change)) == merge]
            try:
                if done:
                    self.forge.say(number, done_in_markdown(done, run), DONE)
                if held:
                    self.forge.say(number, held_in_markdown(held, proposal.only), HELD)
            except TargetError as error:
                note(f"En el pull request {number} no quedó dicho lo que se hizo: {error.message}")

    def tell_unapproved(self, shown: Shown, proposal: Proposal) -> None:
        """Say on each pull request what of it nobody who may has approved; and, once that is over, that it is.

        A run that was narrowed to some agencies does not know whether it is over.
        """
        for merge, showing in shown.pulls.items():
            number = showing.pull_request.number
            faults = ((change, proposal.unapproved.get(change_id(change))) for change in proposal.plan.changes)
            lacking = [(change, fault) for change, fault in faults if fault and fault.commit == merge]
            try:
                if lacking:
                    self.forge.say(number, unapproved_in_markdown(lacking, proposal.only), UNAPPROVED)
                elif showing.lacked_approval and not proposal.only:
                    self.forge.say(number, approved_in_markdown(), UNAPPROVED)
            except TargetError as error:
                note(f"En el pull request {number} no quedó dicho qué aprobación le falta: {error.message}")


def say_released(
    workspace: Workspace, asking: Pulls | None, proposal: Proposal, outcomes: Sequence[Outcome], run: str
) -> None:
    """Put in order what pull requests say is withheld, once it was tried; where that fails, say so here.

    Whoever applies by hand a plan that they read opens the forge for this alone; what the run before may have left
    unsaid is looked for where the forge is open anyway, or that run is known to have been killed.
    """
    looking = asking or proposal.standing.open_attempts
    said = {number: one for number, one in released(proposal, outcomes).items() if looking or one.outcomes}
    if not said:
        return
    try:
        with contextlib.nullcontext(asking) if asking else pulls(workspace) as there:
            for number, one in said.items():
                left = _held(one.left, proposal)
                if not (left or one.outcomes) and RELEASED in marks_of(there.forge.comments(number), there.who):
                    continue  # whoever tried it came to say so
                text = (
                    held_in_markdown(left, proposal.only)
                    if left
                    else released_in_markdown(one.outcomes, run, proposal.only)
                )
                there.forge.say(number, text, HELD)
    except (TargetError, ConfigurationError, RefusedError) as error:
        numbers = ", ".join(map(str, said))
        note(f"En el pull request {numbers} sigue dicho que está retenido lo que ya se hizo: {error.message}")


def _held(changes: Iterable[Change], proposal: Proposal) -> list[HeldChange]:
    return [HeldChange(change, waits=proposal.withheld[change_id(change)].shown) for change in changes]


def _merge(proposal: Proposal, change: str) -> str | None:
    """Return the merge that brought a change."""
    held = proposal.withheld.get(change)
    approval = held.approval if held else proposal.approvals.get(change)
    return approval.merge if approval else None


@contextlib.contextmanager
def pulls(workspace: Workspace) -> Iterator[Pulls]:
    """Open the forge, as approved on the main line; closed on the way out.

    Raises:
        ConfigurationError: cuentas.yaml names none.
        RefusedError: the configuration is not approved.

    """
    with workspace.forge() as forge:
        yield Pulls(forge=forge, who=workspace.forge_config.usuario)
