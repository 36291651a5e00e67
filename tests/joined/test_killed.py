"""The process is killed right after any write, to directory or Exchange: the next run ends in the same state."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from reconciler.engine.desired import Desired
from reconciler.events import EventKind
from reconciler.joined import ExchangeTarget
from reconciler.model import Account, AccountKey, Declared, Handle, Mailbox, Status
from tests.build import TODAY, account, declared
from tests.conformance.mail import exchange
from tests.engine.world import World, desired
from tests.joined.fuse import Fuse, KilledError, is_killed, opened
from tests.lab.exchange.double import ExchangeDouble

KEY = AccountKey("juan.perez")
GONE = Mailbox(quota_mb=500, hidden=True, accepts_mail=False)


def entry(status: Status = Status.ACTIVE, key: str = KEY, **changes: Any) -> Declared:
    active = status is Status.ACTIVE
    mailbox = Mailbox(quota_mb=500) if active else GONE
    named: dict[str, Any] = {"aliases": changes.pop("aliases", ("j.perez@sinaloa.gob.mx",))}
    one: Account = account(key, status=status, logon_enabled=active, mailbox=mailbox, **named)
    return replace(declared(key), account=one, **changes)


ACTIVE = desired(entry())
LEAVING = desired(entry(Status.RETIRED, baja="SAF/2"))
RENAMED = desired(entry(key="juan.perez.lopez", aliases=("juan.perez@sinaloa.gob.mx",), previous=KEY))
Life = list[tuple[Desired, int]]
"""What was declared, and how many days later."""
LIVES: dict[str, tuple[Life, tuple[Desired, int]]] = {
    "alta": ([], (ACTIVE, 0)),
    "baja": ([(ACTIVE, 0)], (LEAVING, 0)),
    "desconexion": ([(ACTIVE, 0), (LEAVING, 0)], (LEAVING, 90)),
    "reincorporacion": ([(ACTIVE, 0), (LEAVING, 0), (LEAVING, 90)], (desired(entry(alta="SAF/3")), 0)),
    "renombre": ([(ACTIVE, 0)], (RENAMED, 0)),
}


def lived(target: ExchangeTarget, life: Life) -> World:
    world = World(target)
    for wanted, days in life:
        world.today += timedelta(days=days)
        assert world.apply(wanted).clean
    return world


@pytest.mark.parametrize("movement", LIVES)
def test_killed_after_any_write_the_next_run_ends_in_the_same_state(
    exchange_double: ExchangeDouble, movement: str
) -> None:
    before, (wanted, days) = LIVES[movement]
    for writes in range(1, 30):
        with exchange(exchange_double) as outsider:
            fuse = Fuse()
            target = opened(outsider, fuse)
            world = lived(target, before)
            guids = {one.handle.guid for one in target.read().accounts.values()}
            boxes = {outsider.mailbox_id(guid) for guid in guids} - {None}
            world.today += timedelta(days=days)
            fuse.left = writes
            killed = is_killed(lambda world=world: world.apply(wanted))  # type: ignore[misc]
            fuse.left = None
            target.close()
            world.target = outsider.opened()
            ends_as_wanted(world, wanted, after=writes)
            accounts = world.target.read().accounts
            assert guids in ({one.handle.guid for one in accounts.values()}, set())
            there = {outsider.mailbox_id(one.handle.guid) for one in accounts.values()} - {None}
            assert not boxes or there in (boxes, set()), f"otro buzón tras {writes} escrituras"
        if not killed:
            return
    raise AssertionError("nunca acabó sin que lo mataran")


def test_a_disconnection_killed_halfway_is_not_on_record_as_made(exchange_double: ExchangeDouble) -> None:
    with exchange(exchange_double) as outsider:
        world = lived(opened(outsider, Fuse()), [(ACTIVE, 0), (LEAVING, 0)])
        world.today += timedelta(days=90)

        def halfway(handle: Handle) -> None:
            outsider.replace_values(handle.guid, homeMDB=[])
            raise KilledError

        world.target.disconnect_mailbox = halfway  # type: ignore[method-assign]
        assert is_killed(lambda: world.apply(LEAVING))
        world.target.close()
        world.target = outsider.opened()
        world.apply(LEAVING)
        said = [event.data["estado"] for event in world.record.kept if event.kind is EventKind.RECONCILED]
        assert said == ["omitido"]


def ends_as_wanted(world: World, wanted: Desired, *, after: int) -> None:
    """Apply until nothing is left to do, in two runs at most, and look at what is there."""
    for _ in range(2):
        if not world.plan(wanted).plan.changes and not world.plan(wanted).standing.open_attempts:
            break
        world.apply(wanted)
    last = world.plan(wanted)
    assert last.plan.changes == (), after
    assert [one for one in last.plan.findings if one.holds] == [], after
    [seen] = world.target.read().accounts.values()
    [due] = wanted.declaration.accounts.values()
    assert replace(seen.account, mailbox=None) == replace(due.account, mailbox=None), after
    disconnected = due.baja and world.today > TODAY
    assert seen.account.mailbox == (None if disconnected else due.account.mailbox), after
