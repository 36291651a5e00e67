"""What the bitácora says: its events, and the folds that answer questions from them.

Nothing else keeps state: what was done, what was left half done and which exception is spent are all
computed here from the sequence of events.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from reconciler.model import AccountKey

JSON = str | int | float | bool | None | list["JSON"] | dict[str, "JSON"]


class EventKind(StrEnum):
    """The closed list of events, in the words that an auditor reads."""

    LEASE = "arriendo"
    RUN_STARTED = "corrida_iniciada"
    RUN_ENDED = "corrida_terminada"
    ATTEMPT = "intento"
    OUTCOME = "resultado"
    RECONCILED = "conciliado"
    EXCEPTION_USED = "excepcion_usada"
    SHEET_SEALED = "hoja_sellada"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of the bitácora. `at` is aware UTC; `data` holds JSON values and never personal data."""

    kind: EventKind
    at: datetime
    run: str
    key: AccountKey | None = None
    data: Mapping[str, JSON] = field(default_factory=dict)
