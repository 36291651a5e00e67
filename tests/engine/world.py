"""A small world for the engine: a desired state that is all approved, a record in memory, a spool."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from pydantic import SecretStr

from reconciler.approval import Approval, Approver
from reconciler.config import Aprobacion, Config, Limite, Limites
from reconciler.embedded import EmbeddedTarget
from reconciler.engine.apply import Report, Run, apply
from reconciler.engine.desired import Desired
from reconciler.engine.ports import Target
from reconciler.engine.propose import Proposal, propose
from reconciler.engine.saga import Hands
from reconciler.events import Event
from reconciler.evidence import Regime
from reconciler.model import Account, AccountKey, Declared, Siglas
from reconciler.plan import Change, Kind, Outcome, change_id
from reconciler.review import Unapproved
from reconciler.roster import Roster
from reconciler.sheet import Seal, Sealed, new_folio
from reconciler.trail import EntryChange, Trail
from tests.build import TODAY, declaration

COMMIT = "c" * 40
GENEROUS = {kind: Limite(maximo=1000, libres=1000) for kind in Kind}


LAX = Regime(
    approving=Aprobacion(), roster=Roster(approvers={}, desk={}, enlaces={}), zone=UTC, today=date(2026, 1, 1)
)


class Everything(Approver):
    """Approves whatever it is asked, except the keys in `denied`."""

    denied: frozenset[str] = frozenset()

    def judge(self, changes: Sequence[Change]) -> Mapping[str, Approval | Unapproved]:
        """Return an approval for every change that is not denied."""
        return {change_id(change): self._verdict(change) for change in changes}

    def _verdict(self, change: Change) -> Approval | Unapproved:
        if change.key in self.denied:
            return Unapproved(commit=COMMIT, reason="se empujó sin pasar por una fusión")
        return Approval(
            merge=COMMIT,
            reviewed=COMMIT,
            author="a <a@b>",
            approver="d <d@b>",
            at=datetime(2026, 1, 1, tzinfo=UTC),
            subject="Merge",
            oficio=change.oficio,
        )

    def config_fault(self) -> None:
        """Find nothing wrong with the configuration."""

    def foundation(self) -> tuple[()]:
        """Return nothing: nobody has to show anything."""
        return ()


class Denying(Everything):
    """Approves everything but juan.perez."""

    denied = frozenset({"juan.perez"})


def desired(*entries: Declared, limits: Limites | None = None, approver: type[Approver] = Everything) -> Desired:
    """Return a desired state that declares some accounts."""
    wanted = declaration(*entries)
    trail = Trail(commits={COMMIT: None}, origins={}, movements={})  # type: ignore[dict-item]
    return Desired(
        commit=COMMIT,
        config=Config(dominios=("sinaloa.gob.mx",), limites=limits or Limites(dependencia=GENEROUS, total=GENEROUS)),
        declaration=wanted,
        warnings=(),
        trail=_Silent(trail),  # type: ignore[arg-type]
        approver=approver(
            trail=trail,
            declaration=wanted,
            review=None,  # type: ignore[arg-type]
            regime=LAX,
            witness=None,  # type: ignore[arg-type]
            former=lambda _: None,
        ),
        shallow=False,
        on_main_line=True,
    )


@dataclass
class _Silent:
    """A trail of one commit, around which nothing was pushed."""

    trail: Trail
    around_review: tuple[()] = ()

    @property
    def movements(self) -> Mapping[AccountKey, Sequence[EntryChange]]:
        return self.trail.movements

    @property
    def position(self) -> Mapping[str, int]:
        return {COMMIT: 0}


@dataclass
class MemoryRecord:
    """A record that keeps events in a list, and counts publications."""

    kept: list[Event] = field(default_factory=list)
    published: int = 0

    def events(self) -> Sequence[Event]:
        """Return every event."""
        return tuple(self.kept)

    def append(self, *events: Event) -> None:
        """Keep events."""
        self.kept.extend(events)

    def publish(self) -> None:
        """Note how many events there were."""
        self.published = len(self.kept)

    def head(self) -> str:
        """Return a digest that says how many were published."""
        return f"{self.published:064x}"


@dataclass
class MemorySpool:
    """A spool that keeps passwords where a test can look at them."""

    sheets: dict[str, str] = field(default_factory=dict)
    kept: list[tuple[AccountKey, Sealed]] = field(default_factory=list)
    begun: tuple[str, dict[AccountKey, str]] | None = None

    def check(self) -> None:
        """Be always ready."""

    def begin(self, head: str, orders: Mapping[AccountKey, str]) -> None:
        """Keep what the sheets of a run would name."""
        self.begun = head, dict(orders)

    def seal(self, account: Account, password: SecretStr) -> Sealed:
        """Keep the password."""
        self.sheets[account.key] = password.get_secret_value()
        sheet = Sealed(folio=new_folio(TODAY), name=f"{account.key}.pdf.age", seal=Seal.MESA)
        self.kept.append((account.key, sheet))
        return sheet

    def keep_only(self, key: AccountKey, sheet: Sealed) -> None:
        """Forget the account's other sheets."""
        self.kept = [one for one in self.kept if one[0] != key or one[1] == sheet]

    def waiting(self) -> Sequence[tuple[AccountKey, Sealed]]:
        """Return what is kept."""
        return tuple(self.kept)


@dataclass
class World:
    """A target with its record: `plan` proposes, `apply` carries out, time goes on by itself."""

    target: Target
    record: MemoryRecord = field(default_factory=MemoryRecord)
    spool: MemorySpool = field(default_factory=MemorySpool)
    runs: int = 0
    today: date = TODAY
    moment: datetime = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)
    step: timedelta = timedelta(seconds=1)

    def clock(self) -> datetime:
        """Return a moment later than any before."""
        self.moment += self.step
        return self.moment

    def plan(self, wanted: Desired, *, only: frozenset[Siglas] = frozenset()) -> Proposal:
        """Propose."""
        events = self.record.events()
        return propose(wanted, self.target, events, name="embedded", today=self.today, only=only)

    def apply(
        self,
        wanted: Desired,
        proposal: Proposal | None = None,
        *,
        progress: Callable[[int, int, Sequence[Outcome]], None] | None = None,
        stopping: Callable[[], bool] = lambda: False,
        helpers: Sequence[Target] = (),
    ) -> Report:
        """Propose and apply, with as many accounts at a time as there are helpers more."""
        self.runs += 1
        run = Run(
            name=f"r{self.runs}",
            version="0",
            clock=self.clock,
            record=self.record,
            crew=[Hands(target=one, spool=self.spool, new_password=_password) for one in (self.target, *helpers)],
            heartbeat=lambda: None,
            progress=progress or _ignore,
            stopping=stopping,
        )
        return apply(proposal or self.plan(wanted), run)


def _password(account: Account) -> SecretStr:
    return SecretStr(f"Clave-de-{account.key}-2026")


def _ignore(done: int, total: int, outcomes: Sequence[Outcome]) -> None:
    del done, total, outcomes


@contextmanager
def embedded(folder: Path) -> Iterator[World]:
    """Open a world over a new embedded target."""
    target = EmbeddedTarget(folder / "directorio.sqlite")
    try:
        yield World(target)
    finally:
        target.close()
