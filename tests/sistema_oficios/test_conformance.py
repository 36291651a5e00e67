"""What every way to the Sistema de Oficios promises: each thing done there once, its number on record, none lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pytest

from reconciler.config import OficiosArchivo
from reconciler.engine.ports import OrderSystem
from reconciler.engine.telling import Told, tell
from reconciler.errors import TargetRejectedError
from reconciler.events import Event, EventKind
from reconciler.orders import Order, Telling, orders
from reconciler.sistema_oficios.files import FileSystem
from reconciler.sistema_oficios.manual import ManualSystem
from reconciler.sistema_oficios.service import HttpSystem
from tests.engine.world import MemoryRecord
from tests.lab.oficios import OficiosServer
from tests.letters import patient
from tests.sistema_oficios.work import ZONE, clerk, closed, config, known, order


class Side(Protocol):
    """The other side: whoever has the Sistema de Oficios."""

    def system(self) -> OrderSystem:
        """Return a new way to it."""

    def work(self) -> None:
        """Do what is waiting to be done there."""

    def has(self) -> tuple[int, int]:
        """Return how many orders were raised and how many closed there."""


@dataclass
class Clerical:
    """Somebody who captures what the terminal says, and answers its questions."""

    said: list[str] = field(default_factory=list)
    book: dict[str, str] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)

    def system(self) -> OrderSystem:
        return ManualSystem(ZONE, self.said.append, self._answer)

    def work(self) -> None: ...

    def has(self) -> tuple[int, int]:
        return len(self.book), len(self.ended)

    def _answer(self, question: str) -> str:
        if "¿Ya cerró la orden" in question:
            self.ended.add(question)
            return "s"
        title = next(line for line in reversed(self.said) if line.startswith("Levantar"))
        return self.book.setdefault(title, f"M/{len(self.book) + 1}")


@dataclass
class Program:
    """A program that takes files and answers each once by its name, however often it finds it."""

    folder: Path
    format: str
    book: dict[str, str] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)

    def system(self) -> OrderSystem:
        return FileSystem(
            OficiosArchivo.model_validate({"modo": "archivo", "formato": self.format}), self.folder, ZONE
        )

    def work(self) -> None:
        for one in sorted((self.folder / "salida").glob("*")):
            order, what, _ = one.name.split(".")
            number = self.book.setdefault(order, f"P-{len(self.book) + 1}")
            if what == "cerrar":
                self.ended.add(order)
            (self.folder / "entrada").mkdir(exist_ok=True)
            answer = {"orden": order, "accion": what, "numero": number}
            (self.folder / "entrada" / f"{one.stem}.json").write_text(json.dumps(answer))

    def has(self) -> tuple[int, int]:
        return len(self.book), len(self.ended)


@dataclass
class Service:
    """The double of the service."""

    server: OficiosServer
    folder: Path

    def system(self) -> OrderSystem:
        return HttpSystem(config(self.server, self.folder), ZONE, patient)

    def work(self) -> None: ...

    def has(self) -> tuple[int, int]:
        return len(self.server.raised), len(self.server.closed)


@pytest.fixture(name="side", params=["manual", "json", "csv", "http"])
def _side(request: pytest.FixtureRequest, tmp_path: Path, folder: Path) -> Iterator[Side]:
    if request.param == "manual":
        yield Clerical()
    elif request.param == "http":
        yield Service(request.getfixturevalue("server"), folder)
    else:
        yield Program(tmp_path / "intercambio" / "ad", request.param)


def once(side: Side, record: MemoryRecord, *those: Order) -> Told:
    """Tell what the record does not say was told, as one run does."""
    system = side.system()
    told = tell(orders([*opening(*those), *record.kept], "ad"), system, clerk(record))
    system.close()
    system.close()
    return told


def opening(*those: Order) -> Iterator[Event]:
    """Yield what the record says of orders before anything is told."""
    for one in those:
        data = {"orden": one.id, "movimiento": one.movement.value, "dependencia": one.dependencia}
        data |= {
            "oficio": str(one.oficio),
            "recibido": str(one.received),
            "medio": "oficio",
            "enlace": str(one.enlace),
        }
        yield Event(kind=EventKind.ORDER_RECEIVED, at=one.opened, run="solicitud", key=one.key, data=dict(data))
        if one.closed:
            yield Event(
                kind=EventKind.ORDER_CLOSED, at=one.closed, run="corrida", data={"orden": one.id, "destino": "ad"}
            )


def test_everything_is_done_there_once_and_on_record_with_one_number(side: Side) -> None:
    record = MemoryRecord()
    those = (closed(1), order(2, oficio="SAF/DA/0200/2026"))
    for _ in range(4):
        told = once(side, record, *those)
        assert told.trouble is None
        side.work()
    assert told.waiting == ()
    assert side.has() == (2, 1)
    said = [(one.data["orden"], one.data["accion"], one.data["destino"]) for one in record.kept]
    assert sorted(said) == [
        ("OT-2026-00000001", "cerrar", "ad"),
        ("OT-2026-00000001", "levantar", "ad"),
        ("OT-2026-00000002", "levantar", "ad"),
    ]
    numbers = {(one.data["orden"], one.data["numero"]) for one in record.kept}
    assert len(numbers) == 2


def test_whoever_is_killed_before_the_record_tells_it_again_and_it_is_the_same_order(side: Side) -> None:
    for _ in range(3):
        once(side, MemoryRecord(), order())  # what it put on record is lost with it
        side.work()
    record = MemoryRecord()
    for _ in range(2):
        once(side, record, order())
        side.work()
    assert len(record.kept) == 1
    assert side.has() == (1, 0)


def test_what_is_on_record_is_not_told_again(side: Side) -> None:
    record = MemoryRecord()
    for _ in range(2):
        once(side, record, closed())
        side.work()
    for _ in range(3):
        once(side, record, closed())
        side.work()
    before = list(record.kept)
    assert once(side, record, closed()) == Told()
    assert record.kept == before


def test_a_name_that_is_none_of_ours_reaches_nobody(side: Side) -> None:
    system = side.system()
    with pytest.raises(TargetRejectedError, match="cuentas audit"):
        system.tell(order(id="../../etc/passwd"), Telling.OPEN)
    system.close()
    side.work()
    assert side.has() == (0, 0)


def test_one_that_is_refused_stays_and_does_not_keep_the_others_waiting(side: Side) -> None:
    record = MemoryRecord()
    system = side.system()
    both = known(order(1, id="OT-1"), order(2))
    for _ in range(2):
        told = tell(both, system, clerk(record))
        side.work()
    system.close()
    assert [one.id for one in told.waiting][:1] == ["OT-1"]
    assert "OT-1" in str(told.refused[0])
    assert {one.data["orden"] for one in record.kept} == {"OT-2026-00000002"}
