"""Names that Active Directory itself does not keep unique, or too long for it: checked before they are written.

Neither Windows nor Samba refuses two objects with one SMTP address, and Samba takes a logon name of any length.
"""

from __future__ import annotations

from collections.abc import Iterable

from ldap3.utils.conv import escape_filter_chars

from reconciler.directory.session import Session
from reconciler.errors import TargetRejectedError
from reconciler.model import LOGON_LENGTH


def check_logon(session: Session, root: str, logon: str, own: str | None) -> None:
    """Refuse a logon name that is too long, or that an object other than `own` (a GUID) has."""
    if len(logon) > LOGON_LENGTH:
        raise TargetRejectedError(f"«{logon}» pasa de {LOGON_LENGTH} caracteres.", remedy="Declare «usuario_ad:».")
    holder = _holder(session, root, [f"(sAMAccountName={escape_filter_chars(logon)})"], own)
    if holder:
        raise TargetRejectedError(
            f"El inicio de sesión «{logon}» ya es de {holder}.", remedy="Declare «usuario_ad:»."
        )


def check_addresses(session: Session, root: str, addresses: Iterable[str], own: str | None) -> None:
    """Refuse addresses that an object other than `own` has, as primary, as logon name or as a further one."""
    wanted = list(addresses)
    conditions = [
        f"({name}={prefix}{escape_filter_chars(address)})"
        for address in wanted
        for name, prefix in (("mail", ""), ("userPrincipalName", ""), ("proxyAddresses", "smtp:"))
    ]
    holder = _holder(session, root, conditions, own) if wanted else None
    if holder:
        listed = ", ".join(wanted)
        raise TargetRejectedError(f"La dirección {listed} ya es de {holder}.", remedy="Elija otra dirección.")


def _holder(session: Session, root: str, conditions: Iterable[str], own: str | None) -> str | None:
    found = session.search(root, f"(|{''.join(conditions)})", ["objectGUID"])
    return next((entry.dn for entry in found if entry.guid != own), None)
