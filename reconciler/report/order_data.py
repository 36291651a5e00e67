"""Work orders for programs: everything about one as JSON values, its keys in Spanish, its moments in UTC."""

from __future__ import annotations

from datetime import datetime

from reconciler.events import JSON
from reconciler.orders import Lateness, Order, SheetRecord, missing


def plain(order: Order) -> dict[str, JSON]:
    """Return everything about an order; what is not known or has not happened is null."""
    return {
        "orden": order.id,
        "movimiento": order.movement.value,
        "cuenta": order.key,
        "dependencia": order.dependencia,
        "oficio": order.oficio,
        "enlace": order.enlace,
        "medio": order.medium,
        "numero": order.number,
        "estado": order.state.value,
        "recibida": order.received.isoformat(),
        "abierta": _moment(order.opened),
        "ejecutada": _moment(order.done),
        "resuelta": _moment(order.resolved),
        "cerrada": _moment(order.closed),
        "desistida": _moment(order.withdrawn),
        "avisos": {one.value: _moment(order.told.get(one)) for one in order.to_tell},
        "avisos_por_otro_medio": {one.value: means.value for one, means in order.by_hand.items()},
        "superada": _moment(order.overtaken),
        "hoja": _sheet(order.sheet) if order.sheet else None,
        "no_conforme": _late(order.late) if order.late else None,
        "notas": [{"cuando": _moment(at), "texto": text} for at, text in order.notes],
        "falta": [one.value for one in missing(order)] if order.is_open else [],
    }


def _sheet(sheet: SheetRecord) -> dict[str, JSON]:
    return {
        "folio": sheet.folio,
        "sellada": _moment(sheet.sealed),
        "impresa": _moment(sheet.printed),
        "enviada": {one.value: _moment(at) for one, at in sheet.sent.items()},
        "acusada": _moment(sheet.acknowledged),
        "por": sheet.by.value if sheet.by else None,
        "retirada": _moment(sheet.removed),
        "porque": sheet.why or None,
    }


def _late(late: Lateness) -> dict[str, JSON]:
    return {
        "vence": late.due.isoformat(),
        "detectado": _moment(late.recorded),
        "causa": late.cause,
        "tratamiento": late.treatment,
        "tratado": _moment(late.treated),
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
