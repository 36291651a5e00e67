"""The provisioned directory that every domain controller starts as a copy of, built once."""

import csv
import fcntl
import hashlib
import json
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.lab.samba import certificates, configuration, domain
from tests.lab.samba.domain import LabError

LAB = Path(__file__).resolve().parents[3] / ".lab"
SYSTEM_PYTHON = "/usr/bin/python3"
PROVISION_SECONDS = 180

_HERE = Path(__file__).parent
_PROVISIONER = _HERE / "provisioner.py"
_SCHEMA = _HERE.parent / "exchange" / "schema.csv"
_SOURCES = ("domain.py", "certificates.py", "configuration.py", "provisioner.py", "exchange_schema.py", "template.py")


@dataclass(frozen=True)
class Template:
    """A directory that is never written to after it was built."""

    directory: Path

    @classmethod
    def cached(cls, lab: Path = LAB) -> "Template":
        """Return the template in `lab` that fits this code and this Samba, built if there is none.

        Builders that run at once wait for the first one; a build that breaks off leaves no template.
        """
        final = lab / f"template-{_fingerprint()}"
        with locked(lab / "template.lock"):
            if not final.exists():
                partial = final.with_suffix(".partial")
                shutil.rmtree(partial, ignore_errors=True)
                _build(partial)
                partial.rename(final)
        return cls(final)

    def copy_to(self, directory: Path) -> None:
        """Replace `directory` by a copy that shares nothing with the template."""
        shutil.rmtree(directory, ignore_errors=True)
        shutil.copytree(self.directory, directory, symlinks=True)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock between processes; waits for its holder, and a dead holder does not hold it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("w", encoding="ascii") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for name in _SOURCES:
        digest.update((_HERE / name).read_bytes())
    digest.update(_SCHEMA.read_bytes())
    version = subprocess.run(["samba", "--version"], capture_output=True, check=True, timeout=60)
    digest.update(version.stdout)
    return digest.hexdigest()[:16]


def _build(directory: Path) -> None:
    for name in ("etc", "private", "state", "cache", "lock", "run", "bind-dns", "passwords"):
        (directory / name).mkdir(mode=0o700, parents=True)
    certificates.issue_certificates(directory / "private" / "tls")
    configuration_file = directory / "etc" / "smb.conf"
    configuration_file.write_text(configuration.samba_configuration(directory, domain.ADDRESSES[0]), encoding="utf-8")
    _provision(directory, configuration_file)


def _provision(directory: Path, configuration_file: Path) -> None:
    order = {
        "smb_conf": str(configuration_file),
        "keytab": str(directory / "private" / f"{domain.SERVICE_ACCOUNT}.keytab"),
        "address": domain.ADDRESSES[0],
        "realm": domain.REALM,
        "netbios_domain": domain.NETBIOS_DOMAIN,
        "netbios_host": domain.NETBIOS_HOST,
        "host_name": domain.HOST_NAME,
        "managed_base": domain.MANAGED_BASE,
        "foreign_base": domain.FOREIGN_BASE,
        "administrator": domain.ADMINISTRATOR,
        "service_account": domain.SERVICE_ACCOUNT,
        "blind_account": domain.BLIND_ACCOUNT,
        "canary": domain.CANARY,
        "foreign_users": domain.FOREIGN_USERS,
        "exchange": _exchange_order(directory),
        "passwords": _passwords(directory / "passwords"),
    }
    command = [SYSTEM_PYTHON, "-E", "-s", str(_PROVISIONER)]
    log = directory / "provision.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=output)
        process.communicate(json.dumps(order).encode(), timeout=PROVISION_SECONDS)
    if process.returncode:
        raise LabError(f"No se pudo crear el dominio de pruebas:\n{tail(log)}")


def _exchange_order(directory: Path) -> dict[str, object]:
    with _SCHEMA.open(encoding="ascii", newline="") as table:
        attributes = list(csv.DictReader(table))
    return {
        "attributes": attributes,
        "account": domain.EXCHANGE_ACCOUNT,
        "host": domain.EXCHANGE_HOST,
        "services": [domain.EXCHANGE_SERVICE, f"HTTP/{domain.EXCHANGE_HOST}"],
        "keytab": str(directory / "private" / "exchange.keytab"),
        "group": domain.EXCHANGE_GROUP_DN,
        "databases": [f"CN={name},{domain.EXCHANGE_DATABASES_DN}" for name in domain.EXCHANGE_DATABASES],
    }


def tail(log: Path, lines: int = 30) -> str:
    """Return the last lines of a log, for an error's message."""
    return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def _passwords(directory: Path) -> dict[str, str]:
    """Choose a password for every account of the template and leave each in a file of mode 0600."""
    passwords = {}
    services = (domain.ADMINISTRATOR, domain.SERVICE_ACCOUNT, domain.BLIND_ACCOUNT, domain.EXCHANGE_ACCOUNT)
    for name in (*services, *domain.FOREIGN_USERS):
        passwords[name] = f"{secrets.token_urlsafe(24)}aA1!"
        file = directory / name
        file.touch(mode=0o600)
        file.write_text(f"{passwords[name]}\n", encoding="ascii")
    return passwords
