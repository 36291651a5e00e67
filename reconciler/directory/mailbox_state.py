"""What Active Directory says of an account's mailbox: read here, written only by Exchange's own cmdlets.

An account has a mailbox here, or in Exchange Online, or none; whatever is neither whole nor absent is broken, and is
reported and left alone. Values of msExchRecipientTypeDetails and of msExchELCMailboxFlags are those that Microsoft's
RecipientTypeDetails and ElcMailboxFlags enumerations give.
"""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Mapping

from reconciler.directory.entry import Entry
from reconciler.model import Mailbox, MailboxKind

GUID = "msExchMailboxGuid"
DATABASE = "homeMDB"
KIND = "msExchRecipientTypeDetails"
REMOTE_ADDRESS = "targetAddress"
SERVER = "msExchHomeServerName"
HIDDEN = "msExchHideFromAddressLists"
USES_DEFAULTS = "mDBUseDefaults"
SEND_QUOTA = "mDBOverQuotaLimit"
ALLOWED_SENDERS = "authOrig"
FLAGS = "msExchELCMailboxFlags"

READ = (
    GUID, DATABASE, KIND, REMOTE_ADDRESS, SERVER, HIDDEN, USES_DEFAULTS, SEND_QUOTA, ALLOWED_SENDERS, FLAGS,
)  # fmt: skip

_LITIGATION_HOLD = 8
_KIB_PER_MB = 1024
_HERE: Mapping[int, MailboxKind] = {
    1: MailboxKind.USER,
    2: MailboxKind.USER,  # linked to an account of another forest
    4: MailboxKind.SHARED,
    16: MailboxKind.ROOM,
    32: MailboxKind.EQUIPMENT,
}
_REMOTE: Mapping[int, MailboxKind] = {
    1 << 31: MailboxKind.USER,
    1 << 33: MailboxKind.ROOM,
    1 << 34: MailboxKind.EQUIPMENT,
    1 << 35: MailboxKind.SHARED,
}


def mailbox_of(entry: Entry) -> Mailbox | None:
    """Return an object's mailbox, None where it has none or a broken one."""
    kind = entry.number(KIND)
    if _is_remote(entry):
        return Mailbox(kind=_REMOTE[kind], hidden=_is_true(entry, HIDDEN), accepts_mail=_accepts(entry), remote=True)
    if not (entry.raw(GUID) and entry.raw(DATABASE) and kind in _HERE):
        return None
    default = _is_true(entry, USES_DEFAULTS) or not entry.raw(SEND_QUOTA)
    return Mailbox(
        kind=_HERE[kind],
        quota_mb=None if default else entry.number(SEND_QUOTA) // _KIB_PER_MB,
        hidden=_is_true(entry, HIDDEN),
        accepts_mail=_accepts(entry),
        held=bool(entry.number(FLAGS) & _LITIGATION_HOLD),
    )


def fault_of(entry: Entry) -> str | None:
    """Return, in Spanish, what is broken about an object's mailbox, or None."""
    if _is_remote(entry):
        return None
    guid, database = entry.raw(GUID), entry.raw(DATABASE)
    kind = entry.number(KIND)
    if guid and database:
        return None if kind in _HERE else f"es de una clase que cuentas no administra ({KIND} {kind})"
    if guid or database:
        return "tiene identificador y no base" if guid else "tiene base y no identificador"
    if entry.raw(SERVER):
        return f"le quedó un servidor de un buzón anterior ({SERVER})"
    if entry.raw(REMOTE_ADDRESS):
        return f"reenvía a otra organización ({REMOTE_ADDRESS})"
    return f"le quedó la clase de un buzón que no está ({KIND} {kind})" if kind else None


def identity_of(entry: Entry) -> str | None:
    """Return the GUID, as text, of the mailbox that an object has here; one in Exchange Online has none for us."""
    found = mailbox_of(entry)
    return str(uuid.UUID(bytes_le=entry.raw(GUID)[0])) if found and not found.remote else None


def routing_address(entry: Entry) -> str | None:
    """Return where mail for a mailbox in Exchange Online is sent on to, in lower case, None for any other.

    Exchange keeps it among the proxy addresses, too: it is the connection between both sides, and nobody's alias.
    """
    target = (entry.text(REMOTE_ADDRESS) or "").lower()
    return target.removeprefix("smtp:") if _is_remote(entry) else None


def _is_remote(entry: Entry) -> bool:
    return entry.number(KIND) in _REMOTE and bool(entry.raw(REMOTE_ADDRESS)) and not entry.raw(DATABASE)


def _is_true(entry: Entry, name: str) -> bool:
    return entry.text(name) == "TRUE"


def _accepts(entry: Entry) -> bool:
    """Tell whether anybody may write to it: a baja leaves only the mailbox itself among those who may."""
    senders = {sender.casefold() for sender in entry.texts(ALLOWED_SENDERS)}
    return senders != {unicodedata.normalize("NFC", entry.dn).casefold()}
