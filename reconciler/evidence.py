"""Whether a merge proves that somebody entitled approved it, who is not who proposed it. Pure.

Who may approve, and what an approval has to show, is said by the published main line: never by what is judged. Git
gives the names, the dates and the signature; the forge gives reviews, which the record keeps.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo

from reconciler.config import Aprobacion, Exige
from reconciler.events import JSON, Event, EventKind
from reconciler.model import Siglas
from reconciler.pull_request import Opinion
from reconciler.roster import Person, Roster, written
from reconciler.signature import Signature, State, fingerprint

EVERYTHING = Siglas("*")
"""Stands for what is no single agency's: the configuration. Only who may approve for all may approve it."""

FORGE = "forja"
"""Who vouches for what the forge's own key signed."""

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
        return next(self._faults(evidence, frozenset(agencies)), None)

    def _faults(self, evidence: Evidence, agencies: frozenset[Siglas]) -> Iterator[str]:
        day = self.day(evidence.at)
        if day > self.today:
            yield f"la fusión dice ser del {day}, que todavía no llega"
        reviewers = self.reviewers(evidence, agencies)
        if not reviewers and self._proposed_by_merger(evidence):
            yield "quien la propuso es quien la aprobó: tiene que fusionarla otra persona"
        if self.names_approvers(day) and not (reviewers or self.merger(evidence, agencies)):
            yield f"quien la fusionó no podía aprobar por {_for(agencies)} el {day}"
        if self.asks_review(day) and not reviewers:
            yield self._unreviewed(evidence, agencies, day)
        if self.asks_signature(day):
            yield from self._unsigned(evidence, agencies)

    # --- who approved ---------------------------------------------------------------------------------

    def merger(self, evidence: Evidence, agencies: Iterable[Siglas]) -> str | None:
        """Return who merged, as the list of approvers has them, where they might and had not proposed it."""
        person = written(evidence.merger, self.roster.hiding)
        if self._proposed_by_merger(evidence):
            return None
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
            return known.signer if known.signer in {FORGE, merger} else None
        signature = evidence.signature
        if signature is None or signature.state is not State.GOOD:
            return None
        if signature.key in map(fingerprint, self.approving.llaves_forja):
            return FORGE
        own = self.approving.aprueban[merger].llaves if merger else ()
        return merger if signature.key in map(fingerprint, own) else None

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

    def _unsigned(self, evidence: Evidence, agencies: frozenset[Siglas]) -> Iterator[str]:
        if self.signer(evidence, agencies) is not None:
            return
        match evidence.signature:
            case None | Signature(state=State.NONE):
                yield "la fusión no está firmada"
            case Signature(state=State.GOOD):
                yield "la firma de la fusión es buena, pero no de quien la fusionó, o ya no podía aprobar"
            case Signature(state=State.REVOKED):
                yield "la fusión se firmó con una llave revocada"
            case Signature(state=State.UNKNOWN):
                yield "la fusión se firmó con una llave que nadie autorizó"
            case Signature(state=State.EXPIRED):
                yield "la fusión se firmó con una llave vencida"
            case Signature():
                yield "la firma de la fusión es mala: no corresponde a lo firmado"


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


# --- on record --------------------------------------------------------------------------------------------


def unrecorded(
    resting: Iterable[tuple[Evidence, frozenset[Siglas], str]], regime: Regime
) -> Iterator[dict[str, JSON]]:
    """Yield what the record lacks of the merges that something rests on, each once.

    `resting` has, for each, the agencies that it was judged for and the oficio that it carries out ("" for none).
    What had to show nothing needs no record: Git has it.
    """
    agencies: dict[str, set[Siglas]] = {}
    oficios: dict[str, set[str]] = {}
    lacking: dict[str, Evidence] = {}
    for evidence, for_whom, oficio in resting:
        if regime.demands(evidence.at) and not evidence.is_on_record:
            lacking[evidence.merge] = evidence
            agencies.setdefault(evidence.merge, set()).update(for_whom)
            oficios.setdefault(evidence.merge, set()).update([oficio] if oficio else [])
    for name, evidence in lacking.items():
        yield _data(evidence, regime, agencies[name], oficios[name])


def _data(evidence: Evidence, regime: Regime, agencies: Iterable[Siglas], oficios: Iterable[str]) -> dict[str, JSON]:
    """Return what the record keeps of a merge: people as the list of approvers or the forge has them, not by name."""
    for_whom = [frozenset({one}) for one in sorted(agencies)]
    approvers = dict.fromkeys(name for one in for_whom for name in regime.approvers(evidence, one))
    data: dict[str, JSON] = {
        "fusion": evidence.merge,
        "cabezas": list(evidence.heads),
        "aprobadores": list(approvers),
        "oficios": list(dict.fromkeys(sorted(oficios))),
        "cuando": evidence.at.isoformat(),
    }
    if evidence.signature:
        signers = (regime.signer(evidence, one) for one in for_whom)
        data["firma"] = {
            "estado": evidence.signature.state.value,
            "llave": evidence.signature.key,
            "de": next(filter(None, signers), None),
        }
    if isinstance(evidence.reviewed, Reviewed):
        data["pull_request"] = evidence.reviewed.number
        data["autor"] = evidence.reviewed.author
        data["revisiones"] = [
            {"usuario": one.user, "commit": one.commit, "cuando": one.at.isoformat()}
            for one in evidence.reviewed.opinions
        ]
    return data


def frozen(events: Iterable[Event]) -> Mapping[str, Frozen]:
    """Return what the record has of each merge; what was put on record first stands, later what it lacked."""
    found: dict[str, Frozen] = {}
    for event in events:
        if event.kind is not EventKind.EVIDENCE:
            continue
        merge, new = str(event.data.get("fusion", "")), _thawed(event.data)
        known = found.get(merge, Frozen())
        signed = known if known.signature else new
        found[merge] = Frozen(
            approvers=tuple(dict.fromkeys((*known.approvers, *new.approvers))),
            at=known.at or new.at,
            reviewed=known.reviewed or new.reviewed,
            signature=signed.signature,
            signer=signed.signer,
        )
    return found


def _thawed(data: Mapping[str, JSON]) -> Frozen:
    signature, signer = None, None
    signed = data.get("firma")
    if isinstance(signed, dict) and signed.get("estado") in set(State):
        signature = Signature(State(str(signed["estado"])), str(signed.get("llave", "")))
        signer = str(signed["de"]) if signed.get("de") else None
    number, said = data.get("pull_request"), data.get("revisiones")
    reviewed = None
    if isinstance(number, int) and isinstance(said, list):
        reviewed = Reviewed(number=number, author=str(data.get("autor", "")), opinions=tuple(_opinions(said)))
    named = data.get("aprobadores")
    approvers = tuple(map(str, named)) if isinstance(named, list) else ()
    at = _moment(data.get("cuando"))
    return Frozen(approvers=approvers, at=at, reviewed=reviewed, signature=signature, signer=signer)


def _opinions(said: Sequence[JSON]) -> Iterator[Opinion]:
    for one in said:
        at = _moment(one.get("cuando")) if isinstance(one, dict) else None
        if isinstance(one, dict) and at:
            yield Opinion(user=str(one.get("usuario", "")), commit=str(one.get("commit", "")), at=at)


def _moment(said: JSON) -> datetime | None:
    """Return a moment as the record writes them; None for anything else, whoever wrote it there."""
    try:
        found = datetime.fromisoformat(str(said))
    except ValueError:
        return None
    return found if found.tzinfo else None
