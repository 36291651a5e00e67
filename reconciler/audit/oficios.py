"""One oficio for each movement: named, declared by then, and used for no other request. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from reconciler.audit.findings import Code, Finding
from reconciler.clock import TOLERANCE
from reconciler.events import Event, EventKind
from reconciler.model import AccountKey, Movimiento, Siglas, normalized_oficio
from reconciler.oficios import lacking, named
from reconciler.orders import OrderKey, asked
from reconciler.trail import PLACE, EntryChange, Trail


@dataclass
class _Ledger:
    """What has been used so far: every agency's oficios, each with the merge that used it."""

    trail: Trail
    orders: Mapping[OrderKey, datetime]
    spent: dict[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._declared: dict[tuple[str, str], int] = {}
        for (siglas, _, number), commit in self.trail.appeared.items():
            name = siglas.casefold(), normalized_oficio(number)
            place = self.trail.position[commit]
            self._declared[name] = min(place, self._declared.get(name, place))

    def use(self, siglas: Siglas, oficio: str, commit: str) -> str | None:
        """Note that a merge used an oficio; return the merge that had used it before, None where none had."""
        before = self.spent.setdefault((siglas.casefold(), normalized_oficio(oficio)), commit)
        return None if before == commit else before

    def was_received(self, key: AccountKey, field: str, oficio: str, commit: str) -> bool:
        """Whether an oficio had been received for an account's movement when that was merged."""
        at = None if field == "cambio" else self.orders.get(asked(key, Movimiento(field), oficio))
        return at is not None and at <= self.trail.commits[commit].at + TOLERANCE

    def declared_by(self, siglas: Siglas, oficio: str, commit: str) -> bool:
        """Whether an agency had declared an oficio when a commit was merged."""
        place = self._declared.get((siglas.casefold(), normalized_oficio(oficio)))
        return place is not None and place <= self.trail.position[commit]


def received(events: Iterable[Event]) -> Mapping[OrderKey, datetime]:
    """Return what the Mesa de Ayuda received, and since when: that an account's movement is asked for by an oficio.

    What a run opens for something that was merged already names its target, and says nothing of who asked.
    """
    found: dict[OrderKey, datetime] = {}
    movements: dict[object, Movimiento] = {}
    for event in events:
        data = event.data
        if event.kind is EventKind.ORDER_RECEIVED:
            movements[data["orden"]] = Movimiento(str(data["movimiento"]))
        elif event.kind is not EventKind.ORDER_OFICIO:
            continue
        movement = movements.get(data["orden"])
        if movement and event.key and data.get("oficio") and not data.get("destino"):
            found.setdefault(asked(event.key, movement, str(data["oficio"])), event.at)
    return found


def oficio_findings(
    trail: Trail, baseline: Collection[str], orders: Mapping[OrderKey, datetime] = MappingProxyType({})
) -> Iterator[Finding]:
    """Yield what is wrong with the oficios of movements, in the order of the line.

    `orders` are those that were received, with when: a letter may ask for several accounts, each merged by itself,
    where it was received for each before that.

    A merge is one request: what it brings may share an oficio. What the baseline accepts is not judged, and its
    oficios are spent all the same. A rename takes the oficios of the former key along.
    """
    ledger = _Ledger(trail, orders)
    everything = sorted(
        ((trail.position[one.commit], key, one) for key, ones in trail.movements.items() for one in ones),
        key=lambda one: one[:2],
    )
    for _, key, change in everything:
        if change.after:
            found = list(_movement(key, change, _before(change, trail), ledger))
            yield from found if change.commit not in baseline else ()


def _before(change: EntryChange, trail: Trail) -> Mapping[str, str]:
    """Return the entry that a movement began with: that of the former key where it renames one."""
    former = change.after.get("renombra")
    if change.before or former is None:
        return change.before
    place = trail.position[change.commit]
    earlier = [one for one in trail.movements.get(AccountKey(former), ()) if trail.position[one.commit] < place]
    return (earlier[-1].after or earlier[-1].before) if earlier else {}


def _movement(key: AccountKey, change: EntryChange, before: Mapping[str, str], ledger: _Ledger) -> Iterator[Finding]:
    after, commit = change.after, change.commit
    siglas = Siglas(after[PLACE])
    what = _what(before, after)
    field = lacking(_fields(before), _fields(after), moved=_moved(before, after))
    if field:
        where = " en «alta:»" if field == "alta" else ""
        text = f"{what} de «{key}» ({commit[:10]}) no nombra{where} ningún oficio nuevo."
        yield _finding(Code.OFICIO_SIN_NOMBRAR, key, commit, text)
    for name, oficio in named(before, after).items():
        if not ledger.declared_by(siglas, oficio, commit):
            text = f"{what} de «{key}» ({commit[:10]}) nombra el oficio «{oficio}», que {siglas} no había declarado."
            yield _finding(Code.OFICIO_SIN_DECLARAR, key, commit, text, oficio)
        first = ledger.use(siglas, oficio, commit)
        if first is not None and not ledger.was_received(key, name, oficio, commit):
            text = (
                f"{what} de «{key}» ({commit[:10]}) nombra el oficio «{oficio}», que ya había servido "
                f"a otra solicitud ({first[:10]})."
            )
            yield _finding(Code.OFICIO_REPETIDO, key, commit, text, oficio)


def _finding(code: Code, key: AccountKey, commit: str, message: str, oficio: str | None = None) -> Finding:
    return Finding(code=code, where=commit[:10], message=message, key=key, oficio=oficio, merge=commit)


def _fields(entry: Mapping[str, str]) -> Mapping[str, str]:
    return {name: value for name, value in entry.items() if name != PLACE}


def _moved(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    return bool(before) and before.get(PLACE, "").casefold() != after.get(PLACE, "").casefold()


def _what(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Say which movement an entry's change is."""
    if not before:
        return "El alta"
    if "baja" in after and "baja" not in before:
        return "La baja"
    if "baja" in before and "baja" not in after:
        return "La reincorporación"
    if _moved(before, after):
        return "El traslado"
    renames = "renombra" in after and after["renombra"] != before.get("renombra")
    return "El renombre" if renames else "El cambio"
