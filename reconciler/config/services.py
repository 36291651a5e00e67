"""How the Sistema de Oficios and people's mailboxes are reached."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from reconciler.config.fields import Direccion, Section, Servicio
from reconciler.scalars import Integer


class OficiosManual(Section):
    """A person captures each order in the Sistema de Oficios, and says which number it gave."""

    modo: Literal["manual"] = "manual"


class OficiosArchivo(Section):
    """Files in `carpeta` that another program takes and answers: `salida/` and `entrada/`."""

    modo: Literal["archivo"]
    carpeta: Path = Path(".cuentas/sistema-oficios")
    formato: Literal["json", "csv"] = "json"


class OficiosHttp(Section):
    """A JSON service, always with a verified certificate; the token comes from a file only its owner reads."""

    modo: Literal["http"]
    url: Servicio
    ca: Path | None = None
    clave_archivo: Path | None = None
    espera_s: Annotated[Integer, Field(ge=1, le=300)] = 20
    intentos: Annotated[Integer, Field(ge=1, le=10)] = 3


SistemaOficios = Annotated[OficiosManual | OficiosArchivo | OficiosHttp, Field(discriminator="modo")]


class _Correo(Section):
    """What every way of sending mail has: who signs, and where copies stay."""

    remitente: Direccion = "mesa.ayuda@sinaloa.gob.mx"
    carpeta: Path = Path(".cuentas/salida")


class CorreoArchivo(_Correo):
    """Messages are left as .eml files in `carpeta`, and nobody gets them."""

    via: Literal["archivo"] = "archivo"


class _CorreoServidor(_Correo):
    """A server: seconds for one answer (`espera_s`) and for all the waiting that one message may take."""

    servidor: Annotated[str, Field(pattern=r"^[A-Za-z0-9.-]+$", max_length=253)]
    ca: Path | None = None
    usuario: str | None = None
    clave_archivo: Path | None = None
    espera_s: Annotated[Integer, Field(ge=1, le=600)] = 60
    paciencia_s: Annotated[Integer, Field(ge=0, le=3600)] = 120


class CorreoEws(_CorreoServidor):
    """Exchange Web Services, with the mailbox `remitente`, which is `usuario`'s own.

    `version` is the server's build (15.2 is Exchange 2019): said, so that nothing has to be guessed over the wire.
    """

    via: Literal["ews"]
    puerto: Annotated[Integer, Field(ge=1, le=65535)] = 443
    version: Annotated[str, Field(pattern=r"^1[45]\.[0-9]{1,2}(\.[0-9]{1,5}){0,2}$")] = "15.2"
    autenticacion: Literal["basico", "ntlm", "kerberos"] = "basico"


class Smtp(_CorreoServidor):
    """SMTP, always over TLS with a verified certificate; without `usuario`, a server that knows this machine."""

    puerto: Annotated[Integer, Field(ge=1, le=65535)] = 587
    seguridad: Literal["starttls", "tls"] = "starttls"


class CorreoSmtp(Smtp):
    """Messages go out by SMTP."""

    via: Literal["smtp"]


Correo = Annotated[CorreoArchivo | CorreoEws | CorreoSmtp, Field(discriminator="via")]
