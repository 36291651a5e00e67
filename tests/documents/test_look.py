"""The look of documents: nothing beyond the margins, nothing cut, letters as they are written."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from reconciler.documents.look import MARGIN, Letterhead, Page, printable
from tests.documents.papers import FULL, MADE, PLAIN, empty_form, picture, text_of

POINTS = 72 / 25.4


def outside(pdf: bytes) -> list[str]:
    """Return every text that begins beyond the side margins, above the page's head or below its foot."""
    found: list[str] = []
    for page in PdfReader(BytesIO(pdf)).pages:
        width, height = float(page.mediabox.width), float(page.mediabox.height)

        def visit(text: str, cm: Any, tm: Any, *_: Any, width: float = width, height: float = height) -> None:
            x, y = tm[4] + cm[4], tm[5] + cm[5]
            inside = MARGIN * POINTS - 1 <= x <= width - MARGIN * POINTS and 25 <= y <= height - 30
            if text.strip() and not inside:
                found.append(text)

        page.extract_text(visitor_text=visit)
    return found


def everything(letterhead: Letterhead = PLAIN, *, landscape: bool = False, rows: int = 60) -> bytes:
    page = Page(letterhead, "Muestra", code="RSDT-08.02", landscape=landscape, made=MADE)
    page.title_block("Título que se alarga " * 6, "y lo que trata " * 12)
    page.section("Sección")
    page.paragraph("Un párrafo que sigue y sigue. " * 30)
    page.fields([("Nombre", "Łukasz Núñez " * 30), ("Una etiqueta muy larga, que no cabe", "x"), ("Vacío", "")])
    page.boxed("Contraseña", "Xk4-pR7")
    page.steps(["Primero haga esto, que es largo. " * 8] * 6)
    rows_of_three = [("juan.perez", "Juan", "3")] * rows
    page.grid(("Clave", "Nombre", "Días"), rows_of_three, (3, 4, 1), numbers=[2], total=("", "", "9"))
    page.signatures([("Laura Beltrán Ochoa", "Enlace tecnológico"), ("Mesa de Ayuda", "Entrega")])
    return page.as_bytes()


@pytest.mark.parametrize("landscape", [False, True])
@pytest.mark.parametrize("letterhead", [PLAIN, FULL], ids=["plain", "with everything"])
def test_nothing_is_written_beyond_the_margins(letterhead: Letterhead, landscape: bool) -> None:
    assert outside(everything(letterhead, landscape=landscape)) == []
    assert outside(empty_form(letterhead=letterhead)) == []


def test_a_table_repeats_its_head_on_every_page_and_loses_no_row() -> None:
    pages = [page.extract_text() for page in PdfReader(BytesIO(everything(rows=120))).pages]
    with_rows = [page for page in pages if "juan.perez" in page]
    assert len(with_rows) > 2
    assert all("Clave" in page for page in with_rows)
    assert sum(page.count("juan.perez") for page in pages) == 120


@pytest.mark.parametrize("rows", range(20, 50, 3))
def test_signatures_are_never_divided(rows: int) -> None:
    pages = [page.extract_text() for page in PdfReader(BytesIO(everything(rows=rows))).pages]
    signed = [page for page in pages if "Laura Beltrán Ochoa" in page]
    assert len(signed) == 1
    assert "Enlace tecnológico" in signed[0]


def test_every_page_says_which_it_is_of_how_many() -> None:
    pages = PdfReader(BytesIO(everything(rows=120))).pages
    for number, page in enumerate(pages, start=1):
        assert f"Página {number} de {len(pages)}" in page.extract_text()


def test_a_sign_that_stands_for_the_number_of_pages_is_in_no_text() -> None:
    page = Page(PLAIN, "Muestra", made=MADE)
    page.paragraph("cuesta 5 ¤")
    assert "cuesta 5 ?" in text_of(page.as_bytes())


def test_a_file_says_its_title_its_language_and_who_made_it() -> None:
    reader = PdfReader(BytesIO(everything()), strict=True)
    assert reader.metadata is not None
    assert (reader.metadata.title, reader.metadata.creator) == ("Muestra", "cuentas")
    root: Any = reader.root_object
    assert root["/Lang"] == "es-MX"


def test_the_same_content_at_the_same_moment_is_the_same_file() -> None:
    assert everything(FULL) == everything(FULL)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_logo_of_any_shape_leaves_room_for_the_names(kind: str) -> None:
    for size in ((2000, 100), (100, 2000), (300, 100)):
        head = Letterhead(organization="Gobierno del Estado", unit="Dirección", logo=picture(kind, size))
        pdf = everything(head)
        assert outside(pdf) == []
        assert "Gobierno del Estado" in text_of(pdf)


@pytest.mark.parametrize(
    ("written", "drawn"),
    [
        ("Núñez Güémez", "Núñez Güémez"),
        ("Nu\u0301n\u0303ez", "Núñez"),
        ("Łukasz Đorđe Ħal", "Lukasz Dorde Hal"),
        ("Çelik Ğ ż Šmíd", "Çelik G z Šmíd"),
        ("«50 €» – “sí”…", "«50 €» – “sí”…"),
        ("東京", "??"),
    ],
)
def test_a_letter_that_the_font_lacks_loses_its_mark_and_no_other_does(written: str, drawn: str) -> None:
    assert printable(written) == drawn


@settings(max_examples=60)
@given(st.text())
def test_any_text_can_be_drawn(text: str) -> None:
    printable(text).encode("cp1252")
