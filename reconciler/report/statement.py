"""A report in each form that is text: aligned lines, Markdown, CSV for spreadsheets and JSON for programs."""

from __future__ import annotations

import csv
import io
import json
import re
import textwrap
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from itertools import zip_longest

from reconciler.report.inert import in_markdown, visible
from reconciler.statements.statement import Cell, Column, Statement, Table, shown

_WIDTH = 100
_CELL = 36
"""Characters of a cell's line."""
_FORMULA = re.compile(r"^\s*[=+\-@＝＋－＠]")
"""What a spreadsheet takes for a formula, or a command (OWASP, "CSV Injection"), full-width forms included."""


# --- lines ------------------------------------------------------------------------------------------------------


def as_text(statement: Statement) -> str:
    """Return a report as aligned lines; in its values nothing that a terminal would obey."""
    lines = [statement.title, statement.subtitle, ""]
    told = [one for one in statement.facts if one.label]
    if statement.figure:
        fact, detail = statement.figure
        lines += [f"{fact.label}: {fact.text}  ({detail})", ""]
    label = max(len(one.label) for one in told)
    lines += [f"  {one.label:<{label}}  {one.text}" for one in told]
    for table in _tables(statement):
        lines += ["", *_aligned(table)]
    lines.append("")
    for note in statement.notes:
        lines += textwrap.wrap(note, _WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    return "\n".join(visible(line).rstrip() for line in lines) + "\n"


def _tables(statement: Statement) -> Iterator[Table]:
    """Yield what is to be shown as tables; one without rows and without words for that is nothing."""
    tables = (*statement.tables, statement.chart.table) if statement.chart else statement.tables
    return (one for one in tables if one.rows or one.nothing)


def _aligned(table: Table) -> Iterator[str]:
    yield table.title
    if not table.rows:
        yield f"  {table.nothing}"
        return
    heads = [column.head.split("\n") for column in table.columns]
    depth = max(map(len, heads))
    top = [[""] * (depth - len(head)) + head for head in heads]
    rows = [[_folded(visible(text)) for text in table.texts(row)] for row in table.rows]
    total = [[[text] for text in table.texts(table.total)]] if table.total else []
    widths = [max(len(text) for cell in column for text in cell) for column in zip(top, *rows, *total, strict=True)]
    rule = [["─" * width] for width in widths]
    for row in (top, rule, *rows, *([rule] if total else []), *total):
        for line in zip_longest(*row, fillvalue=""):
            yield "  " + "  ".join(_padded(*one) for one in zip(line, widths, table.columns, strict=True))


def _folded(text: str) -> list[str]:
    """Break a long cell between words; what has none, like an account's key, stays whole."""
    return textwrap.wrap(text, _CELL, break_long_words=False, break_on_hyphens=False) or [""]


def _padded(text: str, width: int, column: Column) -> str:
    return f"{text:>{width}}" if column.number else f"{text:<{width}}"


# --- Markdown -----------------------------------------------------------------------------------------------------


def as_markdown(statement: Statement) -> str:
    """Return a report in Markdown; values in it are text and nothing else."""
    lines = [f"# {in_markdown(statement.title)}", "", in_markdown(statement.subtitle), ""]
    if statement.figure:
        fact, detail = statement.figure
        lines += [f"**{in_markdown(fact.label)}: {in_markdown(fact.text)}** ({in_markdown(detail)})", ""]
    lines += [f"- {in_markdown(one.label)}: {in_markdown(one.text)}" for one in statement.facts if one.label]
    for table in _tables(statement):
        lines += ["", f"## {in_markdown(table.title)}", "", *_ruled(table)]
    lines += ["", "## Cómo se contó", ""]
    lines += [f"- {in_markdown(note)}" for note in statement.notes]
    return "\n".join(lines) + "\n"


def _ruled(table: Table) -> Iterator[str]:
    if not table.rows:
        yield in_markdown(table.nothing)
        return
    yield _row([column.head.replace("\n", " ") for column in table.columns])
    yield "|" + "|".join("---:" if column.number else "---" for column in table.columns) + "|"
    for row in table.rows:
        yield _row(table.texts(row))
    if table.total:
        yield "| " + " | ".join(f"**{in_markdown(text)}**" for text in table.texts(table.total)) + " |"


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(map(in_markdown, cells)) + " |"


# --- CSV and JSON ---------------------------------------------------------------------------------------------------


def as_csv(statement: Statement) -> str:
    """Return a report's data as CSV (RFC 4180), for a spreadsheet that is told its letters by a byte-order mark.

    Every row says what it was computed from and what was counted, because rows are copied. A text that a spreadsheet
    would run begins with an apostrophe.
    """
    out = io.StringIO()
    out.write("\N{ZERO WIDTH NO-BREAK SPACE}")
    writer = csv.writer(out, lineterminator="\r\n")
    table, facts = statement.data, _of_rows(statement)
    names = [column.name for column in table.columns]
    writer.writerow([*names, *facts, "definicion"])
    told = [*facts.values(), " ".join(statement.notes)]
    for row in table.rows:
        writer.writerow([_inert(cell) for cell in (*row, *told)])
    return out.getvalue()


def _of_rows(statement: Statement) -> dict[str, Cell]:
    """Return the facts that are no column of the data."""
    names = {column.name for column in statement.data.columns}
    return {one.name: one.value for one in statement.facts if one.name not in names}


def _inert(cell: Cell) -> str | int:
    match cell:
        case None:
            return ""
        case bool():
            return shown(cell)
        case int():
            return cell
        case str():
            text = visible(cell)
            return f"'{text}" if _FORMULA.match(text) else text
        case _:
            return str(cell)


def as_json(statement: Statement) -> str:
    """Return a report for programs: facts, tables by name with a row's cells by column, data and notes."""
    figure = statement.figure
    value = {
        "informe": statement.name,
        "titulo": statement.title,
        **{one.name: _plain(one.value) for one in statement.facts},
        **({figure[0].name: _plain(figure[0].value)} if figure else {}),
        "tablas": {table.name: _records(table) for table in _all_tables(statement)},
        "definicion": list(statement.notes),
    }
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def _all_tables(statement: Statement) -> tuple[Table, ...]:
    chart = (statement.chart.table,) if statement.chart else ()
    return (*statement.tables, *chart, statement.data)


def _records(table: Table) -> dict[str, object]:
    names = [column.name for column in table.columns]
    rows = [dict(zip(names, map(_plain, row), strict=True)) for row in table.rows]
    total = dict(zip(names, map(_plain, table.total), strict=True)) if table.total else None
    return {"filas": rows, **({"total": total} if total else {})}


def _plain(cell: Cell) -> str | int | float | None:
    match cell:
        case Decimal():
            return float(cell)
        case date():
            return cell.isoformat()
        case _:
            return cell
