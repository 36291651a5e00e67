"""Where accounts are applied: the embedded target, or Active Directory with Exchange."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from reconciler.config.fields import Dominio, Section
from reconciler.config.services import Smtp
from reconciler.scalars import Boolean, Integer


class DestinoEmbebido(Section):
    """Directory, mailboxes and outbox in one SQLite file."""

    tipo: Literal["embedded"] = "embedded"
    archivo: Path = Path(".cuentas/embebido.sqlite")


class Protocolos(Section):
    """The ways in that a new mailbox gets (Set-CASMailbox); PSDT-08 speaks of Outlook and the web."""

    owa: Boolean = True
    mapi: Boolean = True
    ews: Boolean = True
    activesync: Boolean = False
    imap: Boolean = False
    pop: Boolean = False


class Exchange(Section):
    """Exchange's management shell: remote PowerShell over WSMan.

    `seguridad` kerberos and negotiate go over HTTP with every message encrypted (Microsoft, "Connect to Exchange
    servers using remote PowerShell"); basico goes over TLS. `nombre_kerberos` is the host in the service's name
    where it is not `servidor`. `conexiones` are shells at once: Exchange allows 18 for one user by default.
    `prueba_entrega` is the server that a new mailbox's first message is handed to before anybody can log on: the
    alta ends when that server has taken it.
    """

    servidor: str
    puerto: Annotated[Integer, Field(ge=1, le=65535)] | None = None
    seguridad: Literal["kerberos", "negotiate", "basico"] = "kerberos"
    nombre_kerberos: str | None = None
    ca: Path | None = None
    usuario: str | None = None
    clave_archivo: Path | None = None
    espera_s: Annotated[Integer, Field(ge=5, le=600)] = 60
    conexiones: Annotated[Integer, Field(ge=1, le=18)] = 12
    base_datos: str | None = None
    dominio_remoto: Dominio | None = None
    protocolos: Protocolos = Protocolos()
    prueba_entrega: Smtp | None = None


class DestinoAD(Section):
    """Active Directory. The password comes from `clave_archivo` (a file only its owner reads).

    `servidor` is the name that the certificate has to prove; `direccion` an address to connect to where
    DNS does not know that name. `raiz` is what is read, `base` the only place where anything is written.
    """

    tipo: Literal["ad"] = "ad"
    servidor: str
    direccion: str | None = None
    puerto: Annotated[Integer, Field(ge=1, le=65535)] = 636
    seguridad: Literal["ldaps", "starttls"] = "ldaps"
    ca: Path | None = None
    raiz: str
    base: str
    autenticacion: Literal["simple", "kerberos"] = "simple"
    usuario: str | None = None
    clave_archivo: Path | None = None
    canario: str
    espera_s: Annotated[Integer, Field(ge=1, le=600)] = 30
    pagina: Annotated[Integer, Field(ge=10, le=5000)] = 1000
    exchange: Exchange | None = None


Destino = Annotated[DestinoEmbebido | DestinoAD, Field(discriminator="tipo")]
