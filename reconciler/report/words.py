"""The Spanish words for changes and fields, in one place for every report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import assert_never

from reconciler.model import Account, Addressee, Tipo
from reconciler.orders import Means
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
    Kind,
    Move,
    Outcome,
    Reactivate,
    ReconnectMailbox,
    Rename,
    Result,
    Update,
    UpdateMailbox,
    kind_of,
)

FIELD_WORDS = {
    "organization": "institución",
    "tipo": "tipo",
    "logon": "inicio de sesión",
    "address": "dirección",
    "display_name": "nombre para mostrar",
    "given_name": "nombre",
    "surname": "apellidos",
    "title": "puesto",
    "area": "área",
    "phone": "teléfono",
    "responsable": "responsable",
    "logon_enabled": "permite iniciar sesión",
    "quota_mb": "cuota (MB)",
    "kind": "clase de buzón",
    "held": "retención legal",
    "hidden": "oculto en la libreta",
    "accepts_mail": "recibe correo",
}

VERB_WORDS = {
    "create": "alta",
    "adopt": "adopción",
    "rename": "renombre",
    "move": "traslado",
    "update": "cambio",
    "disable": "baja",
    "reactivate": "reincorporación",
    "aliases": "alias",
    "enable_mailbox": "buzón nuevo",
    "update_mailbox": "buzón",
    "disconnect_mailbox": "buzón desconectado",
    "reconnect_mailbox": "buzón reconectado",
}

RESULT_WORDS = {
    Result.APPLIED: "se hizo",
    Result.REJECTED: "se rechazó",
    Result.SKIPPED: "no se hizo",
    Result.UNKNOWN: "no se sabe si se hizo",
}

_COUNTED = {
    Result.APPLIED: "aplicado",
    Result.REJECTED: "rechazado",
    Result.SKIPPED: "no intentado",
    Result.UNKNOWN: "dudoso",
}

TO_WHOM = {Addressee.ENLACE: "al enlace", Addressee.INTERESADO: "a la parte interesada"}
BY_WHOM = {Addressee.ENLACE: "el enlace", Addressee.INTERESADO: "la parte interesada"}

MEANS_WORDS = {Means.TELEPHONE: "por teléfono", Means.OFICIO: "por oficio", Means.IN_PERSON: "en persona"}
"""How somebody was told by a person."""

REMOVED_WORDS = {
    "acusada": "ya entregada",
    "vencida": "nadie la recogió a tiempo",
    "reexpedida": "se expidió otra",
    "baja": "la cuenta se dio de baja",
}
"""Why a credential sheet's file was taken away."""

MEDIUM_WORDS = {
    "oficio": "por oficio",
    "telefono": "por teléfono",
    "correo": "por correo",
    "ventanilla": "en ventanilla",
}

SYMBOLS = {
    "create": "+",
    "reactivate": "+",
    "disable": "-",
    "disconnect_mailbox": "-",
    "move": ">",
    "rename": ">",
}
"""One character per verb, so that a plan can be read without colours; the others are "~"."""

_SINGULAR = {
    Kind.ALTA: "alta",
    Kind.ADOPCION: "adopción",
    Kind.RENOMBRE: "renombre",
    Kind.TRASLADO: "traslado",
    Kind.CAMBIO: "cambio",
    Kind.BAJA: "baja",
    Kind.REACTIVACION: "reincorporación",
    Kind.BUZON: "buzón",
    Kind.DESCONEXION: "desconexión",
}
_PLURAL = {Kind.REACTIVACION: "reincorporaciones"}


def detail(change: Change) -> str:  # noqa: C901 -- one branch for each class there is
    """Say in a few words what a change does, beyond its verb."""
    match change:
        case Create():
            words = _described(change.account)
            return f"{words} (se retoma: quedó a medias)" if change.resumes else words
        case Reactivate():
            return f"{change.account.display_name}; contraseña nueva"
        case Adopt():
            return f"toma la existente {change.place}, sin tocar su contraseña"
        case Rename():
            return f"antes «{change.previous}»"
        case Move():
            return f"de {change.origin} a {change.dependencia}"
        case Update() | UpdateMailbox():
            return "; ".join(field_words(one) for one in change.fields)
        case Disable():
            return "no podrá iniciar sesión; el objeto y la dirección se conservan"
        case ChangeAliases():
            return ", ".join([*(f"+{one}" for one in change.added), *(f"-{one}" for one in change.removed)])
        case EnableMailbox() | ReconnectMailbox():
            quota = change.mailbox.quota_mb
            return f"cuota {quota} MB" if quota else "cuota de la base"
        case DisconnectMailbox():
            return "se separa de la cuenta y se conserva aparte"
        case _:
            assert_never(change)


def _described(account: Account) -> str:
    """Say what a new account carries beyond what its key says."""
    return " · ".join(
        filter(
            None,
            (
                account.display_name,
                account.title,
                account.tipo.value if account.tipo is not Tipo.PERSONAL else None,
                f"responsable {account.responsable}" if account.responsable else None,
                f"inicio de sesión {account.logon}" if account.logon != account.key else None,
                f"alias {', '.join(sorted(account.aliases))}" if account.aliases else None,
            ),
        )
    )


def field_words(change: FieldChange) -> str:
    """Say how one field changes, in Spanish."""
    return f"{FIELD_WORDS[change.name]}: {_value(change.old)} → {_value(change.new)}"


def _value(value: FieldValue) -> str:
    match value:
        case None:
            return "(vacío)"
        case True:
            return "sí"
        case False:
            return "no"
        case int():
            return str(value)
        case _:
            return f"«{value}»"


def person(author: str) -> str:
    """Return the name in a commit's `name <e-mail>`."""
    return author.partition(" <")[0]


def some(count: int, noun: str) -> str:
    """Count a noun whose plural only adds an s: "1 cambio", "2 cambios"."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def results(outcomes: Iterable[Outcome]) -> str:
    """Count outcomes by result, as in "3 aplicados, 1 rechazado"."""
    counts = Counter(outcome.result for outcome in outcomes)
    parts = [some(counts[one], _COUNTED[one]) for one in Result if counts[one]]
    return ", ".join(parts) or "ningún cambio"


def counted(changes: Iterable[Change]) -> str:
    """Count movements by kind, as in "3 altas, 1 baja"."""
    movements = {(change.key, kind_of(change)) for change in changes}
    counts = Counter(kind for _, kind in movements)
    parts = [
        f"{counts[kind]} {_SINGULAR[kind] if counts[kind] == 1 else _PLURAL.get(kind, kind.value)}"
        for kind in Kind
        if counts[kind]
    ]
    return ", ".join(parts) or "nada que hacer"
