"""How `cuentas` is told where the lab is: its settings as environment variables."""

import shlex
from collections.abc import Mapping
from pathlib import Path

from tests.lab.samba import DomainController


def settings(controller: DomainController) -> dict[str, str]:
    """List the variables that `cuentas` reads, and Kerberos' own; a password is named by its file."""
    return {
        "CUENTAS_DESTINO": "ad",
        "CUENTAS_AD__SERVIDOR": controller.host_name,
        "CUENTAS_AD__DIRECCION": controller.address,
        "CUENTAS_AD__PUERTO": str(controller.ldaps_port),
        "CUENTAS_AD__SEGURIDAD": "ldaps",
        "CUENTAS_AD__CA": str(controller.ca_file),
        "CUENTAS_AD__RAIZ": controller.base_dn,
        "CUENTAS_AD__BASE": controller.managed_base,
        "CUENTAS_AD__AUTENTICACION": "simple",
        "CUENTAS_AD__USUARIO": controller.service_account.upn,
        "CUENTAS_AD__CLAVE_ARCHIVO": str(controller.service_account.password_file),
        "CUENTAS_AD__CANARIO": controller.canary,
        **controller.kerberos_environment,
    }


def write_shell_file(variables: Mapping[str, str], file: Path) -> None:
    """Write variables as a file to be sourced by a shell, of mode 0600."""
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    lines = [f"export {name}={shlex.quote(value)}\n" for name, value in variables.items()]
    file.write_text("".join(lines), encoding="utf-8")
