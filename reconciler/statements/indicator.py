"""The indicator's report: one number, what it is made of, what was carried over, and the definition of all of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from reconciler.indicator import Indicator, Tally, together
from reconciler.lateness import LateAlta, Terms
from reconciler.model import Movimiento
from reconciler.period import in_words
from reconciler.statements.statement import (
    NO_ORDERS,
    Bar,
    Cell,
    Chart,
    Column,
    Evidence,
    Fact,
    Statement,
    Table,
)

_ALTA, _BAJA = Movimiento.ALTA, Movimiento.BAJA
_WORDS = {_ALTA: "Altas", _BAJA: "Bajas"}


def of_indicator(
    found: Indicator, late: Sequence[LateAlta], evidence: Evidence, terms: Terms, agency: str | None = None
) -> Statement:
    """Return the report of a quarter; `late` are the altas whose term ended in it, `agency` the only one counted."""
    total, quarter = found.total, found.quarter
    running = "; el trimestre sigue en curso y la cifra es provisional" if found.running else ""
    director = evidence.organization.director
    return Statement(
        name="indicador",
        title="Indicador de órdenes resueltas",
        subtitle=f"PSDT-08, Alta y Baja de Cuenta de Correo Electrónico Oficial · {quarter}, {quarter.words}",
        facts=(
            Fact("trimestre", "Trimestre", str(quarter), f"{quarter}, {quarter.words}"),
            Fact("dependencia", "Dependencia" if agency else "", agency),
            Fact("corte", "Corte", found.cut, f"{found.cut}{running}"),
            Fact("en_curso", "", found.running),
            Fact("responsable", "Responsable", ", ".join(filter(None, (director.nombre, director.cargo)))),
            *evidence.facts,
        ),
        figure=(
            Fact("indicador", "Indicador", total.percentage, "" if total.received else NO_ORDERS),
            f"{total.resolved:,} de {total.received:,} órdenes recibidas en el trimestre"
            if total.received
            else "no se recibió ninguna orden en el trimestre",
        ),
        chart=Chart(title="Por trimestre, en %, y resueltas/recibidas", bars=tuple(_bars(found))),
        tables=(_by_movement(found), _carried(found), _late(late), _by_agency(found)),
        data=_data(found, late, agency),
        notes=tuple(_notes(found, evidence, terms)),
        signer=(director.nombre or "", director.cargo),
    )


def _bars(found: Indicator) -> Iterator[Bar]:
    for quarter, one in found.trend:
        running = found.running and quarter == found.quarter
        yield Bar(str(quarter), one.percentage, one.resolved, one.received, running)


def _by_movement(found: Indicator) -> Table:
    def row(label: str, one: Tally) -> tuple[Cell, ...]:
        later = one.resolved_later
        return label, one.received, one.resolved, one.withdrawn, one.pending, later, one.percentage

    return Table(
        name="movimientos",
        title="Órdenes recibidas en el trimestre",
        columns=(
            Column("movimiento", "Movimiento", 1.3),
            Column("recibidas", "Recibidas", number=True),
            Column("resueltas", "Resueltas", number=True),
            Column("desistidas", "Desistidas", number=True),
            Column("pendientes", "Pendientes\nal corte", number=True),
            Column("resueltas_despues", "Resueltas\ndespués", number=True),
            Column("indicador", "Indicador", 1.2, number=True, nothing=NO_ORDERS),
        ),
        rows=tuple(row(_WORDS[movement], one) for movement, one in found.by_movement.items()),
        total=row("Total", found.total),
    )


def _by_agency(found: Indicator) -> Table:
    def row(label: str, of: dict[Movimiento, Tally]) -> tuple[Cell, ...]:
        one, altas, bajas = together(of), of[_ALTA], of[_BAJA]
        apart = (altas.received, altas.resolved, bajas.received, bajas.resolved)
        return (label, *apart, one.received, one.resolved, one.percentage, one.left)

    return Table(
        name="dependencias",
        title="Por dependencia",
        columns=(
            Column("dependencia", "Dependencia", 1.7),
            Column("altas_recibidas", "Altas\nrecibidas", number=True),
            Column("altas_resueltas", "Altas\nresueltas", number=True),
            Column("bajas_recibidas", "Bajas\nrecibidas", number=True),
            Column("bajas_resueltas", "Bajas\nresueltas", number=True),
            Column("recibidas", "Total\nrecibidas", number=True),
            Column("resueltas", "Total\nresueltas", number=True),
            Column("indicador", "Indicador", 1.2, number=True, nothing=NO_ORDERS),
            Column("abiertas", "Abiertas\nal corte", number=True),
        ),
        rows=tuple(row(siglas, dict(of)) for siglas, of in found.by_agency.items()),
        total=row("Total", dict(found.by_movement)) if found.by_agency else None,
        nothing="Ninguna dependencia tuvo órdenes en el trimestre.",
    )


def _carried(found: Indicator) -> Table:
    def row(label: str, one: Tally) -> tuple[Cell, ...]:
        ended = one.carried_resolved, one.carried_withdrawn
        return label, one.carried, *ended, one.carried_pending, one.pending, one.left

    return Table(
        name="rezago",
        title="Rezago: lo que venía de trimestres anteriores, y lo que queda",
        columns=(
            Column("movimiento", "Movimiento", 1.3),
            Column("al_inicio", "Al empezar", number=True),
            Column("resueltas", "Resueltas en\nel trimestre", 1.2, number=True),
            Column("desistidas", "Desistidas", number=True),
            Column("de_antes", "Quedan\nde antes", number=True),
            Column("del_trimestre", "Quedan del\ntrimestre", number=True),
            Column("abiertas", "Abiertas\nal corte", number=True),
        ),
        rows=tuple(row(_WORDS[movement], one) for movement, one in found.by_movement.items()),
        total=row("Total", found.total),
    )


def _late(late: Sequence[LateAlta]) -> Table:
    treated = sum(1 for one in late if one.order.late and one.order.late.treated)
    waiting = sum(1 for one in late if one.ended is None)
    return Table(
        name="no_conformes",
        title="Servicio no conforme: retraso en la creación de la cuenta",
        columns=(
            Column("concepto", "Altas cuyo plazo venció en el trimestre", 4),
            Column("altas", "Altas", number=True),
        ),
        rows=(
            ("Con retraso: sin cuenta ese día", len(late)),
            ("con causa y tratamiento asentados", treated),
            ("sin causa ni tratamiento todavía", len(late) - treated),
            ("con la cuenta todavía sin crear", waiting),
        ),
    )


def _data(found: Indicator, late: Sequence[LateAlta], agency: str | None) -> Table:
    """Return one row for each agency and movement: whoever adds them up gets the report's own totals.

    Where there is nothing to count, rows of noughts say so, and of what.
    """
    columns = (
        *(Column(name, name) for name in ("dependencia", "movimiento")),
        *(Column(name, name, number=True) for name in _COUNTED),
    )
    overdue = [one.order.dependencia for one in late]
    rows = tuple(
        (siglas, movement.value, *_counts(one), one.percentage, overdue.count(siglas) if movement is _ALTA else 0)
        for siglas, of in (found.by_agency or {agency or "": found.by_movement}).items()
        for movement, one in of.items()
    )
    return Table(name="datos", title="", columns=columns, rows=rows)


_COUNTED = (
    "recibidas", "resueltas", "desistidas", "pendientes_al_corte", "resueltas_despues", "desistidas_despues",
    "rezago_al_inicio", "rezago_resueltas", "rezago_desistidas", "abiertas_al_corte", "indicador", "no_conformes",
)  # fmt: skip


def _counts(one: Tally) -> tuple[int | Decimal | None, ...]:
    later = one.resolved_later, one.withdrawn_later
    carried = one.carried, one.carried_resolved, one.carried_withdrawn
    return one.received, one.resolved, one.withdrawn, one.pending, *later, *carried, one.left


def _notes(found: Indicator, evidence: Evidence, terms: Terms) -> Iterator[str]:
    quarter, zone = found.quarter, evidence.organization.zona_horaria
    end = (
        ": el trimestre sigue en curso y la cifra es provisional." if found.running else ", último día del trimestre."
    )
    yield (
        "Indicador (PSDT-08): (número de órdenes resueltas / total de órdenes recibidas) × 100, en por ciento y por "
        "trimestre, con un decimal. Sin órdenes recibidas no hay indicador."
    )
    yield (
        f"Recibidas: las órdenes de alta y de baja cuya solicitud se recibió del {in_words(quarter.first)} al "
        f"{in_words(quarter.last)}, hora de {zone}. Cuentan también las que esperan su oficio o su aprobación."
    )
    yield (
        "Resueltas: de esas mismas órdenes, las que a más tardar en el corte se aplicaron, se comprobaron al "
        f"releerlas y se notificaron. El corte es el {in_words(found.cut)}{end}"
    )
    yield (
        "Las desistidas cuentan como recibidas y no como resueltas. Las resueltas después del corte se muestran "
        "aparte y no suman al indicador."
    )
    yield (
        "Rezago: las órdenes recibidas antes del trimestre que al empezar éste no estaban resueltas ni desistidas. "
        "No entran en el indicador."
    )
    yield term_words(terms)
    yield reproduction(evidence)


def term_words(terms: Terms) -> str:
    """Say when an alta is late."""
    days = f"a los {terms.days} días hábiles" if terms.days > 1 else "al día hábil"
    return (
        "Servicio no conforme (PSDT-08): retraso en la creación de la cuenta. Un alta se retrasa cuando su cuenta no "
        f"está creada {days} de recibida con su oficio, sin contar el día en que se recibió. PSDT-08 no da plazo: "
        "éste es de la institución (plazos, en cuentas.yaml)."
    )


def reproduction(evidence: Evidence) -> str:
    """Say what was computed from what, so that it can be computed again."""
    waiting = f" y con {evidence.waiting} hechos más que esta máquina no había publicado" if evidence.waiting else ""
    return (
        f"Se calculó con los {evidence.events:,} hechos de la bitácora que terminan en la huella {evidence.head}"
        f"{waiting}, para el destino «{evidence.target}»."
    )
