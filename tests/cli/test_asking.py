"""request on a terminal: it asks for what is missing, with what the repository knows to choose from."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.desk import SAF, Desk, leaving, saf
from tests.cli.terminal import CONTROL_C, DOWN, ENTER, Terminal, terminal
from tests.cli.test_request import BRANCH, branches, entries, received, untouched
from tests.cli.test_request import _mesa as _mesa  # noqa: PLC0414 -- the fixture
from tests.forge import person

JUAN = {"juan.perez": person("Juan", "Pérez López")}


def alta_until_the_oficio(screen: Terminal, surnames: str = "Ruiz Soto", given: str = "Pedro") -> None:
    """Answer everything that is asked of a person before the oficio is."""
    screen.answer("¿Qué se pide?", ENTER)
    screen.answer("Dependencia:", ENTER)
    screen.answer("¿Quién solicita?", ENTER)
    screen.answer("Tipo de cuenta:", ENTER)
    screen.answer("Nombre:", given, ENTER)
    screen.answer("Apellidos:", surnames, ENTER)
    screen.answer("Puesto (Intro para dejarlo vacío):", "Analista", ENTER)
    screen.answer("Área (Intro para dejarlo vacío):", ENTER)
    screen.answer("Teléfono institucional (Intro para dejarlo vacío):", ENTER)
    screen.answer("¿Más datos", ENTER)


def new_oficio(screen: Terminal, dated: str = "2026-05-04") -> None:
    screen.answer("Oficio que la ampara:", ENTER)
    screen.answer("Número de oficio:", "SAF/9/2026", ENTER)
    screen.answer("Fecha del oficio:", dated, ENTER)
    screen.answer("Recibido el:", ENTER)
    screen.answer("Medio:", ENTER)
    screen.answer("Cargo de quien firma", ENTER)


def test_an_alta_is_asked_for_and_confirmed(mesa: Desk) -> None:
    with terminal(mesa.forge.path, "request") as screen:
        alta_until_the_oficio(screen)
        new_oficio(screen)
        screen.expect("Clave propuesta:")
        screen.answer("pedro.ruizs", ENTER)
        screen.expect("Pedro")
        screen.answer("¿Es correcto?", ENTER)
        screen.expect(f"rama {BRANCH}")
        assert screen.end() == 0
    assert entries(mesa)["cuentas", "pedro.ruiz"] == person("Pedro", "Ruiz Soto", "SAF/9/2026")
    assert received(mesa)[0].enlace == "laura.beltran"


def test_what_is_wrong_is_said_and_only_that_is_asked_again(mesa: Desk) -> None:
    with terminal(mesa.forge.path, "request") as screen:
        alta_until_the_oficio(screen)
        new_oficio(screen, "2099-01-01")
        screen.answer("Clave propuesta:", ENTER)
        screen.expect("todavía no llega")
        screen.answer("Fecha del oficio:", *["\x7f"] * 10, "2026-05-04", ENTER)
        screen.answer("Recibido el:", ENTER)
        screen.answer("¿Es correcto?", ENTER)
        assert screen.end() == 0
    assert entries(mesa)["oficios", "SAF/9/2026"]["fecha"] == "2026-05-04"


def test_a_box_that_cannot_be_read_is_asked_for_again(mesa: Desk) -> None:
    words = (
        "--alta",
        "--dependencia",
        "SAF",
        "--nombre",
        "Pedro",
        "--apellidos",
        "Ruiz Soto",
        "--solicitante",
        "laura.beltran",
    )
    with terminal(
        mesa.forge.path, "request", *words, "--puesto", "Ana\u202elista", "--oficio", "SAF/1/2026"
    ) as screen:
        screen.answer("Tipo de cuenta:", ENTER)
        screen.answer("Área", ENTER)
        screen.answer("Teléfono", ENTER)
        screen.answer("¿Más datos", ENTER)
        screen.answer("Clave propuesta:", ENTER)
        screen.expect("cambia la dirección de lectura")
        screen.answer("Puesto", "Analista", ENTER)
        screen.answer("¿Es correcto?", ENTER)
        assert screen.end() == 0
    assert entries(mesa, "solicitud/saf-pedro.ruiz-saf-1-2026")["cuentas", "pedro.ruiz"]["puesto"] == "Analista"


@pytest.mark.parametrize("at", ["Apellidos:", "Oficio que la ampara:", "Clave propuesta:", "¿Es correcto?"])
def test_interrupted_anywhere_nothing_is_left(mesa: Desk, at: str) -> None:
    steps = ["Apellidos:", "Oficio que la ampara:", "Clave propuesta:", "¿Es correcto?"]
    with terminal(mesa.forge.path, "request", "--alta", "--nombre", "Pedro") as screen:
        screen.answer("Dependencia:", ENTER)
        screen.answer("¿Quién solicita?", ENTER)
        screen.answer("Tipo de cuenta:", ENTER)
        for step in steps[: steps.index(at)]:
            if step == "Apellidos:":
                screen.answer(step, "Ruiz", ENTER)
                screen.answer("Puesto", ENTER)
                screen.answer("Área", ENTER)
                screen.answer("Teléfono", ENTER)
                screen.answer("¿Más datos", ENTER)
            elif step == "Oficio que la ampara:":
                new_oficio(screen)
            else:
                screen.answer(step, ENTER)
        screen.answer(at, CONTROL_C)
        screen.expect("Interrumpido")
        assert screen.end() == 130
    untouched(mesa)


def test_what_is_not_confirmed_leaves_nothing(mesa: Desk) -> None:
    words = ("--baja", "--dependencia", "SAF", "--clave", "juan.perez", "--motivo-baja", "Renuncia")
    with terminal(
        mesa.forge.path, "request", *words, "--oficio", "SAF/2/2026", "--solicitante", "laura.beltran"
    ) as screen:
        screen.answer("¿Es correcto?", DOWN, ENTER)
        screen.expect("No se confirmó")
        assert screen.end() == 130
    untouched(mesa)


def test_a_baja_offers_the_accounts_in_service_and_the_oficios_there_are(mesa: Desk) -> None:
    with terminal(mesa.forge.path, "request", "--baja", "--dependencia", "saf") as screen:
        screen.answer("¿Quién solicita?", ENTER)
        screen.answer("¿Qué cuenta?", "juan.perez", ENTER)
        screen.answer("Oficio que la ampara:", DOWN, DOWN, ENTER)
        screen.answer("Motivo de la baja:", "Renuncia", ENTER)
        screen.answer("¿Es correcto?", ENTER)
        assert screen.end() == 0
    assert branches(mesa) == ["solicitud/saf-juan.perez-saf-2-2026"]


def test_without_oficio_it_waits_and_says_how_to_go_on(mesa: Desk) -> None:
    with terminal(mesa.forge.path, "request") as screen:
        alta_until_the_oficio(screen)
        screen.answer("Oficio que la ampara:", DOWN, ENTER)
        screen.answer("Clave propuesta:", ENTER)
        screen.answer("¿Es correcto?", ENTER)
        screen.expect("cuentas request --orden OT-")
        assert screen.end() == 0
    assert branches(mesa) == []
    assert received(mesa)[0].oficio is None


def test_somebody_who_is_no_enlace_is_turned_away_before_anything_is_asked_of_the_account(mesa: Desk) -> None:
    with terminal(mesa.forge.path, "request", "--alta", "--dependencia", "SAF") as screen:
        screen.answer("¿Quién solicita?", DOWN, ENTER)
        screen.answer("Solicitante", "Pedro Ruiz", ENTER)
        screen.expect("Laura Beltrán Ochoa <laura.beltran@sinaloa.gob.mx>")
        assert screen.end() == 3
    untouched(mesa)


def test_who_comes_back_is_chosen_among_those_out_of_service(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf({"juan.perez": leaving(JUAN["juan.perez"])})})
    with terminal(mesa.forge.path, "request") as screen:
        screen.answer("¿Qué se pide?", DOWN, DOWN, ENTER)
        screen.answer("Dependencia:", ENTER)
        screen.answer("¿Qué cuenta?", "juan.perez", ENTER)
        screen.answer("¿Quién solicita?", ENTER)
        screen.answer("Puesto", "Director", ENTER)
        screen.answer("Área", ENTER)
        screen.answer("Teléfono", ENTER)
        screen.answer("¿Más datos", ENTER)
        new_oficio(screen)
        screen.answer("¿Es correcto?", ENTER)
        screen.expect("Reincorporación de juan.perez")
        assert screen.end() == 0


def test_a_long_key_lets_the_logon_be_chosen(mesa: Desk) -> None:
    with terminal(mesa.forge.path, "request") as screen:
        alta_until_the_oficio(screen, "Esquivel", "Felipe de Jesús")
        new_oficio(screen)
        screen.answer("Clave propuesta:", ENTER)
        screen.answer("Inicio de sesión", ENTER)
        screen.answer("¿Es correcto?", ENTER)
        assert screen.end() == 0
    branch = "solicitud/saf-felipedejesus.esquivel-saf-9-2026"
    assert entries(mesa, branch)["cuentas", "felipedejesus.esquivel"]["usuario_ad"] == "felipe.esquivel"


def test_a_script_with_yes_is_asked_nothing_even_on_a_terminal(mesa: Desk, tmp_path: Path) -> None:
    del tmp_path
    with terminal(mesa.forge.path, "request", "--alta", "--yes") as screen:
        screen.expect("(--dependencia): error: Falta.")
        assert screen.end() == 2
