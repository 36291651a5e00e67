"""Every alta, baja and change names an oficio of its agency that asked for nothing before."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.errors import Problem
from reconciler.model import Movimiento, normalized_oficio
from reconciler.orders import Order, asked
from reconciler.pull.proposal import Difference, Proposal
from reconciler.pull.uses import Use

_SAID = {"alta": "la alta", "baja": "la baja", "cambio": "un cambio"}


def oficio_problems(proposal: Proposal) -> Iterator[Problem]:
    """Yield what is done without an oficio, or under one that was spent."""
    for one in proposal.differences:
        yield from _lacking(one)
        yield from _stale(one)
        for field, number in one.named.items():
            yield from _spent(one, field, number, proposal)


def _lacking(one: Difference) -> Iterator[Problem]:
    if one.before is None or one.lacking is None:
        return
    if one.returns:
        if one.before.alta != one.after.alta:  # the same one, spelled otherwise; that it stays is said of every entry
            words = (
                f"«{one.key}» vuelve con el oficio de su alta anterior, escrito de otra manera ({one.after.alta})."
            )
            yield _of(one, "reincorporacion-sin-oficio", words, "Ponga en «alta:» el oficio que pide que vuelva.")
        return
    if one.left:
        yield _of(
            one,
            "traslado-sin-oficio",
            f"«{one.key}» pasa de {one.left} a {one.agency} y su «alta:» no nombra el oficio que lo pide.",
            f"Ponga en «alta:» el oficio con que {one.agency} pide el traslado (docs/guia/declaracion.md).",
        )
    else:
        renamed = one.before.account.key != one.key
        what = f"cambia de nombre («{one.before.account.key}»)" if renamed else f"cambia ({', '.join(one.fields)})"
        yield _of(
            one,
            "cambio-sin-oficio",
            f"«{one.key}» {what} y ningún oficio lo pide.",
            "Declare el oficio y póngalo en «cambio:»; el que ya estaba en la entrada pidió otra cosa.",
        )


def _stale(one: Difference) -> Iterator[Problem]:
    if one.before and "alta" in one.named and "cambio" in one.new and "cambio" not in one.named:
        yield _of(
            one,
            "cambio-de-antes",
            f"La alta de «{one.key}» es nueva y su «cambio:» ({one.new['cambio']}) es de antes de ella.",
            "Quite «cambio:»: los datos de ahora los pide el oficio de la alta.",
        )


def _spent(one: Difference, field: str, number: str, proposal: Proposal) -> Iterator[Problem]:
    used = proposal.uses.get((one.agency, normalized_oficio(number)), ())
    if not used:
        return
    first = _in_words(used[0]) + (f" y {len(used) - 1} más" if len(used) > 1 else "")
    order = _order(one, field, number, proposal)
    if order:
        yield _of(
            one,
            "oficio-con-orden",
            f"El oficio «{number}» ya había pedido {first}; la orden {order.id} dice que también pide "
            f"{_SAID[field]} de «{one.key}».",
            "Compruebe en la carta que pide las dos cosas.",
            blocks=False,
        )
        return
    also = (
        f"Si la misma carta pide también {_SAID[field]} de «{one.key}», que la Mesa de Ayuda la reciba («cuentas "
        "request»): con su orden en la bitácora, esta revisión pasa."
        if field != "cambio"
        else "Si la misma carta lo pedía también, hace falta otra que lo diga."
    )
    yield _of(
        one,
        "oficio-gastado",
        f"El oficio «{number}» de {one.agency} ya pidió {first}: no puede pedir {_SAID[field]} de «{one.key}».",
        f"Nombre el oficio que la pide. {also}",
    )


def _order(one: Difference, field: str, number: str, proposal: Proposal) -> Order | None:
    """Return the open order that says of an oficio that it asks for this too (one branch for each account of it)."""
    return None if field == "cambio" else order_of(one, Movimiento(field), number, proposal)


def order_of(one: Difference, movement: Movimiento, number: str, proposal: Proposal) -> Order | None:
    """Return the open order of exactly this account, movement and oficio of this agency."""
    order = proposal.asked.get(asked(one.key, movement, number))
    return order if order and order.is_open and order.dependencia == one.agency else None


def _in_words(use: Use) -> str:
    return f"{_SAID[use.movement]} de «{use.key}» (commit {use.commit[:10]})"


def _of(one: Difference, code: str, message: str, remedy: str, *, blocks: bool = True) -> Problem:
    return Problem(one.after.source.file, one.after.source.line, code, message, remedy, blocks=blocks)
