"""cuentas form: RSDT-08.01 and the draft of the oficio, made for an agency."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from reconciler.documents.form_reading import read_form
from tests.cli.desk import ANA, JUAN, SAF, SEBIDES, Desk, desk, leaving, saf
from tests.documents.papers import filled, picture, text_of, widgets
from tests.forge import Agency

LOGO = "documentos:\n  logotipo: imagenes/logo.png\n  lema: Un lema de todos\n"


@pytest.fixture(scope="module")
def mesa(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """A desk with Juan in service and Ana gone."""
    made = desk(tmp_path_factory.mktemp("formatos"))
    gone = {key: leaving(entry) for key, entry in ANA.items()}
    made.forge.pull_request({SAF: saf(JUAN, gone)})
    return made


def values(form: bytes) -> dict[str, str]:
    return {str(box["/T"]): str(box.get("/V", "")) for box, _, _ in widgets(form)}


def test_an_agencys_form_is_filled_in_and_read_back(mesa: Desk, tmp_path: Path) -> None:
    file = tmp_path / "s.pdf"
    said = mesa.run("form", "rsdt-08.01", "--dependencia", "saf", "-o", str(file))
    assert f"Guardado en {file}" in said.out
    form = file.read_bytes()
    assert values(form)["dependencia"] == "SAF"
    request = read_form(filled(form, {"nombre": "Rosa", "apellidos": "Ibáñez Lara"}))
    assert (request.dependencia, request.nombre, request.apellidos) == ("SAF", "Rosa", "Ibáñez Lara")


def test_the_form_says_whom_to_send_it_to(mesa: Desk, tmp_path: Path) -> None:
    mesa.run("form", "rsdt-08.01", "--dependencia", "SAF", "-o", str(tmp_path / "f.pdf"))
    text = " ".join(PdfReader(str(tmp_path / "f.pdf")).pages[0].extract_text().split())
    assert "envíe este archivo a Mesa de Ayuda (mesa.ayuda@sinaloa.gob.mx). Requiere de oficio al Director" in text


def test_without_a_name_it_is_saved_here_under_the_forms_code(mesa: Desk) -> None:
    mesa.run("form", "rsdt-08.01")
    file = mesa.forge.path / "RSDT-08.01.pdf"
    try:
        assert len(PdfReader(file).pages) == 1
    finally:
        file.unlink()


def test_a_file_that_is_there_is_replaced_only_when_asked(mesa: Desk, tmp_path: Path) -> None:
    file = tmp_path / "s.pdf"
    file.write_bytes(b"de otro")
    said = mesa.run("form", "rsdt-08.01", "-o", str(file), code=2)
    assert "Ya existe" in said.err
    assert file.read_bytes() == b"de otro"
    mesa.run("form", "rsdt-08.01", "-o", str(file), "--reemplazar")
    assert file.read_bytes().startswith(b"%PDF")
    assert [one.name for one in tmp_path.iterdir()] == ["s.pdf"]


def test_a_folder_that_is_not_there_is_said(mesa: Desk, tmp_path: Path) -> None:
    said = mesa.run("form", "rsdt-08.01", "-o", str(tmp_path / "no" / "s.pdf"), code=2)
    assert "No se pudo escribir" in said.err


@pytest.mark.parametrize("words", [("rsdt-08.01", "--baja"), ("baja",)])
def test_a_baja_has_no_form_and_the_command_says_what_there_is(mesa: Desk, words: tuple[str, ...]) -> None:
    said = mesa.run("form", *words, code=2)
    assert "solo para altas" in said.err
    assert "cuentas form oficio" in said.err


def test_an_agency_that_is_not_there_is_answered_with_those_that_are(mesa: Desk) -> None:
    said = mesa.run("form", "rsdt-08.01", "--dependencia", "XYZ", code=2)
    assert "XYZ" in said.err
    assert "SAF" in said.err


def letter(mesa: Desk, tmp_path: Path, *words: str) -> str:
    file = tmp_path / "oficio.txt"
    mesa.run("form", "oficio", "--dependencia", "SAF", *words, "--formato", "txt", "-o", str(file))
    return file.read_text(encoding="utf-8")


def test_the_letter_for_a_baja_names_the_account_as_it_is_declared(mesa: Desk, tmp_path: Path) -> None:
    text = letter(mesa, tmp_path, "--baja", "--cuenta", "juan.perez@sinaloa.gob.mx", "--numero", "SAF/9/2026")
    assert "juan.perez@sinaloa.gob.mx" in text
    assert "Nombre: Juan Pérez López" in text
    assert "SAF/9/2026" in text


def test_the_letter_for_an_alta_names_an_address_that_nobody_has_yet(mesa: Desk, tmp_path: Path) -> None:
    text = letter(mesa, tmp_path, "--alta", "--cuenta", "rosa.ibanez")
    assert "Correo solicitado: rosa.ibanez@sinaloa.gob.mx" in text


def test_the_letter_is_drawn_as_a_pdf(mesa: Desk, tmp_path: Path) -> None:
    file = tmp_path / "o.pdf"
    mesa.run("form", "oficio", "--dependencia", "SAF", "--baja", "--cuenta", "juan.perez", "-o", str(file))
    assert "Juan Pérez López" in text_of(file.read_bytes())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "altas o bajas"),
        (("--alta", "--baja"), "altas o bajas"),
        (("--baja", "--cuenta", "nadie.nunca"), "No hay una cuenta «nadie.nunca»"),
        (("--baja", "--cuenta", "ana.ruiz"), "ya está pedida"),
        (("--alta", "--enlace", "pedro.paramo"), "no es enlace"),
    ],
    ids=["neither", "both", "unknown account", "gone already", "no enlace"],
)
def test_a_letter_that_would_ask_for_nonsense_is_not_drafted(mesa: Desk, words: tuple[str, ...], said: str) -> None:
    assert said in mesa.run("form", "oficio", "--dependencia", "SAF", *words, code=2).err


def test_an_account_of_another_agency_is_not_ones_to_ask_for(tmp_path: Path) -> None:
    mesa = desk(tmp_path)
    mesa.forge.pull_request({SEBIDES: Agency("SEBIDES", accounts=JUAN)})
    for kind in ("--alta", "--baja"):
        said = mesa.run("form", "oficio", "--dependencia", "SAF", kind, "--cuenta", "juan.perez", code=2)
        assert "es de SEBIDES, no de SAF" in said.err


def test_the_director_is_whoever_the_configuration_names(tmp_path: Path) -> None:
    mesa = desk(tmp_path, "organizacion:\n  director:\n    nombre: Mtra. Inés Núñez\n    cargo: Directora de Todo\n")
    assert "Mtra. Inés Núñez\nDirectora de Todo\n" in letter(mesa, tmp_path, "--alta")


def test_the_logo_comes_from_the_commit_and_not_from_the_folder(tmp_path: Path) -> None:
    mesa = desk(tmp_path, LOGO)
    logo = mesa.forge.path / "imagenes" / "logo.png"
    logo.parent.mkdir()
    logo.write_bytes(picture())
    file = tmp_path / "s.pdf"
    said = mesa.run("form", "rsdt-08.01", "-o", str(file), code=2)
    assert "No existe el logotipo" in said.err
    assert "logotipo" in mesa.run("validate", code=2).err
    mesa.run("form", "rsdt-08.01", "-o", str(file), "--worktree")
    assert len(list(PdfReader(BytesIO(file.read_bytes())).pages[0].images)) == 1
    assert "Un lema de todos" in text_of(file.read_bytes())


def test_a_logo_that_cannot_be_drawn_is_told_by_validate(tmp_path: Path) -> None:
    mesa = desk(tmp_path, LOGO)
    mesa.forge.push({"imagenes/logo.png": "no soy una imagen\n"})
    said = mesa.run("validate", code=2)
    assert "cuentas.yaml: error: El logotipo de los documentos, «imagenes/logo.png», no es una imagen" in said.err
