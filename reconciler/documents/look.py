"""The look that every document has: letterhead, titles, fields, tables, signatures and page numbers."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from fpdf import FPDF
from fpdf.enums import Align, XPos, YPos
from fpdf.fonts import FontFace

from reconciler.documents.glyphs import LETTERS, PAGES, printable
from reconciler.letterhead import ACCENT, Letterhead

__all__ = ["ACCENT", "FAINT", "INK", "LETTER", "MARGIN", "RULE", "TINT", "Letterhead", "Page", "Type", "printable"]

INK = (26, 26, 26)
FAINT = (110, 110, 110)
RULE = (190, 190, 190)
TINT = (244, 240, 241)
MARGIN = 20.0
LETTER = (215.9, 279.4)
"""Millimetres, as the margin: letter paper is what Mexican offices print on."""

_FONT = "Helvetica"
_SIGNATURE = 80.0
"""Millimetres of a line to sign on, at most."""


@dataclass(frozen=True, slots=True)
class Type:
    """How a text is set: size in points, height of a line in millimetres, weight and colour."""

    size: float
    height: float
    bold: bool = False
    colour: tuple[int, int, int] = INK


_BODY = Type(10, 5)
_SMALL = Type(8.5, 4.2, colour=FAINT)
_FOOT = Type(7.5, 4, colour=FAINT)


class Page(FPDF):
    """A document in the institution's look. Pages break by themselves; nothing is drawn over the foot."""

    def __init__(
        self,
        letterhead: Letterhead,
        title: str,
        *,
        code: str = "",
        landscape: bool = False,
        larger: float = 1.0,
        made: datetime | None = None,
    ) -> None:
        """Take the letterhead, the title (also the file's own) and the form's code, which stands in the foot.

        A page so many times `larger` than letter paper has room for more; whoever asks for it scales it down. `made`
        is the moment that the file names as its own: with one, the same content gives the same file.
        """
        super().__init__("landscape" if landscape else "portrait", format=(LETTER[0] * larger, LETTER[1] * larger))
        self.core_fonts_encoding = LETTERS
        self.letterhead = letterhead
        self.code = code
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.c_margin = 0
        self.set_auto_page_break(auto=True, margin=24)
        self.alias_nb_pages(PAGES)
        self.set_title(title)
        self.set_lang("es-MX")
        self.set_creator("cuentas")
        if made:
            self.set_creation_date(made)
        self.add_page()

    # --- what every page has ---------------------------------------------------------------------------------

    def header(self) -> None:
        """Draw the letterhead; fpdf2 calls it at the top of every page."""
        head, top = self.letterhead, 12.0
        left = self.l_margin
        if head.logo:
            drawn = self.image(io.BytesIO(head.logo), x=left, y=top, h=14, keep_aspect_ratio=True, w=40)
            left += drawn.rendered_width + 5
        self.set_xy(left, top + 1)
        self.write_block(head.organization, Type(12, 6, bold=True, colour=self.letterhead.accent))
        self.set_x(left)
        self.write_block(head.unit, Type(9, 4.5))
        if head.motto:
            self.set_x(left)
            self.write_block(head.motto, _FOOT)
        self.set_y(max(self.get_y(), top + 15) + 1.5)
        self._rule(self.letterhead.accent, 0.6)
        self.set_y(self.get_y() + 5)

    def footer(self) -> None:
        """Draw the foot; fpdf2 calls it at the end of every page."""
        self.set_y(-18)
        self._rule(RULE, 0.2)
        self.set_y(-16)
        parts = [part for part in (self.code, self.letterhead.foot) if part]
        self.write_block(" · ".join(parts), _FOOT, width=self.epw - 28)
        self.set_xy(self.l_margin, -16)
        self._set(_FOOT)
        self.cell(self.epw, _FOOT.height, f"Página {self.page_no()} de {PAGES}", align=Align.R)

    # --- what a document is made of ----------------------------------------------------------------------------

    def title_block(self, title: str, subtitle: str = "") -> None:
        """Write the document's title and, smaller, what it is about."""
        self.write_block(title, Type(15, 7.5, bold=True))
        if subtitle:
            self.write_block(subtitle, Type(9.5, 5, colour=FAINT))
        self.ln(3)

    def section(self, title: str) -> None:
        """Begin a part, which never stands alone at the end of a page."""
        self.keep_together(24)
        self.ln(2.5)
        self.write_block(title, Type(11, 6, bold=True, colour=self.letterhead.accent))
        self.ln(0.8)

    def paragraph(self, text: str, *, small: bool = False) -> None:
        """Write a paragraph."""
        self.write_block(text, _SMALL if small else _BODY)
        self.ln(1.6)

    def steps(self, texts: Iterable[str]) -> None:
        """Write numbered steps, each with its second line below its first."""
        for number, text in enumerate(texts, start=1):
            self.keep_together(11)
            top = self.get_y()
            self.write_block(f"{number}.", Type(10, 5, bold=True), width=7)
            self.set_y(top)
            self.write_block(text, _BODY, left=7)
            self.ln(1)

    def fields(self, pairs: Iterable[tuple[str, str]], *, label_width: float = 48) -> None:
        """Write names and values in two columns, a line below each; what has no value is left out."""
        for label, value in pairs:
            if not value:
                continue
            self.keep_together(9)
            top = self.get_y()
            self.write_block(label, Type(9, 5.6, colour=FAINT), width=label_width - 3)
            below = self.get_y()
            self.set_y(top)
            self.write_block(value, Type(10, 5.6), left=label_width)
            self.set_y(max(below, self.get_y()) + 0.6)
            self._rule(RULE, 0.15)
            self.ln(0.6)

    def grid(
        self,
        heads: Sequence[str],
        rows: Iterable[Sequence[str]],
        widths: Sequence[float],
        *,
        numbers: Iterable[int] = (),
        total: Sequence[str] | None = None,
    ) -> None:
        """Draw a table whose head is repeated on every page; `numbers` are the columns set to the right.

        `widths` are parts of the whole width; `total` is a last row, in bold.
        """
        right = frozenset(numbers)
        aligned = [Align.R if column in right else Align.L for column in range(len(heads))]
        self._set(Type(9, 5))
        heading = FontFace(emphasis="BOLD", color=(255, 255, 255), fill_color=self.letterhead.accent)
        self.set_draw_color(*RULE)
        self.set_fill_color(255, 255, 255)
        self.set_line_width(0.2)
        with self.table(
            col_widths=tuple(widths),
            text_align=aligned,
            headings_style=heading,
            line_height=5,
            padding=(1.1, 1.6),
            borders_layout="HORIZONTAL_LINES",
            cell_fill_color=TINT,
            cell_fill_mode="EVEN_ROWS",
            width=self.epw,
        ) as table:
            table.row([printable(one) for one in heads])
            for row in rows:
                table.row([printable(one) for one in row])
            if total:
                table.row(
                    [printable(one) for one in total], style=FontFace(emphasis="BOLD", fill_color=(255, 255, 255))
                )
        self._rule(RULE, 0.2)
        self.ln(3)

    def boxed(self, label: str, value: str, *, size: float = 18) -> None:
        """Write something that has to be copied by hand: fixed width, in a frame, as large as there is room for."""
        self.keep_together(24)
        top = self.get_y() + 1
        self.set_fill_color(*TINT)
        self.set_draw_color(*self.letterhead.accent)
        self.set_line_width(0.4)
        self.rect(self.l_margin, top, self.epw, 18, style="DF")
        self.set_y(top + 2)
        self.write_block(label, _SMALL, left=4)
        self.set_x(self.l_margin + 4)
        self.set_font("Courier", "B", size)
        fits = (self.epw - 8) / max(self.get_string_width(printable(value)), 0.1)
        self.set_font_size(size * min(1.0, fits))
        self.set_text_color(*INK)
        self.cell(self.epw - 8, 9, printable(value), new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.set_y(top + 18 + 3)

    def signatures(self, lines: Sequence[tuple[str, str]]) -> None:
        """Draw lines to sign on, side by side: below each, who signs and as what; kept on one page."""
        self.keep_together(34)
        self.ln(18)
        top, gap = self.get_y(), 10.0
        width = min(_SIGNATURE, (self.epw - gap * (len(lines) - 1)) / len(lines))
        start = self.l_margin + (self.epw - len(lines) * (width + gap) + gap) / 2
        below = top
        self.set_draw_color(*INK)
        self.set_line_width(0.25)
        for place, (name, role) in enumerate(lines):
            left = start + place * (width + gap)
            self.line(left, top, left + width, top)
            self.set_y(top + 1.5)
            inside = left - self.l_margin
            self.write_block(name, Type(9, 4.5, bold=True), left=inside, width=width, align=Align.C)
            self.write_block(role, Type(8, 4, colour=FAINT), left=inside, width=width, align=Align.C)
            below = max(below, self.get_y())
        self.set_y(below)

    def cut_line(self, words: str) -> None:
        """Draw a dashed line to cut along, with a word on what is below it."""
        self.ln(4)
        self.set_draw_color(*FAINT)
        self.set_line_width(0.2)
        self.set_dash_pattern(dash=2, gap=1.5)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
        self.set_dash_pattern()
        self.ln(1)
        self.write_block(words, _FOOT)
        self.ln(1)

    def keep_together(self, height: float) -> None:
        """Begin a new page where less than so many millimetres are left on this one."""
        if self.will_page_break(height):
            self.add_page()

    def as_bytes(self) -> bytes:
        """Return the finished file."""
        return bytes(self.output())

    # --- strokes -------------------------------------------------------------------------------------------------

    def fitting(self, text: str, width: float, largest: float) -> float:
        """Return the size, in points, in which a text has room in so many millimetres; never above `largest`."""
        self._set(Type(largest, 0))
        needed = self.get_string_width(printable(text))
        return largest * min(1.0, width / needed) if needed else largest

    def _set(self, style: Type) -> None:
        self.set_font(_FONT, "B" if style.bold else "", style.size)
        self.set_text_color(*style.colour)

    def write_block(
        self, text: str, style: Type, *, left: float | None = None, width: float = 0, align: Align = Align.L
    ) -> None:
        """Write a text and go below it; `left` is in millimetres from the margin, None begins where the pen is."""
        self._set(style)
        if left is not None:
            self.set_x(self.l_margin + left)
        self.multi_cell(width, style.height, printable(text), align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _rule(self, colour: tuple[int, int, int], width: float) -> None:
        self.set_draw_color(*colour)
        self.set_line_width(width)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())
