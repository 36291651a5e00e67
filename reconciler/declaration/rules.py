"""The rules that no entry can be judged on alone: names across agencies, oficios, enlaces, dates, personal data."""

from __future__ import annotations

import difflib
import re
from datetime import date

from reconciler.config import Config
from reconciler.declaration.agencies import AgencyRead
from reconciler.declaration.models import CuentaYaml
from reconciler.declaration.names import check_names
from reconciler.declaration.problems import Problems
from reconciler.declaration.reading import Read
from reconciler.declaration.wanted import aliases_of
from reconciler.model import LOGON_LENGTH, Tipo, derived_logon, normalized_oficio

EARLIEST = date(2000, 1, 1)
"""No oficio of this procedure is older (PSDT-08 is of 2014; accounts were there before it)."""


def check(agencies: list[AgencyRead], config: Config, today: date, problems: Problems, *, complete: bool) -> None:
    """Apply every rule and say everything that breaks one.

    `today` is local. `complete` is false where a file could not be read: then nothing is said to be missing.
    """
    check_names(agencies, problems)
    people = {key: entry for agency in agencies for key, entry in agency.cuentas.items()}
    unsure = {key for agency in agencies for key in agency.unsound["cuentas"]}
    for agency in agencies:
        _enlaces(agency, config, problems)
        _oficios(agency, config, today, problems)
        for key, entry in agency.cuentas.items():
            _oficio_of(agency, key, entry, problems)
            _dates(agency, key, entry, today, problems)
            if complete and entry.value.responsable not in unsure:
                _responsable(key, entry, people, problems)
            _contents(key, entry, config, problems)
            _interested(agency, key, entry, config, problems)
            _to_itself(agency, key, entry, problems)


def _enlaces(agency: AgencyRead, config: Config, problems: Problems) -> None:
    for key, entry in agency.enlaces.items():
        if entry.value.correo.partition("@")[2] not in config.dominios:
            problems.add(
                entry.at("correo"), "correo-ajeno",
                f"El correo del enlace «{key}» no es institucional: {entry.value.correo}.",
                f"Debe ser de {', '.join(config.dominios)}.",
            )  # fmt: skip


def _oficios(agency: AgencyRead, config: Config, today: date, problems: Problems) -> None:
    seen: dict[tuple[str, int], str] = {}
    siglas = agency.dependencia.siglas
    pattern = config.patrones_oficio.get(siglas)
    for number, entry in agency.oficios.items():
        one = entry.value
        same = seen.setdefault((normalized_oficio(number), one.fecha.year), number)
        if same != number:
            problems.add(
                entry.source, "oficio-repetido",
                f"«{number}» y «{same}» son el mismo oficio escrito de dos maneras.",
                "Deje uno, tal como está en la carta, y corrija las cuentas que nombran al otro.",
            )  # fmt: skip
        if one.recibido < one.fecha:
            problems.add(entry.at("recibido"), "fecha", f"«{number}» se recibió antes de su fecha.",
                         "Revise las dos fechas en el acuse.")  # fmt: skip
        for name, day in (("fecha", one.fecha), ("recibido", one.recibido)):
            if not EARLIEST <= day <= today:
                when = "todavía no llega" if day > today else "es demasiado antigua"
                problems.add(entry.at(name), "fecha", f"En «{number}», «{name}» ({day}) {when}.",
                             "Revise el año, el mes y el día.")  # fmt: skip
        if agency.lacks("enlaces", one.enlace):
            people = ", ".join(sorted(agency.enlaces)) or "todavía ninguno: declárelo en «enlaces»"
            problems.add(
                entry.at("enlace"), "no-es-enlace",
                f"«{one.enlace}» no es enlace de {siglas}.",
                f"El trámite lo lleva el enlace (PSDT-08, política P3); los de {siglas} son: {people}.",
            )  # fmt: skip
        if pattern and not re.fullmatch(pattern, number):
            problems.warn(entry.source, "oficio-patron", f"«{number}» no tiene la forma usual de {siglas}.",
                          "Compárelo con la carta; si así viene, déjelo.")  # fmt: skip


def _oficio_of(agency: AgencyRead, key: str, entry: Read[CuentaYaml], problems: Problems) -> None:
    for name, said in (("alta", "La alta"), ("baja", "La baja"), ("cambio", "El cambio")):
        number = getattr(entry.value, name)
        if number is None or not agency.lacks("oficios", number):
            continue
        near = difflib.get_close_matches(number, list(agency.oficios), n=1)
        hint = f"¿Es «{near[0]}»? Si no, decláre" if near else "Decláre"
        problems.add(
            entry.at(name), "oficio-no-declarado",
            f"{said} de «{key}» nombra el oficio «{number}», que no está en «oficios» de "
            f"{agency.dependencia.siglas}.",
            f"{hint}lo ahí con su fecha, cuándo se recibió y su enlace.",
        )  # fmt: skip


def _dates(agency: AgencyRead, key: str, entry: Read[CuentaYaml], today: date, problems: Problems) -> None:
    one = entry.value
    alta = agency.oficios.get(one.alta)
    baja = agency.oficios.get(one.baja) if one.baja else None
    if alta and baja and (one.alta == one.baja or baja.value.recibido < alta.value.fecha):
        problems.add(entry.at("baja"), "fecha", f"La baja de «{key}» es de un oficio anterior a su alta, o el mismo.",
                     "Ponga en «baja» el oficio que pide la baja.")  # fmt: skip
    if one.vigencia and alta and one.vigencia < alta.value.fecha:
        problems.add(entry.at("vigencia"), "fecha", f"La vigencia de «{key}» termina antes de su alta.",
                     "Revise el año.")  # fmt: skip
    elif one.vigencia and one.vigencia < today and not one.baja:
        problems.warn(
            entry.at("vigencia"), "vencida", f"«{key}» venció el {one.vigencia} y sigue en servicio.",
            "Pida su baja o su prórroga con un oficio; cuentas no la da de baja por su cuenta.",
        )  # fmt: skip
    if one.conservar_hasta and alta and one.conservar_hasta < alta.value.fecha:
        problems.add(entry.at("conservar_hasta"), "fecha", f"«conservar_hasta» de «{key}» es anterior a su alta.",
                     "Revise el año.")  # fmt: skip


def _responsable(key: str, entry: Read[CuentaYaml], people: dict[str, Read[CuentaYaml]], problems: Problems) -> None:
    name = entry.value.responsable
    if name is None:
        return
    there = people.get(name)
    if name == key or there is None or there.value.tipo is not Tipo.PERSONAL:
        reason = "no es una cuenta personal declarada"
    elif there.value.baja and not entry.value.baja:
        reason = "está de baja"
    else:
        return
    problems.add(entry.at("responsable"), "responsable", f"El responsable de «{key}», «{name}», {reason}.",
                 "Ponga la clave de la persona que hoy la cuida.")  # fmt: skip


def _contents(key: str, entry: Read[CuentaYaml], config: Config, problems: Problems) -> None:
    for alias in entry.value.alias or ():
        _alias(key, alias, entry, config, problems)
    phone = entry.value.telefono
    if phone and config.telefonos and not _institutional(phone, config.telefonos):
        problems.add(
            entry.at("telefono"), "dato-personal", f"El teléfono de «{key}» no es de los institucionales.",
            f"Empiezan con {', '.join(config.telefonos)} (cuentas.yaml, «telefonos»).",
        )  # fmt: skip
    usual = len(key) <= LOGON_LENGTH or entry.value.usuario_ad
    if not usual:
        problems.warn(
            entry.source, "usuario-recortado",
            f"«{key}» pasa de {LOGON_LENGTH} caracteres: su inicio de sesión será «{derived_logon(key)}».",
            "Si prefiere otro, declare «usuario_ad:».",
        )  # fmt: skip


def _interested(agency: AgencyRead, key: str, entry: Read[CuentaYaml], config: Config, problems: Problems) -> None:
    address = entry.value.avisar_a
    if address is None:
        return
    if address.partition("@")[2] not in config.dominios:
        problems.add(
            entry.at("avisar_a"), "correo-ajeno",
            f"La dirección de «avisar_a» de «{key}» no es institucional: {address}.",
            f"Debe ser de {', '.join(config.dominios)}.",
        )  # fmt: skip
    elif address in _own(agency, key, entry):
        problems.add(
            entry.at("avisar_a"), "a-si-misma",
            f"«avisar_a» de «{key}» es una dirección de la propia cuenta.",
            "Ponga otra, que la parte interesada ya pueda leer, o quite el renglón.",
        )  # fmt: skip


def _to_itself(agency: AgencyRead, key: str, entry: Read[CuentaYaml], problems: Problems) -> None:
    """Refuse a sheet that is mailed to an enlace at the very account that it opens."""
    delivery, oficio = entry.value.entrega, agency.oficios.get(entry.value.alta)
    if delivery is None or delivery.medio != "correo" or delivery.a != "enlace" or oficio is None:
        return
    enlace = agency.enlaces.get(oficio.value.enlace)
    if enlace and enlace.value.correo in _own(agency, key, entry):
        problems.add(
            entry.at("entrega"), "a-si-misma",
            f"La hoja de «{key}» se enviaría a la propia cuenta, que es la de su enlace.",
            "Entréguela impresa, o que lleve el oficio otro enlace.",
        )  # fmt: skip


def _own(agency: AgencyRead, key: str, entry: Read[CuentaYaml]) -> set[str]:
    """Return every address that an entry gives its account."""
    domain = agency.dependencia.domain
    return {f"{key}@{domain}", *aliases_of(domain, entry.value)}


def _alias(key: str, alias: str, entry: Read[CuentaYaml], config: Config, problems: Problems) -> None:
    local, _, domain = alias.partition("@")
    if not re.fullmatch(r"[a-z0-9]+([._-][a-z0-9]+)*", local) or domain not in config.dominios:
        problems.add(
            entry.at("alias"), "alias", f"El alias «{alias}» de «{key}» no sirve.",
            f"Es una dirección completa, en minúsculas y de {', '.join(config.dominios)}.",
        )  # fmt: skip


def _institutional(phone: str, prefixes: tuple[str, ...]) -> bool:
    digits = re.sub(r"\D", "", phone)
    return any(digits.startswith(re.sub(r"\D", "", prefix)) for prefix in prefixes)
