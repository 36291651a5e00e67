"""A double of the Sistema de Oficios' service: docs/sistema-oficios.md over HTTPS, and faults on order.

It keeps the contract as its other side has to: what comes again under a key is answered as it was, and does nothing.
"""

from __future__ import annotations

import json
from collections import deque
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from tests.lab.https import Handler, HttpsDouble
from tests.lab.samba.domain import ADDRESSES

ORDERS, STATUS = "/servicio/ordenes", "/servicio/estado"
TEXT = "SECRETO-DEL-SERVIDOR"
"""What the service says in its own words: nobody is ever to see it."""


class Fault(Enum):
    """What to do to one request instead of answering it."""

    BROKEN = 500
    DOWN = 503
    BUSY = 429
    BUSY_FOR_LONG = "429, in an hour"
    DENIED = 401
    FORBIDDEN = 403
    REDIRECT = 307
    UNKNOWN_AGENCY = 422
    CONFLICT = 409
    GONE = 404
    LATER = 202
    NO_CONTENT = 204
    CUT_BEFORE = "cut before"
    CUT_AFTER = "cut after"
    BROKEN_AFTER = "500 after"
    SLOW_AFTER = "drips for ever"
    HUGE_AFTER = "huge"
    GARBLED_AFTER = "no json"
    ANOTHERS_AFTER = "another order's"
    PACKED_AFTER = "gzip"
    DEEP_AFTER = "[[[["


_AFTER = frozenset(one for one in Fault if one.name.endswith("_AFTER"))
_CODES = {422: "dependencia-desconocida", 409: "clave-repetida"}


@dataclass
class OficiosServer(HttpsDouble):
    """`with OficiosServer(certificates, token) as server`; each request uses up one of `faults` (None: none).

    `raised` are the orders there are, by number, and `closed` the numbers of those that were closed; `done` counts
    how often anything was really done. `keys` are the keys of every request, in order.
    """

    certificates: Path
    token: str = field(repr=False)
    faults: deque[Fault | None] = field(default_factory=deque)
    raised: dict[str, dict[str, str | None]] = field(default_factory=dict)
    closed: list[str] = field(default_factory=list)
    done: int = 0
    keys: list[str] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list, repr=False)
    answered: dict[str, tuple[bytes, tuple[int, bytes]]] = field(default_factory=dict)

    host = ADDRESSES[2]

    def handler(self) -> type[Handler]:
        """Return what answers."""
        return _Handler

    @property
    def url(self) -> str:
        """Where it is, as cuentas.yaml says it."""
        return f"https://{self.host}:{self.port}/servicio"

    def perform(self, key: str, body: bytes) -> tuple[int, bytes]:
        """Raise or close an order, once for each key, and return the answer."""
        if key in self.answered:
            before, answer = self.answered[key]
            return answer if before == body else (409, b'{"codigo": "clave-repetida"}')
        asked = json.loads(body)
        if asked["accion"] == "levantar":
            number = f"SO-{len(self.raised) + 1:05}"
            self.raised[number] = asked
        else:
            number = str(asked["numero"])
            if number not in self.raised:
                return 422, b'{"codigo": "orden-desconocida"}'
            self.closed.append(number)
        self.done += 1
        said = {"orden": asked["orden"], "accion": asked["accion"], "numero": number, "mensaje": TEXT}
        self.answered[key] = body, (201, json.dumps(said).encode())
        return self.answered[key][1]


class _Handler(Handler):
    double: OficiosServer

    def take(self, method: str, body: bytes) -> None:
        self.double.asked.append((self.path, dict(self.headers), body))
        if self.path == ORDERS:
            self.double.keys.append(self.headers["Idempotency-Key"])
        fault = self.double.faults.popleft() if self.double.faults else None
        if method == "POST" and fault is Fault.CUT_BEFORE:
            self.close_connection = True
        elif not self._enters(fault):
            return
        elif method == "POST":
            self._serve(body, fault)
        else:
            self._answer(200 if self.path == STATUS else 404, b'{"sistema": "doble"}')

    def _enters(self, fault: Fault | None) -> bool:
        if fault in {Fault.DENIED, Fault.FORBIDDEN}:
            self._answer(int(fault.value), TEXT.encode())
            return False
        if self.headers["Authorization"] != f"Bearer {self.double.token}":
            self._answer(401, TEXT.encode())
            return False
        return True

    def _serve(self, body: bytes, fault: Fault | None) -> None:
        if fault is not None and fault not in _AFTER:
            self._refuse(fault)
            return
        status, answer = self.double.perform(self.headers["Idempotency-Key"], body)
        match fault:
            case Fault.CUT_AFTER:
                self.close_connection = True
            case Fault.BROKEN_AFTER:
                self._answer(500, TEXT.encode())
            case Fault.SLOW_AFTER:
                self.drip(201, answer)
            case Fault.HUGE_AFTER:
                self._answer(status, answer + b" " * (1 << 20))
            case Fault.GARBLED_AFTER:
                self._answer(status, f"<html>{TEXT}</html>".encode())
            case Fault.DEEP_AFTER:
                self._answer(status, b"[" * 60_000)
            case Fault.ANOTHERS_AFTER:
                self._answer(status, b'{"orden": "OT-2026-00000000", "accion": "levantar", "numero": "SO-9"}')
            case Fault.PACKED_AFTER:
                self._answer(status, answer, ("Content-Encoding", "gzip"))
            case _:
                self._answer(status, answer)

    def _refuse(self, fault: Fault) -> None:
        headers: list[tuple[str, str]] = []
        status = 429 if fault is Fault.BUSY_FOR_LONG else int(fault.value)
        if fault is Fault.REDIRECT:
            headers.append(("Location", f"https://{self.double.host}:1/otra"))
        if fault is Fault.BUSY:
            headers.append(("Retry-After", "7"))
        if fault is Fault.BUSY_FOR_LONG:
            headers.append(("Retry-After", "3600"))
        code = {"codigo": _CODES[status]} if status in _CODES else {}
        self._answer(status, json.dumps(code | {"mensaje": TEXT}).encode() if status != 204 else b"", *headers)

    def _answer(self, status: int, body: bytes, *headers: tuple[str, str]) -> None:
        self.answer(status, body, *headers, ("Content-Type", "application/json"))
