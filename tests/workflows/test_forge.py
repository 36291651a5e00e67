"""The workflows run as a runner would, with a forge that is asked over HTTPS."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import pytest

from reconciler.declaration.issue_template import labels
from reconciler.embedded import EmbeddedTarget
from reconciler.model import Movimiento
from tests.cli.desk import JUAN, SAF, saf
from tests.forge import Agency, person
from tests.lab.forge import BOT, ForgeDouble
from tests.letters import issue as certificates
from tests.signing import ssh_signer
from tests.workflows import invocations
from tests.workflows.place import Place, issue, place, scheduled
from tests.workflows.runner import ROOT, Event, Job

ANA = {"ana.ruiz": person("Ana", "Ruiz Soto", "SAF/2/2026")}
KNOWN = "@sinaloa.gob.mx\n    usuario_git: lbeltran\noficios"


def declared(*people: dict[str, dict[str, str]]) -> str:
    """Return SAF's file with some people, its enlace known to the forge."""
    return saf(*people).text().replace("@sinaloa.gob.mx\noficios", KNOWN)


@dataclass
class Forged:
    """A place whose forge is asked; `path` in cuentas.yaml names no token, so that only the job's own file serves."""

    place: Place
    double: ForgeDouble

    def propose(self, files: dict[str, str | Agency | None], login: str = "lbeltran", *, fork: bool = False) -> Event:
        event = self.place.propose(files, login, fork=fork)
        number = len(self.place.heads)
        pull = self.double.open_pull(f"propuesta-{number}", login) if not fork else None
        assert pull is None or pull.number == number
        return event

    def merge(self, number: int) -> Event:
        self.double.approve(number, "dir-compartidos")
        self.double.merge(number)
        self.place.forge.git("pull", "--quiet", "--ff-only", "origin", "main")
        return Event("push", {"ref": "refs/heads/main", "after": self.place.forge.head()})

    def run(self, name: str, event: Event, job: str | None = None) -> Job:
        return self.place.runner.run(name, job or name, event)

    def accounts(self) -> set[str]:
        """Return the accounts that the target has."""
        target = EmbeddedTarget(self.place.clone / ".cuentas" / "embebido.sqlite")
        try:
            return {str(one) for one in target.read().accounts}
        finally:
            target.close()


BOTH = pytest.mark.parametrize("forged", ["github", "gitea"], indirect=True)


@pytest.fixture(name="forged")
def _forged(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Forged]:
    folder = tmp_path / "forja"
    folder.mkdir()
    kind: Literal["github", "gitea"] = getattr(request, "param", "github")
    with ForgeDouble(tmp_path / "remoto.git", kind, certificates(folder) / "servidor") as double:
        more = double.config(clave_archivo="/no/hay/testigo")
        yield Forged(place(tmp_path, more, double.repository, double.token), double)


def test_a_sound_proposal_is_valid_and_a_wrong_one_is_marked_on_its_line(forged: Forged) -> None:
    sound = forged.run("validar", forged.propose({SAF: declared(JUAN, ANA)}))
    assert sound.ok, sound.log
    wrong = forged.run("validar", forged.propose({SAF: declared(ANA)}))
    assert wrong.step("Validar").code == 2, wrong.log
    assert "::error file=accounts/SAF.yaml,line=" in wrong.step("Validar").said


def test_who_is_no_enlace_of_the_agency_may_not_propose_for_it(forged: Forged) -> None:
    job = forged.run("validar", forged.propose({SAF: declared(JUAN, ANA)}, "cualquiera"))
    assert job.step("Validar").code == 2


def test_nothing_that_a_proposal_brings_is_run_and_no_name_in_the_event_is_a_command(forged: Forged) -> None:
    mark = forged.place.runner.folder / "pwned"
    shell = f"touch {shlex.quote(str(mark))}"
    action = (
        (ROOT / ".github/actions/cuentas/action.yml").read_text("utf-8").replace("umask 077", f"{shell}; umask 077")
    )
    event = forged.propose(
        {
            SAF: declared(JUAN, ANA),
            "Makefile": f"env:\n\t{shell}\n",
            ".github/actions/cuentas/action.yml": action,
            "reconciler/__init__.py": f"import os; os.system({shell!r})\n",
            "sitecustomize.py": f"import os; os.system({shell!r})\n",
            ".gitattributes": "* filter=mal diff=mal merge=mal\n",
        },
        f"x$({shell})`{shell}`;{shell};",
    )
    for name in ("validar", "plan"):
        forged.run(name, event)
    assert not mark.exists()


@BOTH
def test_from_the_proposal_to_the_directory_with_what_was_shown_and_once(forged: Forged) -> None:
    first = forged.run("deriva", scheduled())
    assert first.ok, first.log
    event = forged.propose({SAF: declared(JUAN, ANA)})
    shown = forged.run("plan", event)
    assert shown.ok, shown.log
    [comment] = forged.double.comments(1)
    assert comment.user == BOT
    assert "cuentas:plan" in comment.body
    assert "Ruiz Soto" in shown.summary

    again = forged.run("plan", event)
    assert again.ok, again.log
    assert len(forged.double.comments(1)) == 1

    pushed = forged.merge(1)
    applied = forged.run("aplicar", pushed)
    assert "ana.ruiz" in forged.accounts(), applied.log
    assert applied.step("Publicar lo leído").code == 0
    assert forged.double.git("rev-parse", "refs/heads/lectura")
    before = forged.double.git("rev-parse", "refs/heads/bitacora")
    forged.run("aplicar", pushed)
    assert forged.double.git("rev-parse", "refs/heads/bitacora") == before


def test_what_nobody_was_shown_is_held_and_said_on_its_pull_request(forged: Forged) -> None:
    forged.run("deriva", scheduled())
    forged.propose({SAF: declared(JUAN, ANA)})
    job = forged.run("aplicar", forged.merge(1))
    assert job.step("Aplicar").code == 4, job.log
    assert "ana.ruiz" not in forged.accounts()
    assert any("ana" in one.body for one in forged.double.comments(1))
    assert job.step("Publicar lo leído").code == 0


def test_a_plan_that_somebody_else_wrote_shows_nothing(forged: Forged) -> None:
    forged.run("deriva", scheduled())
    forged.run("plan", forged.propose({SAF: declared(JUAN, ANA)}))
    [own] = forged.double.comments(1)
    own.user = "lbeltran"
    job = forged.run("aplicar", forged.merge(1))
    assert job.step("Aplicar").code == 4, job.log


def test_the_proposal_of_a_fork_is_planned_in_the_summary_alone(forged: Forged) -> None:
    forged.run("deriva", scheduled())
    job = forged.run("plan", forged.propose({SAF: declared(JUAN, ANA)}, fork=True))
    assert job.ok, job.log
    assert job.step("Mostrar el plan en el pull request").code is None
    assert "Ruiz Soto" in job.summary
    assert not forged.double.requests


def written(movement: Movimiento, boxes: dict[str, str]) -> str:
    """Return what the issue form writes with some boxes filled in."""
    path = f".github/ISSUE_TEMPLATE/{movement}.yml"
    form = labels((ROOT / path).read_bytes(), path)
    return "\n\n".join(f"### {label}\n\n{boxes.get(box, '_No response_')}" for box, label in form.items())


ASKED = {
    "dependencia": "SAF",
    "tipo": "personal",
    "nombre": "Pedro",
    "apellidos": "Ruiz Soto",
    "puesto": "Analista",
    "oficio": "SAF/9/2026",
    "fecha": "2026-11-20",
}


@BOTH
def test_a_form_becomes_a_pull_request_of_the_service_account_once(forged: Forged) -> None:
    forged.double.who = "cuentas-solicitudes"
    number = forged.double.open_issue("lbeltran")
    event = issue("opened", written(Movimiento.ALTA, ASKED))
    event.payload["issue"]["number"] = number
    job = forged.run("solicitud", event)
    assert job.ok, job.log
    [pull] = forged.double.pulls.values()
    assert pull.author == "cuentas-solicitudes"
    assert "SAF/9/2026" in pull.body
    author = forged.double.git("show", "-s", "--format=%ae", f"refs/heads/{pull.branch}")
    assert author == "cuentas.solicitudes@sinaloa.gob.mx"
    assert forged.double.comments(number)

    again = replace(event, payload={**event.payload, "action": "labeled", "label": {"name": "solicitud"}})
    assert forged.run("solicitud", again).ok
    assert len(forged.double.pulls) == 1


def test_what_a_form_proposes_is_valid_and_is_not_when_somebody_else_proposes_it(forged: Forged) -> None:
    forged.double.who = "cuentas-solicitudes"
    number = forged.double.open_issue("lbeltran")
    event = issue("opened", written(Movimiento.ALTA, ASKED))
    event.payload["issue"]["number"] = number
    assert forged.run("solicitud", event).ok
    [pull] = forged.double.pulls.values()
    forged.place.heads[pull.number] = pull.head
    base = forged.place.forge.head()
    job = forged.run("validar", forged.place.opened(pull.number, base, pull.author))
    assert job.ok, job.log
    assert not forged.run("validar", forged.place.opened(pull.number, base, "cualquiera")).ok


def test_text_of_an_issue_is_never_a_command(forged: Forged) -> None:
    mark = forged.place.runner.folder / "pwned"
    boxes = ASKED | {"nombre": f"$(touch {mark})", "puesto": f"`touch {mark}`", "area": f'"; touch {mark}; "'}
    forged.run("solicitud", issue("opened", written(Movimiento.ALTA, boxes)))
    assert not mark.exists()


def test_the_record_is_anchored_by_a_signed_tag_where_there_is_a_key_for_it(forged: Forged, tmp_path: Path) -> None:
    signer = ssh_signer(tmp_path, "ancla")
    config = (forged.place.forge.path / "cuentas.yaml").read_text("utf-8")
    config = config.replace("aprobacion:\n", f"aprobacion:\n  llaves_ancla: ['{signer.listed}']\n")
    forged.place.forge.pull_request({"cuentas.yaml": config})
    forged.place.publish()
    forged.run("plan", forged.propose({SAF: declared(JUAN, ANA)}))
    forged.run("aplicar", forged.merge(1))
    key = tmp_path / "ancla"
    forged.place.runner = replace(
        forged.place.runner,
        variables={**forged.place.runner.variables, "CUENTAS_ANCLA": "si"},
        secrets={"auditoria": {"CUENTAS_LLAVE_ANCLA": key.read_text("utf-8").rstrip("\n")}},
    )
    job = forged.run("indicador", scheduled(), "ancla")
    assert job.ok, job.log
    [tag] = forged.double.git("for-each-ref", "--format=%(refname)", "refs/tags/ancla/").splitlines()
    assert "-----BEGIN SSH SIGNATURE-----" in forged.double.git("cat-file", "tag", tag)


def test_the_commands_of_the_workflows_are_the_contract_of_all_parts() -> None:
    for _, command in invocations.of_workflows():
        invocations.parse(command)
