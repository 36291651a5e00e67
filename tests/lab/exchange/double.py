"""The lab's Exchange as a whole: its shell, the Mesa de Ayuda's mailbox, and what delivers mail to mailboxes.

All but that one mailbox is in one domain controller's directory, on which they work as `svc-exchange`.
"""

import contextlib
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from reconciler.config import Exchange
from tests.lab.ews import EwsServer
from tests.lab.exchange.cmdlets import cmdlets
from tests.lab.exchange.delivery import Delivery
from tests.lab.exchange.gate import Basic
from tests.lab.exchange.kerberos import Kerberos
from tests.lab.exchange.recipients import Recipients
from tests.lab.exchange.server import ExchangeShell
from tests.lab.samba import DomainController


class ExchangeDouble:
    """`with ExchangeDouble(controller) as exchange`: its servers listen inside and are gone outside.

    `shell` is entered with a password over TLS; `kerberos`, made only where it is asked for (one to a process), with
    a ticket over HTTP. `ews` is the Mesa de Ayuda's mailbox, `delivery` takes mail for the directory's mailboxes.
    """

    def __init__(
        self, controller: DomainController, faults_file: Path | None = None, *, kerberos: bool = False
    ) -> None:
        self.controller = controller
        self.recipients = Recipients(controller)
        service = controller.service_account
        certificates = controller.directory / "private" / "tls"
        table = cmdlets(self.recipients)
        passwords = Basic({service.upn: service.password}, certificates)
        self.shell = ExchangeShell(table, passwords, faults_file=faults_file)
        tickets = Kerberos(controller.exchange_keytab)
        self.kerberos = ExchangeShell(table, tickets, faults_file=faults_file) if kerberos else None
        self.ews = EwsServer(certificates, service.upn, service.password)
        self.delivery = Delivery(self.recipients)
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            for server in (self.shell, self.kerberos, self.ews, self.delivery):
                if server is not None:
                    stack.enter_context(server)
            self._open = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()
        self.recipients.forget()

    def reset(self) -> None:
        """Begin anew with a controller that was reset: no faults, no memory of what arrived."""
        self.recipients.forget()
        self.shell.faults.clear()
        self.shell.ran.clear()
        self.delivery.sent.clear()
        self.ews.mailbox.items.clear()

    def config(self, **more: Any) -> Exchange:
        """Return the section `exchange` of the target, as cuentas.yaml would have it."""
        service = self.controller.service_account
        return self.shell.config(**{"usuario": service.upn, "clave_archivo": service.password_file} | more)

    def proof(self) -> dict[str, Any]:
        """Return the section `prueba_entrega`."""
        return self._mail(self.delivery.host, self.delivery.port)

    def mail(self) -> dict[str, Any]:
        """Return the section `correo`: the Mesa de Ayuda's mailbox by EWS."""
        return {"via": "ews", **self._mail(self.ews.host, self.ews.port)}

    def settings(self) -> dict[str, str]:
        """List the variables that tell `cuentas` all of it."""
        written = self.config(prueba_entrega=self.proof()).model_dump(mode="json", exclude_unset=True)
        return dict(_variables("CUENTAS_AD__EXCHANGE", written) + _variables("CUENTAS_CORREO", self.mail()))

    def kerberos_settings(self) -> dict[str, str]:
        """List the variables that lead `cuentas` to the shell that takes tickets, instead of the other one."""
        assert self.kerberos is not None
        who = {"usuario": self.controller.service_account.kerberos_name}
        written = self.kerberos.config(**who).model_dump(mode="json", exclude_unset=True)
        return dict(_variables("CUENTAS_AD__EXCHANGE", written))

    def _mail(self, host: str, port: int) -> dict[str, Any]:
        service = self.controller.service_account
        return {
            "servidor": host,
            "puerto": port,
            "ca": self.controller.ca_file,
            "usuario": service.upn,
            "clave_archivo": service.password_file,
        }


def _variables(prefix: str, section: dict[str, Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in section.items():
        variable = f"{prefix}__{name.upper()}"
        found += _variables(variable, value) if isinstance(value, dict) else [(variable, str(value))]
    return found
