"""The lab's Exchange as a whole: its shell over TLS, and what delivers mail to its mailboxes.

Both work on one domain controller's directory as `svc-exchange`, where everything is that they remember.
"""

import contextlib
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from reconciler.config import Exchange
from tests.lab.exchange.cmdlets import cmdlets
from tests.lab.exchange.delivery import Delivery
from tests.lab.exchange.gate import Basic
from tests.lab.exchange.recipients import Recipients
from tests.lab.exchange.server import ExchangeShell
from tests.lab.samba import DomainController


class ExchangeDouble:
    """`with ExchangeDouble(controller) as exchange`: `shell` and `delivery` listen inside and are gone outside."""

    def __init__(self, controller: DomainController, faults_file: Path | None = None) -> None:
        self.controller = controller
        self.recipients = Recipients(controller)
        service = controller.service_account
        self.shell = ExchangeShell(
            cmdlets(self.recipients),
            Basic({service.upn: service.password}, controller.directory / "private" / "tls"),
            faults_file=faults_file,
        )
        self.delivery = Delivery(self.recipients)
        self._open = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            stack.enter_context(self.shell)
            stack.enter_context(self.delivery)
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

    def config(self, **more: Any) -> Exchange:
        """Return the section `exchange` of the target, as cuentas.yaml would have it."""
        service = self.controller.service_account
        return self.shell.config(**{"usuario": service.upn, "clave_archivo": service.password_file} | more)

    def proof(self) -> dict[str, Any]:
        """Return the section `prueba_entrega`."""
        service = self.controller.service_account
        return {
            "servidor": self.delivery.host,
            "puerto": self.delivery.port,
            "ca": self.controller.ca_file,
            "usuario": service.upn,
            "clave_archivo": service.password_file,
        }

    def settings(self) -> dict[str, str]:
        """List the variables that tell `cuentas` all of it."""
        written = self.config(prueba_entrega=self.proof()).model_dump(mode="json", exclude_unset=True)
        return dict(_variables("CUENTAS_AD__EXCHANGE", written))


def _variables(prefix: str, section: dict[str, Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in section.items():
        variable = f"{prefix}__{name.upper()}"
        found += _variables(variable, value) if isinstance(value, dict) else [(variable, str(value))]
    return found
