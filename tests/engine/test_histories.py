"""Random histories: whatever was declared before, apply reaches the declaration, and then has nothing to do."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field, replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.directory import AdTarget
from reconciler.model import Account, AccountKey, Declared, Mailbox, Siglas, Status, Tipo, derived_logon
from reconciler.plan import Plan, Result
from tests.build import declared
from tests.conformance.outsiders import samba_config
from tests.engine.world import World, desired, embedded
from tests.lab.samba import DomainController

AGENCIES = ("SAF", "SEBIDES", "SEPyC")
WORDS = st.text(st.sampled_from("abcñáü ,+\"'#-"), min_size=1, max_size=12).map(str.strip).filter(bool)


@dataclass
class Town:
    """A declaration that movements change, one at a time, the way that people do.

    Somebody stays in each agency whatever happens: giving baja to all of one is a guard's business, not a plan's.
    """

    entries: dict[str, Declared] = field(default_factory=dict)
    oficios: int = 0
    names: int = 0

    def __post_init__(self) -> None:
        for siglas in AGENCIES:
            key = f"queda.{siglas.lower()}"
            self.entries[key] = declared(key, dependencia=Siglas(siglas), alta=self.oficio())

    def oficio(self) -> str:
        """Return an oficio never used before."""
        self.oficios += 1
        return f"O/{self.oficios}"

    def move(self, draw: st.DataObject, verb: str) -> None:
        """Make one movement, on an account for which it makes sense."""
        present = sorted(key for key in self.entries if not key.startswith("queda."))
        active = [key for key in present if self.entries[key].baja is None]
        if verb == "alta" or not present:
            self._alta(draw)
        elif verb == "reincorporacion":
            gone = [key for key in present if key not in active]
            if gone:
                self._become(draw.draw(st.sampled_from(gone)), Status.ACTIVE)
        elif active:
            key = draw.draw(st.sampled_from(active))
            getattr(self, f"_{verb}")(key, draw)

    def _alta(self, draw: st.DataObject) -> None:
        self.names += 1
        key = f"persona{self.names}.con.apellido.largo" if draw.draw(st.booleans()) else f"p{self.names}"
        shared = draw.draw(st.booleans())
        tipo = Tipo.COMPARTIDA if shared else Tipo.PERSONAL
        siglas = Siglas(draw.draw(st.sampled_from(AGENCIES)))
        self.entries[key] = declared(
            key, tipo=tipo, dependencia=siglas, logon=derived_logon(key), alta=self.oficio(),
            display_name=draw.draw(WORDS),
        )  # fmt: skip

    def _baja(self, key: str, draw: st.DataObject) -> None:
        del draw
        self._become(key, Status.RETIRED)

    def _become(self, key: str, status: Status) -> None:
        entry = self.entries[key]
        active = status is Status.ACTIVE
        box = replace(entry.account.mailbox or Mailbox(), hidden=not active, accepts_mail=active)
        personal = entry.account.tipo is Tipo.PERSONAL
        there = replace(entry.account, status=status, logon_enabled=active and personal, mailbox=box)
        oficios = {"alta": self.oficio(), "baja": None} if active else {"baja": self.oficio()}
        self.entries[key] = replace(entry, account=there, **oficios)

    def _edit(self, key: str, **changes: object) -> None:
        entry = self.entries[key]
        there: Account = replace(entry.account, **changes)  # type: ignore[arg-type]
        self.entries[key] = replace(entry, account=there, alta=self.oficio())

    def _traslado(self, key: str, draw: st.DataObject) -> None:
        self._edit(key, dependencia=Siglas(draw.draw(st.sampled_from(AGENCIES))))

    def _cambio(self, key: str, draw: st.DataObject) -> None:
        name = draw.draw(st.sampled_from(["title", "area", "phone", "display_name", "surname"]))
        optional = name in {"title", "area", "phone"}
        self._edit(key, **{name: draw.draw(WORDS | st.none() if optional else WORDS)})

    def _alias(self, key: str, draw: st.DataObject) -> None:
        chosen = draw.draw(st.sets(st.sampled_from("xyz")))
        own = {alias for alias in self.entries[key].account.aliases if not alias.startswith("alias-")}
        new = {f"alias-{letter}-{key}@sinaloa.gob.mx" for letter in chosen}
        self._edit(key, aliases=tuple(sorted(own | new)))

    def _cuota(self, key: str, draw: st.DataObject) -> None:
        box = self.entries[key].account.mailbox or Mailbox()
        self._edit(key, mailbox=replace(box, quota_mb=draw.draw(st.sampled_from([None, 1024, 2048]))))

    def _renombre(self, key: str, draw: st.DataObject) -> None:
        del draw
        self.names += 1
        new = AccountKey(f"n{self.names}")
        entry = self.entries.pop(key)
        aliases = tuple(sorted({*entry.account.aliases, entry.account.address}))
        there = replace(entry.account, key=new, logon=str(new), address=f"{new}@sinaloa.gob.mx", aliases=aliases)
        self.entries[new] = replace(entry, account=there, previous=AccountKey(key))


VERBS = ["alta", "alta", "baja", "reincorporacion", "traslado", "cambio", "alias", "cuota", "renombre"]


def settles(world: World, town: Town) -> None:
    """Apply the declaration: it must be reached, and then nothing be left to do."""
    wanted = desired(*town.entries.values())
    proposal = world.plan(wanted)
    assert not [finding for finding in proposal.plan.findings if finding.holds]
    assert Plan.from_json(proposal.plan.to_json()) == proposal.plan
    report = world.apply(wanted, proposal)
    assert report.clean, [one for one in report.outcomes if one.result is not Result.APPLIED]
    assert world.plan(wanted).plan.changes == ()
    reading = world.target.read()
    for key, account in wanted.declaration.wanted.items():
        if key in reading.state:
            due = account if reading.reads_mailboxes else replace(account, mailbox=None)
            assert reading.state[key] == due
        else:
            assert account.status is Status.RETIRED


def live(world: World, data: st.DataObject, history: list[list[str]]) -> None:
    """Let a history pass over a world, one apply for each group of movements; one rename in each at most."""
    town = Town()
    for movements in history:
        renamed = False
        for verb in movements:
            if verb != "renombre" or not renamed:
                town.move(data, verb)
            renamed = renamed or verb == "renombre"
        settles(world, town)
        for entry in list(town.entries.values()):
            town.entries[entry.account.key] = replace(entry, previous=None)


HISTORIES = st.lists(st.lists(st.sampled_from(VERBS), min_size=1, max_size=4), min_size=1, max_size=6)
SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


@settings(max_examples=60, suppress_health_check=SLOW)
@given(st.data(), HISTORIES)
def test_every_history_settles_after_one_apply(data: st.DataObject, history: list[list[str]]) -> None:
    with tempfile.TemporaryDirectory() as folder, embedded(Path(folder)) as world:
        live(world, data, history)


@settings(max_examples=12, suppress_health_check=SLOW)
@given(data=st.data(), history=HISTORIES)
def test_every_history_settles_on_active_directory_too(
    domain_controller: DomainController, data: st.DataObject, history: list[list[str]]
) -> None:
    domain_controller.reset()
    target = AdTarget(samba_config(domain_controller))
    try:
        live(World(target), data, history)
    finally:
        target.close()
