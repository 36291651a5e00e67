"""What the record says of orders, notices and sheets, in the words of an account's history."""

from __future__ import annotations

from reconciler.events import Event, EventKind
from reconciler.model import Addressee
from reconciler.report.words import BY_WHOM, MEANS_WORDS, MEDIUM_WORDS, REMOVED_WORDS, TO_WHOM
from reconciler.waiting import REJECTED

_SENT = {"enviado": "enviado", "rechazado": "no salió", "desconocido": "no se sabe si salió"}


def procedure_words(event: Event) -> str | None:
    """Say what an event of an order, a notice or a sheet tells; None for any other."""
    return _of_order(event) or _of_lateness(event) or _of_sheet(event)


def _of_order(event: Event) -> str | None:
    data, name = event.data, f"orden {event.data.get('orden')}"
    match event.kind:
        case EventKind.ORDER_RECEIVED:
            oficio = f"con el oficio {data['oficio']}" if data.get("oficio") else "todavía sin oficio"
            medium = MEDIUM_WORDS.get(str(data.get("medio")), "")
            return f"{name}: {data.get('movimiento')} {oficio}, recibida el {data.get('recibido')} {medium}".rstrip()
        case EventKind.ORDER_OFICIO:
            return f"{name}: llegó su oficio, {data.get('oficio')}"
        case EventKind.ORDER_DONE:
            return f"{name}: ejecutada y comprobada al releer{_left(event)}"
        case EventKind.NOTICE:
            detail = f" ({data['detalle']})" if data.get("detalle") else ""
            sent = _SENT.get(str(data.get("estado")), str(data.get("estado")))
            sent = next((words for one, words in MEANS_WORDS.items() if one.value == data.get("medio")), sent)
            return f"{name}: aviso {_who(data.get('a'), TO_WHOM)}, {sent}{detail}"
        case EventKind.ORDER_CLOSED:
            return f"{name}: cerrada"
        case EventKind.ORDER_WITHDRAWN:
            return f"{name}: desistida ({data.get('motivo')})"
        case EventKind.ORDER_NOTE:
            return f"{name}: nota, {data.get('texto')}"
        case EventKind.ORDER_TOLD:
            number = f", número {data['numero']}" if data.get("numero") else ""
            what = "levantada" if data.get("accion") == "levantar" else "cerrada"
            return f"{name}: {what} en el Sistema de Oficios{number}"
        case _:
            return None


def _left(event: Event) -> str:
    """Say what a movement that was made leaves to do."""
    told = event.data.get("avisar")
    whom = " y ".join(_who(one, TO_WHOM) for one in told) if isinstance(told, list) and told else "a nadie"
    sheet = "; hay hoja que entregar" if event.data.get("entregar") else ""
    return f"; se avisa {whom}{sheet}"


def _of_lateness(event: Event) -> str | None:
    data, name = event.data, f"orden {event.data.get('orden')}"
    match event.kind:
        case EventKind.LATE:
            return f"{name}: servicio no conforme, vencía el {data.get('vence')}"
        case EventKind.LATE_TREATED:
            return f"{name}: causa del retraso, {data.get('causa')}; tratamiento, {data.get('tratamiento')}"
        case _:
            return None


def _of_sheet(event: Event) -> str | None:
    data, name = event.data, f"hoja {event.data.get('folio')}"
    match event.kind:
        case EventKind.SHEET_ASKED if data.get("estado") == REJECTED:
            return "no se expidió otra hoja: el destino rechazó la contraseña, y sigue la anterior"
        case EventKind.SHEET_ASKED:
            return f"se pide otra hoja, con otra contraseña ({data.get('motivo')})"
        case EventKind.SHEET_SEALED:
            return f"primera contraseña sellada{f' ({name})' if data.get('folio') else ''}"
        case EventKind.SHEET_PRINTED:
            return f"{name}: impresa"
        case EventKind.SHEET_SENT:
            return f"{name}: enviada {_who(data.get('a'), TO_WHOM)} ({data.get('motivo')})"
        case EventKind.SHEET_ACKNOWLEDGED:
            return f"{name}: la recibió {_who(data.get('por'), BY_WHOM)}"
        case EventKind.SHEET_REMOVED:
            return f"{name}: retirada, {REMOVED_WORDS.get(str(data.get('porque')), str(data.get('porque')))}"
        case _:
            return None


def _who(value: object, words: dict[Addressee, str]) -> str:
    return next((said for one, said in words.items() if one.value == value), str(value))
