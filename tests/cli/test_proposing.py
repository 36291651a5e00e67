"""request --pull-request: the branch becomes a pull request, and whoever opened the issue is answered in it, once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reconciler.declaration.issue_template import labels
from tests.cli.children import Said
from tests.cli.desk import JUAN, ROOT, SAF, Desk, desk, saf
from tests.lab.forge import BOT, Fault, ForgeDouble
from tests.letters import issue as issue_certificates

BRANCH = "solicitud/saf-pedro.ruiz-saf-9-2026"
ALTA = {
    "dependencia": "SAF",
    "tipo": "personal",
    "nombre": "Pedro",
    "apellidos": "Ruiz Soto",
    "puesto": "Analista",
    "oficio": "SAF/9/2026",
    "fecha": "04/05/2026",
}


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return issue_certificates(tmp_path_factory.mktemp("forja"))


@pytest.fixture(name="forge", params=["github", "gitea"])
def _forge(request: pytest.FixtureRequest, folder: Path, tmp_path: Path) -> Iterator[ForgeDouble]:
    with ForgeDouble(tmp_path / "forja.git", request.param, folder / "servidor") as forge:
        yield forge


@pytest.fixture(name="mesa")
def _mesa(tmp_path: Path, forge: ForgeDouble) -> Desk:
    """A clone of the forge's repository, with issue forms, an enlace who has a user there, and Juan in service."""
    mesa = desk(tmp_path, forge.config())
    named = saf(JUAN).text().replace("sinaloa.gob.mx\noficios", "sinaloa.gob.mx\n    usuario_git: LBeltran\noficios")
    files: dict[str, Any] = {SAF: named}
    for name in ("alta", "baja"):
        files[f".github/ISSUE_TEMPLATE/{name}.yml"] = template(name).read_text("utf-8")
    mesa.forge.git("config", "user.name", "Mesa de Ayuda")
    mesa.forge.git("config", "user.email", "mesa@sinaloa.gob.mx")
    mesa.forge.pull_request(files)
    mesa.forge.git("init", "--quiet", "--bare", "--initial-branch=main", str(forge.bare), inside=False)
    mesa.forge.git("remote", "add", "origin", str(forge.bare))
    mesa.forge.git("push", "--quiet", "origin", "main")
    return mesa


def template(movement: str) -> Path:
    return ROOT / ".github" / "ISSUE_TEMPLATE" / f"{movement}.yml"


def event(
    mesa: Desk, number: int | None, values: dict[str, str], movement: str = "alta", author: str = "lbeltran"
) -> str:
    """Write the event of an issue, and return where it is."""
    boxes = labels(template(movement).read_bytes(), movement)
    body = "\n\n".join(f"### {label}\n\n{values.get(box, '_No response_')}" for box, label in boxes.items())
    path = mesa.forge.path.parent / "evento.json"
    told = {"number": number, "body": body, "user": {"login": author}}
    path.write_text(json.dumps({"action": "opened", "issue": told}), "utf-8")
    return str(path)


def request(mesa: Desk, file: str, *words: str, code: int = 0) -> Said:
    return mesa.run("request", "--issue", file, "--yes", "--push", "--pull-request", *words, code=code)


def answer(forge: ForgeDouble, number: int) -> str:
    """Return the one thing that we said in an issue."""
    (one,) = forge.comments(number)
    assert one.user == BOT
    return one.body


def test_an_issue_becomes_a_pull_request_and_is_answered_with_its_order(mesa: Desk, forge: ForgeDouble) -> None:
    number = forge.open_issue()
    said = request(mesa, event(mesa, number, ALTA))
    (pull,) = forge.pulls.values()
    assert (pull.branch, pull.base, pull.title) == (BRANCH, "main", "Alta de pedro.ruiz (SAF)")
    assert "| Nombre | Pedro |" in pull.body
    assert f"Pull request {pull.number}: https://forja.invalid/" in said.out
    order = mesa.record()[0]["datos"]["orden"]
    assert f"- Orden de trabajo: {order}\n" in answer(forge, number)
    assert f"- Pull request: #{pull.number}\n" in answer(forge, number)
    assert answer(forge, number).endswith("<!-- cuentas:solicitud -->\n")


def test_a_second_run_changes_nothing(mesa: Desk, forge: ForgeDouble) -> None:
    number = forge.open_issue()
    request(mesa, event(mesa, number, ALTA))
    before = mesa.record()
    request(mesa, event(mesa, number, ALTA))
    assert [one.edits for one in forge.comments(number)] == [0]
    assert len(forge.pulls) == 1
    assert mesa.record() == before


def test_every_problem_is_told_with_its_box_and_what_was_corrected_takes_its_place(
    mesa: Desk, forge: ForgeDouble
) -> None:
    number = forge.open_issue()
    wrong = ALTA | {"apellidos": "", "telefono": "@todos <b>", "fecha": "ayer"}
    request(mesa, event(mesa, number, wrong), code=2)
    told = answer(forge, number)
    assert "Todavía no se puede recibir" in told
    assert all(f"- **{box}**: " in told for box in ("Apellidos", "Teléfono institucional", "Fecha del oficio"))
    assert "--" not in told.replace("<!-- cuentas:solicitud -->", "")
    assert "<b>" not in told
    assert not forge.pulls
    request(mesa, event(mesa, number, ALTA))
    assert "Recibida: Alta de pedro" in answer(forge, number)


def test_who_is_no_enlace_is_turned_to_the_enlaces_by_name(mesa: Desk, forge: ForgeDouble) -> None:
    number = forge.open_issue("malo")
    request(mesa, event(mesa, number, ALTA, author="malo"), code=3)
    assert "No se recibió" in answer(forge, number)
    assert "Laura Beltrán Ochoa" in answer(forge, number)
    assert not forge.pulls


def test_what_is_no_form_is_told_so(mesa: Desk, forge: ForgeDouble) -> None:
    number = forge.open_issue()
    file = Path(event(mesa, number, ALTA))
    file.write_text(json.dumps({"issue": {"number": number, "body": "hola <!-- x -->", "user": {"login": "x"}}}))
    request(mesa, str(file), code=2)
    assert "lleva un comentario oculto" in answer(forge, number)


def test_without_its_oficio_it_is_told_which_order_waits(mesa: Desk, forge: ForgeDouble) -> None:
    number = forge.open_issue()
    request(mesa, event(mesa, number, {**ALTA, "oficio": "", "fecha": ""}))
    assert "espera su oficio: el alta de pedro" in answer(forge, number)
    assert mesa.record()[0]["datos"]["orden"] in answer(forge, number)
    assert not forge.pulls


def test_what_the_main_line_has_already_is_told_so(mesa: Desk, forge: ForgeDouble) -> None:
    number = forge.open_issue()
    request(mesa, event(mesa, number, ALTA))
    forge.merge(1 + number)
    request(mesa, event(mesa, number, ALTA))
    assert "Ya estaba: el alta de pedro" in answer(forge, number)


def test_a_fault_of_ours_is_not_put_on_whoever_asked(mesa: Desk, forge: ForgeDouble) -> None:
    number = forge.open_issue()
    forge.fail(Fault.FORBIDDEN, method="POST", path="/pulls")
    said = request(mesa, event(mesa, number, ALTA), code=5)
    assert "permisos del testigo" in said.err
    assert "Algo falló de nuestro lado" in answer(forge, number)
    assert "testigo" not in answer(forge, number)
    request(mesa, event(mesa, number, ALTA))
    assert "Recibida: Alta de pedro" in answer(forge, number)


def test_a_forge_that_takes_no_answer_hides_no_problem(mesa: Desk, forge: ForgeDouble) -> None:
    number = forge.open_issue()
    forge.fail(Fault.FORBIDDEN, method="POST", path="/comments")
    said = request(mesa, event(mesa, number, ALTA | {"apellidos": ""}), code=2)
    assert "No se pudo contestar en el issue" in said.err
    assert "Apellidos (--apellidos)" in said.err


def test_a_proposal_made_again_keeps_its_pull_request(mesa: Desk, forge: ForgeDouble) -> None:
    number = forge.open_issue()
    request(mesa, event(mesa, number, ALTA))
    first = forge.pulls[1 + number].head
    named = mesa.forge.git("show", f"main:{SAF}").replace("Beltrán Ochoa", "Beltrán Osuna") + "\n"
    mesa.forge.pull_request({SAF: named})
    mesa.forge.git("push", "--quiet", "origin", "main")
    request(mesa, event(mesa, number, ALTA))
    assert len(forge.pulls) == 1
    assert forge.head_of(forge.pulls[1 + number]) != first


def test_one_that_was_typed_is_proposed_and_answers_nobody(mesa: Desk, forge: ForgeDouble) -> None:
    words = [
        word for box in ("dependencia", "nombre", "apellidos", "oficio", "fecha") for word in (f"--{box}", ALTA[box])
    ]
    said = mesa.run("request", "--alta", *words, "--yes", "--push", "--pull-request")
    assert "Pull request 1: " in said.out
    assert forge.said == {}


def test_what_it_needs_is_said_before_anything_is_written(mesa: Desk, forge: ForgeDouble) -> None:
    file = event(mesa, None, ALTA)
    assert "no dice el número del issue" in request(mesa, file, code=2).err
    said = mesa.run("request", "--issue", file, "--yes", "--pull-request", code=2).err
    assert "Agregue «--push»" in said
    text = (mesa.forge.path / "cuentas.yaml").read_text("utf-8")
    mesa.forge.pull_request({"cuentas.yaml": text.partition("forja:")[0]})
    mesa.forge.git("push", "--quiet", "origin", "main")
    assert "no dice en qué forja" in request(mesa, event(mesa, 1, ALTA), code=2).err
    assert forge.requests == []
    assert "solicitud/" not in mesa.forge.git("for-each-ref")


def test_the_token_is_in_nothing_that_was_said_or_kept(mesa: Desk, forge: ForgeDouble) -> None:
    number = forge.open_issue()
    said = request(mesa, event(mesa, number, ALTA))
    kept = [path.read_bytes() for path in mesa.forge.path.rglob("*") if path.is_file()]
    assert forge.token not in said.out + said.err + answer(forge, number) + forge.pulls[1 + number].body
    assert all(forge.token.encode() not in one for one in kept)


def test_doctor_looks_at_the_forge(mesa: Desk, forge: ForgeDouble) -> None:
    found = json.loads(mesa.run("doctor", "--format", "json").out)
    assert {one["estado"] for one in found if one["area"] == "Forja"} == {"ok"}
    forge.fail(Fault.DENIED)
    found = json.loads(mesa.run("doctor", "--format", "json", code=5).out)
    assert [one["remedio"] for one in found if one["estado"] == "falta"] == [
        "Revise «clave_archivo» (sección «forja» de cuentas.yaml)."
    ]
