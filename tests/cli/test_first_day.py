"""What somebody meets who follows the README for the first time, and that it helps."""

from __future__ import annotations

from pathlib import Path

from reconciler.untracked import make_untracked
from tests.cli.desk import JUAN, SAF, Desk, saf
from tests.forge import founded


def test_a_plan_of_the_working_copy_is_not_kept_for_apply(mesa: Desk, tmp_path: Path) -> None:
    mesa.forge.write({SAF: saf(JUAN)})
    file = tmp_path / "plan.json"
    assert "solo para ver" in mesa.run("plan", "--worktree", "-o", str(file), code=2).err
    assert not file.exists()


def test_what_no_commit_holds_is_said_without_naming_a_commit(mesa: Desk) -> None:
    mesa.forge.write({SAF: saf(JUAN)})
    said = mesa.run("plan", "--worktree").out
    assert "[SIN APROBAR; está en la copia de trabajo, sin commit]" in said


def test_a_plan_says_that_nobody_would_receive_first_passwords(tmp_path: Path) -> None:
    mesa = Desk(founded(tmp_path / "repo", "dominios: [sinaloa.gob.mx]\n"), None)
    mesa.forge.pull_request({SAF: saf(JUAN)})
    said = mesa.run("plan", "--exit-code", code=3).out
    assert "No se aplicaría [sin-destinatario]: Hay 1 cuenta por crear" in said
    assert "nadie recibiría su primera contraseña" in mesa.run("apply", "--yes", code=3).err


def test_what_a_run_leaves_beside_the_declarations_is_not_committed_by_accident(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    mesa.forge.git("add", "--all")
    assert mesa.forge.git("diff", "--cached", "--name-only") == ""


def test_a_folder_that_was_there_already_is_left_as_it_is(tmp_path: Path) -> None:
    there = tmp_path / "ahí"
    there.mkdir()
    make_untracked(there)
    make_untracked(there / "nueva" / "dentro")
    assert [one.name for one in there.iterdir()] == ["nueva"]
    assert (there / "nueva" / ".gitignore").read_text("ascii") == "*\n"


def test_what_is_only_the_machines_and_was_committed_makes_the_declaration_invalid(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    mesa.forge.git("add", "--force", ".cuentas/entregas")
    mesa.forge.git("commit", "--quiet", "-m", "Sin querer")
    said = mesa.run("validate", code=2).err
    assert "Git lleva lo que es solo de esta máquina" in said
    assert "git rm -r --cached .cuentas" in said
