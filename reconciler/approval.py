"""Which merge approved which change: pure, over what the repository read of its first-parent history.

A change is approved when every value it carries out was brought in by a merge into the main branch that
joined a branch which had changed that value. A commit pushed straight to the branch, a squash or a rebase
leaves one parent only: nothing in Git tells it from a push around the pull request, so it approves nothing.
Every merge that a change rests on has to prove, moreover, that somebody entitled approved it (`evidence.Regime`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from reconciler.config import Aprobacion
from reconciler.delivery import enlace_of
from reconciler.evidence import EVERYTHING, Evidence, Fault, Frozen, Regime, Reviewed, effective, numbered
from reconciler.hearing import Bench, Hearing, Witness, agencies_of
from reconciler.history import CommitChange, FileChange
from reconciler.lineage import Lineage
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
from reconciler.review import Court, Ground, Review, Unapproved, Versions
from reconciler.signature import Signature
from reconciler.trail import CONFIG, PLACE, SETTINGS, Entries, EntryId, Origin, Trail


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """Evidence for one change: the merge, who proposed, who merged, when, and the oficio it names.

    `pull` is the pull request where anybody knows it, `approvers` who approved it as the list of them or the forge
    names them, `signature` how the merge's turned out where one has to be there. `behind` is what all the merges
    that the change rests on have to show, with the agencies that each is judged for.
    """

    merge: str
    reviewed: str
    author: str
    approver: str
    at: datetime
    subject: str
    oficio: str
    pull: int | None = None
    approvers: tuple[str, ...] = ()
    signature: Signature | None = None
    behind: tuple[tuple[Evidence, frozenset[Siglas]], ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """A merge, what is known of it, the accounts that it moved, and everything that it lacks, each once."""

    evidence: Evidence
    keys: tuple[AccountKey, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, kw_only=True)
class Approver:
    """Judges changes against a trail.

    `regime` is the published main line's, whatever is judged; `former` reads the one that a version of cuentas.yaml
    (a blob) had laid down, None where it cannot be read. `baseline` is the set of commits accepted as the starting
    point (`aprobacion.linea_base`).
    """

    trail: Trail
    declaration: Declaration
    review: Review
    regime: Regime
    witness: Witness
    former: Callable[[str], Regime | None]
    baseline: frozenset[str] = frozenset()

    def judge(self, changes: Sequence[Change]) -> Mapping[str, Approval | Unapproved]:
        """Return, by `change_id`, each change's evidence, or the first reason why there is none."""
        grounds = {change_id(change): tuple(self._grounds(change)) for change in changes}
        court = self._court(ground for behind in grounds.values() for ground in behind)
        verdicts: dict[str, Approval | Unapproved] = {}
        for change in changes:
            name = change_id(change)
            faults = filter(None, (court.fault(ground) for ground in grounds[name]))
            verdicts[name] = next(faults, None) or self._evidence(change, court, grounds[name])
        return verdicts

    def value_faults(self) -> Mapping[AccountKey, Unapproved]:
        """Return what is wrong with how any value of any declared account came in: around a merge, or inside one.

        Whether merges prove that somebody approved them is told by `merges`.
        """
        grounds = {
            key: tuple(self._behind(self._entries(key, declared)))
            for key, declared in self.declaration.accounts.items()
        }
        court = self._court_of(ground for behind in grounds.values() for ground in behind)
        faults = {key: next(filter(None, map(court.fault, behind)), None) for key, behind in grounds.items()}
        return {key: fault for key, fault in faults.items() if fault}

    def setting_faults(self) -> tuple[Unapproved, ...]:
        """Return what is wrong with how values of cuentas.yaml came in, and with who changed who may approve.

        Each once, oldest first; whether merges prove anything else is told by `merges`.
        """
        grounds = self._settings()
        court = self._court_of(grounds)
        found = dict.fromkeys([*filter(None, map(court.fault, grounds)), *self._usurped(court.lineage)])
        return tuple(sorted(found, key=lambda fault: self.trail.position[fault.commit]))

    def merges(self) -> Iterator[Judged]:
        """Yield every merge that brought a movement, or a value that stands, oldest first; the baseline aside.

        Each is judged by the rules that were in force when it was made, whatever became since of what it brought.
        """
        yield from self._judged(self._summoned)

    def reviewed(self) -> Iterator[tuple[Evidence, frozenset[Siglas]]]:
        """Yield the merges that are approved by what the forge says, and the record does not have yet.

        Without the forge there are none. What a merge changes may leave nothing to do in any target, and an audit
        asks no forge. One that lacks something is asked about again: somebody may still approve it.
        """
        at = effective(
            ((one.commit, one.at) for one in self.trail.commits.values()), self.regime.zone, self.regime.today
        )
        asked = [one for one in self._summoned if self.regime.asks_review(self.regime.day(at[one.commit]))]
        record = self.witness.frozen() if asked else {}
        missing = [one for one in asked if record.get(one.commit, Frozen()).reviewed is None]
        for judged in self._judged(missing):
            if isinstance(judged.evidence.reviewed, Reviewed) and not judged.faults:
                yield judged.evidence, frozenset().union(*self._questions[judged.evidence.merge])

    @cached_property
    def _questions(self) -> Mapping[str, set[frozenset[Siglas]]]:
        """For whom each commit that brought a movement, or a value that stands, had to be approved."""
        found: dict[str, set[frozenset[Siglas]]] = {}
        for ground in self._behind(self.trail.origins):
            found.setdefault(ground.origin.commit, set()).add(agencies_of(ground, self.trail))
        for moves in self.trail.movements.values():
            for one in moves:
                agencies = frozenset(Siglas(side[PLACE]) for side in (one.before, one.after) if PLACE in side)
                found.setdefault(one.commit, set()).add(agencies)
        return found

    @property
    def _summoned(self) -> list[CommitChange]:
        """The merges that there is something to ask of, oldest first; those of the baseline aside."""
        commits = self.trail.commits.values()
        return [
            one
            for one in commits
            if one.is_merge and one.commit in self._questions and one.commit not in self.baseline
        ]

    def _judged(self, merges: Sequence[CommitChange]) -> Iterator[Judged]:
        keys: dict[str, set[AccountKey]] = {}
        for key, moves in self.trail.movements.items():
            for one in moves:
                keys.setdefault(one.commit, set()).add(key)
        hearing = self._hearing(merges, self.regime)
        for merge in merges:
            asked = sorted(self._questions[merge.commit], key=sorted)
            faults = dict.fromkeys(fault for agencies in asked for fault in hearing.faults(merge.commit, agencies))
            yield Judged(hearing.known[merge.commit], tuple(sorted(keys.get(merge.commit, ()))), tuple(faults))

    def config_fault(self) -> Unapproved | None:
        """Return what is wrong with how any value of cuentas.yaml came to be, or None; the oldest first.

        The root commit founds the repository, and with it the first configuration. Whoever changed who may approve
        had to be one who might before: today's list does not say who might write it.
        """
        grounds = self._settings()
        court = self._court(grounds)
        faults = [*filter(None, map(court.fault, grounds)), *self._usurped(court.court.lineage)]
        return min(faults, key=lambda fault: self.trail.position[fault.commit], default=None)

    def unreviewed_config_fault(self) -> Unapproved | None:
        """Return what `config_fault` does, as far as it can be told before the forge that it names is asked."""

        def former(blob: str) -> Regime | None:
            found = self.former(blob)
            return found and found.without_review()

        return replace(self, regime=self.regime.without_review(), former=former).config_fault()

    def merges_fault(self, changes: Iterable[CommitChange]) -> Unapproved | None:
        """Return what merges of the main line lack to speak for the whole institution, or None; the oldest first."""
        merges = [one for one in changes if one.is_merge and one.commit not in self.baseline]
        hearing = self._hearing(merges, self.regime)
        found = ((one.commit, hearing.fault(one.commit, [EVERYTHING])) for one in merges)
        return next((Unapproved(commit=commit, reason=reason) for commit, reason in found if reason), None)

    def foundation(self) -> tuple[tuple[Evidence, frozenset[Siglas]], ...]:
        """Return what is known of the merges that the configuration rests on."""
        grounds = self._settings()
        return self._court(grounds).behind(grounds)

    def _settings(self) -> tuple[Ground, ...]:
        return tuple(self._behind([entry for entry in self.trail.origins if entry[1] == SETTINGS]))

    def _usurped(self, lineage: Lineage) -> Iterator[Unapproved]:
        """Yield what is wrong with each change of who may approve, by the rules that stood before it.

        After one that was not theirs to make, whoever might before it goes on being who may.
        """
        changes = [
            (change, file)
            for change in self.trail.commits.values()
            if not change.is_root
            for file in change.files
            if file.path == CONFIG
        ]
        blobs = {blob for _, file in changes for blob in (file.old_blob, file.new_blob) if blob}
        versions = self.review.versions(sorted(blobs)) if changes else {}
        ruling = changes[0][1].old_blob if changes else None
        doubtful: list[str] = []
        for change, file in changes:
            if not _says_the_same(file, versions):
                reason = self._usurping(change, ruling, lineage)
                if reason:
                    doubtful.append(change.commit)
                    if change.commit not in self.baseline:
                        yield Unapproved(commit=change.commit, reason=reason)
                if reason or not self._settles(file.new_blob, doubtful):
                    continue
                doubtful.clear()
            if not doubtful:
                ruling = file.new_blob

    def _settles(self, blob: str | None, doubtful: Sequence[str]) -> bool:
        """Whether who approves is said from now on by a version that one who might wrote.

        Not by one that cannot be read; nor, where somebody else had changed it, before one who might accepts that by
        moving the baseline past it. Otherwise whoever changed it could set the baseline, and be judged by nobody.
        """
        regime = self._laid_down(blob)
        if regime is None:
            return False
        base = self.trail.position.get(regime.approving.linea_base or "", -1)
        return all(self.trail.position[one] <= base for one in doubtful)

    def _laid_down(self, blob: str | None) -> Regime | None:
        """Return the rules of a version of cuentas.yaml, of none at all too; None for one that is not valid."""
        return self.former(blob) if blob else replace(self.regime, approving=Aprobacion())

    def _usurping(self, change: CommitChange, ruling: str | None, lineage: Lineage) -> str | None:
        if not change.is_merge:
            return "cambió quién aprueba, y se empujó sin pasar por una fusión"
        regime = self._laid_down(ruling)
        if regime is None:
            return "cambió quién aprueba, y no se puede leer quién podía antes"
        hearing = self._hearing([change], regime, lineage)
        reason = hearing.fault(change.commit, [EVERYTHING])
        return f"cambió quién aprueba, y {reason}" if reason else None

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

    def _court(self, grounds: Iterable[Ground]) -> Bench:
        return Bench.seated(self._court_of(grounds), self.review, self.regime, self.witness)

    def _court_of(self, grounds: Iterable[Ground]) -> Court:
        return Court.seated(set(grounds), self.trail, self.review, self.baseline)

    def _hearing(self, merges: Sequence[CommitChange], regime: Regime, lineage: Lineage | None = None) -> Hearing:
        """Hear what there is to know of merges, on a graph that was laid out before where there is one."""
        if merges and not (lineage and lineage.position):
            lineage = Lineage.of(self.trail, self.review.graph())
        return Hearing.held(merges, self.trail, lineage or Lineage(), self.review, regime, self.witness)

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

    def _evidence(self, change: Change, bench: Bench, grounds: Iterable[Ground]) -> Approval | Unapproved:
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
        behind = bench.behind(grounds)
        [evidence, agencies] = next((one for one in behind if one[0].merge == merge.commit), (None, frozenset()))
        return Approval(
            merge=merge.commit,
            reviewed=reviewed,
            author=bench.court.lineage.authors.get(reviewed, merge.author),
            approver=merge.author,
            at=merge.at,
            subject=merge.subject,
            oficio=declared.oficio,
            pull=evidence.pull if evidence else numbered(merge.subject),
            approvers=self.regime.approvers(evidence, agencies) if evidence else (),
            signature=evidence.signature if evidence else None,
            behind=behind,
        )


def _says_the_same(file: FileChange, versions: Versions) -> bool:
    """Whether two versions of cuentas.yaml agree on who may approve; one that cannot be read never does."""
    before, after = ({} if blob is None else versions.get(blob) for blob in (file.old_blob, file.new_blob))
    return before is not None and after is not None and _approving(before) == _approving(after)


def _approving(entries: Entries) -> Mapping[str, str]:
    return entries.get((SETTINGS, "aprobacion"), {})


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
