"""The monthly report: altas, reincorporations and bajas of each agency, and the accounts with their oficios."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from reconciler.movements import Made, Movement
from reconciler.period import Month, in_words
from reconciler.statements.indicator import reproduction
from reconciler.statements.statement import Column, Evidence, Fact, Statement, Table

_PLURALS = {Made.ALTA: "altas", Made.REINCORPORACION: "reincorporaciones", Made.BAJA: "bajas"}


def of_movements(found: Sequence[Movement], month: Month, evidence: Evidence, agency: str | None = None) -> Statement:
    """Return the report of a month's movements; `agency` is the only one reported."""
    organization = evidence.organization
    running = evidence.today <= month.last
    words = f"{month}, {month.words}{'; el mes sigue en curso' if running else ''}"
    director = organization.director
    return Statement(
        name="movimientos",
        title=f"Altas y bajas de {month.words}",
        subtitle="PSDT-08, Alta y Baja de Cuenta de Correo Electrónico Oficial",
        facts=(
            Fact("mes", "Mes", str(month), words),
            Fact("dependencia", "Dependencia" if agency else "", agency),
            *(Fact(_PLURALS[made], "", sum(one.made is made for one in found)) for made in Made),
            *evidence.facts,
        ),
        tables=(_by_agency(found), _accounts(found)),
        data=_data(found),
        notes=tuple(_notes(month, evidence)),
        signer=(director.nombre or "", director.cargo),
        wide=True,
    )


def _notes(month: Month, evidence: Evidence) -> Iterator[str]:
    zone = evidence.organization.zona_horaria
    yield (
        f"Cuenta lo que se hizo y se comprobó al releerlo del {in_words(month.first)} al {in_words(month.last)}, "
        f"hora de {zone}, sin importar cuándo se recibió."
    )
    yield (
        "Una reincorporación devuelve al servicio una cuenta que estaba de baja: para PSDT-08 es un alta, y aquí se "
        "cuenta aparte."
    )
    yield reproduction(evidence)


def _by_agency(found: Sequence[Movement]) -> Table:
    counts = Counter((one.order.dependencia, one.made) for one in found)
    agencies = sorted({one.order.dependencia for one in found})
    in_all = tuple(sum(one.made is made for one in found) for made in Made)
    rows = tuple((siglas, tuple(counts[siglas, made] for made in Made)) for siglas in agencies)
    return Table(
        name="dependencias",
        title="Por dependencia",
        columns=(
            Column("dependencia", "Dependencia", 2),
            *(Column(_PLURALS[made], _PLURALS[made].capitalize(), number=True) for made in Made),
            Column("total", "Total", number=True),
        ),
        rows=tuple((siglas, *of, sum(of)) for siglas, of in rows),
        total=("Total", *in_all, len(found)) if found else None,
        nothing="No hubo altas ni bajas en el mes.",
    )


def _accounts(found: Sequence[Movement]) -> Table:
    return Table(
        name="cuentas",
        title="Cuentas",
        columns=(
            Column("fecha", "Fecha", 1.1),
            Column("movimiento", "Movimiento", 1.4),
            Column("cuenta", "Cuenta", 2.2),
            Column("dependencia", "Dependencia", 1.3),
            Column("oficio", "Oficio", 2),
            Column("orden", "Orden", 1.7),
        ),
        rows=tuple(
            (one.day, one.made.value, one.order.key, one.order.dependencia, one.order.oficio, one.order.id)
            for one in found
        ),
    )


def _data(found: Sequence[Movement]) -> Table:
    names = ("fecha", "movimiento", "cuenta", "dependencia", "oficio", "recibida", "orden", "numero")
    return Table(
        name="datos",
        title="",
        columns=tuple(Column(name, name) for name in names),
        rows=tuple(
            (
                one.day, one.made.value, one.order.key, one.order.dependencia, one.order.oficio, one.order.received,
                one.order.id, one.order.number,
            )
            for one in found
        ),
    )  # fmt: skip
