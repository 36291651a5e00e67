"""Reports in every form: the same facts, rows that fit their heads, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from reconciler.documents.statement import as_pdf
from reconciler.events import Event
from reconciler.indicator import cases, indicator
from reconciler.letterhead import Letterhead
from reconciler.model import AccountKey
from reconciler.movements import made_in
from reconciler.orders import orders
from reconciler.period import Month
from reconciler.report.statement import as_csv, as_json, as_markdown, as_text
from reconciler.statements.indicator import of_indicator
from reconciler.statements.movements import of_movements
from reconciler.statements.statement import Statement
from tests.orders import ZONE, done, order, received
from tests.report.statements import EVIDENCE, T4, TERMS, TODAY, empty, hostile, late, month, quarter

HEAD = Letterhead(organization="Gobierno del Estado de Sinaloa", unit="Dirección de Servicios Compartidos")
NOON = datetime(2026, 11, 27, 19, tzinfo=UTC)
ALL = pytest.mark.parametrize("made", [quarter, empty, late, month, hostile])


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


@ALL
def test_every_row_fits_its_heads(made: Callable[[], Statement]) -> None:
    statement = made()
    for table in (*statement.tables, statement.data):
        names = [column.name for column in table.columns]
        assert len(set(names)) == len(names)
        for row in (*table.rows, *((table.total,) if table.total else ())):
            assert len(row) == len(names), table.name
    heads, *rows = read(as_csv(statement))
    assert len(set(heads)) == len(heads)
    assert all(len(row) == len(heads) for row in rows)


@ALL
def test_every_form_says_from_which_record_it_was_computed(made: Callable[[], Statement]) -> None:
    statement = made()
    paper = "".join(page.extract_text() for page in PdfReader(io.BytesIO(as_pdf(statement, HEAD, NOON))).pages)
    for text in (as_text(statement), as_markdown(statement), as_json(statement), paper):
        assert EVIDENCE.head in text
        assert "12,840" in text or "12840" in text
    assert json.loads(as_json(statement))["definicion"] == list(statement.notes)


def test_the_same_report_gives_the_same_file() -> None:
    assert as_pdf(quarter(), HEAD, NOON) == as_pdf(quarter(), HEAD, NOON)


def test_what_waits_to_be_published_is_said() -> None:
    assert "12,840 hechos publicados, y 3 que esta máquina no ha publicado" in as_text(quarter())
    assert "no ha publicado" not in as_text(empty())


@given(st.text(max_size=30))
def test_no_cell_begins_as_a_formula_does(text: str) -> None:
    one = order(key=AccountKey(text), dependencia=text, oficio=text, done=date(2026, 11, 4))
    november = Month(2026, 11)
    statement = of_movements(made_in([one], november, ZONE, frozenset()), november, EVIDENCE)
    _, row = read(as_csv(statement))
    assert not [cell for cell in row if cell.lstrip()[:1] in set("=+-@＝＋－＠\t\r\n") and cell.strip()]
    assert "\x00" not in "".join(row)


def test_twenty_thousand_orders_are_folded_and_reported_in_seconds() -> None:
    events: list[Event] = []
    for n in range(20_000):
        day, name = date(2025, 1, 2) + timedelta(days=n % 690), f"OT-2026-{n:08d}"
        events.append(received(name, day, f"persona{n}", oficio=f"X/{n}/2026", dependencia=f"D{n % 60}"))
        if n % 20:
            events.append(done(name, min(TODAY, day + timedelta(days=n % 9)), f"persona{n}"))
    began = time.process_time()
    found = orders(events, "embedded").values()
    counted = indicator(cases(found, ZONE), T4, TODAY)
    overdue = [one for one in TERMS.all_late(found, TODAY) if one.due in T4]
    text = as_text(of_indicator(counted, overdue, EVIDENCE, TERMS))
    assert time.process_time() - began < 10  # about 1 s; a loop over all of them for each would take minutes
    assert f"de {counted.total.received:,} órdenes" in text
