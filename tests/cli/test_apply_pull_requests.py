"""apply --pull-requests: only what the plans in the merged pull requests showed, over a forge that speaks REST."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from reconciler.model import AccountKey, Status
from tests.cli.desk import ANA, JUAN, SAF, SEBIDES, Desk, desk, leaving, saf
from tests.cli.test_apply import remote
from tests.cli.test_pull_plan import retitled
from tests.forge import Agency, person
from tests.lab.forge import BOT, Fault, ForgeDouble
from tests.letters import issue

LUIS = {"luis.soto": person("Luis", "Soto", "SEBIDES/1/2026")}


@dataclass
class Office:
    """A desk and the forge that its pull requests are in."""

    mesa: Desk
    forge: ForgeDouble

    def proposed(self, files: dict[str, Agency | str | None]) -> int:
        """Open a pull request, and return its number."""
        git, branch = self.mesa.forge.git, f"solicitud/n{len(self.forge.pulls) + 1}"
        git("switch", "--quiet", "--create", branch)
        self.mesa.forge.push(files)
        git("push", "--quiet", "origin", branch)
        git("switch", "--quiet", "main")
        return self.forge.open_pull(branch).number

    def planned(self, number: int) -> str:
        """Have the plan of a pull request said on it, against a fresh reading; return that."""
        self.mesa.run("snapshot", "--publish")
        words = ("--at", self.forge.pulls[number].branch, "--base", "main", "--against", "publicada")
        self.mesa.run("plan", *words, "--format", "markdown", "--author", "lbeltran", "--comment", str(number))
        return self.said(number, "cuentas:plan")

    def said(self, number: int, mark: str) -> str:
        """Return what we said on a pull request with a mark; nothing where there is none."""
        found = [one.body for one in self.forge.comments(number) if f"<!-- {mark}" in one.body and one.user == BOT]
        assert len(found) <= 1
        return found[0] if found else ""

    def merged(self, number: int) -> None:
        """Have the Director merge a pull request, and this clone learn of it."""
        self.forge.merge(number)
        self.mesa.forge.git("pull", "--quiet", "--ff-only", "origin", "main")

    def pulled(self, files: dict[str, Agency | str | None]) -> int:
        """Propose, plan and merge."""
        number = self.proposed(files)
        self.planned(number)
        self.merged(number)
        return number

    def accounts(self) -> set[str]:
        return set(self.mesa.reading().accounts)

    def withheld(self) -> list[tuple[str, str, object]]:
        """Return what is on record as not shown: account, verb and pull request."""
        return [
            (one["key"], one["data"]["verbo"], one["data"].get("solicitud"))
            for one in self.mesa.record()
            if one["kind"] == "no_mostrado"
        ]


@pytest.fixture(name="servidor", scope="session")
def _servidor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return issue(tmp_path_factory.mktemp("forja")) / "servidor"


@pytest.fixture(name="office", params=["github"])
def _office(request: pytest.FixtureRequest, tmp_path: Path, servidor: Path) -> Iterator[Office]:
    kind: Literal["github", "gitea"] = request.param
    with ForgeDouble(tmp_path / "origin.git", kind, servidor) as forge:
        mesa = desk(tmp_path, forge.config(intentos=1))
        remote(mesa, tmp_path)
        yield Office(mesa, forge)


def applied(office: Office, code: int = 0) -> str:
    said = office.mesa.run("apply", "--yes", "--pull-requests", code=code)
    return said.out + said.err


@pytest.mark.parametrize("office", ["github", "gitea"], indirect=True)
def test_what_the_plan_of_a_pull_request_showed_is_applied_and_said_on_it(office: Office) -> None:
    number = office.pulled({SAF: saf(JUAN, ANA)})
    applied(office)
    assert office.accounts() == {"juan.perez", "ana.ruiz"}
    run = next(one["run"] for one in office.mesa.record() if one["kind"] == "corrida_iniciada")
    done = office.said(number, "cuentas:aplicado")
    assert "**Aplicado:** 2 altas, 2 buzones." in done
    assert run in done
    assert "juan" not in done
    assert "Nada que hacer." in applied(office)


def test_a_plan_is_one_comment_however_often_it_is_made(office: Office) -> None:
    number = office.proposed({SAF: saf(JUAN)})
    first, second = (office.planned(number).splitlines() for _ in range(2))
    assert first[-1] == second[-1]  # of what it says, only the reading's age may differ
    assert "1 alta en SAF" in office.said(number, "cuentas:plan")


def test_what_no_plan_showed_is_held_and_said_on_its_pull_request(office: Office) -> None:
    seen = office.pulled({SAF: saf(JUAN)})
    unseen = office.proposed({SAF: saf(JUAN, ANA)})
    office.merged(unseen)
    out = applied(office, 4)
    assert office.accounts() == {"juan.perez"}
    assert f"alta de ana.ruiz: se retiene: no se mostró (pull request {unseen})" in out
    assert office.withheld() == [("ana.ruiz", "create", unseen), ("ana.ruiz", "enable_mailbox", unseen)]
    assert "ana\\.ruiz" in office.said(unseen, "cuentas:retenido")
    assert office.said(unseen, "cuentas:aplicado") == ""
    assert office.said(seen, "cuentas:retenido") == ""
    next_one = office.pulled({SEBIDES: Agency("SEBIDES", ("SEBIDES/1/2026",), LUIS)})
    applied(office)
    assert office.accounts() == {"juan.perez", "ana.ruiz", "luis.soto"}
    assert "Ya no hay nada retenido" in office.said(unseen, "cuentas:retenido")
    assert "1 alta" in office.said(unseen, "cuentas:aplicado")
    assert office.said(next_one, "cuentas:retenido") == ""
    told = office.mesa.run("history", "ana.ruiz").out
    assert f"alta: se retuvo, no se había mostrado en el pull request {unseen}" in told


def test_what_was_held_goes_with_a_plan_that_somebody_read(office: Office, tmp_path: Path) -> None:
    office.merged(office.proposed({SAF: saf(JUAN)}))
    applied(office, 4)
    applied(office, 4)
    assert len(office.withheld()) == 2
    office.mesa.run("plan", "-o", str(tmp_path / "plan.json"))
    said = office.said(1, "cuentas:retenido")
    office.mesa.run("apply", str(tmp_path / "plan.json"), "--yes")
    assert office.accounts() == {"juan.perez"}
    assert "**Retenido, sin aplicar: 1 alta, 1 buzón.**" in said
    assert "**Ya no hay nada retenido.** Se aplicó: 1 alta, 1 buzón." in office.said(1, "cuentas:retenido")
    applied(office)
    assert "Se aplicó: 1 alta, 1 buzón." in office.said(1, "cuentas:retenido")


def test_a_forge_that_cannot_be_told_keeps_nothing_from_being_applied(office: Office, tmp_path: Path) -> None:
    office.merged(office.proposed({SAF: saf(JUAN)}))
    applied(office, 4)
    office.mesa.run("plan", "-o", str(tmp_path / "plan.json"))
    office.forge.fail(*[Fault.DOWN] * 9)
    said = office.mesa.run("apply", str(tmp_path / "plan.json"), "--yes")
    assert office.accounts() == {"juan.perez"}
    assert "sigue dicho que está retenido lo que ya se hizo" in said.err


def test_a_plan_that_came_late_is_believed_in_the_next_run(office: Office) -> None:
    number = office.proposed({SAF: saf(JUAN)})
    late = office.proposed({SEBIDES: Agency("SEBIDES", ("SEBIDES/1/2026",), LUIS)})
    office.planned(late)
    office.merged(late)
    office.merged(number)
    applied(office, 4)
    assert office.accounts() == {"luis.soto"}
    words = ("--at", office.forge.pulls[number].branch, "--base", f"{office.mesa.forge.head()}~1")
    office.mesa.run("plan", *words, "--against", "publicada", "--format", "markdown", "--comment", str(number))
    applied(office)
    assert office.accounts() == {"luis.soto", "juan.perez"}
    assert "Ya no hay nada retenido" in office.said(number, "cuentas:retenido")


@pytest.mark.parametrize("by", ["lbeltran", None])
def test_a_plan_that_somebody_else_says_shows_nothing(office: Office, by: str | None) -> None:
    number = office.proposed({SAF: saf(JUAN)})
    body = office.planned(number)
    office.forge.said[number].clear()
    office.forge.comment(number, by, body)
    office.merged(number)
    applied(office, 4)
    assert office.accounts() == set()


@pytest.mark.parametrize("office", ["github", "gitea"], indirect=True)
def test_a_plan_of_an_earlier_push_shows_nothing(office: Office) -> None:
    number = office.proposed({SAF: saf(JUAN)})
    office.planned(number)
    git = office.mesa.forge.git
    git("switch", "--quiet", office.forge.pulls[number].branch)
    office.mesa.forge.push({SAF: saf(JUAN, ANA)})
    git("push", "--quiet", "origin", "HEAD")
    git("switch", "--quiet", "main")
    office.merged(number)
    applied(office, 4)
    assert office.accounts() == set()


@pytest.mark.parametrize("office", ["gitea"], indirect=True)
def test_a_plan_for_another_target_shows_nothing_of_this_one(office: Office) -> None:
    number = office.proposed({SAF: saf(JUAN)})
    plan = office.planned(number)
    office.forge.said[number][0].body = plan.replace('"destino":"embedded"', '"destino":"pruebas"')
    office.merged(number)
    applied(office, 4)
    assert office.accounts() == set()


def test_a_branch_that_moves_after_its_merge_changes_nothing(office: Office) -> None:
    number = office.pulled({SAF: saf(JUAN)})
    git = office.mesa.forge.git
    git("switch", "--quiet", office.forge.pulls[number].branch)
    office.mesa.forge.push({SAF: saf(JUAN, ANA)})
    git("push", "--quiet", "origin", "HEAD")
    git("switch", "--quiet", "main")
    applied(office)
    assert office.accounts() == {"juan.perez"}


def test_drift_that_came_after_the_plan_is_held_and_listed(office: Office) -> None:
    office.pulled({SAF: saf(JUAN)})
    applied(office)
    number = office.pulled({SAF: saf(JUAN, ANA)})
    retitled(office.mesa, "juan.perez", "Jefe")
    out = applied(office, 4)
    assert "cambio de juan.perez: se retiene: no se mostró." in out
    assert office.accounts() == {"juan.perez", "ana.ruiz"}
    assert office.withheld() == [("juan.perez", "update", None)]
    assert office.said(number, "cuentas:retenido") == ""
    applied(office, 4)
    assert len(office.withheld()) == 1


def test_drift_that_a_plan_showed_goes_with_it(office: Office) -> None:
    office.pulled({SAF: saf(JUAN)})
    applied(office)
    retitled(office.mesa, "juan.perez", "Jefe")
    office.pulled({SAF: saf(JUAN, ANA)})
    applied(office)
    assert office.mesa.reading().state[AccountKey("juan.perez")].title == "Analista"


def test_a_baja_goes_although_somebody_touched_the_account_since(office: Office) -> None:
    office.pulled({SAF: saf(JUAN)})
    applied(office)
    office.pulled({SAF: saf({"juan.perez": leaving(JUAN["juan.perez"])})})
    retitled(office.mesa, "juan.perez", "Jefe")
    applied(office, 4)
    assert office.mesa.reading().state[AccountKey("juan.perez")].status is Status.RETIRED


def test_what_was_shown_and_is_partly_done_is_finished(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    office.pulled({SAF: saf(JUAN)})
    office.mesa.run("plan", "-o", str(file))
    office.pulled({SAF: saf(JUAN, ANA)})
    said = office.mesa.run("apply", str(file), "--yes", code=4)
    assert "Se retuvo lo que no se había mostrado: 2 cambios." in said.err
    assert office.accounts() == {"juan.perez"}
    applied(office)
    assert office.accounts() == {"juan.perez", "ana.ruiz"}


def test_what_somebody_undoes_by_hand_was_shown_to_nobody(office: Office) -> None:
    office.pulled({SAF: saf(JUAN)})
    applied(office)
    office.pulled({SAF: saf({"juan.perez": JUAN["juan.perez"] | {"puesto": "Jefe"}})})
    applied(office)
    retitled(office.mesa, "juan.perez", "Analista")
    for _ in range(2):
        applied(office, 4)
    assert office.mesa.reading().state[AccountKey("juan.perez")].title == "Analista"


def test_an_account_renamed_since_the_plan_is_not_touched_by_it(office: Office) -> None:
    office.pulled({SAF: saf(JUAN)})
    applied(office)
    office.pulled({SAF: saf({"juan.perez": JUAN["juan.perez"] | {"puesto": "Jefe"}})})
    renamed = {"juan.p": JUAN["juan.perez"] | {"puesto": "Jefe", "renombra": "juan.perez"}}
    office.merged(office.proposed({SAF: saf(renamed)}))
    applied(office, 4)
    assert office.accounts() == {"juan.perez"}
    assert office.mesa.reading().state[AccountKey("juan.perez")].title == "Analista"


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/pulls", Fault.DOWN),
        ("/comments", Fault.DENIED),
        ("/comments", Fault.CUT_BEFORE),
        ("/pulls", Fault.HTML_AFTER),
    ],
)
def test_a_forge_that_does_not_tell_ends_with_5_and_nothing_is_applied(
    office: Office, fault: Fault, path: str
) -> None:
    office.pulled({SAF: saf(JUAN)})
    office.forge.fail(*[fault] * 5, path=path)
    out = applied(office, 5)
    assert "No se aplicó nada" in out
    assert "cuentas apply plan.json" in out
    assert office.accounts() == set()


def test_a_forge_that_fails_afterwards_is_said_and_undoes_nothing(office: Office) -> None:
    number = office.pulled({SAF: saf(JUAN)})
    office.forge.fail(*[Fault.DOWN] * 5, method="POST")
    assert f"En el pull request {number} no quedó dicho" in applied(office)
    assert office.accounts() == {"juan.perez"}


def test_what_lacks_an_approval_is_said_on_its_pull_request_until_it_has_it(office: Office) -> None:
    known = """\
aprobacion:
  exige: {revision: 2026-01-01}
  aprueban:
    direccion: {correos: [dsct@sinaloa.gob.mx], usuario: dir-compartidos}
"""
    config = (office.mesa.forge.path / "cuentas.yaml").read_text("utf-8")
    first = office.proposed({"cuentas.yaml": config + known})
    office.forge.approve(first, "dir-compartidos")
    office.merged(first)
    number = office.pulled({SAF: saf(JUAN)})
    assert "Sin aplicar por falta de aprobación" in applied(office, code=3)
    said = office.said(number, "cuentas:sin-aprobar")
    assert "**Sin aplicar, porque le falta aprobación: 1 alta, 1 buzón.**" in said
    assert "nadie aprobó en la forja el commit que se fusionó" in said
    assert "juan" not in said
    office.forge.approve(number, "dir-compartidos")
    applied(office)
    assert office.accounts() == {"juan.perez"}
    assert "Ya nada de este pull request espera aprobación" in office.said(number, "cuentas:sin-aprobar")


def test_without_a_forge_it_is_said_what_to_do(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    assert "forja" in mesa.run("apply", "--yes", "--pull-requests", code=2).err
    assert mesa.reading().accounts == {}


def test_a_saved_plan_and_the_pull_requests_do_not_go_together(office: Office, tmp_path: Path) -> None:
    office.mesa.run("plan", "-o", str(tmp_path / "plan.json"))
    office.mesa.run("apply", str(tmp_path / "plan.json"), "--pull-requests", code=2)
