"""Mailboxes of the embedded target: one for each account, kept apart when it is disconnected."""

from __future__ import annotations

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
        """Give the account a mailbox; one that was taken off it before is not reused."""
        with self._store.writing() as db:
            row = owned(db, handle)
            if row["conectado"]:
                raise changed(row, "ya tiene buzón")
            db.execute("UPDATE buzones SET guid = NULL WHERE guid = ?", (handle.guid,))
            db.execute(
                "INSERT INTO buzones (buzon, guid, cuota_mb, oculto, recibe) VALUES (?, ?, ?, ?, ?)",
                (str(uuid.uuid4()), handle.guid, mailbox.quota_mb, mailbox.hidden, mailbox.accepts_mail),
            )

    def update_mailbox(self, handle: Handle, fields: tuple[FieldChange, ...]) -> None:
        """Change mailbox settings from exactly their old values to the new ones."""
        with self._store.writing() as db:
            row = owned(db, handle)
            if not row["conectado"]:
                raise changed(row, "ya no tiene buzón")
            there = Mailbox(quota_mb=row["cuota_mb"], hidden=bool(row["oculto"]), accepts_mail=bool(row["recibe"]))
            for change in fields:
                if getattr(there, change.name) != change.old:
                    raise changed(row, f"«{change.name}» de su buzón ya no tiene el valor que se leyó")
                column = rows.MAILBOX_COLUMNS[change.name]
                query = f"UPDATE buzones SET {column} = ? WHERE guid = ?"  # noqa: S608 -- our own column
                db.execute(query, (change.new, handle.guid))

    def disconnect_mailbox(self, handle: Handle) -> None:
        """Take the mailbox off the account and keep it apart."""
        with self._store.writing() as db:
            row = owned(db, handle)
            if not row["conectado"]:
                raise changed(row, "ya no tiene buzón")
            db.execute("UPDATE buzones SET conectado = 0 WHERE guid = ?", (handle.guid,))

    def reconnect_mailbox(self, handle: Handle, mailbox: Mailbox) -> None:
        """Give the account back the mailbox that was taken off it, with the settings wanted now."""
        with self._store.writing() as db:
            row = owned(db, handle)
            if row["conectado"]:
                raise changed(row, "ya tiene buzón")
            done = db.execute(
                "UPDATE buzones SET conectado = 1, cuota_mb = ?, oculto = ?, recibe = ? WHERE guid = ?",
                (mailbox.quota_mb, mailbox.hidden, mailbox.accepts_mail, handle.guid),
            )
            if done.rowcount == 0:
                raise rejected(f"{handle.place} no tiene un buzón desconectado que reconectar.")
