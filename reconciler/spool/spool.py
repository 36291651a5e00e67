"""Sheets sealed before their passwords are set: each in the form in which it will be handed over."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import NoReturn, Protocol

import pyrage
from pydantic import SecretStr

from reconciler.delivery import Way
from reconciler.errors import ConfigurationError, CuentasError, RefusedError, TargetError
from reconciler.model import Account, AccountKey
from reconciler.passwords import sheet_passphrase
from reconciler.sheet import Seal, Sealed, new_folio
from reconciler.spool.shelf import SEALED_AS, Part, Shelf
from reconciler.spool.writing import Issue

GENESIS_HEAD = "0" * 64
"""Stands for the record's head where no run has said which it is."""


class Writer(Protocol):
    """Says how an account's sheet is handed over, and writes it."""

    def check(self) -> None:
        """Make sure that a sheet could be drawn; raises ConfigurationError."""

    def way(self, account: Account) -> Way:
        """Return how the account's sheet is to be handed over."""

    def write(self, account: Account, password: SecretStr, issue: Issue) -> bytes:
        """Return the account's sheet as a PDF in the clear."""


class NoSpool:
    """Fits the engine's `Spool` where nobody is configured to receive first passwords."""

    def rehearse(self) -> NoReturn:
        """Refuse, as `check` does."""
        self.check()

    def check(self) -> NoReturn:
        """Refuse: an account whose password nobody can hand over must not be created."""
        raise RefusedError(
            "No se pueden crear ni reincorporar cuentas: nadie recibiría su primera contraseña.",
            remedy="Ponga en cuentas.yaml, en «entrega: destinatario:», una llave age1… o ssh-ed25519.",
        )

    def begin(self, head: str, orders: Mapping[AccountKey, str]) -> None:
        """Take nothing: no sheet is written."""

    def seal(self, account: Account, password: SecretStr) -> NoReturn:
        """Refuse, whatever the account."""
        del account, password
        self.check()

    def keep_only(self, key: AccountKey, sheet: Sealed) -> None:
        """Do nothing: there is no sheet."""

    def waiting(self) -> tuple[tuple[AccountKey, Sealed], ...]:
        """Return none."""
        return ()


class AgeSpool:
    """Fits the engine's `Spool`: files `<destino>/<clave>.<folio>…` in folders of their owner's alone.

    Every target has its own folder: the same account has another password in each. What is printed, and every
    passphrase, is sealed with age (https://age-encryption.org/v1) to the Mesa de Ayuda's public key; what is mailed
    to an enlace who has a key, to that key alone; what is mailed to anybody else, with AES-256 and a passphrase.
    What is in the clear never touches the disk.
    """

    def __init__(
        self, shelf: Shelf, recipient: str, writer: Writer, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Take the Mesa de Ayuda's public key; `clock` says the local day that folios and sheets carry.

        Raises:
            ConfigurationError: it is not a public key that age knows.

        """
        self._shelf = shelf
        self._writer = writer
        self._clock = clock
        self._head = GENESIS_HEAD
        self._orders: Mapping[AccountKey, str] = {}
        self._names: dict[AccountKey, list[str]] | None = None
        self._lock = threading.Lock()
        try:
            self._desk = _recipient(recipient)
        except pyrage.RecipientError:
            raise ConfigurationError(
                "«entrega: destinatario:» de cuentas.yaml no es una llave pública de age ni de SSH.",
                remedy="Genere un par con «age-keygen» y ponga ahí la pública (age1…), o una ssh-ed25519.",
            ) from None

    def begin(self, head: str, orders: Mapping[AccountKey, str]) -> None:
        """Take what this run's sheets name: the record's head, and each account's order."""
        self._head, self._orders = head, orders

    def seal(self, account: Account, password: SecretStr) -> Sealed:
        """Store the account's sheet sealed, durably, beside its former ones; its name is its path in the spool.

        Raises:
            RefusedError: a folder is a symbolic link, or others than its owner may look into it.
            TargetError: the sheet is not known to be stored: the password must not be set. Former ones are there.

        """
        day = self._clock().date()
        folio = new_folio(day)
        issue = Issue(folio=folio, issued=day, head=self._head, orders=self._orders)
        way, pdf = self._written(account, password, issue)
        files = [
            (self._shelf.file(account.key, folio, part, way.key), data)
            for part, data in self._sealed(way, pdf, folio)
        ]
        self._known(account.key).extend(name for name, _ in files)
        self._shelf.store(account.key, files)
        return Sealed(folio=folio, name=f"{self._shelf.target}/{files[-1][0]}", seal=way.seal)

    def keep_only(self, key: AccountKey, sheet: Sealed) -> None:
        """Remove every other sheet of an account, whose passwords are set no more.

        One that cannot be removed opens nothing, and stays for another time.
        """
        others = [name for name in self._known(key) if f".{sheet.folio}." not in name]
        with contextlib.suppress(CuentasError):
            if others:
                self._shelf.remove(others)

    def _known(self, key: AccountKey) -> list[str]:
        """Return the names of an account's files; the shelf is looked over once, and not for each of thousands."""
        with self._lock:
            if self._names is None:
                self._names = {}
                for one in self._shelf.kept():
                    self._names.setdefault(one.key, []).append(one.name)
            return self._names.setdefault(key, [])

    def waiting(self) -> tuple[tuple[AccountKey, Sealed], ...]:
        """Return every sheet that is stored here, with whose it is, as it was sealed before its password was set."""
        return tuple(
            (one.key, Sealed(folio=one.folio, name=f"{self._shelf.target}/{one.name}", seal=SEALED_AS[one.part]))
            for one in self._shelf.kept()
            if one.part in SEALED_AS
        )

    def lock(self, key: AccountKey, folio: str, pdf: bytes) -> bytes:
        """Return a sheet that was to be printed as it is mailed: locked with a passphrase that is durably kept.

        The same as before where that was done already: somebody may have it.

        Raises:
            RefusedError, TargetError: as `seal`; nobody may be sent anything.

        """
        name = self._shelf.file(key, folio, Part.LOCKED)
        if all(any(one.name == each for one in self._shelf.kept()) for each in (name, _passphrase_of(name))):
            return self._shelf.read(name)
        files = list(self._sealed(Way(seal=Seal.PASSPHRASE), pdf, folio))
        self._shelf.store(key, [(self._shelf.file(key, folio, part), data) for part, data in files])
        return files[-1][1]

    def check(self) -> None:
        """Make sure that a sheet could be drawn, and that the folders that it goes to are there and safe.

        Raises:
            ConfigurationError: the letterhead cannot be drawn.
            RefusedError: a folder is a symbolic link, others may look into it, or it cannot be made.

        """
        self._writer.check()
        self._shelf.check()

    def rehearse(self) -> str:
        """Seal something in memory, and look at the folders without making them.

        Raises:
            ConfigurationError: nothing could be stored in them, or the key seals nothing.
            RefusedError: one is a symbolic link, or others may look into it.

        """
        try:
            pyrage.encrypt(b"ensayo", [self._desk])
        except pyrage.EncryptError:
            raise ConfigurationError(
                "Con la llave de «entrega: destinatario:» no se puede sellar.",
                remedy="Genere otro par con «age-keygen» y ponga ahí la pública, por pull request.",
            ) from None
        return self._shelf.rehearse()

    def _written(self, account: Account, password: SecretStr, issue: Issue) -> tuple[Way, bytes]:
        try:
            return self._writer.way(account), self._writer.write(account, password, issue)
        except CuentasError:
            raise
        except Exception as error:  # noqa: BLE001 -- its text may quote what the sheet says
            raise TargetError(
                f"No se pudo hacer la hoja de {account.key} ({type(error).__name__}).",
                remedy="Revise «documentos» en cuentas.yaml y su logotipo; la contraseña no se puso.",
            ) from None

    def _sealed(self, way: Way, pdf: bytes, folio: str) -> Iterator[tuple[Part, bytes]]:
        """Yield what is stored, the sheet itself last: one that is there has its passphrase."""
        match way.seal:
            case Seal.MESA:
                yield Part.MESA, pyrage.encrypt(pdf, [self._desk])
            case Seal.ENLACE:
                yield Part.ENLACE, sealed_to(way.key, pdf)
            case Seal.PASSPHRASE:
                from reconciler.documents.lock import locked  # noqa: PLC0415 -- pypdf takes long to import

                passphrase = sheet_passphrase()
                said = json.dumps({"folio": folio, "frase": passphrase.get_secret_value()})
                yield Part.PASSPHRASE, pyrage.encrypt(said.encode(), [self._desk])
                yield Part.LOCKED, locked(pdf, passphrase)


def sealed_to(key: str, pdf: bytes) -> bytes:
    """Return a sheet sealed to an enlace's own key.

    Raises:
        TargetError: it is no public key.

    """
    try:
        return bytes(pyrage.encrypt(pdf, [_recipient(key)]))
    except (pyrage.RecipientError, pyrage.EncryptError):
        raise TargetError(
            "La «llave» del enlace no es una llave pública de age ni de SSH.",
            remedy="Que la corrija en un pull request (el contenido de su archivo .pub), o que la quite.",
        ) from None


def _passphrase_of(name: str) -> str:
    return name.removesuffix(Part.LOCKED) + Part.PASSPHRASE


def _recipient(text: str) -> object:
    if text.startswith("age1"):
        return pyrage.x25519.Recipient.from_str(text)
    return pyrage.ssh.Recipient.from_str(text)
