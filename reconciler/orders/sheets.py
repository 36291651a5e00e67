"""Credential sheets (RSDT-08.02) as the record tells them: sealed, on their way, acknowledged, taken away. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from reconciler.events import Event, EventKind
from reconciler.model import AccountKey, Addressee
from reconciler.sheet import Seal

OF_SHEETS = frozenset(
    {
        EventKind.SHEET_SEALED,
        EventKind.SHEET_PRINTED,
        EventKind.SHEET_SENT,
        EventKind.SHEET_ACKNOWLEDGED,
        EventKind.SHEET_REMOVED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRecord:
    """A credential sheet as the record tells it; `sent` are those whom it was mailed to, each with the moment.

    `removed` says when its file was taken away, and `why`: acknowledged, too old, or another was issued. `order` is
    the order that it was sealed for, as it was named then; "" for one of before there were orders.
    """

    folio: str
    key: AccountKey
    name: str
    seal: Seal
    sealed: datetime
    printed: datetime | None = None
    sent: Mapping[Addressee, datetime] = field(default_factory=dict)
    acknowledged: datetime | None = None
    by: Addressee | None = None
    removed: datetime | None = None
    why: str = ""
    order: str = ""

    @property
    def delivered(self) -> datetime | None:
        """When it first was on its way to somebody (PSDT-08, 7.1 and 7.2)."""
        return min((one for one in (self.printed, *self.sent.values()) if one), default=None)


class OneTarget:
    """Tells a target's events: an event names one, or its run did; what names none (a request) is everybody's."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._runs: dict[str, str] = {}

    def concerns(self, event: Event) -> bool:
        """Whether an event says something of the target; to be asked of every event, in order."""
        if event.kind is EventKind.RUN_STARTED:
            self._runs[event.run] = str(event.data.get("destino", ""))
        where = event.data.get("destino", self._runs.get(event.run))
        return where is None or where == self._target


def sheets(events: Iterable[Event], target: str) -> Mapping[str, SheetRecord]:
    """Fold the record into one target's credential sheets, by folio, in the order in which they were sealed."""
    here, found = OneTarget(target), Sheets()
    for event in events:
        if here.concerns(event):
            found.take(event)
    return found.by_folio


class Sheets:
    """The fold of one target's sheets, event by event."""

    def __init__(self) -> None:
        self.by_folio: dict[str, SheetRecord] = {}
        self._latest: dict[AccountKey, str] = {}

    def take(self, event: Event) -> SheetRecord | None:
        """Take an event, and return the sheet that it says something of."""
        folio = str(event.data.get("folio", ""))
        if event.kind is EventKind.SHEET_SEALED:
            sheet = _sealed(event)
            if sheet.folio not in self.by_folio:
                self._latest[sheet.key] = sheet.folio
            return self.by_folio.setdefault(sheet.folio, sheet)
        if event.kind not in OF_SHEETS or folio not in self.by_folio:
            return None
        self.by_folio[folio] = _with(self.by_folio[folio], event)
        return self.by_folio[folio]

    def latest(self, key: AccountKey) -> SheetRecord | None:
        """Return an account's last sheet, None where none was ever sealed."""
        return self.by_folio[self._latest[key]] if key in self._latest else None


def latest(found: Mapping[str, SheetRecord]) -> Mapping[AccountKey, SheetRecord]:
    """Return each account's last sheet."""
    return {one.key: one for one in found.values()}


def _sealed(event: Event) -> SheetRecord:
    data = event.data
    return SheetRecord(
        folio=str(data.get("folio") or f"{event.run}/{event.key}"),  # of before sheets had folios
        key=event.key or AccountKey(""),
        name=str(data.get("hoja", "")),
        seal=Seal(str(data.get("sello", Seal.MESA.value))),
        sealed=event.at,
        order=str(data.get("orden") or ""),
    )


def _with(sheet: SheetRecord, event: Event) -> SheetRecord:
    data, at = event.data, event.at
    match event.kind:
        case EventKind.SHEET_PRINTED:
            return replace(sheet, printed=sheet.printed or at)
        case EventKind.SHEET_SENT:
            one = Addressee(str(data["a"]))
            return replace(sheet, sent={one: at, **sheet.sent})
        case EventKind.SHEET_ACKNOWLEDGED:
            return replace(sheet, acknowledged=sheet.acknowledged or at, by=sheet.by or Addressee(str(data["por"])))
        case EventKind.SHEET_REMOVED:
            return replace(sheet, removed=sheet.removed or at, why=sheet.why or str(data.get("porque", "")))
        case _:
            return sheet
