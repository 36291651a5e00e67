"""The plan of a pull request in words, before it takes a form: what it asks, what to look at first, its rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from itertools import groupby

from reconciler.model import AccountKey, Dependencia, Siglas, Tipo
from reconciler.plan import (
    Change,
    Create,
    Disable,
    DisconnectMailbox,
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
from reconciler.report.words import SYMBOLS, VERB_WORDS, counted, detail, person, some
from reconciler.snapshot import Snapshot

OLD = timedelta(hours=24)
"""From when on a reading's age is something to look at."""

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


@dataclass(frozen=True, slots=True)
class Warned:
    """Something to look at before merging: what it is, in a few words, and the particulars."""

    what: str
    particulars: str


def title(view: PullView) -> str:
    """Return the one sentence that says what is asked for."""
    caused = view.preview.caused
    if not caused:
        return "Este pull request no cambia ninguna cuenta"
    siglas = sorted({one.dependencia for one in caused})
    where = _joined(siglas) if len(siglas) <= 3 else f"{len(siglas)} dependencias"  # noqa: PLR2004 -- what fits
    return f"Este pull request pide {_joined(counted(_weighty(caused)).split(', '))} en {where}"


def proposer(view: PullView) -> str:
    """Return who proposes: who opened it, and who wrote its commits."""
    names = list(dict.fromkeys(person(one) for one in view.authors))
    wrote = f"Commits de {_joined(_few(names))}." if names else "Sin commits propios."
    return f"Propone {view.author}. {wrote}" if view.author else wrote


def _weighty(changes: Sequence[Change]) -> list[Change]:
    """Leave the mailbox steps out that go with an alta, a reincorporation or a baja."""
    whole = {one.key for one in changes if isinstance(one, Create | Reactivate | Disable)}
    return [one for one in changes if not (isinstance(one, _MAILBOX) and one.key in whole)]


def _joined(parts: Sequence[str]) -> str:
    return " y ".join((", ".join(parts[:-1]), parts[-1])) if len(parts) > 1 else "".join(parts)


def _few(names: Sequence[str]) -> list[str]:
    more = len(names) - _NAMED
    return [*names[:_NAMED], f"{more} más"] if more > 0 else list(names)


# --- what to look at first --------------------------------------------------------------------------------------


def warnings(view: PullView) -> Iterator[Warned]:
    """Yield what whoever approves has to see before anything else, the gravest first."""
    found = view.preview
    for one in found.refusals[:_NAMED]:
        yield Warned("No se aplicaría", f"[{one.guard}] {one.message} {one.remedy}")
    if found.exception:
        yield Warned("Con excepción", f"oficio {found.exception.oficio}: {found.exception.motivo}")
    yield from _losses(found.caused)
    yield from _doubtful(view)
    for doubt in found.doubts[:_NAMED]:
        yield Warned("Se retiene" if doubt.holds else "Por atender", f"{doubt.message} {doubt.remedy}")
    if len(found.doubts) > _NAMED:
        yield Warned("Por atender", f"y {len(found.doubts) - _NAMED} más.")


def _losses(caused: Sequence[Change]) -> Iterator[Warned]:
    groups = (
        ("baja", "pierden el acceso", [one for one in caused if isinstance(one, Disable)]),
        (
            "cuenta que deja de ser personal",
            "pierden el acceso",
            [one for one in caused if takes_logon(one) and not isinstance(one, Disable)],
        ),
        ("desconexión de buzón", "el buzón se separa", [one for one in caused if isinstance(one, DisconnectMailbox)]),
        ("reincorporación", "vuelven, con contraseña nueva", [one for one in caused if isinstance(one, Reactivate)]),
        ("renombre", "cambian de dirección", [one for one in caused if isinstance(one, Rename)]),
        ("alta que se retoma", "habían quedado a medias", [one for one in caused if _resumes(one)]),
    )
    for noun, what, ones in groups:
        if ones:
            keys = list(dict.fromkeys(one.key for one in ones))
            yield Warned(_some(len(keys), noun), f"{what}: {_joined(_few(keys))}.")
    lifted = [one.key for one in caused if isinstance(one, UpdateMailbox) and _lifts(one)]
    if lifted:
        yield Warned("Retención legal que se levanta", f"{_joined(_few(lifted))}.")


def _some(count: int, noun: str) -> str:
    plurals = {
        "cuenta que deja de ser personal": "cuentas que dejan de ser personales",
        "desconexión de buzón": "desconexiones de buzón",
        "reincorporación": "reincorporaciones",
        "alta que se retoma": "altas que se retoman",
    }
    return f"{count} {noun if count == 1 else plurals.get(noun, noun + 's')}"


def _resumes(one: Change) -> bool:
    return isinstance(one, Create) and one.resumes


def _lifts(one: UpdateMailbox) -> bool:
    return any(field.name == "held" and field.new is False for field in one.fields)


def _doubtful(view: PullView) -> Iterator[Warned]:
    """Say what this plan rests on that is not as it should be."""
    if view.preview.unjudged:
        keys = _joined(_few(view.preview.unjudged))
        yield Warned(
            "Sin juzgar aquí",
            f"{keys}: {_some(len(view.preview.unjudged), 'cuenta')} por adoptar («existente: true»), y la lectura no "
            "trae objetos ajenos. Su adopción se ve y se aplica a mano, con «cuentas plan».",
        )
    if not view.merged:
        yield Warned(
            "Hay conflictos con la rama principal",
            "se compara con el punto en que salió de ella; actualice la rama.",
        )
    if not view.base_sound:
        yield Warned("La base no era válida", "todo lo que falta por hacer se muestra como de este pull request.")
    if view.own_settings:
        yield Warned(
            "Cambia cuentas.yaml",
            "las cuentas se leyeron con lo que propone; límites y excepciones se juzgan con lo que hay hoy.",
        )
    if view.newer:
        yield Warned("La lectura es anterior", f"a {_some(view.newer, 'corrida')}: lo que aplicaron no se ve aquí.")
    if view.now - view.snapshot.taken >= OLD:
        yield Warned("La lectura es vieja", f"{age(view)}; pida que se publique otra («cuentas snapshot --publish»).")


def age(view: PullView) -> str:
    """Say how long ago the target was read."""
    minutes = int((view.now - view.snapshot.taken).total_seconds() // 60)
    if minutes < -1:
        return "con fecha del futuro: revise el reloj de quien la tomó"
    if minutes < 60:  # noqa: PLR2004 -- minutes of an hour
        return f"de hace {some(max(minutes, 0), 'minuto')}"
    hours = minutes // 60
    return f"de hace {some(hours, 'hora')}" if hours < 48 else f"de hace {hours // 24} días"  # noqa: PLR2004


def source(view: PullView) -> str:
    """Say what the plan was made from."""
    shot = view.snapshot
    local = shot.taken.astimezone(view.zone)
    boxes = "" if shot.reading.reads_mailboxes else " No se leyeron buzones."
    return (
        f"Destino «{shot.target}» ({shot.reading.server}), lectura {age(view)} ({local:%Y-%m-%d %H:%M}), "
        f"{_some(len(shot.reading.accounts), 'cuenta')}.{boxes}"
    )


BLIND = (
    "La lectura no trae objetos ajenos: que un nombre ya sea de otro se descubre al aplicar, y entonces se retiene."
)


# --- rows -------------------------------------------------------------------------------------------------------


def tables(changes: Iterable[Change], view: PullView) -> Iterator[tuple[str, list[PullRow]]]:
    """Yield the rows of each agency under its title, by siglas; one row for each account, in the plan's order."""
    by_agency = sorted(changes, key=lambda change: change.dependencia)
    for siglas, own in groupby(by_agency, key=lambda change: change.dependencia):
        agency = view.dependencias.get(siglas)
        heading = f"{siglas} — {agency.name}" if agency else siglas
        accounts = groupby(own, key=lambda change: change.key)
        yield heading, [_row(key, list(steps), agency) for key, steps in accounts]


def _row(key: AccountKey, steps: Sequence[Change], agency: Dependencia | None) -> PullRow:
    main = _weighty(steps)
    verbs = dict.fromkeys(_verb(one) for one in main)
    letters = dict.fromkeys(one.oficio for one in steps)
    known = agency.oficios if agency else {}
    enlaces = dict.fromkeys(known[one].enlace for one in letters if one in known)
    return PullRow(
        movement=f"{SYMBOLS.get(main[0].verb, '~')} {', '.join(verbs)}",
        key=key,
        detail="; ".join(detail(one) if one in main else _mailbox(one) for one in steps),
        oficio=", ".join(f"{one} ({known[one].dated})" if one in known else one for one in letters),
        enlace=", ".join(agency.enlaces[one].name if agency and one in agency.enlaces else one for one in enlaces),
    )


def _verb(one: Change) -> str:
    if isinstance(one, Create) and one.account.tipo is not Tipo.PERSONAL:
        return f"alta ({one.account.tipo.value})"
    if isinstance(one, Update) and takes_logon(one):
        return "pierde el acceso"
    return VERB_WORDS[one.verb]


def _mailbox(one: Change) -> str:
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
    kinds, agencies = {kind_of(one) for one in caused}, {one.dependencia for one in caused}
    return [
        LimitRow(
            one.dependencia or "Todas", _plain(one.kind), f"{one.count} de {one.allowed}", one.count <= one.allowed
        )
        for one in view.preview.uses
        if one.kind in kinds and (one.dependencia is None or one.dependencia in agencies)
    ]


def _plain(kind: Kind) -> str:
    return {Kind.REACTIVACION: "reincorporaciones", Kind.DESCONEXION: "desconexiones de buzón"}.get(kind, kind.value)


def drift_summary(view: PullView) -> str:
    """Say how much waited before, whatever becomes of this pull request."""
    return f"Ya estaba pendiente, con o sin este pull request: {counted(_weighty(view.preview.drift))}"


def dropped_summary(view: PullView) -> str:
    """Say what would not be done any more."""
    return f"Deja de hacerse: {counted(_weighty(view.preview.dropped))}"
