"""Orders to tell, as the record would have them, and what tells them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from reconciler.config import OficiosHttp
from reconciler.engine.telling import Clerk
from reconciler.events import JSON, Event, EventKind
from reconciler.model import AccountKey, Movimiento
from reconciler.orders import Order
from tests.engine.world import MemoryRecord
from tests.lab.oficios import OficiosServer

MOMENT = datetime(2026, 3, 24, 5, 30, tzinfo=UTC)
"""A quarter of an hour before midnight, the day before, where the institution is."""

ZONE = ZoneInfo("America/Mazatlan")

TOKEN = "Canario7_testigo.de-portador"  # noqa: S105 -- a planted one


def order(place: int = 1, **more: Any) -> Order:
    """Return an order that was received with its oficio."""
    given: dict[str, Any] = {
        "id": f"OT-2026-{place:08}",
        "key": AccountKey("juan.perez"),
        "movement": Movimiento.ALTA,
        "dependencia": "SAF",
        "received": date(2026, 3, 23),
        "opened": MOMENT,
        "medium": "oficio",
        "oficio": "SAF/DA/0123/2026",
        "enlace": "laura.beltran",
    }
    return Order(**given | more)


def closed(place: int = 1, **more: Any) -> Order:
    """Return an order that is closed, and of which nothing was told yet."""
    return order(place, **{"done": MOMENT, "closed": MOMENT} | more)


def known(*those: Order) -> Mapping[str, Order]:
    """Return orders by name, as the fold does."""
    return {one.id: one for one in those}


def says(kind: EventKind, key: AccountKey | None = None, **data: JSON) -> Event:
    """Return an event of a run, always of the same moment."""
    return Event(kind=kind, at=MOMENT, run="2026-03-24-prueba", key=key, data=data)


def clerk(record: MemoryRecord) -> Clerk:
    """Return who puts confirmations on a record."""
    return Clerk(record=record, says=says, target="ad")


def config(server: OficiosServer, folder: Path, **more: Any) -> OficiosHttp:
    """Return what reaches a server; `folder` is where `issue` put its authority."""
    token = folder / "testigo"
    token.touch(0o600)
    token.write_text(f"{TOKEN}\n")
    given = {"modo": "http", "url": server.url, "ca": folder / "servidor" / "ca.pem", "clave_archivo": token}
    return OficiosHttp.model_validate(given | {"espera_s": 5} | more)
