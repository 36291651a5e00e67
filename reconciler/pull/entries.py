"""No entry disappears, a key is never edited, and nobody is renamed by leaving and coming back."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.errors import Problem
from reconciler.model import Declaration, Declared, Dependencia, Oficio, Source, person_signature


def entry_problems(base: Declaration, proposed: Declaration) -> tuple[Problem, ...]:
    """Return what a proposal does to entries and oficios that it must not, or that whoever approves must see.

    Which oficio asks for what is judged with the history (`judge`); this is what a request is held to, too.
    """
    found = [*_entries(base, proposed), *_disguised(base, proposed)]
    for siglas, agency in base.dependencias.items():
        if siglas in proposed.dependencias:
            found += _oficios(agency, proposed.dependencias[siglas], proposed)
    return tuple(sorted(found))


def _entries(base: Declaration, proposed: Declaration) -> Iterator[Problem]:
    renamed = {one.previous: key for key, one in proposed.accounts.items() if one.previous}
    for key, before in base.accounts.items():
        after = proposed.accounts.get(key) or proposed.accounts.get(renamed.get(key, key))
        if after is None or (after.account.key != key and after.account.key in base.accounts):
            yield _problem(
                before.source,
                "entrada-desaparecida",
                f"La cuenta «{key}» está en la base y aquí desaparece.",
                "Restituya la entrada. Una baja se pide con «baja:» y su oficio; un nombre nuevo, con «renombra:» en "
                "una clave que no se haya usado.",
            )
        else:
            yield from _oficios_of(before, after)


def _oficios_of(before: Declared, after: Declared) -> Iterator[Problem]:
    key = after.account.key
    if before.baja and not after.baja:
        if before.alta == after.alta:
            yield _problem(
                after.source,
                "reincorporacion-sin-oficio",
                f"«{key}» pierde su «baja:» y su «alta:» sigue nombrando el oficio de antes ({before.alta}).",
                "Si vuelve al servicio, ponga en «alta:» el oficio que lo pide; si no, restituya su «baja:».",
            )
        return
    moved = before.account.dependencia != after.account.dependencia
    for name, old, new in (("alta", before.alta, after.alta), ("baja", before.baja, after.baja)):
        if old and new and old != new and not moved:
            yield _problem(
                after.source,
                "oficio-cambiado",
                f"La {name} de «{key}» cambia de oficio: de {old} a {new}.",
                "Compruebe que el nuevo es el que ampara lo que se pide.",
                blocks=False,
            )


def _disguised(base: Declaration, proposed: Declaration) -> Iterator[Problem]:
    """Yield every person who would lose one account and get another: it is a new name of the same one."""
    leaving = {
        person_signature(after.account): key
        for key, after in proposed.accounts.items()
        if after.baja and key in base.accounts and not base.accounts[key].baja
    }
    for key, after in proposed.accounts.items():
        before = base.accounts.get(key)
        appears = before.baja is not None if before else after.previous not in base.accounts
        who = person_signature(after.account)
        if who and who in leaving and appears and not after.baja and leaving[who] != key:
            yield _problem(
                after.source,
                "renombre-disfrazado",
                f"«{key}» es el alta de quien causa baja en «{leaving[who]}»: eso es un cambio de nombre.",
                f"Quite la entrada «{leaving[who]}», ponga «renombra: {leaving[who]}» en «{key}» y su oficio en "
                "«cambio:»: conserva su buzón y su dirección. Si son homónimos, pida la baja y el alta por separado.",
            )


def _oficios(before: Dependencia, after: Dependencia, proposed: Declaration) -> Iterator[Problem]:
    source = place_of(after, proposed)
    for number, oficio in before.oficios.items():
        new = after.oficios.get(number)
        if new is None:
            words = f"El oficio «{number}» de {after.siglas} desaparece."
            remedy = "Restitúyalo: sigue siendo lo que amparó un movimiento."
            yield _problem(source, "oficio-desaparecido", words, remedy)
        elif new != oficio:
            words = f"El oficio «{number}» de {after.siglas} ya no dice lo mismo: {_differences(oficio, new)}."
            yield _problem(source, "oficio-editado", words, "Compárelo con la carta.", blocks=False)


def place_of(agency: Dependencia, declaration: Declaration) -> Source:
    """Return a file of an agency, to say something of it as a whole."""
    own = (one.source.file for one in declaration.accounts.values() if one.account.dependencia == agency.siglas)
    return Source(next(own, f"accounts/{agency.siglas}.yaml"), 0)


def _differences(before: Oficio, after: Oficio) -> str:
    words = {"dated": "fecha", "received": "recibido", "medium": "medio", "enlace": "enlace", "signer": "firmante"}
    changed = [name for field, name in words.items() if getattr(before, field) != getattr(after, field)]
    return ", ".join(changed) or "sha256"


def _problem(where: Source, code: str, message: str, remedy: str, *, blocks: bool = True) -> Problem:
    return Problem(where.file, where.line, code, message, remedy, blocks=blocks)
