"""Where an account's credential sheet goes, and so how it is sealed (PSDT-08, 7.2 and P4). Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from reconciler.model import Addressee, Declared, Dependencia, Enlace
from reconciler.sheet import Seal


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a sheet is to reach somebody: `address` is "" and `to` None where it is printed.

    `key` is the enlace's own public key, where the sheet is sealed to it.
    """

    seal: Seal
    to: Addressee | None = None
    address: str = ""
    key: str = ""


PRINTED = Way(seal=Seal.MESA)


def enlace_of(declared: Declared, agency: Dependencia) -> Enlace | None:
    """Return the enlace who handles the alta's oficio (PSDT-08, P3)."""
    oficio = agency.oficios.get(declared.alta)
    return agency.enlaces.get(oficio.enlace) if oficio else None


def way_of(declared: Declared, agency: Dependencia) -> Way:
    """Return how an account's sheet is to be handed over, as its entry asks: printed, or mailed and to whom."""
    if declared.delivery is None:
        return PRINTED
    return mailed(declared.delivery.to, declared, agency) or PRINTED


def mailed(to: Addressee, declared: Declared, agency: Dependencia) -> Way | None:
    """Return how a sheet is mailed to somebody; None where nobody is declared to be that."""
    if to is Addressee.INTERESADO:
        address = declared.interested or ""
        return Way(seal=Seal.PASSPHRASE, to=to, address=address) if address else None
    enlace = enlace_of(declared, agency)
    if enlace is None:
        return None
    seal = Seal.ENLACE if enlace.key_ssh else Seal.PASSPHRASE
    return Way(seal=seal, to=to, address=enlace.email, key=enlace.key_ssh or "")


def unfit(address: str, declared: Declared, domains: Collection[str]) -> str | None:
    """Say, in Spanish, why a sheet must not be mailed to an address; None where it may.

    It is the account's own way in, in whichever domain (a key is nobody else's anywhere): nobody could read it there
    before having what it says.
    """
    own = {declared.account.address.lower(), *(one.lower() for one in declared.account.aliases)}
    if address.lower() in own or address.lower().partition("@")[0] in {declared.account.key, declared.account.logon}:
        return "es la de la propia cuenta"
    if address.lower().partition("@")[2] not in domains:
        return "no es institucional"
    return None
