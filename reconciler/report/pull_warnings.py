"""What whoever approves a pull request has to see first, and how old what they see is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from reconciler.plan import Change, Create, Disable, DisconnectMailbox, Reactivate, Rename, UpdateMailbox, takes_logon
from reconciler.report.pull_view import PullView, few, joined
from reconciler.report.words import some

OLD = timedelta(hours=24)
"""From when on a reading's age is something to look at."""

BLIND = "La lectura no trae objetos ajenos: si un nombre ya es de otro, se descubre y se retiene al aplicar."
"""What no plan against a reading can show."""

_NAMED = 15
_HOUR, _TWO_DAYS = 60, 48


@dataclass(frozen=True, slots=True)
class Warned:
    """Something to look at before merging: what it is, in a few words, and the particulars."""

    what: str
    particulars: str


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
    for (one, many), what, is_so in _WEIGHTY:
        keys = list(dict.fromkeys(change.key for change in caused if is_so(change)))
        if keys:
            yield Warned(f"{len(keys)} {one if len(keys) == 1 else many}", f"{what}: {joined(few(keys))}.")


def _resumes(one: Change) -> bool:
    return isinstance(one, Create) and one.resumes


def _made_shared(one: Change) -> bool:
    return takes_logon(one) and not isinstance(one, Disable)


def _lifts(one: Change) -> bool:
    return isinstance(one, UpdateMailbox) and any(field.name == "held" and not field.new for field in one.fields)


_WEIGHTY: Sequence[tuple[tuple[str, str], str, Callable[[Change], bool]]] = (
    (("baja", "bajas"), "sin acceso en cuanto se aplique", lambda one: isinstance(one, Disable)),
    (
        ("cuenta deja de ser personal", "cuentas dejan de ser personales"),
        "sin acceso en cuanto se aplique",
        _made_shared,
    ),
    (
        ("desconexión de buzón", "desconexiones de buzón"),
        "su buzón se aparta de la cuenta",
        lambda one: isinstance(one, DisconnectMailbox),
    ),
    (("retención legal se levanta", "retenciones legales se levantan"), "su buzón ya no queda intacto", _lifts),
    (
        ("reincorporación", "reincorporaciones"),
        "de vuelta, con contraseña nueva",
        lambda one: isinstance(one, Reactivate),
    ),
    (("renombre", "renombres"), "con otra dirección", lambda one: isinstance(one, Rename)),
    (("alta que se retoma", "altas que se retoman"), "a medias desde otra corrida", _resumes),
)
"""What weighs most when it is approved: as one and as many, what becomes of them, and which changes they are."""


def _doubtful(view: PullView) -> Iterator[Warned]:
    """Say what this plan rests on that is not as it should be."""
    if view.preview.unjudged:
        keys = joined(few(view.preview.unjudged))
        yield Warned(
            "Sin juzgar aquí",
            f"{keys}: {some(len(view.preview.unjudged), 'cuenta')} por adoptar («existente: true»), y la lectura no "
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
        yield Warned("La lectura es anterior", f"a {some(view.newer, 'corrida')}: lo que aplicaron no se ve aquí.")
    if view.now - view.snapshot.taken >= OLD:
        yield Warned("La lectura es vieja", f"{age(view)}; pida que se publique otra («cuentas snapshot --publish»).")


def age(view: PullView) -> str:
    """Say how long ago the target was read."""
    minutes = int((view.now - view.snapshot.taken).total_seconds() // 60)
    if minutes < -1:
        return "con fecha del futuro: revise el reloj de quien la tomó"
    if minutes < 1:
        return "de este momento"
    if minutes < _HOUR:
        return f"de hace {some(minutes, 'minuto')}"
    hours = minutes // _HOUR
    return f"de hace {some(hours, 'hora')}" if hours < _TWO_DAYS else f"de hace {hours // 24} días"


def source(view: PullView) -> str:
    """Say what the plan was made from."""
    shot = view.snapshot
    local = shot.taken.astimezone(view.zone)
    boxes = "" if shot.reading.reads_mailboxes else " No se leyeron buzones."
    return (
        f"Destino «{shot.target}» ({shot.reading.server}), lectura {age(view)} ({local:%Y-%m-%d %H:%M}), "
        f"{some(len(shot.reading.accounts), 'cuenta')}.{boxes}"
    )
