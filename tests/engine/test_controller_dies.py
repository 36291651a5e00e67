"""The domain controller dies after any write of an apply: the next run ends where an undisturbed one would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from reconciler.directory import AdTarget
from reconciler.directory.session import Session
from reconciler.errors import OutcomeUnknownError
from reconciler.model import AccountKey, Siglas, State, Tipo
from reconciler.plan import Result
from tests.build import BAJA, declared
from tests.conformance.outsiders import samba_config
from tests.engine.world import World, desired
from tests.lab.samba import DomainController

JUAN = AccountKey("juan.perez")
BEFORE = desired(declared(), declared("maria.lopez"), declared("leaver.uno"))
AFTER = desired(
    declared(title="Jefe de Departamento", aliases=("j.perez@sinaloa.gob.mx",)),
    declared("maria.lopez", dependencia=Siglas("SEBIDES")),
    declared("leaver.uno", baja=BAJA),
    declared("nueva.persona", alta="SAF/DA/0002/2026"),
    declared("caja.saf", tipo=Tipo.COMPARTIDA, responsable=JUAN, alta="SAF/DA/0002/2026"),
)
WRITES = 10
"""What taking BEFORE to AFTER writes: a unit, a transfer, a baja, an update, aliases, and two altas of 3 and 2."""


class Interrupted(Session):
    """A session whose server dies right after a write, before its answer arrives."""

    kill: Callable[[], None]
    left = -1
    made = 0

    def _write(self, what: str, act: Callable[..., object]) -> None:
        super()._write(what, act)
        self.made += 1
        self.left -= 1
        if self.left == 0:
            self.kill()
            self.close()
            raise OutcomeUnknownError(f"{what}: se perdió la respuesta", remedy="relea")


@pytest.fixture
def session(fresh_domain_controller: DomainController) -> Iterator[Interrupted]:
    opened = Interrupted(samba_config(fresh_domain_controller))
    opened.kill = fresh_domain_controller.kill
    yield opened
    opened.close()


@pytest.fixture
def world(fresh_domain_controller: DomainController, session: Interrupted) -> World:
    world = World(AdTarget(samba_config(fresh_domain_controller), session))
    assert world.apply(BEFORE).clean
    session.made = 0
    return world


def due() -> State:
    return {key: replace(account, mailbox=None) for key, account in AFTER.declaration.wanted.items()}


@pytest.mark.parametrize("writes", range(1, WRITES + 1))
def test_killed_at_any_write_the_next_run_ends_in_the_same_state(
    world: World, session: Interrupted, fresh_domain_controller: DomainController, writes: int
) -> None:
    guids = {key: one.handle.guid for key, one in world.target.read().accounts.items()}
    session.left = writes
    first = world.apply(AFTER)
    assert not first.clean
    assert session.made == writes
    assert first.count(Result.UNKNOWN) >= 1
    fresh_domain_controller.start()
    assert world.apply(AFTER).clean
    reading = world.target.read()
    assert reading.state == due()
    assert {key: reading.accounts[key].handle.guid for key in guids} == guids
    again = world.plan(AFTER)
    assert again.plan.changes == ()
    assert again.standing.open_attempts == ()
    assert {event.run for event in world.record.kept} == {"r1", "r2", "r3"}


def test_the_number_of_writes_is_the_one_that_the_test_above_covers(world: World, session: Interrupted) -> None:
    assert world.apply(AFTER).clean
    assert session.made == WRITES
