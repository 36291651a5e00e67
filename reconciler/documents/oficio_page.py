"""The draft of an agency's letter, drawn."""

from __future__ import annotations

from datetime import datetime

from fpdf.enums import Align

from reconciler.documents.look import Page, Type
from reconciler.documents.oficio import PRESENT, RESPECTFULLY, Draft
from reconciler.letterhead import Letterhead

_BODY = Type(10.5, 5.4)
_STRONG = Type(10.5, 5.4, bold=True)
_COPY = Type(8.5, 4.2)
_NEUTRAL = (60, 60, 60)
_WIDTHS = (13, 68, 47, 48)
_CLOSING = 82
"""Millimetres: a signature without a word of the letter above it is worth nothing."""


def oficio_pdf(draft: Draft, made: datetime) -> bytes:
    """Return the letter as a PDF; `made` is the file's own date."""
    head = Letterhead(organization=draft.organization, unit=draft.agency, accent=_NEUTRAL)
    page = Page(head, f"Oficio: {draft.subject}", made=made)
    for line in draft.opening:
        page.write_block(line, _BODY, align=Align.R)
    page.ln(6)
    for line in (*draft.addressee, PRESENT):
        page.write_block(line, _STRONG)
    page.ln(4)
    page.write_block(draft.request, _BODY)
    page.ln(3)
    rows = [(str(number), *row) for number, row in enumerate(draft.rows, start=1)]
    page.grid(("Núm.", *draft.heads), rows, _WIDTHS)
    page.keep_together(_CLOSING)
    for text in draft.closing:
        page.write_block(text, _BODY)
        page.ln(2.5)
    _signed(page, draft)
    return page.as_bytes()


def _signed(page: Page, draft: Draft) -> None:
    """Draw what closes a letter."""
    page.ln(4)
    page.write_block(RESPECTFULLY, _STRONG, align=Align.C)
    page.signatures([draft.signer])
    page.ln(6)
    for line in draft.copies:
        page.write_block(line, _COPY)
