"""The plan of a pull request in words, before it takes a form: what it asks, what to look at first, its rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import groupby

from reconciler.model import AccountKey, Dependencia, Siglas, Tipo
from reconciler.plan import (
    Change,
    ChangeAliases,
    Create,
    Disable,
    EnableMailbox,
    Kind,
    Reactivate,
    ReconnectMailbox,
    Rename,
    Update,
    UpdateMailbox,
    kind_of,
    takes_logon,
)
from reconciler.preview import Preview
from reconciler.report.words import SYMBOLS, VERB_WORDS, counted, detail, person
from reconciler.snapshot import Snapshot

_NAMED = 15
_MAILBOX = (EnableMailbox, UpdateMailbox, ReconnectMailbox)


@dataclass(frozen=True, kw_only=True)
class PullView:
    """A preview with what is known about the pull request, and the snapshot that it was made against.

    `head` and `base` are commits; `author` is who opened it, as the forge or whoever ran the command says, `authors`
    who wrote its commits. `now` and `zone` say how old the reading is. `merged` is False where head and base could
    not be joined; `newer` counts the runs on record that the reading does not show; `own_settings` means that the
    pull request changes cuentas.yaml.
    """

    preview: Preview
    snapshot: Snapshot
    dependencias: Mapping[Siglas, Dependencia]
    head: str
    base: str
    now: datetime
    zone: tzinfo
    author: str | None = None
    authors: Sequence[str] = ()
    merged: bool = True
    base_sound: bool = True
    newer: int = 0
    own_settings: bool = False


@dataclass(frozen=True, slots=True)
class PullRow:
    """What is to be done of one account: all of its steps."""

    movement: str
    key: str
    detail: str
    oficio: str
    enlace: str


def title(view: PullView) -> str:
    """Return the one sentence that says what is asked for."""
    caused = view.preview.caused
    if not caused:
        return "Este pull request no cambia ninguna cuenta"
    siglas = sorted({one.dependencia for one in caused})
    where = joined(siglas) if len(siglas) <= 3 else f"{len(siglas)} dependencias"  # noqa: PLR2004 -- what fits
    return f"Este pull request pide {joined(counted(_weighty(caused)).split(', '))} en {where}"


def proposer(view: PullView) -> str:
    """Return who proposes: who opened it, and who wrote its commits."""
    names = list(dict.fromkeys(person(one) for one in view.authors))
    wrote = f"Commits de {joined(few(names))}." if names else "Sin commits propios."
    return f"Propone {view.author}. {wrote}" if view.author else wrote


def _weighty(changes: Sequence[Change]) -> list[Change]:
    """Leave out what goes with a weightier step: a mailbox with an alta, baja or return, an alias with a rename."""
    whole = {one.key for one in changes if isinstance(one, Create | Reactivate | Disable)}
    renamed = {one.key for one in changes if isinstance(one, Rename)}
    return [
        one
        for one in changes
        if not (isinstance(one, _MAILBOX) and one.key in whole)
        and not (isinstance(one, ChangeAliases) and one.key in renamed)
    ]


def joined(parts: Sequence[str]) -> str:
    """Return parts as a sentence has them: "a, b y c"."""
    return " y ".join((", ".join(parts[:-1]), parts[-1])) if len(parts) > 1 else "".join(parts)


def few(names: Sequence[str]) -> list[str]:
    """Return as many names as a line holds, and how many more there are."""
    more = len(names) - _NAMED
    return [*names[:_NAMED], f"{more} más"] if more > 0 else list(names)


# --- rows -------------------------------------------------------------------------------------------------------


def tables(changes: Iterable[Change], view: PullView) -> Iterator[tuple[str, list[PullRow]]]:
    """Yield the rows of each agency under its title, by siglas; one row for each account, in the plan's order."""
    by_agency = sorted(changes, key=lambda change: change.dependencia)
    for siglas, own in groupby(by_agency, key=lambda change: change.dependencia):
        agency = view.dependencias.get(siglas)
        heading = f"{siglas} — {agency.name}" if agency else siglas
        accounts = groupby(own, key=lambda change: change.key)
        yield heading, [_row(key, list(steps), agency, view) for key, steps in accounts]


def _row(key: AccountKey, steps: Sequence[Change], agency: Dependencia | None, view: PullView) -> PullRow:
    main = _weighty(steps)
    verbs = dict.fromkeys(_verb(one) for one in main)
    letters = dict.fromkeys(one.oficio for one in steps)
    known = agency.oficios if agency else {}
    enlaces = dict.fromkeys(known[one].enlace for one in letters if one in known)
    return PullRow(
        movement=f"{SYMBOLS.get(main[0].verb, '~')} {', '.join(verbs)}",
        key=key,
        detail="; ".join(
            [*_whose(key, steps, view), *(detail(one) if one in main else _aside(one) for one in steps)]
        ),
        oficio=", ".join(f"{one} ({known[one].dated})" if one in known else one for one in letters),
        enlace=", ".join(agency.enlaces[one].name if agency and one in agency.enlaces else one for one in enlaces),
    )


def _verb(one: Change) -> str:
    if isinstance(one, Create) and one.account.tipo is not Tipo.PERSONAL:
        return f"alta ({one.account.tipo.value})"
    if isinstance(one, Update) and takes_logon(one):
        return "pierde el acceso"
    return VERB_WORDS[one.verb]


def _whose(key: AccountKey, steps: Sequence[Change], view: PullView) -> Iterator[str]:
    """Yield who has an account, as it was read, unless its steps say so themselves; it may have had another key."""
    if not any(isinstance(one, Create | Reactivate) for one in steps):
        before = next((one.previous for one in steps if isinstance(one, Rename)), key)
        found = view.snapshot.reading.accounts.get(before)
        if found:
            leaves = any(isinstance(one, Disable) for one in steps)
            yield " · ".join(filter(None, (found.account.display_name, found.account.title if leaves else None)))


def _aside(one: Change) -> str:
    return f"{VERB_WORDS[one.verb]}: {detail(one)}"


@dataclass(frozen=True, slots=True)
class LimitRow:
    """How much of a limit the whole plan uses, drift included."""

    whose: str
    kind: str
    used: str
    fits: bool


def limit_rows(view: PullView) -> list[LimitRow]:
    """Return how much of each limit is used, of the agencies and kinds that the pull request moves."""
    caused = view.preview.caused
    kinds, agencies = {kind_of(one) for one in _weighty(caused)}, {one.dependencia for one in caused}
    return [
        LimitRow(
            one.dependencia or "Todas, con lo reciente",
            _plain(one.kind),
            f"{one.count} de {one.allowed}",
            one.count <= one.allowed,
        )
        for one in view.preview.uses
        if (one.kind in kinds or one.count > one.allowed) and (one.dependencia is None or one.dependencia in agencies)
    ]


def _plain(kind: Kind) -> str:
    return {Kind.REACTIVACION: "reincorporaciones", Kind.DESCONEXION: "desconexiones de buzón"}.get(kind, kind.value)


def drift_summary(view: PullView) -> str:
    """Say how much waited before, whatever becomes of this pull request."""
    return f"Ya estaba pendiente, con o sin este pull request: {counted(_weighty(view.preview.drift))}"


def dropped_summary(view: PullView) -> str:
    """Say what would not be done any more."""
    return f"Deja de hacerse: {counted(_weighty(view.preview.dropped))}"
