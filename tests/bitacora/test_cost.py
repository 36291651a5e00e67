"""What the record costs: a thousand altas are a handful of commits, and everything that was done is on them."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

from reconciler.bitacora import acquire, audit_chain
from reconciler.embedded import EmbeddedTarget
from reconciler.engine.apply import Run, apply
from reconciler.engine.propose import propose
from reconciler.engine.saga import Hands
from reconciler.passwords import first_password
from tests.build import TODAY, declared
from tests.clones import Clone
from tests.engine.world import MemorySpool, World, desired

PEOPLE = 1000


def test_a_thousand_altas_cost_a_handful_of_commits(here: Clone, remote: Clone, tmp_path: Path) -> None:
    wanted = desired(*(declared(f"persona.numero{number:04}") for number in range(PEOPLE)))
    target = EmbeddedTarget(tmp_path / "directorio.sqlite")
    world = World(target, step=timedelta(milliseconds=20))  # a thousand altas take a minute or two, not hours
    with here.record("uno") as record, acquire(record, world.clock) as lease:
        proposal = propose(wanted, target, record.events(), name="embedded", today=TODAY)
        run = Run(
            name="uno",
            version="0",
            clock=world.clock,
            record=record,
            crew=[Hands(target=target, spool=MemorySpool(), new_password=first_password)],
            heartbeat=lease.renew,
            progress=lambda *_: None,
        )
        report = apply(proposal, run)
        events = record.events()
    target.close()
    assert report.clean
    assert remote.commits() <= 12
    assert len(remote.lines()) == len(events)
    assert {one.at.utcoffset() for one in events} == {timedelta(0)}
    kinds = Counter(one.kind.value for one in events)
    assert kinds["intento"] == kinds["resultado"] == len(proposal.approved)
    assert kinds["hoja_sellada"] == PEOPLE
    assert audit_chain(here.branch(), here.folder).findings == ()
