"""A report on paper: its number in large letters, its chart, its tables, what was counted, and a line to sign on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fpdf.enums import Align

from reconciler.documents.look import FAINT, INK, RULE, TINT, Page, Type
from reconciler.letterhead import Letterhead
from reconciler.statements.statement import Bar, Chart, Fact, Statement, Table

_HEIGHT = 52.0
"""Millimetres of the band that holds the number and the chart."""
_NUMBER = 0.3
"""Part of the width that the number takes beside a chart."""
_FULL = 100
_SIGNED = 50.0
"""Millimetres of the last note and the line to sign on."""


def as_pdf(statement: Statement, letterhead: Letterhead, made: datetime) -> bytes:
    """Return a report as a PDF in the institution's look, made at a moment; it is read in black and white too."""
    page = _Report(letterhead, statement.title, code="PSDT-08", landscape=statement.wide, made=made)
    page.title_block(statement.title, statement.subtitle)
    if statement.figure:
        page.figure(*statement.figure, statement.chart)
    page.fields((one.label, one.text) for one in statement.facts if one.label)
    for table in statement.tables:
        page.part(table)
    page.section("Cómo se contó")
    for place, note in enumerate(statement.notes, start=1):
        if place == len(statement.notes):
            page.keep_together(_SIGNED)  # nobody signs a page on which nothing stands
        page.paragraph(note, small=True)
    if statement.signer:
        name, office = statement.signer
        page.signatures([(name or office, office if name else "")])
    return page.as_bytes()


class _Report(Page):
    """A page that can draw a number and a chart."""

    def part(self, table: Table) -> None:
        """Draw a table below its title; one without rows says so, or is left out."""
        if not (table.rows or table.nothing):
            return
        self.section(table.title)
        if not table.rows:
            self.paragraph(table.nothing)
            return
        columns = table.columns
        self.grid(
            [one.head for one in columns],
            [table.texts(row) for row in table.rows],
            [one.width for one in columns],
            numbers=[place for place, one in enumerate(columns) if one.number],
            total=table.texts(table.total) if table.total else None,
        )

    def figure(self, fact: Fact, detail: str, chart: Chart | None) -> None:
        """Draw the number in a frame, and the chart, if any, beside it."""
        self.keep_together(_HEIGHT + 4)
        top = self.get_y()
        width = self.epw * _NUMBER if chart else self.epw
        self.set_fill_color(*TINT)
        self.set_draw_color(*self.letterhead.accent)
        self.set_line_width(0.4)
        self.rect(self.l_margin, top, width, _HEIGHT, style="DF")
        self._centred(fact.label, Type(11, 6, colour=FAINT), top + 9, 0, width)
        size = 34 if len(fact.text) < len("100.0 % ") else 20
        self._centred(fact.text, Type(size, 14, bold=True, colour=self.letterhead.accent), top + 17, 0, width)
        self._centred(detail, Type(9, 4.6), top + 35, 3, width - 6)
        if chart:
            self._chart(chart, self.l_margin + width + 4, top, self.epw - width - 4)
        self.set_y(top + _HEIGHT + 5)

    def _centred(self, text: str, style: Type, top: float, left: float, width: float) -> None:
        self.set_y(top)
        self.write_block(text, style, left=left, width=width, align=Align.C)

    def _chart(self, chart: Chart, left: float, top: float, width: float) -> None:
        """Draw percentages as columns over a scale from 0 to 100; the numbers stand on and below them."""
        inside = left - self.l_margin
        self._centred(chart.title, Type(9, 5, bold=True), top, inside, width)
        base, height, scale = top + _HEIGHT - 11, _HEIGHT - 22, 9.0
        for percent in (0, _FULL // 2, _FULL):
            y = base - height * percent / _FULL
            self.set_draw_color(*(INK if percent == 0 else RULE))
            self.set_line_width(0.3 if percent == 0 else 0.15)
            self.line(left + scale, y, left + width, y)
            self.set_y(y - 2)
            self.write_block(f"{percent}", Type(7, 4, colour=FAINT), left=inside, width=scale - 1, align=Align.R)
        self._columns(chart.bars, left + scale, base, (width - scale, height))

    def _columns(self, bars: Sequence[Bar], left: float, base: float, area: tuple[float, float]) -> None:
        step = min(area[0] / len(bars), 26.0)
        for place, bar in enumerate(bars):
            start = left + place * step
            inside = start - self.l_margin
            height = area[1] * float(bar.percentage or 0) / _FULL
            self._column(bar, start + step * 0.2, base - height, step * 0.6, height)
            above = "sin órdenes" if bar.percentage is None else f"{bar.percentage}"
            size = 5.5 if bar.percentage is None else 8
            self._centred(above, Type(size, 4, bold=True), base - height - 4.4, inside, step)
            self._centred(bar.label, Type(7, 3.6), base + 0.8, inside, step)
            of = "en curso" if bar.running else ""
            self._centred(
                f"{bar.resolved:,}/{bar.received:,}", Type(6.5, 3.2, colour=FAINT), base + 4.2, inside, step
            )
            self._centred(of, Type(6.5, 3.2, colour=FAINT), base + 7.2, inside, step)

    def _column(self, bar: Bar, left: float, top: float, width: float, height: float) -> None:
        """Draw a column: filled, or only its outline with strokes across while its quarter runs."""
        if not height:
            return
        self.set_draw_color(*self.letterhead.accent)
        self.set_line_width(0.3)
        if not bar.running:
            self.set_fill_color(*self.letterhead.accent)
            self.rect(left, top, width, height, style="DF")
            return
        self.rect(left, top, width, height, style="D")
        with self.rect_clip(left, top, width, height):
            for stroke in range(int((height + width) / 1.8) + 1):
                below = top + height - stroke * 1.8
                self.line(left, below + width, left + width, below)
