"""Why an account is left alone: findings that hold it, in the words of who has to act. Pure."""

from __future__ import annotations

from reconciler.model import Account, AccountKey, Declared, Handle, Observed, Occupant
from reconciler.plan import Finding

_MARK = "la marca («cuentas/1 …»; en Active Directory, su adminDescription)"


def _hold(declared: Declared, code: str, message: str, remedy: str) -> Finding:
    return Finding(
        code=code,
        message=message,
        remedy=remedy,
        key=declared.account.key,
        dependencia=declared.account.dependencia,
        holds=True,
    )


def _report(account: Account, code: str, message: str, remedy: str) -> Finding:
    """Say it, and hold nothing."""
    return Finding(code=code, message=message, remedy=remedy, key=account.key, dependencia=account.dependencia)


def doubled(declared: Declared, name: AccountKey, handles: tuple[Handle, ...]) -> Finding:
    """Hold it: more than one object carries the mark."""
    places = "; ".join(handle.place for handle in handles)
    return _hold(
        declared,
        "marca-duplicada",
        f"Más de un objeto dice ser «{name}»: {places}.",
        f"Averigüe cuál es el bueno y quite {_MARK} a los demás.",
    )


def other_object(declared: Declared, handle: Handle) -> Finding:
    """Hold it: the object that carries the mark is not the one on record."""
    return _hold(
        declared,
        "otro-objeto",
        f"El objeto que dice ser «{declared.account.key}» ({handle.place}) no es el que cuentas creó o adoptó.",
        "Alguien lo borró y lo rehízo, o copió la marca a otro: recupere el original; si el nuevo es el bueno, "
        f"quite {_MARK} y declare «existente: true» para adoptarlo.",
    )


def unknown_mark(declared: Declared, handle: Handle) -> Finding:
    """Hold it: an object carries the mark, and the record knows of none that was given it."""
    return _hold(
        declared,
        "marca-desconocida",
        f"El objeto {handle.place} lleva la marca de «{declared.account.key}» y en la bitácora no consta que "
        "cuentas lo haya creado ni adoptado.",
        f"Averigüe quién la puso y quite {_MARK}; si el objeto es el de esa persona, quítela y declare "
        "«existente: true» para adoptarlo.",
    )


def no_record(count: int) -> Finding:
    """Hold everything: accounts of ours are there, and the record remembers none."""
    some = "1 cuenta" if count == 1 else f"{count} cuentas"
    return Finding(
        code="bitacora-perdida",
        message=f"En el directorio hay {some} con la marca de cuentas y la bitácora de este destino no recuerda "
        "ninguna: no se hace nada.",
        remedy="Restituya la rama «bitacora» desde el remoto («git fetch origin bitacora:bitacora») o desde otro "
        f"clon que la tenga. Si de verdad aquí nunca se aplicó nada, alguien puso {_MARK}: quítela.",
        holds=True,
    )


def no_new_oficio(declared: Declared) -> Finding:
    """Hold it: its baja went away and nobody asked for a reincorporation."""
    return _hold(
        declared,
        "reincorporacion-sin-oficio",
        f"«{declared.account.key}» está de baja en el directorio y su entrada perdió «baja:» sin un oficio nuevo.",
        "Si vuelve al servicio, ponga en «alta:» el oficio que lo pide; si no, restituya su «baja:».",
    )


def both_names(declared: Declared, former: Observed) -> Finding:
    """Hold it: a renamed account is there under both names."""
    return _hold(
        declared,
        "renombre-doble",
        f"«{declared.account.key}» dice venir de «{declared.previous}», pero existen las dos "
        f"({former.handle.place}).",
        "Decida cuál queda: dé de baja la anterior con su oficio, o quite «renombra:».",
    )


def lost(declared: Declared) -> Finding:
    """Hold it: what was created is no longer there."""
    return _hold(
        declared,
        "desaparecida",
        f"«{declared.account.key}» fue creada con el oficio {declared.alta} y ya no está en el directorio.",
        "Alguien la borró por fuera: recupérela en el directorio; si ha de crearse de nuevo, "
        "«alta:» debe nombrar otro oficio.",
    )


def no_candidate(declared: Declared, found: list[Occupant]) -> Finding:
    """Hold it: nothing, or more than one thing, could be adopted."""
    key = declared.account.key
    if not found:
        return _hold(
            declared,
            "existente-no-hallada",
            f"«{key}» dice que ya existe, y ningún usuario tiene ese inicio de sesión ni esa dirección.",
            "Corrija «usuario_ad:» o la dirección; si de verdad es nueva, quite «existente: true».",
        )
    places = "; ".join(one.handle.place for one in found)
    return _hold(
        declared,
        "existente-ambigua",
        f"Más de un usuario podría ser «{key}»: {places}.",
        "Una persona tiene que decidir: ponga en «usuario_ad:» el inicio de sesión del correcto "
        "y corrija la dirección del otro.",
    )


def broken_mailbox(observed: Observed) -> Finding:
    """Report it, and hold nothing: a baja must still take logon away; its mailbox alone is left as it is."""
    account = observed.account
    return _report(
        account,
        "buzon-roto",
        f"El buzón de «{account.key}» está a medias y no se toca: {observed.handle.mailbox_fault}.",
        "Pida a quien administra Exchange que lo repare; lo demás de la cuenta sigue su camino.",
    )


def strange_mailbox(declared: Declared, handle: Handle) -> Finding:
    """Hold it: its mark names a disconnected mailbox of which the record knows nothing: it may be anybody's."""
    return _hold(
        declared,
        "buzon-desconocido",
        f"La marca de «{declared.account.key}» nombra un buzón desconectado que la bitácora no recuerda haberle "
        f"quitado ({handle.kept_mailbox}; {handle.place}).",
        f"Alguien cambió {_MARK}: averigüe de quién es ese buzón. Si es suyo, reconéctelo en Exchange; en todo caso, "
        "quite «buzon=» y «base=» de la marca.",
    )


def foreign_hold(declared: Declared) -> Finding:
    """Report it: somebody placed a legal hold that nobody declared; it stays, and so does the mailbox."""
    account = declared.account
    return _report(
        account,
        "retencion-ajena",
        f"El buzón de «{account.key}» está en retención legal y la declaración no la pide: no se le quita.",
        "Declárela con «conservar_hasta»; si ya no procede, que la quite en Exchange quien la puso.",
    )


def too_late(declared: Declared) -> Finding:
    """Report it: the hold came when the mailbox had been taken off, and its database is free to purge it."""
    account = declared.account
    return _report(
        account,
        "retencion-tardia",
        f"«{account.key}» se debe conservar hasta el {declared.hold_until}, y su buzón ya está desconectado.",
        "Pida hoy mismo a quien administra Exchange que lo reconecte o lo exporte: la base lo va a purgar.",
    )


def protected(declared: Declared, handle: Handle) -> Finding:
    """Hold it: the object must not be touched."""
    return _hold(
        declared,
        "protegida",
        f"«{declared.account.key}» no se toca: {handle.protected} ({handle.place}).",
        "Si debe administrarse con cuentas, quite primero esa protección; si no, quite la diferencia.",
    )


def blocked_outside(declared: Declared, handle: Handle) -> Finding:
    """Hold it: somebody disabled it in the directory."""
    return _hold(
        declared,
        "deshabilitada-por-fuera",
        f"«{declared.account.key}» está activa en la declaración y alguien la deshabilitó en el directorio "
        f"({handle.place}).",
        "cuentas no la habilita sola: si fue un error, habilítela en el directorio; "
        "si debe quedar fuera de servicio, declare «baja:» con su oficio.",
    )


def taken(declared: Declared, holder: Occupant) -> Finding:
    """Hold it: another object has its name or an address of it."""
    return _hold(
        declared,
        "nombre-ocupado",
        f"El nombre o la dirección de «{declared.account.key}» ya es de otro objeto ({holder.handle.place}).",
        "Si es la misma persona, declare «existente: true»; si no, elija otra clave, otro «usuario_ad:» "
        "u otro alias.",
    )
