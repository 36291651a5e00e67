"""A work order: what is known of it, where it is, and what it lacks to be closed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from reconciler.model import AccountKey, Addressee, Movimiento, normalized_oficio
from reconciler.orders.sheets import SheetRecord
from reconciler.plan import Change, Create, Disable, Reactivate
from reconciler.sheet import new_name


class OrderState(StrEnum):
    """Where an order is, in the words that people read."""

    SIN_OFICIO = "pendiente_oficio"
    RECIBIDA = "recibida"
    EJECUTADA = "ejecutada"
    RESUELTA = "resuelta"
    CERRADA = "cerrada"
    DESISTIDA = "desistida"


class Lack(StrEnum):
    """What an order may lack to be closed, in the words that people read."""

    OFICIO = "su oficio"
    DONE = "que se aplique y se compruebe al releerla"
    ENLACE = "avisar al enlace"
    INTERESTED = "avisar a la parte interesada"
    DELIVERY = "entregar la hoja RSDT-08.02"
    RECEIPT = "el acuse de la hoja RSDT-08.02"
    CAUSE = "la causa y el tratamiento del retraso"


class Telling(StrEnum):
    """What the Sistema de Oficios is told of an order (PSDT-08, 3.1, 6.2 and 9.2)."""

    OPEN = "levantar"
    CLOSE = "cerrar"


class Means(StrEnum):
    """How somebody was told of an order by a person, where no letter reached them."""

    TELEPHONE = "telefono"
    OFICIO = "oficio"
    IN_PERSON = "persona"


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
    `told` those who were, each with the moment; `failed` says why somebody's last letter was not sent. `sheet` is the
    account's latest credential sheet under this order, and `handed` says whether one has to be handed over at all.
    `number` is the Sistema de Oficios' own. `oficio_on` is the local day on which its oficio was there, from which a
    term counts; `twin` is the order that this one turned out to be told twice: that one goes on, and this one counts
    for nothing. `by_hand` says how those were told whom no letter reached, and `overtaken` is when the account's next
    movement, a baja after an alta or the other way round, was made: no letter and no sheet of this one is true since.
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
    failed: Mapping[Addressee, str] = field(default_factory=dict)
    by_hand: Mapping[Addressee, Means] = field(default_factory=dict)
    overtaken: datetime | None = None
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


def missing(order: Order) -> tuple[Lack, ...]:
    """Return everything that an order lacks to be closed (PSDT-08, 9.2); nothing where it may be.

    A late alta cannot be closed without its account created, its user notified, and cause and treatment on record. A
    sheet whose account was given its baja opens nothing: nobody has to be handed it any more.
    """
    return tuple(_missing(order))


def _missing(order: Order) -> Iterator[Lack]:
    if order.oficio is None:
        yield Lack.OFICIO
    if order.done is None:
        yield Lack.DONE
    for one in order.silent:
        yield Lack.ENLACE if one is Addressee.ENLACE else Lack.INTERESTED
    if order.handed and order.done and not order.overtaken:
        if order.sheet is None or order.sheet.delivered is None:
            yield Lack.DELIVERY
        if order.sheet is None or order.sheet.acknowledged is None:
            yield Lack.RECEIPT
    if order.late and order.late.treated is None:
        yield Lack.CAUSE


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


OrderKey = tuple[AccountKey, Movimiento, str]


def asked(key: AccountKey, movement: Movimiento, oficio: str) -> OrderKey:
    """Return what makes an order one: the account, the movement and the oficio, however its number is spelled."""
    return key, movement, normalized_oficio(oficio)


def by_oficio(orders: Mapping[str, Order]) -> Mapping[OrderKey, Order]:
    """Return the orders that have their oficio and stand, by what makes each one."""
    return {
        asked(one.key, one.movement, one.oficio): one
        for one in orders.values()
        if one.oficio and one.withdrawn is None
    }
