"""What PSDT-08 leaves to the institution: terms, retention, causes of delay, delivery."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import Field

from reconciler.config.fields import Causa, Dias, Renglon, Section
from reconciler.scalars import Boolean, Integer


class Retencion(Section):
    """How long things are kept. PSDT-08 gives no period: these are the institution's own."""

    buzon_dias: Annotated[Integer, Field(ge=1)] = 90


class Baja(Section):
    """What becomes of mail to somebody who left, until the mailbox is disconnected.

    Without `respuesta_automatica` nothing more is delivered; with it mail is delivered and answered with that text.
    """

    respuesta_automatica: Annotated[str, Field(min_length=1, max_length=2000)] | None = None


class Plazos(Section):
    """Until when an alta is on time, in working days after its oficio was received. PSDT-08 gives no term.

    Saturdays, Sundays and (`festivos`) Mexico's public holidays are none, and neither are the institution's own
    `dias_inhabiles`: dates, or first and last day with a slash between them.
    """

    alta_habiles: Annotated[Integer, Field(ge=1, le=250)] = 5
    festivos: Boolean = True
    dias_inhabiles: tuple[Dias, ...] = ()


def _causes() -> dict[str, str]:
    return {
        "datos-incorrectos": "La solicitud traía datos incorrectos o incompletos",
        "espera-enlace": "Se esperó respuesta del enlace",
        "espera-aprobacion": "La aprobación tardó",
        "falla-directorio": "El directorio o Exchange no respondieron, o rechazaron la cuenta",
        "falla-correo": "El correo no salió",
        "carga-trabajo": "Carga de trabajo en la Mesa de Ayuda",
        "otra": "Otra, que se explica en el tratamiento",
    }


class NoConformidad(Section):
    """The catalogue of causes of a late alta (PSDT-08, servicio no conforme): a short name, and what it means."""

    causas: Annotated[dict[Causa, Renglon], Field(min_length=1)] = Field(default_factory=_causes)


class Entrega(Section):
    """Where first passwords go, sealed: the recipient's public key (age or ssh-ed25519) and the spool.

    A sheet that nobody fetched is removed after `conservar_dias`: handing it over then takes a new password.
    """

    destinatario: Annotated[str, Field(pattern=r"^(age1[0-9a-z]+|ssh-(ed25519|rsa) \S+( .*)?)$")] | None = None
    carpeta: Path = Path(".cuentas/entregas")
    conservar_dias: Annotated[Integer, Field(ge=1, le=365)] = 30
