"""Exchange's management shell for as many workers as the account may have shells."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from reconciler.config import Exchange
from reconciler.errors import TargetUnreachableError
from reconciler.exchange import failures
from reconciler.exchange.connection import Door
from reconciler.exchange.failures import BusyError, GoneError
from reconciler.exchange.runspace import Properties, Runspace
from reconciler.patience import Patience

_PATIENCE_SECONDS = 300.0


def _unheard(_: str) -> None:
    """Say nothing."""


class Shell:
    """Runs cmdlets; several threads may ask at once.

    Runspaces are opened when they are needed, `config.conexiones` at most, and used again. `waiting` gets, in words
    and from whichever thread waits, each wait that a busy server asks for; in all, one cmdlet waits `patience_s`.
    `warned` gets a cmdlet's name and what it warned of. `sleep` is there to be replaced in tests.
    """

    def __init__(
        self,
        config: Exchange,
        *,
        waiting: Callable[[str], None] = _unheard,
        warned: Callable[[str, str], None] = lambda *_: None,
        patience_s: float = _PATIENCE_SECONDS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Take what is needed to connect; nothing is connected yet.

        Raises:
            ConfigurationError: user, password, authority or Kerberos libraries are missing or not safe.

        """
        self._door = Door(config)
        self._espera_s, self._conexiones = config.espera_s, config.conexiones
        self._waiting, self._warned = waiting, warned
        self._patience_s, self._sleep = patience_s, sleep
        self._places = threading.BoundedSemaphore(config.conexiones)
        self._lock = threading.Lock()
        self._idle: list[Runspace] = []
        self._closed = False

    def invoke(self, cmdlet: str, /, **parameters: Any) -> tuple[Properties, ...]:
        """Run one cmdlet in a pipeline of its own and return the properties of each object that it put out.

        None is PowerShell's $null; a switch takes True or False.

        Raises:
            TargetUnreachableError: nothing was done, and no account would fare better.
            TargetRejectedError: the server answered no.
            ChangedMeanwhileError: the object is not there, or not in the state that was read.
            OutcomeUnknownError: a change was sent and its answer lost.

        """
        patience = Patience(self._patience_s, self._waiting, self._sleep)
        closed = 0
        while True:
            try:
                return self._once(cmdlet, parameters)
            except BusyError as busy:
                if not patience.wait(busy.why, busy.seconds):
                    raise failures.impatient(busy, self._door.where) from None
            except GoneError:
                closed += 1
                if closed > self._conexiones:  # more than could have been lying idle
                    raise failures.always_gone(self._door.where) from None

    def close(self) -> None:
        """Close every runspace that nobody is using, and those in use when they end; again, it does nothing."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for runspace in idle:
            runspace.close()

    def _once(self, cmdlet: str, parameters: Mapping[str, Any]) -> tuple[Properties, ...]:
        with self._runspace() as runspace:
            found = runspace.run(cmdlet, parameters)
            for warning in runspace.warnings:
                self._warned(cmdlet, warning)
            return found

    @contextlib.contextmanager
    def _runspace(self) -> Iterator[Runspace]:
        with self._places:
            runspace = self._take()
            try:
                yield runspace
            finally:
                self._put(runspace)

    def _take(self) -> Runspace:
        with self._lock:
            if self._closed:
                raise TargetUnreachableError(
                    "La consola de Exchange ya se cerró.", remedy="Es un defecto de cuentas: repórtelo."
                )
            if self._idle:
                return self._idle.pop()
        return Runspace(self._door, self._espera_s, self._waiting)

    def _put(self, runspace: Runspace) -> None:
        with self._lock:
            keep = runspace.usable and not self._closed
            if keep:
                self._idle.append(runspace)
        if not keep:
            runspace.close()
