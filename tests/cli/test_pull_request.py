"""validate --base: entries and their oficios, judged by the base and its history."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.desk import ANA, JUAN, SAF, SEBIDES, Desk, desk, leaving, saf
from tests.cli.pulls import DESK, FIVE, codes, found, proposed
from tests.forge import OFICIO, Agency, person

GONE = {"juan.perez": leaving(JUAN["juan.perez"])}
ENTRY = JUAN["juan.perez"]


def juan(**fields: str) -> dict[str, dict[str, str]]:
    return {"juan.perez": ENTRY | fields}


def ana(alta: str = "SAF/3/2026") -> dict[str, dict[str, str]]:
    return {"ana.ruiz": ANA["ana.ruiz"] | {"alta": alta}}


def test_an_alta_and_a_baja_with_their_oficios_pass(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN, oficios=FIVE)})
    proposed(mesa, {SAF: saf(GONE, ana(), oficios=FIVE)})
    assert codes(mesa, 0) == []
    assert "Declaración válida" in mesa.run("validate", "--at", "propuesta", "--base", "main").out


def test_one_letter_may_ask_for_several_accounts_in_one_pull_request(mesa: Desk) -> None:
    proposed(mesa, {SAF: saf(JUAN, ANA)})
    assert codes(mesa, 0) == []


def test_an_entry_that_disappears_blocks_whatever_else_is_wrong(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN, ANA)})
    proposed(mesa, {SAF: saf(JUAN)})
    assert codes(mesa, 2) == ["entrada-desaparecida"]
    proposed(mesa, {SAF: saf(juan(alta="SAF/9/2026"))})
    assert codes(mesa, 2, "nadie") == ["autor-ajeno", "entrada-desaparecida", "oficio-no-declarado"]


def test_a_key_that_is_edited_blocks_and_a_rename_with_its_oficio_does_not(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    proposed(mesa, {SAF: saf({"juan.p": ENTRY})})
    assert codes(mesa, 2) == ["entrada-desaparecida", "oficio-gastado"]
    proposed(mesa, {SAF: saf({"juan.p": ENTRY | {"renombra": "juan.perez"}})})
    assert codes(mesa, 2) == ["cambio-sin-oficio"]
    proposed(mesa, {SAF: saf({"juan.p": ENTRY | {"renombra": "juan.perez", "cambio": "SAF/2/2026"}})})
    assert codes(mesa, 0) == []


def test_nobody_takes_another_ones_account_over_by_renaming_it(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN, ANA)})
    proposed(mesa, {SAF: saf({"ana.ruiz": ANA["ana.ruiz"] | {"renombra": "juan.perez", "cambio": "SAF/2/2026"}})})
    assert codes(mesa, 2) == ["entrada-desaparecida"]


def test_a_rename_written_as_baja_and_alta_of_one_person_is_refused(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN, oficios=FIVE)})
    again = person("Juan", "Perez Lopez", alta="SAF/3/2026")
    proposed(mesa, {SAF: saf(GONE, {"juan.perezl": again}, oficios=FIVE)})
    said = found(mesa, 2)
    assert [one["code"] for one in said] == ["renombre-disfrazado"]
    assert "«renombra: juan.perez» en «juan.perezl»" in said[0]["remedy"]


def test_a_reincorporation_needs_a_new_oficio(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(GONE, oficios=FIVE)})
    proposed(mesa, {SAF: saf(JUAN, oficios=FIVE)})
    assert codes(mesa, 2) == ["reincorporacion-sin-oficio"]
    proposed(mesa, {SAF: saf(juan(alta="SAF/2/2026"), oficios=FIVE)})
    assert codes(mesa, 2) == ["oficio-gastado"]
    proposed(mesa, {SAF: saf(juan(alta="SAF/3/2026"), oficios=FIVE)})
    assert codes(mesa, 0) == []


@pytest.mark.parametrize(
    ("entry", "said"),
    [(juan(alta="SAF/2/2026"), "alta"), ({"juan.perez": leaving(ENTRY, "SAF/3/2026")}, "baja")],
)
def test_an_oficio_that_is_exchanged_is_said_and_passes(
    mesa: Desk, entry: dict[str, dict[str, str]], said: str
) -> None:
    mesa.forge.pull_request({SAF: saf(GONE if said == "baja" else JUAN, oficios=FIVE)})
    proposed(mesa, {SAF: saf(entry, oficios=FIVE)})
    assert codes(mesa, 0) == ["oficio-cambiado"]
    answer = mesa.run("validate", "--at", "propuesta", "--base", "main").out
    assert f"aviso: La {said} de «juan.perez» cambia de oficio" in answer


@pytest.mark.parametrize(
    "fields",
    [
        {"puesto": "Subdirector"},
        {"vigencia": "2099-12-31"},
        {"conservar_hasta": "2099-12-31"},
        {"cuota_mb": "500"},
    ],
)
def test_any_change_of_an_entry_needs_an_oficio_of_its_own(mesa: Desk, fields: dict[str, str]) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN, oficios=FIVE)})
    proposed(mesa, {SAF: saf(juan(**fields), oficios=FIVE)})
    assert codes(mesa, 2) == ["cambio-sin-oficio"]
    proposed(mesa, {SAF: saf(juan(**fields, cambio="SAF/2/2026"), oficios=FIVE)})
    assert codes(mesa, 0) == []


def test_the_reason_of_a_baja_is_a_field_like_the_others(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(GONE)})
    proposed(mesa, {SAF: saf({"juan.perez": GONE["juan.perez"] | {"motivo_baja": "Otra cosa"}})})
    assert codes(mesa, 2) == ["cambio-sin-oficio"]


def test_a_change_under_the_letter_of_another_one_is_refused(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN, oficios=FIVE)})
    proposed(mesa, {SAF: saf(juan(puesto="Subdirector", cambio="SAF/1/2026"), oficios=FIVE)})
    said = found(mesa, 2)
    assert [one["code"] for one in said] == ["oficio-gastado"]
    assert "ya pidió la alta de «juan.perez»" in said[0]["message"]


@pytest.mark.parametrize(
    "spelled",
    [
        "saf-1 2026",
        "SAF/1/2026.",
        "-SAF/1/2026",
        "(SAF/1/2026)",
        "SAF∕1⁄2026",
        "SAF/1·2026",
        "SÁF/1/2026",
        "SAF/¹/2026",
    ],
)
def test_an_oficio_spelled_otherwise_is_the_same_one(mesa: Desk, spelled: str) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    proposed(
        mesa,
        {
            SAF: saf(JUAN, ana(f'"{spelled}"'))
            .text()
            .replace("cuentas:", OFICIO.format(number=f'"{spelled}"') + "cuentas:")
        },
    )
    said = codes(mesa, 2)
    assert said != []
    assert set(said) <= {"oficio-gastado", "oficio-repetido"}


def test_an_oficio_that_history_spent_stays_spent_when_nothing_names_it_any_more(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(juan(cambio="SAF/2/2026"), oficios=FIVE)})
    mesa.forge.pull_request({SAF: saf(juan(cambio="SAF/3/2026"), oficios=FIVE)})
    proposed(mesa, {SAF: saf(juan(cambio="SAF/3/2026"), ana("SAF/2/2026"), oficios=FIVE)})
    assert codes(mesa, 2) == ["oficio-gastado"]


def test_an_oficio_spent_on_the_main_line_since_the_branch_began_is_spent(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(oficios=FIVE)})
    proposed(mesa, {SAF: saf(ana("SAF/2/2026"), oficios=FIVE)})
    assert codes(mesa, 0) == []
    mesa.forge.pull_request({SAF: saf(juan(alta="SAF/2/2026"), oficios=FIVE)})
    assert codes(mesa, 2) == ["oficio-gastado"]


def test_a_new_alta_leaves_no_older_change_behind(mesa: Desk) -> None:
    gone = {"juan.perez": GONE["juan.perez"] | {"cambio": "SAF/4/2026"}}
    mesa.forge.pull_request({SAF: saf(gone, oficios=FIVE)})
    proposed(mesa, {SAF: saf(juan(alta="SAF/3/2026", cambio="SAF/4/2026"), oficios=FIVE)})
    assert codes(mesa, 2) == ["cambio-de-antes"]


def test_a_transfer_brings_its_own_oficio(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    there = Agency("SEBIDES", ("SEBIDES/1/2026",), juan(alta="SEBIDES/1/2026"))
    proposed(mesa, {SAF: saf(), SEBIDES: there})
    assert codes(mesa, 0) == []
    copied = Agency("SEBIDES", ("SEBIDES/1/2026", "SAF/1/2026"), juan(cambio="SEBIDES/1/2026"))
    proposed(mesa, {SAF: saf(), SEBIDES: copied})
    assert codes(mesa, 2) == ["traslado-sin-oficio"]


def test_an_oficio_is_never_taken_away(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    proposed(mesa, {SAF: saf(JUAN, oficios=("SAF/1/2026",))})
    assert codes(mesa, 2) == ["oficio-desaparecido"]


def test_an_oficio_that_is_not_declared_blocks(mesa: Desk) -> None:
    proposed(mesa, {SAF: saf(ana("SAF/9/2026"))})
    assert codes(mesa, 2) == ["oficio-no-declarado"]


def test_a_branch_is_not_to_blame_for_what_its_base_did_since(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    proposed(mesa, {SAF: saf(JUAN)})
    mesa.forge.pull_request({SAF: saf(JUAN, ANA)})
    assert codes(mesa, 0) == []
    assert "no cambia nada" in mesa.run("validate", "--at", "propuesta", "--base", "main").out


def test_a_base_that_was_not_valid_is_for_the_mesa_de_ayuda_to_mend(tmp_path: Path) -> None:
    mesa = desk(tmp_path, DESK)
    mesa.forge.push({SAF: saf({"juan.perez": {"nombre": "Juan"}})})
    proposed(mesa, {SAF: saf(JUAN)})
    (one,) = found(mesa, 2)
    assert one["code"] == "base-invalida"
    assert codes(mesa, 2, "lbeltran") == ["base-invalida"]
    assert codes(mesa, 0, "mesauno") == ["base-invalida"]


def test_a_base_whose_configuration_cannot_be_read_judges_nothing(mesa: Desk) -> None:
    mesa.forge.push({"cuentas.yaml": "dominios: nada\n"})
    proposed(mesa, {SAF: saf(JUAN)})
    said = mesa.run("validate", "--at", "propuesta", "--base", "main", code=2).err
    assert "No se puede leer cuentas.yaml en la base «main»" in said
    assert "no nombra ningún commit" in mesa.run("validate", "--at", "propuesta", "--base", "nada", code=2).err


def test_a_clone_without_its_history_is_told_to_fetch_it(mesa: Desk, tmp_path: Path) -> None:
    proposed(mesa, {SAF: saf(JUAN)})
    mesa.forge.git("clone", "--quiet", "--depth=1", f"file://{mesa.forge.path}", str(tmp_path / "poco"))
    said = mesa.run("validate", "--at", "HEAD", "--base", "HEAD", at=tmp_path / "poco", code=2).err
    assert "fetch-depth: 0" in said


def test_what_is_asked_of_a_pull_request_goes_with_a_base_and_with_commits(mesa: Desk) -> None:
    assert "--base" in mesa.run("validate", "--author", "alguien", code=2).err
    assert "está vacío" in mesa.run("validate", "--base", "main", "--author", "", code=2).err
    assert "no van juntas" in mesa.run("validate", "--worktree", "--base", "main", code=2).err
