"""Whether a merge proves that somebody entitled approved it, who is not who proposed it. Pure.

Who may approve, and what an approval has to show, is said by the published main line: never by what is judged. Git
gives the names, the dates and the signature; the forge gives reviews, which the record keeps.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from enum import StrEnum

from reconciler.config import Aprobacion, Exige
from reconciler.model import Siglas
from reconciler.pull_request import Opinion
from reconciler.roster import Person, Roster, written
from reconciler.signature import Signature, State, fingerprint

EVERYTHING = Siglas("*")
"""Stands for what is no single agency's: the configuration. Only who may approve for all may approve it."""

FORGE = "forja"
"""Who vouches for what the forge's own key signed."""


class Lack(StrEnum):
    """What a merge lacks to approve anything, by the name that an audit counts it under."""

    FUTURE = "fecha-futura"
    OWN = "quien-propuso-aprobo"
    NOT_ENTITLED = "no-facultado"
    NOT_REVIEWED = "sin-revision"
    NOT_SIGNED = "sin-firma"
    OTHERS_KEY = "llave-ajena"
    REVOKED_KEY = "llave-revocada"
    EXPIRED_KEY = "llave-vencida"
    BAD_SIGNATURE = "firma-mala"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that a merge lacks, and in Spanish how."""

    lack: Lack
    reason: str


_NUMBER = re.compile(r"Merge pull request (?:'.*' \()?#([0-9]{1,9})\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """What a forge says of a merge: its pull request, who opened that, and the approvals that stand."""

    number: int
    author: str
    opinions: tuple[Opinion, ...] = ()


@dataclass(frozen=True, slots=True)
class Silence:
    """That nobody could say who reviewed a merge, and why, in Spanish."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Frozen:
    """What the record has of a merge since somebody applied what it brought.

    `approvers` are those who counted as such then; `signer` vouched for its name; `at` is when it was taken to have
    been merged.
    """

    approvers: tuple[str, ...] = ()
    at: datetime | None = None
    reviewed: Reviewed | None = None
    signature: Signature | None = None
    signer: str | None = None

    @property
    def proves(self) -> bool:
        """Whether it says that the merge was signed well, and who vouched for it so."""
        return self.signature is not None and self.signature.state is State.GOOD and self.signer is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Everything that is known of one merge.

    `heads` are the commits that were merged; `merger`, `committer` (the merge's; "" where nobody says) and
    `proposers` read `name <e-mail>`; `at` is when it was merged, and never before what the main line had by then.
    What was asked of nobody is None.
    """

    merge: str
    heads: tuple[str, ...]
    merger: str
    proposers: tuple[str, ...]
    at: datetime
    committer: str = ""
    subject: str = ""
    signature: Signature | None = None
    reviewed: Reviewed | Silence | None = None
    frozen: Frozen | None = None

    @property
    def is_on_record(self) -> bool:
        """Whether the record has all that is known of it."""
        return self.frozen is not None and (
            (self.frozen.signature is not None or self.signature is None)
            and (self.frozen.reviewed is not None or not isinstance(self.reviewed, Reviewed))
        )

    @property
    def pull(self) -> int | None:
        """The pull request's number: as the forge told it, or else as the merge's message does."""
        return self.reviewed.number if isinstance(self.reviewed, Reviewed) else numbered(self.subject)


def numbered(subject: str) -> int | None:
    """Return the pull request that a merge's message names, as forges write it; whoever merges could write it too."""
    found = _NUMBER.match(subject)
    return int(found.group(1)) if found else None


@dataclass(frozen=True, kw_only=True)
class Regime:
    """What an approval has to show, who may give it and on which (local) day that is judged."""

    approving: Aprobacion
    roster: Roster
    zone: tzinfo
    today: date

    def day(self, at: datetime) -> date:
        """Return the date of a moment where the institution is."""
        return at.astimezone(self.zone).date()

    def names_approvers(self, day: date) -> bool:
        """Whether it is settled who may approve on a day: from the first `desde` of the list on."""
        listed = self.approving.aprueban.values()
        return any(one.desde is None or one.desde <= day for one in listed)

    def asks_signature(self, day: date) -> bool:
        """Whether what is merged on a day has to be signed."""
        return self.approving.exige.firma is not None and self.approving.exige.firma <= day

    def asks_review(self, day: date) -> bool:
        """Whether what is merged on a day has to be approved in the forge."""
        return self.approving.exige.revision is not None and self.approving.exige.revision <= day

    @property
    def is_lax(self) -> bool:
        """Whether nothing is ever asked of a merge but that it be one, made by another than its proposer."""
        return not self.approving.aprueban and self.approving.exige == Exige()

    def without_review(self) -> Regime:
        """Return the rules that can be judged before the forge is asked anything."""
        exige = self.approving.exige.model_copy(update={"revision": None})
        return replace(self, approving=self.approving.model_copy(update={"exige": exige}))

    @property
    def keys(self) -> frozenset[str]:
        """The keys that may sign, as cuentas.yaml writes them."""
        own = (key for one in self.approving.aprueban.values() for key in one.llaves)
        return frozenset((*own, *self.approving.llaves_forja))

    def demands(self, at: datetime) -> bool:
        """Whether anything is asked of a merge but that it be one, made by another than its proposer."""
        day = self.day(at)
        return self.names_approvers(day) or self.asks_signature(day) or self.asks_review(day)

    def fault(self, evidence: Evidence, agencies: Iterable[Siglas]) -> str | None:
        """Say in Spanish why a merge approves nothing for these agencies; None where it does."""
        return next((one.reason for one in self.faults(evidence, frozenset(agencies))), None)

    def faults(self, evidence: Evidence, agencies: frozenset[Siglas]) -> Iterator[Fault]:
        """Yield everything that a merge lacks to approve something for these agencies."""
        day = self.day(evidence.at)
        if day > self.today:
            yield Fault(Lack.FUTURE, f"la fusión dice ser del {day}, que todavía no llega")
        reviewers = self.reviewers(evidence, agencies)
        listed = self.names_approvers(day)
        if not (reviewers and listed) and self._proposed_by_merger(evidence):
            yield Fault(Lack.OWN, "quien la propuso es quien la aprobó: tiene que fusionarla otra persona")
        if listed and not (reviewers or self._listed(evidence, agencies)):
            yield Fault(Lack.NOT_ENTITLED, f"quien la fusionó no podía aprobar por {_for(agencies)} el {day}")
        if self.asks_review(day) and not reviewers:
            yield Fault(Lack.NOT_REVIEWED, self._unreviewed(evidence, agencies, day))
        if self.asks_signature(day):
            yield from self._unsigned(evidence, agencies)

    # --- who approved ---------------------------------------------------------------------------------

    def merger(self, evidence: Evidence, agencies: Iterable[Siglas]) -> str | None:
        """Return who merged, as the list of approvers has them, where they might and had not proposed it."""
        return None if self._proposed_by_merger(evidence) else self._listed(evidence, agencies)

    def _listed(self, evidence: Evidence, agencies: Iterable[Siglas]) -> str | None:
        person = written(evidence.merger, self.roster.hiding)
        return self.roster.approver(person, agencies, self.day(evidence.at))

    def reviewers(self, evidence: Evidence, agencies: Iterable[Siglas]) -> tuple[str, ...]:
        """Return who approved in the forge the one commit that was merged: by key, or by user where none are listed.

        Whoever proposed it is none of them, opened it in the forge or wrote some of it; nor who might no longer, or
        not yet, on the day when they said so.
        """
        if not isinstance(evidence.reviewed, Reviewed) or len(evidence.heads) != 1:
            return ()
        day = self.day(evidence.at)
        found: list[str] = []
        for opinion in evidence.reviewed.opinions:
            person = Person.of(users=[opinion.user])
            if opinion.commit != evidence.heads[0] or self._proposed(evidence, person):
                continue
            key = self.roster.approver(person, agencies, day)
            if self._lets(person, agencies, day) and self._lets(person, agencies, self.day(opinion.at)):
                found.append(key or opinion.user)
        return tuple(dict.fromkeys(found))

    def _lets(self, person: Person, agencies: Iterable[Siglas], day: date) -> bool:
        """Whether somebody might approve on a day."""
        return not self.names_approvers(day) or self.roster.approver(person, agencies, day) is not None

    def approvers(self, evidence: Evidence, agencies: Iterable[Siglas]) -> tuple[str, ...]:
        """Return everybody listed who approved a merge: by merging it, or in the forge."""
        merger = self.merger(evidence, agencies)
        return tuple(dict.fromkeys((*([merger] if merger else ()), *self.reviewers(evidence, agencies))))

    def signer(self, evidence: Evidence, agencies: Iterable[Siglas]) -> str | None:
        """Return who vouches for a merge with a good signature: who merged it and might, or the forge.

        What was good when it was put on record stays so, whatever was revoked since.
        """
        merger, known = self.merger(evidence, agencies), evidence.frozen
        if known and known.proves:
            return FORGE if known.signer == FORGE else merger if self._signed(known, merger) else None
        signature = evidence.signature
        if signature is None or signature.state is not State.GOOD:
            return None
        if signature.key in map(fingerprint, self.approving.llaves_forja):
            return FORGE
        own = self.approving.aprueban[merger].llaves if merger else ()
        return merger if signature.key in map(fingerprint, own) else None

    def _signed(self, known: Frozen, merger: str | None) -> bool:
        """Whether the record says that an approver signed, by whatever key of the list they are in it today."""
        if merger is None or known.signature is None or known.signer is None:
            return False
        person, entry = self.roster.approvers[merger]
        then, _ = self.roster.approvers.get(known.signer, (Person(), entry))
        return known.signer == merger or then.is_also(person) or known.signature.key in map(fingerprint, entry.llaves)

    def _proposed_by_merger(self, evidence: Evidence) -> bool:
        """Whether whoever merged had proposed it: who the merge names, or who made it again under that name."""
        return any(self._proposed(evidence, written(one)) for one in (evidence.merger, evidence.committer) if one)

    def _proposed(self, evidence: Evidence, person: Person) -> bool:
        """Whether somebody is, as far as anybody knows, one of those who proposed what was merged."""
        known = self.roster.known_as(person)
        by = [written(one) for one in evidence.proposers]
        if isinstance(evidence.reviewed, Reviewed) and evidence.reviewed.author:
            by.append(Person.of(users=[evidence.reviewed.author]))
        return any(self.roster.known_as(one).is_also(known) for one in by)

    # --- what is wrong, in words -----------------------------------------------------------------------

    def _unreviewed(self, evidence: Evidence, agencies: frozenset[Siglas], day: date) -> str:
        if isinstance(evidence.reviewed, Silence):
            return evidence.reviewed.reason
        if evidence.reviewed is None:
            return "en la forja no hay pull request de esta fusión"
        if len(evidence.heads) != 1:
            return "une varias ramas a la vez: nadie revisó en la forja lo que quedó"
        if any(one.commit == evidence.heads[0] for one in evidence.reviewed.opinions):
            return f"en la forja la aprobó quien no podía por {_for(agencies)} el {day}, o quien la propuso"
        return "nadie aprobó en la forja el commit que se fusionó"

    def _unsigned(self, evidence: Evidence, agencies: frozenset[Siglas]) -> Iterator[Fault]:
        if self.signer(evidence, agencies) is not None:
            return
        match evidence.signature:
            case None | Signature(state=State.NONE):
                yield Fault(Lack.NOT_SIGNED, "la fusión no está firmada")
            case Signature(state=State.GOOD):
                reason = "la firma de la fusión es buena, pero no de quien la fusionó, o ya no podía aprobar"
                yield Fault(Lack.OTHERS_KEY, reason)
            case Signature(state=State.REVOKED):
                yield Fault(Lack.REVOKED_KEY, "la fusión se firmó con una llave revocada")
            case Signature(state=State.UNKNOWN):
                yield Fault(Lack.OTHERS_KEY, "la fusión se firmó con una llave que nadie autorizó")
            case Signature(state=State.EXPIRED):
                yield Fault(Lack.EXPIRED_KEY, "la fusión se firmó con una llave vencida")
            case Signature():
                reason = "la firma de la fusión es mala: no corresponde a lo firmado"
                yield Fault(Lack.BAD_SIGNATURE, reason)


def _for(agencies: frozenset[Siglas]) -> str:
    if EVERYTHING in agencies:
        return "toda la configuración"
    return " y ".join(sorted(agencies)) or "nadie"


def effective(commits: Iterable[tuple[str, datetime]], zone: tzinfo, today: date) -> Mapping[str, datetime]:
    """Return when each commit of the main line, oldest first, was made: never before one that it stands on.

    Whoever commits chooses the date. One that has not come yet proves nothing and moves no other.
    """
    latest: datetime | None = None
    found: dict[str, datetime] = {}
    for commit, at in commits:
        if at.astimezone(zone).date() > today:
            found[commit] = at
            continue
        latest = at if latest is None else max(latest, at)
        found[commit] = latest
    return found
