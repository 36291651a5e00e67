"""Problems: every one at once, each with its file, its line and what to do."""

from __future__ import annotations

from tests.declaration.files import HEAD, JUAN, OTHER_PATH, PATH, SAF, codes, file, line_of, load, problems

BROKEN = """\
dependencia: Secretaría de Administración y Finanzas
siglas: SAF
telefonos: 667
enlaces:
  laura.beltran:
    nombre: Laura Beltrán Ochoa
    correo: Laura@SINALOA.gob.mx
oficios:
  SAF/1/2025:
    fecha: 2025-13-11
    recibido: 2025-02-12
    enlace: laura.beltran
cuentas:
  Juan.Perez:
    nombre: Juan
    apellidos: Pérez
    alta: SAF/1/2025
  ana.soto:
    nombre: Ana
    puesto: Analista
    alta: SAF/1/2025
    baja: SAF/9/2026
    colour: azul
"""


def test_everything_wrong_in_a_file_is_said_at_once_each_on_its_own_line() -> None:
    assert codes(BROKEN) == [
        (3, "clave-desconocida"),
        (7, "valor"),
        (9, "falta"),
        (10, "valor"),
        (14, "clave"),
        (19, "valor"),
        (22, "valor"),
        (23, "clave-desconocida"),
    ]


def test_everything_wrong_in_every_file_is_said_in_order_of_file_and_line() -> None:
    said = problems({OTHER_PATH: "hola", PATH: BROKEN})
    assert [problem.file for problem in said] == [PATH] * 8 + [OTHER_PATH]
    assert said == sorted(said, key=lambda problem: (problem.file, problem.line))


def test_every_problem_says_in_spanish_what_is_wrong_and_what_to_do() -> None:
    for problem in problems(BROKEN):
        assert problem.message.endswith(".")
        assert problem.remedy
        assert "valid" not in problem.message.lower()
        assert "input" not in problem.message.lower()


def test_an_entry_with_a_problem_does_not_make_those_who_name_it_look_wrong() -> None:
    text = SAF.replace("    medio: ventanilla\n", "    medio: paloma\n").replace("correo: laura", "correo: LAURA")
    shared = (
        "  buzon.saf:\n    tipo: compartida\n    nombre: Buzón\n    responsable: ana.soto\n    alta: SAF/1/2025\n"
    )
    ana = "  ana.soto:\n    nombre: Ana\n    apellidos: Soto\n    puesto: ''\n    alta: SAF/1/2025\n"
    whole = text + ana + shared
    assert codes(whole) == [
        (line_of(whole, "correo:"), "valor"),
        (line_of(whole, "medio: paloma"), "valor"),
        (line_of(whole, "puesto: ''"), "valor"),
    ]


def test_a_file_that_cannot_be_read_does_not_make_those_who_name_its_accounts_look_wrong() -> None:
    shared = (
        "  buzon.saf:\n    tipo: compartida\n    nombre: Buzón\n    responsable: ana.soto\n    alta: SAF/1/2025\n"
    )
    assert codes({PATH: SAF + shared, OTHER_PATH: "a: [\n"}) == [(2, "yaml")]


def test_a_missing_part_of_a_folder_does_not_make_the_others_look_wrong() -> None:
    parts = {"accounts/SAF/a.yaml": f"cuentas:\n{JUAN}", "accounts/SAF/_dependencia.yaml": HEAD + "x: [\n"}
    assert [problem.code for problem in problems(parts)] == ["yaml"]


def test_thousands_of_problems_are_counted_and_not_all_shown() -> None:
    said = problems(SAF + "".join(f"  a{number}:\n    nombre: X\n" for number in range(3000)))
    assert len(said) == 201
    assert said[-1].code == "y-mas"
    assert "problemas más" in said[-1].message


def test_an_overflow_of_warnings_alone_stops_nothing() -> None:
    long = "".join(
        f"  nombremuylargodemas{number}:\n    nombre: Ana\n    apellidos: Soto\n    usuario_ad: u{number}\n"
        "    vigencia: 2026-01-01\n    alta: SAF/1/2025\n"
        for number in range(300)
    )
    loaded = load(SAF + long)
    assert loaded.declaration is not None
    assert loaded.problems[-1].code == "y-mas"
    assert not loaded.problems[-1].blocks


def test_a_duplicate_key_is_a_problem_that_names_both_lines() -> None:
    (said,) = problems(SAF + JUAN)
    first, second = line_of(SAF, "juan.perez"), len(SAF.splitlines()) + 1
    assert (said.line, said.code) == (second, "clave-repetida")
    assert f"renglón {first}" in said.message


def test_a_duplicate_field_is_a_problem() -> None:
    text = SAF + "    puesto: Otro\n"
    assert codes(text) == [(len(text.splitlines()), "clave-repetida")]


def test_an_unknown_field_is_a_problem_that_guesses_what_was_meant() -> None:
    (said,) = problems(SAF.replace("puesto:", "puestos:"))
    assert (said.line, said.code) == (line_of(SAF, "puesto:"), "clave-desconocida")
    assert said.remedy == "¿Quiso decir «puesto»?"


def test_an_empty_entry_says_that_a_baja_is_not_made_by_emptying_it() -> None:
    (said,) = problems(SAF + "  ana.soto:\n")
    assert said.code == "entrada"
    assert "baja:" in said.remedy


def test_a_section_without_entries_is_a_problem() -> None:
    assert codes(SAF.replace(JUAN, "")) == [(line_of(SAF, "cuentas"), "seccion")]


def test_no_files_at_all_declare_nothing() -> None:
    loaded = load({})
    assert loaded.declaration is not None
    assert not loaded.declaration.accounts
    assert not loaded.problems


def test_a_file_keeps_the_path_that_its_problems_name() -> None:
    assert file(PATH, SAF).path == problems(SAF + JUAN)[0].file
