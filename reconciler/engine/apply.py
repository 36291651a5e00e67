"""Apply: what was proposed and approved is made, each intention on record before and each result after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby

from reconciler.engine.crew import worked
from reconciler.engine.interrupted import reconciled, sealed, unwritten
from reconciler.engine.orders import Ledger
from reconciler.engine.ports import Record, Spool
from reconciler.engine.propose import Proposal
from reconciler.engine.saga import Ended, Hands, carry_out
from reconciler.engine.shown import not_shown
from reconciler.errors import RefusedError, TargetUnreachableError
from reconciler.events import JSON, Event, EventKind
from reconciler.model import AccountKey
from reconciler.plan import (
    Adopt,
    Change,
    Create,
    DisconnectMailbox,
    Outcome,
    Reactivate,
    Rename,
    Result,
    change_id,
    kind_of,
)

BATCH = 500
"""Results that wait on this machine, fsynced, before they are committed and pushed together."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of apply: its name and its surroundings. `clock` returns aware UTC.

    `heartbeat` is called after every account, and while one takes long, to keep the lease alive; `progress` is
    told of each outcome with how many accounts are done and how many there are; `crew` are the hands that work
    at once. `stopping` is asked before every account: once it says yes, none is begun any more. `operator` is the
    account of who runs it, as they say.
    """

    name: str
    version: str
    clock: Callable[[], datetime]
    record: Record
    crew: Sequence[Hands]
    heartbeat: Callable[[], None]
    progress: Callable[[int, int, Sequence[Outcome]], None]
    stopping: Callable[[], bool] = lambda: False
    operator: str | None = None

    def event(self, kind: EventKind, key: AccountKey | None = None, **data: JSON) -> Event:
        """Return an event of this run, as of now."""
        return Event(kind=kind, at=self.clock(), run=self.name, key=key, data=data)

    def today(self, proposal: Proposal) -> date:
        """Return the date where the institution is."""
        return self.clock().astimezone(proposal.zone).date()


@dataclass(kw_only=True)
class Report:
    """What a run did: every change that was tried or skipped, and those held for lack of approval or of showing.

    `defect` is one of ours, met in the middle: nothing was begun after it.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    unapproved: int = 0
    withheld: int = 0
    unreachable: TargetUnreachableError | None = None
    defect: Exception | None = None
    stopped: bool = False

    def count(self, result: Result) -> int:
        """Return how many changes ended in one way."""
        return sum(1 for outcome in self.outcomes if outcome.result is result)

    @property
    def clean(self) -> bool:
        """Whether everything that was tried was applied."""
        return self.unreachable is None and self.count(Result.APPLIED) == len(self.outcomes)


def refuse(proposal: Proposal, spool: Spool) -> None:
    """Raise when a guard says no, or there is nowhere to put a first password.

    Raises:
        RefusedError: with every reason in its message.

    """
    if proposal.desired.commit == "":
        raise RefusedError(
            "Lo que hay en la copia de trabajo no está aprobado.",
            remedy="Proponga sus cambios en un pull request; «--worktree» solo sirve para probar.",
        )
    if proposal.refusals:
        reasons = " ".join(refusal.message for refusal in proposal.refusals)
        remedies = " ".join(dict.fromkeys(refusal.remedy for refusal in proposal.refusals))
        raise RefusedError(f"No se aplica nada: {reasons}", remedy=remedies)
    if any(isinstance(one, Create | Reactivate) and one.account.logon_enabled for one in proposal.approved):
        spool.check()


def refuse_silence(proposal: Proposal) -> None:
    """Raise where people who should be out can still log on, and nothing else makes the run end badly.

    Raises:
        RefusedError: with the first of them in its message.

    """
    held = proposal.held_bajas
    if held:
        more = f" y otras {len(held) - 5}" if len(held) > 5 else ""  # noqa: PLR2004 -- as many as a line holds
        raise RefusedError(
            f"Bajas sin hacer, y todavía se puede iniciar sesión con ellas: {', '.join(held[:5])}{more}.",
            remedy="Atienda lo que las retiene («Por atender», en «cuentas plan») o deshabilítelas a mano en el "
            "directorio; lo demás del plan no espera por ellas.",
        )


def apply(proposal: Proposal, run: Run) -> Report:
    """Make every approved change, one account after the other, and say what became of each.

    One account's rejection does not stop the others; an unreachable target stops the run, and so does a
    record that cannot be written. Nothing is changed unless the intentions are published first. A defect of ours
    stops it, too, and is raised once everything that was done is on record.

    Raises:
        RefusedError: a guard says no and nothing was changed; or everything that could be made was, and is on
            record, and a baja was held.
        RecordError: the record cannot be written; nothing more was changed after that.

    """
    refuse(proposal, run.crew[0].spool)
    report = Report(unapproved=len(proposal.unapproved), withheld=len(proposal.withheld))
    ledger = Ledger(proposal, run.event, run.today(proposal))
    found = list(reconciled(proposal, run.event))
    evidence = [run.event(EventKind.EVIDENCE, None, **one) for one in proposal.unrecorded]
    asides = (*ledger.settled, *not_shown(proposal, run.event))
    if proposal.approved or found:
        sheets = unwritten(found, proposal, run.crew[0].spool.waiting, run.event, ledger.altas)
        before = (*found, *evidence, *ledger.received, *sheets, *asides)
        run.record.append(_started(proposal, run), *before, *_intentions(proposal, run))
        run.record.publish()
        run.crew[0].spool.begin(run.record.head(), ledger.altas)
        _make_all(proposal, run, ledger, report)
        run.record.append(_ended(proposal, run, report))
        run.record.publish()
    elif asides or evidence:
        run.record.append(*evidence, *asides)
        run.record.publish()
    if report.defect:
        raise report.defect
    if report.clean and not (report.stopped or report.unapproved):
        refuse_silence(proposal)
    return report


def _make_all(proposal: Proposal, run: Run, ledger: Ledger, report: Report) -> None:
    changes = proposal.approved
    accounts = [tuple(steps) for _, steps in groupby(changes, key=lambda change: change.key)]
    today = run.today(proposal)
    waiting = 0

    def refuse_now(steps: Sequence[Change]) -> Ended | None:
        report.stopped = report.stopped or (report.unreachable is None and run.stopping())
        reason = _why_not(report)
        return _not_tried(steps, reason) if reason else None

    def work(steps: tuple[Change, ...], hands: Hands) -> Ended:
        return carry_out(steps, proposal, hands, today)

    results = worked(accounts, run.crew, work, refuse_now, run.heartbeat)
    for done, (steps, ended) in enumerate(results, start=1):
        run.record.append(*_results(run, steps[0].key, ended, ledger.altas), *ledger.done(steps, ended))
        report.outcomes.extend(ended.outcomes)
        report.unreachable = report.unreachable or ended.unreachable
        report.defect = report.defect or ended.defect
        run.progress(done, len(accounts), ended.outcomes)
        waiting += len(ended.outcomes)
        if waiting >= BATCH:
            run.record.publish()
            waiting = 0
        run.heartbeat()


def _why_not(report: Report) -> str | None:
    if report.defect:
        return "no se intentó: un defecto de cuentas detuvo la corrida"
    if report.unreachable:
        return "no se intentó: el destino dejó de responder"
    return "no se intentó: se pidió parar la corrida" if report.stopped else None


def _not_tried(steps: Iterable[Change], detail: str) -> Ended:
    outcomes = tuple(Outcome(change=step, result=Result.SKIPPED, detail=detail) for step in steps)
    return Ended(outcomes=outcomes, guid=None, sheets=())


# --- events ---------------------------------------------------------------------------------------------


def _started(proposal: Proposal, run: Run) -> Event:
    before = proposal.plan.before
    more: dict[str, JSON] = {"quien": run.operator} if run.operator else {}
    if proposal.withheld:
        more["retenidos"] = len(proposal.withheld)
    return run.event(
        EventKind.RUN_STARTED,
        None,
        version=run.version,
        destino=before.target,
        servidor=before.server,
        commit=before.commit,
        desde=proposal.standing.last_commit,
        huella=proposal.plan.digest,
        cambios=len(proposal.approved),
        sin_aprobar=len(proposal.unapproved),
        **more,
    )


def _intentions(proposal: Proposal, run: Run) -> Iterator[Event]:
    if proposal.exception:
        yield run.event(EventKind.EXCEPTION_USED, plan=proposal.exception.plan, oficio=proposal.exception.oficio)
    for change in proposal.approved:
        name = change_id(change)
        yield run.event(
            EventKind.ATTEMPT,
            change.key,
            cambio=name,
            verbo=change.verb,
            clase=kind_of(change).value,
            dependencia=change.dependencia,
            oficio=change.oficio,
            fusion=proposal.approvals[name].merge,
            **_mailbox_of(proposal, change),
        )


def _mailbox_of(proposal: Proposal, change: Change) -> dict[str, JSON]:
    """Say which mailbox is to be taken off which object: only what is on record is ever given back."""
    if not isinstance(change, DisconnectMailbox):
        return {}
    handle = proposal.present(change.key)
    return {"buzon": handle.mailbox, "objeto": handle.guid} if handle and handle.mailbox else {}


def _results(run: Run, key: AccountKey, ended: Ended, altas: Mapping[AccountKey, str]) -> Iterator[Event]:
    for sheet in ended.sheets:
        yield sealed(run.event, key, sheet, altas.get(key))
    for outcome in ended.outcomes:
        data: dict[str, JSON] = {
            "cambio": change_id(outcome.change),
            "verbo": outcome.change.verb,
            "estado": outcome.result.value,
        }
        if outcome.detail:
            data["detalle"] = outcome.detail
        if isinstance(outcome.change, Create | Adopt | Rename) and ended.guid:
            data["guid"] = ended.guid
        yield run.event(EventKind.OUTCOME, key, **data)


def _ended(proposal: Proposal, run: Run, report: Report) -> Event:
    made = [one.change for one in report.outcomes if one.result is Result.APPLIED]
    fresh = sum(1 for one in made if isinstance(one, Adopt) or (isinstance(one, Create) and not one.resumes))
    return run.event(
        EventKind.RUN_ENDED,
        resultado="completa" if report.clean else "incompleta",
        aplicados=report.count(Result.APPLIED),
        rechazados=report.count(Result.REJECTED),
        omitidos=report.count(Result.SKIPPED),
        desconocidos=report.count(Result.UNKNOWN),
        cuentas=len(proposal.reading.accounts) + fresh,
    )
