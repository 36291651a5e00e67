"""Work orders as people read them: a table, everything about one, and what is left to do for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from reconciler.model import Addressee, Movimiento
from reconciler.orders import Lack, Means, Order, OrderState, SheetRecord, missing
from reconciler.report.inert import visible
from reconciler.report.words import BY_WHOM, MEANS_WORDS, MEDIUM_WORDS, REMOVED_WORDS, TO_WHOM
from reconciler.sheet import Seal

STATE_WORDS = {
    OrderState.SIN_OFICIO: "pendiente de oficio",
    OrderState.RECIBIDA: "recibida",
    OrderState.EJECUTADA: "ejecutada",
    OrderState.RESUELTA: "resuelta",
    OrderState.CERRADA: "cerrada",
    OrderState.DESISTIDA: "desistida",
}

_SHORT = {
    Lack.OFICIO: "oficio",
    Lack.DONE: "aprobar y aplicar",
    Lack.ENLACE: "avisar al enlace",
    Lack.INTERESTED: "avisar al interesado",
    Lack.DELIVERY: "entregar hoja",
    Lack.RECEIPT: "acuse",
    Lack.CAUSE: "causa del retraso",
}
_HEADS = ("ORDEN", "MOVIMIENTO", "CUENTA", "DEP.", "OFICIO", "RECIBIDA", "ESTADO", "FALTA")


def short(order: Order) -> str:
    """Say in a few words what an order lacks; nothing of one that is over."""
    if not order.is_open:
        return ""
    return ", ".join(_SHORT[one] for one in missing(order)) or "cerrarla"


def table(orders: Sequence[Order]) -> list[str]:
    """Return the lines of a table of orders, in the order given."""
    rows = [_HEADS, *map(_cells, orders)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _cells(order: Order) -> tuple[str, ...]:
    return (
        order.id,
        order.movement.value,
        visible(order.key),
        visible(order.dependencia),
        visible(order.oficio or "—"),
        order.received.isoformat(),
        STATE_WORDS[order.state],
        short(order),
    )


def as_text(order: Order, zone: tzinfo) -> list[str]:
    """Return everything about an order in lines, with local times; last comes what is left to do."""
    facts = [*_facts(order, zone)]
    width = max(len(label) for label, _ in facts)
    lines = [f"{order.id}: {order.movement.value} de {visible(order.key)}, {STATE_WORDS[order.state]}"]
    lines += [f"  {label:<{width}}  {visible(value)}".rstrip() for label, value in facts]
    if not order.is_open:
        return lines
    lacks = missing(order)
    if not lacks:
        return [*lines, "", f"No le falta nada: la cierra «cuentas order close {order.id}», o la próxima corrida."]
    return [*lines, "", "Para cerrarla falta:", *(f"  - {one}. {remedy(one, order)}" for one in lacks)]


def remedy(lack: Lack, order: Order) -> str:
    """Say what to do about something that an order lacks, with the command that does it."""
    sheet = order.sheet if order.sheet and order.sheet.removed is None else None
    match lack:
        case Lack.OFICIO:
            return (
                f"Cuando llegue, declárelo en accounts/ con la cuenta («cuentas request» lo prepara): la corrida que "
                f"aplique el movimiento lo une a esta orden. Si ya no se pide: «cuentas order withdraw {order.id}»."
            )
        case Lack.DONE:
            return (
                "Fusione el pull request que la pide y corra «cuentas apply»; «cuentas plan» dice si algo la retiene."
            )
        case Lack.ENLACE | Lack.INTERESTED:
            return _remedy_of_silence(Addressee.ENLACE if lack is Lack.ENLACE else Addressee.INTERESADO, order)
        case Lack.DELIVERY if sheet:
            mailed = f"«cuentas sheet send {sheet.folio}»"
            printed = f"«cuentas sheet print {sheet.folio} --imprimir», o " if sheet.seal is Seal.MESA else ""
            return f"{printed}{mailed}."
        case Lack.DELIVERY:
            again = f"«cuentas sheet reissue {order.key} --motivo 'No hay hoja que entregar'»"
            return f"No hay hoja que entregar: expida otra con {again}."
        case Lack.RECEIPT if order.sheet and order.sheet.delivered:
            return f"Cuando firmen de recibido: «cuentas sheet ack {order.sheet.folio} --recibio enlace|interesado»."
        case Lack.RECEIPT:
            return "Después de entregarla."
        case Lack.CAUSE:
            return f"Es un servicio no conforme (PSDT-08); lo que diga el Director: «cuentas order treat {order.id}»."


def _remedy_of_silence(one: Addressee, order: Order) -> str:
    by_hand = f"«cuentas order told {order.id} --a {one.value} --medio {'|'.join(Means)}»"
    if order.overtaken:
        return (
            f"Su carta ya no se envía: {_next_movement(order)}, y no sería cierta. Avísele por otro medio y anótelo: "
            f"{by_hand}."
        )
    return (
        "Lo reintenta cada «cuentas apply», o ahora mismo «cuentas order notify». Si el correo no le llega, avísele "
        f"por otro medio y anótelo: {by_hand}."
    )


def _next_movement(order: Order) -> str:
    return "la cuenta ya se dio de baja" if order.movement is Movimiento.ALTA else "la cuenta ya volvió al servicio"


def _facts(order: Order, zone: tzinfo) -> Iterator[tuple[str, str]]:
    yield "Dependencia", order.dependencia
    yield "Oficio", order.oficio or "pendiente"
    if order.enlace:
        yield "Enlace", order.enlace
    yield "Recibida", f"{order.received} {MEDIUM_WORDS.get(order.medium, order.medium)}"
    yield "Abierta", _local(order.opened, zone)
    yield "Sistema de Oficios", order.number or "sin número todavía"
    if order.done:
        yield "Ejecutada", _local(order.done, zone)
    yield from _notices(order, zone)
    if order.sheet:
        yield from _sheet(order.sheet, zone)
    if order.overtaken:
        yield "Superada", f"{_local(order.overtaken, zone)}: {_next_movement(order)}"
    yield from _lateness(order, zone)
    if order.closed:
        yield "Cerrada", _local(order.closed, zone)
    if order.withdrawn:
        yield "Desistida", _local(order.withdrawn, zone)
    for at, text in order.notes:
        yield "Nota", f"{_local(at, zone)} {text}"


def _notices(order: Order, zone: tzinfo) -> Iterator[tuple[str, str]]:
    for one in order.to_tell:
        at, why = order.told.get(one), order.failed.get(one)
        waits = f"pendiente, {TO_WHOM[one]}{f': {why}' if why else ''}"
        how = f", {MEANS_WORDS[order.by_hand[one]]}" if one in order.by_hand else ""
        yield "Aviso", f"{_local(at, zone)} {TO_WHOM[one]}{how}" if at else waits
    if order.done and Addressee.INTERESADO not in order.to_tell:
        yield "", "a la parte interesada no: no tiene otra dirección que la de su enlace («avisar_a» le da una)"


def _sheet(sheet: SheetRecord, zone: tzinfo) -> Iterator[tuple[str, str]]:
    yield "Hoja RSDT-08.02", f"{sheet.folio}, sellada {_local(sheet.sealed, zone)}"
    if sheet.printed:
        yield "", f"impresa {_local(sheet.printed, zone)}"
    for one, at in sheet.sent.items():
        yield "", f"enviada {_local(at, zone)} {TO_WHOM[one]}"
    if sheet.acknowledged:
        by = f", por {BY_WHOM[sheet.by]}" if sheet.by else ""
        yield "", f"acuse {_local(sheet.acknowledged, zone)}{by}"
    if sheet.removed:
        yield "", f"retirada {_local(sheet.removed, zone)}: {REMOVED_WORDS.get(sheet.why, sheet.why)}"


def _lateness(order: Order, zone: tzinfo) -> Iterator[tuple[str, str]]:
    late = order.late
    if late is None:
        return
    yield "No conforme", f"vencía {late.due}; detectado {_local(late.recorded, zone)}"
    if late.treated:
        yield "", f"causa: {late.cause}"
        yield "", f"tratamiento ({_local(late.treated, zone)}): {late.treatment}"


def _local(at: datetime, zone: tzinfo) -> str:
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
