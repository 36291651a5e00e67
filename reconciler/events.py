"""What the bitácora says: its events, and the folds that answer questions from them.

Nothing else keeps state: what was done, what was left half done and which exception is spent are all
computed here from the sequence of events.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from enum import StrEnum

from reconciler.model import AccountKey
from reconciler.plan import Result

JSON = str | int | float | bool | None | list["JSON"] | dict[str, "JSON"]


class EventKind(StrEnum):
    """The closed list of events, in the words that an auditor reads."""

    LEASE = "arriendo"
    RUN_STARTED = "corrida_iniciada"
    RUN_ENDED = "corrida_terminada"
    EVIDENCE = "evidencia"
    NOT_SHOWN = "no_mostrado"
    ATTEMPT = "intento"
    OUTCOME = "resultado"
    RECONCILED = "conciliado"
    EXCEPTION_USED = "excepcion_usada"
    SHEET_ASKED = "hoja_pedida"
    SHEET_SEALED = "hoja_sellada"
    SHEET_PRINTED = "hoja_impresa"
    SHEET_SENT = "hoja_enviada"
    SHEET_ACKNOWLEDGED = "hoja_acusada"
    SHEET_REMOVED = "hoja_retirada"
    ORDER_RECEIVED = "orden_recibida"
    ORDER_OFICIO = "orden_oficio"
    ORDER_DONE = "orden_ejecutada"
    ORDER_CLOSED = "orden_cerrada"
    ORDER_WITHDRAWN = "orden_desistida"
    ORDER_NOTE = "orden_nota"
    ORDER_TOLD = "orden_capturada"
    NOTICE = "aviso"
    LATE = "no_conforme"
    LATE_TREATED = "no_conforme_tratada"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the bitácora. `at` is aware UTC; `data` holds JSON values and never personal data."""

    kind: EventKind
    at: datetime
    run: str
    key: AccountKey | None = None
    data: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """An intention on record: the change's id and verb, for which account, under which oficio and where.

    `kind` is the kind of movement that limits count it as.
    """

    run: str
    change: str
    verb: str
    key: AccountKey
    oficio: str
    dependencia: str = ""
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the record says of one target, as of its last event.

    `last_count` comes from the last run that ended, `last_commit` from the last that ended or set out to
    change anything; `open_attempts` are intentions of
    which nobody wrote how they ended; `owed` names the changes that the last run set out to make and did
    not; `spent` are the plan digests whose exception was used, each with the changes that its run set out to
    make and still owes. `present_for` are the oficios under which an account was made or kept in service;
    `identity` is the object that an account was created as or adopted in; `taken_off` are the mailboxes that a run
    set out to disconnect, each with the object that had it. `recent` are the accounts on which
    movements of each kind were made lately, those under an exception left out.
    """

    last_count: int | None = None
    last_commit: str | None = None
    open_attempts: tuple[Attempt, ...] = ()
    owed: frozenset[str] = frozenset()
    spent: Mapping[str, frozenset[str]] = field(default_factory=dict)
    retired_on: Mapping[AccountKey, date] = field(default_factory=dict)
    present_for: Mapping[AccountKey, frozenset[str]] = field(default_factory=dict)
    identity: Mapping[AccountKey, str] = field(default_factory=dict)
    taken_off: Mapping[str, str] = field(default_factory=dict)
    recent: Mapping[str, frozenset[AccountKey]] = field(default_factory=dict)


def standing(events: Iterable[Event], target: str, zone: tzinfo, since: datetime | None = None) -> Standing:
    """Fold the record into what it says of one target; dates are local to `zone`.

    What was applied at `since` or later is recent (None: nothing is).
    """
    fold = _Fold(target, zone, since)
    for event in events:
        fold.take(event)
    return Standing(
        last_count=fold.last_count,
        last_commit=fold.last_commit,
        open_attempts=tuple(fold.attempts.values()),
        owed=frozenset(fold.owed),
        spent={digest: frozenset(changes) for digest, changes in fold.spent.items()},
        retired_on={key: on for key, (_, on) in fold.retired.items()},
        present_for={key: frozenset(oficios) for key, oficios in fold.present_for.items()},
        identity=fold.identity,
        taken_off=fold.taken_off,
        recent={kind: frozenset(keys) for kind, keys in fold.recent.items()},
    )


@dataclass
class _Fold:
    target: str
    zone: tzinfo
    since: datetime | None
    last_count: int | None = None
    last_commit: str | None = None
    runs: dict[str, str] = field(default_factory=dict)
    attempts: dict[tuple[str, str], Attempt] = field(default_factory=dict)
    owed: set[str] = field(default_factory=set)
    spent: dict[str, set[str]] = field(default_factory=dict)
    spending: dict[str, str] = field(default_factory=dict)
    retired: dict[AccountKey, tuple[str, date]] = field(default_factory=dict)
    present_for: dict[AccountKey, set[str]] = field(default_factory=dict)
    identity: dict[AccountKey, str] = field(default_factory=dict)
    taken_off: dict[str, str] = field(default_factory=dict)
    recent: dict[str, set[AccountKey]] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        if event.kind is EventKind.RUN_STARTED and event.data.get("destino") == self.target:
            self.runs[event.run] = str(event.data.get("commit", ""))
            self.owed.clear()
        if event.run not in self.runs:
            return
        match event.kind:
            case EventKind.EXCEPTION_USED:
                digest = str(event.data["plan"])
                self.spent.setdefault(digest, set())
                self.spending[event.run] = digest
            case EventKind.ATTEMPT:
                self._attempted(event)
            case EventKind.OUTCOME | EventKind.RECONCILED:
                self._came_out(event)
            case EventKind.RUN_ENDED:
                self._ended(event)
            case _:
                pass

    def _attempted(self, event: Event) -> None:
        attempt = Attempt(
            run=event.run,
            change=str(event.data["cambio"]),
            verb=str(event.data["verbo"]),
            key=event.key or AccountKey(""),
            oficio=str(event.data["oficio"]),
            dependencia=str(event.data.get("dependencia", "")),
            kind=str(event.data.get("clase", "")),
        )
        self.attempts[event.run, attempt.change] = attempt
        if "buzon" in event.data:
            self.taken_off[str(event.data["buzon"])] = str(event.data["objeto"])
        self.owed.add(attempt.change)
        self.last_commit = self.runs[event.run] or self.last_commit
        if event.run in self.spending:
            self.spent[self.spending[event.run]].add(attempt.change)

    def _came_out(self, event: Event) -> None:
        run = str(event.data.get("de", event.run))
        attempt = self.attempts.get((run, str(event.data["cambio"])))
        result = event.data["estado"]
        if attempt is None:
            return
        if "guid" in event.data and (result == Result.APPLIED or attempt.verb == "create"):
            self.identity[attempt.key] = str(event.data["guid"])  # what an alta made is ours, finished or not
        if result == Result.UNKNOWN:
            return
        del self.attempts[run, attempt.change]
        if result == Result.APPLIED:
            self.owed.discard(attempt.change)
            self.spent.get(self.spending.get(run, ""), set()).discard(attempt.change)
            if self.since and event.at >= self.since and run not in self.spending:
                self.recent.setdefault(attempt.kind, set()).add(attempt.key)
            self._applied(attempt, event.at.astimezone(self.zone).date())

    def _applied(self, attempt: Attempt, on: date) -> None:
        match attempt.verb:
            case "create" | "adopt" | "rename" | "move":
                self.present_for.setdefault(attempt.key, set()).add(attempt.oficio)
                if attempt.verb in {"create", "adopt"}:  # another object: no baja of it is on record
                    self.retired.pop(attempt.key, None)
            case "disable":
                known, _ = self.retired.get(attempt.key, ("", on))
                if known != attempt.oficio:  # a baja repeated keeps its date, another baja has its own
                    self.retired[attempt.key] = attempt.oficio, on
            case "reactivate":
                self.retired.pop(attempt.key, None)
                self.present_for.setdefault(attempt.key, set()).add(attempt.oficio)
            case _:
                pass

    def _ended(self, event: Event) -> None:
        count = event.data.get("cuentas")
        if isinstance(count, int):
            self.last_count = count
            self.last_commit = self.runs[event.run] or self.last_commit
