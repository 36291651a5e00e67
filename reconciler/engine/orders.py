"""Work orders while a run applies: opened before anything is touched, done once read back, closed when complete."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property

from reconciler.diff import former_keys
from reconciler.engine.notices import current, due, to_tell
from reconciler.engine.ports import Says
from reconciler.engine.propose import Proposal
from reconciler.engine.saga import Ended
from reconciler.events import JSON, Event, EventKind
from reconciler.model import AccountKey, Declared, Movimiento, Status, normalized_oficio
from reconciler.orders import (
    Order,
    OrderKey,
    asked,
    by_oficio,
    latest,
    missing,
    movement_of,
    new_order,
    orders,
    sheets,
)
from reconciler.plan import Change, Disable, Result, change_id

BAJA = "baja"
"""Why a sheet is taken away whose account was given its baja."""


class Ledger:
    """The orders of one run: what it has to put on record of them before, in between and after.

    `received` opens an order for every approved change that PSDT-08 has one for, where there is none yet (3.1, 6.2).
    `settled` are orders that are found to be done already (by a run that was killed, by hand, or asked for after the
    fact), and sheets whose account is out of service.
    """

    def __init__(self, proposal: Proposal, says: Says, today: date) -> None:
        """Look through what is approved and what is there; nothing is put on record yet."""
        self._proposal, self._says = proposal, says
        self._target = proposal.plan.before.target
        self.received = tuple(self._opened(today))
        self._orders = orders((*proposal.events, *self.received), self._target)
        self._standing = by_oficio(self._orders)
        self.settled = (*self._found_done(), *self._moot())

    @property
    def idle(self) -> bool:
        """Whether nothing is left to be said of any order: none found done, nobody to be told, none to be closed."""
        found = self._orders.values()
        return not (self.settled or due(found) or any(one.is_open and not missing(one) for one in found))

    @property
    def altas(self) -> Mapping[AccountKey, str]:
        """The order of each account that a credential sheet may be sealed for in this run."""
        found = {}
        for change in self._proposal.approved:
            if movement_of(change) is Movimiento.ALTA:
                order = next((self._standing[one] for one in self._names(change) if one in self._standing), None)
                if order:
                    found[change.key] = order.id
        return found

    def done(self, steps: Sequence[Change], ended: Ended) -> Iterator[Event]:
        """Say which orders an account's saga has carried out: everything was applied and read back.

        What was sealed for an account that was just given its baja is taken away, whatever else failed.
        """
        if any(isinstance(one.change, Disable) and one.result is Result.APPLIED for one in ended.outcomes):
            yield from self._taken_away(steps[0].key)
        if ended.unreachable or ended.defect or any(one.result is not Result.APPLIED for one in ended.outcomes):
            return
        key = steps[0].key
        if key in self._withheld:  # what is left of it may be what the order is about
            return
        made = {name for change in steps for name in self._names(change)}
        whole = self._changing[key] == len(steps) and key not in self._held
        for order in self._undone(key):
            ours = asked(order.key, order.movement, order.oficio or "") in made
            if ours or (whole and asks(order, self._accounts[key])):
                yield self._event(order, self._accounts[key], sheet=bool(ended.sheets or order.sheet))

    # --- before anything is touched ------------------------------------------------------------------------------

    def _opened(self, today: date) -> Iterator[Event]:
        """Open what was never received, and give a request that waited for its oficio the one that came."""
        known = set(by_oficio(self._proposal.orders))
        waiting = {
            (one.key, one.movement): one
            for one in reversed(list(self._proposal.orders.values()))
            if one.oficio is None and one.is_open
        }
        for change in self._proposal.approved:
            movement, names = movement_of(change), self._names(change)
            if movement is None or not known.isdisjoint(names):
                continue
            known.update(names)
            asked_before = next(
                (waiting.pop((key, movement)) for key, *_ in names if (key, movement) in waiting), None
            )
            yield self._with_oficio(asked_before, change) if asked_before else self._new(change, movement, today)

    def _new(self, change: Change, movement: Movimiento, today: date) -> Event:
        oficio = self._proposal.desired.declaration.dependencias[change.dependencia].oficios[change.oficio]
        return self._says(
            EventKind.ORDER_RECEIVED,
            change.key,
            orden=new_order(today),
            movimiento=movement.value,
            dependencia=change.dependencia,
            oficio=change.oficio,
            recibido=oficio.received.isoformat(),
            medio=oficio.medium,
            enlace=oficio.enlace,
            destino=self._target,
        )

    def _with_oficio(self, order: Order, change: Change) -> Event:
        oficio = self._proposal.desired.declaration.dependencias[change.dependencia].oficios[change.oficio]
        return self._says(
            EventKind.ORDER_OFICIO,
            order.key,
            orden=order.id,
            oficio=change.oficio,
            dependencia=change.dependencia,
            recibido=oficio.received.isoformat(),
            enlace=oficio.enlace,
        )

    def _names(self, change: Change) -> tuple[OrderKey, ...]:
        """Return what makes a change's order one, under its key and under those that the account had before."""
        movement = movement_of(change)
        if movement is None:
            return ()
        keys = (change.key, *former_keys(self._accounts[change.key], self._proposal.memory))
        return tuple(asked(key, movement, change.oficio) for key in keys)

    # --- done ----------------------------------------------------------------------------------------------------

    def _found_done(self) -> Iterator[Event]:
        declaration, formerly = self._proposal.desired.declaration, self._proposal.memory.formerly
        last = latest(sheets(self._proposal.events, self._target))
        begun = {one.key for one in self._proposal.standing.open_attempts if one.verb in {"create", "reactivate"}}
        for order in (one for some in self._by_key.values() for one in some):
            declared = current(order, declaration, formerly)
            if declared and asks(order, declared) and self._is_so(order, declared.account.key):
                loose = last.get(declared.account.key)
                sheet = bool(order.sheet or (loose and not loose.order)) or declared.account.key in begun
                yield self._event(order, declared, sheet=sheet)

    def _is_so(self, order: Order, key: AccountKey) -> bool:
        """Whether the reading shows what an order asks for, with nothing left to do and nothing in doubt."""
        if key in self._changing or key in self._held or not self._proposal.covers(key):
            return False
        there = self._proposal.reading.accounts.get(key)
        if order.movement is Movimiento.BAJA:
            return there is None or there.account.status is Status.RETIRED
        return there is not None and there.account.status is Status.ACTIVE and not there.handle.unfinished

    def _moot(self) -> Iterator[Event]:
        """Take away what is sealed for accounts that are out of service: by a run that was killed, or by hand."""
        for key in sorted(self._sealed):
            today = self._today_of.get(key, key)
            there = self._proposal.reading.accounts.get(today)
            declared = self._accounts.get(today)
            if not (declared and declared.baja and there and self._proposal.covers(today)):
                continue
            if there.account.status is Status.RETIRED:
                yield from self._removed(key)

    def _taken_away(self, key: AccountKey) -> Iterator[Event]:
        for name in (key, *former_keys(self._accounts[key], self._proposal.memory)):
            yield from self._removed(name)

    def _removed(self, key: AccountKey) -> Iterator[Event]:
        for folio in self._sealed.get(key, ()):
            yield self._says(EventKind.SHEET_REMOVED, key, folio=folio, porque=BAJA, destino=self._target)

    @cached_property
    def _sealed(self) -> Mapping[AccountKey, Sequence[str]]:
        """The folios whose files are still to be there, by the account that they were sealed for."""
        found: dict[AccountKey, list[str]] = {}
        for one in sheets(self._proposal.events, self._target).values():
            if one.removed is None:
                found.setdefault(one.key, []).append(one.folio)
        return found

    @cached_property
    def _today_of(self) -> Mapping[AccountKey, AccountKey]:
        return {old: key for key, earlier in self._proposal.memory.formerly.items() for old in earlier}

    def _undone(self, key: AccountKey) -> Iterator[Order]:
        for name in (key, *former_keys(self._accounts[key], self._proposal.memory)):
            yield from self._by_key.get(name, ())

    @cached_property
    def _by_key(self) -> Mapping[AccountKey, Sequence[Order]]:
        """The orders that are open and not done, by account."""
        found: dict[AccountKey, list[Order]] = {}
        for one in self._standing.values():
            if one.is_open and one.done is None:
                found.setdefault(one.key, []).append(one)
        return found

    def _event(self, order: Order, declared: Declared, *, sheet: bool) -> Event:
        """Say that an order is done: whom it is told to (9.1), and whether a sheet has to be handed over (7.2)."""
        told = to_tell(order, declared, self._proposal.desired.declaration)
        handed = sheet and order.movement is Movimiento.ALTA and declared.account.logon_enabled
        left: list[JSON] = [one.id for one in self._overtaken(order, declared)]
        return self._says(
            EventKind.ORDER_DONE,
            order.key,
            orden=order.id,
            avisar=[one.value for one in told],
            entregar=handed,
            destino=self._target,
            **({"supera": left} if left else {}),
        )

    def _overtaken(self, order: Order, declared: Declared) -> Iterator[Order]:
        """Return the account's orders of the opposite movement that were made and are open: what they say is past."""
        names = (order.key, declared.account.key, *former_keys(declared, self._proposal.memory))
        for name in dict.fromkeys(names):
            yield from (one for one in self._made.get(name, ()) if one.movement is not order.movement)

    @cached_property
    def _made(self) -> Mapping[AccountKey, Sequence[Order]]:
        """The orders that are done and open, by account."""
        found: dict[AccountKey, list[Order]] = {}
        for one in self._orders.values():
            if one.is_open and one.done:
                found.setdefault(one.key, []).append(one)
        return found

    @property
    def _accounts(self) -> Mapping[AccountKey, Declared]:
        return self._proposal.desired.declaration.accounts

    @cached_property
    def _changing(self) -> Mapping[AccountKey, int]:
        """How many changes there are of each account, approved or not."""
        return Counter(change.key for change in self._proposal.plan.changes)

    @cached_property
    def _withheld(self) -> frozenset[AccountKey]:
        names = self._proposal.withheld
        return frozenset(one.key for one in self._proposal.plan.changes if change_id(one) in names)

    @cached_property
    def _held(self) -> frozenset[AccountKey]:
        return frozenset(one.key for one in self._proposal.plan.findings if one.holds and one.key)


def asks(order: Order, declared: Declared) -> bool:
    """Whether an entry asks, today, for exactly what an order does."""
    oficio = declared.baja if order.movement is Movimiento.BAJA else declared.alta
    stands = (order.movement is Movimiento.BAJA) == (declared.baja is not None)
    return stands and normalized_oficio(oficio or "") == normalized_oficio(order.oficio or "")


_ENDINGS = frozenset({EventKind.OUTCOME, EventKind.RECONCILED})
_VERBS = {Movimiento.ALTA: frozenset({"create", "reactivate"}), Movimiento.BAJA: frozenset({"disable"})}


def in_doubt(order: Order, events: Iterable[Event]) -> bool:
    """Whether a run set out to do, on any target, what an order asks for, and nobody knows yet how that ended."""
    wanted = normalized_oficio(order.oficio or "")
    doubtful: set[tuple[str, str]] = set()
    for event in events:
        data = event.data
        attempt = str(data.get("de", event.run)), str(data.get("cambio"))
        if event.kind is EventKind.ATTEMPT and event.key == order.key and data.get("verbo") in _VERBS[order.movement]:
            if normalized_oficio(str(data.get("oficio"))) == wanted:
                doubtful.add(attempt)
        elif event.kind in _ENDINGS and data.get("estado") != Result.UNKNOWN.value:
            doubtful.discard(attempt)
    return bool(doubtful)


def close_complete(found: Iterable[Order], target: str, says: Says) -> Iterator[Event]:
    """Close every open order that lacks nothing (PSDT-08, 9.2)."""
    for order in found:
        if order.is_open and not missing(order):
            yield says(EventKind.ORDER_CLOSED, order.key, orden=order.id, destino=target)
