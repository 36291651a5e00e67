"""Which files are read, and an agency in the form of a folder: one head, any number of parts."""

from __future__ import annotations

import pytest

from reconciler import declaration
from reconciler.model import Siglas, TreeFile
from tests.build import TODAY
from tests.declaration.files import (
    CONFIG,
    HEAD,
    JUAN,
    OTHER,
    OTHER_PATH,
    PATH,
    SAF,
    account,
    codes,
    file,
    line_of,
    load,
    person,
    problems,
)

HEAD_PATH = "accounts/SAF/_dependencia.yaml"
PARTS = {HEAD_PATH: HEAD, "accounts/SAF/a.yaml": f"cuentas:\n{JUAN}"}


def test_a_folder_says_the_same_as_a_file() -> None:
    whole, parts = load(SAF).declaration, load(PARTS).declaration
    assert whole is not None
    assert parts is not None
    assert parts.wanted == whole.wanted
    assert parts.dependencias == whole.dependencias


def test_an_account_of_a_part_knows_its_place() -> None:
    loaded = load(PARTS)
    assert loaded.declaration is not None
    (one,) = loaded.declaration.accounts.values()
    assert str(one.source) == "accounts/SAF/a.yaml:2"


def test_parts_share_the_oficios_and_enlaces_of_the_head_and_may_have_their_own() -> None:
    oficio = "oficios:\n  SAF/3/2026:\n    fecha: 2026-04-01\n    recibido: 2026-04-01\n    medio: correo\n"
    part = oficio + "    enlace: laura.beltran\ncuentas:\n" + person("ana.soto", alta="SAF/3/2026")
    assert account(PARTS | {"accounts/SAF/b.yaml": part}, "ana.soto").dependencia == "SAF"


@pytest.mark.parametrize(
    ("part", "code"),
    [
        (f"cuentas:\n{JUAN}", "clave-repetida"),
        (HEAD[HEAD.index("enlaces:") : HEAD.index("oficios:")], "clave-repetida"),
        (HEAD[HEAD.index("  SAF/1/2025") : HEAD.index("  SAF/2/2026")], "clave-repetida"),
    ],
)
def test_nothing_is_in_two_parts(part: str, code: str) -> None:
    text = part if part[0] != " " else f"oficios:\n{part}"
    said = problems(PARTS | {"accounts/SAF/b.yaml": text})
    assert [(one.file, one.line, one.code) for one in said] == [("accounts/SAF/b.yaml", 2, code)]


def test_a_folder_whose_parts_do_not_name_the_agency_is_refused() -> None:
    parts = PARTS | {HEAD_PATH: HEAD[HEAD.index("enlaces:") :]}
    (said,) = problems(parts)
    assert (said.code, said.file) == ("falta", HEAD_PATH)
    assert "_dependencia.yaml" in said.remedy


def test_a_part_may_leave_out_name_and_siglas() -> None:
    assert codes(PARTS) == []


def test_parts_do_not_contradict_each_other() -> None:
    text = f"dependencia: Otra secretaría\ncuentas:\n{person('ana.soto')}"
    assert [(one.file, one.line, one.code) for one in problems(PARTS | {"accounts/SAF/b.yaml": text})] == [
        ("accounts/SAF/b.yaml", 1, "encabezado")
    ]


def test_an_agency_is_a_file_or_a_folder_and_not_both() -> None:
    said = problems({PATH: SAF, **PARTS})
    assert {one.code for one in said} == {"dependencia-repetida"}
    assert {one.file for one in said} == set(PARTS)


def test_two_files_that_differ_only_in_case_are_one_agency_twice() -> None:
    said = problems({"accounts/SAF.yaml": SAF, "accounts/Saf.yaml": SAF.replace("siglas: SAF", "siglas: Saf")})
    assert [(one.file, one.code) for one in said] == [("accounts/Saf.yaml", "dependencia-repetida")]


def test_the_siglas_are_those_of_the_files_name() -> None:
    text = SAF.replace("siglas: SAF", "siglas: SEBIDES")
    assert codes(text) == [(line_of(text, "siglas"), "siglas")]


def test_a_whole_file_says_name_and_siglas() -> None:
    text = SAF[SAF.index("enlaces:") :]
    assert codes(text) == [(1, "falta"), (1, "falta")]


def test_an_agency_may_have_a_domain_of_its_own_among_the_allowed_ones() -> None:
    assert account(f"dominio: salud.sinaloa.gob.mx\n{SAF}").address == "juan.perez@salud.sinaloa.gob.mx"
    (said,) = problems(f"dominio: gmail.com\n{SAF}")
    assert (said.line, said.code) == (1, "dominio")
    assert "sinaloa.gob.mx" in said.remedy


def test_a_header_that_is_not_sound_is_said_once() -> None:
    assert codes(f"dominio: Gmail\n{SAF}") == [(1, "valor")]


def test_two_agencies_are_read_together() -> None:
    loaded = load({PATH: SAF, OTHER_PATH: OTHER.replace("juan.perez", "ana.soto")})
    assert loaded.declaration is not None
    assert list(loaded.declaration.accounts) == ["ana.soto", "juan.perez"]
    assert set(loaded.declaration.dependencias) == {Siglas("SAF"), Siglas("SEBIDES")}


@pytest.mark.parametrize(
    "path", ["accounts/SAF.yml", "accounts/SAF.YAML", "accounts/notas.txt", "accounts/a/b/c.yaml", "accounts/SAF"]
)
def test_a_file_that_would_not_be_read_is_said(path: str) -> None:
    assert [(one.file, one.line, one.code) for one in problems({PATH: SAF, path: SAF})] == [(path, 0, "archivo")]


@pytest.mark.parametrize("path", ["accounts/README.md", "accounts/SAF/.gitkeep"])
def test_a_readme_and_a_placeholder_are_left_alone(path: str) -> None:
    assert codes({PATH: SAF, path: "hola"}) == []


@pytest.mark.parametrize(("mode", "word"), [("120000", "enlace simbólico"), ("160000", "submódulo")])
def test_a_symbolic_link_and_a_submodule_are_refused_whatever_they_are_called(mode: str, word: str) -> None:
    for path in (PATH, "accounts/README.md", "accounts/SAF"):
        loaded = declaration.load([TreeFile(path, mode, 11, None)], CONFIG, TODAY)
        assert loaded.declaration is None
        (said,) = loaded.problems
        assert (said.file, said.code) == (path, "archivo")
        assert word in said.message


def test_a_file_of_which_nothing_was_read_is_said_with_its_size_or_that_it_could_not_be() -> None:
    for size, code in ((50_000_000, "archivo-grande"), (10, "archivo")):
        loaded = declaration.load([TreeFile(PATH, "100644", size, None), file(OTHER_PATH, OTHER)], CONFIG, TODAY)
        assert [(one.file, one.code) for one in loaded.problems] == [(PATH, code)]
