"""What the draft of an oficio says, as far as the declaration knows it; who is asked for and is not there is told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from reconciler.cli.workspace import Workspace
from reconciler.documents.oficio import Asked, Draft
from reconciler.errors import UsageError
from reconciler.letters.values import in_words
from reconciler.model import (
    AccountKey,
    Declaration,
    Declared,
    Dependencia,
    Enlace,
    Movimiento,
    normalized_oficio,
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line, unchecked."""

    movimiento: Movimiento
    agency: str
    accounts: tuple[str, ...] = ()
    enlace: str | None = None
    number: str | None = None


def the_agency(declaration: Declaration, siglas: str) -> Dependencia:
    """Return the agency that somebody named, whatever the case of its letters.

    Raises:
        UsageError: there is none; says which there are.

    """
    for one in declaration.dependencias.values():
        if one.siglas.casefold() == siglas.strip().casefold():
            return one
    there = ", ".join(sorted(declaration.dependencias)) or "ninguna todavía"
    raise UsageError(f"No hay una dependencia «{siglas}» en la declaración.", remedy=f"Las que hay: {there}.")


def draft(workspace: Workspace, wish: Wish) -> Draft:
    """Return the letter that was asked for.

    Raises:
        UsageError: agency, enlace or account is not there, or the account is not the agency's to ask for.

    """
    declaration, config = workspace.desired.declaration, workspace.config
    agency = the_agency(declaration, wish.agency)
    director = config.organizacion.director
    named = (director.nombre, director.cargo) if director.nombre else (f"C. {director.cargo}",)
    keys = dict.fromkeys(_key(one) for one in wish.accounts)
    return Draft(
        movimiento=wish.movimiento,
        organization=config.organizacion.nombre,
        agency=agency.name,
        addressee=(*named, config.organizacion.nombre),
        city=config.documentos.ciudad,
        dated=in_words(workspace.today),
        number=wish.number,
        accounts=[_asked(declaration, agency, key, wish.movimiento) for key in keys],
        enlace=_enlace(agency, wish.enlace),
        post=_post(agency, wish.number),
    )


def _key(account: str) -> AccountKey:
    return AccountKey(account.strip().partition("@")[0].lower())


def _enlace(agency: Dependencia, key: str | None) -> Enlace | None:
    """Return the enlace that was named, or the only one; None where nobody knows which."""
    if key is None:
        return next(iter(agency.enlaces.values())) if len(agency.enlaces) == 1 else None
    if key in agency.enlaces:
        return agency.enlaces[key]
    there = ", ".join(f"{one.key} ({one.name})" for one in agency.enlaces.values()) or "ninguno todavía"
    raise UsageError(
        f"«{key}» no es enlace tecnológico de {agency.siglas} (política P3).", remedy=f"Sus enlaces: {there}."
    )


def _post(agency: Dependencia, number: str | None) -> str | None:
    """Return the post of who signs, where the oficio is declared already."""
    if number is None:
        return None
    same = (one for key, one in agency.oficios.items() if normalized_oficio(key) == normalized_oficio(number))
    return next((one.signer for one in same), None)


def _asked(declaration: Declaration, agency: Dependencia, key: AccountKey, kind: Movimiento) -> Asked:
    """Return what the letter says of an account: for an alta, one that nobody has declared yet is a wish."""
    declared = declaration.accounts.get(key)
    if declared is None and kind is Movimiento.ALTA:
        return Asked(f"{key}@{agency.domain}")
    if declared is None:
        raise UsageError(
            f"No hay una cuenta «{key}» en la declaración.",
            remedy="Revise cómo está escrita en accounts/: es lo que va antes de la arroba.",
        )
    if declared.account.dependencia != agency.siglas:
        raise UsageError(
            f"«{key}» es de {declared.account.dependencia}, no de {agency.siglas}: no puede pedir su {kind}.",
            remedy=f"El oficio es de {declared.account.dependencia}; para un alta, elija otra clave.",
        )
    if kind is Movimiento.BAJA and declared.baja:
        raise UsageError(
            f"La baja de «{key}» ya está pedida, con el oficio {declared.baja}.", remedy="Quítela de este oficio."
        )
    return _known(declared)


def _known(declared: Declared) -> Asked:
    account = declared.account
    return Asked(
        account.address,
        name=" ".join(_said(account.given_name, account.surname)) or account.display_name,
        post=", ".join(_said(account.title, account.area)),
    )


def _said(*parts: str | None) -> Iterable[str]:
    return (part for part in parts if part)
