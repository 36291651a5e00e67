"""A request as somebody filled it in: RSDT-08.01 for an alta, the data of an account for a baja. Unchecked text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from reconciler.model import Movimiento


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a form, a PDF or a person at the terminal said; "" is what was left empty, and nothing is checked yet.

    Fields are named as in the YAML, as are the boxes of the PDF and of the forge's forms. `clave` is the account: for
    a baja the one that there is, for an alta the one wished for, if any. `oficio` is its number, with its `fecha`,
    `recibido`, `medio`, `enlace` and `firmante`; without a number the request waits for it (PSDT-08, P1 and P2).
    `solicitante` is who asks, as written: a name, a key or an address; who is not an enlace is turned to one (P3).
    """

    movimiento: Movimiento
    dependencia: str = ""
    clave: str = ""
    tipo: str = ""
    recurso: str = ""
    nombre: str = ""
    apellidos: str = ""
    puesto: str = ""
    area: str = ""
    telefono: str = ""
    responsable: str = ""
    alias: str = ""
    vigencia: str = ""
    oficio: str = ""
    fecha: str = ""
    recibido: str = ""
    medio: str = ""
    enlace: str = ""
    firmante: str = ""
    solicitante: str = ""
    entrega: str = ""
    entrega_a: str = ""
    entrega_motivo: str = ""
    avisar_a: str = ""
    motivo_baja: str = ""


LABELS: Mapping[str, str] = MappingProxyType(
    {
        "movimiento": "Movimiento",
        "dependencia": "Dependencia",
        "clave": "Cuenta",
        "tipo": "Tipo de cuenta",
        "recurso": "Recurso",
        "nombre": "Nombre",
        "apellidos": "Apellidos",
        "puesto": "Puesto",
        "area": "Área",
        "telefono": "Teléfono institucional",
        "responsable": "Responsable",
        "alias": "Otras direcciones",
        "vigencia": "Vigencia",
        "oficio": "Número de oficio",
        "fecha": "Fecha del oficio",
        "recibido": "Recibido el",
        "medio": "Medio",
        "enlace": "Enlace",
        "firmante": "Cargo de quien firma",
        "solicitante": "Solicitante",
        "entrega": "Entrega de la contraseña",
        "entrega_a": "Quién la recibe",
        "entrega_motivo": "Motivo de la entrega por correo",
        "avisar_a": "Correo de la parte interesada",
        "motivo_baja": "Motivo de la baja",
    }
)
"""What people call each box: in questions, in problems and on the forge's forms."""


def filled(request: Request, said: Mapping[str, str]) -> Request:
    """Return a request with some boxes as somebody else said them; what they left empty stays as it was."""
    values = {name: said.get(name) or getattr(request, name) for name in LABELS if name != "movimiento"}
    return Request(movimiento=request.movimiento, **values)


def with_box(request: Request, box: str, value: str) -> Request:
    """Return a request with a box that says something else, be it nothing."""
    values = {name: getattr(request, name) for name in LABELS if name != "movimiento"}
    return Request(movimiento=request.movimiento, **values | {box: value})


def emptied(request: Request, boxes: Iterable[str]) -> Request:
    """Return a request without what some boxes say."""
    gone = set(boxes)
    values = {name: "" if name in gone else getattr(request, name) for name in LABELS if name != "movimiento"}
    return Request(movimiento=request.movimiento, **values)


def flag(box: str) -> str:
    """Return the option of `cuentas request` that a box is."""
    return f"--{box.replace('_', '-')}"


def place(box: str) -> str:
    """Return where a problem of a box is, for whoever filled in a form and whoever typed a command alike."""
    return f"{LABELS[box]} ({flag(box)})" if box in LABELS else f"({flag(box)})"


def the(movement: Movimiento) -> str:
    """Return a movement with its article, as Spanish has it."""
    return "el alta" if movement is Movimiento.ALTA else "la baja"
