"""The attribute table: which attribute holds each field of an account, for reading and for writing."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from reconciler.directory import mailbox_state, mark, places
from reconciler.directory.entry import Entry
from reconciler.directory.mark import Mark
from reconciler.model import Account, AccountKey, Handle, Observed, Occupant, Status

TEXTS: Mapping[str, str] = {
    "logon": "sAMAccountName",
    "display_name": "displayName",
    "given_name": "givenName",
    "surname": "sn",
    "title": "title",
    "area": "department",
    "organization": "company",
    "phone": "telephoneNumber",
}
"""Field of `Account` -> attribute that holds the same text (Microsoft, "User class", Active Directory schema)."""

MAIL = "mail"
UPN = "userPrincipalName"
PROXIES = "proxyAddresses"
MANAGER = "manager"
CONTROL = "userAccountControl"
PASSWORD = "unicodePwd"  # noqa: S105 -- an attribute's name
PASSWORD_DATE = "pwdLastSet"  # noqa: S105 -- an attribute's name
OWN_NAME = "cn"
CLASSES = ("top", "person", "organizationalPerson", "user")

DISABLED = 0x0002
NO_PASSWORD_NEEDED = 0x0020
NORMAL = 0x0200
"""Bits of userAccountControl (MS-ADTS, 2.2.16)."""

KEPT = (*TEXTS.values(), MAIL, UPN, PROXIES, MANAGER, CONTROL, mark.ATTRIBUTE)
"""The attributes that hold what an account is: read and, but for the password, all that is ever written."""

READ = ("objectGUID", "objectClass", *KEPT, "adminCount", "isCriticalSystemObject")
"""Everything that is ever asked for, in the one query that reads the directory and when one object is read again."""

_PRIMARY = "SMTP:"


def mark_of(entry: Entry) -> Mark | None:
    """Return an object's mark, None for a foreign one; ValueError for one of ours that was tampered with."""
    text = entry.text(mark.ATTRIBUTE)
    return None if text is None else Mark.parse(text)


def sound_mark(entry: Entry) -> Mark | None:
    """Return an object's mark; one that was tampered with counts as none, and `protection` says so."""
    try:
        return mark_of(entry)
    except ValueError:
        return None


def to_handle(entry: Entry, base: str) -> Handle:
    """Return what identifies an object, with the reason why it must not be touched, if there is one."""
    found = sound_mark(entry)
    return Handle(
        guid=entry.guid,
        place=entry.dn,
        owner=found.key if found else None,
        unfinished=found is not None and found.stage is not None and not found.retired,
        protected=protection(entry, base),
        mailbox_fault=mailbox_state.fault_of(entry),
        mailbox=mailbox_state.identity_of(entry),
        kept_mailbox=found.mailbox if found else None,
    )


def protection(entry: Entry, base: str) -> str | None:
    """Return, in Spanish, why an object must not be touched, or None."""
    if not entry.guid:
        return "no se le puede leer el objectGUID: la cuenta de servicio no tiene permiso"
    if (_is_user(entry) or entry.text(mark.ATTRIBUTE)) and not entry.raw(CONTROL):
        return f"no se le puede leer el {CONTROL}: la cuenta de servicio no tiene permiso"
    if not places.is_under(entry.dn, base):
        return f"está fuera de {base}, lo único que cuentas administra"
    if entry.number("adminCount"):
        return "es o fue parte de un grupo de administradores (adminCount)"
    if entry.text("isCriticalSystemObject") == "TRUE":
        return "es un objeto que el directorio necesita (isCriticalSystemObject)"
    try:
        found = mark_of(entry)
    except ValueError as error:
        return f"su marca en {mark.ATTRIBUTE} no se entiende: {error}"
    if found is None and entry.text(mark.ATTRIBUTE):
        return f"otro sistema usa su {mark.ATTRIBUTE}, donde iría la marca"
    return None


def to_observed(entry: Entry, found: Mark, base: str, responsable: AccountKey | None) -> Observed:
    """Return one of our accounts as it was read."""
    return Observed(_account(entry, found, base, responsable), to_handle(entry, base))


def to_occupant(entry: Entry, base: str) -> Occupant:
    """Return an object without our mark as what it occupies; what could be adopted is given as an account."""
    addresses = {address.lower() for address in (entry.text(MAIL), entry.text(UPN)) if address}
    addresses |= {address for address, _ in smtp_values(entry)}
    local = (entry.text(MAIL) or "").lower().partition("@")[0]
    key = AccountKey(local or (entry.text("sAMAccountName") or "").lower())
    return Occupant(
        handle=to_handle(entry, base),
        logon=entry.text("sAMAccountName"),
        addresses=frozenset(addresses),
        account=_account(entry, Mark(key=key), base, None) if _is_user(entry) else None,
    )


def _is_user(entry: Entry) -> bool:
    classes = {name.casefold() for name in entry.texts("objectClass")}
    return "user" in classes and "computer" not in classes


def _account(entry: Entry, found: Mark, base: str, responsable: AccountKey | None) -> Account:
    texts = {field: entry.text(name) for field, name in TEXTS.items()}
    address = address_of(entry)
    return Account(
        key=found.key,
        dependencia=places.siglas_of(entry.dn, base),
        organization=texts["organization"] or "",
        tipo=found.tipo,
        logon=texts["logon"] or "",
        address=address,
        display_name=texts["display_name"] or "",
        given_name=texts["given_name"],
        surname=texts["surname"],
        title=texts["title"],
        area=texts["area"],
        phone=texts["phone"],
        responsable=responsable,
        status=Status.RETIRED if found.retired else Status.ACTIVE,
        logon_enabled=not entry.number(CONTROL) & DISABLED,
        mailbox=mailbox_state.mailbox_of(entry),
        aliases=_aliases(entry),
    )


def _aliases(entry: Entry) -> tuple[str, ...]:
    others = {address_of(entry), primary(entry), mailbox_state.routing_address(entry)}
    return tuple(sorted({alias for alias, _ in smtp_values(entry)} - others))


def address_of(entry: Entry) -> str:
    """Return the address that an object answers with, in lower case.

    It is `mail`, which has to agree with the primary one of `proxyAddresses` (the one in capitals) where there is
    one; where they differ both are given, so that the difference shows in a plan and is mended.
    """
    mail, first = (entry.text(MAIL) or "").lower(), primary(entry)
    if first is None or first == mail:
        return mail
    return f"{first} (mail: {mail})" if mail else first


def smtp_values(entry: Entry) -> tuple[tuple[str, bytes], ...]:
    """Return every SMTP address of `proxyAddresses`, in lower case and without prefix, with its raw value.

    Other kinds (X400, SIP, X500) are left out, and so never touched.
    """
    both = ((smtp_of(raw), raw) for raw in entry.raw(PROXIES))
    return tuple((address, raw) for address, raw in both if address is not None)


def smtp_of(raw: bytes) -> str | None:
    """Return one value of `proxyAddresses` in lower case and without prefix, None where it is no SMTP address."""
    text = unicodedata.normalize("NFC", raw.decode("utf-8", "replace"))
    return text[5:].lower() if text[:5].upper() == _PRIMARY else None


def primary(entry: Entry) -> str | None:
    """Return the primary SMTP address, in lower case: the one whose prefix is in capitals."""
    return next((address for address, raw in smtp_values(entry) if raw.startswith(_PRIMARY.encode())), None)


def as_primary(address: str) -> bytes:
    """Return an address as `proxyAddresses` holds the primary one."""
    return f"{_PRIMARY}{address}".encode()


def as_secondary(address: str) -> bytes:
    """Return an address as `proxyAddresses` holds a further one."""
    return f"smtp:{address}".encode()


def new_attributes(account: Account, manager: str | None) -> dict[str, list[bytes]]:
    """Return what a new account is added with: unable to log on, marked as ours and as under way."""
    values = {name: getattr(account, field) for field, name in TEXTS.items()}
    values |= {MAIL: account.address, UPN: account.address, MANAGER: manager}
    values[mark.ATTRIBUTE] = Mark(key=account.key, tipo=account.tipo, stage=mark.Stage.CREATED).text()
    attributes = {name: [value.encode()] for name, value in values.items() if value}
    attributes[CONTROL] = [str(NORMAL | DISABLED).encode()]
    attributes[PROXIES] = [as_primary(account.address), *map(as_secondary, account.aliases)]
    return attributes
