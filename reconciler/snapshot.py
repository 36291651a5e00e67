"""What was read of a target, as it is published: managed accounts only, and no secrets. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from reconciler.errors import UsageError
from reconciler.model import Account, AccountKey, Handle, Observed, Reading

LARGEST = 64 * 1024 * 1024
"""Bytes above which nothing is taken for a snapshot: some hundred thousand accounts fit."""

FORMAT = "cuentas-lectura/1"
_MOMENT = "%Y-%m-%dT%H:%MZ"


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A reading of one target, when it was taken (aware, UTC, whole minutes) and beside which record and commit.

    `commit` is the main line's tip, `record` the digest of the record's last published line. The reading has no
    foreign objects: nobody who reads a repository has to know what else a directory holds.
    """

    target: str
    taken: datetime
    commit: str
    record: str
    reading: Reading

    @cached_property
    def digest(self) -> str:
        """SHA-256 over what was read: the same for two readings that say the same, whenever they were taken."""
        return _digest(_content(self))


def taken(target: str, reading: Reading, at: datetime, *, commit: str, record: str) -> Snapshot:
    """Return what may be published of a reading: the accounts with our mark, and where they are only by siglas."""
    kept = {key: Observed(one.account, _nameless(one.handle, one.account)) for key, one in reading.accounts.items()}
    claims = {
        key: tuple(replace(handle, place=str(key)) for handle in handles) for key, handles in reading.claims.items()
    }
    moment = at.astimezone(UTC).replace(second=0, microsecond=0)
    own = replace(reading, accounts=kept, claims=claims, others=(), objects=len(kept))
    return Snapshot(target=target, taken=moment, commit=commit, record=record, reading=own)


def _nameless(handle: Handle, account: Account) -> Handle:
    return replace(handle, place=_place(account))


def _place(account: Account) -> str:
    return f"{account.dependencia}/{account.key}"


# --- as text ------------------------------------------------------------------------------------------------


def as_json(snapshot: Snapshot) -> str:
    """Return a snapshot as the one text that says it: two that are equal are the same bytes."""
    document = {
        "formato": FORMAT,
        "huella": snapshot.digest,
        "tomada": {
            "cuando": snapshot.taken.strftime(_MOMENT),
            "commit": snapshot.commit,
            "bitacora": snapshot.record,
        },
        "lectura": _content(snapshot),
    }
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def from_json(data: bytes) -> Snapshot:
    """Read back what `as_json` wrote, and nothing else: any other byte is refused.

    Raises:
        UsageError: it is no snapshot, it is too large, or it was edited after it was written.

    """
    if len(data) > LARGEST:
        raise _no_snapshot(f"pasa de {LARGEST // 1024 // 1024} MiB")
    try:
        document = _Documento.model_validate_json(data)
        snapshot = _read(document)
        whole = document.huella == snapshot.digest and as_json(snapshot).encode() == data
    except ValidationError as error:
        where = "/".join(str(part) for part in error.errors(include_url=False, include_input=False)[0]["loc"])
        raise _no_snapshot(f"en «{where[:80]}»") from None
    except ValueError:
        raise _no_snapshot("lo que dice no es de ninguna cuenta ni de ninguna fecha") from None
    if not whole:
        raise _no_snapshot("fue modificada después de tomarse")
    return snapshot


def _no_snapshot(why: str) -> UsageError:
    return UsageError(
        f"No es una lectura que haya publicado cuentas: {why}.",
        remedy="Tómela de nuevo con «cuentas snapshot», donde se alcance el destino.",
    )


class _Estricto(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


_Texto = Annotated[str, Field(max_length=1024)]
_Cuantos = Annotated[int, Field(ge=0, le=10_000_000)]


class _Identidad(_Estricto):
    """What a handle says besides whose it is and where."""

    guid: _Texto
    a_medias: bool = False
    protegida: _Texto | None = None
    falla_buzon: _Texto | None = None
    buzon: _Texto | None = None
    buzon_guardado: _Texto | None = None


class _Leida(_Estricto):
    """One account: its fields, as the model has them, and its identity."""

    cuenta: dict[str, Any]
    identidad: _Identidad


class _Lectura(_Estricto):
    destino: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$", max_length=64)]
    servidor: _Texto
    lee_buzones: bool
    canario: bool
    cuentas: Annotated[dict[str, _Leida], Field(max_length=1_000_000)]
    repetidas: Annotated[dict[str, tuple[_Identidad, ...]], Field(max_length=10_000)]


class _Tomada(_Estricto):
    cuando: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}Z$")]
    commit: Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]
    bitacora: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Documento(_Estricto):
    formato: Literal["cuentas-lectura/1"]
    huella: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    tomada: _Tomada
    lectura: _Lectura


_ACCOUNT: TypeAdapter[Account] = TypeAdapter(Account)
_NAMES = {
    "guid": "guid",
    "a_medias": "unfinished",
    "protegida": "protected",
    "falla_buzon": "mailbox_fault",
    "buzon": "mailbox",
    "buzon_guardado": "kept_mailbox",
}
"""What of a handle is published, and as what: what a diff asks of it."""


def _content(snapshot: Snapshot) -> dict[str, Any]:
    reading = snapshot.reading
    return {
        "destino": snapshot.target,
        "servidor": reading.server,
        "lee_buzones": reading.reads_mailboxes,
        "canario": reading.canary_seen,
        "cuentas": {
            key: {"cuenta": _fields(one.account), "identidad": _identity(one.handle)}
            for key, one in reading.accounts.items()
        },
        "repetidas": {key: [_identity(one) for one in handles] for key, handles in reading.claims.items()},
    }


def _fields(account: Account) -> Mapping[str, Any]:
    found: dict[str, Any] = _ACCOUNT.dump_python(account, mode="json", exclude_defaults=True, exclude={"key"})
    return found


def _identity(handle: Handle) -> dict[str, Any]:
    values = {name: getattr(handle, own) for name, own in _NAMES.items()}
    return {name: value for name, value in values.items() if value not in {None, False}}


def _digest(content: Mapping[str, Any]) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _read(document: _Documento) -> Snapshot:
    found = document.lectura
    accounts: dict[AccountKey, Observed] = {}
    for key, one in found.cuentas.items():
        account = _ACCOUNT.validate_python({"key": key, **one.cuenta})
        accounts[AccountKey(key)] = Observed(account, _handle(one.identidad, account.key, _place(account)))
    reading = Reading(
        server=found.servidor,
        accounts=accounts,
        others=(),
        claims={
            AccountKey(key): tuple(_handle(one, AccountKey(key), key) for one in ones)
            for key, ones in found.repetidas.items()
        },
        objects=len(accounts),
        canary_seen=found.canario,
        reads_mailboxes=found.lee_buzones,
    )
    return Snapshot(
        target=found.destino,
        taken=datetime.strptime(document.tomada.cuando, _MOMENT).replace(tzinfo=UTC),
        commit=document.tomada.commit,
        record=document.tomada.bitacora,
        reading=reading,
    )


def _handle(found: _Identidad, owner: AccountKey, place: str) -> Handle:
    values = {own: getattr(found, name) for name, own in _NAMES.items()}
    return Handle(owner=owner, place=place, **values)
