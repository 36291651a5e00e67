"""RSDT-08.01 as whoever fills it in meets it."""

from __future__ import annotations

from dataclasses import fields
from io import BytesIO
from itertools import combinations
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from reconciler.declaration import models
from reconciler.documents.acroform import SIZE
from reconciler.documents.boxes import Box, names, parts
from reconciler.documents.form_reading import BOXES
from reconciler.model import Tipo
from reconciler.request import Request
from tests.documents.papers import FULL, PLAIN, agency, empty_form, text_of, widgets

ENLACES = ("Laura Beltrán Ochoa", "María Guadalupe de los Ángeles Fernández de Córdova y Güémez-Núñ")


def box(name: str, form: bytes) -> Any:
    return next(one for one, _, _ in widgets(form) if one["/T"] == name)


def drawn(name: str, form: bytes) -> bytes:
    data: bytes = box(name, form)["/AP"]["/N"].get_data()
    return data


@pytest.mark.parametrize("letterhead", [PLAIN, FULL], ids=["plain", "with everything"])
@pytest.mark.parametrize("chosen", [True, False], ids=["an agency's", "anybody's"])
def test_it_is_one_page_whatever_the_letterhead(letterhead: Any, chosen: bool) -> None:
    form = empty_form(*ENLACES, chosen=chosen, letterhead=letterhead)
    assert len(PdfReader(BytesIO(form), strict=True).pages) == 1


@pytest.mark.parametrize("letterhead", [PLAIN, FULL], ids=["plain", "with everything"])
def test_every_box_is_on_the_page_and_none_covers_another(letterhead: Any) -> None:
    placed = list(widgets(empty_form(letterhead=letterhead)))
    for _, (left, bottom, right, top), page in placed:
        assert 0 < left < right < float(page.mediabox.width)
        assert 70 < bottom < top < float(page.mediabox.height)
    for (one, (left, bottom, right, top), _), (other, (left2, bottom2, right2, top2), _) in combinations(placed, 2):
        apart = right <= left2 or right2 <= left or top <= bottom2 or top2 <= bottom
        assert apart, (one["/T"], other["/T"])


def test_its_boxes_are_fields_of_a_request_and_none_is_twice() -> None:
    found = [str(one["/T"]) for one, _, _ in widgets(empty_form())]
    assert len(found) == len(set(found))
    assert set(found) == set(BOXES)
    assert set(found) <= {one.name for one in fields(Request)}


def test_the_tabulator_goes_through_them_as_they_are_read() -> None:
    form = empty_form()
    reader = PdfReader(BytesIO(form))
    page: Any = reader.pages[0]
    root: Any = reader.root_object
    assert page["/Tabs"] == "/R"
    in_form = [one.get_object()["/T"] for one in root["/AcroForm"]["/Fields"]]
    assert in_form == [one["/T"] for one, _, _ in widgets(form)] == list(names(parts([agency()], agency("Laura"))))
    places = [(-bottom, left) for _, (left, bottom, _, _), _ in widgets(form)]
    assert places == sorted(places)


def test_every_box_says_what_it_asks_for_to_who_cannot_see_it() -> None:
    for one, _, _ in widgets(empty_form()):
        assert len(str(one["/TU"])) > 15
        assert str(one["/TU"]).endswith(".")


def lengths() -> dict[str, int]:
    """Return how long the declaration lets each field be."""
    written: dict[str, Any] = models.CuentaYaml.model_json_schema()["properties"]
    oficio: dict[str, Any] = models.OficioYaml.model_json_schema()["properties"]
    some = {**oficio, **written, "entrega_motivo": models.EntregaYaml.model_json_schema()["properties"]["motivo"]}
    found = {}
    for name, schema in some.items():
        sides = [schema, *schema.get("anyOf", [])]
        found[name] = next((side["maxLength"] for side in sides if "maxLength" in side), 0)
    return found


def test_a_box_takes_as_many_characters_as_the_declaration_does() -> None:
    declared = lengths()
    held = {str(one["/T"]): int(one["/MaxLen"]) for one, _, _ in widgets(empty_form()) if "/MaxLen" in one}
    for name in ("nombre", "apellidos", "puesto", "area", "telefono", "firmante", "entrega_motivo", "avisar_a"):
        assert held[name] == declared[name], name
    assert held["oficio"] == 60


@pytest.mark.parametrize("name", ["tipo", "recurso", "medio", "entrega", "entrega_a"])
def test_what_can_be_chosen_is_what_the_declaration_takes(name: str) -> None:
    schema = {
        "tipo": tuple(Tipo),
        "recurso": ("sala", "equipo"),
        "medio": ("oficio", "telefono", "correo", "ventanilla"),
        "entrega": ("impresa", "correo"),
        "entrega_a": ("enlace", "interesado"),
    }[name]
    offered = {str(pair[0]) for pair in box(name, empty_form())["/Opt"]}
    assert offered - {""} == {str(one) for one in schema}


def test_an_agencys_form_has_its_name_and_its_enlaces_to_choose_from() -> None:
    form = empty_form(*ENLACES)
    agency_box, enlace = box("dependencia", form), box("enlace", form)
    assert agency_box["/V"] == "SAF"
    assert agency_box["/Ff"] & 1, "read-only"
    assert "Secretaría de Administración y Finanzas (SAF)".encode("cp1252").replace(b"(", b"\\(") in drawn(
        "dependencia", form
    ).replace(b"\\)", b")")
    assert [str(pair[1]) for pair in enlace["/Opt"]] == ["(sin indicar)", *ENLACES]
    assert "/V" not in enlace


def test_an_only_enlace_is_there_already() -> None:
    form = empty_form("Laura Beltrán Ochoa")
    assert box("enlace", form)["/V"] == "enlace.0"
    assert "Laura Beltrán Ochoa".encode("cp1252") in drawn("enlace", form)


def test_without_an_agency_there_is_one_to_choose_and_the_enlace_to_write() -> None:
    form = empty_form(chosen=False)
    assert "SAF" in [str(pair[0]) for pair in box("dependencia", form)["/Opt"]]
    assert box("enlace", form)["/FT"] == "/Tx"


def test_an_enlace_with_a_long_name_is_written_smaller_and_whole() -> None:
    form = empty_form(ENLACES[1])
    assert float(str(box("enlace", form)["/DA"]).split()[1]) < SIZE
    assert ENLACES[1].encode("cp1252") in drawn("enlace", form)


def test_spanish_can_be_typed_into_it_in_every_reader() -> None:
    root: Any = PdfReader(BytesIO(empty_form())).root_object
    form = root["/AcroForm"]
    assert form["/DR"]["/Font"]["/Helv"]["/Encoding"] == "/WinAnsiEncoding"
    assert form["/NeedAppearances"]
    assert root["/Lang"] == "es-MX"


def test_it_carries_no_script_and_no_action() -> None:
    reader = PdfReader(BytesIO(empty_form()))
    things = (reader.get_object(number) for number in range(1, len(reader.xref[0]) + 1))
    for thing in things:
        if isinstance(thing, DictionaryObject):
            assert not {"/JS", "/AA", "/A", "/XFA", "/JavaScript"} & set(thing)


def test_it_says_its_code_and_the_policies() -> None:
    words = text_of(empty_form())
    for some in ("RSDT-08.01", "Solicitud de Correo Electrónico", "política P2", "política P3", "solo para altas"):
        assert some in words
    for role in ("Autoriza", "Enlace tecnológico", "Parte interesada"):
        assert role in words


def test_the_same_agency_at_the_same_moment_gets_the_same_file() -> None:
    assert empty_form(letterhead=FULL) == empty_form(letterhead=FULL)


def test_boxes_and_labels_fit_the_row_they_stand_in() -> None:
    rows = [row for part in parts([agency()], None) for row in part.rows]
    assert all(sum(one.width for one in row) <= 12 for row in rows)
    assert all(isinstance(one, Box) for row in rows for one in row)
