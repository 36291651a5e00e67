"""The life of an account, from Git and from the bitácora, as one line of time."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from operator import itemgetter
from types import MappingProxyType

from reconciler.events import Event, EventKind
from reconciler.evidence import Frozen, numbered
from reconciler.history import CommitChange
from reconciler.model import AccountKey, normalized_oficio
from reconciler.report.inert import visible
from reconciler.report.procedure import procedure_words
from reconciler.report.words import RESULT_WORDS, VERB_WORDS, person
from reconciler.testimony import frozen
from reconciler.trail import PLACE, EntryChange, Trail

COLUMN = 30
"""Where, in a line of `as_text`, what happened begins."""

_NAMING = (EventKind.ORDER_RECEIVED, EventKind.ORDER_OFICIO)
_YAML_WORDS = {PLACE: "dependencia"}


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happened to an account: when, where it is on record, what, and the particulars.

    `commit` answers for what Git tells; "" for what the record does. `pull` is the number of its pull request, and
    `known` what the record has of it as a merge, where there is any.
    """

    at: datetime
    source: str
    what: str
    particulars: str
    commit: str = ""
    pull: int | None = None
    known: Frozen | None = None


@dataclass(frozen=True)
class Deeds:
    """The record by account: its events, each with its place, and whose target and by whom each run was.

    `merges` is what it has of merges, whatever they moved.
    """

    of: Mapping[AccountKey, Sequence[tuple[int, Event]]]
    targets: Mapping[str, str]
    people: Mapping[str, str]
    merges: Mapping[str, Frozen]


def deeds(events: Sequence[Event]) -> Deeds:
    """Sort the record by account, once for however many are asked for."""
    found: dict[AccountKey, list[tuple[int, Event]]] = {}
    targets: dict[str, str] = {}
    people: dict[str, str] = {}
    whose: dict[object, AccountKey] = {}
    for place, event in enumerate(events):
        if event.kind is EventKind.RUN_STARTED:
            targets[event.run] = str(event.data.get("destino", ""))
            people[event.run] = str(event.data.get("quien", ""))
        key = _about(event, whose)
        if key:
            found.setdefault(key, []).append((place, event))
    return Deeds(found, targets, people, frozen(events))


def moments(
    key: AccountKey,
    trail: Trail,
    record: Deeds,
    authors: Mapping[str, str],
    beyond: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> list[Moment]:
    """Return everything that Git and the record know of an account, oldest first, under every key that it had.

    What happened at one moment stays in the order in which it is on record. `beyond` has the merges that were not
    approved by being made, each with whoever approved it: nobody, as long as the record has nobody.
    """
    names = names_of(key, trail)
    told: list[EntryChange] = []
    for name in names:
        renamed = bool(_later(name, trail))
        told.extend(one for one in trail.movements.get(name, ()) if one.after or not renamed)
    told.sort(key=lambda one: trail.position[one.commit])
    declared = (
        _declared(one, trail.commits[one.commit], authors, beyond, record.merges.get(one.commit)) for one in told
    )
    return sorted((*declared, *_recorded(names, record)), key=lambda one: one.at)


def names_of(key: AccountKey, trail: Trail) -> list[AccountKey]:
    """Return every key of one account's life, by `renombra`: the one asked for and those before and after it."""
    names = [key]
    for name in names:
        earlier = [
            AccountKey(one.after["renombra"]) for one in trail.movements.get(name, ()) if "renombra" in one.after
        ]
        names.extend(one for one in (*earlier, *_later(name, trail)) if one not in names)
    return names


def _later(key: AccountKey, trail: Trail) -> list[AccountKey]:
    return [
        name
        for name, changes in trail.movements.items()
        if name != key and any(one.after.get("renombra") == key for one in changes)
    ]


def ordered_by(oficio: str, events: Iterable[Event]) -> set[AccountKey]:
    """Return the accounts with an order that ever named an oficio: a request may wait for its pull request."""
    wanted = normalized_oficio(oficio)
    return {
        one.key
        for one in events
        if one.kind in _NAMING and one.key and normalized_oficio(str(one.data.get("oficio", ""))) == wanted
    }


def _declared(
    change: EntryChange,
    commit: CommitChange,
    authors: Mapping[str, str],
    beyond: Mapping[str, Sequence[str]],
    known: Frozen | None,
) -> Moment:
    if not commit.is_merge:
        evidence = f"{person(commit.author)} lo empujó sin fusión en {commit.commit[:10]}"
        return Moment(commit.at, "git", _movement(change), evidence, commit.commit)
    proposer = authors.get(commit.parents[-1], commit.author)
    verb = "aprobó"
    if commit.commit in beyond:
        who = ", ".join(beyond[commit.commit])
        verb = f"aprobó {who} en la forja; fusionó" if who else "sin revisión anotada; fusionó"
    parts = [f"propuso {person(proposer)}; {verb} {person(commit.author)} en {commit.commit[:10]}: {commit.subject}"]
    named = numbered(commit.subject)
    pull = known.reviewed.number if known and known.reviewed else named
    if pull is not None and pull != named:
        parts.append(f"pull request {pull}")
    if known and known.signature:
        parts.append(f"firma {known.signature.state.value}{f' de {known.signer}' if known.signer else ''}")
    return Moment(commit.at, "git", _movement(change), "; ".join(parts), commit.commit, pull, known)


def _movement(change: EntryChange) -> str:
    before, after = change.before, change.after
    if not after:
        return "la entrada desapareció"
    if not before and "renombra" in after:
        return f"renombre declarado: antes «{after['renombra']}», con el oficio {_asked_by(after)}"
    if not before:
        return f"alta declarada con el oficio {after.get('alta', '(ninguno)')} en {after[PLACE]}"
    if "baja" in after and "baja" not in before:
        return f"baja declarada con el oficio {after['baja']}{_reason(after)}"
    if "baja" in before and "baja" not in after:
        return f"reincorporación declarada con el oficio {after.get('alta', '(ninguno)')}"
    if before.get(PLACE) != after.get(PLACE):
        return f"traslado declarado de {before[PLACE]} a {after[PLACE]} con el oficio {_asked_by(after)}"
    fields = "; ".join(_field(name, change) for name in change.fields if name != "cambio")
    cited = f" con el oficio {after['cambio']}" if "cambio" in change.fields and "cambio" in after else ""
    return f"cambio declarado{cited}" + (f": {fields}" if fields else "")


def _asked_by(after: Mapping[str, str]) -> str:
    return after.get("cambio") or after.get("alta", "(ninguno)")


def _reason(after: object) -> str:
    return f" ({after['motivo_baja']})" if isinstance(after, dict) and after.get("motivo_baja") else ""


def _field(name: str, change: EntryChange) -> str:
    word = _YAML_WORDS.get(name, name)
    return f"{word} {_quoted(change.before.get(name))} → {_quoted(change.after.get(name))}"


def _quoted(value: str | None) -> str:
    """Quote a value; a list, which is kept as JSON, by its parts."""
    if value is None:
        return "(vacío)"
    if value.startswith("["):
        with contextlib.suppress(ValueError):
            return ", ".join(f"«{one}»" for one in json.loads(value))
    return f"«{value}»"


def _recorded(keys: Collection[AccountKey], record: Deeds) -> Iterator[Moment]:
    for _, event in sorted((one for key in keys for one in record.of.get(key, ())), key=itemgetter(0)):
        words = _event_words(event)
        if words:
            target = event.data.get("destino") or record.targets.get(event.run)
            who = event.data.get("quien") or record.people.get(event.run)
            where = f"{f', destino {target}' if target else ''}{f', a cargo de {who}' if who else ''}"
            yield Moment(event.at, "bitácora", words, f"corrida {event.run}{where}")


def _about(event: Event, whose: dict[object, AccountKey]) -> AccountKey | None:
    """Return the account that an event is about: its own, or that of its order or of its sheet."""
    names = [event.data[name] for name in ("orden", "folio") if isinstance(event.data.get(name), str)]
    if event.key:
        whose.update(dict.fromkeys(names, event.key))
        return event.key
    return next((whose[one] for one in names if one in whose), None)


def _event_words(event: Event) -> str | None:
    verb = VERB_WORDS.get(str(event.data.get("verbo")), "")
    match event.kind:
        case EventKind.ATTEMPT:
            return f"{verb}: se intenta, con el oficio {event.data.get('oficio')}"
        case EventKind.NOT_SHOWN:
            number = event.data.get("solicitud")
            return f"{verb}: se retuvo, no se había mostrado{f' en el pull request {number}' if number else ''}"
        case EventKind.OUTCOME:
            detail = event.data.get("detalle")
            guid = event.data.get("guid")
            extra = f" ({detail})" if detail else f" (objeto {guid})" if guid else ""
            return f"{verb}: {_result(event)}{extra}"
        case EventKind.RECONCILED:
            return f"{verb}: {_result(event)} (comprobado al releer; la empezó la corrida {event.data.get('de')})"
        case _:
            return procedure_words(event)


def _result(event: Event) -> str:
    state = event.data.get("estado")
    return next((words for result, words in RESULT_WORDS.items() if result == state), str(state))


def as_text(key: AccountKey, found: Sequence[Moment], zone: tzinfo) -> list[str]:
    """Return the lines of an account's history, with local times."""
    lines = [visible(key)]
    for one in found:
        when = one.at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        lines.append(f"  {when}  {one.source:<8}  {visible(one.what)}")
        lines.append(f"  {'':16}  {'':8}  {visible(one.particulars)}")
    return lines
