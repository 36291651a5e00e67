"""Credential sheets as people read them: a table of those that wait, and of files that nobody has on record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import tzinfo

from reconciler.model import AccountKey
from reconciler.report.inert import visible
from reconciler.sheet import Seal
from reconciler.waiting import Stage, Waiting

SEAL_WORDS = {
    Seal.MESA: "para la Mesa de Ayuda",
    Seal.ENLACE: "con la llave del enlace",
    Seal.PASSPHRASE: "con frase",
}
_HEADS = ("CUENTA", "FOLIO", "ESTADO", "PARA", "DESDE", "QUEDAN", "QUÉ SIGUE")


def table(found: Sequence[Waiting], to: Mapping[AccountKey, str], zone: tzinfo) -> list[str]:
    """Return the lines of a table of sheets, with local dates; none for no sheets."""
    rows = [_HEADS, *(_cells(one, to[one.key], zone) for one in found)] if found else []
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def _cells(one: Waiting, to: str, zone: tzinfo) -> tuple[str, ...]:
    return (
        visible(one.key),
        visible(one.folio or "—"),
        one.stage.value,
        visible(to),
        one.since.astimezone(zone).strftime("%Y-%m-%d"),
        "—" if one.days_left is None else f"{one.days_left} d",
        _next(one),
    )


def _next(one: Waiting) -> str:
    """Say with which command a sheet goes on."""
    if one.half:
        return "reissue (quedó a medias)"
    match one.stage:
        case Stage.SELLADA:
            return "print o send" if one.seal is Seal.MESA else "send"
        case Stage.IMPRESA | Stage.ENVIADA:
            return "ack"
        case Stage.VENCIDA | Stage.SIN_ENTREGAR:
            return "reissue"
        case Stage.ACUSADA | Stage.RETIRADA:
            return ""


def plain(one: Waiting, to: str) -> dict[str, object]:
    """Return a sheet as programs read it."""
    return {
        "cuenta": one.key,
        "folio": one.folio or None,
        "estado": one.stage.value,
        "para": to,
        "desde": one.since.isoformat(),
        "quedan_dias": one.days_left,
        "sello": one.seal.value if one.seal else None,
        "recibio": one.by.value if one.by else None,
        "a_medias": one.half,
    }


def strangers(files: Sequence[tuple[str, bool]]) -> Iterator[str]:
    """Yield what is said of files that nobody has on record: their names, and whether we give such names."""
    ours = [name for name, known in files if known]
    others = [name for name, known in files if not known]
    if ours:
        yield (
            f"Sin registro en la bitácora: {_some(ours)}. Los dejó una corrida que murió; la siguiente "
            "«cuentas apply» (o «reissue») los anota o los retira. No los entregue."
        )
    if others:
        yield (
            f"Ajenos: {_some(others)}. Son de una versión anterior de cuentas, o de alguien más: no se imprimen, "
            "no se envían ni se retiran. Si ya no hacen falta, bórrelos."
        )


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(visible(name) for name in names[:3])
    return f"{shown} y {len(names) - 3} más" if len(names) > 3 else shown  # noqa: PLR2004 -- as many as a line holds
