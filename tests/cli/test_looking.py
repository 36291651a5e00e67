"""validate, plan, drift, history and audit, run as commands: what they say and with which code they end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from reconciler.plan import Plan
from tests.cli.desk import ANA, JUAN, SAF, Desk, leaving, saf


def test_a_valid_declaration_is_counted(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN, {"ana.ruiz": leaving(ANA["ana.ruiz"])})})
    assert mesa.run("validate").out == ("Declaración válida: 2 dependencias, 2 cuentas (1 en servicio, 1 de baja).\n")


def test_an_invalid_declaration_ends_with_2_and_says_every_problem_with_its_line(mesa: Desk) -> None:
    bad = {"juan.perez": JUAN["juan.perez"] | {"alta": "SAF/9/2026"}, "ana.ruiz": {"nombre": "Ana"}}
    mesa.forge.pull_request({SAF: saf(bad)})
    said = mesa.launch("validate", code=2)
    assert said.out == ""
    assert "accounts/SAF.yaml:25: error: La alta de «juan.perez» nombra el oficio «SAF/9/2026»" in said.err
    assert "accounts/SAF.yaml:19: error: Falta «ana.ruiz/alta»" in said.err
    assert "Error: La declaración tiene" in said.err
    assert "Qué hacer:" in said.err


def test_problems_are_given_to_programs_as_json_with_the_same_code(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf({"juan.perez": JUAN["juan.perez"] | {"alta": "SAF/9/2026"}})})
    said = mesa.run("validate", "--format", "json", code=2)
    (problem,) = json.loads(said.out)
    assert (problem["file"], problem["code"]) == (SAF, "oficio-no-declarado")


def test_the_working_copy_is_read_only_when_asked_for(mesa: Desk) -> None:
    mesa.forge.write({SAF: saf(JUAN)})
    assert "0 cuentas" in mesa.run("validate").out
    assert "1 cuenta " in mesa.run("validate", "--worktree").out
    assert "juan.perez" in mesa.run("plan", "--worktree").out
    assert "no van juntas" in mesa.run("plan", "--worktree", "--at", "HEAD", code=2).err


def test_a_plan_says_who_approved_with_which_oficio_and_changes_nothing(mesa: Desk) -> None:
    merge = mesa.forge.pull_request({SAF: saf(JUAN)})
    said = mesa.run("plan")
    (line,) = [line for line in said.out.splitlines() if "+ alta" in line]
    assert "juan.perez" in line
    assert "oficio SAF/1/2026" in line
    assert f"[#1, {merge[:10]}, Dirección de Servicios Compartidos]" in line
    assert "\x1b" not in said.out
    assert mesa.reading().accounts == {}
    assert mesa.run("plan").out == said.out


def test_a_plan_in_json_is_the_file_that_apply_takes(mesa: Desk, tmp_path: Path) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    file = tmp_path / "plan.json"
    printed = mesa.run("plan", "--format", "json", "-o", str(file)).out
    assert Plan.from_json(printed) == Plan.from_json(file.read_text("utf-8"))
    assert "| \\+ alta | juan\\.perez |" in mesa.run("plan", "--format", "markdown").out


def test_the_exit_code_of_a_plan_is_8_for_changes_3_for_a_guard_and_0_for_nothing(mesa: Desk) -> None:
    mesa.launch("plan", "--exit-code", code=0)
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("plan", "--exit-code", code=8)
    mesa.run("plan", code=0)
    mesa.forge.push({SAF: saf(JUAN, ANA)})
    mesa.run("plan", "--exit-code", code=3)


def test_a_plan_can_be_narrowed_to_dependencias_that_exist(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    assert "juan.perez" not in mesa.run("plan", "--only", "SEBIDES").out
    assert "juan.perez" in mesa.run("plan", "--only", "SEBIDES", "--only", "SAF").out
    said = mesa.run("plan", "--only", "SOP", code=2)
    assert "No hay una dependencia «SOP»" in said.err
    assert "SAF, SEBIDES" in said.err


def test_a_plan_of_an_earlier_commit_can_be_looked_at(mesa: Desk) -> None:
    before = mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.forge.pull_request({SAF: saf(JUAN, ANA)})
    assert "ana.ruiz" not in mesa.run("plan", "--at", before).out
    assert "no nombra ningún commit" in mesa.run("plan", "--at", "nada", code=2).err


def test_drift_ends_with_8_when_anything_differs_and_says_what_to_do(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    mesa.run("drift", code=0)
    with mesa.target() as target:
        target.disable(target.read().accounts["juan.perez"].handle)  # type: ignore[index]
    said = mesa.run("drift", code=8)
    assert "reincorporación" in said.out or "juan.perez" in said.out


def test_history_tells_who_asked_who_approved_and_what_was_done(mesa: Desk) -> None:
    merge = mesa.forge.pull_request({SAF: saf(JUAN)}, title="Alta de Juan")
    mesa.run("apply", "--yes")
    by_key = mesa.run("history", "juan.perez").out
    assert "alta declarada con el oficio SAF/1/2026 en SAF" in by_key
    assert f"propuso Laura Beltrán Ochoa; aprobó Dirección de Servicios Compartidos en {merge[:10]}" in by_key
    assert "primera contraseña sellada" in by_key
    assert mesa.run("history", "juan.perez@sinaloa.gob.mx").out == by_key
    assert mesa.run("history", "--oficio", "saf/1/2026").out == by_key
    moments = json.loads(mesa.run("history", "juan.perez", "--format", "json").out)["juan.perez"]
    assert [one["fuente"] for one in moments][:2] == ["git", "bitácora"]


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("nadie",), "no hay nada de «nadie»"),
        (("juan.perez", "--oficio", "SAF/1/2026"), "no hay nada de «juan.perez»"),
        ((), "Falta decir de qué"),
    ],
)
def test_history_of_nobody_ends_with_2(mesa: Desk, words: tuple[str, ...], answer: str) -> None:
    assert answer in mesa.run("history", *words, code=2).err


def test_audit_is_clean_after_an_apply_and_counts_events(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    assert "Sin hallazgos" in mesa.run("audit").out
    answer = json.loads(mesa.run("audit", "--format", "json").out)
    assert answer["hallazgos"] == []
    assert answer["bitacora"]["eventos"] == len(mesa.record())


def test_audit_finds_what_came_without_a_merge_and_ends_with_3(mesa: Desk) -> None:
    commit = mesa.forge.push({SAF: saf(JUAN)})
    said = mesa.run("audit", code=3)
    assert f"El commit {commit[:10]}" in said.out
    assert "«juan.perez»" in said.out
    assert json.loads(mesa.run("audit", "--format", "json", code=3).out)["hallazgos"]


def test_audit_finds_an_event_that_was_changed(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    mesa.forge.git("switch", "--quiet", "bitacora")
    (segment, *_) = sorted(mesa.forge.path.glob("eventos/*/*/*.jsonl"))
    segment.write_text(segment.read_text("utf-8").replace("SAF/1/2026", "SAF/7/2026").replace("arriendo", "intento"))
    mesa.forge.git("commit", "--quiet", "--all", "-m", "x")
    mesa.forge.git("switch", "--quiet", "main")
    assert "Error" in mesa.run("audit", code=3).err
    assert "bitácora" in mesa.run("apply", "--yes", code=6).err


def test_the_command_works_from_a_subfolder_a_linked_worktree_and_a_bare_clone(mesa: Desk, tmp_path: Path) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    whole = mesa.run("plan").out
    assert "1 en el destino" in whole
    assert mesa.run("plan", at=mesa.forge.path / "accounts").out == whole
    linked = tmp_path / "otra"
    mesa.forge.git("worktree", "add", "--quiet", "--detach", str(linked))
    assert mesa.run("plan", at=linked).out == whole
    mesa.forge.git("clone", "--quiet", "--bare", str(mesa.forge.path), str(tmp_path / "bare.git"), inside=False)
    assert "1 cuenta " in mesa.run("validate", at=tmp_path / "bare.git").out
    assert "copia de trabajo" in mesa.run("validate", "--worktree", at=tmp_path / "bare.git", code=2).err


def test_outside_a_repository_the_command_says_so_and_ends_with_2(mesa: Desk, tmp_path: Path) -> None:
    (tmp_path / "vacia").mkdir()
    for verb in ("validate", "plan", "drift", "audit"):
        said = mesa.run(verb, at=tmp_path / "vacia", code=2)
        assert "no es un repositorio de Git" in said.err
        assert "--repo" in said.err


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("plan", "--nada"), "No existe la opción «--nada»"),
        (("planear",), "No existe el comando «planear»"),
        (("plan", "--format", "xml"), "«xml» no sirve en «--format»"),
        (("plan", "--at"), "le falta su valor"),
        (("plan", "de", "más"), "Sobra «de más»"),
        (("apply", "--yes=sí"), "no lleva valor"),
    ],
)
def test_a_mistyped_command_ends_with_2_and_says_why_in_spanish(
    mesa: Desk, words: tuple[str, ...], answer: str
) -> None:
    said = mesa.run(*words, code=2)
    assert answer in said.err
    assert "--help" in said.err
    assert "Usage" not in said.err + said.out


def test_without_a_command_the_help_is_shown(mesa: Desk) -> None:
    assert mesa.launch(code=2).out == mesa.launch("--help").out


@pytest.mark.parametrize("verb", ["validate", "plan", "drift", "apply", "history", "audit", "fmt", "schema"])
def test_the_help_of_every_command_is_in_spanish_and_has_an_example(mesa: Desk, verb: str) -> None:
    text = mesa.run(verb, "--help").out
    assert "Ejemplo" in text
    assert not [word for word in ("Usage", "Options", "Arguments", "Show this", "default:") if word in text]
    assert verb in mesa.run("--help").out


def test_history_is_narrowed_by_who_approved_and_by_local_days_and_all_at_once(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.forge.pull_request({SAF: saf(JUAN, ANA)})
    whole = mesa.run("history", "--aprobador", "direccion de servicios COMPARTIDOS").out
    assert mesa.run("history", "--aprobador", "dsct@sinaloa.gob.mx").out == whole
    assert ("ana.ruiz" in whole, "juan.perez" in whole) == (True, True)
    narrowed = mesa.run("history", "ana.ruiz", "--aprobador", "dsct@sinaloa.gob.mx", "--desde", "2026-02-01").out
    assert ("ana.ruiz" in narrowed, "juan.perez" in narrowed) == (True, False)
    assert "no hay nada que cumpla" in mesa.run("history", "juan.perez", "--hasta", "2020-01-01", code=2).err
    assert "Han aprobado o fusionado: Dirección" in mesa.run("history", "--aprobador", "nadie", code=2).err
    assert "¿Será juan.perez?" in mesa.run("history", "juan.peres", code=2).err
    assert "año, mes y día" in mesa.run("history", "--desde", "ayer", code=2).err


def test_the_index_is_a_convenience_that_may_go_at_any_time(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    file = mesa.forge.path / ".git" / "cuentas" / "indice.sqlite"
    before = mesa.run("history", "juan.perez").out
    assert file.is_file()
    file.write_bytes(b"no es un indice")
    assert mesa.run("history", "juan.perez").out == before
    file.unlink()
    file.mkdir()
    said = mesa.run("history", "juan.perez")
    assert said.out == before
    assert "no se pudo guardar" in said.err
