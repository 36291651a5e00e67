"""RSDT-08.01 read back: the PDF that an agency filled in becomes a request, or a reason to type it instead."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import fields

from reconciler.documents.extraction import MAX_BOXES, MAX_LENGTH, Fault, FaultyError, boxes
from reconciler.errors import UsageError
from reconciler.model import Movimiento
from reconciler.request import Request

MAX_SIZE = 5 * 1024 * 1024
"""Bytes of a file; an empty form has some 30,000, and a picture of a signature may have been put into it."""

BOXES = frozenset(one.name for one in fields(Request)) - {"movimiento", "motivo_baja"}
"""The boxes that there may be: RSDT-08.01 is for altas only (PSDT-08, Registros)."""

_NEEDED = frozenset({"dependencia", "nombre"})

_TYPE_IT = "o capture los datos con «cuentas request»"
_AGAIN = f"Pida que lo llenen en el PDF que da «cuentas form rsdt-08.01» y lo guarden sin imprimirlo, {_TYPE_IT}."

_REASONS = {
    Fault.DAMAGED: ("El archivo no es un PDF, o está dañado.", _AGAIN),
    Fault.ENCRYPTED: (
        "El PDF pide contraseña para abrirse.",
        f"Pida que lo guarden sin contraseña, {_TYPE_IT}.",
    ),
    Fault.HEAVY: (
        "El PDF no se pudo leer con un tiempo y una memoria razonables: no es un formato llenado a mano.",
        _AGAIN,
    ),
    Fault.XFA: (
        "El PDF trae un formulario XFA, que otro programa le puso y que puede decir otra cosa que los recuadros.",
        _AGAIN,
    ),
    Fault.NO_FORM: ("El PDF no trae recuadros que llenar: no es el formato RSDT-08.01.", _AGAIN),
    Fault.FLATTENED: (
        "Es el formato RSDT-08.01, pero impreso o aplanado: sus recuadros ya no se pueden leer.",
        f"Pida el PDF tal como se llenó (guardado, no «imprimir a PDF»), {_TYPE_IT}.",
    ),
    Fault.SCANNED: (
        "El PDF es una imagen, sin recuadros ni texto: un formato impreso y digitalizado no se puede leer.",
        f"Pida el PDF tal como se llenó, {_TYPE_IT}.",
    ),
    Fault.REPEATED: ("El PDF trae dos veces el recuadro «{box}».", _AGAIN),
    Fault.NOT_TEXT: ("Lo que trae el recuadro «{box}» no es texto.", _AGAIN),
    Fault.LONG: (f"El recuadro «{{box}}» trae más de {MAX_LENGTH} caracteres.", f"Pida que lo acorten, {_TYPE_IT}."),
    Fault.MANY: (f"El PDF trae más de {MAX_BOXES} recuadros: no es el formato RSDT-08.01.", _AGAIN),
}


def read_form(data: bytes) -> Request:
    """Return the request that a filled RSDT-08.01 makes: what each box says, on one line, NFC, and unchecked.

    The file is somebody else's: it is read in a process whose time and memory are limited, and nothing in it is run.

    Raises:
        UsageError: it cannot be read, or is another form; says which and what to do.

    """
    if not data.strip():
        raise UsageError("El archivo está vacío.", remedy=_AGAIN)
    if len(data) > MAX_SIZE:
        raise UsageError(f"El archivo pesa más de {MAX_SIZE // 1024**2} MB.", remedy=_AGAIN)
    try:
        found = boxes(data)
    except FaultyError as error:
        message, remedy = _REASONS[error.fault]
        raise UsageError(message.format(box=_shown(error.box)), remedy=remedy) from None
    _refuse_others(found)
    values = {name: _line(value) for name, value in found.items()}
    if not any(values[name] for name in values if name not in _PREFILLED):
        raise UsageError(
            "El formato RSDT-08.01 está en blanco.",
            remedy="Si se escribió encima con comentarios o a mano, los recuadros siguen vacíos: pida que lo llenen "
            f"en ellos, {_TYPE_IT}.",
        )
    return Request(movimiento=Movimiento.ALTA, **values)


_PREFILLED = frozenset({"dependencia", "tipo", "medio", "entrega", "entrega_a", "enlace"})
"""What a form nobody has touched may hold already: it says nothing of whoever the account is for."""


def _refuse_others(names: Iterable[str]) -> None:
    """Refuse the boxes of another form: what is not understood must not be left out in silence."""
    strangers = sorted(set(names) - BOXES)
    missing = sorted(_NEEDED - set(names))
    if strangers:
        some = ", ".join(f"«{_shown(one)}»" for one in strangers[:5])
        more = f" y {len(strangers) - 5} más" if len(strangers) > 5 else ""  # noqa: PLR2004 -- as many as are named
        raise UsageError(f"El PDF trae recuadros que no son de RSDT-08.01: {some}{more}.", remedy=_AGAIN)
    if missing:
        raise UsageError(
            f"Al formato le falta el recuadro «{missing[0]}»: no es RSDT-08.01, o está incompleto.", remedy=_AGAIN
        )


def _line(text: str) -> str:
    """Return a text on one line, NFC, without spaces at its ends or double ones."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def _shown(name: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in name[:40])
