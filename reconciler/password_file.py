"""A service account's password, from a file that only its owner reads."""

from __future__ import annotations

import stat
from pathlib import Path

from reconciler.errors import ConfigurationError


def read_password(file: Path, whose: str) -> str:
    """Return the password that a file holds, without its last line break; `whose` says in Spanish who logs on.

    Raises:
        ConfigurationError: it is not there, is empty, or others may read it.

    """
    try:
        mode = file.stat().st_mode
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ConfigurationError(
                f"Otros pueden leer «{file}», que guarda la contraseña de {whose}.",
                remedy=f"Corra «chmod 600 {file}» y cambie esa contraseña si alguien más pudo verla.",
            )
        password = file.read_text(encoding="utf-8").removesuffix("\n")
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(
            f"No se puede leer «{file}», que guarda la contraseña de {whose}.",
            remedy="Revise «clave_archivo»: debe ser un archivo de texto con permisos 0600.",
        ) from None
    if not password:
        raise ConfigurationError(
            f"«{file}» está vacío.", remedy=f"Escriba en él la contraseña de {whose}, y nada más."
        )
    return password
