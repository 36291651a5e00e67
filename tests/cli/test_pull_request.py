"""validate --base: what a pull request may not do to what its base declares, and what must be seen."""

from __future__ import annotations

import json

import pytest

from tests.cli.desk import ANA, JUAN, SAF, SEBIDES, Desk, leaving, saf
from tests.forge import Agency

GONE = {"juan.perez": leaving(JUAN["juan.perez"])}


def proposed(mesa: Desk, files: dict[str, Agency | None]) -> None:
    """Leave a branch `solicitud` with files, as a forge has it while a pull request is open."""
    mesa.forge.git("switch", "--quiet", "--create", "solicitud")
    mesa.forge.push(files)
    mesa.forge.git("switch", "--quiet", "main")


def codes(mesa: Desk, code: int) -> list[str]:
    """Validate the branch against main and return what is said, by code."""
    words = ("validate", "--at", "solicitud", "--base", "main", "--format", "json")
    return [one["code"] for one in json.loads(mesa.run(*words, code=code).out)]


def test_an_alta_and_a_baja_with_their_oficios_pass(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    proposed(mesa, {SAF: saf(GONE, ANA)})
    assert codes(mesa, 0) == []
    assert "Declaración válida" in mesa.run("validate", "--at", "solicitud", "--base", "main").out


def test_an_entry_that_disappears_blocks(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN, ANA)})
    proposed(mesa, {SAF: saf(JUAN)})
    assert codes(mesa, 2) == ["entrada-desaparecida"]


def test_a_key_that_is_edited_blocks_and_a_rename_does_not(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    proposed(mesa, {SAF: saf({"juan.p": JUAN["juan.perez"]})})
    assert codes(mesa, 2) == ["entrada-desaparecida"]
    mesa.forge.git("branch", "--quiet", "-D", "solicitud")
    proposed(mesa, {SAF: saf({"juan.p": JUAN["juan.perez"] | {"renombra": "juan.perez"}})})
    assert codes(mesa, 0) == []


def test_a_reincorporation_needs_a_new_oficio(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(GONE)})
    proposed(mesa, {SAF: saf(JUAN)})
    assert codes(mesa, 2) == ["reincorporacion-sin-oficio"]
    mesa.forge.git("branch", "--quiet", "-D", "solicitud")
    proposed(mesa, {SAF: saf({"juan.perez": JUAN["juan.perez"] | {"alta": "SAF/2/2026"}})})
    assert codes(mesa, 0) == []


@pytest.mark.parametrize(
    ("entry", "said"),
    [(JUAN["juan.perez"] | {"alta": "SAF/2/2026"}, "alta"), (leaving(JUAN["juan.perez"], "SAF/3/2026"), "baja")],
)
def test_an_oficio_that_is_exchanged_is_said_and_passes(mesa: Desk, entry: dict[str, str], said: str) -> None:
    three = ("SAF/1/2026", "SAF/2/2026", "SAF/3/2026")
    mesa.forge.pull_request({SAF: saf(GONE if "baja" in entry else JUAN, oficios=three)})
    proposed(mesa, {SAF: saf({"juan.perez": entry}, oficios=three)})
    assert codes(mesa, 0) == ["oficio-cambiado"]
    answer = mesa.run("validate", "--at", "solicitud", "--base", "main").out
    assert f"aviso: La {said} de «juan.perez» cambia de oficio" in answer


def test_a_transfer_brings_its_own_oficio(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    moved = {"juan.perez": JUAN["juan.perez"] | {"alta": "SEBIDES/1/2026"}}
    proposed(mesa, {SAF: saf(), SEBIDES: Agency("SEBIDES", ("SEBIDES/1/2026",), moved)})
    assert codes(mesa, 0) == []


def test_an_oficio_is_never_taken_away(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    proposed(mesa, {SAF: saf(JUAN, oficios=("SAF/1/2026",))})
    assert codes(mesa, 2) == ["oficio-desaparecido"]


def test_a_branch_is_not_to_blame_for_what_its_base_did_since(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    proposed(mesa, {SAF: saf(JUAN)})
    mesa.forge.pull_request({SAF: saf(JUAN, ANA)})
    assert codes(mesa, 0) == []


def test_a_base_that_was_not_valid_is_said_and_can_be_mended(mesa: Desk) -> None:
    mesa.forge.push({SAF: saf({"juan.perez": {"nombre": "Juan"}})})
    proposed(mesa, {SAF: saf(JUAN)})
    assert codes(mesa, 0) == ["base-invalida"]
    assert "no nombra ningún commit" in mesa.run("validate", "--at", "solicitud", "--base", "nada", code=2).err
