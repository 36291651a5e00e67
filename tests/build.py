"""Builders of small values for tests: everything has a default, and a test names only what matters."""

from __future__ import annotations

from datetime import date
from typing import Any

from reconciler.diff import Memory
from reconciler.model import (
    Account,
    AccountKey,
    Declaration,
    Declared,
    Dependencia,
    Enlace,
    Handle,
    Mailbox,
    Observed,
    Occupant,
    Oficio,
    Reading,
    Siglas,
    Source,
    Status,
    Tipo,
)

TODAY = date(2026, 11, 24)
ALTA = "SAF/DA/0001/2026"
BAJA = "SAF/DA/0099/2026"
RECEIVED = date(2026, 11, 20)
LAURA = Enlace(key="laura.beltran", name="Laura Beltrán Ochoa", email="laura.beltran@sinaloa.gob.mx")


def account(key: str = "juan.perez", **changes: Any) -> Account:
    """An active personal account of SAF with a mailbox; a retired one is out of service altogether."""
    retired = changes.get("status") is Status.RETIRED
    personal = changes.get("tipo", Tipo.PERSONAL) is Tipo.PERSONAL
    values: dict[str, Any] = {
        "key": AccountKey(key),
        "dependencia": Siglas("SAF"),
        "organization": "Secretaría de Administración y Finanzas",
        "tipo": Tipo.PERSONAL,
        "logon": key[:20],
        "address": f"{key}@sinaloa.gob.mx",
        "display_name": key.replace(".", " ").title(),
        "given_name": key.partition(".")[0].title(),
        "surname": key.partition(".")[2].title() or None,
        "title": "Analista",
        "logon_enabled": personal and not retired,
        "mailbox": Mailbox(hidden=retired, accepts_mail=not retired),
    }
    return Account(**values | changes)


def declared(key: str = "juan.perez", **changes: Any) -> Declared:
    """A declared account; what `Declared` knows goes by its own name, the rest to the account."""
    own: dict[str, Any] = {
        name: changes.pop(name)
        for name in ("alta", "baja", "adopt", "previous", "hold_until", "expires", "delivery", "interested")
        if name in changes
    }
    if own.get("baja"):
        changes.setdefault("status", Status.RETIRED)
    return Declared(account=account(key, **changes), source=Source("accounts/SAF.yaml", 1), **{"alta": ALTA} | own)


def declaration(*entries: Declared) -> Declaration:
    """A declaration of some accounts, with the dependencias and the oficios that they name."""
    siglas = {entry.account.dependencia for entry in entries} | {Siglas("SAF")}
    return Declaration(
        accounts={entry.account.key: entry for entry in entries},
        dependencias={one: _agency(one, entries) for one in siglas},
    )


def _agency(siglas: Siglas, entries: tuple[Declared, ...]) -> Dependencia:
    own = [entry for entry in entries if entry.account.dependencia == siglas]
    numbers = {number for entry in own for number in (entry.alta, entry.baja) if number}
    return Dependencia(
        siglas=siglas,
        name=f"Secretaría {siglas}",
        domain="sinaloa.gob.mx",
        enlaces={LAURA.key: LAURA},
        oficios={
            number: Oficio(number=number, dated=TODAY, received=RECEIVED, medium="oficio", enlace=LAURA.key)
            for number in numbers
        },
    )


def observed(there: Account, **handle: Any) -> Observed:
    """An account of ours as it was read."""
    values: dict[str, Any] = {"guid": f"guid-{there.key}", "place": f"CN={there.key}", "owner": there.key}
    return Observed(there, Handle(**values | handle))


def occupant(there: Account | None = None, *, logon: str | None = None, addresses: tuple[str, ...] = ()) -> Occupant:
    """A foreign object: a user that could be adopted, or a holder of names."""
    name = there.key if there else (logon or addresses[0])
    return Occupant(
        handle=Handle(guid=f"guid-{name}", place=f"CN={name},OU=Ajenas"),
        logon=there.logon if there else logon,
        addresses=frozenset((there.address, *there.aliases) if there else addresses),
        account=there,
    )


def remembering(there: Reading, **changes: Any) -> Memory:
    """What a record that made every account of a reading remembers."""
    known = {key: one.handle.guid for key, one in there.accounts.items()}
    return Memory(**{"identity": known} | changes)


def reading(*there: Observed, **changes: Any) -> Reading:
    """A complete reading of some accounts of ours."""
    values: dict[str, Any] = {
        "server": "prueba",
        "accounts": {one.account.key: one for one in there},
        "others": (),
        "claims": {},
        "objects": len(there),
        "canary_seen": True,
        "reads_mailboxes": True,
    }
    return Reading(**values | changes)
