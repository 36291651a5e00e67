"""What the fields of cuentas.yaml may hold, and what all of its sections have in common."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

KEY = r"^[a-z][a-z0-9]*(\.[a-z0-9]+)*$"
"""The local part of an address, as accounts, enlaces and approvers are named."""

Clave = Annotated[str, Field(pattern=KEY, max_length=64)]
Usuario = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]
Siglas = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9]{1,15}$")]
Dominio = Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$", max_length=253)]
Direccion = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+@[a-z0-9-]+(\.[a-z0-9-]+)+$", max_length=254)]
Renglon = Annotated[str, Field(pattern=r"^\S(.*\S)?$", max_length=120)]
Pagina = Annotated[str, Field(pattern=r"^https://[A-Za-z0-9.-]+(:[0-9]+)?(/[^\s<>\"]*)?$", max_length=200)]


def _reachable(value: str) -> str:
    try:
        port = urlsplit(value).port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError("su puerto va de 1 a 65535")
    return value


Servicio = Annotated[
    str,
    Field(pattern=r"^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*/?$", max_length=200),
    AfterValidator(_reachable),
]
Carpeta = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*$", max_length=120)]
NombreDestino = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
LONGEST_CLOSURE = 366
"""Days of one range: a year written wrong must not make every term end centuries from now."""


def _possible(value: str) -> str:
    """Raise where a day is not in the calendar, or a range ends before it begins or lasts longer than a year."""
    first, _, last = value.partition("/")
    begin, end = (_in_calendar(one) for one in (first, last or first))
    if not begin <= end:
        raise ValueError(f"«{value}» termina antes de empezar: primero va el primer día y después el último")
    if (end - begin).days >= LONGEST_CLOSURE:
        raise ValueError(f"«{value}» dura más de un año: revise los años")
    return value


def _in_calendar(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"«{value}» no existe en el calendario") from None


Dias = Annotated[
    str,
    Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}(/[0-9]{4}-[0-9]{2}-[0-9]{2})?$"),
    AfterValidator(_possible),
]
Causa = Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=40)]
Huella = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Commit = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]


class Section(BaseModel):
    """A part of cuentas.yaml: frozen, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")
