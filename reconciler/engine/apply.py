"""Apply: what was proposed and approved is made, each intention on record before and each result after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from reconciler.engine.crew import worked
from reconciler.engine.ports import Record, Spool
from reconciler.engine.propose import Proposal
from reconciler.engine.saga import Ended, Hands, carry_out
from reconciler.errors import RefusedError, TargetUnreachableError
from reconciler.events import JSON, Attempt, Event, EventKind
from reconciler.model import AccountKey, Reading, Status
from reconciler.orders import sheets
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
from reconciler.sheet import Sealed

BATCH = 500
"""Results that wait on this machine, fsynced, before they are committed and pushed together."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run of apply: its name and its surroundings. `clock` returns aware UTC.

    `heartbeat` is called after every account, and while one takes long, to keep the lease alive; `progress` is
    told of each outcome with how many accounts are done and how many there are; `crew` are the hands that work
    at once. `stopping` is asked before every account: once it says yes, none is begun any more.
    """

    name: str
    version: str
    clock: Callable[[], datetime]
    record: Record
    crew: Sequence[Hands]
    heartbeat: Callable[[], None]
    progress: Callable[[int, int, Sequence[Outcome]], None]
    stopping: Callable[[], bool] = lambda: False

    def event(self, kind: EventKind, key: AccountKey | None = None, **data: JSON) -> Event:
        """Return an event of this run, as of now."""
        return Event(kind=kind, at=self.clock(), run=self.name, key=key, data=data)


@dataclass(kw_only=True)
class Report:
    """What a run did: every change that was tried or skipped, and those held for lack of approval.

    `defect` is one of ours, met in the middle: nothing was begun after it.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    unapproved: int = 0
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
    """Raise when a guard says no, there is nowhere to put a first password, or all that is left are held bajas.

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
    if not (proposal.plan.changes or proposal.standing.open_attempts):
        _refuse_silence(proposal)


def _refuse_silence(proposal: Proposal) -> None:
    """Raise where people who should be out can still log on, and nothing else makes the run end badly."""
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
    report = Report(unapproved=len(proposal.unapproved))
    changes = proposal.approved
    reconciled = list(_reconciled(proposal, run))
    if not changes and not reconciled:
        return report
    run.record.append(_started(proposal, run), *reconciled, *_intentions(proposal, run, changes))
    run.record.publish()
    run.crew[0].spool.begin(run.record.head(), {})
    _make_all(proposal, run, changes, report)
    run.record.append(_ended(proposal, run, report))
    run.record.publish()
    if report.defect:
        raise report.defect
    if report.clean and not (report.stopped or report.unapproved):
        _refuse_silence(proposal)
    return report


def _make_all(proposal: Proposal, run: Run, changes: Sequence[Change], report: Report) -> None:
    accounts = [tuple(steps) for _, steps in groupby(changes, key=lambda change: change.key)]
    today = run.clock().astimezone(proposal.zone).date()
    waiting = 0

    def refuse_now(steps: Sequence[Change]) -> Ended | None:
        report.stopped = report.stopped or (report.unreachable is None and run.stopping())
        reason = _why_not(report)
        return _not_tried(steps, reason) if reason else None

    def work(steps: tuple[Change, ...], hands: Hands) -> Ended:
        return carry_out(steps, proposal, hands, today)

    results = worked(accounts, run.crew, work, refuse_now, run.heartbeat)
    for done, (steps, ended) in enumerate(results, start=1):
        run.record.append(*_results(run, steps[0].key, ended))
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
    return run.event(
        EventKind.RUN_STARTED,
        version=run.version,
        destino=before.target,
        servidor=before.server,
        commit=before.commit,
        desde=proposal.standing.last_commit,
        huella=proposal.plan.digest,
        cambios=len(proposal.approved),
        sin_aprobar=len(proposal.unapproved),
    )


def _intentions(proposal: Proposal, run: Run, changes: Iterable[Change]) -> Iterator[Event]:
    if proposal.exception:
        yield run.event(EventKind.EXCEPTION_USED, plan=proposal.exception.plan, oficio=proposal.exception.oficio)
    for change in changes:
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


def _results(run: Run, key: AccountKey, ended: Ended) -> Iterator[Event]:
    for sheet in ended.sheets:
        yield _sealed(run, key, sheet)
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


def _sealed(run: Run, key: AccountKey, sheet: Sealed) -> Event:
    return run.event(EventKind.SHEET_SEALED, key, hoja=sheet.name, folio=sheet.folio, sello=sheet.seal.value)


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


# --- intentions that an interrupted run left without a result ----------------------------------------------


def _reconciled(proposal: Proposal, run: Run) -> Iterator[Event]:
    pending = {(change.key, change.verb) for change in proposal.plan.changes}
    held = {finding.key for finding in proposal.plan.findings if finding.holds}
    unwritten = _unwritten_sheets(proposal, run)
    for attempt in proposal.standing.open_attempts:
        if attempt.key in held or not proposal.covers(attempt.key):
            continue
        landed = (attempt.key, attempt.verb) not in pending and _landed(attempt, proposal.reading)
        observed = proposal.reading.accounts.get(attempt.key)
        made = attempt.verb == "create" or (landed and attempt.verb in {"adopt", "rename"})
        identity: dict[str, JSON] = {"guid": observed.handle.guid} if observed and made else {}
        yield run.event(
            EventKind.RECONCILED,
            attempt.key,
            de=attempt.run,
            cambio=attempt.change,
            verbo=attempt.verb,
            estado=(Result.APPLIED if landed else Result.SKIPPED).value,
            detalle="leído de vuelta en el destino",
            **identity,
        )
        if landed and attempt.verb in _WITH_PASSWORD:
            yield from (_sealed(run, attempt.key, sheet) for sheet in unwritten.get(attempt.key, ()))


_WITH_PASSWORD = frozenset({"create", "reactivate"})


def _unwritten_sheets(proposal: Proposal, run: Run) -> Mapping[AccountKey, Sequence[Sealed]]:
    """Return the sheets that are stored for accounts which a dead run let in, and that it did not put on record."""
    if not any(one.verb in _WITH_PASSWORD for one in proposal.standing.open_attempts):
        return {}
    known = sheets(run.record.events(), proposal.plan.before.target)
    found: dict[AccountKey, list[Sealed]] = {}
    for key, sheet in run.crew[0].spool.waiting():
        if sheet.folio not in known:
            found.setdefault(key, []).append(sheet)
    return found


def _landed(attempt: Attempt, reading: Reading) -> bool:
    """Whether the target shows the change that an interrupted run set out to make."""
    observed = reading.accounts.get(attempt.key)
    if observed is None:
        return False
    match attempt.verb:
        case "create":
            return not observed.handle.unfinished
        case "disable":
            return observed.account.status is Status.RETIRED
        case "reactivate":
            return observed.account.status is Status.ACTIVE
        case "disconnect_mailbox":
            return observed.account.mailbox is None and not observed.handle.mailbox_fault
        case "enable_mailbox" | "reconnect_mailbox":
            return observed.account.mailbox is not None
        case "move":
            return observed.account.dependencia.casefold() == attempt.dependencia.casefold()
        case _:
            return True
