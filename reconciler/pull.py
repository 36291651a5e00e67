"""The rules of a pull request: what a proposal may not do to what its base already declares. Pure.

What an entry needs by itself (an oficio that is declared, an enlace who handles it) every declaration is checked for;
here is what only a comparison shows.
"""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.errors import Problem
from reconciler.model import Declaration, Declared, Dependencia, Oficio, Source


def pull_request_problems(base: Declaration, proposed: Declaration) -> tuple[Problem, ...]:
    """Return what the proposal does that it must not (these block) or that whoever approves must see."""
    found = [
        *_entries(base, proposed),
        *(
            problem
            for siglas, agency in base.dependencias.items()
            if siglas in proposed.dependencias
            for problem in _oficios(agency, proposed.dependencias[siglas], proposed)
        ),
    ]
    return tuple(sorted(found))


def _entries(base: Declaration, proposed: Declaration) -> Iterator[Problem]:
    renamed = {one.previous: key for key, one in proposed.accounts.items() if one.previous}
    for key, before in base.accounts.items():
        after = proposed.accounts.get(renamed.get(key, key))
        if after is None:
            yield _problem(
                before.source,
                "entrada-desaparecida",
                f"La cuenta «{key}» está en la base y aquí desaparece.",
                "Restituya la entrada. Una baja se pide con «baja:» y su oficio; un nombre nuevo, con «renombra:».",
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


def _oficios(before: Dependencia, after: Dependencia, proposed: Declaration) -> Iterator[Problem]:
    files = (one.source.file for one in proposed.accounts.values() if one.account.dependencia == after.siglas)
    source = Source(next(files, f"accounts/{after.siglas}.yaml"), 0)
    for number, oficio in before.oficios.items():
        new = after.oficios.get(number)
        if new is None:
            words = f"El oficio «{number}» de {after.siglas} desaparece."
            remedy = "Restitúyalo: sigue siendo lo que amparó un movimiento."
            yield _problem(source, "oficio-desaparecido", words, remedy)
        elif new != oficio:
            words = f"El oficio «{number}» de {after.siglas} ya no dice lo mismo: {_differences(oficio, new)}."
            yield _problem(source, "oficio-editado", words, "Compárelo con la carta.", blocks=False)


def _differences(before: Oficio, after: Oficio) -> str:
    words = {"dated": "fecha", "received": "recibido", "medium": "medio", "enlace": "enlace", "signer": "firmante"}
    changed = [name for field, name in words.items() if getattr(before, field) != getattr(after, field)]
    return ", ".join(changed) or "sha256"


def _problem(where: Source, code: str, message: str, remedy: str, *, blocks: bool = True) -> Problem:
    return Problem(where.file, where.line, code, message, remedy, blocks=blocks)
