"""The workflows run as a runner would: what they do that asks nothing of the forge's interface."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.desk import ANA, JUAN, SAF, saf
from tests.workflows.place import Place, issue, scheduled
from tests.workflows.runner import Event

CODE = {"reconciler/cosa.py": "print('otra')\n"}


def test_a_proposal_of_declarations_alone_is_not_tested_as_code_and_everything_else_is(forja: Place) -> None:
    data = forja.propose({SAF: saf(JUAN, ANA)})
    code = forja.propose(CODE)
    both = forja.propose({SAF: saf(ANA), **CODE})
    pushed = Event("push", {"ref": "refs/heads/main"})
    for event, said in ((data, "no"), (code, "si"), (both, "si"), (pushed, "si")):
        job = forja.runner.run("ci", "alcance", event)
        assert job.ok, job.log
        assert job.outputs == {"codigo": said}


def test_the_command_comes_from_what_the_base_has_and_is_made_once(forja: Place) -> None:
    # `make env` itself takes minutes and the network: a `make` that leaves the command in its place is enough.
    bare, real = forja.runner.folder.parent / "sin-cuentas", forja.runner.programs / "cuentas"
    bare.mkdir()
    make = bare / "make"
    make.write_text(
        '#!/bin/sh\n[ "$*" = "--directory=. env" ] || exit 64\n'
        f'mkdir -p .venv/bin && cp "{real}" .venv/bin/cuentas && echo hecho con make\n',
        encoding="utf-8",
    )
    make.chmod(0o755)
    runner = replace(forja.runner, programs=bare)
    job = runner.run("indicador", "indicador", scheduled())
    assert job.ok, job.log
    assert job.step("Poner el comando en su lugar").said == "hecho con make\n"


def test_the_code_may_be_in_a_repository_apart_at_a_commit_that_the_action_names(
    forja: Place, tmp_path: Path
) -> None:
    code = tmp_path / "codigo"
    shutil.copytree(forja.forge.path, code)
    version = forja.forge.git("-C", str(code), "rev-parse", "HEAD", inside=False)
    action = (forja.forge.path / ".github/actions/cuentas/action.yml").read_text(encoding="utf-8")
    apart = action.replace('default: ""', "default: dsct/cuentas", 1).replace('default: ""', f"default: {version}", 1)
    forja.forge.push({".github/actions/cuentas/action.yml": apart})
    forja.publish()
    bare, real = tmp_path / "sin-cuentas", forja.runner.programs / "cuentas"
    bare.mkdir()
    (bare / "make").write_text(
        '#!/bin/sh\n[ "$*" = "--directory=.cuentas-codigo env" ] || exit 64\n'
        f'cd .cuentas-codigo && mkdir -p .venv/bin && cp "{real}" .venv/bin/cuentas\n',
        encoding="utf-8",
    )
    (bare / "make").chmod(0o755)
    runner = replace(forja.runner, programs=bare, others={"dsct/cuentas": code})
    job = runner.run("indicador", "indicador", scheduled())
    assert job.ok, job.log


def test_the_token_is_in_files_of_its_owners_alone_until_the_job_ends_and_is_never_said(forja: Place) -> None:
    looks = forja.runner.programs / "cuentas"
    looks.write_text(
        '#!/bin/sh\nls -l "$RUNNER_TEMP" && git config credential.helper && cat "$RUNNER_TEMP/cuentas-git"\n'
        'printf "url=https://github.com\\n\\n" | git credential fill && env | sort\n'
        'for one in "$@"; do case $one in *.pdf) echo x > "$one";; esac; done\n',
        encoding="utf-8",
    )
    job = forja.runner.run("indicador", "indicador", scheduled())
    assert job.ok, job.log
    said = job.summary
    assert "-rw------- " in said
    assert [line.split()[0] for line in said.splitlines() if line.endswith(("cuentas-testigo", "cuentas-git"))][
        :2
    ] == ["-rw-------", "-rw-------"]
    assert f"https://x-access-token:{forja.runner.token}@github.com" in said
    assert f"password={forja.runner.token}" in said
    assert f"TESTIGO={forja.runner.token}" not in said
    assert forja.runner.token not in job.step("Guardar el testigo").said
    assert not (forja.runner.folder / "temp").exists()


def test_the_indicator_of_the_quarter_that_ended_is_in_the_summary_and_kept_as_a_page(forja: Place) -> None:
    job = forja.runner.run("indicador", "indicador", scheduled())
    assert job.ok, job.log
    assert "trimestre" in job.summary.casefold()
    assert job.artifacts["indicador"].startswith(b"%PDF-")
    asked = Event("workflow_dispatch", {"inputs": {"trimestre": "2026-T1"}})
    assert "2026\\-T1, enero a marzo" in forja.runner.run("indicador", "indicador", asked).summary


def test_a_quarter_that_somebody_typed_is_a_word_and_never_a_command(forja: Place) -> None:
    typed = Event("workflow_dispatch", {"inputs": {"trimestre": '2026-T1"; touch pwned; "$(touch pwned)'}})
    job = forja.runner.run("indicador", "indicador", typed)
    assert job.step("Sacar el indicador").code == 2
    assert not list(forja.runner.folder.rglob("pwned"))


def test_the_anchor_is_for_those_who_configured_it(forja: Place) -> None:
    assert not forja.runner.run("indicador", "ancla", scheduled()).ran


def test_drift_is_told_in_the_summary_as_a_warning_and_is_no_failure(forja: Place) -> None:
    job = forja.runner.run("deriva", "deriva", scheduled())
    told = job.step("Decir qué difiere")
    assert told.code == 0, job.log
    assert "::warning title=Deriva::" in told.said
    assert "juan\\.perez" in job.summary or "Juan Pérez" in job.summary


def test_drift_that_could_not_be_told_is_a_failure(forja: Place) -> None:
    runner = replace(forja.runner, machine={"CUENTAS_DESTINO": "no-hay"})
    assert runner.run("deriva", "deriva", scheduled()).step("Decir qué difiere").code == 2


def test_codeowners_that_fell_behind_are_a_warning(forja: Place) -> None:
    told = forja.runner.run("deriva", "deriva", scheduled()).step("Cotejar CODEOWNERS")
    assert told.code == 0
    assert "::warning title=CODEOWNERS::" in told.said


@pytest.mark.parametrize(("name", "job"), [("aplicar", "aplicar"), ("deriva", "deriva")])
def test_without_a_clone_that_stays_nothing_is_applied_in_the_jobs_own_folder(
    forja: Place, name: str, job: str
) -> None:
    runner = replace(forja.runner, variables={})
    done = runner.run(name, job, Event("push", {"ref": "refs/heads/main"}))
    assert not done.ok
    assert "Falta la variable CUENTAS_CARPETA" in done.log
    assert all(one.code != 0 for one in done.steps if "CARPETA" in one.said)


def test_what_was_merged_gets_to_the_clone_that_stays_and_a_rewritten_history_does_not(forja: Place) -> None:
    forja.propose({SAF: saf(JUAN, ANA)})
    pushed = forja.merge(1)
    assert forja.runner.run("aplicar", "aplicar", pushed).step("Traer lo fusionado").code == 0
    where = ("-C", str(forja.clone), "rev-parse", "HEAD")
    assert forja.forge.git(*where, inside=False) == forja.forge.head()
    forja.forge.git("reset", "--quiet", "--hard", "HEAD^")
    forja.forge.push(CODE)
    forja.forge.git("push", "--quiet", "--force", "origin", "main")
    assert forja.runner.run("aplicar", "aplicar", pushed).step("Traer lo fusionado").code not in {0, None}


def test_an_issue_is_taken_when_it_is_opened_and_again_under_its_label_alone(forja: Place) -> None:
    for event, takes in (
        (issue("opened", "x"), True),
        (issue("labeled", "x", label="solicitud"), True),
        (issue("labeled", "x", label="duda"), False),
    ):
        assert forja.runner.run("solicitud", "solicitud", event).ran == takes
