"""The embedded target itself: every primitive of the engine's `Target` as one SQLite transaction."""

from __future__ import annotations

import sqlite3
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import SecretStr

from reconciler.embedded import rows
from reconciler.embedded.checks import (
    add_aliases,
    aliases_of,
    assign,
    changed,
    check_address,
    check_key,
    check_logon,
    check_password,
    check_place,
    guid_of,
    make_container,
    owned,
    rejected,
    writable,
    write,
)
from reconciler.embedded.mailboxes import Mailboxes
from reconciler.embedded.store import CANARY, Store
from reconciler.model import Account, AccountKey, Handle, Observed, Reading, Siglas
from reconciler.plan import FieldChange


class EmbeddedTarget(Mailboxes):
    """Directory and mailboxes in one SQLite file, made with its canary where it is missing.

    Names and addresses are unique whatever their case, as in Active Directory. Raises only TargetErrors.
    """

    def __init__(self, path: Path) -> None:
        self._store = Store(path)
        self._path = path

    def read(self) -> Reading:
        """Read everything in one transaction."""
        with self._store.reading() as db:
            found = db.execute(rows.OBJECTS).fetchall()
            aliases = defaultdict[str, list[str]](list)
            for row in db.execute("SELECT guid, direccion FROM direcciones WHERE clase = 'smtp'"):
                aliases[row["guid"]].append(row["direccion"])
        ours = defaultdict[AccountKey, list[Observed]](list)
        others = []
        for row in found:
            if row["marca"] is None:
                others.append(rows.to_occupant(row, aliases[row["guid"]]))
            else:
                seen = Observed(rows.to_account(row, aliases[row["guid"]]), rows.to_handle(row))
                ours[seen.account.key].append(seen)
        return Reading(
            server=f"embebido:{self._path.name}",
            accounts={key: seen[0] for key, seen in ours.items() if len(seen) == 1},
            others=tuple(others),
            claims={key: tuple(one.handle for one in seen) for key, seen in ours.items() if len(seen) > 1},
            objects=len(found),
            canary_seen=any(row["usuario"] == CANARY for row in found),
            reads_mailboxes=True,
        )

    def lookup(self, guid: str) -> Observed | None:
        """Read one of our objects again; None when it is not there or does not carry our mark."""
        with self._store.reading() as db:
            row = db.execute(rows.OBJECTS + "WHERE o.guid = ?", (guid,)).fetchone()
            if row is None or row["marca"] is None:
                return None
            return Observed(rows.to_account(row, aliases_of(db, guid)), rows.to_handle(row))

    def create(self, account: Account) -> Handle:
        """Create the account disabled, marked as ours and as unfinished."""
        guid = str(uuid.uuid4())
        values = {column: getattr(account, field) or None for field, column in rows.COLUMNS.items()}
        with self._store.writing() as db:
            check_key(db, account.key)
            check_logon(db, account.logon, guid)
            for address in (account.address, *account.aliases):
                check_address(db, address, guid)
            make_container(db, account.dependencia)
            check_place(db, account.dependencia, account.key)
            values |= {
                "guid": guid, "contenedor": account.dependencia, "cn": account.key, "marca": account.key,
                "etapa": "creacion", "upn": account.address,
                "responsable": None if account.responsable is None else guid_of(db, account.responsable),
            }  # fmt: skip
            marks = ", ".join("?" * len(values))
            db.execute(
                f"INSERT INTO objetos ({', '.join(values)}) VALUES ({marks})",  # noqa: S608 our own columns
                tuple(values.values()),
            )
            add_aliases(db, guid, account.aliases)
            row = db.execute(rows.OBJECTS + "WHERE o.guid = ?", (guid,)).fetchone()
            return rows.to_handle(row)

    def set_first_password(self, handle: Handle, password: SecretStr) -> None:
        """Keep a salted hash of a password that has to be changed at the next logon."""
        secret = rows.hashed(password.get_secret_value())
        with self._store.writing() as db:
            owned(db, handle)
            assign(db, handle.guid, contrasena=secret, debe_cambiarla=1)

    def finish(self, handle: Handle, account: Account) -> None:
        """End a creation: allow logon where the account has one, and drop the unfinished mark.

        Raises:
            TargetRejectedError: logon is to be allowed and no password was ever set.

        """
        with self._store.writing() as db:
            row = owned(db, handle)
            if row["etapa"] != "creacion":
                raise changed(row, "su creación ya estaba terminada")
            check_password(row, enable=account.logon_enabled)
            assign(db, handle.guid, etapa=None, habilitado=int(account.logon_enabled))

    def adopt(self, handle: Handle, key: AccountKey) -> None:
        """Put our mark on an account that exists, and change nothing else."""
        with self._store.writing() as db:
            row = writable(db, handle)
            if row["marca"] is not None:
                raise changed(row, "ya lleva la marca de cuentas")
            check_key(db, key)
            assign(db, handle.guid, marca=key)

    def rename(self, handle: Handle, key: AccountKey, fields: tuple[FieldChange, ...]) -> None:
        """Give the object its new key, logon, address and mark in one step."""
        with self._store.writing() as db:
            row = owned(db, handle)
            check_key(db, key)
            if row["cn"] == row["marca"]:
                check_place(db, row["contenedor"], key)
                assign(db, handle.guid, cn=key)
            assign(db, handle.guid, marca=key)
            self._change(db, row, fields)

    def move(self, handle: Handle, to: Siglas) -> None:
        """Move the object to another dependencia's container, made where it is missing."""
        with self._store.writing() as db:
            row = owned(db, handle)
            make_container(db, to)
            check_place(db, to, row["cn"])
            assign(db, handle.guid, contenedor=to)

    def update(self, handle: Handle, fields: tuple[FieldChange, ...]) -> None:
        """Change attributes from exactly their old values to the new ones, all or none."""
        with self._store.writing() as db:
            self._change(db, owned(db, handle), fields)

    def _change(self, db: sqlite3.Connection, row: sqlite3.Row, fields: Iterable[FieldChange]) -> None:
        account = rows.to_account(row, ())
        for change in fields:
            if change.name not in {*rows.COLUMNS, "responsable", "logon_enabled"}:
                raise rejected(
                    f"El campo «{change.name}» no se cambia como atributo.",
                    "Es un defecto de cuentas: repórtelo.",
                )
            if (getattr(account, change.name) or None) != (change.old or None):
                raise changed(row, f"«{change.name}» ya no tiene el valor que se leyó")
            write(db, row, change)

    def change_aliases(self, handle: Handle, added: tuple[str, ...], removed: tuple[str, ...]) -> None:
        """Add and remove further addresses; other kinds of address stay as they are."""
        with self._store.writing() as db:
            row = owned(db, handle)
            self._drop_aliases(db, row, removed)
            present = {alias.lower() for alias in aliases_of(db, handle.guid)}
            for alias in added:
                if alias.lower() in present:
                    raise changed(row, f"ya tiene la dirección «{alias}»")
                check_address(db, alias, handle.guid)
            add_aliases(db, handle.guid, added)

    def _drop_aliases(self, db: sqlite3.Connection, row: sqlite3.Row, removed: Iterable[str]) -> None:
        for alias in removed:
            gone = db.execute(
                "DELETE FROM direcciones WHERE guid = ? AND clase = 'smtp' AND direccion = ?",
                (row["guid"], alias),
            )
            if gone.rowcount == 0:
                raise changed(row, f"ya no tiene la dirección «{alias}»")

    def disable(self, handle: Handle) -> None:
        """Give baja: no logon, and the mark says so, in one step."""
        with self._store.writing() as db:
            row = owned(db, handle)
            if row["estado"] == "baja" and not row["habilitado"]:
                raise changed(row, "ya estaba de baja")
            assign(db, handle.guid, habilitado=0, estado="baja", etapa=None)

    def reactivate(self, handle: Handle, account: Account) -> None:
        """Undo a baja: the mark says active, and logon is allowed where the account has one."""
        with self._store.writing() as db:
            row = owned(db, handle)
            if row["estado"] != "baja":
                raise changed(row, "ya no estaba de baja")
            check_password(row, enable=account.logon_enabled)
            assign(db, handle.guid, estado=None, habilitado=int(account.logon_enabled))

    def companions(self) -> Sequence[EmbeddedTarget]:
        """Return no more targets: the file has one writer at a time."""
        return ()

    def close(self) -> None:
        """Close the file; calling it again does nothing."""
        self._store.close()
