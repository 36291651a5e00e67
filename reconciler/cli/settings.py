"""What belongs to one machine and not to the organisation: read from CUENTAS_* in the environment."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from reconciler.config import (
    Config,
    Correo,
    CorreoArchivo,
    CorreoEws,
    CorreoSmtp,
    Destino,
    DestinoAD,
    Forja,
    OficiosArchivo,
    OficiosHttp,
    OficiosManual,
    SistemaOficios,
)
from reconciler.errors import ConfigurationError

Fields = Mapping[str, Any]


class Settings(BaseSettings):
    """CUENTAS_DESTINO picks the target; CUENTAS_AD__CAMPO overrides a field of the `ad` target.

    A field of a section inside it is CUENTAS_AD__EXCHANGE__CAMPO, one of `correo` CUENTAS_CORREO__CAMPO, one of
    `sistema_oficios` CUENTAS_SISTEMA_OFICIOS__CAMPO, one of `forja` CUENTAS_FORJA__CAMPO. No secret is read from the
    environment: CUENTAS_AD__CLAVE_ARCHIVO names the file that holds it, and CUENTAS_LLAVE the private key that opens
    credential sheets.
    """

    model_config = SettingsConfigDict(env_prefix="CUENTAS_", env_nested_delimiter="__", extra="ignore")

    destino: str | None = None
    ad: dict[str, Any] = {}
    correo: dict[str, Any] = {}
    sistema_oficios: dict[str, Any] = {}
    forja: dict[str, Any] = {}
    llave: Path | None = None


def target_config(config: Config, settings: Settings, asked: str | None) -> tuple[str, Destino]:
    """Return the name and configuration of the target to work on.

    The command line wins over the environment, and that over cuentas.yaml.

    Raises:
        ConfigurationError: there is no such target, its fields do not make sense, or cuentas.yaml names its files
            by relative paths: those would be found in a working copy, which nobody approves.

    """
    name = asked or settings.destino or config.destino
    known = config.destinos.get(name)
    if isinstance(known, DestinoAD) or (known is None and name == "ad" and settings.ad):
        written = known.model_dump(exclude_unset=True) if known else {"tipo": "ad"}
        _refuse_relative(f"del destino «{name}»", "CUENTAS_AD", written, settings.ad)
        return name, _validated(_overridden(written, settings.ad))
    if known is None:
        raise ConfigurationError(
            f"No hay un destino «{name}»: cuentas.yaml tiene {', '.join(sorted(config.destinos))}.",
            remedy="Corrija «--target» o CUENTAS_DESTINO.",
        )
    return name, known


_MAIL: TypeAdapter[CorreoArchivo | CorreoEws | CorreoSmtp] = TypeAdapter(Correo)
_ORDERS: TypeAdapter[OficiosManual | OficiosArchivo | OficiosHttp] = TypeAdapter(SistemaOficios)
Section = TypeVar("Section")


def mail_config(config: Config, settings: Settings) -> CorreoArchivo | CorreoEws | CorreoSmtp:
    """Return how messages are sent; the environment wins over cuentas.yaml.

    Raises:
        ConfigurationError: its fields do not make sense, or cuentas.yaml names files to be read by relative paths.

    """
    written = config.correo.model_dump(exclude_unset=True) | {"via": config.correo.via}
    return _one_of(_MAIL, "correo", written, settings.correo, "via")


def order_system_config(config: Config, settings: Settings) -> OficiosManual | OficiosArchivo | OficiosHttp:
    """Return how orders get to the Sistema de Oficios; the environment wins over cuentas.yaml.

    Raises:
        ConfigurationError: its fields do not make sense, or cuentas.yaml names files to be read by relative paths.

    """
    chosen = config.sistema_oficios
    written = chosen.model_dump(exclude_unset=True) | {"modo": chosen.modo}
    return _one_of(_ORDERS, "sistema_oficios", written, settings.sistema_oficios, "modo")


def forge_config(config: Config, settings: Settings) -> Forja:
    """Return where pull requests are; the environment wins over cuentas.yaml.

    Raises:
        ConfigurationError: nothing says where, its fields do not make sense, or cuentas.yaml names files to be read
            by relative paths.

    """
    if config.forja is None and not settings.forja:
        raise ConfigurationError(
            "cuentas.yaml no dice en qué forja están los pull requests.",
            remedy="Ponga «forja:» con «tipo», «url» y «repositorio», por pull request (docs/operacion.md, «La forja "
            "(REST)»).",
        )
    written = config.forja.model_dump(exclude_unset=True) if config.forja else {}
    _refuse_relative("de «forja»", "CUENTAS_FORJA", written, settings.forja)
    try:
        return Forja.model_validate({**written, **settings.forja})
    except ValidationError as error:
        raise ConfigurationError(
            f"«forja» no está bien configurada: revise {_places(error)}.",
            remedy="Complete «forja:» en cuentas.yaml o las variables CUENTAS_FORJA__*.",
        ) from None


def _places(error: ValidationError) -> str:
    """Return the fields that are at fault."""
    return ", ".join(sorted({": ".join(map(str, one["loc"])) for one in error.errors(include_input=False)}))


def _one_of(kinds: TypeAdapter[Section], name: str, written: Fields, said: Fields, tag: str) -> Section:
    """Return a section of which there are several kinds, told apart by `tag`."""
    variable = f"CUENTAS_{name.upper()}"
    read = {field: value for field, value in written.items() if field != "carpeta"}
    _refuse_relative(f"de «{name}»", variable, read, said)
    try:
        return kinds.validate_python({**written, **said})
    except ValidationError as error:
        places = {": ".join(map(str, one["loc"][1:])) or tag for one in error.errors(include_input=False)}
        raise ConfigurationError(
            f"«{name}» no está bien configurado: revise {', '.join(sorted(places))}.",
            remedy=f"Complete «{name}:» en cuentas.yaml o las variables {variable}__*.",
        ) from None


def _overridden(written: Fields, said: Fields) -> dict[str, Any]:
    """Return what cuentas.yaml says, field by field, but for what this machine says otherwise."""
    merged = {**written, **said}
    for field, value in said.items():
        if isinstance(value, Mapping) and isinstance(written.get(field), Mapping):
            merged[field] = _overridden(written[field], value)
    return merged


def _refuse_relative(whose: str, variable: str, written: Fields, said: Fields, within: tuple[str, ...] = ()) -> None:
    """Refuse what cuentas.yaml names by a relative path, where this machine does not say otherwise."""
    for field, value in written.items():
        path = (*within, field)
        if isinstance(value, Mapping):
            _refuse_relative(whose, variable, value, said.get(field, {}), path)
        elif isinstance(value, Path) and not value.is_absolute() and field not in said:
            raise ConfigurationError(
                f"«{': '.join(path)}» {whose} es una ruta relativa: se leería de la copia de "
                "trabajo, que nadie aprobó.",
                remedy="Ponga una ruta absoluta en cuentas.yaml, o "
                f"{variable}__{'__'.join(path).upper()} en esta máquina.",
            )


def _validated(fields: Fields) -> DestinoAD:
    try:
        return DestinoAD.model_validate(fields)
    except ValidationError as error:
        raise ConfigurationError(
            f"El destino «ad» no está bien configurado: revise {_places(error)}.",
            remedy="Complete «destinos: ad:» en cuentas.yaml o las variables CUENTAS_AD__*.",
        ) from None
