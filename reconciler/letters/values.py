"""What a letter may name: the letters there are, and the values that each one gives its template."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum

from reconciler.config import Config
from reconciler.model import (
    Account,
    AccountKey,
    Addressee,
    Declared,
    Dependencia,
    Enlace,
    Oficio,
    Siglas,
    Source,
    Tipo,
)

Value = str | bool
Values = Mapping[str, Value | Mapping[str, Value]]
"""A template's vocabulary, groups of names: `cuenta.direccion`. What is not known is "", and so is false."""


class Carta(StrEnum):
    """The letters there are, by the name of their template."""

    ALTA = "alta"
    BAJA = "baja"
    REINCORPORACION = "reincorporacion"
    ALTA_INTERESADO = "alta-interesado"
    BAJA_INTERESADO = "baja-interesado"
    REINCORPORACION_INTERESADO = "reincorporacion-interesado"
    BIENVENIDA = "bienvenida"
    HOJA = "hoja"
    PRUEBA = "prueba"


OF_BAJA = frozenset({Carta.BAJA, Carta.BAJA_INTERESADO})
TO_INTERESTED = frozenset({Carta.ALTA_INTERESADO, Carta.BAJA_INTERESADO, Carta.REINCORPORACION_INTERESADO})
"""The letters to the interested party; the others about an account go to the enlace."""

_MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio",
    "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
)  # fmt: skip

OPTIONAL = frozenset(
    {"mesa.telefono", "correo_web", "cuenta.puesto", "cuenta.area", "cuenta.responsable", "oficio.firmante"}
)
"""What may be unknown, and so is "" in some letter."""

_KINDS = {Tipo.PERSONAL: "personal", Tipo.COMPARTIDA: "compartida", Tipo.RECURSO: "de recurso"}


def in_words(day: date) -> str:
    """Return a date as official letters write it: 20 de marzo de 2026."""
    return f"{day.day} de {_MONTHS[day.month - 1]} de {day.year}"


def common(config: Config) -> Values:
    """Return what every letter may name: who writes, where mail is read in a browser, and Outlook's guide (P5)."""
    desk, organization = config.mesa_de_ayuda, config.organizacion
    return {
        "organizacion": {"nombre": organization.nombre, "unidad": organization.unidad},
        "mesa": {"nombre": desk.nombre, "correo": desk.correo, "telefono": desk.telefono or ""},
        "correo_web": config.correo_web or "",
        "guia_outlook": config.documentos.guia_outlook,
    }


def of_account(  # noqa: PLR0913 -- what a letter is about, by name
    carta: Carta,
    declared: Declared,
    agency: Dependencia,
    config: Config,
    done: date,
    *,
    oficio: Oficio | None = None,
    sheet: bool | None = None,
) -> Values:
    """Return what a letter about an account may name; `done` is the day on which it was done.

    The oficio is the one that asked for what the letter tells: without one, the entry's own. `sheet` says whether a
    first password is handed over; without it, one is to whoever can log on.
    """
    oficio = oficio or _behind(carta, declared, agency)
    values: dict[str, Value | Mapping[str, Value]] = {
        **common(config),
        "cuenta": _account(declared.account),
        "dependencia": {"nombre": agency.name, "siglas": agency.siglas},
        "enlace": {"nombre": agency.enlaces[oficio.enlace].name},
        "oficio": {
            "numero": oficio.number,
            "fecha": in_words(oficio.dated),
            "recibido": in_words(oficio.received),
            "firmante": oficio.signer or "",
        },
        "movimiento": {"fecha": in_words(done)},
    }
    if carta in OF_BAJA:
        values["buzon"] = _mailbox(declared, config, done)
    else:
        values["hoja"] = {"hay": declared.account.logon_enabled if sheet is None else sheet}
    return values


def recipient(carta: Carta, declared: Declared, agency: Dependencia) -> str:
    """Return the address of the enlace who handles the oficio that a letter about an account answers."""
    return agency.enlaces[_behind(carta, declared, agency).enlace].email


def _behind(carta: Carta, declared: Declared, agency: Dependencia) -> Oficio:
    return agency.oficios[declared.oficio if carta in OF_BAJA else declared.alta]


def of_sheet(  # noqa: PLR0913 -- what a sheet's letter is about, by name
    declared: Declared,
    agency: Dependencia,
    config: Config,
    *,
    folio: str,
    file: str,
    to: Addressee,
    with_key: bool,
) -> Values:
    """Return what the letter may name that a sealed credential sheet goes with, `file` by its name.

    `with_key` says that the enlace's own key opens it; else a passphrase does, which travels by another channel.
    """
    oficio = _behind(Carta.HOJA, declared, agency)
    return {
        **common(config),
        "cuenta": {
            name: value for name, value in _account(declared.account).items() if name in {"direccion", "nombre"}
        },
        "dependencia": {"nombre": agency.name, "siglas": agency.siglas},
        "enlace": {"nombre": agency.enlaces[oficio.enlace].name},
        "oficio": {"numero": oficio.number},
        "hoja": {
            "folio": folio,
            "archivo": file,
            "con_llave": with_key,
            "al_interesado": to is Addressee.INTERESADO,
        },
    }


def of_trial(config: Config, way: str, address: str, today: date) -> Values:
    """Return what the trial letter may name; `way` says how it leaves."""
    return {
        **common(config),
        "envio": {"via": way, "para": address},
        "movimiento": {"fecha": in_words(today)},
    }


def of_welcome(account: Account, config: Config) -> Values:
    """Return what the first message of a new mailbox may name; it goes to the mailbox itself."""
    return {
        **common(config),
        "cuenta": _account(account),
        "dependencia": {"nombre": account.organization, "siglas": account.dependencia},
    }


def _account(account: Account) -> Mapping[str, Value]:
    return {
        "direccion": account.address,
        "nombre": account.display_name,
        "usuario": account.logon,
        "puesto": account.title or "",
        "area": account.area or "",
        "tipo": _KINDS[account.tipo],
        "personal": account.tipo is Tipo.PERSONAL,
        "responsable": account.responsable or "",
    }


def _mailbox(declared: Declared, config: Config, done: date) -> Mapping[str, Value]:
    """Say until when the mailbox stays: the longer of the retention from the baja and the legal hold."""
    until = done + timedelta(days=config.retencion.buzon_dias)
    held = declared.hold_until is not None and declared.hold_until >= until
    return {
        "hasta": in_words(declared.hold_until if held and declared.hold_until else until),
        "retencion_legal": held,
        "responde": config.baja.respuesta_automatica is not None,
    }


def example(carta: Carta, config: Config, today: date) -> Values:
    """Return the values of a letter about somebody invented."""
    if carta is Carta.PRUEBA:
        return of_trial(config, "archivo", "laura.beltran@sinaloa.gob.mx", today)
    number = "SAF/DA/0123/2026"
    enlace = Enlace(key="laura.beltran", name="Laura Beltrán Ochoa", email="laura.beltran@sinaloa.gob.mx")
    oficio = Oficio(number=number, dated=today, received=today, medium="oficio", enlace=enlace.key)
    agency = Dependencia(
        siglas=Siglas("SAF"),
        name="Secretaría de Administración y Finanzas",
        domain=config.dominios[0],
        enlaces={enlace.key: enlace},
        oficios={number: oficio},
    )
    account = Account(
        key=AccountKey("juan.perez"),
        dependencia=agency.siglas,
        organization=agency.name,
        tipo=Tipo.PERSONAL,
        logon="juan.perez",
        address=f"juan.perez@{agency.domain}",
        display_name="Juan Pérez López",
        title="Jefe de Departamento",
        area="Dirección de Contabilidad",
    )
    if carta is Carta.BIENVENIDA:
        return of_welcome(account, config)
    declared = Declared(account=account, alta=number, source=Source("accounts/SAF.yaml", 1))
    if carta is Carta.HOJA:
        return example_sheet(declared, agency, config)
    return of_account(carta, declared, agency, config, today)


def example_sheet(declared: Declared, agency: Dependencia, config: Config) -> Values:
    """Return the values of the letter that an invented sheet of an account would go with."""
    folio = "H-2026-7K3M9QPX"
    to = declared.delivery.to if declared.delivery else Addressee.ENLACE
    return of_sheet(declared, agency, config, folio=folio, file=f"RSDT-08.02-{folio}.pdf", to=to, with_key=False)


def variants(values: Values) -> Iterator[Values]:
    """Yield the values as they may be: what is optional there or not, and every condition true or false."""
    for known in (True, False):
        for true in (True, False):
            yield {
                name: {inner: _as_if(f"{name}.{inner}", one, known=known, true=true) for inner, one in value.items()}
                if isinstance(value, Mapping)
                else _as_if(name, value, known=known, true=true)
                for name, value in values.items()
            }


def _as_if(name: str, value: Value, *, known: bool, true: bool) -> Value:
    if isinstance(value, bool):
        return true
    if name in OPTIONAL:
        return (value or "x") if known else ""
    return value


def names(values: Values) -> Iterator[str]:
    """Yield every name that a template may write, as it writes it."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from (f"{name}.{inner}" for inner in value)
        else:
            yield name
