"""A person's life in the mail, run after run, each in four beats: plan, nothing happened, apply, nothing left."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from reconciler.config import Baja
from reconciler.engine.desired import Desired
from reconciler.joined import ExchangeTarget
from reconciler.model import Declared, Mailbox, Status
from reconciler.plan import Result
from tests.build import account, declared
from tests.conformance.mail import ExchangeOutsider
from tests.engine.world import World, desired

GONE = Mailbox(hidden=True, accepts_mail=False)
TEXT = "Ya no labora aquí."


def entry(status: Status = Status.ACTIVE, **changes: object) -> Declared:
    active = status is Status.ACTIVE
    one = account("juan.perez", status=status, logon_enabled=active, mailbox=Mailbox() if active else GONE)
    return replace(declared("juan.perez"), account=one, **changes)  # type: ignore[arg-type]


def beats(world: World, wanted: Desired) -> list[str]:
    """Plan; look that nothing happened; apply; plan again with nothing left. Return the verbs that were applied."""
    before = world.target.read().state
    proposal = world.plan(wanted)
    assert world.target.read().state == before
    report = world.apply(wanted, proposal)
    assert [(one.result, one.detail) for one in report.outcomes] == [(Result.APPLIED, "")] * len(report.outcomes)
    assert world.plan(wanted).plan.changes == ()
    return [one.change.verb for one in report.outcomes]


def with_answer(wanted: Desired) -> Desired:
    return replace(wanted, config=wanted.config.model_copy(update={"baja": Baja(respuesta_automatica=TEXT)}))


def test_from_alta_to_baja_to_disconnection_and_back(target: ExchangeTarget, outsider: ExchangeOutsider) -> None:
    world = World(target)
    assert beats(world, desired(entry())) == ["create", "enable_mailbox"]
    guid = world.target.read().accounts[entry().account.key].handle.guid
    mailbox = outsider.mailbox_id(guid)

    leaving = desired(entry(Status.RETIRED, baja="SAF/2"))
    assert beats(world, leaving) == ["disable", "update_mailbox"]

    world.today += timedelta(days=89)
    assert world.plan(leaving).plan.changes == ()
    world.today += timedelta(days=1)
    assert beats(world, leaving) == ["disconnect_mailbox"]
    assert outsider.mailbox_id(guid) is None

    world.moment += timedelta(days=90)
    assert beats(world, desired(entry(alta="SAF/3"))) == ["reactivate", "reconnect_mailbox"]
    assert outsider.mailbox_id(guid) == mailbox is not None


def test_a_legal_hold_keeps_the_mailbox_past_its_retention(
    target: ExchangeTarget, outsider: ExchangeOutsider
) -> None:
    world = World(target)
    beats(world, desired(entry()))
    guid = world.target.read().accounts[entry().account.key].handle.guid
    held = desired(entry(Status.RETIRED, baja="SAF/2", hold_until=world.today + timedelta(days=400)))
    assert beats(world, held) == ["disable", "update_mailbox"]
    world.today += timedelta(days=300)
    assert world.plan(held).plan.changes == ()
    world.today += timedelta(days=101)
    assert beats(world, held) == ["update_mailbox", "disconnect_mailbox"]
    assert outsider.mailbox_id(guid) is None


def test_mail_to_whoever_left_is_answered_where_the_institution_says_so(
    target: ExchangeTarget, outsider: ExchangeOutsider
) -> None:
    world = World(target)
    beats(world, with_answer(desired(entry())))
    guid = world.target.read().accounts[entry().account.key].handle.guid
    assert outsider.answer(guid) is None
    beats(world, with_answer(desired(entry(Status.RETIRED, baja="SAF/2"))))
    assert outsider.answer(guid) == TEXT
    there = world.target.read().accounts[entry().account.key].account.mailbox
    assert there == Mailbox(hidden=True, accepts_mail=True)
    beats(world, with_answer(desired(entry(alta="SAF/3"))))
    assert outsider.answer(guid) is None
