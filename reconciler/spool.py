"""The spool: first passwords, each sealed for the one who hands them over, waiting for delivery."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import stat
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

import pyrage
from pydantic import SecretStr

from reconciler.errors import ConfigurationError, RefusedError, TargetError
from reconciler.model import Account, AccountKey
from reconciler.sheet import Seal, Sealed, new_folio
from reconciler.untracked import make_untracked, usable

_PRIVATE = 0o700
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


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


class AgeSpool:
    """Fits the engine's `Spool`: one file `<destino>/<clave>.age` per account in folders of their owner's alone.

    Every target has its own folder: the same account has another password in each. Sealed with age
    (https://age-encryption.org/v1) for an X25519, ssh-ed25519 or ssh-rsa public key; opened with
    `age -d -i LLAVE_PRIVADA ARCHIVO`. What is in the clear never touches the disk.
    """

    def __init__(
        self, directory: Path, target: str, recipient: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Take the name of the target whose passwords these are, and the recipient's public key.

        Raises:
            ConfigurationError: it is not a public key that age knows, or the name cannot be a folder's.

        """
        if not _NAME.fullmatch(target):
            raise ConfigurationError(
                f"El destino «{target}» no puede nombrar la carpeta de sus primeras contraseñas.",
                remedy="Póngale en «destinos:» de cuentas.yaml un nombre de letras, números, punto o guiones.",
            )
        self._directory = directory
        self._target = target
        self._clock = clock
        self._head = ""
        self._orders: Mapping[AccountKey, str] = {}
        try:
            self._recipient = _recipient(recipient)
        except pyrage.RecipientError:
            raise ConfigurationError(
                "«entrega: destinatario:» de cuentas.yaml no es una llave pública de age ni de SSH.",
                remedy="Genere un par con «age-keygen» y ponga ahí la pública (age1…), o una ssh-ed25519.",
            ) from None

    def begin(self, head: str, orders: Mapping[AccountKey, str]) -> None:
        """Take what this run's sheets name: the record's head, and each account's order."""
        self._head, self._orders = head, orders

    def seal(self, account: Account, password: SecretStr) -> Sealed:
        """Store the password sealed, durably, replacing the account's former one; its name is its path in the spool.

        Raises:
            RefusedError: a folder is a symbolic link, or others than its owner may look into it.
            TargetError: the sheet is not known to be stored: the password must not be set. The former sheet,
                or none, is there, but where the folder itself failed after the sheet was complete.

        """
        name = f"{account.key}.age"
        if not _NAME.fullmatch(name):
            raise TargetError(f"«{account.key}» no puede nombrar un archivo.", remedy="Corrija la clave.")
        sealed = pyrage.encrypt(self._sheet(account, password), [self._recipient])
        try:
            with self._folder() as folder:
                _replace(folder, name, sealed)
        except OSError as error:
            raise TargetError(
                f"No se pudo guardar la hoja sellada de {account.key}: {error.strerror or error}.",
                remedy=f"Revise el espacio y los permisos de «{self._directory}»; la contraseña no se puso.",
            ) from None
        return Sealed(folio=new_folio(self._clock().date()), name=f"{self._target}/{name}", seal=Seal.MESA)

    def check(self) -> None:
        """Make sure that the target's folder and the one above it are there and safe.

        Raises:
            RefusedError: one is a symbolic link, others may look into it, or it cannot be made.

        """
        try:
            with self._folder():
                pass
        except OSError as error:
            raise _unsafe(self._directory / self._target, f"no se puede usar: {error.strerror or error}") from None

    def rehearse(self) -> str:
        """Seal something in memory, and look at the folders without making them.

        Raises:
            ConfigurationError: nothing could be stored in them, or the key seals nothing.
            RefusedError: one is a symbolic link, or others may look into it.

        """
        try:
            pyrage.encrypt(b"ensayo", [self._recipient])
        except pyrage.EncryptError:
            raise ConfigurationError(
                "Con la llave de «entrega: destinatario:» no se puede sellar.",
                remedy="Genere otro par con «age-keygen» y ponga ahí la pública, por pull request.",
            ) from None
        folder = self._directory / self._target
        where = usable(folder)
        for path in (self._directory, folder):
            if path.is_symlink():
                raise _unsafe(path, "es un enlace simbólico")
            if path.is_dir() and (path.stat().st_uid != os.geteuid() or path.stat().st_mode & _OTHERS):
                raise _unsafe(path, "no es solo de quien corre cuentas")
        return where

    @contextlib.contextmanager
    def _folder(self) -> Iterator[int]:
        """Open the target's folder, made where it is missing, once both are known to be ours alone."""
        make_untracked(self._directory.parent)
        with _private(self._directory) as top, _private(self._directory / self._target, top) as folder:
            yield folder

    def _sheet(self, account: Account, password: SecretStr) -> bytes:
        sheet = {
            "usuario": account.logon,
            "clave": password.get_secret_value(),
            "direccion": account.address,
            "destino": self._target,
            "fecha": self._clock().astimezone(UTC).isoformat(timespec="seconds"),
        }
        return (json.dumps(sheet, ensure_ascii=False, indent=1) + "\n").encode()


@contextlib.contextmanager
def _private(path: Path, above: int | None = None) -> Iterator[int]:
    """Open a folder, durably made where it is missing; `above` is the open folder that it must be right inside of."""
    name = path if above is None else path.name
    with contextlib.suppress(FileExistsError):
        os.mkdir(name, _PRIVATE, dir_fd=above)
        if above is not None:
            os.fsync(above)
    if stat.S_ISLNK(os.stat(name, dir_fd=above, follow_symlinks=False).st_mode):
        raise _unsafe(path, "es un enlace simbólico")
    folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=above)
    try:
        if os.fstat(folder).st_uid != os.geteuid() or os.fstat(folder).st_mode & _OTHERS:
            raise _unsafe(path, "no es solo de quien corre cuentas")
        yield folder
    finally:
        os.close(folder)


def _unsafe(path: Path, why: str) -> RefusedError:
    return RefusedError(
        f"La carpeta de entregas «{path}» {why}.",
        remedy="Bórrela o cámbiela por una propia con permisos 0700 («chmod 700»), y vuelva a correr.",
    )


def _recipient(text: str) -> object:
    if text.startswith("age1"):
        return pyrage.x25519.Recipient.from_str(text)
    return pyrage.ssh.Recipient.from_str(text)


def _replace(folder: int, name: str, data: bytes) -> None:
    """Put a file in place whole, 0600 and durable, or not at all; names are inside the open folder."""
    temporary = f".{name}.{secrets.token_hex(4)}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(temporary, flags, 0o600, dir_fd=folder)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123  # a name inside a folder already open
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        os.unlink(temporary, dir_fd=folder)
        raise
    os.fsync(folder)
