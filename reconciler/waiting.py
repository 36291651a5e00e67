"""Credential sheets that wait to be handed over or acknowledged, from the record and from what is stored. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from reconciler.events import Event, EventKind
from reconciler.model import AccountKey, Addressee
from reconciler.orders import OneTarget, Order, SheetRecord, orders, sheets
from reconciler.plan import Result
from reconciler.sheet import Seal

REJECTED = "rechazada"
"""How a reissue ended that could not be sealed, or that the target refused: the former password is the one set."""

LETS_IN = frozenset({"create", "reactivate"})
"""Verbs of the changes that set a first password, and so seal a sheet before it."""


class Stage(StrEnum):
    """Where a sheet is, in the words that people read."""

    SELLADA = "sellada"
    IMPRESA = "impresa"
    ENVIADA = "enviada"
    ACUSADA = "acusada"
    VENCIDA = "vencida"
    SIN_ENTREGAR = "sin_entregar"
    RETIRADA = "retirada"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An account's present sheet. `folio` is "" where none is on record, and then `seal` is None.

    `days_left` is how long its file is still kept, None where there is no file; `half` says that another was being
    issued and nobody wrote how that ended: what is stored may open nothing.
    """

    key: AccountKey
    folio: str
    stage: Stage
    since: datetime
    seal: Seal | None
    days_left: int | None
    sent: tuple[Addressee, ...] = ()
    by: Addressee | None = None
    half: bool = False


def waiting(
    events: Sequence[Event], target: str, stored: Collection[str], now: datetime, keep: timedelta
) -> tuple[Waiting, ...]:
    """Return every account's present sheet, by account, those of closed orders and acknowledged ones included.

    `stored` are the folios whose files are there, each kept for so long after it was sealed. An alta that was made
    and whose sheet nobody has on record waits, too.
    """
    known = orders(events, target)
    halves = interrupted(events, target)
    present = {one.key: one for one in sheets(events, target).values() if one.why != "reexpedida"}
    found = [_of_sheet(one, stored, now, keep, half=one.key in halves) for one in present.values()]
    found += [_of_order(one) for one in _without_sheet(known, present)]
    return tuple(sorted(found, key=lambda one: one.key))


def interrupted(events: Iterable[Event], target: str) -> frozenset[AccountKey]:
    """Return the accounts of which another sheet was being issued, and nobody wrote how that ended."""
    here = OneTarget(target)
    begun: set[AccountKey] = set()
    for event in events:
        if event.key is None or not here.concerns(event):
            continue
        if event.kind is EventKind.SHEET_ASKED and event.data.get("estado") != REJECTED:
            begun.add(event.key)
        elif event.kind in {EventKind.SHEET_ASKED, EventKind.SHEET_SEALED}:
            begun.discard(event.key)
    return frozenset(begun)


def shut_out(events: Iterable[Event], target: str) -> frozenset[AccountKey]:
    """Return the accounts that were to be let in and, the last time that was tried, were not: no sheet opens them.

    An account that became personal again is let in under the oficio that it always had, so that none tells it.
    """
    here = OneTarget(target)
    out: set[AccountKey] = set()
    for event in events:
        if event.key is None or not here.concerns(event) or event.data.get("verbo") not in LETS_IN:
            continue
        if event.kind in {EventKind.OUTCOME, EventKind.RECONCILED}:
            (out.discard if event.data.get("estado") == Result.APPLIED else out.add)(event.key)
    return frozenset(out)


def _without_sheet(known: Mapping[str, Order], present: Mapping[AccountKey, SheetRecord]) -> Iterator[Order]:
    for one in known.values():
        if (
            one.is_open
            and one.done
            and one.handed
            and not one.overtaken
            and one.sheet is None
            and one.key not in present
        ):
            yield one


def _of_order(order: Order) -> Waiting:
    since = order.done or order.opened
    return Waiting(key=order.key, folio="", stage=Stage.SIN_ENTREGAR, since=since, seal=None, days_left=None)


def _of_sheet(one: SheetRecord, stored: Collection[str], now: datetime, keep: timedelta, *, half: bool) -> Waiting:
    there = one.folio in stored
    stage, since = _stage(one, there=there and not half)
    return Waiting(
        key=one.key,
        folio=one.folio,
        stage=stage,
        since=since,
        seal=one.seal,
        days_left=max(0, -((now - one.sealed - keep) // timedelta(days=1))) if there else None,
        sent=tuple(one.sent),
        by=one.by,
        half=half,
    )


def _stage(one: SheetRecord, *, there: bool) -> tuple[Stage, datetime]:
    if one.acknowledged:
        return Stage.ACUSADA, one.acknowledged
    if one.removed and one.why == "baja":
        return Stage.RETIRADA, one.removed
    if one.sent:
        return Stage.ENVIADA, max(one.sent.values())
    if one.printed:
        return Stage.IMPRESA, one.printed
    if one.removed:
        return Stage.VENCIDA, one.removed
    return (Stage.SELLADA if there else Stage.SIN_ENTREGAR), one.sealed


def find(found: Iterable[SheetRecord], asked: str) -> SheetRecord | None:
    """Return an account's last sheet, or the one of a folio, however either was typed; None where there is none."""
    name = asked.strip().partition("@")[0]
    last = None
    for one in found:
        if one.folio == name.upper() or one.key == name.lower():
            last = one
    return last
