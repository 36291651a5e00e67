"""The embedded target's attribute table: what column holds each field, for reading and for writing."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Collection

from reconciler.model import Account, AccountKey, Handle, Mailbox, MailboxKind, Occupant, Siglas, Status, Tipo

COLUMNS = {
    "logon": "usuario",
    "address": "correo",
    "display_name": "nombre_visible",
    "given_name": "nombre",
    "surname": "apellidos",
    "title": "puesto",
    "area": "area",
    "organization": "organizacion",
    "phone": "telefono",
    "tipo": "tipo",
}
"""Field of `Account` -> column of `objetos` with the same text; an absent value is NULL."""

MAILBOX_COLUMNS = {
    "kind": "clase_buzon", "quota_mb": "cuota_mb", "hidden": "oculto", "accepts_mail": "recibe", "held": "retenido",
}  # fmt: skip
"""Field of `Mailbox` -> column of `buzones`."""

OBJECTS = """
SELECT o.*, r.marca AS clave_responsable, b.conectado, b.clase_buzon, b.cuota_mb, b.oculto, b.recibe, b.retenido,
    b.buzon, g.buzon AS buzon_guardado
FROM objetos AS o
LEFT JOIN objetos AS r ON r.guid = o.responsable
LEFT JOIN buzones AS b ON b.guid = o.guid AND b.conectado
LEFT JOIN buzones AS g ON g.guid = o.guid AND NOT g.conectado
"""

# A first password is long, random and short-lived, so a cheap scrypt is enough; 10,000 of them take seconds.
_SCRYPT_N = 1024


def to_handle(row: sqlite3.Row) -> Handle:
    """Return the handle of a row of `OBJECTS`."""
    owner = row["marca"]
    return Handle(
        guid=row["guid"],
        place="/".join(part for part in ("embebido", row["contenedor"], row["cn"]) if part),
        owner=None if owner is None else AccountKey(owner),
        unfinished=row["etapa"] == "creacion",
        protected=row["protegido"],
        mailbox=row["buzon"],
        kept_mailbox=row["buzon_guardado"],
    )


def to_account(row: sqlite3.Row, aliases: Collection[str]) -> Account:
    """Return the account that a row of `OBJECTS` describes; a foreign one gets the key it would have.

    That key is the local part of its address or, without one, its logon.
    """
    address, logon = (row["correo"] or "").lower(), row["usuario"] or ""
    responsable = row["clave_responsable"]
    return Account(
        key=AccountKey(row["marca"] or address.partition("@")[0] or logon.lower()),
        dependencia=Siglas(row["contenedor"] or ""),
        organization=row["organizacion"] or "",
        tipo=Tipo(row["tipo"]) if row["tipo"] in set(Tipo) else Tipo.PERSONAL,
        logon=logon,
        address=address,
        display_name=row["nombre_visible"] or "",
        given_name=row["nombre"],
        surname=row["apellidos"],
        title=row["puesto"],
        area=row["area"],
        phone=row["telefono"],
        responsable=None if responsable is None else AccountKey(responsable),
        status=Status.RETIRED if row["estado"] == "baja" else Status.ACTIVE,
        logon_enabled=bool(row["habilitado"]),
        aliases=tuple(sorted(alias.lower() for alias in aliases)),
        mailbox=to_mailbox(row),
    )


def to_mailbox(row: sqlite3.Row) -> Mailbox | None:
    """Return the mailbox of a row of `OBJECTS`, None where none is connected."""
    if row["conectado"] is None:
        return None
    return Mailbox(
        kind=MailboxKind(row["clase_buzon"]),
        quota_mb=row["cuota_mb"],
        hidden=bool(row["oculto"]),
        accepts_mail=bool(row["recibe"]),
        held=bool(row["retenido"]),
    )


def to_occupant(row: sqlite3.Row, aliases: Collection[str]) -> Occupant:
    """Return a row without our mark as what it occupies."""
    addresses = {alias.lower() for alias in aliases}
    addresses |= {row[name].lower() for name in ("correo", "upn") if row[name]}
    user = row["clase"] == "usuario"
    return Occupant(
        handle=to_handle(row),
        logon=row["usuario"],
        addresses=frozenset(addresses),
        account=to_account(row, aliases) if user else None,
    )


def hashed(password: str) -> str:
    """Return a salted scrypt hash (RFC 7914) of a password, as `sal$resumen` in hexadecimal."""
    salt = os.urandom(16)
    return f"{salt.hex()}${_scrypt(password, salt).hex()}"


def matches(stored: str, password: str) -> bool:
    """Say whether a password is the one that `hashed` was given."""
    salt, _, digest = stored.partition("$")
    return _scrypt(password, bytes.fromhex(salt)).hex() == digest


def _scrypt(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=_SCRYPT_N, r=8, p=1)
