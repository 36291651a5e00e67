"""One runspace of Exchange's shell: one cmdlet after another, each in a pipeline of its own.

Exchange runs in no-language mode: cmdlets and parameters, never script.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from pypsrp.complex_objects import GenericComplexObject, PSInvocationState
from pypsrp.powershell import PowerShell

from reconciler.exchange import failures, records
from reconciler.exchange.connection import Door
from reconciler.exchange.failures import Attempt

Properties = Mapping[str, object]
"""What an object that a cmdlet returns says of itself."""

_STALE_SECONDS = 30.0
_FAREWELL_SECONDS = 5
_GRACE_SECONDS = 2  # for a last «nothing yet» to come


class Runspace:
    """An open runspace on a connection of its own, used by one thread at a time.

    `usable` turns false when it has to be closed rather than used again.
    """

    def __init__(self, door: Door, patience_s: int, waiting: Callable[[str], None]) -> None:
        """Open it, in `patience_s` seconds or a little more; `waiting` hears, in words, that it takes long.

        Raises:
            TargetUnreachableError: nobody answers, or it is not let in.
            BusyError: the server asks to wait.

        """
        self.usable = True
        self.warnings: tuple[str, ...] = ()
        self._where: Final = door.where
        self._patience_s: Final = patience_s
        self._wire, self._pool = door.unopened(waiting)
        self._used = time.monotonic()
        self._wire.allow(patience_s)
        try:
            self._pool.open()
        except Exception as error:  # noqa: BLE001 -- no foreign exception leaves the adapter
            failure = failures.not_opened(error, door.where)
        except BaseException:
            self.close()
            raise
        else:
            return
        self.close()
        raise failure from None

    def run(self, cmdlet: str, parameters: Mapping[str, Any]) -> tuple[Properties, ...]:
        """Run one cmdlet to its end and return what it put out.

        Raises:
            TargetError: what was answered, or that no answer came.
            BusyError: it was not run, and may be later.
            GoneError: it was not run: the server had closed the runspace.

        """
        attempt = Attempt(cmdlet, self._where)
        self._wake()
        self.usable = False
        pipeline = PowerShell(self._pool)
        pipeline.add_cmdlet(cmdlet)
        for name, value in parameters.items():
            pipeline.add_parameter(name, value)
        deadline = time.monotonic() + self._patience_s
        self._wire.allow(self._patience_s + _GRACE_SECONDS)
        self._begin(pipeline, attempt)
        self._finish(pipeline, attempt, deadline)
        self._leave(pipeline)
        self.warnings = tuple(str(warning.message) for warning in pipeline.streams.warning)
        if pipeline.streams.error:
            raise records.error_for(pipeline.streams.error, attempt)
        if pipeline.state != PSInvocationState.COMPLETED:
            raise records.stopped(attempt)
        return tuple(_properties(one) for one in pipeline.output)

    def close(self) -> None:
        """Tell the server to let go of it, briefly: one that stays open counts against the account's limit."""
        self.usable = False
        self._wire.hurry(_FAREWELL_SECONDS)
        with contextlib.suppress(Exception):
            self._wire.forget_connection()
            self._pool.shell.close()
        with contextlib.suppress(Exception):
            self._wire.close()

    def _wake(self) -> None:
        if time.monotonic() - self._used > _STALE_SECONDS:
            self._wire.forget_connection()

    def _begin(self, pipeline: PowerShell, attempt: Attempt) -> None:
        try:
            pipeline.begin_invoke()
        except Exception as error:  # noqa: BLE001 -- no foreign exception leaves the adapter
            failure = failures.not_begun(error, attempt, posted=self._wire.posted)
            self.usable = isinstance(failure, failures.BusyError)
            raise failure from None

    def _finish(self, pipeline: PowerShell, attempt: Attempt, deadline: float) -> None:
        try:
            while pipeline.state == PSInvocationState.RUNNING:
                left = deadline - time.monotonic()
                if left <= 0:
                    break
                pipeline.poll_invoke(timeout=max(1, min(self._wire.operation_timeout, round(left))))
        except Exception as error:  # noqa: BLE001 -- no foreign exception leaves the adapter
            raise failures.interrupted(error, attempt) from None
        if pipeline.state == PSInvocationState.RUNNING:
            raise failures.too_slow(attempt, self._patience_s)

    def _leave(self, pipeline: PowerShell) -> None:
        """Free the pipeline; what the cmdlet did is known, so a failure only costs the runspace."""
        self._wire.allow(_FAREWELL_SECONDS)
        with contextlib.suppress(Exception):
            pipeline.close()
            self._used = time.monotonic()
            self.usable = True


def _properties(output: Any) -> Properties:
    if isinstance(output, GenericComplexObject):
        return {**output.extended_properties, **output.adapted_properties}
    return {"Value": output}
