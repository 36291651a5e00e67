"""An Exchange's shell for the client's tests: over TLS, with cmdlets of the test's own."""

import contextlib
import dataclasses
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from psrpcore.types import PSObject

from reconciler.config import Exchange
from tests.lab.exchange.cmdlet import Call, Cmdlet
from tests.lab.exchange.gate import Basic
from tests.lab.exchange.records import ExchangeError, thing
from tests.lab.exchange.server import ExchangeShell
from tests.lab.samba.certificates import issue_certificates

USER = "svc"
PASSWORD = "invento-31-Robles"  # noqa: S105 -- of nobody
NAMES = ("Get-Mailbox", "Get-MailboxDatabase", "Set-Mailbox", "Enable-Mailbox")


@contextlib.contextmanager
def exchange_over_tls(folder: Path, **more: Any) -> Iterator[ExchangeShell]:
    """Serve with a certificate of an authority of its own, in `folder`; every cmdlet puts out nothing."""
    issue_certificates(folder)
    with ExchangeShell(everything(puts_out()), Basic({USER: PASSWORD}, folder), **more) as exchange:
        yield exchange


def config(exchange: ExchangeShell, folder: Path, password: str = PASSWORD, **more: Any) -> Exchange:
    """Configure a client that logs on with the user's password, kept in `folder`."""
    secret = folder / "clave"
    secret.touch(mode=0o600)
    secret.write_text(password, encoding="utf-8")
    given: dict[str, Any] = {"usuario": USER, "clave_archivo": secret}
    return exchange.config(**given | more)


def everything(cmdlet: Cmdlet) -> Mapping[str, Cmdlet]:
    """Return a table in which every name does the same."""
    return dict.fromkeys(NAMES, cmdlet)


def puts_out(*objects: Mapping[str, Any]) -> Cmdlet:
    """Return a cmdlet that puts out objects with these properties."""
    return lambda _: [thing("Mailbox", dict(one)) for one in objects]


def fails(exception: str, text: str = "ана.внутр: не найдено", **more: Any) -> Cmdlet:
    """Return a cmdlet that writes an error of this type."""
    error = ExchangeError(exception, text, **more)

    def cmdlet(_: Call) -> Iterable[PSObject]:
        raise dataclasses.replace(error)

    return cmdlet


def takes(seconds: float) -> Cmdlet:
    """Return a cmdlet that takes its time."""

    def cmdlet(_: Call) -> Iterable[PSObject]:
        time.sleep(seconds)
        return []

    return cmdlet


def pipelines(exchange: ExchangeShell) -> int:
    """Count the pipelines that the server still keeps."""
    return sum(len(shell.pool.pipeline_table) for shell in exchange.shells.values())
