"""validate --base: what is judged is what the merge would leave, however old or crossed the branch is."""

from __future__ import annotations

from pathlib import Path

from tests.cli.desk import ANA, JUAN, SAF, SEBIDES, Desk, desk, leaving, saf
from tests.cli.pulls import DESK, FIVE, codes, configuration, proposed
from tests.forge import Agency, person

ROSA = {"rosa.gil": person("Rosa", "Gil Lugo", alta="SAF/4/2026")}
LUIS = Agency("SEBIDES", ("SEBIDES/1/2026",), {"luis.soto": person("Luis", "Soto", "SEBIDES/1/2026")})
LEFT = {"juan.perez": leaving(JUAN["juan.perez"])}


def crossed(mesa: Desk, ours: dict[str, str | Agency | None], theirs: dict[str, str | Agency | None]) -> None:
    """Leave a branch that main merged once, and that then merged main and kept none of what that did meanwhile."""
    git = mesa.forge.git
    git("branch", "-f", "propuesta", "main")
    meanwhile = mesa.forge.push(ours)
    git("switch", "--quiet", "propuesta")
    mesa.forge.push(theirs)
    branch = git("rev-parse", "propuesta")
    git("switch", "--quiet", "main")
    git("merge", "--quiet", "--no-ff", "-m", "Merge pull request #1", branch)
    git("switch", "--quiet", "propuesta")
    git("merge", "--quiet", "--no-commit", "--no-ff", "-s", "ours", meanwhile)
    git("commit", "--quiet", "-m", "Trae lo de main")
    git("switch", "--quiet", "main")


def test_a_crossed_branch_does_not_take_away_unseen_what_main_did(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN, oficios=FIVE)})
    crossed(mesa, {SEBIDES: LUIS}, {SAF: saf(JUAN, ROSA, oficios=FIVE)})
    said = codes(mesa, 2)
    assert "entrada-desaparecida" in said


def test_a_crossed_branch_does_not_undo_a_baja_unseen(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN, oficios=FIVE)})
    crossed(mesa, {SAF: saf(LEFT, oficios=FIVE)}, {SEBIDES: LUIS})
    assert codes(mesa, 2) == ["reincorporacion-sin-oficio"]


def test_two_branches_that_declare_one_key_do_not_both_pass(mesa: Desk) -> None:
    proposed(mesa, {SAF: saf({"luis.soto": person("Luis", "Soto", "SAF/1/2026")})})
    assert codes(mesa, 0) == []
    mesa.forge.pull_request({SEBIDES: LUIS})
    assert codes(mesa, 2) != []


def test_a_baja_that_main_has_already_makes_no_room_for_an_alta(tmp_path: Path) -> None:
    mesa = desk(tmp_path, DESK + "dependencias:\n  SAF:\n    plazas: 2\n")
    marta = {"marta.lugo": person("Marta", "Lugo")}
    zoe = {"zoe.gil": person("Zoe", "Gil", "SAF/3/2026")}
    mesa.forge.pull_request({SAF: saf(JUAN, marta, oficios=FIVE)})
    proposed(mesa, {SAF: saf(LEFT, marta, zoe, oficios=FIVE)})
    assert codes(mesa, 0) == []
    mesa.forge.pull_request(
        {SAF: saf({"ana.ruiz": ANA["ana.ruiz"] | {"alta": "SAF/5/2026"}}, LEFT, marta, oficios=FIVE)}
    )
    assert codes(mesa, 2) == ["plazas"]


def test_an_old_branch_of_configuration_brings_nothing_of_it_back(tmp_path: Path) -> None:
    mesa = desk(tmp_path, DESK)
    before = configuration(mesa)
    mesa.forge.git("branch", "-f", "vieja", "main")
    mesa.forge.pull_request({"cuentas.yaml": before.replace("mesa.uno@", "mesa.dos@").replace("mesauno", "mesados")})
    mesa.forge.git("switch", "--quiet", "-C", "propuesta", "vieja")
    mesa.forge.push({SAF: saf(JUAN)})
    mesa.forge.git("switch", "--quiet", "main")
    assert codes(mesa, 2, "mesauno") == ["autor-ajeno"]
    assert codes(mesa, 0, "mesados") == []
