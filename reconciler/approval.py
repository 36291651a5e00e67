"""Which merge approved which change: pure, over what the repository read of its first-parent history.

A change is approved when every value it carries out was brought in by a merge into the main branch that
joined a branch which had changed that value. A commit pushed straight to the branch, a squash or a rebase
leaves one parent only: nothing in Git tells it from a push around the pull request, so it approves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from reconciler.delivery import enlace_of
from reconciler.model import AccountKey, Addressee, Declaration, Declared, Siglas, Status
from reconciler.plan import (
    Adopt,
    Change,
    Create,
    Disable,
    DisconnectMailbox,
    Move,
    Reactivate,
    UpdateMailbox,
    change_id,
)
from reconciler.review import Court, Ground, Review, Unapproved
from reconciler.trail import PLACE, SETTINGS, EntryId, Origin, Trail


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Evidence for one change: the merge, who proposed, who merged, when, and the oficio it names."""

    merge: str
    reviewed: str
    author: str
    approver: str
    at: datetime
    subject: str
    oficio: str


@dataclass(frozen=True, kw_only=True)
class Approver:
    """Judges changes against a trail.

    `baseline` is the set of commits accepted as the starting point (`aprobacion.linea_base`).
    """

    trail: Trail
    declaration: Declaration
    review: Review
    baseline: frozenset[str] = frozenset()

    def judge(self, changes: Sequence[Change]) -> Mapping[str, Approval | Unapproved]:
        """Return, by `change_id`, each change's evidence, or the first reason why there is none."""
        grounds = {change_id(change): tuple(self._grounds(change)) for change in changes}
        court = self._court(ground for behind in grounds.values() for ground in behind)
        verdicts: dict[str, Approval | Unapproved] = {}
        for change in changes:
            name = change_id(change)
            faults = filter(None, (court.fault(ground) for ground in grounds[name]))
            verdicts[name] = next(faults, None) or self._evidence(change, court)
        return verdicts

    def entry_faults(self) -> Mapping[AccountKey, Unapproved]:
        """Return what is wrong with how any value of any declared account came to be."""
        grounds = {
            key: tuple(self._behind(self._entries(key, declared)))
            for key, declared in self.declaration.accounts.items()
        }
        court = self._court(ground for behind in grounds.values() for ground in behind)
        faults = {key: next(filter(None, map(court.fault, behind)), None) for key, behind in grounds.items()}
        return {key: fault for key, fault in faults.items() if fault}

    def config_fault(self) -> Unapproved | None:
        """Return what is wrong with how any value of cuentas.yaml came to be, or None; the oldest first.

        The root commit founds the repository, and with it the first configuration.
        """
        settings = [entry for entry in self.trail.origins if entry[1] == SETTINGS]
        grounds = tuple(self._behind(settings))
        faults = filter(None, map(self._court(grounds).fault, grounds))
        return min(faults, key=lambda fault: self.trail.position[fault.commit], default=None)

    def delivery_fault(self, key: AccountKey, to: Addressee | None) -> Unapproved | None:
        """Return what is wrong with how that came to be which says who gets an account's first password, or None.

        `to` is whom it is mailed to, None where it is printed.
        """
        declared = self.declaration.accounts[key]
        entries = [*self._entries(key, declared), *_headers(declared.account.dependencia)]
        grounds = tuple(self._behind([*entries, *self._addressee(declared, to)]))
        return next(filter(None, map(self._court(grounds).fault, grounds)), None)

    def _addressee(self, declared: Declared, to: Addressee | None) -> list[EntryId]:
        """Return the entry of the enlace whom a sheet is mailed to; an interested party stands in the account's."""
        agency = self.declaration.dependencias[declared.account.dependencia]
        enlace = enlace_of(declared, agency) if to is Addressee.ENLACE else None
        return [(agency.siglas, "enlaces", enlace.key)] if enlace else []

    def _court(self, grounds: Iterable[Ground]) -> Court:
        return Court.seated(set(grounds), self.trail, self.review, self.baseline)

    def _entries(self, key: AccountKey, declared: Declared) -> list[EntryId]:
        siglas = declared.account.dependencia
        oficios = [oficio for oficio in (declared.alta, declared.baja, declared.change) if oficio]
        return [("", "cuentas", key), *((siglas, "oficios", oficio) for oficio in oficios)]

    def _behind(self, entries: Iterable[EntryId], names: frozenset[str] | None = None) -> Iterator[Ground]:
        """Yield the grounds of entries: of all their fields, or of those named."""
        for entry in entries:
            fields: dict[Origin, set[str]] = {}
            for origins in self.trail.origins.get(entry, ()):
                for name, origin in origins.items():
                    if names is None or name in names:
                        fields.setdefault(origin, set()).add(name)
            for origin, brought in fields.items():
                yield Ground(entry, origin, frozenset(brought))

    def _grounds(self, change: Change) -> Iterator[Ground]:
        """Yield what a change rests on: a baja on its own lines alone, anything else on the whole entry.

        What lets somebody in rests on the enlace's entry, too, where the first password is mailed to the enlace.
        """
        declared = self.declaration.accounts[change.key]
        siglas = declared.account.dependencia
        account: EntryId = ("", "cuentas", change.key)
        yield from self._behind([(siglas, "oficios", change.oficio)])
        if _takes_out_of_service(change, declared):
            yield from self._behind([account], frozenset({"baja", PLACE, "conservar_hasta"}))
        else:
            yield from self._behind([account, *_headers(siglas)])
            if isinstance(change, Create | Reactivate) and declared.delivery:
                yield from self._behind(self._addressee(declared, declared.delivery.to))

    def _evidence(self, change: Change, court: Court) -> Approval | Unapproved:
        declared = self.declaration.accounts[change.key]
        [fields, *_] = self.trail.origins.get(("", "cuentas", change.key), ({},))
        match change:
            case Create() | Adopt():
                names = ["alta"]
            case Disable() | DisconnectMailbox():
                names = ["baja"]
            case Reactivate():
                names = ["alta", "baja"]
            case Move():
                names = [PLACE]
            case _:
                names = list(fields)
        commits = [fields[name].commit for name in names if name in fields]
        if not commits:
            return Unapproved(commit="", reason="no aparece en la historia de la rama principal")
        merge = self.trail.commits[max(commits, key=self.trail.position.__getitem__)]
        reviewed = merge.parents[-1] if merge.is_merge else merge.commit
        return Approval(
            merge=merge.commit,
            reviewed=reviewed,
            author=court.authors.get(reviewed, merge.author),
            approver=merge.author,
            at=merge.at,
            subject=merge.subject,
            oficio=declared.oficio,
        )


def _headers(siglas: Siglas) -> list[EntryId]:
    return [(siglas, "", name) for name in ("dependencia", "siglas", "dominio")]


_OF_A_BAJA = ("hidden", "accepts_mail")


def _takes_out_of_service(change: Change, declared: Declared) -> bool:
    """Whether a change does nothing but what the account's baja asks for; a hold rests on its lines too."""
    if isinstance(change, Disable | DisconnectMailbox):
        return True
    return (
        isinstance(change, UpdateMailbox)
        and declared.account.status is Status.RETIRED
        and all(one.name in _OF_A_BAJA or (one.name == "held" and one.new is True) for one in change.fields)
    )
