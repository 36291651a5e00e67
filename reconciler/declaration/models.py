"""The shape of a declaration: what each field may hold. Field names are the YAML's own."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import pyrage
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from reconciler.config import Clave, Dominio, Huella, Siglas, Usuario
from reconciler.model import Tipo
from reconciler.scalars import Boolean, Day, Integer

_ADDRESS = r"^[a-z0-9][a-z0-9._-]*@[a-z0-9-]+(\.[a-z0-9-]+)+$"
_LOGON = r'^[^\s"/\\\[\]:;|=,+*?<>@]{0,19}[^\s"/\\\[\]:;|=,+*?<>@.]$'
_PHONE = re.compile(r"([+(]?[0-9][0-9 ().-]+[0-9])( ?(?:extensión|ext\.?) ?[0-9]{1,6})?", re.IGNORECASE)
_DATE = re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}")
_PHONE_DIGITS = range(7, 16)
_YEAR = re.compile(r"(19|20)[0-9]{2}$")
_PLACEHOLDERS = frozenset(
    {"SN", "SINDATO", "SINDATOS", "NA", "PENDIENTE", "SINNUMERO", "NOAPLICA", "XXX", "PORDEFINIR", "SINOFICIO"}
)


def _line_of_text(value: str) -> str:
    if not value.strip():
        raise ValueError("está vacío")
    if value != value.strip() or "  " in value or "\n" in value:
        raise ValueError("lleva espacios de más al principio, al final o dobles, o un salto de renglón")
    return value


def _lettered(value: str) -> str:
    if not any(char.isalpha() for char in value):
        raise ValueError(f"«{value}» no lleva ninguna letra")
    return value


def check_oficio(value: str) -> str:
    """Return an oficio's number as it is written, or say why it cannot be one (records.md, S/N and the like)."""
    plain = re.sub(r"[^A-Z0-9]", "", unicodedata.normalize("NFKD", value.upper()))
    if _YEAR.sub("", plain) in _PLACEHOLDERS:
        raise ValueError(f"«{value}» no es un número de oficio: hace falta el de la carta que lo pide")
    if not any(char.isdigit() for char in value):
        raise ValueError(f"«{value}» no lleva ninguna cifra: no parece un número de oficio")
    return value


def _phone(value: str) -> str:
    match = _PHONE.fullmatch(value)
    digits = sum(char.isdigit() for char in match.group(1)) if match else 0
    if digits not in _PHONE_DIGITS or _DATE.fullmatch(value):
        raise ValueError(f"«{value}» no es un teléfono institucional (ejemplo: 667 758 7000 ext. 1234)")
    return value


def _public_key(value: str) -> str:
    """Return a public key that something can be sealed to: a character short of whole, it is none."""
    kind = pyrage.x25519 if value.startswith("age1") else pyrage.ssh
    try:
        kind.Recipient.from_str(value)
    except pyrage.RecipientError:
        raise ValueError(
            f"«{value[:40]}…» no es una llave pública completa: copie entero el renglón del archivo .pub"
        ) from None
    return value


Line = Annotated[str, AfterValidator(_line_of_text)]
Puesto = Annotated[Line, Field(min_length=1, max_length=64), AfterValidator(_lettered)]
Nombre = Annotated[Line, Field(min_length=1, max_length=64), AfterValidator(_lettered)]
Motivo = Annotated[Line, Field(min_length=3, max_length=200), AfterValidator(_lettered)]
NumeroOficio = Annotated[Line, Field(min_length=1, max_length=60), AfterValidator(check_oficio)]

Correo = Annotated[str, Field(pattern=_ADDRESS, max_length=254)]

Llave = Annotated[str, Field(pattern=r"^(ssh-(ed25519|rsa) \S+( .*)?|age1[0-9a-z]+)$"), AfterValidator(_public_key)]


def _is(text: str) -> Any:
    """Describe a field where editors show it."""
    return Field(description=text)


class _Entry(BaseModel):
    """A part of a declaration: frozen, and unknown keys are problems."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class EnlaceYaml(_Entry):
    """Un enlace tecnológico de la dependencia (PSDT-08, política P3)."""

    nombre: Annotated[Nombre, _is("Nombre completo del enlace.")]
    correo: Annotated[Correo, _is("Su dirección institucional, en minúsculas.")]
    usuario_git: Annotated[Usuario | None, _is("Su usuario en el sistema donde se revisan los cambios.")] = None
    llave: Annotated[
        Llave | None,
        _is("Su llave pública (ssh-ed25519, ssh-rsa o age): se le sellan con ella las hojas que recibe por correo."),
    ] = None


class OficioYaml(_Entry):
    """Un oficio que pide altas o bajas (PSDT-08, política P2). La clave es su número, tal como está en la carta."""

    fecha: Annotated[Day, _is("Fecha de la carta, AAAA-MM-DD.")]
    recibido: Annotated[Day, _is("Día en que lo recibió el Centro de Servicio; desde ahí cuenta la orden.")]
    medio: Annotated[
        Literal["oficio", "telefono", "correo", "ventanilla"], _is("Por dónde llegó la solicitud (política P1).")
    ]
    enlace: Annotated[Clave, _is("Clave del enlace que lleva el trámite; debe estar en «enlaces».")]
    firmante: Annotated[Annotated[Line, Field(max_length=120)] | None, _is("Cargo de quien firma, no su nombre.")] = (
        None
    )
    sha256: Annotated[Huella | None, _is("Huella SHA-256 del oficio digitalizado, que se guarda fuera de Git.")] = (
        None
    )


class EntregaYaml(_Entry):
    """Cómo se entrega la primera contraseña (PSDT-08, política P4)."""

    medio: Annotated[Literal["impresa", "correo"], _is("Impresa por Mesa de Ayuda, o por correo (sellada).")]
    a: Annotated[Literal["enlace", "interesado"], _is("Quién la recibe.")]
    motivo: Annotated[Motivo | None, _is("Por qué la situación lo amerita; obligatorio si es por correo.")] = None


class CuentaYaml(_Entry):
    """Una cuenta de correo oficial. La clave es la parte local de su dirección y no cambia nunca."""

    model_config = ConfigDict(
        json_schema_extra={"dependentRequired": {"baja": ["motivo_baja"], "motivo_baja": ["baja"]}}
    )

    tipo: Annotated[Tipo, _is("personal si no se dice; compartida (de un área) o recurso (una sala, un equipo).")] = (
        Tipo.PERSONAL
    )
    recurso: Annotated[
        Literal["sala", "equipo"] | None, _is("Qué recurso es: sala (si no se dice) o equipo; solo con tipo recurso.")
    ] = None
    nombre: Annotated[Nombre, _is("Nombre de pila; en una compartida o un recurso, el nombre que se muestra.")]
    apellidos: Annotated[Nombre | None, _is("Los dos apellidos; solo en una cuenta personal, y ahí obligatorio.")] = (
        None
    )
    puesto: Annotated[Puesto | None, _is("Puesto, como en el directorio institucional.")] = None
    area: Annotated[Puesto | None, _is("Área o dirección de adscripción.")] = None
    telefono: Annotated[
        Annotated[Line, Field(max_length=64), AfterValidator(_phone)] | None,
        _is("Teléfono institucional con su extensión; nunca el particular."),
    ] = None
    responsable: Annotated[
        Clave | None, _is("Clave de la persona que la cuida; obligatorio en compartidas y recursos.")
    ] = None
    alias: Annotated[
        Annotated[tuple[Annotated[str, Field(max_length=254)], ...], Field(min_length=1)] | None,
        _is("Otras direcciones completas que también le llegan."),
    ] = None
    usuario_ad: Annotated[
        Annotated[str, Field(pattern=_LOGON)] | None,
        _is("Inicio de sesión de hasta 20 caracteres, cuando no sirve el que sale de la clave."),
    ] = None
    cuota_mb: Annotated[
        Annotated[Integer, Field(ge=1, le=1_000_000)] | None, _is("Tamaño del buzón en MB, si no es el usual.")
    ] = None
    vigencia: Annotated[Day | None, _is("Fecha en que hay que pedir su baja; por sí sola no da de baja a nadie.")] = (
        None
    )
    entrega: Annotated[
        EntregaYaml | None,
        _is("Cómo se entrega la primera contraseña, si no es impresa por Mesa de Ayuda."),
    ] = None
    avisar_a: Annotated[
        Correo | None,
        _is("Dirección institucional de la parte interesada: recibe los avisos y, si así se pide, la hoja."),
    ] = None
    existente: Annotated[Boolean, _is("true si la cuenta ya está en el directorio: se adopta y no se crea.")] = False
    renombra: Annotated[Clave | None, _is("Clave que tenía antes; esa dirección se le conserva como alias.")] = None
    alta: Annotated[NumeroOficio, _is("Número del oficio que pide la cuenta; debe estar en «oficios».")]
    baja: Annotated[NumeroOficio | None, _is("Número del oficio que pide la baja. La entrada no se borra.")] = None
    motivo_baja: Annotated[Motivo | None, _is("Por qué se da de baja; va siempre junto con «baja».")] = None
    cambio: Annotated[
        NumeroOficio | None,
        _is("Número del último oficio que pidió cambiar sus datos, su nombre o su dependencia."),
    ] = None
    conservar_hasta: Annotated[Day | None, _is("Hasta cuándo se conserva el buzón intacto por mandato legal.")] = None


def mismatches(written: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield which fields of an account do not go together: the field it is about, and why, in Spanish.

    It looks at what is written, so that it can be said together with what is wrong in each field.
    """
    tipo = written.get("tipo", Tipo.PERSONAL)
    if tipo == Tipo.PERSONAL:
        yield from _of_a_person(written)
    elif tipo in tuple(Tipo):
        yield from _of_nobody(written, str(tipo))
    if "recurso" in written and tipo != Tipo.RECURSO:
        yield "recurso", "«recurso» solo va con «tipo: recurso»"
    if "baja" in written and "motivo_baja" not in written:
        yield "baja", "falta «motivo_baja»: una baja dice por qué"
    if "motivo_baja" in written and "baja" not in written:
        yield "motivo_baja", "«motivo_baja» va junto con «baja», que falta"
    if written.get("existente") == "true" and "renombra" in written:
        yield "renombra", "«existente» y «renombra» no van juntos"
    delivery = written.get("entrega")
    if isinstance(delivery, Mapping) and delivery.get("medio") == "correo":
        yield from _of_mail(delivery, written)


def _of_mail(delivery: Mapping[str, object], written: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield what a delivery by mail lacks (PSDT-08, P4)."""
    if "motivo" not in delivery:
        yield "entrega", "falta «motivo»: una entrega por correo dice por qué la situación lo amerita (política P4)"
    if delivery.get("a") == "interesado" and "avisar_a" not in written:
        yield "entrega", "falta «avisar_a»: una hoja que se envía al interesado necesita su dirección institucional"


def _of_a_person(written: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    if "apellidos" not in written:
        yield "nombre", "falta «apellidos»: una cuenta personal lleva nombre y apellidos"
    for name in ("nombre", "apellidos"):
        if any(char.isdigit() for char in str(written.get(name, ""))):
            yield name, f"«{name}»: un nombre de persona no lleva cifras"


def _of_nobody(written: Mapping[str, object], tipo: str) -> Iterator[tuple[str, str]]:
    if "apellidos" in written:
        yield "apellidos", f"una cuenta {tipo} no lleva «apellidos»"
    if "responsable" not in written:
        yield "tipo", f"falta «responsable»: una cuenta {tipo} la cuida una persona"


class ParteYaml(_Entry):
    """Un archivo de una dependencia en forma de carpeta: accounts/SIGLAS/*.yaml."""

    dependencia: Annotated[
        Annotated[Nombre, Field(max_length=64)] | None, _is("Nombre completo de la dependencia.")
    ] = None
    siglas: Annotated[Siglas | None, _is("Sus siglas: las del nombre del archivo o de la carpeta.")] = None
    dominio: Annotated[Dominio | None, _is("Dominio de sus direcciones, si no es el primero de cuentas.yaml.")] = None
    enlaces: Annotated[dict[Clave, EnlaceYaml], _is("Enlaces tecnológicos, por clave.")] = Field(default_factory=dict)
    oficios: Annotated[dict[NumeroOficio, OficioYaml], _is("Oficios, por su número.")] = Field(default_factory=dict)
    cuentas: Annotated[dict[Clave, CuentaYaml], _is("Cuentas, por la parte local de su dirección.")] = Field(
        default_factory=dict
    )


class DependenciaYaml(ParteYaml):
    """El archivo de una dependencia: accounts/SIGLAS.yaml."""

    dependencia: Annotated[Nombre, _is("Nombre completo de la dependencia.")]
    siglas: Annotated[Siglas, _is("Sus siglas: las del nombre del archivo.")]


SECTIONS: dict[str, type[EnlaceYaml | OficioYaml | CuentaYaml]] = {
    "enlaces": EnlaceYaml,
    "oficios": OficioYaml,
    "cuentas": CuentaYaml,
}
"""The sections of a file whose entries are checked one by one."""

HEADERS = ("dependencia", "siglas", "dominio")
"""The scalars at the head of a file."""
