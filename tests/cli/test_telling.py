"""What a plan and a history say is true: of a working copy, of a branch that is not merged, of a new name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.desk import ANA, JUAN, SAF, Desk, desk, saf
from tests.forge import founded, person


@pytest.fixture
def office(tmp_path: Path) -> Desk:
    made = desk(tmp_path, "")
    made.forge.pull_request({SAF: saf(JUAN)})
    made.run("apply", "--yes")
    return made


def test_an_edit_that_nobody_committed_is_never_said_to_be_approved(office: Desk) -> None:
    edited = {"juan.perez": JUAN["juan.perez"] | {"puesto": "Subdirector"}}
    office.forge.write({SAF: saf(edited)})
    said = office.run("plan", "--worktree").out
    assert "Subdirector" in said
    assert "SIN APROBAR" in said
    assert "copia de trabajo, sin commit" in said


def test_a_branch_that_waits_for_its_merge_is_accused_of_nothing(office: Desk) -> None:
    forge = office.forge
    forge.git("switch", "--quiet", "--create", "solicitud")
    forge.write({SAF: saf(JUAN, ANA)})
    forge.git("commit", "--quiet", "--all", "-m", "Alta de Ana")
    said = office.run("plan", "--at", "solicitud").out
    assert "todavía no se fusiona" in said
    assert "empujó" not in said
    assert "sin pasar por un pull request" not in said


def test_a_life_goes_on_under_a_new_name(office: Desk) -> None:
    renamed = person("Juan", "Pérez López", "SAF/2/2026", renombra="juan.perez")
    office.forge.pull_request({SAF: saf({"juan.perezl": renamed})})
    office.run("apply", "--yes")
    told = office.run("history", "juan.perezl").out
    assert "alta declarada con el oficio SAF/1/2026" in told
    assert "renombre declarado: antes «juan.perez», con el oficio SAF/2/2026" in told
    assert "renombre: se hizo" in told
    assert "desapareció" not in told
    of_old = office.run("history", "juan.perez").out
    assert told.splitlines()[1:] == of_old.splitlines()[1:]


def test_a_plan_says_beforehand_that_nobody_would_receive_first_passwords(tmp_path: Path) -> None:
    forge = founded(tmp_path / "repo")
    forge.pull_request({SAF: saf(JUAN)})
    office = Desk(forge, None)
    assert "nadie recibiría su primera contraseña" in " ".join(office.run("plan").out.split())
    office.run("apply", "--yes", code=3)


def test_what_a_machine_keeps_to_itself_never_gets_into_git(office: Desk) -> None:
    office.forge.git("rm", "--quiet", ".gitignore")
    assert office.sheet("juan.perez")
    assert ".cuentas" not in office.forge.git("status", "--porcelain", "--untracked-files=all")
