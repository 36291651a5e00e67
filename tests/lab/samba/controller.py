"""One domain controller: a copy of the template, running at an address of the loopback."""

import json
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import ldap3

from tests.lab.process import ServerProcess, group_members
from tests.lab.samba import configuration, domain
from tests.lab.samba.client import ldap_server, named_tls
from tests.lab.samba.domain import LabError, Principal
from tests.lab.samba.readiness import answers
from tests.lab.samba.server import Claim, command
from tests.lab.samba.template import Template, tail

START_SECONDS = 30.0
_POLL_SECONDS = 0.05


class DomainController:
    """A directory, a process and an address; as a context manager it is running inside and stopped outside.

    Connect to `address` and check the certificate against `host_name`, as `ldap_server` makes ldap3 do.
    Kerberos: target `ldap@host_name` (ldap3: `sasl_credentials=(host_name,)`), `kerberos_environment` set.
    Without a `directory`, one is made and removed again. With `outlives_us` the
    server is left running when this process ends, and `attached` finds it again.
    """

    host_name = domain.HOST_NAME
    realm = domain.REALM
    ldap_port = 389
    ldaps_port = 636
    base_dn = domain.BASE_DN
    managed_base = domain.MANAGED_BASE
    foreign_base = domain.FOREIGN_BASE
    foreign_users = domain.FOREIGN_USERS
    canary = domain.CANARY

    def __init__(
        self,
        template: Template,
        directory: Path | None = None,
        address: str | None = None,
        *,
        outlives_us: bool = False,
    ) -> None:
        self.template = template
        self._temporary = directory is None
        self.directory = directory or Path(tempfile.mkdtemp(prefix="cuentas-dc-")) / "dc"
        self._address = address
        self._outlives_us = outlives_us
        self._process: ServerProcess | None = None
        self._claim: Claim | None = None

    @classmethod
    def attached(cls, directory: Path) -> Self | None:
        """Find the controller that another process left running in `directory`, if it still runs."""
        process = ServerProcess.recorded_in(directory / "process.json")
        if process is None:
            return None
        origin = json.loads((directory / "origin.json").read_text("ascii"))
        controller = cls(Template(Path(origin["template"])), directory, origin["address"], outlives_us=True)
        controller._process = process
        return controller

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()

    def start(self) -> None:
        """Run on what the directory holds, or on a fresh copy if there is none; return when clients can bind.

        Raises LabError, with the end of the log, when that takes more than START_SECONDS.
        """
        if self.is_running:
            return
        if self._claim is None:
            self._claim = Claim(self._address)
            self._address = self._claim.address
        self._claim.check()
        if not self.directory.exists():
            self.template.copy_to(self.directory)
        self._configure(self._claim.address)
        self._process = ServerProcess.spawn(command(self.smb_conf), self.log_file, outlives_us=self._outlives_us)
        try:
            self._process.record(self.directory / "process.json")
            self._wait_until_ready()
        except BaseException:
            self._process.kill()
            self._let_go()
            raise

    def stop(self) -> None:
        """End the server in order; the directory stays, and `start` continues with it."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def kill(self) -> None:
        """End the server at once, in the middle of whatever it does; the directory stays."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def reset(self) -> None:
        """Start again at the same address from a fresh copy of the template; what was written is gone."""
        self.kill()
        self.template.copy_to(self.directory)
        self.start()

    def remove(self) -> None:
        """End the server and remove its directory."""
        self.stop()
        self._let_go()
        shutil.rmtree(self.directory.parent if self._temporary else self.directory, ignore_errors=True)

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.is_running()

    @property
    def pid(self) -> int:
        """The leader's number, and the process group's."""
        if self._process is None:
            raise LabError("El controlador de dominio no está en marcha.")
        return self._process.pid

    def processes(self) -> list[int]:
        """Every process of the server, the leader among them: one for each open connection besides the tasks."""
        return group_members(self.pid)

    @property
    def address(self) -> str:
        """The address in use; chosen by the first `start`, and kept from then on."""
        if self._address is None:
            raise LabError("El controlador de dominio aún no tiene dirección: no se ha iniciado.")
        return self._address

    @property
    def ca_file(self) -> Path:
        return self.directory / "private" / "tls" / "ca.pem"

    @property
    def sam_ldb(self) -> Path:
        """The directory's own database, for the offline tools (ldbmodify -H) while the server is stopped."""
        return self.directory / "private" / "sam.ldb"

    @property
    def smb_conf(self) -> Path:
        return self.directory / "etc" / "smb.conf"

    @property
    def log_file(self) -> Path:
        return self.directory / "samba.log"

    @property
    def keytab(self) -> Path:
        return self.directory / "private" / f"{domain.SERVICE_ACCOUNT}.keytab"

    @property
    def administrator(self) -> Principal:
        return self._principal(domain.ADMINISTRATOR)

    @property
    def service_account(self) -> Principal:
        """Who manages `managed_base`, and may change nothing elsewhere."""
        return self._principal(domain.SERVICE_ACCOUNT)

    @property
    def blind_account(self) -> Principal:
        """Who may bind and search, successfully, and is shown nothing that is in any OU."""
        return self._principal(domain.BLIND_ACCOUNT)

    @property
    def exchange_account(self) -> Principal:
        """Who Exchange works as: it reads everything and writes every user's attributes."""
        return self._principal(domain.EXCHANGE_ACCOUNT)

    @property
    def exchange_keytab(self) -> Path:
        """The keys of Exchange's own service names, with which it accepts Kerberos tickets."""
        return self.directory / "private" / "exchange.keytab"

    @property
    def kerberos_environment(self) -> dict[str, str]:
        """What a Kerberos client needs; the keytab lets it log on as the service account without `kinit`."""
        return {
            "KRB5_CONFIG": str(self.directory / "etc" / "krb5.conf"),
            "KRB5CCNAME": f"FILE:{self.directory / 'krb5cc'}",
            "KRB5_CLIENT_KTNAME": f"FILE:{self.keytab}",
        }

    def ldap_server(self, *, ldaps: bool = True) -> ldap3.Server:
        """Tell ldap3 where to connect: LDAPS or, `ldaps=False`, the port for StartTLS; the CA is checked."""
        return ldap_server(self.address, named_tls(self.ca_file), ldaps=ldaps)

    def kinit(self, who: Principal) -> None:
        """Put a ticket of `who` into the credentials cache of `kerberos_environment`."""
        subprocess.run(
            ["kinit", who.kerberos_name],
            input=f"{who.password}\n",
            env={**os.environ, **self.kerberos_environment},
            text=True,
            capture_output=True,
            check=True,
            timeout=START_SECONDS,
        )

    def _let_go(self) -> None:
        if self._claim is not None:
            self._claim.release()
            self._claim = None

    def _principal(self, name: str) -> Principal:
        return Principal(name, self.directory / "passwords" / name)

    def _configure(self, address: str) -> None:
        self.smb_conf.write_text(configuration.samba_configuration(self.directory, address), encoding="utf-8")
        kerberos = self.directory / "etc" / "krb5.conf"
        kerberos.write_text(configuration.kerberos_configuration(address), encoding="utf-8")
        origin = {"template": str(self.template.directory), "address": address}
        (self.directory / "origin.json").write_text(json.dumps(origin), encoding="ascii")

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while self.is_running and time.monotonic() < deadline:
            if answers(self.address, self.ca_file):
                return
            time.sleep(_POLL_SECONDS)
        raise LabError(
            f"El controlador de dominio no respondió en {self.address} ({START_SECONDS:.0f} s como máximo). "
            f"Fin de su registro:\n{tail(self.log_file)}"
        )
