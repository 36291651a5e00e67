"""One account's changes, carried out in order so that a stop anywhere can be taken up again.

An alta is: created unable to log on and marked unfinished; sheet sealed; password set; whatever else the
account needs; logon allowed and mark dropped at once; read back. Until that last write nobody can use the
account, and the mark makes the next run take the alta up where it stood.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import assert_never

from pydantic import SecretStr

from reconciler.diff import diff, former_keys
from reconciler.engine.ports import Spool, Target
from reconciler.engine.propose import Proposal, policy_of
from reconciler.errors import (
    OutcomeUnknownError,
    RefusedError,
    TargetError,
    TargetRejectedError,
    TargetUnreachableError,
)
from reconciler.model import Account, AccountKey, Handle, Observed, Status
from reconciler.plan import (
    Adopt,
    Change,
    ChangeAliases,
    Create,
    Disable,
    DisconnectMailbox,
    EnableMailbox,
    Move,
    Outcome,
    Reactivate,
    ReconnectMailbox,
    Rename,
    Result,
    Update,
    UpdateMailbox,
    change_id,
    protects,
)
from reconciler.sheet import Sealed

PasswordMaker = Callable[[Account], SecretStr]
Fault = tuple[Result, str]
"""How a step failed, and why in Spanish."""


@dataclass(frozen=True, kw_only=True)
class Hands:
    """What a saga works with: the target, the spool, and a maker of first passwords."""

    target: Target
    spool: Spool
    new_password: PasswordMaker


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How an account's saga ended: outcomes in order, its identity and the sheets that were sealed.

    `unreachable` is the error after which the whole run has to stop, and so is `defect`, which is one of ours.
    """

    outcomes: tuple[Outcome, ...]
    guid: str | None
    sheets: tuple[Sealed, ...]
    unreachable: TargetUnreachableError | None = None
    defect: Exception | None = None


def carry_out(steps: tuple[Change, ...], proposal: Proposal, hands: Hands, today: date) -> Ended:
    """Carry out every change of one account, and read it back.

    Raises nothing: a rejection ends this account, an unreachable target is handed back, and so is a defect.
    """
    saga = _Saga(steps, proposal, hands, today)
    saga.run()
    outcomes = tuple(saga.outcomes)
    guid = saga.handle.guid if saga.handle else None
    return Ended(
        outcomes=outcomes, guid=guid, sheets=tuple(saga.sheets), unreachable=saga.unreachable, defect=saga.defect
    )


@dataclass
class _Saga:
    steps: tuple[Change, ...]
    proposal: Proposal
    hands: Hands
    today: date
    handle: Handle | None = None
    sheets: list[Sealed] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    unreachable: TargetUnreachableError | None = None
    defect: Exception | None = None
    fault: Fault | None = None
    seen: Observed | None = None

    def run(self) -> None:
        """Make every step until one fails; what a baja takes away is tried whatever else failed."""
        for step in self.steps:
            if self.fault is None or self._still_due(step):
                fault = self._fault_of(partial(self._make, step))
                self.fault = self.fault or fault
            else:
                fault = Result.SKIPPED, "no se intentó: falló un paso anterior de la misma cuenta"
            self._say(step, fault)
        at_the_end = self.fault is None
        if at_the_end:
            self.fault = self._fault_of(self._end)
        if self.fault:  # nothing is believed that reading back did not show, and no alta that was not finished
            result, detail = self.fault
            self.outcomes = [
                replace(one, result=result, detail=detail)
                if isinstance(one.change, Create) or (at_the_end and not self._was_seen(one.change))
                else one
                for one in self.outcomes
            ]

    def _say(self, step: Change, fault: Fault | None) -> None:
        result, detail = fault or (Result.APPLIED, "")
        self.outcomes.append(Outcome(change=step, result=result, detail=detail))

    def _fault_of(self, act: Callable[[], None]) -> Fault | None:
        """Return how an act failed, None where it did not."""
        try:
            act()
        except OutcomeUnknownError as error:
            return Result.UNKNOWN, str(error)
        except TargetUnreachableError as error:
            self.unreachable = error
            return Result.UNKNOWN, str(error)
        except (TargetError, RefusedError) as error:
            return Result.REJECTED, str(error)
        except Exception as error:  # noqa: BLE001 -- what others have finished goes on record before it is raised
            self.defect = self.defect or error
            return Result.UNKNOWN, f"hay un defecto de cuentas ({type(error).__name__}) y no se sabe en qué quedó"
        return None

    def _still_due(self, step: Change) -> bool:
        """Whether a step is tried although another failed: an object that was not adopted is left alone."""
        ours = all(one.result is Result.APPLIED for one in self.outcomes if isinstance(one.change, Adopt))
        return protects(step) and ours and self.unreachable is None

    def _was_seen(self, step: Change) -> bool:
        """Whether reading back showed what a step did, whatever else is not as declared."""
        if self.seen is None:
            return False
        there, whole = self.seen.account, self.seen.handle.mailbox_fault is None
        match step:
            case Adopt():
                return there.key == step.key
            case Disable():
                return there.status is Status.RETIRED and not there.logon_enabled
            case Reactivate():
                return there.status is Status.ACTIVE
            case DisconnectMailbox():
                return there.mailbox is None and whole
            case EnableMailbox() | ReconnectMailbox():
                return there.mailbox is not None
            case _:
                return False

    # --- steps ------------------------------------------------------------------------------------------

    def _make(self, step: Change) -> None:  # noqa: C901, PLR0912 -- one branch for each class there is
        target = self.hands.target
        match step:
            case Create():
                self._create(step)
            case Adopt():
                self.handle = self._candidate(step)
                target.adopt(self.handle, step.key)
            case Rename():
                target.rename(self._reach(step.previous), step.key, step.fields)
            case Move():
                target.move(self._reach(step.key), step.dependencia)
            case Update():
                target.update(self._reach(step.key), step.fields)
            case ChangeAliases():
                target.change_aliases(self._reach(step.key), step.added, step.removed)
            case Disable():
                target.disable(self._reach(step.key))
            case Reactivate():
                self._reactivate(step)
            case EnableMailbox():
                target.enable_mailbox(self._reach(step.key), step.mailbox)
            case UpdateMailbox():
                self._update_mailbox(step)
            case DisconnectMailbox():
                target.disconnect_mailbox(self._reach(step.key))
            case ReconnectMailbox():
                target.reconnect_mailbox(self._reach(step.key), step.mailbox)
            case _:
                assert_never(step)

    def _reach(self, key: AccountKey) -> Handle:
        """Return the account's handle; until its rename is made it is there under a former key."""
        if self.handle is None:
            accounts, declaration = self.proposal.reading.accounts, self.proposal.desired.declaration
            names = (key, *former_keys(declaration.accounts[self.steps[0].key], self.proposal.memory))
            self.handle = next(accounts[name].handle for name in names if name in accounts)
        return self.handle

    def _candidate(self, step: Adopt) -> Handle:
        return next(one.handle for one in self.proposal.reading.others if one.handle.guid == step.guid)

    def _create(self, step: Create) -> None:
        handle = self._reach(step.key) if step.resumes else self.hands.target.create(step.account)
        self.handle = handle
        self._first_password(handle, step.account)

    def _reactivate(self, step: Reactivate) -> None:
        """Let somebody in again, with a new password.

        What was no person's account goes out of service first: from there a stop anywhere leaves it closed, and
        the next run takes it up.
        """
        handle = self._reach(step.key)
        there = next(one.account for one in self.proposal.reading.accounts.values() if one.handle == handle)
        if there.status is Status.ACTIVE:
            self.hands.target.disable(handle)
        self._first_password(handle, step.account)
        self.hands.target.reactivate(handle, step.account)

    def _update_mailbox(self, step: UpdateMailbox) -> None:
        """Change the settings of a mailbox; on its way out or back in, what it answers by itself comes first.

        No reading shows what a mailbox answers: were it last, a stop in between would leave it as it was.
        """
        handle = self._reach(step.key)
        text = self.proposal.desired.config.baja.respuesta_automatica
        hidden = next((change.new for change in step.fields if change.name == "hidden"), None)
        if hidden is False or (hidden and text is not None):  # whatever it was told on its way out ends
            self.hands.target.answer_automatically(handle, text if hidden else None)
        self.hands.target.update_mailbox(handle, step.fields)

    def _first_password(self, handle: Handle, account: Account) -> None:
        """Seal, then set: a password that nobody could be handed must never be set (PSDT-08, 7.1)."""
        if not account.logon_enabled:
            return
        password = self.hands.new_password(account)
        sheet = self.hands.spool.seal(account, password)
        self.sheets.append(sheet)
        self.hands.target.set_first_password(handle, password)
        self.hands.spool.keep_only(account.key, sheet)

    def _end(self) -> None:
        for step in self.steps:
            if isinstance(step, Create) and self.handle:
                self.hands.target.finish(self.handle, step.account)
        self._verify()

    # --- reading back -----------------------------------------------------------------------------------

    def _verify(self) -> None:
        """Read the account again by its identity: nothing may be left to change.

        Raises:
            TargetRejectedError: it is not there, or something of it is still not as declared.

        """
        key = self.steps[0].key
        observed = self.hands.target.lookup(self.handle.guid) if self.handle else None
        if observed is None:
            raise TargetRejectedError(
                f"«{key}» no aparece al releerla.",
                remedy="Vuelva a correr «cuentas plan» para ver en qué quedó.",
            )
        self.seen = observed
        proposal = self.proposal
        declaration = proposal.desired.declaration
        alone = replace(declaration, accounts={key: declaration.accounts[key]})
        name, guid = observed.account.key, observed.handle.guid
        reading = replace(proposal.reading, accounts={name: observed}, others=(), claims={})
        memory = replace(proposal.memory, identity={name: guid}, unwritten=False)  # read by its identity, maybe new
        if any(isinstance(step, Disable) for step in self.steps):
            memory = replace(memory, retired_on={})  # the baja of now has its own date
        changes, findings = diff(alone, reading, memory, policy_of(proposal.desired), self.today)
        asked = {change_id(step) for step in self.steps}
        held = any(one.holds and one.key == key for one in proposal.plan.findings)
        waiting = proposal.unapproved.keys() | proposal.withheld.keys()  # like what is held, nobody asked for it
        left_over = {
            change.verb
            for change in changes
            if change_id(change) in asked or not (held or change_id(change) in waiting)
        }
        if left_over or any(finding.holds for finding in findings):
            left = ", ".join(sorted(left_over)) or findings[0].message
            raise TargetRejectedError(
                f"Al releer «{key}» no quedó como está declarada: {left}.",
                remedy="Vuelva a correr «cuentas plan»; si se repite, alguien más la está cambiando.",
            )
