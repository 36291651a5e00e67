"""apply over pull requests: what their plans showed is asked before, and what was done of each is said after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from reconciler.cli.screen import note
from reconciler.cli.workspace import Workspace
from reconciler.engine.ports import Forge
from reconciler.engine.propose import Proposal
from reconciler.engine.shown import Shown, asked
from reconciler.errors import TargetError, TargetUnreachableError
from reconciler.plan import Outcome, change_id
from reconciler.report.pull_result import (
    DONE,
    HELD,
    HeldChange,
    done_in_markdown,
    held_in_markdown,
    released_in_markdown,
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
        """Say on each pull request what was done of it, and what was withheld; where that fails, say so here.

        What had been said to be withheld is put right once nothing of it is.
        """
        for merge, showing in shown.pulls.items():
            number = showing.pull_request.number
            held = [
                HeldChange(change, waits=proposal.withheld[change_id(change)].shown)
                for change in proposal.plan.changes
                if _merge(proposal, change_id(change)) == merge and change_id(change) in proposal.withheld
            ]
            done = [one for one in outcomes if _merge(proposal, change_id(one.change)) == merge]
            try:
                if done:
                    self.forge.say(number, done_in_markdown(done, run), DONE)
                if held:
                    self.forge.say(number, held_in_markdown(held), HELD)
                elif done and self._said_held(number):
                    self.forge.say(number, released_in_markdown(run), HELD)
            except TargetError as error:
                note(f"En el pull request {number} no quedó dicho lo que se hizo: {error.message}")

    def _said_held(self, number: int) -> bool:
        mark = f"<!-- {HELD} -->"
        return any(
            one.user.casefold() == self.who.casefold() and mark in one.body for one in self.forge.comments(number)
        )


def _merge(proposal: Proposal, change: str) -> str | None:
    """Return the merge that brought a change."""
    held = proposal.withheld.get(change)
    approval = held.approval if held else proposal.approvals.get(change)
    return approval.merge if approval else None


@contextmanager
def pulls(workspace: Workspace) -> Iterator[Pulls]:
    """Open the forge, as approved on the main line; closed on the way out.

    Raises:
        ConfigurationError: cuentas.yaml names none.
        RefusedError: the configuration is not approved.

    """
    with workspace.forge() as forge:
        yield Pulls(forge=forge, who=workspace.forge_config.usuario)
