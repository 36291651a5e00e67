"""What somebody meets who follows the README for the first time, and that it helps."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from reconciler.untracked import make_untracked
from tests.cli.desk import ANA, JUAN, SAF, Desk, saf
from tests.forge import founded, person


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


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("plan", "--only"), "Qué hacer: Vea «cuentas plan --help»."),
        (("plan", "--force"), "Qué hacer: Vea «cuentas plan --help»."),
        (("plan", "--worktre"), "¿Quiso decir «--worktree»?"),
        (("plan", "--format", "xml"), "use text, summary, markdown, json."),
    ],
)
def test_what_to_do_about_a_mistyped_command_is_to_the_point(mesa: Desk, words: tuple[str, ...], answer: str) -> None:
    assert answer in mesa.run(*words, code=2).err


def test_the_version_can_be_asked_for(mesa: Desk) -> None:
    assert mesa.run("--version").out.startswith("cuentas ")


def test_the_list_of_commands_cuts_no_sentence_and_names_no_types(mesa: Desk) -> None:
    assert "..." not in mesa.run("--help").out.replace("COMANDO ...", "")
    for verb in ("apply", "history", "fmt"):
        assert not [word for word in ("<path>", "<str>", "list[") if word in mesa.run(verb, "--help").out]


def test_one_problem_is_spoken_of_as_one(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf({"juan.perez": JUAN["juan.perez"] | {"area": ""}})})
    said = mesa.run("validate", code=2).err
    assert "«juan.perez/area»: está vacío" in said
    assert "si no lo hay, quite el renglón" in said
    assert "1 problema." in said
    assert "Corríjalo en una rama" in said


def test_progress_begins_at_the_first_account(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    assert "  1 de 1 cuenta\n" in mesa.run("apply", "--yes").out
    people = {f"luisa.gil{letter}": person("Luisa", f"Gil {letter.upper()}anda") for letter in "bcdfghjklmn"}
    mesa.forge.pull_request({SAF: saf(JUAN, people)})
    assert "  1 de 11 cuentas\n" in mesa.run("apply", "--yes").out


def test_what_an_alta_carries_is_shown(mesa: Desk) -> None:
    ana: dict[str, dict[str, Any]] = {
        "ana.ruiz": ANA["ana.ruiz"] | {"usuario_ad": "aruiz", "alias": ["ana@sinaloa.gob.mx"]}
    }
    caja = {"caja.saf": {"tipo": "compartida", "nombre": "Caja", "responsable": "ana.ruiz", "alta": "SAF/1/2026"}}
    mesa.forge.pull_request({SAF: saf(ana, caja)})
    said = mesa.run("plan").out
    assert "inicio de sesión aruiz · alias ana@sinaloa.gob.mx" in said
    assert "Caja · compartida · responsable ana.ruiz" in said


def test_fmt_works_from_a_subfolder(mesa: Desk, tmp_path: Path) -> None:
    file = mesa.forge.path / SAF
    file.write_text(file.read_text("utf-8").replace("siglas: SAF", "siglas:   'SAF'"), "utf-8")
    assert "SAF.yaml: reescrito" in mesa.run("fmt", at=mesa.forge.path / "accounts").out
    assert "siglas: SAF\n" in file.read_text("utf-8")
    (tmp_path / "ajena" / "accounts").mkdir(parents=True)
    (tmp_path / "ajena" / "dentro").mkdir()
    assert "No existe accounts" in mesa.run("fmt", at=tmp_path / "ajena" / "dentro", code=2).err


def test_schemas_that_were_never_written_are_said_to_be_missing(mesa: Desk) -> None:
    assert "cuenta.schema.json: atrasado" not in mesa.run("schema", "--check", code=2).out
    assert ": falta" in mesa.run("schema", "--check", code=2).out


def test_an_entry_that_disappears_is_said_whatever_else_is_wrong(mesa: Desk) -> None:
    caja = {"caja.saf": {"tipo": "compartida", "nombre": "Caja", "responsable": "juan.perez", "alta": "SAF/1/2026"}}
    mesa.forge.pull_request({SAF: saf(JUAN, caja)})
    mesa.forge.pull_request({SAF: saf(caja)})
    said = mesa.run("validate", code=2).err
    assert "El responsable de «caja.saf», «juan.perez»" in said
    assert "La cuenta «juan.perez» estaba declarada y desapareció" in said


@pytest.mark.parametrize("broken", ["cuentas: nada\n", "cuentas: [\n", "cuentas:\n  juan.perez:\n    nombre: Juan\n"])
def test_an_entry_that_cannot_be_read_is_not_said_to_have_disappeared(mesa: Desk, broken: str) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    file = mesa.forge.path / SAF
    head = file.read_text("utf-8").partition("cuentas:")[0]
    file.write_text(head + broken, "utf-8")
    assert "desapareció" not in mesa.run("validate", "--worktree", code=2).err
    file.rename(file.with_suffix(".yml"))
    assert "desapareció" not in mesa.run("validate", "--worktree", code=2).err
