"""Mailboxes of the embedded target: one for each account, kept apart when it is disconnected."""

from __future__ import annotations

import sqlite3
import uuid

from reconciler.embedded import rows
from reconciler.embedded.checks import changed, owned, rejected
from reconciler.embedded.store import Store
from reconciler.model import Handle, Mailbox
from reconciler.plan import FieldChange


class Mailboxes:
    """The mailbox primitives of the engine's `Target`, each one transaction."""

    _store: Store

    def enable_mailbox(self, handle: Handle, mailbox: Mailbox) -> None:
        """Give the account a mailbox; not where one that was taken off it is waiting."""
        with self._store.writing() as db:
            row = owned(db, handle)
            if row["conectado"]:
                raise changed(row, "ya tiene buzón")
            if row["buzon_guardado"]:
                raise changed(row, "tiene un buzón desconectado")
            db.execute("INSERT INTO buzones (buzon, guid) VALUES (?, ?)", (str(uuid.uuid4()), handle.guid))
            _settle(db, handle, mailbox)

    def update_mailbox(self, handle: Handle, fields: tuple[FieldChange, ...]) -> None:
        """Change mailbox settings from exactly their old values to the new ones."""
        with self._store.writing() as db:
            row = owned(db, handle)
            there = rows.to_mailbox(row)
            if there is None:
                raise changed(row, "ya no tiene buzón")
            for change in fields:
                if getattr(there, change.name) != change.old:
                    raise changed(row, f"«{change.name}» de su buzón ya no tiene el valor que se leyó")
                column = rows.MAILBOX_COLUMNS[change.name]
                query = f"UPDATE buzones SET {column} = ? WHERE guid = ?"  # noqa: S608 -- our own column
                db.execute(query, (change.new, handle.guid))

    def answer_automatically(self, handle: Handle, text: str | None) -> None:
        """Answer whatever arrives with a text, or (None) no longer."""
        with self._store.writing() as db:
            row = owned(db, handle)
            if not row["conectado"]:
                raise changed(row, "ya no tiene buzón")
            db.execute("UPDATE buzones SET respuesta = ? WHERE guid = ?", (text, handle.guid))

    def disconnect_mailbox(self, handle: Handle) -> None:
        """Take the mailbox off the account and keep it apart."""
        with self._store.writing() as db:
            row = owned(db, handle)
            if not row["conectado"]:
                raise changed(row, "ya no tiene buzón")
            if row["retenido"]:
                raise rejected(
                    f"{handle.place}: su buzón está retenido por la ley.", "Espere a que la retención termine."
                )
            db.execute("UPDATE buzones SET conectado = 0 WHERE guid = ?", (handle.guid,))

    def reconnect_mailbox(self, handle: Handle, mailbox: Mailbox) -> None:
        """Give the account back the mailbox that was taken off it, with the settings wanted now and no answer."""
        with self._store.writing() as db:
            row = owned(db, handle)
            if row["conectado"]:
                raise changed(row, "ya tiene buzón")
            done = db.execute("UPDATE buzones SET conectado = 1, respuesta = NULL WHERE guid = ?", (handle.guid,))
            if done.rowcount == 0:
                raise rejected(f"{handle.place} no tiene un buzón desconectado que reconectar.")
            _settle(db, handle, mailbox)


def _settle(db: sqlite3.Connection, handle: Handle, mailbox: Mailbox) -> None:
    """Give a mailbox all its settings."""
    columns = ", ".join(f"{column} = ?" for column in rows.MAILBOX_COLUMNS.values())
    query = f"UPDATE buzones SET {columns} WHERE guid = ?"  # noqa: S608 -- our own columns
    db.execute(query, (*(getattr(mailbox, name) for name in rows.MAILBOX_COLUMNS), handle.guid))
