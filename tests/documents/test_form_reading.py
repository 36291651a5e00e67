"""RSDT-08.01 read back, from whatever program filled it in, and from whoever would rather do harm."""

from __future__ import annotations

import contextlib
import time
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from fpdf import FPDF
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfWriter
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from reconciler.documents.form_reading import MAX_SIZE, read_form
from reconciler.errors import UsageError
from reconciler.model import Movimiento
from tests.documents.papers import empty_form, filled

JUAN = {
    "nombre": "José Ángel",
    "apellidos": "Núñez Güémez",
    "puesto": "Jefe de Departamento",
    "telefono": "667 758 7000",
}
FORM = empty_form()
WORD = "de quien lo protege"


def written(writer: PdfWriter) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def with_form(change: Callable[[Any, PdfWriter], None], form: bytes = FORM) -> bytes:
    """Return the form after a change to its AcroForm dictionary."""
    writer = PdfWriter(clone_from=BytesIO(form))
    change(writer.root_object["/AcroForm"], writer)
    return written(writer)


def with_value(name: str, value: Any, form: bytes = FORM) -> bytes:
    """Return the form with a value put into a box as some program might have."""

    def change(acroform: Any, writer: PdfWriter) -> None:
        del writer
        for one in acroform["/Fields"]:
            if one.get_object()["/T"] == name:
                one.get_object()[NameObject("/V")] = value

    return with_form(change, form)


def raw_form(*fields: dict[str, Any]) -> bytes:
    """Return a PDF whose form has just these fields."""
    writer = PdfWriter()
    writer.add_blank_page(612, 792)
    made = ArrayObject(
        DictionaryObject({NameObject(f"/{key}"): value for key, value in one.items()}) for one in fields
    )
    writer.root_object[NameObject("/AcroForm")] = DictionaryObject({NameObject("/Fields"): made})
    return written(writer)


def text(name: str, value: str = "x") -> dict[str, Any]:
    return {"FT": NameObject("/Tx"), "T": TextStringObject(name), "V": TextStringObject(value)}


def refusal(data: bytes) -> str:
    with pytest.raises(UsageError) as caught:
        read_form(data)
    assert "cuentas request" in caught.value.remedy, "whatever it is, the data can be typed"
    return caught.value.message


# --- forms that people filled in ------------------------------------------------------------------------------------


def test_a_filled_form_becomes_a_request_for_an_alta() -> None:
    request = read_form(filled(FORM, {**JUAN, "area": "Dirección de Egresos", "oficio": "SAF/DA/0123/2026"}))
    assert request.movimiento is Movimiento.ALTA
    assert (request.nombre, request.apellidos) == ("José Ángel", "Núñez Güémez")
    assert (request.dependencia, request.enlace) == ("SAF", "enlace.0")
    assert (request.tipo, request.entrega, request.entrega_a, request.medio) == ("personal", "impresa", "enlace", "")
    assert request.oficio == "SAF/DA/0123/2026"
    assert request.motivo_baja == ""


@pytest.mark.parametrize(
    "value",
    [
        TextStringObject("Núñez Güémez"),
        ByteStringObject("Núñez Güémez".encode("cp1252")),
        ByteStringObject(b"\xfe\xff" + "Núñez Güémez".encode("utf-16-be")),
        TextStringObject("Nu\u0301n\u0303ez Gu\u0308e\u0301mez"),
        TextStringObject("  Núñez\r\n\tGüémez \u00a0"),
    ],
    ids=["PDFDoc", "bytes", "UTF-16", "NFD", "line breaks and blanks"],
)
def test_however_a_program_writes_a_text_it_is_read_as_one_line_in_nfc(value: Any) -> None:
    assert read_form(with_value("apellidos", value)).apellidos == "Núñez Güémez"


def test_a_long_text_kept_as_a_stream_is_read() -> None:
    stream = DecodedStreamObject()
    stream.set_data("Dirección de Egresos".encode("cp1252"))
    data = with_value("area", stream)
    assert read_form(data).area == "Dirección de Egresos"


def test_letters_that_the_forms_own_font_lacks_are_kept() -> None:
    assert read_form(with_value("nombre", TextStringObject("Łukasz"))).nombre == "Łukasz"


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (TextStringObject("compartida"), "compartida"),
        (TextStringObject("Compartida"), "compartida"),
        (ArrayObject([TextStringObject("recurso")]), "recurso"),
        (NameObject("/personal"), "personal"),
        (NameObject("/Off"), ""),
        (ArrayObject(), ""),
        (TextStringObject("otra cosa"), "otra cosa"),
    ],
    ids=["its value", "its words", "a list of one", "a name", "off", "none", "typed"],
)
def test_a_choice_is_read_by_its_value_however_it_is_noted(value: Any, read: str) -> None:
    assert read_form(with_value("tipo", value, filled(FORM, JUAN))).tipo == read


def test_a_form_saved_again_and_again_is_read_as_it_was_last() -> None:
    out = BytesIO(filled(FORM, JUAN))
    writer = PdfWriter(out, incremental=True)
    writer.update_page_form_field_values(None, {"nombre": "Ana"}, auto_regenerate=False)
    assert read_form(written(writer)).nombre == "Ana"


def test_signatures_and_buttons_are_no_boxes() -> None:
    def change(acroform: Any, writer: PdfWriter) -> None:
        del writer
        for kind, flags in (("/Sig", 0), ("/Btn", 1 << 16)):
            extra = {"/FT": NameObject(kind), "/T": TextStringObject(f"Firma{flags}"), "/Ff": NumberObject(flags)}
            entry = DictionaryObject({NameObject(key): value for key, value in extra.items()})
            acroform["/Fields"].append(entry)

    assert read_form(with_form(change, filled(FORM, JUAN))).nombre == "José Ángel"


def test_a_form_protected_against_changes_alone_is_read() -> None:
    writer = PdfWriter(clone_from=BytesIO(filled(FORM, JUAN)))
    writer.encrypt(user_password="", owner_password=WORD, algorithm="AES-256")
    assert read_form(written(writer)).nombre == "José Ángel"


# --- files that are something else ----------------------------------------------------------------------------------


def flattened() -> bytes:
    writer = PdfWriter(clone_from=BytesIO(filled(FORM, JUAN)))
    writer.remove_annotations(subtypes=None)
    del writer.root_object["/AcroForm"]
    return written(writer)


def another(words: str) -> bytes:
    page = FPDF()
    page.add_page()
    page.set_font("Helvetica")
    if words:
        page.cell(text=words)
    return bytes(page.output())


def encrypted() -> bytes:
    writer = PdfWriter(clone_from=BytesIO(FORM))
    writer.encrypt(WORD, algorithm="AES-256")
    return written(writer)


def xfa() -> bytes:
    return with_form(lambda form, _: form.update({NameObject("/XFA"): TextStringObject("<xdp/>")}))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "vacío"),
        (b"   \n", "vacío"),
        (b"hola", "no es un PDF"),
        (b"PK\x03\x04" + bytes(500), "no es un PDF"),
        (b"%PDF-1.7\n" + bytes(2000), "no es un PDF"),
        (FORM[: len(FORM) // 2], "PDF"),
        (b"%PDF" + bytes(MAX_SIZE), "pesa más de 5 MB"),
    ],
    ids=["nothing", "blanks", "words", "a zip", "a PDF's beginning", "half a form", "too large"],
)
def test_what_is_no_form_is_refused_with_what_to_do(data: bytes, said: str) -> None:
    assert said in refusal(data)


def test_a_form_that_needs_a_password_is_refused() -> None:
    assert "contraseña" in refusal(encrypted())


def test_a_form_with_a_second_form_inside_is_refused() -> None:
    assert "XFA" in refusal(xfa())


def test_a_form_that_was_printed_is_told_from_one_that_never_was() -> None:
    assert "aplanado" in refusal(flattened())
    assert "no es el formato" in refusal(another("Recibo de nómina"))


def test_a_scanned_form_is_called_a_picture() -> None:
    assert "imagen" in refusal(another(""))


def test_an_empty_form_is_refused_and_says_where_comments_went() -> None:
    assert "en blanco" in refusal(FORM)


def test_another_form_is_refused_by_the_names_of_its_boxes() -> None:
    said = refusal(raw_form(*(text(name) for name in ("nombre", "dependencia", "CURP", "sueldo"))))
    assert "«CURP», «sueldo»" in said


def test_a_form_with_a_box_missing_is_refused() -> None:
    assert "«dependencia»" in refusal(raw_form(text("nombre")))


def test_two_boxes_of_one_name_are_refused() -> None:
    assert "dos veces el recuadro «nombre»" in refusal(raw_form(text("nombre"), text("nombre", "y")))


@pytest.mark.parametrize("value", [NumberObject(5), DictionaryObject(), ArrayObject([TextStringObject("a")] * 2)])
def test_a_value_that_is_no_text_is_refused(value: Any) -> None:
    assert "no es texto" in refusal(with_value("area", value, filled(FORM, JUAN)))


def test_a_huge_value_is_refused() -> None:
    assert "más de 1000 caracteres" in refusal(with_value("area", TextStringObject("a" * 100_000)))


# --- files made to do harm ------------------------------------------------------------------------------------------


def test_scripts_are_not_run_and_not_minded(tmp_path: Path) -> None:
    trace = tmp_path / "ran"

    def change(acroform: Any, writer: PdfWriter) -> None:
        acroform[NameObject("/CO")] = acroform["/Fields"]
        script = f"this.getField('nombre').value = 'otro'; app.launchURL('file://{trace}');"
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject(
            {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject(script)}
        )

    assert read_form(with_form(change, filled(FORM, JUAN))).nombre == "José Ángel"
    assert not trace.exists()


def test_fields_that_contain_themselves_end() -> None:
    def change(acroform: Any, writer: PdfWriter) -> None:
        del writer
        first = acroform["/Fields"][0]
        first.get_object()[NameObject("/Kids")] = ArrayObject([first, first])

    assert "más de 500 recuadros" in refusal(with_form(change))


def test_a_thousand_boxes_are_refused() -> None:
    assert "recuadros" in refusal(raw_form(*(text(f"a{n}") for n in range(1100))))


def test_nesting_without_end_is_refused() -> None:
    deep = b"[" * 50_000 + b"]" * 50_000
    data = (
        b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/AcroForm 2 0 R>>\nendobj\n2 0 obj\n<</Fields " + deep + b">>\nendobj\n"
    )
    refusal(data + b"trailer\n<</Root 1 0 R>>\n%%EOF")


def test_a_bomb_is_given_up_in_time() -> None:
    """A value of 3 GB in 3 MB: two layers of compression, as a stream."""
    packed = zlib.compress(zlib.compress(bytes(3 << 20) * 100, 9), 9)
    stream = (
        b"5 0 obj\n<</Length " + str(len(packed)).encode() + b"/Filter[/FlateDecode/FlateDecode]>>stream\n" + packed
    )
    data = b"\n".join(
        (
            b"%PDF-1.7",
            b"1 0 obj\n<</Type/Catalog/AcroForm<</Fields[3 0 R]>>>>\nendobj",
            b"3 0 obj\n<</FT/Tx/T(nombre)/V 5 0 R>>\nendobj",
            stream + b"\nendstream\nendobj",
            b"trailer\n<</Root 1 0 R>>\n%%EOF",
        )
    )
    begun = time.monotonic()
    refusal(data)
    assert time.monotonic() - begun < 30


def test_the_folder_one_is_in_does_not_say_how_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "pypdf.py").write_text("raise SystemExit('mine')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert read_form(filled(FORM, JUAN)).nombre == "José Ángel"


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(st.integers(0, len(FORM) - 1), st.binary(min_size=1, max_size=40))
def test_a_damaged_form_is_read_or_refused_and_nothing_else(place: int, noise: bytes) -> None:
    data = filled(FORM, JUAN)
    with contextlib.suppress(UsageError):
        read_form(data[:place] + noise + data[place + len(noise) :])
