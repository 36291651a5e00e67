"""What the record keeps of a merge's evidence, and what it tells of it later: an audit needs no network. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from reconciler.events import JSON, Event, EventKind
from reconciler.evidence import Evidence, Frozen, Regime, Reviewed
from reconciler.model import Siglas
from reconciler.pull_request import Opinion
from reconciler.signature import Signature, State


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
