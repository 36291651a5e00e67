"""The Debian packages that the domain controller and its clients come from."""

import os
import shutil
import subprocess

from tests.lab.samba.domain import LabError

PACKAGES = (
    "samba-ad-dc",
    "samba-ad-provision",
    "python3-samba",
    "python3-markdown",  # samba's schema reader imports it, and its package only recommends it
    "ldb-tools",
    "ldap-utils",
    "krb5-user",
    "openssl",
)
APT_SECONDS = 600


def ensure_installed() -> None:
    """Install what is missing where possible (root on Debian), otherwise raise LabError; never skip."""
    absent = missing()
    if not absent:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise LabError(_instructions(absent))
    _apt_get("update")
    _apt_get("install", "--yes", "--no-install-recommends", *absent)
    if still := missing():
        raise LabError(_instructions(still))


def missing() -> list[str]:
    """Those of PACKAGES that dpkg does not report as installed; all of them where there is no dpkg."""
    if shutil.which("dpkg-query") is None:
        return list(PACKAGES)
    query = ["dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\n", *PACKAGES]
    answer = subprocess.run(query, capture_output=True, text=True, check=False, timeout=60).stdout
    installed = {line.split()[0] for line in answer.splitlines() if line.endswith(" installed")}
    return [package for package in PACKAGES if package not in installed]


def _instructions(absent: list[str]) -> str:
    command = f"apt-get update && apt-get install --no-install-recommends {' '.join(absent)}"
    return (
        "Faltan paquetes de Debian para el controlador de dominio de pruebas (Samba). "
        f"Como root, en Debian 12 o posterior, ejecute:\n    {command}"
    )


def _apt_get(*arguments: str) -> None:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-qq", *arguments]
    try:
        subprocess.run(command, env=environment, check=True, capture_output=True, text=True, timeout=APT_SECONDS)
    except subprocess.CalledProcessError as error:
        raise LabError(f"«{' '.join(command)}» falló:\n{error.stdout}{error.stderr}") from error
    except subprocess.TimeoutExpired as error:
        raise LabError(f"«{' '.join(command)}» no terminó en {APT_SECONDS} segundos.") from error
