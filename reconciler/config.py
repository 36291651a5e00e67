"""The organisation's configuration: cuentas.yaml as typed, frozen values; never a secret in it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from reconciler.plan import Kind
from reconciler.scalars import Boolean, Day, Decimal, Integer

Siglas = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9]{1,15}$")]
Dominio = Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$", max_length=253)]
Direccion = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+@[a-z0-9-]+(\.[a-z0-9-]+)+$", max_length=254)]
Renglon = Annotated[str, Field(pattern=r"^\S(.*\S)?$", max_length=120)]
Pagina = Annotated[str, Field(pattern=r"^https://[A-Za-z0-9.-]+(:[0-9]+)?(/[^\s<>\"]*)?$", max_length=200)]
Servicio = Annotated[
    str, Field(pattern=r"^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*/?$", max_length=200)
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


class _Section(BaseModel):
    """A part of cuentas.yaml: frozen, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Director(_Section):
    """To whom oficios are addressed, and who answers for the indicator; without a name, the office alone."""

    nombre: Renglon | None = None
    cargo: Renglon = "Director de Servicios Compartidos de Tecnología"


class Organizacion(_Section):
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


class Limite(_Section):
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


class Limites(_Section):
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


class Retencion(_Section):
    """How long things are kept. PSDT-08 gives no period: these are the institution's own."""

    buzon_dias: Annotated[Integer, Field(ge=1)] = 90


class Baja(_Section):
    """What becomes of mail to somebody who left, until the mailbox is disconnected.

    Without `respuesta_automatica` nothing more is delivered; with it mail is delivered and answered with that text.
    """

    respuesta_automatica: Annotated[str, Field(min_length=1, max_length=2000)] | None = None


class Aprobacion(_Section):
    """What counts as approved: merges after `linea_base`, a commit accepted as the starting point."""

    linea_base: Commit | None = None


class Excepcion(_Section):
    """Leave to exceed the limits, for the one plan whose digest it names, once, under an oficio."""

    plan: Huella
    motivo: Annotated[str, Field(min_length=10, max_length=500)]
    oficio: Annotated[str, Field(min_length=1, max_length=60)]
    fecha: Day


class Documentos(_Section):
    """The letterhead and what documents cite; `logotipo` is a PNG or JPEG file of the repository."""

    logotipo: Carpeta | None = None
    lema: Renglon | None = None
    pie: Renglon | None = None
    ciudad: Renglon = "Culiacán Rosales, Sinaloa"
    guia_outlook: Renglon = "SSDT-Configuración de correo en Outlook-1.4 Exchange 2008"


class Plazos(_Section):
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


class NoConformidad(_Section):
    """The catalogue of causes of a late alta (PSDT-08, servicio no conforme): a short name, and what it means."""

    causas: Annotated[dict[Causa, Renglon], Field(min_length=1)] = Field(default_factory=_causes)


class OficiosManual(_Section):
    """A person captures each order in the Sistema de Oficios, and says which number it gave."""

    modo: Literal["manual"] = "manual"


class OficiosArchivo(_Section):
    """Files in `carpeta` that another program takes and answers: `salida/` and `entrada/`."""

    modo: Literal["archivo"]
    carpeta: Path = Path(".cuentas/sistema-oficios")
    formato: Literal["json", "csv"] = "json"


class OficiosHttp(_Section):
    """A JSON service, always with a verified certificate; the token comes from a file only its owner reads."""

    modo: Literal["http"]
    url: Servicio
    ca: Path | None = None
    clave_archivo: Path | None = None
    espera_s: Annotated[Integer, Field(ge=1, le=300)] = 20
    intentos: Annotated[Integer, Field(ge=1, le=10)] = 3

    @field_validator("url")
    @classmethod
    def _reachable(cls, value: str) -> str:
        try:
            port = urlsplit(value).port
        except ValueError:
            port = 0
        if port == 0:
            raise ValueError("su puerto va de 1 a 65535")
        return value


SistemaOficios = Annotated[OficiosManual | OficiosArchivo | OficiosHttp, Field(discriminator="modo")]


class Entrega(_Section):
    """Where first passwords go, sealed: the recipient's public key (age or ssh-ed25519) and the spool.

    A sheet that nobody fetched is removed after `conservar_dias`: handing it over then takes a new password.
    """

    destinatario: Annotated[str, Field(pattern=r"^(age1[0-9a-z]+|ssh-(ed25519|rsa) \S+( .*)?)$")] | None = None
    carpeta: Path = Path(".cuentas/entregas")
    conservar_dias: Annotated[Integer, Field(ge=1, le=365)] = 30


class MesaDeAyuda(_Section):
    """Who signs letters and whom they tell people to ask."""

    nombre: Renglon = "Mesa de Ayuda"
    correo: Direccion = "mesa.ayuda@sinaloa.gob.mx"
    telefono: Renglon | None = None


class _Correo(_Section):
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


class DestinoEmbebido(_Section):
    """Directory, mailboxes and outbox in one SQLite file."""

    tipo: Literal["embedded"] = "embedded"
    archivo: Path = Path(".cuentas/embebido.sqlite")


class Protocolos(_Section):
    """The ways in that a new mailbox gets (Set-CASMailbox); PSDT-08 speaks of Outlook and the web."""

    owa: Boolean = True
    mapi: Boolean = True
    ews: Boolean = True
    activesync: Boolean = False
    imap: Boolean = False
    pop: Boolean = False


class Exchange(_Section):
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


class DestinoAD(_Section):
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


def _embedded_only() -> dict[str, DestinoEmbebido | DestinoAD]:
    return {"embedded": DestinoEmbebido()}


class Config(_Section):
    """The whole of cuentas.yaml."""

    organizacion: Organizacion = Organizacion()
    dominios: Annotated[tuple[Dominio, ...], Field(min_length=1)]
    patrones_oficio: dict[Siglas, str] = Field(default_factory=dict)
    telefonos: tuple[str, ...] = ()
    limites: Limites = Limites()
    retencion: Retencion = Retencion()
    baja: Baja = Baja()
    aprobacion: Aprobacion = Aprobacion()
    protegidas: tuple[str, ...] = ()
    excepciones: tuple[Excepcion, ...] = ()
    entrega: Entrega = Entrega()
    correo: Correo = CorreoArchivo()
    correo_web: Pagina | None = None
    mesa_de_ayuda: MesaDeAyuda = MesaDeAyuda()
    documentos: Documentos = Documentos()
    plazos: Plazos = Plazos()
    no_conformidad: NoConformidad = NoConformidad()
    sistema_oficios: SistemaOficios = OficiosManual()
    plantillas: Carpeta = "plantillas"
    destino: str = "embedded"
    destinos: dict[NombreDestino, Destino] = Field(default_factory=_embedded_only)
