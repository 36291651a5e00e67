"""The draft of an agency's letter to the Director, drawn and as text."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from reconciler.documents.oficio import BLANK, Asked, Draft, oficio_text
from reconciler.documents.oficio_page import oficio_pdf
from reconciler.model import Enlace, Movimiento
from tests.documents.papers import MADE, text_of
from tests.documents.test_look import outside

LAURA = Enlace(key="laura.beltran", name="Laura Beltrán Ochoa", email="laura.beltran@sinaloa.gob.mx")
JUAN = Asked("juan.perez@sinaloa.gob.mx", "Juan Pérez López", "Jefe de Departamento, Contabilidad")
BAJA = Draft(
    movimiento=Movimiento.BAJA,
    organization="Gobierno del Estado de Sinaloa",
    agency="Secretaría de Administración y Finanzas",
    addressee=("Mtro. José Núñez", "Director de Servicios Compartidos de Tecnología"),
    city="Culiacán Rosales, Sinaloa",
    dated="26 de marzo de 2026",
    number="SAF/DA/0123/2026",
    accounts=[JUAN],
    enlace=LAURA,
    post="Directora Administrativa",
)
ALTA = replace(BAJA, movimiento=Movimiento.ALTA)


def both(draft: Draft) -> tuple[str, str]:
    """Return a letter's words as it is drawn and as it is written, each on one line."""
    return text_of(oficio_pdf(draft, MADE)), " ".join(oficio_text(draft).split())


@pytest.mark.parametrize("form", [0, 1], ids=["drawn", "text"])
def test_it_says_who_asks_whom_for_what_and_who_handles_it(form: int) -> None:
    words = both(BAJA)[form]
    for some in (
        "Secretaría de Administración y Finanzas",
        "Oficio núm. SAF/DA/0123/2026",
        "Culiacán Rosales, Sinaloa, a 26 de marzo de 2026",
        "Mtro. José Núñez Director de Servicios Compartidos de Tecnología P R E S E N T E",
        "PSDT-08",
        "se dé de baja la cuenta que se indica",
        "juan.perez@sinaloa.gob.mx",
        "Juan Pérez López",
        "Motivo de la baja",
        "Laura Beltrán Ochoa (laura.beltran@sinaloa.gob.mx)",
        "A T E N T A M E N T E",
        "Directora Administrativa",
        "c.c.p. Laura Beltrán Ochoa",
    ):
        assert some in words


@pytest.mark.parametrize("form", [0, 1], ids=["drawn", "text"])
def test_only_an_alta_comes_with_the_request_form(form: int) -> None:
    assert "RSDT-08.01" in both(ALTA)[form]
    assert "RSDT-08.01" not in both(BAJA)[form]
    assert "Jefe de Departamento" in both(ALTA)[form]


def test_several_accounts_are_asked_for_in_the_plural() -> None:
    drawn, text = both(replace(ALTA, accounts=[JUAN, replace(JUAN, name="Ana Ruiz")]))
    for words in (drawn, text):
        assert "se den de alta las cuentas que se indican" in words
        assert "de cada cuenta" in words


def test_what_nobody_knows_is_a_line_to_write_on() -> None:
    drawn, text = both(replace(ALTA, number=None, accounts=[], enlace=None, post=None))
    for words in (drawn, text):
        assert f"Oficio núm. {BLANK}" in words
        assert f"esta dependencia: {BLANK}." in words
        assert "Cargo de quien autoriza" in words
        assert "None" not in words
    assert text.count(f"Nombre: {BLANK}") == 3


def pages(draft: Draft) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(oficio_pdf(draft, MADE))).pages]


def test_forty_accounts_are_all_there_under_a_head_on_every_page() -> None:
    many = [replace(JUAN, address=f"cuenta{n:02}@sinaloa.gob.mx") for n in range(40)]
    found = pages(replace(ALTA, accounts=many))
    assert [n for n in range(40) if not any(f"cuenta{n:02}@" in page for page in found)] == []
    assert all("Correo solicitado" in page for page in found if "@sinaloa.gob.mx\n" in page and "cuenta" in page)
    assert outside(oficio_pdf(replace(ALTA, accounts=many), MADE)) == []


@pytest.mark.parametrize("count", range(6, 16))
def test_who_signs_signs_below_words_of_the_letter(count: int) -> None:
    last = pages(replace(BAJA, accounts=[JUAN] * count))[-1]
    assert "A T E N T A M E N T E" in last
    assert "Sin otro particular" in last
    assert "c.c.p. Archivo." in last


def test_it_carries_nothing_of_ours() -> None:
    reader: Any = PdfReader(BytesIO(oficio_pdf(BAJA, MADE)), strict=True)
    assert "Mesa de Ayuda" not in text_of(oficio_pdf(BAJA, MADE))
    assert not list(reader.pages[0].images)


def test_no_line_of_the_text_is_too_long_for_a_page() -> None:
    long = replace(ALTA, city="Una ciudad de nombre muy largo " * 3, accounts=[JUAN] * 3)
    assert max(len(line) for line in oficio_text(long).splitlines()) <= 90
