"""report: the quarter's indicator, the altas that are late and the month's movements (PSDT-08), in five forms."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from reconciler.cli import options
from reconciler.cli.counting import counted
from reconciler.cli.saving import save
from reconciler.cli.screen import say, say_folded
from reconciler.cli.spanish import SpanishGroup
from reconciler.cli.workspace import Workspace, now, opened
from reconciler.errors import UsageError
from reconciler.indicator import cases, indicator
from reconciler.movements import made_in, reincorporated
from reconciler.period import Month, Quarter
from reconciler.report.statement import as_csv, as_json, as_markdown, as_text
from reconciler.statements.indicator import of_indicator
from reconciler.statements.late import of_late
from reconciler.statements.movements import of_movements
from reconciler.statements.statement import Statement

app = typer.Typer(
    cls=SpanishGroup,
    help="Indicador, no conformes y movimientos.",
    epilog="Salen de la bitácora, tal como el remoto la tiene; si no contesta, el informe lo dice. Qué cuenta cada "
    "uno está en el informe mismo y en docs/operacion.md, «Plazos e informes».",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class Form(StrEnum):
    """How a report is written."""

    TEXT = "text"
    MARKDOWN = "markdown"
    CSV = "csv"
    JSON = "json"
    PDF = "pdf"


_SUFFIXES = {".txt": Form.TEXT, ".pdf": Form.PDF, ".csv": Form.CSV, ".json": Form.JSON, ".md": Form.MARKDOWN}
_WRITTEN: Mapping[Form, Callable[[Statement], str]] = {
    Form.TEXT: as_text,
    Form.MARKDOWN: as_markdown,
    Form.CSV: as_csv,
    Form.JSON: as_json,
}
_HANG = 2

Agency = Annotated[
    str | None, typer.Option("--dependencia", metavar="SIGLAS", help="Solo las órdenes de esta dependencia.")
]
Until = Annotated[
    str | None,
    typer.Option(
        "--hasta", metavar="HUELLA", help="Como estaba la bitácora en esa huella: vuelve a sacar un informe."
    ),
]
FormOption = Annotated[
    Form | None,
    typer.Option("--format", help="Cómo se escribe.", show_default="el de la terminación de -o, o text"),
]
Output = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="ARCHIVO", help="Guardarlo; sustituye al que haya.")
]


def register(above: typer.Typer) -> None:
    """Add the group of this module."""
    above.add_typer(app, name="report")


@app.command("indicador")
def of_quarter(  # noqa: PLR0913, PLR0917 -- what narrows it, and what every report has
    quarter: Annotated[
        str | None,
        typer.Option("--trimestre", metavar="AAAA-TN", help="Qué trimestre, o «anterior».", show_default="el de hoy"),
    ] = None,
    agency: Agency = None,
    until: Until = None,
    form: FormOption = None,
    output: Output = None,
    repo: options.Repo = Path(),
    target: options.TargetName = None,
) -> None:
    """Calcula el indicador: órdenes resueltas / recibidas × 100. Dice qué se contó y lo que quedó abierto.

    Ejemplos: cuentas report indicador; cuentas report indicador --trimestre 2026-T3 -o indicador.pdf
    """
    chosen = _form(form, output)
    with opened(repo) as workspace:
        asked = _begun(_quarter(quarter, Quarter.of(workspace.today)), workspace)
        told = counted(workspace, target, agency, until)
        late = [one for one in told.terms.all_late(told.orders, workspace.today) if one.due in asked]
        found = indicator(cases(told.orders, workspace.zone), asked, workspace.today)
        _deliver(workspace, of_indicator(found, late, told.evidence, told.terms, told.agency), chosen, output)


@app.command("no-conformes")
def of_lateness(  # noqa: PLR0913, PLR0917 -- what narrows it, and what every report has
    quarter: Annotated[
        str | None,
        typer.Option("--trimestre", metavar="AAAA-TN", help="Solo las que vencieron en ese trimestre."),
    ] = None,
    only_open: Annotated[bool, typer.Option("--abiertos", help="Solo las que tienen algo por atender.")] = False,
    agency: Agency = None,
    until: Until = None,
    form: FormOption = None,
    output: Output = None,
    repo: options.Repo = Path(),
    target: options.TargetName = None,
) -> None:
    """Lista las altas con retraso: cuándo vencieron, por cuántos días, causa, tratamiento y qué les falta.

    Ejemplos: cuentas report no-conformes --abiertos; cuentas report no-conformes --trimestre 2026-T4 -o retrasos.csv
    """
    chosen = _form(form, output)
    with opened(repo) as workspace:
        asked = _read(Quarter.read, quarter, "--trimestre", "2026-T4")
        told = counted(workspace, target, agency, until)
        late = [
            one
            for one in told.terms.all_late(told.orders, workspace.today)
            if (asked is None or one.due in asked) and (one.missing or not only_open)
        ]
        statement = of_late(
            late,
            told.evidence,
            told.terms,
            workspace.config.no_conformidad.causas,
            quarter=asked,
            agency=told.agency,
            only_open=only_open,
        )
        _deliver(workspace, statement, chosen, output)


@app.command("movimientos")
def of_month(  # noqa: PLR0913, PLR0917 -- what narrows it, and what every report has
    month: Annotated[
        str | None, typer.Option("--mes", metavar="AAAA-MM", help="Qué mes.", show_default="el de hoy")
    ] = None,
    agency: Agency = None,
    until: Until = None,
    form: FormOption = None,
    output: Output = None,
    repo: options.Repo = Path(),
    target: options.TargetName = None,
) -> None:
    """Cuenta las altas, reincorporaciones y bajas que se hicieron en el mes, y lista las cuentas con su oficio.

    Ejemplos: cuentas report movimientos --mes 2026-11; cuentas report movimientos --dependencia SAF -o saf.csv
    """
    chosen = _form(form, output)
    with opened(repo) as workspace:
        said = _read(Month.read, month, "--mes", "2026-11")
        asked = _begun(said or Month.of(workspace.today), workspace)
        told = counted(workspace, target, agency, until)
        returned = reincorporated(told.events, told.evidence.target)
        found = made_in(told.orders, asked, workspace.zone, returned)
        _deliver(workspace, of_movements(found, asked, told.evidence, told.agency), chosen, output)


# --- what they are made from --------------------------------------------------------------------------------------


Period = TypeVar("Period", Quarter, Month)


def _read(read: Callable[[str], Period | None], text: str | None, option: str, example: str) -> Period | None:
    found = read(text) if text is not None else None
    if text is not None and found is None:
        raise UsageError(f"«{text}» no sirve en «{option}».", remedy=f"Escríbalo como {example}.")
    return found


def _quarter(text: str | None, present: Quarter) -> Quarter:
    """Return the quarter that was asked for; `anterior` is the one that ended last."""
    if text is not None and text.strip().casefold() == "anterior":
        return present.previous
    return _read(Quarter.read, text, "--trimestre", "2026-T4, o «anterior»") or present


def _begun(period: Period, workspace: Workspace) -> Period:
    """Return a period that has begun.

    Raises:
        UsageError: there is nothing to count in it yet.

    """
    if period.first > workspace.today:
        raise UsageError(
            f"{period} todavía no empieza: hoy es {workspace.today} ({workspace.zone.key}).",
            remedy="Pida uno que ya haya empezado.",
        )
    return period


# --- where they go --------------------------------------------------------------------------------------------------


def _form(asked: Form | None, output: Path | None) -> Form:
    """Return the form asked for, or the one that the file's name tells.

    Raises:
        UsageError: the name tells none, or a PDF would go to a terminal.

    """
    if asked is None and output and output.suffix.lower() not in _SUFFIXES:
        raise UsageError(
            f"El nombre «{output.name}» no dice en qué forma se guarda.",
            remedy=f"Termínelo en {', '.join(_SUFFIXES)}, o dígalo con «--format».",
        )
    form = asked or (_SUFFIXES[output.suffix.lower()] if output else Form.TEXT)
    if form is Form.PDF and output is None and sys.stdout.isatty():
        raise UsageError("Un PDF no se ve en la terminal.", remedy="Diga dónde guardarlo, con «-o informe.pdf».")
    return form


def _deliver(workspace: Workspace, statement: Statement, form: Form, output: Path | None) -> None:
    if output is None and form is Form.TEXT:
        for line in as_text(statement).splitlines():
            say_folded(line, _HANG)
        return
    data = _pdf(workspace, statement) if form is Form.PDF else _WRITTEN[form](statement).encode()
    if output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.flush()
        return
    save(data, output)
    say(f"Guardado en {output}")


def _pdf(workspace: Workspace, statement: Statement) -> bytes:
    from reconciler.documents.statement import as_pdf  # noqa: PLC0415 -- only this needs fpdf2

    return as_pdf(statement, workspace.letterhead, now())
