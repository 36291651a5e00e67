"""Oficios: every movement names one that is declared, kept as the letter writes it; enlaces handle them (P2, P3)."""

from __future__ import annotations

import pytest

from reconciler.config import Config
from reconciler.model import Siglas
from tests.declaration.files import (
    CONFIG,
    HEAD,
    JUAN,
    SAF,
    account,
    codes,
    line_of,
    load,
    person,
    problems,
    warnings,
)

REAL = [
    "SPMV/018/2024",
    "ICM-137-001/2018",
    "SGPARN.02.IRA.4084/21",
    "V500.0048.2022",
    "SESVER/RS/JSXI/0018/2022",
    "022-02-JEG-2022",
    "0123",
    "12345678901",
    "SP/PARTICULAR/0012/2026",
    "DG.CASA DE LA CULTURA 0012/2026",
    "SAF/DA/Nº 12/2026",
]


@pytest.mark.parametrize("number", REAL)
def test_a_real_world_number_is_accepted_and_kept_as_the_letter_writes_it(number: str) -> None:
    loaded = load(SAF.replace("SAF/1/2025", number))
    assert loaded.declaration is not None, loaded.problems
    assert not loaded.problems
    assert number in loaded.declaration.dependencias[Siglas("SAF")].oficios
    assert {one.alta for one in loaded.declaration.accounts.values()} == {number}


@pytest.mark.parametrize(
    "number", ["S/N", "s.n.", "SIN DATO", "N/A", "Sin número", "PENDIENTE", "S/N/2026", "Oficio"]
)
def test_a_placeholder_is_no_number_neither_declared_nor_named(number: str) -> None:
    text = SAF.replace("SAF/1/2025", number)
    assert codes(text) == [(line_of(text, number), "clave"), (line_of(text, "alta:"), "valor")]


def test_a_number_that_is_too_long_is_refused() -> None:
    text = SAF.replace("SAF/1/2025", "1" * 61)
    assert codes(text) == [(line_of(text, "1" * 61), "clave"), (line_of(text, "alta:"), "valor")]


@pytest.mark.parametrize("number", ["saf/2/2026", "SAF-2-2026", "SAF.2.2026", "SAF / 2 / 2026", "SAF 2 2026"])
def test_one_letter_written_in_two_ways_is_one_oficio(number: str) -> None:
    twice = HEAD + f"  {number}:\n    fecha: 2026-03-20\n    recibido: 2026-03-23\n    medio: oficio\n"
    twice += f"    enlace: laura.beltran\ncuentas:\n{JUAN}"
    (said,) = problems(twice)
    assert (said.line, said.code) == (line_of(twice, f"{number}:"), "oficio-repetido")
    assert "SAF/2/2026" in said.message


def test_the_same_number_in_another_year_is_another_oficio() -> None:
    text = HEAD.replace("SAF/1/2025", "DA 12").replace("SAF/2/2026", "DA-12") + f"cuentas:\n{JUAN}"
    assert warnings(text.replace("SAF/1/2025", "DA 12")) == []


def test_an_agencys_own_pattern_only_warns() -> None:
    config = Config(dominios=("sinaloa.gob.mx",), patrones_oficio={"SAF": r"SAF/\d+/2026"})
    assert warnings(SAF, config) == [(line_of(SAF, "SAF/1/2025"), "oficio-patron")]


@pytest.mark.parametrize("field", ["alta", "baja"])
def test_a_movement_names_an_oficio_of_its_own_agency(field: str) -> None:
    text = SAF.replace(
        "    alta: SAF/1/2025\n", "    alta: SAF/1/2025\n    baja: SAF/2/2026\n    motivo_baja: Renuncia\n"
    )
    text = text.replace(f"    {field}: SAF/", f"    {field}: SAF/0")
    (said,) = problems(text)
    assert (said.line, said.code) == (line_of(text, f"{field}:"), "oficio-no-declarado")
    assert said.remedy.startswith("¿Es «SAF/")


def test_an_oficio_that_resembles_none_is_to_be_declared() -> None:
    (said,) = problems(SAF.replace("    alta: SAF/1/2025", "    alta: 99"))
    assert said.remedy.startswith("Declárelo")


def test_an_account_without_an_oficio_is_refused() -> None:
    assert codes(SAF.replace("    alta: SAF/1/2025\n", "")) == [(line_of(SAF, "juan.perez"), "falta")]


def test_an_oficio_is_handled_by_an_enlace_of_the_agency_and_the_problem_says_who_they_are() -> None:
    text = SAF.replace("    enlace: laura.beltran\n  SAF/2", "    enlace: juan.perez\n  SAF/2")
    (said,) = problems(text)
    assert (said.line, said.code) == (line_of(text, "enlace: juan.perez"), "no-es-enlace")
    assert "P3" in said.remedy
    assert said.remedy.endswith("los de SAF son: laura.beltran.")


def test_an_agency_without_enlaces_is_told_to_declare_one() -> None:
    start, end = SAF.index("enlaces:"), SAF.index("oficios:")
    said = problems(SAF[:start] + SAF[end:])
    assert {one.code for one in said} == {"no-es-enlace"}
    assert "declárelo en «enlaces»" in said[0].remedy


def test_an_enlace_has_an_institutional_address() -> None:
    text = SAF.replace("laura.beltran@sinaloa.gob.mx", "laura.beltran@gmail.com")
    assert codes(text) == [(line_of(text, "correo:"), "correo-ajeno")]


@pytest.mark.parametrize(
    "key",
    [
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEItgeEGYPjH3LgdlKN+KQYHG1KyTdtmxvhqGfNlPXpk laura",
        "age16y2hlf90wz5azepgqfq4gx4aznqnkludyn8l4mcht4qqu7qgud4sfpm78a",
    ],
)
def test_an_enlaces_public_key_may_be_of_ssh_or_age(key: str) -> None:
    text = SAF.replace("gob.mx\noficios", f"gob.mx\n    llave: {key}\noficios")
    loaded = load(text)
    assert loaded.declaration is not None
    assert loaded.declaration.dependencias[Siglas("SAF")].enlaces["laura.beltran"].key_ssh == key


@pytest.mark.parametrize("key", ["ssh-dss AAAA", "-----BEGIN OPENSSH PRIVATE KEY-----", "AGE-SECRET-KEY-1"])
def test_anything_else_is_no_public_key(key: str) -> None:
    text = SAF.replace("gob.mx\noficios", f"gob.mx\n    llave: {key}\noficios")
    assert codes(text) == [(line_of(text, "llave:"), "valor")]


def test_a_digest_is_64_hexadecimal_digits() -> None:
    good = SAF.replace("    medio: oficio\n", f"    medio: oficio\n    sha256: {'0123456789abcdef' * 4}\n")
    assert warnings(good) == []
    bad = good.replace("abcdef", "ABCDEF")
    assert codes(bad) == [(line_of(bad, "sha256"), "valor")]


def test_a_reincorporation_names_a_new_oficio_and_drops_the_baja() -> None:
    text = SAF + person("ana.soto", alta="SAF/2/2026")
    assert account(text, "ana.soto").logon_enabled
    assert CONFIG.dominios[0] in account(text, "ana.soto").address
