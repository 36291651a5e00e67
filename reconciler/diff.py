"""What would have to change: the wanted state against the observed one. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from reconciler import held
from reconciler.model import (
    Account,
    AccountKey,
    Declaration,
    Declared,
    Handle,
    Mailbox,
    Observed,
    Occupant,
    Reading,
    Status,
    Tipo,
)
from reconciler.plan import (
    Adopt,
    Change,
    ChangeAliases,
    Create,
    Disable,
    DisconnectMailbox,
    EnableMailbox,
    FieldChange,
    FieldValue,
    Finding,
    Move,
    Reactivate,
    ReconnectMailbox,
    Rename,
    Update,
    UpdateMailbox,
    ordered,
    protects,
)

NAMING_FIELDS = ("logon", "address")
"""Fields that change together with the key when an account is renamed."""

FIELDS = (
    "organization",
    "tipo",
    *NAMING_FIELDS,
    "display_name",
    "given_name",
    "surname",
    "title",
    "area",
    "phone",
    "responsable",
)
"""Fields of an account that an Update may change; status, place and mailbox have classes of their own."""

MAILBOX_FIELDS = ("kind", "quota_mb", "hidden", "accepts_mail", "held")
REMOTE_FIELDS = ("kind", "hidden", "accepts_mail")
"""What is managed of a mailbox here, and of one in Exchange Online."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What the record remembers of a target and Git of its accounts, and no reading can tell.

    `retired_on`: the local date on which each baja was applied. `present_for`: the oficios under which an
    account was created, adopted, reincorporated, renamed or transferred. `identity`: the object that it is;
    `begun`: accounts that a run set out to create or adopt, of which nobody knows yet how it ended;
    `unwritten`: no run of this target is on record.
    `taken_off`: mailboxes that were disconnected, each with the object that had it. `formerly`: the keys that a
    renamed account had, the
    latest first; none of them is declared any more.
    """

    retired_on: Mapping[AccountKey, date] = field(default_factory=dict)
    present_for: Mapping[AccountKey, frozenset[str]] = field(default_factory=dict)
    identity: Mapping[AccountKey, str] = field(default_factory=dict)
    unwritten: bool = False
    begun: frozenset[AccountKey] = frozenset()
    taken_off: Mapping[str, str] = field(default_factory=dict)
    formerly: Mapping[AccountKey, tuple[AccountKey, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The organisation's choices that a diff depends on.

    `answers_for_leavers`: mail to whoever left is still delivered, and answered.
    """

    retention_days: int
    answers_for_leavers: bool = False
    protected: frozenset[AccountKey] = frozenset()


class _Held(Exception):  # noqa: N818
    """An account that must be left alone, with the finding that says why; never leaves this module."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def diff(
    declaration: Declaration, reading: Reading, memory: Memory, policy: Policy, today: date
) -> tuple[tuple[Change, ...], tuple[Finding, ...]]:
    """Return the changes that take the observed state to the declared one, and what a person must look at.

    An account about which anything is doubtful gets a finding that holds it and no change at all. One whose
    names are somebody else's is held too, except for what a baja takes away: that writes no name. Where no
    run is on record and declared accounts are there, everything is held.
    """
    comparison = _Comparison(declaration, reading, memory, policy, today)
    if comparison.remembers_nothing():
        return (), (held.no_record(len(reading.accounts)),)
    changes: list[Change] = []
    findings: list[Finding] = []
    for declared in declaration.accounts.values():
        try:
            steps = comparison.of(declared)
        except _Held as doubt:
            findings.append(doubt.finding)
            continue
        holder = comparison.holder(declared, steps)
        if holder:
            findings.append(held.taken(declared, holder))
            steps = [step for step in steps if protects(step)]
        changes.extend(steps)
    findings.extend(comparison.notes)
    findings.extend(comparison.undeclared())
    findings.sort(key=lambda one: (one.dependencia or "", one.key or "", one.code))
    return ordered(changes), tuple(findings)


def former_keys(declared: Declared, memory: Memory) -> tuple[AccountKey, ...]:
    """Return the keys under which an account may still be there, the latest first."""
    written = (declared.previous,) if declared.previous else ()
    return tuple(dict.fromkeys((*written, *memory.formerly.get(declared.account.key, ()))))


@dataclass
class _Comparison:
    declaration: Declaration
    reading: Reading
    memory: Memory
    policy: Policy
    today: date

    def __post_init__(self) -> None:
        self.notes: list[Finding] = []
        self._by_logon: dict[str, list[Occupant]] = {}
        self._by_address: dict[str, list[Occupant]] = {}
        for other in self.reading.others:
            if other.logon:
                self._by_logon.setdefault(other.logon.casefold(), []).append(other)
            for address in other.addresses:
                self._by_address.setdefault(address, []).append(other)

    def of(self, declared: Declared) -> list[Change]:
        """Return one account's changes, or raise _Held."""
        key = declared.account.key
        names = (key, *former_keys(declared, self.memory))
        for name in names:
            if name in self.reading.claims:
                raise _Held(held.doubled(declared, name, self.reading.claims[name]))
        observed = self.reading.accounts.get(key)
        former = next(filter(None, map(self.reading.accounts.get, names[1:])), None)
        present = observed or former
        if present:
            self._refuse_stranger(declared, present, names)
        if observed and former and former.account.key == declared.previous:
            raise _Held(held.both_names(declared, former))
        if observed:
            steps = list(self._towards(declared, observed))
        elif former:
            steps = list(self._renamed(declared, former))
        else:
            steps = list(self._absent(declared))
        if steps and present:
            self._refuse_protected(declared, present.handle)
        return steps

    def remembers_nothing(self) -> bool:
        """Whether declared accounts are there and the record, which should know them, was lost."""
        if not self.memory.unwritten:
            return False
        there = self.reading.accounts.keys()
        return any(
            not there.isdisjoint((key, *former_keys(one, self.memory)))
            for key, one in self.declaration.accounts.items()
        )

    def _refuse_stranger(self, declared: Declared, present: Observed, names: tuple[AccountKey, ...]) -> None:
        """Hold an account unless the record knows the object, or a run began it and nobody knows how that ended.

        The mark alone proves nothing: whoever may write to an object can forge it.
        """
        guid, name = present.handle.guid, present.account.key
        if self.memory.identity.get(name, guid) != guid:
            raise _Held(held.other_object(declared, present.handle))
        known = {self.memory.identity[one] for one in names if one in self.memory.identity}
        if guid not in known and name not in self.memory.begun:
            raise _Held(held.unknown_mark(declared, present.handle))

    def undeclared(self) -> Iterator[Finding]:
        """Yield a finding for every account with our mark that nobody declares."""
        renamed = {key for one in self.declaration.accounts.values() for key in former_keys(one, self.memory)}
        for key, observed in self.reading.accounts.items():
            if observed.handle.mailbox_fault:
                yield held.broken_mailbox(observed)
            if key not in self.declaration.accounts and key not in renamed:
                yield Finding(
                    code="no-declarada",
                    message=f"«{key}» lleva la marca de cuentas y no está declarada ({observed.handle.place}).",
                    remedy="Declárela con «existente: true» o retire la marca en el directorio.",
                    key=key,
                    dependencia=observed.account.dependencia,
                )

    # --- an account that is not there -------------------------------------------------------------------

    def _absent(self, declared: Declared) -> Iterator[Change]:
        account = declared.account
        if declared.adopt:
            yield from self._adopted(declared)
            return
        if account.status is Status.RETIRED:
            return
        if declared.alta in self.memory.present_for.get(account.key, ()):
            raise _Held(held.lost(declared))
        yield Create(
            key=account.key,
            dependencia=account.dependencia,
            oficio=declared.alta,
            account=replace(account, mailbox=None),
        )
        mailbox = self._due_mailbox(declared, None)
        if self.reading.reads_mailboxes and mailbox:
            yield self._with_mailbox(EnableMailbox, declared, mailbox)

    def _adopted(self, declared: Declared) -> Iterator[Change]:
        account = declared.account
        found = {
            other.handle.guid: other
            for other in [
                *self._by_logon.get(account.logon.casefold(), ()),
                *self._by_address.get(account.address, ()),
            ]
            if other.account
        }
        if len(found) != 1:
            raise _Held(held.no_candidate(declared, list(found.values())))
        (candidate,) = found.values()
        assert candidate.account  # noqa: S101 -- filtered above
        if candidate.handle.protected:
            raise _Held(held.protected(declared, candidate.handle))
        yield Adopt(
            key=account.key,
            dependencia=account.dependencia,
            oficio=declared.alta,
            guid=candidate.handle.guid,
            place=candidate.handle.place,
        )
        there = replace(candidate.account, key=account.key, status=Status.ACTIVE)
        yield from self._towards(declared, Observed(there, candidate.handle))

    def _with_mailbox(
        self, build: type[EnableMailbox | ReconnectMailbox], declared: Declared, mailbox: Mailbox
    ) -> Change:
        account = declared.account
        return build(key=account.key, dependencia=account.dependencia, oficio=declared.oficio, mailbox=mailbox)

    # --- an account that is there -----------------------------------------------------------------------

    def _renamed(self, declared: Declared, former: Observed) -> Iterator[Change]:
        fields = tuple(_field_changes(former.account, declared.account, NAMING_FIELDS))
        yield Rename(
            key=declared.account.key,
            dependencia=declared.account.dependencia,
            oficio=declared.change_oficio,
            previous=former.account.key,
            fields=fields,
        )
        wanted = declared.account
        named = replace(former.account, key=wanted.key, logon=wanted.logon, address=wanted.address)
        yield from self._towards(declared, Observed(named, former.handle))

    def _towards(self, declared: Declared, observed: Observed) -> Iterator[Change]:
        wanted, there = declared.account, observed.account
        key, siglas, oficio = wanted.key, wanted.dependencia, declared.change_oficio
        yield from self._status(declared, observed)
        if there.dependencia.casefold() != siglas.casefold():
            yield Move(key=key, dependencia=siglas, oficio=oficio, origin=there.dependencia)
        fields = tuple(_field_changes(there, wanted, FIELDS))
        if there.logon_enabled and not wanted.logon_enabled and wanted.status is Status.ACTIVE:
            fields += (FieldChange("logon_enabled", old=True, new=False),)
        if fields:
            yield Update(key=key, dependencia=siglas, oficio=oficio, fields=fields)
        added = tuple(sorted(set(wanted.aliases) - set(there.aliases)))
        removed = tuple(sorted(set(there.aliases) - set(wanted.aliases)))
        if added or removed:
            yield ChangeAliases(key=key, dependencia=siglas, oficio=oficio, added=added, removed=removed)
        if self.reading.reads_mailboxes and not observed.handle.mailbox_fault:
            yield from self._mailbox(declared, observed)

    def _status(self, declared: Declared, observed: Observed) -> Iterator[Change]:
        wanted, there = declared.account, observed.account
        key, siglas, oficio = wanted.key, wanted.dependencia, declared.oficio
        if wanted.status is Status.RETIRED:
            if there.status is Status.ACTIVE or there.logon_enabled:
                yield Disable(key=key, dependencia=siglas, oficio=oficio)
        elif observed.handle.unfinished:
            account = replace(wanted, mailbox=None)
            yield Create(key=key, dependencia=siglas, oficio=oficio, account=account, resumes=True)
        elif there.status is Status.RETIRED:
            if self._retired_on(declared) and declared.alta in self._served_under(declared):
                raise _Held(held.no_new_oficio(declared))
            yield Reactivate(key=key, dependencia=siglas, oficio=oficio, account=replace(wanted, mailbox=None))
        elif wanted.logon_enabled and not there.logon_enabled:
            if there.tipo is Tipo.PERSONAL:
                raise _Held(held.blocked_outside(declared, observed.handle))
            yield Reactivate(key=key, dependencia=siglas, oficio=oficio, account=replace(wanted, mailbox=None))

    def _mailbox(self, declared: Declared, observed: Observed) -> Iterator[Change]:
        there, handle = observed.account.mailbox, observed.handle
        wanted = self._due_mailbox(declared, observed.account)
        key, siglas = declared.account.key, declared.account.dependencia
        active = declared.account.status is Status.ACTIVE
        oficio = declared.change_oficio if active else declared.oficio
        if there is None or (active and wanted and handle.mailbox and handle.mailbox == handle.kept_mailbox):
            yield from self._missing_mailbox(declared, handle, wanted if active else None)
        elif wanted is None:
            if there.held:
                lifted = (FieldChange("held", old=True, new=False),)
                yield UpdateMailbox(key=key, dependencia=siglas, oficio=oficio, fields=lifted)
            yield DisconnectMailbox(key=key, dependencia=siglas, oficio=oficio)
        else:
            names = REMOTE_FIELDS if there.remote else MAILBOX_FIELDS
            fields = tuple(_field_changes(there, wanted, names))
            if fields:
                yield UpdateMailbox(key=key, dependencia=siglas, oficio=oficio, fields=fields)

    def _missing_mailbox(self, declared: Declared, handle: Handle, wanted: Mailbox | None) -> Iterator[Change]:
        """Give a mailbox to who has none: the very one that was taken off, where one was.

        Also where giving it back was begun, and the object still remembers it.
        """
        kept = handle.kept_mailbox
        if wanted and kept and self.memory.taken_off.get(kept) != handle.guid:
            raise _Held(held.strange_mailbox(declared, handle))
        if wanted:
            yield self._with_mailbox(ReconnectMailbox if kept else EnableMailbox, declared, wanted)
        elif kept and self._is_held(declared):
            self.notes.append(held.too_late(declared))

    def _is_held(self, declared: Declared) -> bool:
        return declared.hold_until is not None and declared.hold_until >= self.today

    def _due_mailbox(self, declared: Declared, there: Account | None) -> Mailbox | None:
        """Return the mailbox that is due today: None once a baja's retention is over and no hold stands.

        The retention is that of the baja on record: one that this plan only gives now has just begun. A hold that
        nobody declared is somebody else's: it is neither lifted nor passed over.
        """
        account = declared.account
        if account.mailbox is None:
            return None
        held_now = self._is_held(declared)
        if there and there.mailbox and there.mailbox.held and declared.hold_until is None:
            self.notes.append(held.foreign_hold(declared))
            held_now = True
        retired = account.status is Status.RETIRED
        out = there is not None and there.status is Status.RETIRED and not there.logon_enabled
        since = self._retired_on(declared) if retired and out else None
        if since is not None and not held_now and self.today - since >= timedelta(days=self.policy.retention_days):
            return None
        accepts = account.mailbox.accepts_mail or (retired and self.policy.answers_for_leavers)
        return replace(account.mailbox, held=held_now, accepts_mail=accepts)

    def _retired_on(self, declared: Declared) -> date | None:
        names = (declared.account.key, *former_keys(declared, self.memory))
        return next((self.memory.retired_on[name] for name in names if name in self.memory.retired_on), None)

    def _served_under(self, declared: Declared) -> frozenset[str]:
        """Return the oficios under which the account was in service, whatever it was called then."""
        names = (declared.account.key, *former_keys(declared, self.memory))
        return frozenset().union(*(self.memory.present_for.get(name, frozenset()) for name in names))

    # --- what stands in the way -------------------------------------------------------------------------

    def _refuse_protected(self, declared: Declared, handle: Handle) -> None:
        key = declared.account.key
        if not self.policy.protected.isdisjoint((key, *former_keys(declared, self.memory))):
            handle = replace(handle, protected="está en la lista «protegidas» de cuentas.yaml")
        if handle.protected:
            raise _Held(held.protected(declared, handle))

    def holder(self, declared: Declared, steps: list[Change]) -> Occupant | None:
        """Return a foreign object that has a name which one of the steps would write."""
        own = {step.guid for step in steps if isinstance(step, Adopt)}
        for logons, addresses in (_names_written(step, declared.account) for step in steps):
            holders = [one for name in logons for one in self._by_logon.get(name.casefold(), ())]
            holders += [one for name in addresses for one in self._by_address.get(name, ())]
            for one in holders:
                if one.handle.guid not in own:
                    return one
        return None


def _names_written(step: Change, wanted: Account) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the logon names and the addresses that a step gives an account."""
    match step:
        case Create():
            return (wanted.logon,), (wanted.address, *wanted.aliases)
        case Adopt():
            return (wanted.logon,), (wanted.address,)
        case Rename() | Update():
            names = {one.name for one in step.fields}
            return (wanted.logon,) * ("logon" in names), (wanted.address,) * ("address" in names)
        case ChangeAliases():
            return (), step.added
        case _:
            return (), ()


def _field_changes(
    there: Account | Mailbox, wanted: Account | Mailbox, names: tuple[str, ...]
) -> Iterator[FieldChange]:
    for name in names:
        old: FieldValue = getattr(there, name)
        new: FieldValue = getattr(wanted, name)
        if old != new:
            yield FieldChange(name, _plain(old), _plain(new))


def _plain(value: FieldValue) -> FieldValue:
    return str(value) if isinstance(value, str) else value
