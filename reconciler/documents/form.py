"""RSDT-08.01, "Solicitud de Correo Electrónico": what an agency fills in for an alta (PSDT-08, 4.1 and 5.2)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from reconciler.documents.acroform import INSET, SIZE, Placed, with_boxes
from reconciler.documents.boxes import COLUMNS, Box, Part, parts
from reconciler.documents.look import ACCENT, RULE, Letterhead, Page, Type
from reconciler.model import Dependencia

CODE = "RSDT-08.01"
TITLE = "Solicitud de Correo Electrónico"

_LABEL = Type(7.5, 3.4, colour=(70, 70, 70))
_HEADING = Type(9.5, 5, bold=True, colour=ACCENT)
_LEGEND = (
    "Requiere de oficio al Director (PSDT-08, política P2) y la tramita el enlace tecnológico (política P3). Es solo "
    "para altas. No anote aquí CURP, RFC ni teléfonos o correos particulares. * Obligatorio."
)
_SIGNATURES = (
    ("Autoriza", "Nombre, cargo y firma"),
    ("Enlace tecnológico", "Nombre y firma"),
    ("Parte interesada", "Nombre y firma"),
)
_HEIGHT, _GAP = 6.2, 3.0
"""Millimetres: of a box, and between two in a row."""


def request_form(
    letterhead: Letterhead,
    agencies: Sequence[Dependencia],
    chosen: Dependencia | None,
    made: datetime,
    *,
    sent_to: str = "",
) -> bytes:
    """Return RSDT-08.01 as a PDF with boxes to fill in, on one page.

    `agencies` are offered to choose from; with one `chosen` it is that agency's form, with its enlaces to choose
    from. `made` is the file's own date, and `sent_to` whom the form says to send the file to once it is filled in.
    """
    page = Page(letterhead, f"{CODE} {TITLE}", code=CODE, made=made)
    page.title_block(TITLE, "Alta de cuenta de correo electrónico oficial. Llene los recuadros y guarde el archivo.")
    sending = f"Ya lleno, envíe este archivo a {sent_to}. " if sent_to else ""
    page.paragraph(sending + _LEGEND, small=True)
    placed = [box for part in parts(agencies, chosen) for box in _part(page, part)]
    page.signatures(_SIGNATURES)
    return with_boxes(page.as_bytes(), placed)


def _part(page: Page, part: Part) -> list[Placed]:
    page.ln(1.2)
    page.write_block(part.title, _HEADING)
    return [box for row in part.rows for box in _row(page, row)]


def _row(page: Page, row: Sequence[Box]) -> list[Placed]:
    """Draw boxes side by side, each with its label above; a row that does not reach the margin ends before it."""
    column = (page.epw + _GAP) / COLUMNS
    top, left, placed = page.get_y(), 0.0, []
    for box in row:
        width = column * box.width - _GAP
        page.set_y(top)
        page.write_block(box.label + (" *" if box.required else ""), _LABEL, left=left, width=width)
        placed.append(_box(page, box, left, width))
        left += width + _GAP
    page.set_y(top + _LABEL.height + _HEIGHT + 1.2)
    return placed


def _box(page: Page, box: Box, left: float, width: float) -> Placed:
    """Draw a box's frame where the pen is, and say where that was."""
    top = page.get_y()
    page.set_draw_color(*RULE)
    page.set_line_width(0.25)
    page.rect(page.l_margin + left, top, width, _HEIGHT)
    inside = width - 2 * INSET / page.k
    return Placed(
        box=box,
        page=page.page_no() - 1,
        left=(page.l_margin + left) * page.k,
        bottom=(page.h - top - _HEIGHT) * page.k,
        width=width * page.k,
        height=_HEIGHT * page.k,
        size=min((page.fitting(words, inside, SIZE) for _, words in box.options), default=SIZE),
    )
