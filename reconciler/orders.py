"""Work orders as the record tells them: one for each account and movement, from request to close. Pure."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from reconciler.events import Event, EventKind
from reconciler.model import AccountKey, Addressee, Movimiento, normalized_oficio
from reconciler.plan import Change, Create, Disable, Reactivate
from reconciler.sheet import Seal, new_name


class OrderState(StrEnum):
    """Where an order is, in the words that people read."""

    SIN_OFICIO = "pendiente_oficio"
    RECIBIDA = "recibida"
    EJECUTADA = "ejecutada"
    RESUELTA = "resuelta"
    CERRADA = "cerrada"
    DESISTIDA = "desistida"


class Telling(StrEnum):
    """What the Sistema de Oficios is told of an order (PSDT-08, 3.1, 6.2 and 9.2)."""

    OPEN = "levantar"
    CLOSE = "cerrar"


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetRecord:
    """A credential sheet as the record tells it; `sent` are those whom it was mailed to, each with the moment.

    `removed` says when its file was taken away, and `why`: acknowledged, too old, or another was issued.
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

    @property
    def delivered(self) -> datetime | None:
        """When it first was on its way to somebody (PSDT-08, 7.1 and 7.2)."""
        return min((one for one in (self.printed, *self.sent.values()) if one), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lateness:
    """A servicio no conforme: until when the alta was due, and what was said of it, once it was."""

    due: date
    recorded: datetime
    cause: str | None = None
    treatment: str | None = None
    treated: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A work order. `received` is the local day from which it counts; `opened` is when it went on record.

    `done` is when its movement was read back; from then on `to_tell` are those who have to be notified, and
    `told` those who were, each with the moment. `sheet` is the account's latest credential sheet under this
    order, and `handed` says whether one has to be handed over at all. `number` is the Sistema de Oficios' own.
    `oficio_on` is the local day on which its oficio was there. `twin` is the order that it turned out to be told
    twice of: that one goes on, and this one counts for nothing.
    """

    id: str
    key: AccountKey
    movement: Movimiento
    dependencia: str
    received: date
    opened: datetime
    medium: str
    oficio: str | None = None
    enlace: str | None = None
    oficio_on: date | None = None
    twin: str | None = None
    done: datetime | None = None
    to_tell: tuple[Addressee, ...] = ()
    told: Mapping[Addressee, datetime] = field(default_factory=dict)
    handed: bool = False
    sheet: SheetRecord | None = None
    late: Lateness | None = None
    closed: datetime | None = None
    withdrawn: datetime | None = None
    number: str | None = None
    captured: frozenset[Telling] = frozenset()
    notes: tuple[tuple[datetime, str], ...] = ()

    @property
    def state(self) -> OrderState:
        """Where it is."""
        if self.withdrawn:
            return OrderState.DESISTIDA
        if self.closed:
            return OrderState.CERRADA
        if self.resolved:
            return OrderState.RESUELTA
        if self.done:
            return OrderState.EJECUTADA
        return OrderState.RECIBIDA if self.oficio else OrderState.SIN_OFICIO

    @property
    def resolved(self) -> datetime | None:
        """When it was read back and everybody was notified; None while it is not."""
        if self.done is None or self.silent:
            return None
        return max((self.done, *(self.told[one] for one in self.to_tell)))

    @property
    def silent(self) -> tuple[Addressee, ...]:
        """Those who have to be notified and were not."""
        return tuple(one for one in self.to_tell if one not in self.told) if self.done else ()

    @property
    def is_open(self) -> bool:
        """Whether something of it is left to do."""
        return self.closed is None and self.withdrawn is None

    @property
    def untold(self) -> tuple[Telling, ...]:
        """What the Sistema de Oficios is still to be told, in order; an order without its oficio is not raised."""
        due = (Telling.OPEN, *((Telling.CLOSE,) if not self.is_open else ()))
        if self.oficio is None or (self.withdrawn and Telling.OPEN not in self.captured):
            return ()
        return tuple(one for one in due if one not in self.captured)


def missing(order: Order) -> tuple[str, ...]:
    """Return, in Spanish, everything that an order lacks to be closed (PSDT-08, 9.2); nothing where it may be.

    A late alta cannot be closed without its account created, its user notified, and cause and treatment on record.
    """
    return tuple(_missing(order))


def _missing(order: Order) -> Iterator[str]:
    if order.oficio is None:
        yield "su oficio"
    if order.done is None:
        yield "que se aplique y se compruebe al releerla"
    for one in order.silent:
        yield "avisar al enlace" if one is Addressee.ENLACE else "avisar a la parte interesada"
    if order.handed and order.done:
        if order.sheet is None or order.sheet.delivered is None:
            yield "entregar la hoja RSDT-08.02"
        if order.sheet is None or order.sheet.acknowledged is None:
            yield "el acuse de la hoja RSDT-08.02"
    if order.late and order.late.treated is None:
        yield "la causa y el tratamiento del retraso"


def movement_of(change: Change) -> Movimiento | None:
    """Return the movement that a change is, None for what the procedure has no order for."""
    match change:
        case Create() | Reactivate():
            return Movimiento.ALTA
        case Disable():
            return Movimiento.BAJA
        case _:
            return None


def new_order(day: date, randomness: random.Random | None = None) -> str:
    """Return an order's id: 40 random bits, so that two writers never take the same one."""
    return new_name("OT", day, 8, randomness)


def orders(events: Iterable[Event], target: str) -> Mapping[str, Order]:
    """Fold the record into one target's orders, by id, in the order in which they were opened.

    What names no target (a request) belongs to every one; what runs against another says nothing of this one.
    The second order of one account, movement and oficio is the first one, told twice.
    """
    fold = _Fold(target)
    for event in events:
        fold.take(event)
    return fold.orders


def sheets(events: Iterable[Event], target: str) -> Mapping[str, SheetRecord]:
    """Fold the record into one target's credential sheets, by folio, in the order in which they were sealed."""
    fold = _Fold(target)
    for event in events:
        fold.take(event)
    return fold.sheets


OrderKey = tuple[AccountKey, Movimiento, str]


def asked(key: AccountKey, movement: Movimiento, oficio: str) -> OrderKey:
    """Return what makes an order one: the account, the movement and the oficio, however its number is spelled."""
    return key, movement, normalized_oficio(oficio)


def by_oficio(orders: Mapping[str, Order]) -> Mapping[OrderKey, Order]:
    """Return the orders that have their oficio, by what makes each one."""
    return {asked(one.key, one.movement, one.oficio): one for one in orders.values() if one.oficio}


@dataclass
class _Fold:
    target: str
    orders: dict[str, Order] = field(default_factory=dict)
    sheets: dict[str, SheetRecord] = field(default_factory=dict)
    _runs: dict[str, str] = field(default_factory=dict)
    _alias: dict[str, str] = field(default_factory=dict)
    _by_oficio: dict[OrderKey, str] = field(default_factory=dict)
    _order_of: dict[str, str] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        if event.kind is EventKind.RUN_STARTED:
            self._runs[event.run] = str(event.data.get("destino", ""))
        where = event.data.get("destino", self._runs.get(event.run))
        if where is not None and where != self.target:
            return
        if event.kind is EventKind.ORDER_RECEIVED:
            self._received(event)
        elif event.kind in _OF_SHEETS:
            self._sheet(event)
        elif event.kind in _OF_ORDERS:
            name = str(event.data.get("orden"))
            name = self._alias.get(name, name)
            if name in self.orders:
                self.orders[name] = self._changed(self.orders[name], event)

    def _received(self, event: Event) -> None:
        data = event.data
        oficio = _text(data.get("oficio"))
        key, movement = event.key or AccountKey(""), Movimiento(str(data["movimiento"]))
        name = str(data["orden"])
        if oficio and not self._take_oficio(name, key, movement, oficio):
            return
        received = date.fromisoformat(str(data["recibido"]))
        self.orders.setdefault(
            name,
            Order(
                id=name,
                key=key,
                movement=movement,
                dependencia=str(data.get("dependencia", "")),
                received=received,
                opened=event.at,
                medium=str(data.get("medio", "oficio")),
                oficio=oficio,
                enlace=_text(data.get("enlace")),
                oficio_on=received if oficio else None,
            ),
        )

    def _take_oficio(self, name: str, key: AccountKey, movement: Movimiento, oficio: str) -> bool:
        """Say that an order is that of an oficio; where another is already, the two are one from here on."""
        first = self._by_oficio.setdefault(asked(key, movement, oficio), name)
        if first != name:
            self._alias[name] = first
        return first == name

    def _sheet(self, event: Event) -> None:
        data = event.data
        folio = str(data.get("folio", ""))
        if event.kind is EventKind.SHEET_SEALED:
            seal = Seal(str(data.get("sello", Seal.MESA.value)))
            folio = folio or f"{event.run}/{event.key}"  # of before sheets had folios
            sheet = SheetRecord(
                folio=folio, key=event.key or AccountKey(""), name=str(data["hoja"]), seal=seal, sealed=event.at
            )
            name = str(data.get("orden", ""))
            self._order_of[folio] = self._alias.get(name, name)
        elif folio in self.sheets:
            sheet = _with(self.sheets[folio], event)
        else:
            return
        self.sheets[folio] = sheet
        name = self._order_of.get(folio, "")
        if name in self.orders:
            latest = self.orders[name].sheet
            if event.kind is EventKind.SHEET_SEALED or (latest and latest.folio == folio):
                self.orders[name] = replace(self.orders[name], sheet=sheet)

    def _completed(self, order: Order, event: Event) -> Order:
        """Give an order its oficio; without the day on which that was received, it is taken for there since now."""
        data, oficio = event.data, str(event.data["oficio"])
        if order.oficio is not None:
            return replace(order, enlace=order.enlace or _text(data.get("enlace")))
        if not self._take_oficio(order.id, order.key, order.movement, oficio):  # the one that had it goes on
            return replace(order, withdrawn=order.withdrawn or event.at, twin=self._alias[order.id])
        there = date.fromisoformat(str(data.get("recibido") or event.at.date()))
        enlace = order.enlace or _text(data.get("enlace"))
        return replace(order, oficio=oficio, enlace=enlace, oficio_on=max(there, order.received))

    def _changed(self, order: Order, event: Event) -> Order:
        data, at = event.data, event.at
        match event.kind:
            case EventKind.ORDER_OFICIO:
                return self._completed(order, event)
            case EventKind.ORDER_DONE if order.done is None:
                to_tell = tuple(Addressee(str(one)) for one in _list(data.get("avisar")))
                return replace(order, done=at, to_tell=to_tell, handed=bool(data.get("entregar")))
            case EventKind.NOTICE if data.get("estado") == "enviado":
                one = Addressee(str(data["a"]))
                return order if one in order.told else replace(order, told={**order.told, one: at})
            case EventKind.ORDER_CLOSED:
                return replace(order, closed=order.closed or at)
            case EventKind.ORDER_WITHDRAWN:
                return replace(order, withdrawn=order.withdrawn or at)
            case EventKind.ORDER_NOTE:
                return replace(order, notes=(*order.notes, (at, str(data["texto"]))))
            case EventKind.ORDER_TOLD:
                told = order.captured | {Telling(str(data["accion"]))}
                return replace(order, captured=told, number=_text(data.get("numero")) or order.number)
            case EventKind.LATE if order.late is None:
                return replace(order, late=Lateness(due=date.fromisoformat(str(data["vence"])), recorded=at))
            case EventKind.LATE_TREATED if order.late:
                cause, treatment = str(data["causa"]), str(data["tratamiento"])
                return replace(order, late=replace(order.late, cause=cause, treatment=treatment, treated=at))
            case _:
                return order


_OF_SHEETS = frozenset(
    {
        EventKind.SHEET_SEALED,
        EventKind.SHEET_PRINTED,
        EventKind.SHEET_SENT,
        EventKind.SHEET_ACKNOWLEDGED,
        EventKind.SHEET_REMOVED,
    }
)
_OF_ORDERS = frozenset(
    {
        EventKind.ORDER_OFICIO,
        EventKind.ORDER_DONE,
        EventKind.ORDER_CLOSED,
        EventKind.ORDER_WITHDRAWN,
        EventKind.ORDER_NOTE,
        EventKind.ORDER_TOLD,
        EventKind.NOTICE,
        EventKind.LATE,
        EventKind.LATE_TREATED,
    }
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


def _text(value: object) -> str | None:
    return str(value) if value else None


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []
