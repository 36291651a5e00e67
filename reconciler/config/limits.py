"""How much may change at once, and the exceptions that were granted."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, field_validator

from reconciler.config.fields import Huella, Section
from reconciler.plan import Kind
from reconciler.scalars import Day, Decimal, Integer


class Limite(Section):
    """How many movements of one kind a run may make: absolute and relative at once.

    More than `maximo` is refused. More than `porcentaje` of the accounts there are is refused too, except
    for the first `libres`: without them a percentage would forbid any change in an agency of three. At 100
    there is no relative limit: an agency of two may ask for five altas.
    """

    maximo: Annotated[Integer, Field(ge=0)]
    porcentaje: Annotated[Decimal, Field(ge=0, le=100)] = 100
    libres: Annotated[Integer, Field(ge=0)] = 2


def _per_agency() -> dict[Kind, Limite]:
    return {
        Kind.ALTA: Limite(maximo=50),
        Kind.ADOPCION: Limite(maximo=200),
        Kind.RENOMBRE: Limite(maximo=5, porcentaje=20),
        Kind.TRASLADO: Limite(maximo=10, porcentaje=20),
        Kind.CAMBIO: Limite(maximo=50, porcentaje=50, libres=5),
        Kind.BAJA: Limite(maximo=10, porcentaje=10),
        Kind.REACTIVACION: Limite(maximo=10, porcentaje=20),
        Kind.BUZON: Limite(maximo=100),
        Kind.DESCONEXION: Limite(maximo=10, porcentaje=10),
    }


def _in_all() -> dict[Kind, Limite]:
    return {
        Kind.ALTA: Limite(maximo=200),
        Kind.ADOPCION: Limite(maximo=1000),
        Kind.RENOMBRE: Limite(maximo=20, porcentaje=5, libres=5),
        Kind.TRASLADO: Limite(maximo=40, porcentaje=5, libres=5),
        Kind.CAMBIO: Limite(maximo=200, porcentaje=10, libres=20),
        Kind.BAJA: Limite(maximo=40, porcentaje=5, libres=5),
        Kind.REACTIVACION: Limite(maximo=40, porcentaje=5, libres=5),
        Kind.BUZON: Limite(maximo=400),
        Kind.DESCONEXION: Limite(maximo=40, porcentaje=5, libres=5),
    }


class Limites(Section):
    """Limits per kind of movement: for each dependencia, and for all of them together.

    A kind that is not written keeps its default. What was applied in the last `ventana_horas` counts towards the
    `maximo` of all together: a mass change in slices is one. `lectura_minima` is the percentage of the last good
    run's accounts below which a reading is taken for a bad one. `salto_dias` is how many days after the last event on
    record a mailbox may still be disconnected: a clock that jumps makes every retention seem over. The runs in
    `relojes_malos` had a wrong clock, so that their dates prove nothing.
    """

    dependencia: dict[Kind, Limite] = Field(default_factory=_per_agency)
    total: dict[Kind, Limite] = Field(default_factory=_in_all)
    lectura_minima: Annotated[Decimal, Field(ge=0, le=100)] = 90
    salto_dias: Annotated[Integer, Field(ge=1, le=3650)] = 45
    relojes_malos: tuple[str, ...] = ()
    ventana_horas: Annotated[Integer, Field(ge=0, le=720)] = 24

    @field_validator("dependencia")
    @classmethod
    def _fill_per_agency(cls, value: dict[Kind, Limite]) -> dict[Kind, Limite]:
        return _per_agency() | value

    @field_validator("total")
    @classmethod
    def _fill_in_all(cls, value: dict[Kind, Limite]) -> dict[Kind, Limite]:
        return _in_all() | value


class Excepcion(Section):
    """Leave to exceed the limits, for the one plan whose digest it names, once, under an oficio."""

    plan: Huella
    motivo: Annotated[str, Field(min_length=10, max_length=500)]
    oficio: Annotated[str, Field(min_length=1, max_length=60)]
    fecha: Day
