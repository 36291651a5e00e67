"""Whose mailbox it is: whoever comes back gets his own, whatever went wrong or was forged in between."""

from __future__ import annotations

from datetime import timedelta

import pytest

from reconciler.config import Baja
from reconciler.engine.desired import Desired
from reconciler.joined import ExchangeTarget
from reconciler.model import AccountKey, Status
from reconciler.plan import Result
from tests.conformance.mail import ExchangeOutsider, exchange
from tests.engine.world import World, desired
from tests.joined.fuse import Fuse, is_killed, opened
from tests.joined.test_killed import ACTIVE, KEY, LEAVING, entry
from tests.joined.test_ladder import TEXT, with_answer
from tests.lab.exchange.double import ExchangeDouble

BACK = desired(entry(alta="SAF/3"))


def gone(world: World, wanted: Desired = LEAVING) -> None:
    """Take somebody from alta to the day on which the mailbox is due to be disconnected."""
    assert world.apply(ACTIVE).clean
    assert world.apply(wanted).clean
    world.today += timedelta(days=90)


def guid_of(world: World, key: str = KEY) -> str:
    return world.target.read().accounts[AccountKey(key)].handle.guid


def settled(world: World, wanted: Desired) -> None:
    for _ in range(2):
        world.apply(wanted)
    assert world.plan(wanted).plan.changes == ()


def test_killed_at_any_write_of_a_disconnection_who_comes_back_gets_the_same_mailbox(
    exchange_double: ExchangeDouble,
) -> None:
    for writes in range(1, 20):
        with exchange(exchange_double) as outsider:
            fuse = Fuse()
            world = World(opened(outsider, fuse))
            gone(world)
            mailbox = outsider.mailbox_id(guid_of(world))
            fuse.left = writes
            killed = is_killed(lambda world=world: world.apply(LEAVING))  # type: ignore[misc]
            world.target.close()
            world.target = outsider.opened()
            settled(world, BACK)
            assert outsider.mailbox_id(guid_of(world)) == mailbox is not None, writes
        if not killed:
            return
    raise AssertionError("nunca acabó sin que lo mataran")


def test_whoever_comes_back_under_another_name_gets_the_same_mailbox(
    target: ExchangeTarget, outsider: ExchangeOutsider
) -> None:
    world = World(target)
    gone(world)
    guid = guid_of(world)
    mailbox = outsider.mailbox_id(guid)
    assert world.apply(LEAVING).clean
    renamed = entry(key="juan.perez.lopez", aliases=("juan.perez@sinaloa.gob.mx",), previous=KEY, alta="SAF/3")
    settled(world, desired(renamed))
    assert guid_of(world, "juan.perez.lopez") == guid
    assert outsider.mailbox_id(guid) == mailbox is not None


def test_a_disconnection_that_was_made_is_on_record_although_something_else_is_not_as_declared(
    target: ExchangeTarget, outsider: ExchangeOutsider
) -> None:
    world = World(target)
    gone(world)
    guid = guid_of(world)
    proposal = world.plan(LEAVING)
    outsider.retitle(guid, "Otro puesto")
    report = world.apply(LEAVING, proposal)
    assert [(one.change.verb, one.result) for one in report.outcomes] == [("disconnect_mailbox", Result.APPLIED)]


def test_a_forged_mark_gives_nobody_the_mailbox_of_somebody_else(
    target: ExchangeTarget, outsider: ExchangeOutsider
) -> None:
    world = World(target)
    stays = entry(key="queda.saf", aliases=())
    both = [
        desired(*(entry(status, key=key, aliases=(), **changes) for key in (KEY, "ana.ruiz")), stays)
        for status, changes in (
            (Status.ACTIVE, {}), (Status.RETIRED, {"baja": "SAF/2"}), (Status.ACTIVE, {"alta": "SAF/3"}),
        )
    ]  # fmt: skip
    for wanted in (both[0], both[1]):
        assert world.apply(wanted).clean
    world.today += timedelta(days=90)
    assert world.apply(both[1]).clean
    juan, ana = guid_of(world), guid_of(world, "ana.ruiz")
    [mark] = outsider.values(ana, "adminDescription")["adminDescription"]
    forged = mark.replace("clave=ana.ruiz", f"clave={KEY}")
    outsider.replace_values(juan, adminDescription=[forged])
    proposal = world.plan(both[2])
    assert [(one.key, one.code) for one in proposal.plan.findings if one.holds] == [(KEY, "buzon-desconocido")]
    world.apply(both[2], proposal)
    assert outsider.mailbox_id(juan) is None
    assert outsider.mailbox_id(ana) is not None


def test_a_second_baja_keeps_the_mailbox_for_its_own_whole_retention(
    target: ExchangeTarget, outsider: ExchangeOutsider
) -> None:
    world = World(target)
    gone(world)
    proposal = world.plan(BACK)
    outsider.retitle(guid_of(world), "Otro puesto")  # so that the way back is made, and rejected on reading back
    world.apply(BACK, proposal)
    outsider.retitle(guid_of(world), "Analista")
    world.today += timedelta(days=300)
    world.moment += timedelta(days=390)
    again = desired(entry(Status.RETIRED, alta="SAF/3", baja="SAF/4"))
    report = world.apply(again)
    assert "disconnect_mailbox" not in {one.change.verb for one in report.outcomes}
    assert world.plan(again).plan.changes == ()


@pytest.mark.parametrize("days", [0, 90])
def test_whoever_comes_back_is_no_longer_said_to_be_gone(
    target: ExchangeTarget, outsider: ExchangeOutsider, days: int
) -> None:
    world = World(target)
    assert world.apply(with_answer(ACTIVE)).clean
    assert world.apply(with_answer(LEAVING)).clean
    guid = guid_of(world)
    assert outsider.answer(guid) == TEXT
    world.today += timedelta(days=days)
    assert world.apply(with_answer(LEAVING)).clean
    assert Baja().respuesta_automatica is None  # and nobody answers for leavers any more
    settled(world, BACK)
    assert outsider.answer(guid) is None
