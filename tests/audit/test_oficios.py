"""One oficio for one request, and for several accounts where it was received for each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from reconciler.audit.findings import Code
from reconciler.audit.oficios import oficio_findings, received
from reconciler.cli.workspace import LANGUAGE
from reconciler.engine.desired import read_trail
from reconciler.events import JSON, Event, EventKind
from reconciler.model import AccountKey
from reconciler.repository import Repository
from tests.cli.desk import ANA, JUAN, SAF, saf
from tests.forge import Forge, founded


def found(forge: Forge, events: Sequence[Event] = ()) -> list[Code]:
    with Repository.open(forge.path) as repository:
        trail = read_trail(repository, LANGUAGE, repository.resolve("main"))
    return [one.code for one in oficio_findings(trail, (), received(events))]


def order(at: datetime, key: str = "ana.ruiz", **more: JSON) -> Event:
    data: dict[str, JSON] = {"orden": "OT-1", "movimiento": "alta", "oficio": "saf-1-2026", **more}
    return Event(kind=EventKind.ORDER_RECEIVED, at=at, run="mesa", key=AccountKey(key), data=data)


def test_a_letter_that_was_received_for_each_account_may_come_in_several_merges(tmp_path: Path) -> None:
    forge = founded(tmp_path / "repo")
    forge.pull_request({SAF: saf(JUAN)})
    before = datetime.fromtimestamp(forge.clock, UTC)
    forge.clock += 86400
    forge.pull_request({SAF: saf(JUAN, ANA)})
    assert found(forge) == [Code.OFICIO_REPETIDO]
    assert found(forge, [order(before)]) == []
    assert found(forge, [order(before, oficio=None), order_came(before)]) == []
    assert found(forge, [order(before + timedelta(days=9))]) == [Code.OFICIO_REPETIDO]
    assert found(forge, [order(before, "otra.persona")]) == [Code.OFICIO_REPETIDO]
    assert found(forge, [order(before, movimiento="baja")]) == [Code.OFICIO_REPETIDO]
    assert found(forge, [order(before, destino="embedded")]) == [Code.OFICIO_REPETIDO]


def order_came(at: datetime) -> Event:
    data: dict[str, JSON] = {"orden": "OT-1", "oficio": "SAF/1/2026"}
    return Event(kind=EventKind.ORDER_OFICIO, at=at, run="mesa", key=AccountKey("ana.ruiz"), data=data)
