"""The verbs: every change that can happen as a frozen class, and the plan they make together.

There is no class for deleting an account or a mailbox: what has no class cannot happen.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Annotated, Any, Literal, assert_never

from pydantic import BaseModel, ConfigDict, Discriminator, TypeAdapter, ValidationError

from reconciler.errors import UsageError
from reconciler.model import Account, AccountKey, Mailbox, Siglas, Tipo

FieldValue = str | int | bool | None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One attribute's old and new value; the old one is what the write compares with before it changes."""

    name: str
    old: FieldValue
    new: FieldValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """What every change says: whose account, in which dependencia, and the oficio that asks for it."""

    key: AccountKey
    dependencia: Siglas
    oficio: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Create(Movement):
    """Alta. `resumes` means that an earlier run began it and did not finish."""

    verb: Literal["create"] = "create"
    account: Account
    resumes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopt(Movement):
    """Take over an account that exists already: it gets our mark and nothing else."""

    verb: Literal["adopt"] = "adopt"
    guid: str
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename(Movement):
    """Same object under a new key (`renombra`): logon, address and mark change together."""

    verb: Literal["rename"] = "rename"
    previous: AccountKey
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Move(Movement):
    """Transfer of an account from one dependencia to another."""

    verb: Literal["move"] = "move"
    origin: Siglas


@dataclass(frozen=True, slots=True, kw_only=True)
class Update(Movement):
    """Attributes that differ from the declaration."""

    verb: Literal["update"] = "update"
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Disable(Movement):
    """Baja: no logon from now on; the object stays."""

    verb: Literal["disable"] = "disable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reactivate(Movement):
    """A new first password and logon again: for an account that was given baja, or that was no person's."""

    verb: Literal["reactivate"] = "reactivate"
    account: Account


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAliases(Movement):
    """Further addresses that come and go, each in lower case and sorted."""

    verb: Literal["aliases"] = "aliases"
    added: tuple[str, ...]
    removed: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EnableMailbox(Movement):
    """A mailbox for an account that has none."""

    verb: Literal["enable_mailbox"] = "enable_mailbox"
    mailbox: Mailbox


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateMailbox(Movement):
    """Mailbox settings that differ from the declaration."""

    verb: Literal["update_mailbox"] = "update_mailbox"
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DisconnectMailbox(Movement):
    """The last step of a baja, after the retention: the mailbox leaves the account and is kept apart."""

    verb: Literal["disconnect_mailbox"] = "disconnect_mailbox"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconnectMailbox(Movement):
    """The mailbox of a reincorporated account comes back."""

    verb: Literal["reconnect_mailbox"] = "reconnect_mailbox"
    mailbox: Mailbox


Change = Annotated[
    Create
    | Adopt
    | Rename
    | Move
    | Update
    | Disable
    | Reactivate
    | ChangeAliases
    | EnableMailbox
    | UpdateMailbox
    | DisconnectMailbox
    | ReconnectMailbox,
    Discriminator("verb"),
]


def takes_logon(change: Change) -> bool:
    """Whether nobody can log on any more once a change is made: a baja, or a person's account made a shared one."""
    if isinstance(change, Update):
        return any(one.name == "logon_enabled" and one.new is False for one in change.fields)
    return isinstance(change, Disable)


class Kind(StrEnum):
    """The kinds of movement that limits are set for and people count."""

    ALTA = "altas"
    ADOPCION = "adopciones"
    RENOMBRE = "renombres"
    TRASLADO = "traslados"
    CAMBIO = "cambios"
    BAJA = "bajas"
    REACTIVACION = "reactivaciones"
    BUZON = "buzones"
    DESCONEXION = "desconexiones"


def kind_of(change: Change) -> Kind:
    """Return the kind of movement that a change counts as."""
    match change:
        case Create():
            return Kind.ALTA
        case Adopt():
            return Kind.ADOPCION
        case Rename():
            return Kind.RENOMBRE
        case Move():
            return Kind.TRASLADO
        case Update() | ChangeAliases():
            return Kind.BAJA if takes_logon(change) else Kind.CAMBIO
        case Disable():
            return Kind.BAJA
        case Reactivate():
            return Kind.REACTIVACION
        case EnableMailbox() | UpdateMailbox() | ReconnectMailbox():
            return Kind.BUZON
        case DisconnectMailbox():
            return Kind.DESCONEXION
        case _:
            assert_never(change)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something a person must look at. `holds` means that the account named is left alone until then."""

    code: str
    message: str
    remedy: str
    key: AccountKey | None = None
    dependencia: Siglas | None = None
    holds: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What a plan was computed from: the commit (40 hex digits, or "" for a working copy) and the reading."""

    commit: str
    target: str
    server: str
    declared: int
    observed: int
    reads_mailboxes: bool


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What would change and why not more: changes in total order, findings, and what they came from."""

    before: Before
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...] = ()

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the target's name and the changes, old values included.

        The commit is left out on purpose: an exception to a limit names a digest in cuentas.yaml, and
        committing it must not change the digest it names.
        """
        return _digest([self.before.target, [_CHANGE.dump_python(one, mode="json") for one in self.changes]])

    def to_json(self) -> str:
        """Return the plan as JSON text that `from_json` gives back equal."""
        document = {"formato": FORMAT, "huella": self.digest, "plan": _PLAN.dump_python(self, mode="json")}
        return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """Read back what `to_json` wrote.

        Raises:
            UsageError: it is not a plan of this format, or was edited after it was written.

        """
        try:
            document = _Document.model_validate_json(text)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = "/".join(str(part) for part in first["loc"])
            raise UsageError(
                f"El archivo no es un plan de cuentas (en «{where}»).",
                remedy="Genere uno nuevo con «cuentas plan -o ARCHIVO».",
            ) from None
        if document.plan.digest != document.huella:
            raise UsageError(
                "El plan fue modificado después de generarse: su huella no corresponde a su contenido.",
                remedy="Genere uno nuevo con «cuentas plan -o ARCHIVO».",
            )
        return document.plan


class _Document(BaseModel):
    """A plan file: format, digest and plan."""

    model_config = ConfigDict(extra="forbid", strict=False)

    formato: Literal["cuentas-plan/1"]
    huella: str
    plan: Plan


FORMAT = "cuentas-plan/1"
_CHANGE: TypeAdapter[Change] = TypeAdapter(Change)
_PLAN: TypeAdapter[Plan] = TypeAdapter(Plan)


@lru_cache(maxsize=1 << 16)  # asked for again at every step that a change goes through
def change_id(change: Change) -> str:
    """Return the first 16 hex digits of a change's own digest: its name in the record.

    An alta taken up again is still the alta that was shown, approved and put on record.
    """
    if isinstance(change, Create) and change.resumes:
        change = replace(change, resumes=False)
    return _digest(_CHANGE.dump_python(change, mode="json"))[:16]


def plain(change: Change) -> dict[str, Any]:
    """Return a change as JSON values."""
    found: dict[str, Any] = _CHANGE.dump_python(change, mode="json")
    return found


def _digest(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


_GROUPS: tuple[tuple[type[Movement], ...], ...] = (
    (Disable,),
    (DisconnectMailbox,),
    (Rename,),
    (Move,),
    (Adopt,),
    (Reactivate,),
    (Create,),
)
_STEPS: tuple[type[Movement], ...] = (
    Adopt, Disable, Create, Rename, Move, Reactivate, Update, ChangeAliases,
    EnableMailbox, ReconnectMailbox, UpdateMailbox, DisconnectMailbox,
)  # fmt: skip


def protects(change: Change) -> bool:
    """Whether a change is what must not wait: logon, being found and mail taken away, or a legal hold placed."""
    if isinstance(change, UpdateMailbox):
        new = {one.name: one.new for one in change.fields}
        if "hidden" in new:  # it says which way the account goes, and the rest goes with it
            return new["hidden"] is True
        return new.get("accepts_mail") is False or new.get("held") is True
    return isinstance(change, Disable)


def ordered(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Return changes in the order in which they are shown and made.

    Accounts stay together. Bajas go first (they protect), then what keeps identity (renames, transfers,
    adoptions, reincorporations), then altas of people, then of what needs a responsable, then the rest.
    """
    by_account: dict[AccountKey, list[Change]] = {}
    for change in changes:
        by_account.setdefault(change.key, []).append(change)
    for steps in by_account.values():
        steps.sort(key=_step_order)
    accounts = sorted(by_account.values(), key=_account_order)
    return tuple(change for steps in accounts for change in steps)


def stage_of(steps: Sequence[Change]) -> tuple[int, bool]:
    """Return the stage of a run that one account's changes belong to.

    Whatever is in one stage may be made at the same time; a stage begins when the one before it has ended.
    """
    group, dependent, *_ = _account_order(steps)
    return group, bool(dependent)


def _step_order(step: Change) -> tuple[bool, bool, int]:
    """Order one account's steps: it becomes ours, what a baja takes away goes, and then the rest."""
    return not isinstance(step, Adopt), not protects(step), _STEPS.index(type(step))


def _account_order(steps: Sequence[Change]) -> tuple[int, int, str, str]:
    kinds = {type(step) for step in steps}
    group = next((n for n, classes in enumerate(_GROUPS) if kinds & set(classes)), len(_GROUPS))
    dependent = any(isinstance(step, Create) and step.account.tipo is not Tipo.PERSONAL for step in steps)
    return group, int(dependent), steps[0].dependencia, steps[0].key


class Result(StrEnum):
    """What became of a change."""

    APPLIED = "aplicado"
    REJECTED = "rechazado"
    SKIPPED = "omitido"
    UNKNOWN = "desconocido"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one change, and why (in Spanish) where it was not applied."""

    change: Change
    result: Result
    detail: str = ""
