"""Who the service account is: a password from a file that only its owner reads, or Kerberos."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import ldap3

from reconciler.config import DestinoAD
from reconciler.errors import ConfigurationError, TargetUnreachableError
from reconciler.password_file import read_password


def as_whom(config: DestinoAD) -> dict[str, Any]:
    """Return how ldap3 is to bind.

    Raises:
        ConfigurationError: the user or the password is not there, or the file can be read by others.

    """
    if config.autenticacion == "kerberos":
        _need_kerberos()
        return {
            "authentication": ldap3.SASL,
            "sasl_mechanism": ldap3.KERBEROS,
            "sasl_credentials": (config.servidor,),
        }
    if not config.usuario or config.clave_archivo is None:
        raise ConfigurationError(
            "El destino pide entrar con contraseña y le falta «usuario» o «clave_archivo».",
            remedy="Complételos en cuentas.yaml, o use «autenticacion: kerberos».",
        )
    password = read_password(config.clave_archivo, "la cuenta de servicio")
    return {"user": config.usuario, "password": password, "authentication": ldap3.SIMPLE}


def _need_kerberos() -> None:
    try:
        import gssapi  # noqa: F401, PLC0415 -- an extra, needed only here
    except ImportError:
        raise ConfigurationError(
            "Para «autenticacion: kerberos» falta el extra de Kerberos.",
            remedy="Instálelo con: apt-get install gcc libkrb5-dev python3-dev; pip install 'cuentas[kerberos]'.",
        ) from None


@contextlib.contextmanager
def kerberos_faults(what: str) -> Iterator[None]:
    """Turn what the Kerberos libraries raise while binding into an error of ours."""
    try:
        yield
    except Exception as error:
        if type(error).__module__.partition(".")[0] != "gssapi":
            raise
        raise TargetUnreachableError(
            f"{what}: Kerberos no dio un boleto para el servidor.",
            remedy="Revise la hora de esta máquina, el keytab (KRB5_CLIENT_KTNAME) o corra «kinit», "
            "y que «servidor» sea el nombre con que el dominio conoce al controlador.",
        ) from None
