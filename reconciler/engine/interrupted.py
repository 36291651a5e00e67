"""Intentions that an interrupted run left without a result: what became of them, as the target shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from reconciler.engine.ports import Says
from reconciler.engine.propose import Proposal
from reconciler.events import JSON, Attempt, Event, EventKind
from reconciler.model import AccountKey, Reading, Status
from reconciler.orders import sheets
from reconciler.plan import Result
from reconciler.sheet import Sealed
from reconciler.waiting import LETS_IN


def reconciled(proposal: Proposal, says: Says) -> Iterator[Event]:
    """Settle, by what the target shows, every intention that is not held and that nobody wrote the result of."""
    pending = {(change.key, change.verb) for change in proposal.plan.changes}
    held = {finding.key for finding in proposal.plan.findings if finding.holds}
    for attempt in proposal.standing.open_attempts:
        if attempt.key in held or not proposal.covers(attempt.key):
            continue
        landed = (attempt.key, attempt.verb) not in pending and _landed(attempt, proposal.reading)
        observed = proposal.reading.accounts.get(attempt.key)
        made = attempt.verb == "create" or (landed and attempt.verb in {"adopt", "rename"})
        identity: dict[str, JSON] = {"guid": observed.handle.guid} if observed and made else {}
        yield says(
            EventKind.RECONCILED,
            attempt.key,
            de=attempt.run,
            cambio=attempt.change,
            verbo=attempt.verb,
            estado=(Result.APPLIED if landed else Result.SKIPPED).value,
            detalle="leído de vuelta en el destino",
            **identity,
        )


def unwritten(
    found: Iterable[Event],
    proposal: Proposal,
    waiting: Callable[[], Iterable[tuple[AccountKey, Sealed]]],
    says: Says,
    altas: Mapping[AccountKey, str],
) -> Iterator[Event]:
    """Put the stored sheets on record of accounts that an interrupted run let in, without living to write them.

    `found` is how its intentions came out, `altas` are the orders of altas by account.
    """
    landed = {one.key for one in found if one.data["verbo"] in LETS_IN and one.data["estado"] == Result.APPLIED.value}
    if not landed:
        return
    known = sheets(proposal.events, proposal.plan.before.target)
    for key, sheet in waiting():
        if key in landed and sheet.folio not in known:
            yield sealed(says, key, sheet, altas.get(key))


def sealed(says: Says, key: AccountKey, sheet: Sealed, order: str | None, **more: JSON) -> Event:
    """Return what the record says of a sheet that is stored."""
    return says(
        EventKind.SHEET_SEALED,
        key,
        hoja=sheet.name,
        folio=sheet.folio,
        sello=sheet.seal.value,
        orden=order,
        **more,
    )


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
