"""The unmodified client by itself, and what it and a server say to each other, as envelopes."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from xml.etree import ElementTree as ET

from pypsrp.exceptions import WinRMTransportError
from pypsrp.host import PSHost
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

from tests.exchange.shells import PASSWORD, USER
from tests.lab.exchange.server import ExchangeShell

ACTION = "{http://schemas.xmlsoap.org/ws/2004/08/addressing}Action"


def wire(
    exchange: ExchangeShell, folder: Path, path: str = "PowerShell", timeout: int = 5, user: str = USER
) -> WSMan:
    """Connect with a password over TLS; `timeout` is the operation's, in seconds."""
    return WSMan(
        exchange.host, port=exchange.port, path=path, auth="basic", username=user, password=PASSWORD,
        cert_validation=cast("bool", str(folder / "ca.pem")), operation_timeout=timeout, no_proxy=True,
    )  # fmt: skip


def pool_on(connection: WSMan, host: PSHost | None = None) -> RunspacePool:
    """Return a pool of Exchange's, yet to be opened."""
    return RunspacePool(connection, configuration_name="Microsoft.Exchange", host=host)


def run(pool: RunspacePool, name: str, **parameters: Any) -> PowerShell:
    """Run a cmdlet to its end, and leave nothing of it on the server."""
    pipeline = PowerShell(pool)
    pipeline.add_cmdlet(name)
    pipeline.add_parameters(parameters)
    pipeline.invoke()
    pipeline.close()
    return pipeline


def only_error(pipeline: PowerShell) -> Any:
    """Return the one record in the error stream."""
    [record] = pipeline.streams.error
    return record


@dataclass(frozen=True)
class Exchanged:
    """One request and what it got."""

    request: bytes
    answer: bytes

    @property
    def verb(self) -> str:
        action = next(ET.fromstring(self.request).iter(ACTION))  # noqa: S314 -- written by our own client
        return str(action.text).rpartition("/")[2]


def overheard(connection: WSMan) -> list[Exchanged]:
    """Return a list that grows by whatever the connection sends from now on."""
    heard: list[Exchanged] = []
    send = connection.transport.send

    def listening(message: bytes, **more: Any) -> bytes:
        try:
            answer = send(message, **more)
        except WinRMTransportError as error:
            heard.append(Exchanged(message, error.response_text.encode()))
            raise
        heard.append(Exchanged(message, answer))
        return answer

    connection.transport.send = listening  # type: ignore[method-assign]
    return heard
