"""The report of late altas (servicio no conforme): each with its term, cause, treatment and what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, tzinfo

from reconciler.lateness import LateAlta, Terms
from reconciler.period import Quarter
from reconciler.statements.indicator import reproduction, term_words
from reconciler.statements.statement import Cell, Column, Evidence, Fact, Statement, Table


def of_late(  # noqa: PLR0913 -- what is late, what narrowed it, and what words need
    late: Sequence[LateAlta],
    evidence: Evidence,
    terms: Terms,
    causes: Mapping[str, str],
    *,
    quarter: Quarter | None = None,
    agency: str | None = None,
    only_open: bool = False,
) -> Statement:
    """Return the report of some late altas; `quarter`, `agency` and `only_open` say how they were chosen."""
    scope = f"plazo vencido en {quarter}, {quarter.words}" if quarter else "todos los plazos vencidos"
    director = evidence.organization.director
    return Statement(
        name="no-conformes",
        title="Servicio no conforme: altas con retraso",
        subtitle=f"PSDT-08, retraso en la creación de la cuenta · {scope}",
        facts=(
            Fact("trimestre", "", str(quarter) if quarter else None),
            Fact("dependencia", "Dependencia" if agency else "", agency),
            Fact("abiertos", "", only_open),
            Fact("altas", "Altas", len(late), _counted(late, only_open=only_open)),
            Fact("responsable", "Responsable", ", ".join(filter(None, (director.nombre, director.cargo)))),
            *evidence.facts,
        ),
        tables=(_terms(late, terms.zone), _treatments(late, causes)),
        data=_data(late, terms.zone),
        notes=(term_words(terms), *_notes(late), reproduction(evidence)),
        signer=(director.nombre or "", director.cargo),
        wide=True,
    )


def _counted(late: Sequence[LateAlta], *, only_open: bool) -> str:
    waiting = sum(1 for one in late if one.missing)
    if only_open or not late:
        return f"{len(late):,} por atender" if late else "ninguna"
    return f"{len(late):,}, de ellas {waiting:,} por atender"


def _notes(late: Sequence[LateAlta]) -> tuple[str, ...]:
    if not late:
        return ()
    days = (
        "Los días de retraso son hábiles y se cuentan desde el siguiente al de vencimiento hasta que la cuenta quedó "
        "creada, la orden se desistió o, si no ha pasado, hasta hoy."
    )
    return days, "La causa y el tratamiento se asientan con «cuentas order treat»; sin ellos la orden no se cierra."


def _terms(late: Sequence[LateAlta], zone: tzinfo) -> Table:
    return Table(
        name="plazos",
        title="Plazos vencidos",
        columns=(
            Column("orden", "Orden", 1.7),
            Column("cuenta", "Cuenta", 2),
            Column("dependencia", "Dependencia", 1.3),
            Column("recibida", "Recibida", 1.2),
            Column("vencio", "Venció", 1.2),
            Column("dias", "Días de\nretraso", 0.9, number=True),
            Column("creada", "Cuenta creada", 1.4),
        ),
        rows=tuple((*_heads(one), _created(one, zone)) for one in late),
        nothing="Ninguna alta con retraso.",
    )


def _heads(one: LateAlta) -> tuple[Cell, ...]:
    order = one.order
    return order.id, order.key, order.dependencia, order.received, one.due, one.days


def _created(one: LateAlta, zone: tzinfo) -> str:
    if one.order.done:
        return str(_local(one.order.done, zone))
    return f"desistida {one.ended}" if one.ended else "todavía no"


def _treatments(late: Sequence[LateAlta], causes: Mapping[str, str]) -> Table:
    return Table(
        name="tratamientos",
        title="Causas y tratamientos",
        columns=(
            Column("orden", "Orden", 1.7),
            Column("causa", "Causa", 2.3),
            Column("tratamiento", "Tratamiento", 3.2),
            Column("falta", "Cerrada, o qué le falta", 2.2),
        ),
        rows=tuple((one.order.id, _cause(one, causes), _treatment(one), _state(one)) for one in late),
    )


def _cause(one: LateAlta, causes: Mapping[str, str]) -> str:
    cause = one.order.late.cause if one.order.late else None
    return causes.get(cause, cause) if cause else "–"


def _treatment(one: LateAlta) -> str:
    return (one.order.late.treatment if one.order.late else None) or "–"


def _state(one: LateAlta) -> str:
    if one.missing:
        return f"falta {'; '.join(one.missing)}"
    return "cerrada" if one.order.closed else "desistida"


def _data(late: Sequence[LateAlta], zone: tzinfo) -> Table:
    names = (
        "orden", "cuenta", "dependencia", "oficio", "recibida", "vencio", "dias_de_retraso", "creada", "desistida",
        "causa", "tratamiento", "tratada", "cerrada", "falta",
    )  # fmt: skip
    return Table(
        name="datos",
        title="",
        columns=tuple(Column(name, name) for name in names),
        rows=tuple(_row(one, zone) for one in late),
    )


def _row(one: LateAlta, zone: tzinfo) -> tuple[Cell, ...]:
    order, late = one.order, one.order.late
    said: tuple[Cell, ...] = (late.cause, late.treatment, _local(late.treated, zone)) if late else (None, None, None)
    return (
        order.id, order.key, order.dependencia, order.oficio, order.received, one.due, one.days,
        _local(order.done, zone), _local(order.withdrawn, zone), *said, _local(order.closed, zone),
        "; ".join(one.missing),
    )  # fmt: skip


def _local(at: datetime | None, zone: tzinfo) -> date | None:
    return at.astimezone(zone).date() if at else None
