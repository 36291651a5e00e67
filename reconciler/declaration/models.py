"""The shape of a declaration: what each field may hold. Field names are the YAML's own."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from reconciler.declaration.personal import forbidden
from reconciler.model import Tipo
from reconciler.scalars import Boolean, Day, Integer

KEY = r"^[a-z][a-z0-9]*(\.[a-z0-9]+)*$"
_ADDRESS = r"^[a-z0-9][a-z0-9._-]*@[a-z0-9-]+(\.[a-z0-9-]+)+$"
_LOGON = r'^[^\s"/\\\[\]:;|=,+*?<>@]{0,19}[^\s"/\\\[\]:;|=,+*?<>@.]$'
_HAS_LETTER = re.compile(r"[^\W\d_]")
_PLACEHOLDERS = frozenset(
    {"SN", "SINDATO", "SINDATOS", "NA", "PENDIENTE", "SINNUMERO", "NOAPLICA", "XXX", "PORDEFINIR", "SINOFICIO"}
)


def _line_of_text(value: str) -> str:
    if not value.strip():
        raise ValueError("está vacío")
    if value != value.strip() or "  " in value or "\n" in value:
        raise ValueError("lleva espacios de más al principio, al final o dobles, o un salto de renglón")
    reason = forbidden(value)
    if reason:
        raise ValueError(reason)
    return value


def _name(value: str) -> str:
    if not _HAS_LETTER.search(value):
        raise ValueError("no tiene ninguna letra")
    if any(char.isdigit() for char in value):
        raise ValueError("un nombre de persona no lleva cifras")
    return value


def check_oficio(value: str) -> str:
    """Return an oficio's number as it is written, or say why it cannot be one (records.md, S/N and the like)."""
    letters = re.sub(r"[^A-Z0-9]", "", value.upper())
    if letters in _PLACEHOLDERS:
        raise ValueError(f"«{value}» no es un número de oficio: hace falta el de la carta que lo pide")
    if not any(char.isdigit() for char in value):
        raise ValueError(f"«{value}» no lleva ninguna cifra: no parece un número de oficio")
    return value


def _phone(value: str) -> str:
    if not re.fullmatch(r"[0-9 ()+.-]{7,}( ?(ext|extensión|ext\.)? ?[0-9]{1,6})?", value, re.IGNORECASE):
        raise ValueError(f"«{value}» no es un teléfono institucional (ejemplo: 667 758 7000 ext. 1234)")
    return value


Line = Annotated[str, AfterValidator(_line_of_text)]
Puesto = Annotated[Line, Field(min_length=1, max_length=64)]
Nombre = Annotated[Line, Field(min_length=1, max_length=64)]
Motivo = Annotated[Line, Field(min_length=3, max_length=200)]
NumeroOficio = Annotated[Line, Field(min_length=1, max_length=60), AfterValidator(check_oficio)]
Clave = Annotated[str, Field(pattern=KEY, max_length=64)]
Correo = Annotated[str, Field(pattern=_ADDRESS, max_length=254)]


class _Entry(BaseModel):
    """A part of a declaration: frozen, and unknown keys are problems."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class EnlaceYaml(_Entry):
    """Un enlace tecnológico de la dependencia (PSDT-08, política P3)."""

    nombre: Nombre
    correo: Correo
    usuario_git: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)] | None = None
    llave: Annotated[str, Field(pattern=r"^(ssh-(ed25519|rsa) \S+( .*)?|age1[0-9a-z]+)$")] | None = None


class OficioYaml(_Entry):
    """Un oficio que pide altas o bajas (PSDT-08, política P2)."""

    fecha: Day
    recibido: Day
    medio: Literal["oficio", "telefono", "correo", "ventanilla"]
    enlace: Clave
    firmante: Annotated[Line, Field(max_length=120)] | None = None
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = None


class EntregaYaml(_Entry):
    """Cómo se entrega la primera contraseña (PSDT-08, política P4)."""

    medio: Literal["impresa", "correo"]
    a: Literal["enlace", "interesado"]
    motivo: Motivo | None = None


class CuentaYaml(_Entry):
    """Una cuenta de correo oficial. La clave es la parte local de su dirección y no cambia nunca."""

    tipo: Tipo = Tipo.PERSONAL
    nombre: Nombre
    apellidos: Nombre | None = None
    puesto: Puesto | None = None
    area: Puesto | None = None
    telefono: Annotated[Line, Field(max_length=64), AfterValidator(_phone)] | None = None
    responsable: Clave | None = None
    alias: Annotated[tuple[Annotated[str, Field(max_length=254)], ...], Field(min_length=1)] | None = None
    usuario_ad: Annotated[str, Field(pattern=_LOGON)] | None = None
    cuota_mb: Annotated[Integer, Field(ge=1, le=1_000_000)] | None = None
    vigencia: Day | None = None
    entrega: EntregaYaml | None = None
    existente: Boolean = False
    renombra: Clave | None = None
    alta: NumeroOficio
    baja: NumeroOficio | None = None
    motivo_baja: Motivo | None = None
    conservar_hasta: Day | None = None

    @model_validator(mode="after")
    def _goes_together(self) -> CuentaYaml:
        for reason in self._inconsistencies():
            raise ValueError(reason)
        return self

    def _inconsistencies(self) -> list[str]:
        personal = self.tipo is Tipo.PERSONAL
        found = []
        if personal and self.apellidos is None:
            found.append("falta «apellidos»: una cuenta personal lleva nombre y apellidos")
        if personal:
            found += [
                f"«{self.nombre} {self.apellidos or ''}»: un nombre de persona no lleva cifras"
                for value in (self.nombre, self.apellidos or "a")
                if not _is_name(value)
            ][:1]
        if not personal and self.apellidos is not None:
            found.append(f"una cuenta {self.tipo} no lleva «apellidos»")
        if not personal and self.responsable is None:
            found.append(f"falta «responsable»: una cuenta {self.tipo} la cuida una persona")
        if self.baja is not None and self.motivo_baja is None:
            found.append("falta «motivo_baja»: una baja dice por qué")
        if self.baja is None and self.motivo_baja is not None:
            found.append("«motivo_baja» va junto con «baja», que falta")
        if self.existente and self.renombra is not None:
            found.append("«existente» y «renombra» no van juntos")
        return found


def _is_name(value: str) -> bool:
    try:
        _name(value)
    except ValueError:
        return False
    return True


class ParteYaml(_Entry):
    """Un archivo de una dependencia en forma de carpeta: accounts/SIGLAS/*.yaml."""

    dependencia: Annotated[Line, Field(max_length=64)] | None = None
    siglas: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9]{1,15}$")] | None = None
    dominio: Annotated[str, Field(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$", max_length=253)] | None = None
    enlaces: dict[Clave, EnlaceYaml] = Field(default_factory=dict)
    oficios: dict[NumeroOficio, OficioYaml] = Field(default_factory=dict)
    cuentas: dict[Clave, CuentaYaml] = Field(default_factory=dict)


class DependenciaYaml(ParteYaml):
    """El archivo de una dependencia: accounts/SIGLAS.yaml."""

    dependencia: Annotated[Line, Field(max_length=64)]
    siglas: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9]{1,15}$")]


SECTIONS: dict[str, type[EnlaceYaml | OficioYaml | CuentaYaml]] = {
    "enlaces": EnlaceYaml,
    "oficios": OficioYaml,
    "cuentas": CuentaYaml,
}
"""The sections of a file whose entries are checked one by one."""

HEADERS = ("dependencia", "siglas", "dominio")
"""The scalars at the head of a file."""
