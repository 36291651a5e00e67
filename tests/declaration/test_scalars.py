"""YAML's own traps: each scalar stays the very text that was written, or is a problem; never a wrong value."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.model import AccountKey, Declared
from tests.declaration.files import SAF, codes, line_of, load, problems

TRAPS = [
    "no", "on", "yes", "off", "y", "true", "1e3", "2026-13-01", "2026-03-20", "0123", "1_000", "12:30:45", ".5",
    "0x1F", "0o17", "1.0", "=", ".inf", ".nan", "1,000", "-1", "TRUE", "No",
]  # fmt: skip
SHARED = """\
  buzon.saf:
    tipo: compartida
    nombre: Buzón 2
    responsable: juan.perez
    alta: SAF/1/2025
"""
NULLS = ["~", "null", "Null", "NULL"]
TEXTS = {
    "nombre": lambda one: one.account.given_name,
    "puesto": lambda one: one.account.title,
    "area": lambda one: one.account.area,
    "usuario_ad": lambda one: one.account.logon,
    "renombra": lambda one: one.previous,
}
TYPED = {
    "cuota_mb": ["no", "1e3", "0123", "1_000", "0x1F", ".5", "12:30", "1.0", "-1", "0", "9999999", "1 000", "uno"],
    "existente": ["no", "on", "yes", "y", "1", "TRUE", "True", "No", "sí"],
    "vigencia": ["no", "2026-13-01", "2026-02-30", "20261231", "12:30:45", "2026-1-1", "01/12/2027", "2027"],
    "conservar_hasta": ["siempre", "2026-13-01", "2031"],
}


def declared(text: str) -> Declared | None:
    """Return Juan as declared, None where a problem stops the declaration."""
    loaded = load(text)
    return loaded.declaration.accounts[AccountKey("juan.perez")] if loaded.declaration else None


def with_value(field: str, value: str) -> str:
    """Return SAF's file with Juan's field written that way."""
    start = SAF.index("juan.perez")
    lines = [line for line in SAF[start:].splitlines() if not line.startswith(f"    {field}:")]
    return SAF[:start] + "\n".join([*lines, f"    {field}: {value}", ""])


@pytest.mark.parametrize("field", TEXTS)
@pytest.mark.parametrize("value", TRAPS)
def test_a_text_stays_what_was_written_or_is_a_problem(field: str, value: str) -> None:
    text = with_value(field, value)
    one = declared(text)
    if one is None:
        assert set(codes(text)) == {(len(text.splitlines()), "valor")}
    else:
        assert TEXTS[field](one) == value


@pytest.mark.parametrize(
    "field", [*TEXTS, "apellidos", "tipo", "cuota_mb", "vigencia", "alta", "responsable", "telefono"]
)
@pytest.mark.parametrize("value", NULLS)
def test_yamls_null_is_a_problem_everywhere(field: str, value: str) -> None:
    text = with_value(field, value)
    assert (len(text.splitlines()), "nulo") in codes(text)


@pytest.mark.parametrize("field", [*TEXTS, "apellidos", "cuota_mb", "vigencia", "alta", "existente", "entrega"])
def test_an_empty_value_is_a_problem_everywhere(field: str) -> None:
    for value in ("", '""', '" "'):
        text = with_value(field, value)
        assert (len(text.splitlines()), "valor") in codes(text)


def test_a_quoted_null_is_a_surname_that_exists() -> None:
    one = declared(with_value("apellidos", '"Null"'))
    assert one is not None
    assert one.account.surname == "Null"


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in TYPED.items() for value in values])
def test_a_number_a_day_and_a_yes_or_no_are_written_one_way_only(field: str, value: str) -> None:
    text = with_value(field, value)
    assert codes(text) == [(len(text.splitlines()), "valor")]


def test_a_number_a_day_and_a_yes_or_no_written_that_way_are_read() -> None:
    one = declared(SAF + "    cuota_mb: 1000\n    existente: true\n")
    assert one is not None
    assert one.account.mailbox is not None
    assert one.account.mailbox.quota_mb == 1000
    assert one.adopt
    off = declared(SAF + "    existente: false\n")
    assert off is not None
    assert not off.adopt


@pytest.mark.parametrize("key", ["no", "on", "yes", "y", "true", "null", "e3"])
def test_a_key_that_yaml_would_take_for_something_else_is_the_text_that_it_is(key: str) -> None:
    loaded = load(SAF.replace("juan.perez", key))
    assert loaded.declaration is not None
    assert list(loaded.declaration.accounts) == [key]


@pytest.mark.parametrize("key", ["1e3", "0123", "2026-03-20", "12:30:45", "~", ".5", "0x1F", "1_000"])
def test_a_key_that_is_a_number_to_yaml_is_a_problem(key: str) -> None:
    assert codes(SAF.replace("juan.perez", key)) == [(line_of(SAF, "juan.perez"), "clave")]


@pytest.mark.parametrize("number", ["0123", "123", "1e3", "12:30:45", "2026-03-20", "0x1F", "1_000", ".5"])
def test_an_oficio_that_is_a_number_to_yaml_keeps_every_digit(number: str) -> None:
    one = declared(SAF.replace("SAF/1/2025", number))
    assert one is not None
    assert one.alta == number


def test_a_text_in_a_block_or_on_several_lines_is_one_line_or_a_problem() -> None:
    assert codes(with_value("puesto", "|\n      Jefe de\n      Departamento")) == [(line_of(SAF, "alta:"), "valor")]
    one = declared(with_value("puesto", "Jefe de\n      Departamento"))
    assert one is not None
    assert one.account.title == "Jefe de Departamento"


@pytest.mark.parametrize("value", ["' Jefe'", "'Jefe '", "Jefe  de área", "'...'", "'-'"])
def test_a_text_has_no_spaces_too_many_and_some_letter(value: str) -> None:
    text = with_value("puesto", f"{value}" if value[0] == "'" else value)
    assert codes(text) == [(len(text.splitlines()), "valor")]


@pytest.mark.parametrize(
    ("field", "length"), [("nombre", 64), ("apellidos", 64), ("puesto", 64), ("area", 64), ("motivo_baja", 200)]
)
def test_a_text_has_the_length_that_the_directory_takes(field: str, length: int) -> None:
    for size, sound in ((length, True), (length + 1, False)):
        text = with_value(field, "a" * size)
        text += "    baja: SAF/2/2026\n" if field == "motivo_baja" else ""
        assert (declared(text) is not None) == sound


def test_what_goes_into_each_kind_of_account() -> None:
    shared = (
        "  buzon.saf:\n    tipo: compartida\n    nombre: Buzón 2\n    responsable: juan.perez\n    alta: SAF/1/2025\n"
    )
    loaded = load(SAF + shared)
    assert loaded.declaration is not None
    there = loaded.declaration.accounts[AccountKey("buzon.saf")].account
    assert (there.display_name, there.given_name, there.logon_enabled, there.responsable) == (
        "Buzón 2", None, False, "juan.perez",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "more", "field"),
    [
        ("compartida", "apellidos: Soto", "apellidos"),
        ("compartida", "", "tipo"),
        ("recurso", "", "tipo"),
        ("personal", "", "nombre"),
        ("personal", "apellidos: Soto 2", "apellidos"),
    ],
)
def test_each_kind_of_account_has_its_fields(kind: str, more: str, field: str) -> None:
    entry = f"  x.saf:\n    tipo: {kind}\n    nombre: Equis\n    alta: SAF/1/2025\n"
    entry += f"    {more}\n" if more else ""
    entry += "    responsable: juan.perez\n" if field == "apellidos" and kind != "personal" else ""
    text = SAF + entry
    line = SAF.count("\n") + 1 + next(n for n, one in enumerate(entry.splitlines()) if one.strip().startswith(field))
    assert codes(text) == [(line, "valor")]


def test_an_adopted_account_is_not_a_renamed_one() -> None:
    text = SAF + "    existente: true\n    renombra: juan.p\n"
    assert codes(text) == [(len(text.splitlines()), "valor")]


@pytest.mark.parametrize("who", ["nadie", "buzon.saf", "otro.saf", "ana.soto"])
def test_a_shared_account_is_looked_after_by_a_person_in_service(who: str) -> None:
    entries = "".join(
        f"  {key}:\n    tipo: compartida\n    nombre: Buzón\n    responsable: {name}\n    alta: SAF/1/2025\n"
        for key, name in (("buzon.saf", who), ("otro.saf", "juan.perez"))
    )
    gone = "  ana.soto:\n    nombre: Ana\n    apellidos: Soto\n    alta: SAF/1/2025\n    baja: SAF/2/2026\n"
    text = SAF + entries + gone + "    motivo_baja: Renuncia\n"
    assert codes(text) == [(line_of(text, f"responsable: {who}"), "responsable")]


def test_the_account_of_somebody_who_left_may_be_of_baja_with_them() -> None:
    text = SAF + "    baja: SAF/2/2026\n    motivo_baja: Renuncia\n"
    text += (
        "  buzon.saf:\n    tipo: compartida\n    nombre: Buzón\n    responsable: juan.perez\n    alta: SAF/1/2025\n"
    )
    text += "    baja: SAF/2/2026\n    motivo_baja: Sin uso\n"
    assert codes(text) == []


def test_the_delivery_of_the_first_password_has_its_options() -> None:
    good = "    entrega:\n      medio: correo\n      a: enlace\n      motivo: Está en Los Mochis\n"
    assert codes(SAF + good) == []
    bad = good.replace("correo", "paloma").replace("enlace", "vecino")
    first = len(SAF.splitlines()) + 2
    said = problems(SAF + bad)
    assert [(one.line, one.code) for one in said] == [(first, "valor"), (first + 1, "valor")]
    assert "'impresa' o 'correo'" in said[0].message


@given(value=st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\n"), max_size=20))
def test_any_text_is_read_as_it_is_or_is_a_problem(value: str) -> None:
    written = value.replace("'", "''")
    loaded = declared(with_value("puesto", f"'{written}'"))
    if loaded is not None:
        assert loaded.account.title == unicodedata.normalize("NFC", value)
