"""From an entry to the account that is wanted."""

from __future__ import annotations

from typing import assert_never

from reconciler.declaration.agencies import AgencyRead
from reconciler.declaration.models import CuentaYaml
from reconciler.declaration.reading import Read
from reconciler.model import (
    Account,
    AccountKey,
    Addressee,
    Declared,
    Delivery,
    Mailbox,
    MailboxKind,
    Status,
    Tipo,
    derived_logon,
)


def declared(agency: AgencyRead, key: str, read: Read[CuentaYaml]) -> Declared:
    """Return what an entry declares; it has passed every rule."""
    entry = read.value
    return Declared(
        account=_account(agency, key, entry),
        alta=entry.alta,
        source=read.source,
        baja=entry.baja,
        change=entry.cambio,
        adopt=entry.existente,
        previous=None if entry.renombra is None else AccountKey(entry.renombra),
        hold_until=entry.conservar_hasta,
        expires=entry.vigencia,
        delivery=_delivery(entry),
        interested=entry.avisar_a,
    )


def _delivery(entry: CuentaYaml) -> Delivery | None:
    asked = entry.entrega
    if asked is None or asked.medio == "impresa" or asked.motivo is None:
        return None
    return Delivery(Addressee(asked.a), asked.motivo)


def logon_of(key: str, entry: CuentaYaml) -> str:
    """Return the sAMAccountName that an entry wants: the one it names, or the one its key gives."""
    return entry.usuario_ad or derived_logon(key)


def aliases_of(domain: str, entry: CuentaYaml) -> tuple[str, ...]:
    """Return the further addresses that an entry wants, its former address included."""
    former = () if entry.renombra is None else (f"{entry.renombra}@{domain}",)
    return tuple(sorted({address.lower() for address in entry.alias or ()} | set(former)))


def _account(agency: AgencyRead, key: str, entry: CuentaYaml) -> Account:
    there = agency.dependencia
    active = entry.baja is None
    personal = entry.tipo is Tipo.PERSONAL
    return Account(
        key=AccountKey(key),
        dependencia=there.siglas,
        organization=there.name,
        tipo=entry.tipo,
        logon=logon_of(key, entry),
        address=f"{key}@{there.domain}",
        display_name=f"{entry.nombre} {entry.apellidos}" if entry.apellidos else entry.nombre,
        given_name=entry.nombre if personal else None,
        surname=entry.apellidos,
        title=entry.puesto,
        area=entry.area,
        phone=entry.telefono,
        responsable=None if entry.responsable is None else AccountKey(entry.responsable),
        status=Status.ACTIVE if active else Status.RETIRED,
        logon_enabled=active and personal,
        aliases=aliases_of(there.domain, entry),
        mailbox=Mailbox(kind=_kind(entry), quota_mb=entry.cuota_mb, hidden=not active, accepts_mail=active),
    )


def _kind(entry: CuentaYaml) -> MailboxKind:
    match entry.tipo:
        case Tipo.PERSONAL:
            return MailboxKind.USER
        case Tipo.COMPARTIDA:
            return MailboxKind.SHARED
        case Tipo.RECURSO:
            return MailboxKind.EQUIPMENT if entry.recurso == "equipo" else MailboxKind.ROOM
        case _:
            assert_never(entry.tipo)
