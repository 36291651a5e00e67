"""Who approved, merge by merge: what each lacks, by its own code, whatever became of what it brought."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reconciler.approval import Approver
from reconciler.audit.approvals import approval_findings
from reconciler.audit.findings import Clase, Code, Finding
from reconciler.cli.workspace import LANGUAGE
from reconciler.engine.desired import read_desired
from reconciler.evidence import Lack
from reconciler.repository import Repository
from tests.cli.desk import ANA, JUAN, SAF, saf
from tests.forge import DIRECTOR, RECEIVED, Forge, founded
from tests.signing import Signer, ssh_signer

OTHER = "Otra Persona <otra@sinaloa.gob.mx>"

RULES = """\
dominios: [sinaloa.gob.mx]
aprobacion:
{lines}  aprueban:
    direccion:
      correos: [dsct@sinaloa.gob.mx]
{more}"""


def ruled(folder: Path, lines: str = "", more: str = "") -> Forge:
    return founded(folder / "repo", RULES.format(lines=lines, more=more))


@contextmanager
def approver(forge: Forge) -> Iterator[Approver]:
    with Repository.open(forge.path) as repository:
        head = repository.resolve("main")
        yield read_desired(repository, LANGUAGE, head, head, RECEIVED, worktree=False).approver


def found(forge: Forge) -> list[Finding]:
    with approver(forge) as judge:
        return list(approval_findings(judge))


@pytest.fixture(name="director")
def _director(tmp_path: Path) -> Signer:
    return ssh_signer(tmp_path / "llaves", "directora")


def test_every_lack_of_a_merge_has_a_code_of_the_audit_and_every_code_is_somebodys() -> None:
    others = {"cuenta", "configuracion", "evidencia", "revocada-despues", "linea-base"}
    told = {one.value.partition("/")[2] for one in Code if one.clase is Clase.APROBADOR}
    assert {one.value for one in Lack} | others == told


def test_a_merge_is_judged_although_another_brought_a_new_value_since(tmp_path: Path) -> None:
    forge = ruled(tmp_path)
    wrong = forge.pull_request({SAF: saf(JUAN)}, approver=OTHER)
    forge.pull_request({SAF: saf({"juan.perez": JUAN["juan.perez"] | {"nombre": "Iván", "cambio": "SAF/2/2026"}})})
    ours = [one for one in found(forge) if one.merge == wrong]
    assert [(one.code, one.key) for one in ours] == [(Code.APROBADOR_NO_FACULTADO, "juan.perez")]
    assert "pull request 1" in ours[0].message


def test_everything_that_one_merge_lacks_is_told_once_whatever_it_moved(tmp_path: Path, director: Signer) -> None:
    forge = ruled(
        tmp_path, "  exige: {firma: 2026-02-01, revision: 2026-02-01}\n", f"      llaves: ['{director.listed}']\n"
    )
    forge.pull_request({SAF: saf(JUAN, ANA)}, author=OTHER, approver=OTHER)
    assert [one.code for one in found(forge)] == [
        Code.APROBADOR_QUIEN_PROPUSO,
        Code.APROBADOR_NO_FACULTADO,
        Code.APROBADOR_SIN_REVISION,
        Code.APROBADOR_SIN_FIRMA,
    ]


def test_a_strangers_key_has_a_code_of_its_own(tmp_path: Path, director: Signer) -> None:
    forge = ruled(tmp_path, "  exige: {firma: 2026-02-01}\n", f"      llaves: ['{director.listed}']\n")
    forge.pull_request({SAF: saf(JUAN)}, signer=ssh_signer(tmp_path / "otra", "otra"))
    assert [one.code for one in found(forge)] == [Code.APROBADOR_LLAVE_AJENA]


def test_what_the_rules_of_its_day_did_not_ask_is_not_asked(tmp_path: Path, director: Signer) -> None:
    forge = ruled(tmp_path, "  exige: {firma: 2026-03-01}\n", f"      llaves: ['{director.listed}']\n")
    forge.pull_request({SAF: saf(JUAN)})
    assert found(forge) == []
    forge.clock += 60 * 86400
    late = forge.pull_request({SAF: saf(JUAN, ANA)})
    assert [(one.code, one.merge) for one in found(forge)] == [(Code.APROBADOR_SIN_FIRMA, late)]


def test_what_is_wrong_with_how_a_value_came_in_is_told_apart_from_its_merge(tmp_path: Path) -> None:
    forge = ruled(tmp_path)
    forge.pull_request({SAF: saf(JUAN)}, author=DIRECTOR)
    forge.push({SAF: saf(JUAN, ANA)})
    assert [(one.code, one.key) for one in found(forge)] == [
        (Code.APROBADOR_CUENTA, "ana.ruiz"),
        (Code.APROBADOR_QUIEN_PROPUSO, "juan.perez"),
    ]
