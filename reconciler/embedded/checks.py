"""What the embedded target refuses, and the small writes that its primitives share."""

from __future__ import annotations

import sqlite3

from reconciler.embedded import rows
from reconciler.errors import ChangedMeanwhileError, TargetRejectedError
from reconciler.model import LOGON_LENGTH, AccountKey, Handle, Siglas
from reconciler.plan import FieldChange


def changed(row: sqlite3.Row, what: str) -> ChangedMeanwhileError:
    """Return the error for an object that is no longer as it was read."""
    return ChangedMeanwhileError(
        f"{rows.to_handle(row).place}: {what}; no se cambió nada.",
        remedy="Alguien más lo cambió: vuelva a correr «cuentas plan».",
    )


def rejected(message: str, remedy: str = "Corrija la declaración.") -> TargetRejectedError:
    """Return the error for a value that the directory does not take."""
    return TargetRejectedError(message, remedy=remedy)


def writable(db: sqlite3.Connection, handle: Handle) -> sqlite3.Row:
    """Return the row of an object that may be written to: there, and not protected."""
    row: sqlite3.Row | None = db.execute(rows.OBJECTS + "WHERE o.guid = ?", (handle.guid,)).fetchone()
    if row is None:
        raise ChangedMeanwhileError(
            f"{handle.place} ya no existe.", remedy="Alguien lo borró: vuelva a correr «cuentas plan»."
        )
    if row["protegido"]:
        raise rejected(f"{handle.place} no se toca: {row['protegido']}.")
    return row


def owned(db: sqlite3.Connection, handle: Handle) -> sqlite3.Row:
    """Return the row of an account of ours that may be written to."""
    row = writable(db, handle)
    if row["marca"] is None:
        raise changed(row, "ya no lleva la marca de cuentas")
    return row


def check_key(db: sqlite3.Connection, key: AccountKey) -> None:
    """Refuse a key that another object is already marked with."""
    taken = db.execute("SELECT cn FROM objetos WHERE marca = ?", (key,)).fetchone()
    if taken:
        raise rejected(f"Ya hay un objeto marcado como «{key}».", "Vuelva a correr «cuentas plan».")


def check_logon(db: sqlite3.Connection, logon: str, guid: str) -> None:
    """Refuse a logon that is too long or that another object has, whatever its case."""
    if len(logon) > LOGON_LENGTH:
        raise rejected(f"«{logon}» pasa de {LOGON_LENGTH} caracteres.", "Declare «usuario_ad:».")
    if db.execute("SELECT 1 FROM objetos WHERE usuario = ? AND guid <> ?", (logon, guid)).fetchone():
        raise rejected(f"El inicio de sesión «{logon}» ya es de otro objeto.", "Declare «usuario_ad:».")


def check_address(db: sqlite3.Connection, address: str, guid: str) -> None:
    """Refuse an address that another object has, as primary, as logon name or as a further one."""
    taken = db.execute(
        "SELECT 1 FROM objetos WHERE guid <> :guid AND (correo = :address OR upn = :address)"
        " UNION SELECT 1 FROM direcciones WHERE guid <> :guid AND direccion = :address",
        {"guid": guid, "address": address},
    ).fetchone()
    if taken:
        raise rejected(f"La dirección «{address}» ya es de otro objeto.", "Elija otra dirección.")


def check_place(db: sqlite3.Connection, siglas: Siglas | None, cn: str) -> None:
    """Refuse a common name that another object of the container has."""
    query = "SELECT 1 FROM objetos WHERE contenedor IS ? AND cn = ?"
    if db.execute(query, (siglas, cn)).fetchone():
        raise rejected(f"En «{siglas}» ya hay un objeto llamado «{cn}».", "Vuelva a correr «cuentas plan».")


def check_password(row: sqlite3.Row, *, enable: bool) -> None:
    """Refuse to allow logon to an account that never got a password, as Windows does."""
    if enable and row["contrasena"] is None:
        raise rejected(f"«{row['usuario']}» no tiene contraseña: no se habilita.", "Vuelva a aplicar.")


def make_container(db: sqlite3.Connection, siglas: Siglas) -> None:
    """Make a dependencia's container where it is missing."""
    db.execute("INSERT OR IGNORE INTO contenedores (siglas) VALUES (?)", (siglas,))


def guid_of(db: sqlite3.Connection, key: AccountKey) -> str:
    """Return the identity of an account of ours by its key."""
    row = db.execute("SELECT guid FROM objetos WHERE marca = ?", (key,)).fetchone()
    if row is None:
        raise rejected(f"El responsable «{key}» no está en el directorio.", "Aplique primero su alta.")
    return str(row["guid"])


def aliases_of(db: sqlite3.Connection, guid: str) -> list[str]:
    """Return an object's further SMTP addresses."""
    query = "SELECT direccion FROM direcciones WHERE guid = ? AND clase = 'smtp'"
    return [str(row["direccion"]) for row in db.execute(query, (guid,))]


def add_aliases(db: sqlite3.Connection, guid: str, aliases: tuple[str, ...]) -> None:
    """Add further SMTP addresses."""
    db.executemany("INSERT INTO direcciones (guid, direccion) VALUES (?, ?)", [(guid, one) for one in aliases])


def assign(db: sqlite3.Connection, guid: str, **values: str | int | None) -> None:
    """Write columns of one object."""
    columns = ", ".join(f"{name} = ?" for name in values)
    query = f"UPDATE objetos SET {columns} WHERE guid = ?"  # noqa: S608 -- names from our own code
    db.execute(query, (*values.values(), guid))


def write(db: sqlite3.Connection, row: sqlite3.Row, change: FieldChange) -> None:
    """Write one field of an account, checking what the directory would check."""
    guid, new = row["guid"], change.new
    match change.name:
        case "logon_enabled":
            check_password(row, enable=bool(new))
            assign(db, guid, habilitado=int(bool(new)))
        case "responsable":
            assign(db, guid, responsable=None if new is None else guid_of(db, AccountKey(str(new))))
        case "logon":
            check_logon(db, str(new), guid)
            assign(db, guid, usuario=str(new))
        case "address":
            check_address(db, str(new), guid)
            assign(db, guid, correo=str(new), upn=str(new))
        case name:
            assign(db, guid, **{rows.COLUMNS[name]: new or None})
