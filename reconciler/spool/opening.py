"""What is sealed to the Mesa de Ayuda, opened with its private key, which is read and never kept."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyrage

from reconciler.errors import ConfigurationError, RefusedError, why_not
from reconciler.spool.folder import OTHERS

Identity = Sequence[Any]
"""The private keys of one file, as age takes them."""

_LARGEST = 64 * 1024
_AGE = re.compile(r"^AGE-SECRET-KEY-1[0-9A-Z]+$", re.MULTILINE)


def read_identity(file: Path) -> Identity:
    """Return the private keys of a file: an age identity file, or an SSH private key without passphrase.

    Raises:
        ConfigurationError: it cannot be read, others may read it, it is none, or it is protected by a passphrase.

    """
    data = _private(file)
    text = data.decode("utf-8", "replace")
    found = _AGE.findall(text)
    try:
        if found:
            return [pyrage.x25519.Identity.from_str(one) for one in found]
        return [pyrage.ssh.Identity.from_buffer(data)]
    except pyrage.IdentityError as error:
        locked = "decrypted" in str(error) or "age-encryption.org" in text or "AGE ENCRYPTED" in text
        raise _with_passphrase(file) if locked else _no_key(file) from None


def unsealed(data: bytes, identity: Identity, what: str) -> bytes:
    """Return what is sealed with age.

    Raises:
        RefusedError: it is not sealed for any of these keys, or is damaged; `what` says in Spanish what it is.

    """
    try:
        return bytes(pyrage.decrypt(data, list(identity)))
    except pyrage.DecryptError:
        raise RefusedError(
            f"Con esa llave no se abre {what}.",
            remedy="Use la llave privada del par cuya pública está en «entrega: destinatario:» (o la de entonces, si "
            "ese par ya cambió), o expida otra hoja con «cuentas sheet reissue».",
        ) from None


def _private(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            there = os.fstat(stream.fileno())
            if there.st_uid not in (os.geteuid(), 0) or there.st_mode & OTHERS:
                raise ConfigurationError(
                    f"Otros pueden leer «{file}», la llave que abre las primeras contraseñas.",
                    remedy=f"Hágala solo suya («chmod 600 {file}»); si alguien más pudo verla, haga otro par.",
                )
            return stream.read(_LARGEST)
    except OSError as error:
        raise ConfigurationError(
            f"No se puede leer la llave «{file}»: {why_not(error)}.",
            remedy="Indique con «--llave ARCHIVO» o CUENTAS_LLAVE la llave privada de la Mesa de Ayuda.",
        ) from None


def _with_passphrase(file: Path) -> ConfigurationError:
    return ConfigurationError(
        f"La llave «{file}» está protegida con una frase, que cuentas no pide.",
        remedy="Haga en un lugar que solo usted lee, y que no quede en disco (por ejemplo /dev/shm), una copia sin "
        "frase: «ssh-keygen -p -f COPIA» si es de SSH, «age -d LLAVE > COPIA» si es de age. Úsela y bórrela.",
    )


def _no_key(file: Path) -> ConfigurationError:
    return ConfigurationError(
        f"«{file}» no es una llave privada de age ni de SSH.",
        remedy="Use el archivo que hizo «age-keygen -o», o la llave privada de SSH (no la .pub).",
    )
