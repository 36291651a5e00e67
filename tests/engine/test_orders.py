"""Work orders around a run: opened before, done after, found done, told by letter and closed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from email.headerregistry import Address
from pathlib import Path
from typing import Any

import pytest

from reconciler.config import Config
from reconciler.engine.desired import Desired
from reconciler.engine.notices import Mailroom, Notified, due, notify, to_tell
from reconciler.engine.orders import close_complete, in_doubt
from reconciler.errors import (
    ChangedMeanwhileError,
    CuentasError,
    OutcomeUnknownError,
    TargetRejectedError,
    TargetUnreachableError,
)
from reconciler.events import JSON, Event, EventKind
from reconciler.letter import Message, Sent
from reconciler.letters import Letters
from reconciler.model import AccountKey, Addressee, Siglas, Tipo
from reconciler.movements import reincorporated
from reconciler.orders import Lack, Means, Order, OrderState, missing, orders
from reconciler.plan import Result
from reconciler.post.outbox import FilePost, Outbox
from tests.build import ALTA, BAJA, LAURA, RECEIVED, declared
from tests.engine.world import Denying, World, desired, embedded

JUAN, ANA = AccountKey("juan.perez"), AccountKey("ana.ruiz")
AGAIN = "SAF/DA/0300/2026"
BOTH = (Addressee.ENLACE, Addressee.INTERESADO)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with embedded(tmp_path) as opened:
        yield opened


def found(world: World) -> Mapping[str, Order]:
    return orders(world.record.events(), "embedded")


def only(world: World) -> Order:
    [order] = found(world).values()
    return order


def events(world: World, kind: EventKind) -> list[Event]:
    return [one for one in world.record.kept if one.kind is kind]


def requested(world: World, name: str = "OT-2026-PEDIDA00", oficio: str | None = ALTA, **more: JSON) -> None:
    """Put a request on record, as `cuentas request` does: it names no target."""
    data: dict[str, JSON] = {
        "orden": name,
        "movimiento": "alta",
        "dependencia": "SAF",
        "oficio": oficio,
        "recibido": "2026-11-10",
        "medio": "telefono",
        "enlace": None,
    }
    world.record.append(
        Event(kind=EventKind.ORDER_RECEIVED, at=world.clock(), run="s1", key=JUAN, data={**data, **more})
    )


# --- opened -------------------------------------------------------------------------------------------------------


def test_an_order_is_on_record_and_published_before_anything_is_touched(world: World) -> None:
    seen: list[tuple[str, bool]] = []
    create = world.target.create

    def watched(account: Any) -> Any:
        seen.append((only(world).state.value, world.record.published == len(world.record.kept)))
        return create(account)

    world.target.create = watched  # type: ignore[method-assign]
    world.apply(desired(declared()))
    assert seen == [("recibida", True)]


def test_it_says_what_the_oficio_says(world: World) -> None:
    world.apply(desired(declared()))
    order = only(world)
    assert (order.key, order.movement.value, order.dependencia, order.oficio) == (JUAN, "alta", "SAF", ALTA)
    assert (order.received, order.medium, order.enlace) == (RECEIVED, "oficio", LAURA.key)


def test_each_movement_of_an_account_has_an_order_and_other_changes_have_none(world: World) -> None:
    world.apply(desired(declared()))
    world.apply(desired(declared(title="Jefa")))
    world.apply(desired(declared(title="Jefa", baja=BAJA)))
    world.apply(desired(declared(title="Jefa", alta=AGAIN)))
    assert [(one.movement.value, one.oficio, one.state) for one in found(world).values()] == [
        ("alta", ALTA, OrderState.EJECUTADA),
        ("baja", BAJA, OrderState.EJECUTADA),
        ("alta", AGAIN, OrderState.EJECUTADA),
    ]


def test_what_nobody_approved_opens_no_order(world: World) -> None:
    world.apply(desired(declared(), declared("ana.ruiz"), approver=Denying))
    assert [one.key for one in found(world).values()] == [ANA]


@pytest.mark.parametrize("spelled", [ALTA, "saf - da - 0001 - 2026"])
def test_what_was_requested_is_not_received_again(world: World, spelled: str) -> None:
    requested(world, oficio=spelled)
    world.apply(desired(declared()))
    order = only(world)
    assert (order.medium, order.state) == ("telefono", OrderState.EJECUTADA)


def test_a_request_that_waited_gets_the_oficio_that_came(world: World) -> None:
    requested(world, oficio=None)
    requested(world, "OT-2026-OTRA0000", oficio=None, movimiento="baja")
    world.apply(desired(declared()))
    assert [(one.id, one.oficio, one.state) for one in found(world).values()] == [
        ("OT-2026-PEDIDA00", ALTA, OrderState.EJECUTADA),
        ("OT-2026-OTRA0000", None, OrderState.SIN_OFICIO),
    ]
    assert found(world)["OT-2026-PEDIDA00"].enlace == LAURA.key


def test_an_order_received_under_a_former_key_is_that_accounts(world: World) -> None:
    requested(world)
    world.apply(desired(declared("juan.perez.l", previous=JUAN)))
    assert only(world).state is OrderState.EJECUTADA


def test_a_sheet_names_its_order_and_knows_it_before_it_is_sealed(world: World) -> None:
    world.apply(desired(declared(), declared("caja.saf", tipo=Tipo.COMPARTIDA, responsable=JUAN)))
    by_key = {one.key: one for one in found(world).values()}
    [sealed] = events(world, EventKind.SHEET_SEALED)
    assert sealed.data["orden"] == by_key[JUAN].id
    assert world.spool.begun
    assert world.spool.begun[1] == {key: one.id for key, one in by_key.items()}
    assert by_key[JUAN].sheet
    assert (by_key[JUAN].handed, by_key[AccountKey("caja.saf")].handed) == (True, False)


# --- done ---------------------------------------------------------------------------------------------------------


def test_an_order_is_not_done_while_a_change_of_its_account_failed(world: World) -> None:
    enable = world.target.enable_mailbox
    world.target.enable_mailbox = _rejecting  # type: ignore[assignment, method-assign]
    world.apply(desired(declared()))
    assert only(world).state is OrderState.RECIBIDA
    world.target.enable_mailbox = enable  # type: ignore[method-assign]
    world.apply(desired(declared()))
    assert only(world).state is OrderState.EJECUTADA


def _rejecting(*words: Any) -> None:
    del words
    raise ChangedMeanwhileError("otro la tocó", remedy="vuelva a planear")


def test_a_baja_whose_mailbox_followed_in_another_run_is_done_in_that_run(world: World) -> None:
    world.apply(desired(declared()))
    update = world.target.update_mailbox
    world.target.update_mailbox = _rejecting  # type: ignore[assignment, method-assign]
    gone = desired(declared(baja=BAJA))
    world.apply(gone)
    assert [one.state for one in found(world).values()] == [OrderState.EJECUTADA, OrderState.RECIBIDA]
    world.target.update_mailbox = update  # type: ignore[method-assign]
    world.apply(gone)
    assert [one.state for one in found(world).values()] == [OrderState.EJECUTADA, OrderState.EJECUTADA]


def killed_after(world: World, kind: EventKind) -> None:
    """Forget everything after the last event of a kind: the run died before it was on record."""
    last = max(place for place, one in enumerate(world.record.kept) if one.kind is kind)
    del world.record.kept[last + 1 :]


@pytest.mark.parametrize("kind", [EventKind.ATTEMPT, EventKind.SHEET_SEALED, EventKind.OUTCOME])
def test_a_killed_run_is_found_done_by_the_next_and_its_sheet_is_still_owed(world: World, kind: EventKind) -> None:
    wanted = desired(declared())
    world.apply(wanted)
    killed_after(world, kind)
    assert only(world).state is OrderState.RECIBIDA
    world.apply(wanted)
    order = only(world)
    assert order.state is OrderState.EJECUTADA
    assert order.handed
    assert order.sheet is not None
    before = len(world.record.kept)
    world.apply(wanted)
    assert len(world.record.kept) == before


def test_an_account_that_was_made_by_hand_ends_its_order_without_a_sheet_and_without_a_run(world: World) -> None:
    world.apply(desired(declared()))
    world.record.kept[:] = [one for one in world.record.kept if one.kind not in _ORDERS]
    requested(world)
    before = len(world.record.kept)
    world.apply(desired(declared()))
    assert [one.kind for one in world.record.kept[before:]] == [EventKind.ORDER_DONE]
    order = only(world)
    assert (order.state, order.handed) == (OrderState.EJECUTADA, False)


_ORDERS = {EventKind.ORDER_RECEIVED, EventKind.ORDER_DONE, EventKind.SHEET_SEALED}


def test_a_sheet_of_before_there_were_orders_is_handed_over_under_a_request_of_after(world: World) -> None:
    world.apply(desired(declared()))
    world.record.kept[:] = [
        replace(one, data={**one.data, "orden": None}) if one.kind is EventKind.SHEET_SEALED else one
        for one in world.record.kept
        if one.kind not in _ORDERS - {EventKind.SHEET_SEALED}
    ]
    requested(world)
    world.apply(desired(declared()))
    assert only(world).handed
    assert only(world).sheet


def test_a_baja_of_what_is_out_of_service_is_found_done(world: World) -> None:
    world.apply(desired(declared()))
    world.apply(desired(declared(baja=BAJA)))
    requested(world, "OT-2026-BAJA0000", "SAF/DA/0100/2026", movimiento="baja")
    world.apply(desired(declared(baja="SAF/DA/0100/2026")))
    assert found(world)["OT-2026-BAJA0000"].state is OrderState.EJECUTADA


def test_an_order_is_not_done_while_the_declaration_asks_for_something_else(world: World) -> None:
    world.apply(desired(declared()))
    requested(world, oficio="SAF/DA/0777/2026")
    requested(world, "OT-2026-BAJA0000", BAJA, movimiento="baja")
    world.apply(desired(declared()))
    states = {one.id: one.state for one in found(world).values()}
    assert states["OT-2026-PEDIDA00"] is states["OT-2026-BAJA0000"] is OrderState.RECIBIDA


def test_an_account_that_somebody_disabled_by_hand_ends_no_order(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.apply(desired(declared()))
    killed_after(world, EventKind.SHEET_SEALED)
    reading = world.target.read()
    there = reading.accounts[JUAN]
    shut = replace(there, account=replace(there.account, logon_enabled=False))
    monkeypatch.setattr(world.target, "read", lambda: replace(reading, accounts={JUAN: shut}))
    world.apply(desired(declared()))
    assert only(world).state is OrderState.RECIBIDA


def test_what_a_narrowed_run_does_not_cover_ends_no_order(world: World) -> None:
    wanted = desired(declared(), declared("eva.rios", dependencia=Siglas("SEBIDES"), alta="SEBIDES/1"))
    world.apply(wanted)
    killed_after(world, EventKind.ATTEMPT)
    proposal = world.plan(wanted, only=frozenset({Siglas("SEBIDES")}))
    world.apply(wanted, proposal)
    assert {one.key: one.state for one in found(world).values()} == {
        JUAN: OrderState.RECIBIDA,
        AccountKey("eva.rios"): OrderState.EJECUTADA,
    }


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ({}, BOTH),
        ({"interested": "jefa@sinaloa.gob.mx"}, BOTH),
        ({"interested": LAURA.email}, (Addressee.ENLACE,)),
        ({"baja": BAJA}, (Addressee.ENLACE,)),
        ({"baja": BAJA, "interested": "jefa@sinaloa.gob.mx"}, BOTH),
        ({"baja": BAJA, "tipo": Tipo.COMPARTIDA, "responsable": ANA}, BOTH),
    ],
)
def test_whoever_can_be_reached_is_to_be_told(
    world: World, entry: dict[str, Any], told: tuple[Addressee, ...]
) -> None:
    ana = declared("ana.ruiz")
    world.apply(desired(ana, declared(**{**entry, "baja": None, "interested": None})))
    world.apply(desired(ana, declared(**{**entry, "alta": AGAIN} if not entry.get("baja") else entry)))
    if "baja" not in entry:  # an alta that was there already: asked for once more, it is found done
        requested(world, oficio=AGAIN)
        world.apply(desired(ana, declared(**{**entry, "alta": AGAIN})))
    assert list(found(world).values())[-1].to_tell == told


def test_an_oficio_that_another_agency_sent_makes_the_order_that_agencys(world: World) -> None:
    requested(world, oficio=None, dependencia="SEBIDES")
    wanted = desired(declared())
    world.apply(wanted)
    assert (only(world).dependencia, only(world).to_tell) == ("SAF", BOTH)
    post = Picky()
    mailed(world, wanted, post)
    assert post.sent[0].to == (LAURA.email,)


def test_the_enlace_of_an_agency_that_was_renamed_since_the_request_is_told(world: World) -> None:
    requested(world, dependencia="SEFIN")
    wanted = desired(declared())
    world.apply(wanted)
    assert (only(world).dependencia, only(world).to_tell) == ("SEFIN", BOTH)
    assert mailed(world, wanted, Picky()).sent == 2


def test_an_enlace_whom_the_declaration_does_not_say_has_to_be_told_all_the_same(world: World) -> None:
    world.apply(desired(declared()))
    assert to_tell(replace(only(world), oficio="SAF/NADIE/1"), declared(), desired(declared()).declaration) == BOTH


# --- told ---------------------------------------------------------------------------------------------------------


@dataclass
class Picky:
    """A post that keeps what it sends, except to addresses for which it has an error."""

    errors: dict[str, CuentasError] = field(default_factory=dict)
    sent: list[Message] = field(default_factory=list)

    def send(self, message: Message) -> Sent:
        if message.to[0] in self.errors:
            raise self.errors[message.to[0]]
        self.sent.append(message)
        return Sent.NOW

    def close(self) -> None:
        """Nothing is open."""


CONFIG = Config.model_validate({"dominios": ["sinaloa.gob.mx"], "correo_web": "https://correo.sinaloa.gob.mx/owa"})


def mailed(world: World, wanted: Desired, post: Any) -> Notified:
    """Send what is due, as a run does at its end."""

    def says(kind: EventKind, key: AccountKey | None = None, **data: JSON) -> Event:
        return Event(kind=kind, at=world.clock(), run="r9", key=key, data=data)

    room = Mailroom(
        target="embedded",
        desired=replace(wanted, config=CONFIG),
        letters=Letters("plantillas", (), CONFIG),
        post=post,
        record=world.record,
        says=says,
        back=reincorporated(world.record.events(), "embedded"),
    )
    return notify(found(world).values(), room)


def test_enlace_and_interested_party_are_told_once_and_the_order_is_resolved(world: World, tmp_path: Path) -> None:
    wanted = desired(declared())
    world.apply(wanted)
    outbox = tmp_path / "salida" / "embedded"
    post = FilePost(Outbox(outbox), Address("Mesa", "mesa", "sinaloa.gob.mx"), world.clock)
    outbox.parent.mkdir()
    assert mailed(world, wanted, post).sent == 2
    order = only(world)
    assert order.state is OrderState.RESUELTA
    assert sorted(one.name for one in outbox.glob("*.eml")) == [
        f"aviso+{order.id}+enlace.eml",
        f"aviso+{order.id}+interesado.eml",
    ]
    assert mailed(world, wanted, post).sent == 0
    assert due(found(world).values()) == ()


def test_each_movement_has_its_letter_and_none_carries_a_password(world: World) -> None:
    post = Picky()
    boss = "jefa@sinaloa.gob.mx"
    for wanted in (
        desired(declared(interested=boss)),
        desired(declared(interested=boss, baja=BAJA)),
        desired(declared(interested=boss, alta=AGAIN)),
    ):
        world.apply(wanted)
        mailed(world, wanted, post)
    assert [(one.to[0].partition("@")[0], one.subject.split(" juan")[0]) for one in post.sent] == [
        ("laura.beltran", "Alta de la cuenta"),
        ("jefa", "Su cuenta de correo oficial"),
        ("laura.beltran", "Baja de la cuenta"),
        ("jefa", "Baja de la cuenta de correo oficial"),
        ("laura.beltran", "Reincorporación de la cuenta"),
        ("jefa", "Su cuenta de correo oficial"),
    ]
    texts = [one.text + one.html for one in post.sent]
    assert all("Clave-de-" not in one for one in texts)
    assert ["Outlook-1.4" in " ".join(one.split()) for one in texts] == [True, True, False, False, True, True]
    assert ["https://correo.sinaloa.gob.mx/owa" in one for one in texts] == [True, True, False, False, True, True]
    assert [oficio in text for oficio, text in zip([ALTA, ALTA, BAJA, BAJA, AGAIN, AGAIN], texts, strict=True)] == [
        True
    ] * 6


def test_an_account_that_got_no_sheet_is_told_of_none(world: World) -> None:
    world.apply(desired(declared()))
    world.record.kept[:] = [one for one in world.record.kept if one.kind not in _ORDERS]
    requested(world)
    world.apply(desired(declared()))
    post = Picky()
    mailed(world, desired(declared()), post)
    assert all("conserva la contraseña" in one.text and "RSDT-08.02" not in one.text for one in post.sent)


def test_nobody_is_told_before_the_movement_is_done(world: World) -> None:
    world.target.enable_mailbox = _rejecting  # type: ignore[assignment, method-assign]
    wanted = desired(declared())
    world.apply(wanted)
    assert mailed(world, wanted, Picky()).sent == 0


def test_a_refused_letter_does_not_keep_the_others_and_is_put_on_record_once(world: World) -> None:
    wanted = desired(declared(), declared("ana.ruiz"))
    world.apply(wanted)
    refused = TargetRejectedError("no existe juan.perez@sinaloa.gob.mx", remedy="corrija")
    post = Picky({"juan.perez@sinaloa.gob.mx": refused})
    told = mailed(world, wanted, post)
    assert (told.sent, [one for _, one, _ in told.waiting], told.error) == (3, [Addressee.INTERESADO], refused)
    mailed(world, wanted, post)
    notices = [one for one in events(world, EventKind.NOTICE) if one.data["estado"] != "enviado"]
    assert [one.data["estado"] for one in notices] == ["rechazado"]
    assert "@" not in str(notices[0].data)
    post.errors.clear()
    assert mailed(world, wanted, post).sent == 1
    assert all(one.state is OrderState.RESUELTA for one in found(world).values())


def test_a_post_that_nobody_answers_at_keeps_everybody_waiting_and_writes_nothing(world: World) -> None:
    wanted = desired(declared(), declared("ana.ruiz"))
    world.apply(wanted)
    before = len(world.record.kept)
    told = mailed(world, wanted, Picky({LAURA.email: TargetUnreachableError("caído", remedy="espere")}))
    assert (told.sent, len(told.waiting)) == (0, 4)
    assert len(world.record.kept) == before


def test_a_lost_answer_is_unknown_and_asked_again(world: World) -> None:
    wanted = desired(declared())
    world.apply(wanted)
    told = mailed(world, wanted, Picky({LAURA.email: OutcomeUnknownError("se perdió", remedy="averigüe")}))
    assert told.sent == 1
    assert [one.data["estado"] for one in events(world, EventKind.NOTICE)] == ["desconocido", "enviado"]
    assert [one for _, one in due(found(world).values())] == [Addressee.ENLACE]


def test_what_the_declaration_no_longer_says_waits_and_says_why(world: World) -> None:
    world.apply(desired(declared()))
    told = mailed(world, desired(declared(alta=AGAIN)), Picky())
    assert told.sent == 0
    assert "ya no tiene su oficio" in str(told.error)
    assert {one.data["detalle"] for one in events(world, EventKind.NOTICE)} == {
        "la declaración ya no dice a quién avisar, o no tiene su oficio"
    }


def test_a_renamed_account_is_told_of_under_its_order(world: World) -> None:
    world.apply(desired(declared()))
    renamed = desired(declared("juan.perez.l", previous=JUAN))
    wanted = replace(renamed, trail=_Renamed(renamed.trail))  # type: ignore[arg-type]
    post = Picky()
    assert mailed(world, wanted, post).sent == 2
    assert "juan.perez.l@sinaloa.gob.mx" in post.sent[0].subject


class _Renamed:
    """A trail in which juan.perez became juan.perez.l."""

    def __init__(self, trail: Any) -> None:
        self._trail = trail
        self.movements = {AccountKey("juan.perez.l"): [_Named()]}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._trail, name)


class _Named:
    after: Mapping[str, str] = {"renombra": "juan.perez"}


# --- closed -------------------------------------------------------------------------------------------------------


def test_a_baja_is_closed_once_everybody_knows_and_its_alta_with_it(world: World) -> None:
    def says(kind: EventKind, key: AccountKey | None = None, **data: JSON) -> Event:
        return Event(kind=kind, at=world.clock(), run="r9", key=key, data=data)

    for wanted in (desired(declared()), desired(declared(baja=BAJA))):
        world.apply(wanted)
        mailed(world, wanted, Picky())
    closed = list(close_complete(found(world).values(), "embedded", says))
    world.record.append(*closed)
    assert [(one.movement.value, one.state) for one in found(world).values()] == [
        ("alta", OrderState.CERRADA),
        ("baja", OrderState.CERRADA),
    ]
    assert list(close_complete(found(world).values(), "embedded", says)) == []


def test_what_was_attempted_is_in_doubt_until_the_record_says_how_it_ended(world: World) -> None:
    requested(world, "OT-2026-BAJA0000", BAJA, movimiento="baja")
    world.apply(desired(declared()))
    told = world.record.events()
    [tried] = [one for one in told if one.kind is EventKind.ATTEMPT and one.data["verbo"] == "create"]
    alta = next(one for one in found(world).values() if one.movement.value == "alta")
    half = told[: told.index(tried) + 1]
    lost = replace(tried, kind=EventKind.OUTCOME, data={**tried.data, "estado": Result.UNKNOWN.value})
    skipped: dict[str, JSON] = {**tried.data, "estado": Result.SKIPPED.value, "de": tried.run}
    read = replace(tried, kind=EventKind.RECONCILED, run="r7", data=skipped)
    assert in_doubt(alta, half)
    assert in_doubt(alta, (*half, lost))
    assert not in_doubt(alta, (*half, lost, read))
    assert not in_doubt(alta, told)
    assert not in_doubt(replace(alta, oficio=AGAIN), half)
    assert not in_doubt(found(world)["OT-2026-BAJA0000"], half)


# --- left behind --------------------------------------------------------------------------------------------------


def sheets_taken_away(world: World) -> list[JSON]:
    return [one.data["porque"] for one in events(world, EventKind.SHEET_REMOVED)]


def test_a_baja_makes_the_sheet_of_its_alta_moot_and_the_alta_closable(world: World) -> None:
    for wanted in (desired(declared()), desired(declared(baja=BAJA))):
        world.apply(wanted)
        if not sheets_taken_away(world):
            mailed(world, wanted, Picky())
    alta, baja = found(world).values()
    assert sheets_taken_away(world) == ["baja"]
    assert alta.overtaken == baja.done
    assert alta.sheet is not None
    assert alta.sheet.why == "baja"
    assert missing(alta) == ()


def test_a_baja_that_was_killed_before_it_was_written_takes_the_sheet_away_in_the_next_run(world: World) -> None:
    world.apply(desired(declared()))
    wanted = desired(declared(baja=BAJA))
    before = len(world.record.kept)
    world.apply(wanted)
    kept = world.record.kept
    tried = [place for place in range(before, len(kept)) if kept[place].kind is EventKind.ATTEMPT]
    for last in range(tried[-1] + 1, len(world.record.kept)):
        world.record.kept[last:] = []
        world.apply(wanted)
        assert sheets_taken_away(world) == ["baja"], last
        assert [one.overtaken is not None for one in found(world).values()] == [True, False], last


def test_a_sheet_that_nobody_fetched_in_time_keeps_no_alta_open_either_once_its_account_is_out(world: World) -> None:
    world.apply(desired(declared()))
    [sealed] = events(world, EventKind.SHEET_SEALED)
    late = {"folio": sealed.data["folio"], "porque": "vencida", "destino": "embedded"}
    world.record.append(Event(kind=EventKind.SHEET_REMOVED, at=world.clock(), run="p", key=JUAN, data=late))
    assert {Lack.DELIVERY, Lack.RECEIPT} <= set(missing(only(world)))
    world.apply(desired(declared(baja=BAJA)))
    alta, _ = found(world).values()
    assert missing(alta) == (Lack.ENLACE, Lack.INTERESTED)
    assert sheets_taken_away(world) == ["vencida"]


def test_nobody_gets_the_letter_of_an_alta_once_its_account_is_out_of_service(world: World) -> None:
    world.apply(desired(declared()))
    wanted = desired(declared(baja=BAJA))
    world.apply(wanted)
    post = Picky()
    mailed(world, wanted, post)
    assert [one.subject for one in post.sent] == ["Baja de la cuenta juan.perez@sinaloa.gob.mx, oficio " + BAJA]
    alta, baja = found(world).values()
    assert (alta.silent, baja.silent) == (BOTH, ())


def test_whoever_was_told_by_a_person_counts_as_notified(world: World) -> None:
    world.apply(desired(declared()))
    wanted = desired(declared(baja=BAJA))
    world.apply(wanted)
    alta, _ = found(world).values()
    for one, means in zip(BOTH, Means, strict=False):
        data: dict[str, JSON] = {"orden": alta.id, "a": one.value, "estado": "otro_medio", "medio": means.value}
        world.record.append(Event(kind=EventKind.NOTICE, at=world.clock(), run="m", key=JUAN, data=data))
    alta = found(world)[alta.id]
    assert alta.by_hand == {Addressee.ENLACE: Means.TELEPHONE, Addressee.INTERESADO: Means.OFICIO}
    assert alta.resolved is not None
    assert missing(alta) == ()
