"""validate --base: personal data is looked for in every commit of a pull request, its message and its file names."""

from __future__ import annotations

import subprocess

import pytest

from tests.cli.desk import JUAN, SAF, Desk, saf
from tests.cli.pulls import DESK, codes, configuration, found, proposed
from tests.forge import Agency

CURP = "PELJ800101HSLRPN09"


def test_what_one_commit_brings_and_another_takes_away_is_in_git_all_the_same(mesa: Desk) -> None:
    proposed(mesa, {SAF: saf(JUAN).text() + f"# CURP {CURP}\n"})
    assert codes(mesa, 2) == ["dato-personal"]
    proposed(mesa, {SAF: saf(JUAN)}, again=True)
    (one,) = found(mesa, 2)
    assert (one["code"], one["file"]) == ("dato-personal-en-commit", SAF)
    assert CURP not in str(one)
    assert "git rebase" in one["remedy"]


def test_a_private_address_is_found_in_a_version_that_no_longer_parses(mesa: Desk) -> None:
    proposed(mesa, {SAF: saf(JUAN).text() + "  correo: juan@gmail.com\n : [\n"})
    proposed(mesa, {SAF: saf(JUAN)}, again=True)
    (one,) = found(mesa, 2)
    assert one["code"] == "dato-personal-en-commit"
    assert "gmail" not in str(one)


def test_a_file_that_came_and_went_is_looked_at_too(mesa: Desk) -> None:
    proposed(mesa, {SAF: saf(JUAN), "notas.txt": "el RFC de Juan es PELJ800101AB1\n"})
    proposed(mesa, {"notas.txt": None}, again=True)
    assert codes(mesa, 2) == ["dato-personal-en-commit"]


def test_a_declaration_that_passed_through_a_pull_request_of_code_is_looked_at(mesa: Desk) -> None:
    proposed(mesa, {SAF: saf(JUAN).text() + f"# {CURP}\n"})
    proposed(mesa, {SAF: Agency(), "x.py": f"# {CURP}\n"}, again=True)
    assert codes(mesa, 2) == ["dato-personal-en-commit", "solo-codigo"]


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("Alta de Juan\n\nSu CURP es " + CURP, ["dato-personal-en-commit"]),
        ("Alta\n\navisar a juan@gmail.com", ["dato-personal-en-commit"]),
        ("Alta\n\nOficio: SAF/01234567897/2026\nCo-authored-by: Juan <juan@gmail.com>", []),
        ("Alta de juan.perez@sinaloa.gob.mx, tel. 667 758 7000", []),
    ],
)
def test_a_commits_message_stays_too(mesa: Desk, message: str, said: list[str]) -> None:
    proposed(mesa, {SAF: saf(JUAN)}, message)
    assert codes(mesa, 2 if said else 0) == said


def test_the_name_of_a_file_is_looked_at(mesa: Desk) -> None:
    proposed(mesa, {SAF: saf(JUAN), f"{CURP}.txt": "x\n"})
    assert codes(mesa, 2) == ["dato-personal-en-commit", "mezcla"]


@pytest.mark.parametrize("name", [f"CURP_{CURP}_juan.txt", f"{CURP}/x.txt"])
def test_the_name_of_a_file_that_came_and_went_is_looked_at(mesa: Desk, name: str) -> None:
    proposed(mesa, {SAF: saf(JUAN), name: "x\n"})
    proposed(mesa, {name: None}, again=True)
    assert codes(mesa, 2) == ["dato-personal-en-commit"]


def test_where_a_link_points_to_is_looked_at(mesa: Desk) -> None:
    mesa.forge.git("switch", "--quiet", "-C", "propuesta", "main")
    (mesa.forge.path / "nota").symlink_to(f"la CURP es {CURP}")
    mesa.forge.push({SAF: saf(JUAN)})
    mesa.forge.push({"nota": None})
    mesa.forge.git("switch", "--quiet", "main")
    assert codes(mesa, 2) == ["dato-personal-en-commit"]


def test_what_a_merge_says_by_itself_is_looked_at(mesa: Desk) -> None:
    proposed(mesa, {SAF: saf(JUAN)})
    mesa.forge.push({"notas.txt": "x\n"})
    mesa.forge.git("switch", "--quiet", "propuesta")
    mesa.forge.git("merge", "--quiet", "--no-commit", "--no-ff", "main")
    mesa.forge.push({"aparte.txt": f"{CURP}\n"}, "Trae lo de main")
    mesa.forge.push({"aparte.txt": None})
    mesa.forge.git("switch", "--quiet", "main")
    assert codes(mesa, 2) == ["dato-personal-en-commit"]


def test_what_is_no_text_cannot_be_reviewed(mesa: Desk) -> None:
    proposed(mesa, {SAF: saf(JUAN), "carta.pdf": "%PDF\0"})
    assert codes(mesa, 2) == ["mezcla", "no-revisable"]


def test_what_the_base_says_already_is_nobodys_here(mesa: Desk) -> None:
    mesa.forge.push({"cuentas.yaml": configuration(mesa) + f"# {CURP}\n" + DESK})
    proposed(mesa, {"cuentas.yaml": configuration(mesa) + "retencion:\n  buzon_dias: 30\n"})
    assert codes(mesa, 0, "mesauno") == []
    proposed(mesa, {"cuentas.yaml": configuration(mesa) + "# el celular de Juan: 667 123 4567\n"})
    assert codes(mesa, 2, "mesauno") == ["dato-personal"]


def test_how_the_forge_and_machines_are_called_is_no_personal_data(mesa: Desk) -> None:
    more = (
        "mesa_de_ayuda:\n  integrantes:\n    mesa.uno:\n      correos:\n        - mesa@users.noreply.github.com\n"
        "      usuario: mesauno\n"
    )
    proposed(mesa, {"cuentas.yaml": configuration(mesa) + more})
    assert codes(mesa, 0) == ["nadie-declarado"]


def test_what_a_branch_merged_from_main_brought_is_not_its_own(mesa: Desk) -> None:
    proposed(mesa, {SAF: saf(JUAN)})
    mesa.forge.push({"notas.txt": f"{CURP}\n"})
    mesa.forge.git("switch", "--quiet", "propuesta")
    mesa.forge.git("merge", "--quiet", "-m", "Trae lo de main", "main")
    mesa.forge.git("switch", "--quiet", "main")
    assert codes(mesa, 0) == []


def test_too_much_is_refused_and_not_looked_at(mesa: Desk) -> None:
    mesa.forge.git("switch", "--quiet", "-C", "propuesta", "main")
    lines = "".join(
        f"commit refs/heads/propuesta\ncommitter L <l@x.mx> {1_780_000_000 + n} +0000\ndata 1\nx\n"
        + ("from refs/heads/main^0\n" if n == 0 else "")
        for n in range(251)
    )
    mesa.forge.git("switch", "--quiet", "main")
    subprocess.run(
        ["git", "-C", str(mesa.forge.path), "fast-import", "--quiet", "--force"], input=lines.encode(), check=True
    )
    proposed(mesa, {SAF: saf(JUAN)}, again=True)
    assert codes(mesa, 2) == ["demasiado"]
