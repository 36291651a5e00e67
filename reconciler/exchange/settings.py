"""A mailbox's settings as parameters of Set-Mailbox and Set-RemoteMailbox."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.errors import TargetRejectedError
from reconciler.model import MailboxKind
from reconciler.plan import FieldValue

TYPES: Mapping[MailboxKind, str] = {
    MailboxKind.USER: "Regular",
    MailboxKind.SHARED: "Shared",
    MailboxKind.ROOM: "Room",
    MailboxKind.EQUIPMENT: "Equipment",
}
ONLY_HERE = frozenset({"quota_mb", "held"})
"""Fields of a remote mailbox that Exchange Online keeps: not managed from here."""

_WARN_AT = 0.9
_KB_PER_MB = 1024


def parameters_for(guid: str, values: Mapping[str, FieldValue], *, remote: bool) -> dict[str, Any]:
    """Return the parameters that give a mailbox these values (fields of `Mailbox`).

    Raises:
        TargetRejectedError: one of them is no setting of such a mailbox.

    """
    parameters: dict[str, Any] = {}
    for name, value in values.items():
        if remote and name in ONLY_HERE:
            raise _no_setting(name)
        parameters |= _of_one(name, value, guid)
    return parameters


def _of_one(name: str, value: FieldValue, guid: str) -> dict[str, Any]:
    match name:
        case "kind":
            return {"Type": TYPES[MailboxKind(str(value))]}
        case "quota_mb":
            return _quota(None if value is None else int(value))
        case "hidden":
            return {"HiddenFromAddressListsEnabled": bool(value)}
        case "accepts_mail":
            return {"AcceptMessagesOnlyFrom": None if value else [guid]}
        case "held":
            return {"LitigationHoldEnabled": bool(value)}
        case _:
            raise _no_setting(name)


def _quota(megabytes: int | None) -> dict[str, Any]:
    """Set the three limits together: Exchange wants warning <= send <= send and receive."""
    if megabytes is None:
        return {"UseDatabaseQuotaDefaults": True}
    limit = f"{megabytes}MB"
    return {
        "UseDatabaseQuotaDefaults": False,
        "IssueWarningQuota": f"{int(megabytes * _KB_PER_MB * _WARN_AT)}KB",
        "ProhibitSendQuota": limit,
        "ProhibitSendReceiveQuota": limit,
    }


def _no_setting(name: str) -> TargetRejectedError:
    return TargetRejectedError(
        f"«{name}» no es un ajuste de ese buzón que se administre desde aquí.",
        remedy="Es un defecto de cuentas: repórtelo.",
    )
