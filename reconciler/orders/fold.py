"""The fold of the record into work orders: one for each account, movement and oficio, from request to close."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from reconciler.events import Event, EventKind
from reconciler.model import AccountKey, Addressee, Movimiento
from reconciler.orders.order import Lateness, Means, Order, OrderKey, Telling, asked
from reconciler.orders.sheets import OF_SHEETS, OneTarget, SheetRecord, Sheets


def orders(events: Iterable[Event], target: str) -> Mapping[str, Order]:
    """Fold the record into one target's orders, by id, in the order in which they were opened.

    What names no target (a request) belongs to every one; what runs against another says nothing of this one.
    The second order of one account, movement and oficio is the first one, told twice; once that one was withdrawn,
    the oficio may ask again.
    """
    here, fold = OneTarget(target), _Fold()
    for event in events:
        if here.concerns(event):
            fold.take(event)
    return fold.orders


@dataclass
class _Fold:
    orders: dict[str, Order] = field(default_factory=dict)
    _sheets: Sheets = field(default_factory=Sheets)
    _alias: dict[str, str] = field(default_factory=dict)
    _by_oficio: dict[OrderKey, str] = field(default_factory=dict)
    _order_of: dict[str, str] = field(default_factory=dict)
    _newest: dict[str, str] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        if event.kind is EventKind.ORDER_RECEIVED:
            self._received(event)
        elif event.kind in OF_SHEETS:
            sheet = self._sheets.take(event)
            if sheet:
                self._show(sheet)
        elif event.kind in _OF_ORDERS:
            name = str(event.data.get("orden"))
            order = self.orders.get(self._alias.get(name, name))
            if order:
                self.orders[order.id] = self._changed(order, event)
            if event.kind is EventKind.ORDER_DONE:
                self._overtake(event)

    def _overtake(self, event: Event) -> None:
        """Say of the orders that a movement leaves behind that no more is to be told or handed over of them."""
        for one in map(str, _list(event.data.get("supera"))):
            order = self.orders.get(self._alias.get(one, one))
            if order and order.is_open and order.done and order.overtaken is None:
                self.orders[order.id] = replace(order, overtaken=event.at)

    def _received(self, event: Event) -> None:
        data = event.data
        oficio = _text(data.get("oficio"))
        key, movement = event.key or AccountKey(""), Movimiento(str(data["movimiento"]))
        name = str(data["orden"])
        if name in self.orders or name in self._alias or not self._take_oficio(name, key, movement, oficio):
            return
        received = date.fromisoformat(str(data["recibido"]))
        self.orders[name] = Order(
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
        )

    def _take_oficio(self, name: str, key: AccountKey, movement: Movimiento, oficio: str | None) -> bool:
        """Say that an order is that of an oficio; where another is already, the two are one from here on."""
        if oficio is None:
            return True
        first = self._by_oficio.setdefault(asked(key, movement, oficio), name)
        if first != name:
            self._alias[name] = first
        return first == name

    def _show(self, sheet: SheetRecord) -> None:
        """Show a sheet on the order that it was sealed for, unless another was sealed since."""
        if sheet.folio not in self._order_of:
            self._order_of[sheet.folio] = name = self._alias.get(sheet.order, sheet.order)
            self._newest[name] = sheet.folio
        name = self._order_of[sheet.folio]
        if name in self.orders and self._newest[name] == sheet.folio:
            self.orders[name] = replace(self.orders[name], sheet=sheet)

    def _changed(self, order: Order, event: Event) -> Order:
        """Return an order with what an event says of it; what is over stays as it ended."""
        if event.kind in _AFTERWARDS or order.is_open:
            return self._with(order, event)
        return order

    def _with(self, order: Order, event: Event) -> Order:
        data, at = event.data, event.at
        match event.kind:
            case EventKind.ORDER_OFICIO if order.oficio is None:
                return self._with_oficio(order, event)
            case EventKind.ORDER_DONE if order.done is None:
                to_tell = tuple(Addressee(str(one)) for one in _list(data.get("avisar")))
                handed = bool(data.get("entregar"))
                sheet = order.sheet or (self._loose(order) if handed else None)
                return replace(order, done=at, to_tell=to_tell, handed=handed, sheet=sheet)
            case EventKind.NOTICE:
                return _noticed(order, event)
            case EventKind.ORDER_CLOSED:
                return replace(order, closed=at)
            case EventKind.ORDER_WITHDRAWN if order.done is None:
                return self._withdrawn(order, at)
            case EventKind.ORDER_NOTE:
                note = (at, str(data["texto"]))
                return order if note in order.notes else replace(order, notes=(*order.notes, note))
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

    def _with_oficio(self, order: Order, event: Event) -> Order:
        """Give an order its oficio, and the agency whose that is: whoever telephoned may have named another one.

        Where the event does not say since when the oficio was there, it is since now.
        """
        data, oficio = event.data, str(event.data["oficio"])
        if not self._take_oficio(order.id, order.key, order.movement, oficio):  # the one that had it goes on
            return replace(order, withdrawn=event.at, twin=self._alias[order.id])
        there = max(order.received, date.fromisoformat(str(data.get("recibido") or event.at.date())))
        return replace(
            order,
            oficio=oficio,
            dependencia=_text(data.get("dependencia")) or order.dependencia,
            enlace=_text(data.get("enlace")) or order.enlace,
            oficio_on=there,
        )

    def _withdrawn(self, order: Order, at: datetime) -> Order:
        if order.oficio:
            del self._by_oficio[asked(order.key, order.movement, order.oficio)]
        return replace(order, withdrawn=at)

    def _loose(self, order: Order) -> SheetRecord | None:
        """Return the account's last sheet where it was sealed for no order: from here on it is this one's."""
        sheet = self._sheets.latest(order.key)
        if sheet is None or sheet.order:
            return None
        self._order_of[sheet.folio] = order.id
        self._newest[order.id] = sheet.folio
        return sheet


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
_AFTERWARDS = frozenset({EventKind.ORDER_NOTE, EventKind.ORDER_TOLD})
"""What may still be said of an order that is over."""


def _noticed(order: Order, event: Event) -> Order:
    one = Addressee(str(event.data["a"]))
    if one in order.told:
        return order
    state = event.data.get("estado")
    if state == "enviado":
        return replace(order, told={**order.told, one: event.at})
    if state == "otro_medio":
        means = {**order.by_hand, one: Means(str(event.data["medio"]))}
        return replace(order, told={**order.told, one: event.at}, by_hand=means)
    return replace(order, failed={**order.failed, one: str(event.data.get("detalle", ""))})


def _text(value: object) -> str | None:
    return str(value) if value else None


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []
