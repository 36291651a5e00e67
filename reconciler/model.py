"""The nouns: accounts as they are wanted and as they are, and what a dependencia declares."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NewType

AccountKey = NewType("AccountKey", str)
"""Local part of the address: the identity of an account, never edited and never reused."""

Siglas = NewType("Siglas", str)
"""Acronym of a dependencia, as its file spells it."""

LOGON_LENGTH = 20
"""Characters a sAMAccountName of a user may have (Microsoft, attribute SAM-Account-Name)."""


class Tipo(StrEnum):
    """What an account is for."""

    PERSONAL = "personal"
    COMPARTIDA = "compartida"
    RECURSO = "recurso"


class Status(StrEnum):
    """Where an account is in its life."""

    ACTIVE = "activa"
    RETIRED = "baja"


class MailboxKind(StrEnum):
    """What a mailbox is to Exchange (msExchRecipientTypeDetails)."""

    USER = "usuario"
    SHARED = "compartido"
    ROOM = "sala"
    EQUIPMENT = "equipo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """A mailbox's state. `quota_mb` None leaves the database's own quota; `held` is a litigation hold.

    `remote` is a mailbox that lives in Exchange Online: neither quota nor hold are managed from here.
    """

    kind: MailboxKind = MailboxKind.USER
    quota_mb: int | None = None
    hidden: bool = False
    accepts_mail: bool = True
    held: bool = False
    remote: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account, wanted or observed: one type for both sides, so that "is it right?" is ==.

    `aliases` are whole addresses, lower case and sorted, without the primary one. `logon` is the
    sAMAccountName. Only a personal account lets somebody log on; `logon_enabled` says whether it does.
    """

    key: AccountKey
    dependencia: Siglas
    organization: str
    tipo: Tipo
    logon: str
    address: str
    display_name: str
    given_name: str | None = None
    surname: str | None = None
    title: str | None = None
    area: str | None = None
    phone: str | None = None
    responsable: AccountKey | None = None
    status: Status = Status.ACTIVE
    logon_enabled: bool = True
    aliases: tuple[str, ...] = ()
    mailbox: Mailbox | None = None


State = Mapping[AccountKey, Account]


@dataclass(frozen=True, slots=True)
class Source:
    """Where something is declared: path inside the repository and line (from 1)."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A file of a commit's tree (or of a working copy): path, Git mode, size in bytes and content.

    `data` is None where nothing was read: a symbolic link, a submodule, or a file above the size that the
    reader was told to stop at.
    """

    path: str
    mode: str
    size: int
    data: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enlace:
    """An agency's technical liaison (PSDT-08, P3). `key_ssh` seals sheets to the enlace."""

    key: str
    name: str
    email: str
    git_user: str | None = None
    key_ssh: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Oficio:
    """The official letter that asks for altas and bajas (PSDT-08, P2); `number` is kept verbatim."""

    number: str
    dated: date
    received: date
    medium: str
    enlace: str
    signer: str | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencia:
    """An agency: its name, its enlaces and its oficios."""

    siglas: Siglas
    name: str
    domain: str
    enlaces: Mapping[str, Enlace] = field(default_factory=dict)
    oficios: Mapping[str, Oficio] = field(default_factory=dict)


class Movimiento(StrEnum):
    """What an order asks for: the procedure's product (PSDT-08). A reincorporation is an alta."""

    ALTA = "alta"
    BAJA = "baja"


class Addressee(StrEnum):
    """Who is told, or handed something: the agency's enlace or the interested party (PSDT-08, P4 and 9.1)."""

    ENLACE = "enlace"
    INTERESADO = "interesado"


@dataclass(frozen=True, slots=True)
class Delivery:
    """How an account's first password is to reach somebody by mail, and why (PSDT-08, P4); else it is printed."""

    to: Addressee
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One entry of a declaration: the wanted account and what only the declaration knows of it.

    `alta`, `baja` and `change` (`cambio`) are the oficios that asked for it last.
    `adopt` means the account already exists and must never be created (`existente`); `previous` is the
    key it had before (`renombra`); `hold_until` is a legal hold (`conservar_hasta`); `expires` is when
    it becomes due for baja (`vigencia`), which only a person can then ask for. `delivery` is None where the
    credential sheet is printed; `interested` is the institutional address of the interested party (`avisar_a`),
    None where that is whoever has the account.
    """

    account: Account
    alta: str
    source: Source
    baja: str | None = None
    change: str | None = None
    adopt: bool = False
    previous: AccountKey | None = None
    hold_until: date | None = None
    expires: date | None = None
    delivery: Delivery | None = None
    interested: str | None = None

    @property
    def oficio(self) -> str:
        """The oficio that asks for the account's present status."""
        return self.baja or self.alta

    @property
    def change_oficio(self) -> str:
        """The oficio that asks for its data, its name or its place."""
        return self.change or self.oficio


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """Everything that a commit declares, valid as a whole."""

    accounts: Mapping[AccountKey, Declared]
    dependencias: Mapping[Siglas, Dependencia]

    @property
    def wanted(self) -> State:
        """The wanted state, without what only the declaration knows."""
        return {key: declared.account for key, declared in self.accounts.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Handle:
    """What identifies an object in a target, whatever happens to its name.

    `guid` is Active Directory's objectGUID (or the embedded target's twin of it); `place` is where it is,
    for people; `owner` is the key in its ownership mark, None for a foreign object; `unfinished` means its
    creation was begun and not completed; `protected` says, in Spanish, why it must not be touched, and
    `mailbox_fault` why its mailbox must not. `mailbox` is what identifies the mailbox that it has, and
    `kept_mailbox` the one that was taken off it and is its to get back, as far as the object itself says.
    """

    guid: str
    place: str
    owner: AccountKey | None = None
    unfinished: bool = False
    protected: str | None = None
    mailbox_fault: str | None = None
    mailbox: str | None = None
    kept_mailbox: str | None = None


@dataclass(frozen=True, slots=True)
class Observed:
    """An account as it was read, with the handle to reach it."""

    account: Account
    handle: Handle


@dataclass(frozen=True, slots=True, kw_only=True)
class Occupant:
    """An object without our mark that holds a logon name or addresses (lower case, without prefix).

    `account` is there for a user, which could be adopted; None for groups, contacts and the like.
    """

    handle: Handle
    logon: str | None
    addresses: frozenset[str]
    account: Account | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a target said in one complete read, with the evidence that it was complete.

    A target raises rather than return a partial read (result code not success, paging not exhausted).
    `canary_seen` guards against an account that may bind but not read: it gets success and no entries.
    `claims` are marks that more than one object carries. `objects` counts everything that was read.
    """

    server: str
    accounts: Mapping[AccountKey, Observed]
    others: tuple[Occupant, ...]
    claims: Mapping[AccountKey, tuple[Handle, ...]]
    objects: int
    canary_seen: bool
    reads_mailboxes: bool

    @property
    def state(self) -> State:
        """The observed state alone."""
        return {key: observed.account for key, observed in self.accounts.items()}


OFICIOS = ("alta", "baja", "cambio")
"""The fields of an entry that name an oficio."""


_WORDS = re.compile(r"[^\W_]+")


def normalized_oficio(number: str) -> str:
    """Return an oficio's number as it is compared: letters and digits, upper case, no accents, one separator.

    Whatever else is written between them, before or after them makes no other letter of it.
    """
    if not number.isascii():
        number = "".join(char for char in unicodedata.normalize("NFKD", number) if not unicodedata.combining(char))
    return "/".join(_WORDS.findall(number.upper()))


def derived_logon(key: str) -> str:
    """Return the sAMAccountName that a key gives: its first 20 characters, never ending in a full stop."""
    return key[:LOGON_LENGTH].rstrip(".")


def person_signature(account: Account) -> str | None:
    """Return a person's name folded for comparison, or None for an account that is not a person's."""
    if account.tipo is not Tipo.PERSONAL:
        return None
    full = f"{account.given_name or ''} {account.surname or ''}"
    decomposed = unicodedata.normalize("NFKD", full)
    letters = "".join(char for char in decomposed if not unicodedata.combining(char))
    return " ".join(letters.casefold().split())
