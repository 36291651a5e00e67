"""Approval evidence from the command: shown in plans, put on record before anything is changed, asked for once."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

import pytest

from tests.cli.desk import ANA, JUAN, SAF, SEBIDES, Desk, desk, saf
from tests.forge import DIRECTOR, Agency, person
from tests.lab.forge import Fault, ForgeDouble, forge_double
from tests.signing import Signer, ssh_signer

OTHER = "Otra Persona <otra@sinaloa.gob.mx>"
ZOE = Agency("SEBIDES", ("SEBIDES/1/2026",), {"zoe.paz": person("Zoé", "Paz Gil", "SEBIDES/1/2026")})
RULES = """\
aprobacion:
{lines}  aprueban:
    direccion:
      correos: [dsct@sinaloa.gob.mx]
      usuario: dsct-sinaloa
{more}"""


def ruled(folder: Path, lines: str = "", more: str = "") -> Desk:
    return desk(folder, RULES.format(lines=lines, more=more))


@pytest.fixture(name="director")
def _director(tmp_path: Path) -> Signer:
    return ssh_signer(tmp_path / "llaves", "directora")


def test_a_plan_says_the_pull_request_and_who_approved_it(tmp_path: Path) -> None:
    mesa = ruled(tmp_path)
    merge = mesa.forge.pull_request({SAF: saf(JUAN)})
    assert f"#1, {merge[:10]}, direccion" in mesa.run("plan").out
    mesa.forge.pull_request({SAF: saf(JUAN, ANA)}, approver=OTHER)
    assert "SIN APROBAR" in mesa.run("plan").out
    assert "no podía aprobar por SAF" in " ".join(mesa.run("plan").out.split())


def test_what_nobody_entitled_approved_is_held_and_the_rest_goes(tmp_path: Path) -> None:
    mesa = ruled(tmp_path)
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.forge.pull_request({SEBIDES: ZOE}, approver=OTHER)
    mesa.run("apply", "--yes", code=3)
    assert set(mesa.reading().accounts) == {"juan.perez"}


def test_evidence_is_on_record_before_the_first_change_with_no_name_in_it_and_once(
    tmp_path: Path, director: Signer
) -> None:
    mesa = ruled(tmp_path, "  exige: {firma: 2026-02-01}\n", f"      llaves: ['{director.listed}']\n")
    merge = mesa.forge.pull_request({SAF: saf(JUAN)}, signer=director)
    mesa.run("apply", "--yes")
    events = mesa.record()
    kinds = [event["kind"] for event in events]
    assert kinds.index("corrida_iniciada") < kinds.index("evidencia") < kinds.index("intento")
    [evidence] = [event["data"] for event in events if event["kind"] == "evidencia"]
    assert evidence["fusion"] == merge
    assert evidence["firma"]["estado"] == "buena"
    assert evidence["firma"]["de"] == "direccion"
    assert evidence["oficios"] == ["SAF/1/2026"]
    assert "Dirección" not in str(evidence)
    [told, *_] = json.loads(mesa.run("history", "juan.perez", "--format", "json").out)["juan.perez"]
    assert (told["pull_request"], told["aprobadores"], told["firma"]) == (1, ["direccion"], "buena")
    assert "; firma buena de direccion" in " ".join(mesa.run("history", "juan.perez").out.split())
    assert mesa.run("apply", "--yes").out.endswith("Nada que hacer.\n")
    promoted = {"juan.perez": JUAN["juan.perez"] | {"puesto": "Jefe"}}
    mesa.forge.pull_request({SAF: saf(promoted)}, signer=director)
    mesa.run("apply", "--yes")
    merges = [event["data"]["fusion"] for event in mesa.record() if event["kind"] == "evidencia"]
    assert len(merges) == len(set(merges)) == 2


def test_a_key_that_is_revoked_later_does_not_take_back_what_was_on_record(tmp_path: Path, director: Signer) -> None:
    lines, more = "  exige: {firma: 2026-02-01}\n", f"      llaves: ['{director.listed}']\n"
    mesa = ruled(tmp_path, lines, more)
    mesa.forge.pull_request({SAF: saf(JUAN)}, signer=director)
    mesa.run("apply", "--yes")
    mesa.run("audit")
    fresh = ssh_signer(tmp_path / "llaves", "nueva")
    config = (mesa.forge.path / "cuentas.yaml").read_text()
    config = config.replace("  aprueban:", f"  llaves_revocadas: ['{director.listed}']\n  aprueban:")
    config = config.replace("      llaves: [", f"      llaves: ['{fresh.listed}', ")
    first = config.replace(f"  llaves_revocadas: ['{director.listed}']\n", "")
    mesa.forge.pull_request({"cuentas.yaml": first}, signer=director)
    mesa.run("apply", "--yes")
    mesa.forge.pull_request({"cuentas.yaml": config}, signer=fresh)
    notices = json.loads(mesa.run("audit", "--format", "json").out)["avisos"]
    assert {one["codigo"] for one in notices} == {"aprobador/revocada-despues"}
    mesa.forge.pull_request({SAF: saf(JUAN, ANA)}, signer=director)
    mesa.run("apply", "--yes", code=3)
    assert "llave revocada" in " ".join(mesa.run("plan").out.split())
    assert "[aprobador/llave-revocada]" in mesa.run("audit", code=3).out
    assert set(mesa.reading().accounts) == {"juan.perez"}


def test_a_review_that_nobody_can_be_asked_for_holds_the_change(tmp_path: Path) -> None:
    mesa = ruled(tmp_path, "  exige: {revision: 2026-02-01}\n")
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes", code=3)
    assert "revisó" in mesa.run("plan").out
    assert mesa.reading().accounts == {}


def test_whoever_proposes_and_merges_is_told_so(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)}, author=DIRECTOR)
    mesa.run("apply", "--yes", code=3)
    assert "quien la propuso es quien la aprobó" in " ".join(mesa.run("plan").out.split())


def test_without_gpg_or_ssh_keygen_only_what_has_a_signature_to_judge_says_so(
    tmp_path: Path, director: Signer
) -> None:
    lines, more = "  exige: {firma: 2026-03-01}\n", f"      llaves: ['{director.listed}']\n"
    mesa = ruled(tmp_path, lines, more)
    mesa.forge.pull_request({SAF: saf(JUAN)}, signer=director)
    bare = tmp_path / "bin"
    bare.mkdir()
    (bare / "git").symlink_to("/usr/bin/git")

    def prepare() -> None:
        os.environ["PATH"] = str(bare)

    mesa.run("plan", prepare=prepare)
    mesa.forge.clock += 60 * 86400
    mesa.forge.pull_request({SAF: saf(JUAN, ANA)}, signer=director)
    assert "openssh-client" in mesa.run("plan", code=2, prepare=prepare).err


@pytest.fixture(name="kind", params=["github", "gitea"])
def _kind(request: pytest.FixtureRequest) -> Literal["github", "gitea"]:
    return cast("Literal['github', 'gitea']", request.param)


@dataclass
class Reviewing:
    """A desk whose forge has to say who reviewed."""

    mesa: Desk
    double: ForgeDouble

    def propose(self, branch: str, files: dict[str, str | Agency | None]) -> None:
        """Open a pull request."""
        git = self.mesa.forge.git
        git("switch", "--quiet", "--create", branch, "main")
        self.mesa.forge.push(files)
        git("push", "--quiet", "origin", branch)
        self.double.open_pull(branch)
        git("switch", "--quiet", "main")

    def merge(self, *numbers: int) -> None:
        """Merge pull requests, as somebody whom nobody knows."""
        for number in numbers:
            self.double.merge(number, "Robot <robot@noreply.invalid>")
        self.mesa.forge.git("pull", "--quiet", "--ff-only", "origin", "main")


@contextmanager
def reviewing(tmp_path: Path, kind: Literal["github", "gitea"]) -> Iterator[Reviewing]:
    bare = tmp_path / "forja.git"
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", bare], check=True)
    with forge_double(tmp_path / "certificados", bare, kind) as double:
        mesa = desk(tmp_path, double.config() + RULES.format(lines="  exige: {revision: 2026-02-01}\n", more=""))
        mesa.forge.git("remote", "add", "origin", str(bare))
        mesa.forge.git("push", "--quiet", "origin", "main")
        yield Reviewing(mesa, double)


def test_a_review_of_what_changes_nothing_in_the_directory_is_frozen_too(tmp_path: Path) -> None:
    with reviewing(tmp_path, "github") as there:
        for number, entry in enumerate((JUAN, {"juan.perez": JUAN["juan.perez"] | {"cambio": "SAF/2/2026"}}), 1):
            there.propose(f"rama-{number}", {SAF: saf(entry)})
            there.double.approve(number, "dsct-sinaloa")
            there.merge(number)
            there.mesa.run("apply", "--yes")
        numbers = [one["data"]["pull_request"] for one in there.mesa.record() if one["kind"] == "evidencia"]
        assert numbers == [1, 2]
        asked = len(there.double.asked())
        there.mesa.run("apply", "--yes")
        assert len(there.double.asked()) == asked
    there.mesa.run("audit")


def test_a_review_is_asked_for_once_frozen_and_then_of_nobody_again(
    tmp_path: Path, kind: Literal["github", "gitea"]
) -> None:
    with reviewing(tmp_path, kind) as there:
        mesa, double = there.mesa, there.double
        there.propose("una", {SAF: saf(JUAN)})
        there.propose("otra", {SEBIDES: ZOE})
        double.approve(1, "dsct-sinaloa")
        there.merge(1, 2)
        double.fail(Fault.DOWN, Fault.DOWN, Fault.DOWN)
        mesa.run("apply", "--yes", code=3)
        assert mesa.reading().accounts == {}
        double.troubles.clear()
        mesa.run("apply", "--yes", code=3)
        assert set(mesa.reading().accounts) == {"juan.perez"}
        [evidence] = [event["data"] for event in mesa.record() if event["kind"] == "evidencia"]
        assert (evidence["pull_request"], evidence["autor"]) == (1, "lbeltran")
        assert evidence["aprobadores"] == ["direccion"]
        assert "aprobó direccion en la forja; fusionó Robot en" in mesa.run("history", "juan.perez").out
        assert "; sin revisión anotada; fusionó Robot en" in mesa.run("history", "zoe.paz").out
        assert set(json.loads(mesa.run("history", "--aprobador", "direccion", "--format", "json").out)) == {
            "juan.perez"
        }
        mesa.run("history", "--aprobador", "Robot", code=2)
        asked = len(double.asked())
        for who in ("direccion", "dsct@sinaloa.gob.mx", "DSCT-Sinaloa"):
            told = json.loads(mesa.run("history", "--aprobador", who, "--format", "json").out)
            assert {key: [one["pull_request"] for one in ones] for key, ones in told.items()} == {"juan.perez": [1]}
        assert "fusionó Robot" in " ".join(mesa.run("history", "juan.perez").out.split())
        assert "direccion" in mesa.run("history", "--aprobador", "nadie", code=2).err
        assert "[aprobador/sin-revision]" in mesa.run("audit", code=3).out
        assert len(double.asked()) == asked
        double.approve(2, "dsct-sinaloa")
        mesa.run("apply", "--yes")
        assert set(mesa.reading().accounts) == {"juan.perez", "zoe.paz"}
    mesa.run("audit")
    assert "Nada que hacer" in mesa.run("apply", "--yes").out
