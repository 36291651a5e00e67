"""From changes of fields to changes of attributes, once the object is known to hold the old values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from reconciler.directory import attributes as table
from reconciler.directory.entry import Entry
from reconciler.directory.mailbox_state import mailbox_of
from reconciler.directory.mark import Mark
from reconciler.directory.modification import Modification
from reconciler.errors import ChangedMeanwhileError, TargetRejectedError
from reconciler.model import Account, AccountKey, Tipo
from reconciler.plan import FieldChange

ACCEPTED = (*table.TEXTS, "tipo", "address", "responsable", "logon_enabled")
"""The fields that an update may change."""


def field_changes(
    entry: Entry,
    mark: Mark,
    there: Account,
    fields: Iterable[FieldChange],
    dn_of: Callable[[AccountKey], str],
    *,
    with_exchange: bool,
) -> Modification:
    """Return the modify that takes fields from their old values to the new ones.

    `there` is the account as `entry` shows it; `dn_of` says where an account named by its key is. Where there is an
    Exchange, an address is also among the proxy addresses: it knows no other that is taken.

    Raises:
        ChangedMeanwhileError: a field no longer holds its old value.
        TargetRejectedError: it is no field that is changed this way.

    """
    modification = Modification(entry)
    for change in fields:
        if change.name not in ACCEPTED:
            raise TargetRejectedError(
                f"El campo «{change.name}» no se cambia como atributo.", remedy="Es un defecto de cuentas: repórtelo."
            )
        if (getattr(there, change.name) or None) != (change.old or None):
            raise ChangedMeanwhileError(
                f"{entry.dn}: «{change.name}» ya no tiene el valor que se leyó; no se cambió nada.",
                remedy="Alguien más lo cambió: vuelva a correr «cuentas plan».",
            )
        if change.name == "address":
            _write_address(modification, entry, str(change.new), with_exchange=with_exchange)
        else:
            _write(modification, mark, change, dn_of)
    return modification


def _write(modification: Modification, mark: Mark, change: FieldChange, dn_of: Callable[[AccountKey], str]) -> None:
    new = None if change.new is None else str(change.new)
    match change.name:
        case "tipo":
            modification.mark(replace(mark, tipo=Tipo(str(new))))
        case "responsable":
            modification.swap(table.MANAGER, dn_of(AccountKey(new)).encode() if new else None)
        case "logon_enabled":
            modification.allow_logon(allowed=bool(change.new))
        case name:
            modification.swap(table.TEXTS[name], new.encode() if new else None)


def _write_address(modification: Modification, entry: Entry, address: str, *, with_exchange: bool) -> None:
    """Change `mail` and the primary proxy; the logon name that was equal to the address stays equal to it.

    Where there is a mailbox its addresses are Exchange's to write, and only the logon name follows here.
    """
    former = entry.text(table.MAIL)
    if former and (entry.text(table.UPN) or "").lower() == former.lower():
        modification.swap(table.UPN, address.encode())
    if mailbox_of(entry):
        return
    modification.swap(table.MAIL, address.encode())
    values = table.smtp_values(entry)
    if values or with_exchange:
        leaves = [raw for value, raw in values if raw.startswith(b"SMTP:") or value == address]
        modification.change(table.PROXIES, leaves, [table.as_primary(address)])
