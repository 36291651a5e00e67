"""The process that ends after so many writes, to the directory or to Exchange."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from reconciler.directory import Session
from reconciler.exchange.shell import Shell
from reconciler.joined import ExchangeTarget
from tests.conformance.mail import ExchangeOutsider, greeting
from tests.conformance.outsiders import samba_config


class KilledError(BaseException):
    """What nothing of ours catches: the end of the process."""


@dataclass
class Fuse:
    """Lets so many writes through and kills right after the last of them; None lets all of them through."""

    left: int | None = None

    def __call__(self, act: Callable[[], Any]) -> Any:
        result = act()
        if self.left is not None:
            self.left -= 1
            if self.left == 0:
                raise KilledError
        return result


class FusedSession(Session):
    """A session whose writes burn the fuse."""

    fuse: Fuse

    def _write(self, what: str, act: Callable[..., object]) -> None:
        self.fuse(lambda: super(FusedSession, self)._write(what, act))


class FusedShell(Shell):
    """A shell whose changes burn the fuse."""

    fuse: Fuse

    def invoke(self, cmdlet: str, /, **parameters: Any) -> Any:
        def act() -> Any:
            return super(FusedShell, self).invoke(cmdlet, **parameters)

        return act() if cmdlet.startswith("Get-") else self.fuse(act)


def opened(outsider: ExchangeOutsider, fuse: Fuse) -> ExchangeTarget:
    config = samba_config(outsider.controller, exchange=outsider.exchange.config())
    assert config.exchange
    session, shell = FusedSession(config), FusedShell(config.exchange)
    session.fuse = shell.fuse = fuse
    target = ExchangeTarget(config, lambda _: None, greeting, session=session, shell=shell)
    target._owns_shell = True  # noqa: SLF001 -- nobody else closes it, and its runspaces would stay
    return target


def is_killed(act: Callable[[], Any]) -> bool:
    try:
        act()
    except KilledError:
        return True
    return False
