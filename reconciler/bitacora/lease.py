"""The lease: one run applies at a time, in one clone by a lock, among clones by an event on record."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from reconciler.bitacora.bitacora import Bitacora
from reconciler.bitacora.chain import MalformedLineError, moment, read_moment
from reconciler.bitacora.files import open_lock, storing, try_lock
from reconciler.errors import BusyError, RecordError
from reconciler.events import JSON, Event, EventKind

DURATION = timedelta(minutes=30)
"""How long a lease stands without being renewed; clones' clocks have to agree much better than that."""

_AHEAD = timedelta(hours=1)
"""How much further than it could last a lease may reach before a clock is taken to be wrong."""

_WHAT = "el arriendo"


@dataclass(frozen=True, slots=True)
class Tenure:
    """Who holds the lease: the run, since and until when, in which clone, on which machine."""

    run: str
    since: datetime
    until: datetime
    clone: str
    host: str


def holder(events: Iterable[Event]) -> Tenure | None:
    """Return who holds the lease after these events, expired or not; every reader finds the same.

    The first to ask gets it. Another run's asking counts only once the lease has expired (by the moment of
    that event), or to replace (`sustituye`) a dead run of the very same clone or one whose clock was ahead.
    """
    tenure: Tenure | None = None
    for event in events:
        mine = tenure is not None and tenure.run == event.run
        if event.kind is EventKind.LEASE and not event.data.get("libera"):
            asked = _tenure(event)
            if tenure is None or tenure.until <= event.at or _replaces(event, tenure):
                tenure = asked
            elif mine:
                tenure = Tenure(tenure.run, tenure.since, asked.until, tenure.clone, tenure.host)
        elif mine and event.kind in (EventKind.LEASE, EventKind.RUN_ENDED):
            tenure = None
    return tenure


class Lease:
    """The right to apply, from `acquire` to `release`; a killed process loses its lock at once."""

    def __init__(self, record: Bitacora, clock: Callable[[], datetime], duration: timedelta, descriptor: int) -> None:
        self._record = record
        self._clock = clock
        self._duration = duration
        self._descriptor = descriptor
        self.until = clock()

    def renew(self) -> None:
        """Prolong the lease when less than half of it is left; to be called between two changes.

        Raises:
            BusyError: it expired and another run has taken it: stop at once.
            RecordError: the bitácora cannot be written.

        """
        if self.until - self._clock() < self._duration / 2:
            self._ask({})

    def resume(self) -> None:
        """Hold the lease again once the run was said to have ended: what follows is still done by one machine alone.

        Raises:
            BusyError: another run has taken it since.
            RecordError: the bitácora cannot be written.

        """
        tenure = holder(self._record.events())
        if tenure is None or tenure.run != self._record.run:
            self._ask({})

    def release(self) -> None:
        """Give the lease back; calling it again does nothing.

        Raises:
            RecordError: the bitácora cannot be written; the lease then ends by itself.

        """
        if self._descriptor < 0:
            return
        try:
            tenure = holder(self._record.events())
            if tenure is not None and tenure.run == self._record.run:
                self._give_back()
        finally:
            self._unlock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.release()
        except RecordError:
            if value is None:
                raise

    def _claim(self, distrusted: Collection[str]) -> None:
        """Ask for the lease, against whoever the record says holds it."""
        self._record.refresh()
        tenure = holder(self._record.events())
        more: dict[str, JSON] = {}
        if tenure is not None and tenure.run != self._record.run and tenure.until > self._clock():
            bad = tenure.run in distrusted and _is_ahead(tenure, self._clock())
            if tenure.clone != self._record.clone() and not bad:
                raise _ahead(tenure) if _is_ahead(tenure, self._clock()) else _busy(tenure)
            more = {"sustituye": tenure.run}
        self._ask(more)

    def _ask(self, more: dict[str, JSON]) -> None:
        now = self._clock()
        until = now + self._duration
        data: dict[str, JSON] = {
            "hasta": moment(until),
            "clon": self._record.clone(),
            "equipo": socket.gethostname(),
        }
        self._record.append(Event(kind=EventKind.LEASE, at=now, run=self._record.run, data=data | more))
        self._record.publish()
        tenure = holder(self._record.events())
        if tenure is None or tenure.run != self._record.run:
            with suppress(RecordError):
                self._give_back()
            raise _busy(tenure)
        self.until = until

    def _give_back(self) -> None:
        now = self._clock()
        data: dict[str, JSON] = {"hasta": moment(now), "libera": True}
        self._record.append(Event(kind=EventKind.LEASE, at=now, run=self._record.run, data=data))
        self._record.publish()

    def _unlock(self) -> None:
        os.close(self._descriptor)
        self._descriptor = -1


def acquire(
    record: Bitacora,
    clock: Callable[[], datetime],
    duration: timedelta = DURATION,
    distrusted: Collection[str] = (),
) -> Lease:
    """Get the lease for the record's run, or say who has it.

    In one clone a lock decides, which the kernel takes from a dead process: what that one left on record is
    replaced at once. Another clone's lease stands until it expires or its run ends; one that reaches further than any
    could is replaced only where its run is among the `distrusted`, whose clocks are known to have been wrong.

    Raises:
        BusyError: another run holds it; says which, where, since and until when, and what to do.
        RecordError: the bitácora cannot be read or written.

    """
    with storing(_WHAT):
        descriptor = open_lock(record.directory / "arriendo")
    lease = Lease(record, clock, duration, descriptor)
    try:
        _lock(descriptor, record.run)
        lease._claim(distrusted)  # noqa: SLF001  # the other half of this function
    except BaseException:
        lease._unlock()  # noqa: SLF001
        raise
    return lease


def _replaces(event: Event, tenure: Tenure) -> bool:
    same = event.data.get("clon") == tenure.clone
    return event.data.get("sustituye") == tenure.run and (same or _is_ahead(tenure, event.at))


def _is_ahead(tenure: Tenure, now: datetime) -> bool:
    return tenure.until > now + DURATION + _AHEAD


def _tenure(event: Event) -> Tenure:
    until = event.at
    with suppress(MalformedLineError):
        until = read_moment(event.data.get("hasta"))
    clone, host = event.data.get("clon"), event.data.get("equipo")
    return Tenure(event.run, event.at, until, str(clone), str(host))


def _lock(descriptor: int, run: str) -> None:
    """Lock this clone's lease and leave a note for whoever finds it locked, or say who has it."""
    with storing(_WHAT):
        if not try_lock(descriptor):
            who = os.pread(descriptor, 500, 0).decode("utf-8", "replace").strip()
            raise BusyError(
                f"Otra corrida está aplicando en esta misma copia: {who or 'acaba de empezar'}.",
                remedy="Espere a que termine; si se colgó, termine ese proceso y vuelva a correr.",
            )
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{run}, proceso {os.getpid()}\n".encode(), 0)


def _busy(tenure: Tenure | None) -> BusyError:
    if tenure is None:
        return BusyError("El arriendo se soltó mientras se pedía.", remedy="Vuelva a correr.")
    return BusyError(
        f"La corrida {tenure.run} está aplicando desde {tenure.host} (copia {tenure.clone}), desde "
        f"{tenure.since:%Y-%m-%d %H:%M} y hasta {tenure.until:%Y-%m-%d %H:%M} UTC.",
        remedy="Espere a que termine; si murió, su arriendo vence a esa hora y basta volver a correr.",
    )


def _ahead(tenure: Tenure) -> BusyError:
    return BusyError(
        f"El arriendo de la corrida {tenure.run}, del equipo {tenure.host} (copia {tenure.clone}), llega hasta "
        f"{tenure.until:%Y-%m-%d %H:%M} UTC: el reloj de ese equipo o el de esta máquina está mal.",
        remedy="Corrija el reloj equivocado (NTP). Si era el de ese equipo y ahí ya nada corre, vuelva a correr en "
        f"su misma copia, o proponga en un pull request «limites: relojes_malos: [{tenure.run}]» en cuentas.yaml.",
    )
