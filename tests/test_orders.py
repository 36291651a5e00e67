"""The folds of orders and sheets: what the record says of each, however its events come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.events import Event, EventKind
from reconciler.model import AccountKey, Addressee
from reconciler.orders import Lack, Order, OrderState, Telling, by_oficio, missing, orders, sheets

JUAN = AccountKey("juan.perez")
START = datetime(2026, 11, 24, 18, tzinfo=UTC)
FIRST, SECOND, THIRD = "OT-2026-00000001", "OT-2026-00000002", "OT-2026-00000003"
FOLIO = "H-2026-00000001"


def event(kind: EventKind, key: AccountKey | None = None, *, run: str = "r1", minute: int = 0, **data: Any) -> Event:
    return Event(kind=kind, at=START + timedelta(minutes=minute), run=run, key=key, data=data)


def received(name: str = FIRST, oficio: str | None = "SAF/1/2026", **more: Any) -> Event:
    fields = {"movimiento": "alta", "dependencia": "SAF", "recibido": "2026-11-20", "medio": "oficio"}
    return event(EventKind.ORDER_RECEIVED, JUAN, orden=name, oficio=oficio, enlace="laura", **fields | more)


def done(name: str = FIRST, *, sheet: bool = False, **more: Any) -> Event:
    return event(
        EventKind.ORDER_DONE, JUAN, orden=name, avisar=["enlace", "interesado"], entregar=sheet, destino="ad", **more
    )


def told(one: str, state: str = "enviado", name: str = FIRST, **more: Any) -> Event:
    return event(EventKind.NOTICE, JUAN, orden=name, a=one, estado=state, destino="ad", **more)


def sealed(folio: str = FOLIO, order: str | None = FIRST, **more: Any) -> Event:
    return event(
        EventKind.SHEET_SEALED,
        JUAN,
        hoja="ad/juan.perez.age",
        folio=folio,
        sello="mesa",
        orden=order,
        destino="ad",
        **more,
    )


def of_sheet(kind: EventKind, folio: str = FOLIO, **more: Any) -> Event:
    return event(kind, folio=folio, destino="ad", **more)


def order(*events: Event, name: str = FIRST) -> Order:
    return orders(events, "ad")[name]


WHOLE = (
    received(oficio=None),
    event(EventKind.ORDER_OFICIO, JUAN, orden=FIRST, oficio="SAF/1/2026", enlace="laura"),
    sealed(minute=1),
    done(sheet=True, minute=2),
    told("enlace", minute=3),
    told("interesado", minute=4),
    of_sheet(EventKind.SHEET_PRINTED, minute=5),
    of_sheet(EventKind.SHEET_ACKNOWLEDGED, por="enlace", minute=6),
    event(EventKind.ORDER_CLOSED, JUAN, orden=FIRST, destino="ad", minute=7),
)


def test_an_order_goes_from_a_telephone_call_to_its_close() -> None:
    states = [order(*WHOLE[:count]).state for count in range(1, len(WHOLE) + 1)]
    assert [one.value for one in states] == [
        "pendiente_oficio", "recibida", "recibida", "ejecutada", "ejecutada", "resuelta", "resuelta", "resuelta",
        "cerrada",
    ]  # fmt: skip


def test_what_is_missing_goes_away_piece_by_piece() -> None:
    assert [missing(order(*WHOLE[:count])) for count in (1, 2, 4, 6, 7, 8)] == [
        (Lack.OFICIO, Lack.DONE),
        (Lack.DONE,),
        (Lack.ENLACE, Lack.INTERESTED, Lack.DELIVERY, Lack.RECEIPT),
        (Lack.DELIVERY, Lack.RECEIPT),
        (Lack.RECEIPT,),
        (),
    ]


def test_a_late_alta_lacks_its_cause_until_it_was_treated() -> None:
    late = event(EventKind.LATE, JUAN, orden=FIRST, vence="2026-11-23", destino="ad")
    treated = event(
        EventKind.LATE_TREATED, JUAN, orden=FIRST, causa="otra", tratamiento="Se creó", destino="ad", minute=9
    )
    assert missing(order(*WHOLE[:8], late)) == (Lack.CAUSE,)
    found = order(*WHOLE[:8], late, treated)
    assert missing(found) == ()
    assert found.late
    assert (found.late.due, found.late.cause, found.late.treatment) == (date(2026, 11, 23), "otra", "Se creó")


def test_it_counts_as_resolved_when_the_last_of_those_to_be_told_was() -> None:
    assert order(*WHOLE[:6]).resolved == START + timedelta(minutes=4)
    assert order(received(), done(minute=2), told("enlace", minute=3)).resolved is None


def test_a_notice_that_failed_is_remembered_until_it_is_sent() -> None:
    failed = told("enlace", "rechazado", detalle="el correo rechazó la carta")
    assert order(received(), done(), failed).failed == {Addressee.ENLACE: "el correo rechazó la carta"}
    assert order(received(), done(), failed).silent == (Addressee.ENLACE, Addressee.INTERESADO)
    again = order(received(), done(), failed, told("enlace", minute=8), told("enlace", minute=9))
    assert again.told == {Addressee.ENLACE: START + timedelta(minutes=8)}


def test_two_requests_of_one_account_and_oficio_are_one_order_however_it_is_spelled() -> None:
    events = [received(), received(SECOND, "saf - 1 - 2026", recibido="2026-11-23"), done(SECOND)]
    found = orders(events, "ad")
    assert list(found) == [FIRST]
    assert found[FIRST].done
    assert found[FIRST].received == date(2026, 11, 20)


@pytest.mark.parametrize(
    "change", [{"movimiento": "baja"}, {"oficio": "SAF/2/2026"}, {"key": AccountKey("ana.ruiz")}]
)
def test_another_account_movement_or_oficio_is_another_order(change: dict[str, Any]) -> None:
    other = received(SECOND)
    other = replace(other, key=change.pop("key", JUAN), data={**other.data, **change})
    assert list(orders([received(), other], "ad")) == [FIRST, SECOND]


def test_a_request_belongs_to_every_target_and_each_carries_it_out_for_itself() -> None:
    events = [received(), done()]
    assert orders(events, "ad")[FIRST].done
    assert orders(events, "embedded")[FIRST].done is None


def test_what_a_run_says_without_naming_its_target_is_that_targets() -> None:
    started = event(EventKind.RUN_STARTED, run="r9", destino="embedded")
    lone = event(EventKind.ORDER_CLOSED, JUAN, run="r9", orden=FIRST)
    assert orders([received(), started, lone], "ad")[FIRST].is_open
    assert not orders([received(), started, lone], "embedded")[FIRST].is_open


def test_a_withdrawn_order_is_over_and_its_oficio_may_ask_again() -> None:
    gone = event(EventKind.ORDER_WITHDRAWN, JUAN, orden=FIRST, motivo="Se retiró", minute=1)
    found = orders([received(), gone, received(SECOND), done(SECOND)], "ad")
    assert found[FIRST].state is OrderState.DESISTIDA
    assert found[SECOND].state is OrderState.EJECUTADA
    assert list(by_oficio(found).values()) == [found[SECOND]]


def test_what_was_done_is_not_withdrawn_any_more() -> None:
    gone = event(EventKind.ORDER_WITHDRAWN, JUAN, orden=FIRST, motivo="Se retiró", minute=1)
    assert order(received(), done(), gone).state is OrderState.EJECUTADA


def test_the_sheet_of_an_order_is_the_last_one_sealed_for_it() -> None:
    second = "H-2026-00000002"
    events = [received(), sealed(), sealed(second, minute=1), done(sheet=True, minute=2)]
    late = of_sheet(EventKind.SHEET_PRINTED, FOLIO, minute=3)
    sheet = order(*events, late).sheet
    assert sheet
    assert (sheet.folio, sheet.printed) == (second, None)
    printed = order(*events, late, of_sheet(EventKind.SHEET_PRINTED, second, minute=4)).sheet
    assert printed
    assert printed.delivered == START + timedelta(minutes=4)


def test_a_sheet_of_before_there_were_orders_is_handed_over_under_the_first_that_needs_it() -> None:
    events = [sealed(order=None), received(minute=1), done(sheet=True, minute=2)]
    assert order(*events).sheet == sheets(events, "ad")[FOLIO]
    after = order(*events, of_sheet(EventKind.SHEET_PRINTED, minute=3)).sheet
    assert after
    assert after.printed
    assert order(sealed(order=None), received(minute=1), done(sheet=False)).sheet is None
    assert order(sealed(order=SECOND), received(minute=1), done(sheet=True)).sheet is None


def test_a_sheet_says_how_it_went_out_and_why_its_file_is_gone() -> None:
    events = [
        sealed(),
        of_sheet(EventKind.SHEET_SENT, a="enlace", motivo="Está lejos", minute=2),
        of_sheet(EventKind.SHEET_PRINTED, minute=3),
        of_sheet(EventKind.SHEET_ACKNOWLEDGED, por="interesado", minute=4),
        of_sheet(EventKind.SHEET_REMOVED, porque="acusada", minute=5),
        of_sheet(EventKind.SHEET_REMOVED, porque="vencida", minute=6),
    ]
    sheet = sheets(events, "ad")[FOLIO]
    assert sheet.delivered == START + timedelta(minutes=2)
    assert (sheet.by, sheet.why) == (Addressee.INTERESADO, "acusada")
    assert sheets(events, "embedded") == {}


def test_the_sistema_de_oficios_is_told_once_of_each_thing_and_of_nothing_without_oficio() -> None:
    raised = event(EventKind.ORDER_TOLD, JUAN, orden=FIRST, accion="levantar", numero="SO-1", destino="ad")
    assert order(received(oficio=None)).untold == ()
    assert order(received()).untold == (Telling.OPEN,)
    assert order(received(), raised).untold == ()
    assert order(received(), raised).number == "SO-1"
    assert order(*WHOLE, raised).untold == (Telling.CLOSE,)


# --- properties ---------------------------------------------------------------------------------------------------

_RANK = {
    OrderState.SIN_OFICIO: 0,
    OrderState.RECIBIDA: 1,
    OrderState.EJECUTADA: 2,
    OrderState.RESUELTA: 3,
    OrderState.CERRADA: 4,
    OrderState.DESISTIDA: 4,
}
_MORE = (
    event(EventKind.ORDER_WITHDRAWN, JUAN, orden=FIRST, motivo="Se retiró", minute=8),
    event(EventKind.ORDER_OFICIO, JUAN, orden=FIRST, oficio="SAF/9/2026", minute=8),
    event(EventKind.LATE, JUAN, orden=FIRST, vence="2026-11-23", destino="ad", minute=8),
    event(EventKind.LATE_TREATED, JUAN, orden=FIRST, causa="otra", tratamiento="x", destino="ad", minute=9),
    event(EventKind.ORDER_NOTE, JUAN, orden=FIRST, texto="Nota", minute=9),
    told("enlace", "desconocido", minute=9),
    told("interesado", "otro_medio", medio="persona", minute=9),
    received(THIRD, "SAF/3/2026", movimiento="baja"),
    done(THIRD, supera=[FIRST], minute=9),
    received(SECOND),
    done(SECOND, minute=9),
)


@given(st.lists(st.sampled_from((*WHOLE, *_MORE)), max_size=24))
def test_however_events_come_and_repeat_states_only_go_forward(events: Sequence[Event]) -> None:
    before: dict[str, Order] = {}
    for count in range(len(events) + 1):
        now = orders(events[:count], "ad")
        for name, was in before.items():
            assert _RANK[now[name].state] >= _RANK[was.state]
            if was.state in (OrderState.CERRADA, OrderState.DESISTIDA):
                assert now[name].state is was.state
        before = dict(now)


@given(st.lists(st.sampled_from((*WHOLE, *_MORE)), max_size=24))
def test_an_oficio_asks_for_a_movement_of_an_account_with_one_standing_order(events: Sequence[Event]) -> None:
    found = orders(events, "ad")
    standing = [one for one in found.values() if one.oficio and one.withdrawn is None]
    assert len(by_oficio(found)) == len(standing)


@given(st.lists(st.sampled_from((*WHOLE, *_MORE)), max_size=16))
def test_an_event_told_twice_in_a_row_is_told_once(events: Sequence[Event]) -> None:
    assert orders([one for one in events for _ in range(2)], "ad") == orders(events, "ad")


@given(st.lists(st.sampled_from((*WHOLE, *_MORE)), max_size=16), st.data())
def test_what_another_target_says_changes_nothing(events: Sequence[Event], data: st.DataObject) -> None:
    there = [replace(one, data={**one.data, "destino": "laboratorio"}) for one in events]
    mixed = data.draw(_interleaved(list(WHOLE), there))
    assert orders(mixed, "ad") == orders(WHOLE, "ad")
    assert sheets(mixed, "ad") == sheets(WHOLE, "ad")


@given(st.data())
def test_unrelated_orders_do_not_mind_each_others_order(data: st.DataObject) -> None:
    other = [_renamed(one) for one in WHOLE]
    mixed = orders(data.draw(_interleaved(list(WHOLE), other)), "ad")
    assert mixed == {**orders(WHOLE, "ad"), **orders(other, "ad")}


def _renamed(one: Event) -> Event:
    names = {FIRST: SECOND, FOLIO: "H-2026-00000002"}
    data = {field: names.get(value, value) if isinstance(value, str) else value for field, value in one.data.items()}
    return replace(one, key=AccountKey("ana.ruiz") if one.key else None, data=data)


@st.composite
def _interleaved(draw: st.DrawFn, one: list[Event], other: list[Event]) -> list[Event]:
    """Two sequences put together, each in its own order."""
    places = draw(st.lists(st.booleans(), min_size=len(one) + len(other), max_size=len(one) + len(other)))
    first, second, mixed = list(one), list(other), []
    for left in places:
        source = first if (left and first) or not second else second
        mixed.append(source.pop(0))
    return mixed
