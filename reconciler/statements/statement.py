"""A report as a value: its figures, tables and notes, before it takes any form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from reconciler.config import Organizacion

Cell = str | int | Decimal | date | None
"""A value; a Decimal is a percentage, and bool is among them as an int that is said in words."""

NO_ORDERS = "sin órdenes"
"""The percentage of nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a report was computed from, so that anybody can compute it again: a target's events up to a digest.

    `events` end at the digest `head`, which is published; `waiting` are those that this machine has not published.
    `stale` says that the remote could not be asked for what others published since. `commit` is where terms, days off
    and the Director's name were read.
    """

    target: str
    head: str
    events: int
    waiting: int
    today: date
    organization: Organizacion
    commit: str = ""
    stale: bool = False

    @property
    def facts(self) -> tuple[Fact, ...]:
        """What stands on every report."""
        waiting = f", y {self.waiting} que esta máquina no ha publicado" if self.waiting else ""
        waiting += "; no se pudo preguntar al remoto si hay más" if self.stale else ""
        return (
            Fact("destino", "Destino", self.target),
            Fact("eventos", "Bitácora", self.events, f"{self.events:,} hechos publicados{waiting}"),
            Fact("bitacora", "Huella de la bitácora", self.head),
            Fact("sin_publicar", "", self.waiting),
            Fact("sin_preguntar", "", self.stale),
            Fact("configuracion", "Configuración", self.commit, f"commit {self.commit[:10]}" if self.commit else "–"),
            Fact("emitido", "Emitido", self.today),
        )


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that the whole report is about: its name for programs, its label and, where they differ, its words.

    Without a label it is for programs alone.
    """

    name: str
    label: str
    value: Cell
    words: str = ""

    @property
    def text(self) -> str:
        """It as people read it."""
        return self.words or shown(self.value)


@dataclass(frozen=True, slots=True)
class Column:
    """A table's column: its name for programs, its head and its part of the width.

    A head's lines are broken where it says so; `nothing` is what is said where a row has no value.
    """

    name: str
    head: str
    width: float = 1
    number: bool = False
    nothing: str = "–"

    def text(self, cell: Cell) -> str:
        """Return a cell as people read it."""
        return self.nothing if cell is None else shown(cell)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under heads; `total` is a last row, and `nothing` is what is said where there are no rows."""

    name: str
    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell] | None = None
    nothing: str = ""

    def texts(self, row: Sequence[Cell]) -> list[str]:
        """Return a row's cells as people read them."""
        return [column.text(cell) for column, cell in zip(self.columns, row, strict=True)]


@dataclass(frozen=True, slots=True)
class Bar:
    """A quarter in the chart: its percentage (None: without orders), what it is made of, and whether it runs yet."""

    label: str
    percentage: Decimal | None
    resolved: int
    received: int
    running: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Percentages side by side."""

    title: str
    bars: Sequence[Bar]

    @property
    def table(self) -> Table:
        """The same, where nothing can be drawn."""
        heads = (
            Column("trimestre", "Trimestre", 2),
            Column("recibidas", "Recibidas", number=True),
            Column("resueltas", "Resueltas", number=True),
            Column("indicador", "Indicador", number=True, nothing=NO_ORDERS),
        )
        rows = tuple((one.label, one.received, one.resolved, one.percentage) for one in self.bars)
        return Table(name="trimestres", title="Trimestre por trimestre", columns=heads, rows=rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A whole report. `data` is its table for spreadsheets: one row for each thing, nothing added up.

    `figure` is what it comes to, in large letters, with what that is made of; `notes` say in words what was counted.
    `wide` asks for paper on its side.
    """

    name: str
    title: str
    subtitle: str
    facts: Sequence[Fact]
    tables: Sequence[Table]
    data: Table
    notes: Sequence[str]
    figure: tuple[Fact, str] | None = None
    chart: Chart | None = None
    signer: tuple[str, str] | None = None
    wide: bool = False


def shown(value: Cell) -> str:
    """Return a value as people read it."""
    match value:
        case None:
            return "–"
        case bool():
            return "sí" if value else "no"
        case int():
            return f"{value:,}"
        case Decimal():
            return f"{value} %"
        case _:
            return str(value)
