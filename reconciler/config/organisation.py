"""Who the institution is: names, letterhead, Mesa de Ayuda, and what each dependencia may have."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from reconciler.config.fields import Carpeta, Clave, Direccion, Dominio, Renglon, Section, Usuario
from reconciler.scalars import Integer


class Director(Section):
    """To whom oficios are addressed, and who answers for the indicator; without a name, the office alone."""

    nombre: Renglon | None = None
    cargo: Renglon = "Director de Servicios Compartidos de Tecnología"


class Organizacion(Section):
    """Names that change between administrations, and the clock that quarters and deadlines follow."""

    nombre: str = "Gobierno del Estado de Sinaloa"
    unidad: str = "Dirección de Servicios Compartidos de Tecnología"
    director: Director = Director()
    zona_horaria: str = "America/Mazatlan"

    @field_validator("zona_horaria")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("no es una zona horaria conocida (ejemplo: America/Mazatlan)") from None
        return value


class Documentos(Section):
    """The letterhead and what documents cite; `logotipo` is a PNG or JPEG file of the repository."""

    logotipo: Carpeta | None = None
    lema: Renglon | None = None
    pie: Renglon | None = None
    ciudad: Renglon = "Culiacán Rosales, Sinaloa"
    guia_outlook: Renglon = "SSDT-Configuración de correo en Outlook-1.4 Exchange 2008"


class Integrante(Section):
    """Somebody of the Mesa de Ayuda, as commits (`correos`) and the forge (`usuario`) name them."""

    correos: Annotated[tuple[Direccion, ...], Field(min_length=1)]
    usuario: Usuario | None = None


class MesaDeAyuda(Section):
    """Who signs letters and whom they tell people to ask."""

    nombre: Renglon = "Mesa de Ayuda"
    correo: Direccion = "mesa.ayuda@sinaloa.gob.mx"
    telefono: Renglon | None = None
    integrantes: dict[Clave, Integrante] = Field(default_factory=dict)


class Autorizado(Section):
    """What a dependencia may have: `plazas` are personal accounts in service, `dominios` those of its addresses.

    Without `plazas` there is no limit; without `dominios` it may use any of the institution's.
    """

    plazas: Annotated[Integer, Field(ge=0, le=1_000_000)] | None = None
    dominios: tuple[Dominio, ...] = ()
