"""What is captured of an order in the Sistema de Oficios, and the number that comes back, as values. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, tzinfo

from reconciler.errors import TargetRejectedError
from reconciler.model import Movimiento, normalized_oficio
from reconciler.orders import Order, Telling

ORDER = re.compile(r"OT-[0-9]{4}-[0-9A-HJKMNP-TV-Z]{8}")
"""An order's name, as `orders.new_order` makes them: fit for a file's name and for a header."""

_NUMBER_LENGTH = 60
_ANOTHER = (
    "Revise en el Sistema de Oficios cuál es el de esta orden y tómelo con «cuentas order capture» (con "
    "«--corregir», si el que constaba está mal)."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """What is captured, in the fields of the Sistema de Oficios and in the order in which they are filled in.

    It says the same whenever it is made: what is told twice under one key must be one thing. `cierre` is the day,
    where the institution is, on which the order was closed or withdrawn; `numero` is the order's number there.
    """

    orden: str
    accion: Telling
    tipo: Movimiento
    dependencia: str
    oficio: str
    recibido: date
    cuenta: str
    enlace: str | None
    estado: str
    cierre: date | None
    numero: str | None

    @property
    def key(self) -> str:
        """What makes a telling one, however often it is told: order and action."""
        return f"{self.orden}/{self.accion}"

    def fields(self) -> Mapping[str, str | None]:
        """Return every field as text (days as YYYY-MM-DD), None for what there is not."""
        values = ((name, getattr(self, name)) for name in self.__slots__)
        return {name: None if value is None else str(value) for name, value in values}


@dataclass(frozen=True, slots=True)
class Answer:
    """A number that came back: of which order, what was done there, and in which file it came ("" for none)."""

    orden: str
    accion: Telling
    numero: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """Those that came since, and what could not be read as one, each with what to do."""

    taken: tuple[Answer, ...] = ()
    refused: tuple[TargetRejectedError, ...] = ()


def capture(order: Order, what: Telling, zone: tzinfo) -> Capture:
    """Return what is captured of an order (PSDT-08, 3.1, 6.2 and 9.2).

    Raises:
        TargetRejectedError: its name on record is not one that this program gives, so it names nothing elsewhere.

    """
    if not ORDER.fullmatch(order.id):
        raise TargetRejectedError(
            f"La orden «{order.id}» de la bitácora no tiene un nombre de los que da cuentas.",
            remedy="Corra «cuentas audit» y averigüe de dónde salió ese hecho; esa orden no se captura.",
        )
    ended = (order.closed or order.withdrawn) if what is Telling.CLOSE else None
    state = "abierta" if what is Telling.OPEN else ("cerrada" if order.closed else "desistida")
    return Capture(
        orden=order.id,
        accion=what,
        tipo=order.movement,
        dependencia=order.dependencia,
        oficio=order.oficio or "",
        recibido=order.received,
        cuenta=order.key,
        enlace=order.enlace,
        estado=state,
        cierre=ended.astimezone(zone).date() if ended else None,
        numero=order.number if what is Telling.CLOSE else None,
    )


def clean_number(value: object) -> str | None:
    """Return a number as it is kept: one line of up to 60 visible characters; None for what is none."""
    if not isinstance(value, str):
        return None
    text = unicodedata.normalize("NFC", value.strip())
    hidden = any(unicodedata.category(char)[0] in "CZ" and char != " " for char in text)
    good = 0 < len(text) <= _NUMBER_LENGTH and not hidden and any(char.isalnum() for char in text)
    return text if good else None


def holders(orders: Mapping[str, Order]) -> dict[str, Order]:
    """Return, by each number that is on record, an order that has it."""
    return {one.number: one for one in orders.values() if one.number}


def misfit(answer: Answer, orders: Mapping[str, Order], numbers: Mapping[str, Order]) -> TargetRejectedError | None:
    """Return why an answer cannot be put on record, None where it can; what is on record already can.

    `numbers` are the orders' `holders`. An order has one number. A number may be that of several orders of one
    oficio, since an institution may work an oficio as one; never of two oficios.
    """
    fault = _misfit(answer, orders, numbers)
    where = f"«{answer.source}»: " if answer.source else ""
    return TargetRejectedError(f"{where}{fault[0]}", remedy=fault[1]) if fault else None


def _misfit(answer: Answer, orders: Mapping[str, Order], numbers: Mapping[str, Order]) -> tuple[str, str] | None:
    order = orders.get(answer.orden)
    if order is None:
        return (
            f"No hay una orden «{answer.orden}» en este destino.",
            "Corrija su nombre («cuentas order list» las muestra), o aparte esa respuesta.",
        )
    if answer.accion not in order.captured and answer.accion not in order.untold:
        return _not_due(order, answer.accion)
    if answer.accion is Telling.CLOSE and Telling.OPEN not in order.captured:
        return (
            f"La orden {order.id} no consta todavía como levantada, y no puede cerrarse.",
            f"Tome primero su número: «cuentas order capture {order.id} --numero NÚMERO».",
        )
    if order.number is not None and answer.numero != order.number:
        return f"La orden {order.id} ya consta con el número {order.number}, y no {answer.numero}.", _ANOTHER
    other = numbers.get(answer.numero)
    if other is not None and normalized_oficio(other.oficio or "") != normalized_oficio(order.oficio or ""):
        whose = f"la orden {other.id}, del oficio {other.oficio}"
        return f"El número {answer.numero} ya es de {whose}; {order.id} es del oficio {order.oficio}.", _ANOTHER
    return None


def _not_due(order: Order, what: Telling) -> tuple[str, str]:
    no = f"No toca {what} la orden {order.id}"
    if order.oficio is None:
        return (
            f"{no}: todavía no tiene su oficio.",
            "Anótelo primero; sin oficio no se levanta ninguna (PSDT-08, P2).",
        )
    if what is Telling.CLOSE and order.is_open:
        return f"{no}: sigue abierta.", f"Vea qué le falta con «cuentas order show {order.id}»."
    return (
        f"{no}: se desistió sin que constara levantada.",
        "Si de todos modos está en el Sistema de Oficios, ciérrela ahí a mano, y aparte esta respuesta.",
    )


def confirmed(order: Order, answer: Answer) -> Order:
    """Return an order as it is once an answer is on record."""
    return replace(order, captured=order.captured | {answer.accion}, number=order.number or answer.numero)
