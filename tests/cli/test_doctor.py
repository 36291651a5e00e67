"""Before the first use: what is missing is said with what to do, and nothing anywhere is other afterwards."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from pathlib import Path

import pytest

from tests.cli.desk import JUAN, SAF, Desk, desk, saf
from tests.forge import founded


def published(mesa: Desk, folder: Path) -> Path:
    bare = folder / "remoto.git"
    mesa.forge.git("init", "--quiet", "--bare", str(bare), inside=False)
    mesa.forge.git("remote", "add", "origin", str(bare))
    mesa.forge.git("push", "--quiet", "origin", "main")
    return bare


def states(mesa: Desk, code: int = 0) -> dict[tuple[str, str], dict[str, str]]:
    said = mesa.run("doctor", "--format", "json", code=code)
    assert said.err == ""
    return {(one["area"], one["nombre"]): one for one in json.loads(said.out)}


def failed(mesa: Desk, code: int) -> dict[str, str]:
    return next(one for one in states(mesa, code).values() if one["estado"] == "falta")


def everything(*folders: Path) -> dict[str, tuple[int, str]]:
    """Return every file with its mode and a digest of what is in it."""
    return {
        str(path): (path.lstat().st_mode, hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "")
        for folder in folders
        for path in folder.rglob("*")
    }


def test_a_good_installation_has_nothing_missing(mesa: Desk, tmp_path: Path) -> None:
    published(mesa, tmp_path)
    assert {one["estado"] for one in states(mesa).values()} == {"ok"}
    assert "Todo lo necesario está (11 bien)." in mesa.run("doctor").out


@pytest.mark.parametrize("used", [False, True])
def test_it_changes_nothing_before_the_first_use_nor_after(mesa: Desk, tmp_path: Path, used: bool) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    bare = published(mesa, tmp_path)
    if used:
        mesa.run("apply", "--yes")
    before = everything(mesa.forge.path, bare)
    mesa.run("doctor")
    assert everything(mesa.forge.path, bare) == before


def test_state_is_told_by_a_word_and_not_by_colour_alone(mesa: Desk) -> None:
    said = mesa.run("doctor").out
    assert "  ✓ bien    historia: completa\n" in said
    assert "  ! aviso   remoto: el clon no tiene remoto" in said
    assert "      Qué hacer: Para producción, agregue" in said


def test_a_remote_without_the_main_branch_stops_what_needs_it_and_nothing_else(mesa: Desk, tmp_path: Path) -> None:
    mesa.forge.git("init", "--quiet", "--bare", str(tmp_path / "vacío.git"), inside=False)
    mesa.forge.git("remote", "add", "origin", str(tmp_path / "vacío.git"))
    found = states(mesa, 6)
    assert found["Git", "remoto"]["remedio"] == "Publíquela: «git push origin main»."
    assert found["Git", "publicar la bitácora"]["estado"] == "omitido"
    assert found["Git", "publicar la bitácora"]["detalle"] == "no se revisó: falta «remoto»"
    assert found["Directorio embebido", "canario"]["estado"] == "ok"


def test_a_remote_that_is_not_there_is_said_with_how_to_try_it(mesa: Desk, tmp_path: Path) -> None:
    published(mesa, tmp_path).rename(tmp_path / "otro.git")
    found = failed(mesa, 6)
    assert found["nombre"] == "remoto"
    assert "git ls-remote origin" in found["remedio"]


def test_a_remote_that_may_only_be_read_cannot_take_the_record(mesa: Desk, tmp_path: Path) -> None:
    published(mesa, tmp_path)
    mesa.forge.git("config", "remote.origin.receivepack", "false")
    found = failed(mesa, 6)
    assert found["nombre"] == "publicar la bitácora"
    assert "«origin» no aceptó la bitácora" in found["detalle"]


def test_a_record_that_went_on_elsewhere_is_no_lack_of_rights(mesa: Desk, tmp_path: Path) -> None:
    bare = published(mesa, tmp_path)
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.forge.git("push", "--quiet", "origin", "main")
    mesa.run("apply", "--yes")
    mesa.forge.git("update-ref", "-d", "refs/heads/bitacora")
    assert mesa.forge.git("-C", str(bare), "rev-parse", "bitacora", inside=False)
    assert states(mesa)["Git", "publicar la bitácora"]["estado"] == "ok"


def test_a_main_branch_that_moved_on_the_remote_is_a_warning(mesa: Desk, tmp_path: Path) -> None:
    bare = published(mesa, tmp_path)
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.forge.git("push", "--quiet", str(bare), "main")
    found = states(mesa)["Git", "remoto"]
    assert (found["estado"], found["remedio"]) == ("aviso", "Corra «git fetch origin».")


def test_a_clone_that_cannot_say_its_main_branch_is_told_the_command(mesa: Desk) -> None:
    mesa.forge.git("branch", "--move", "main", "principal")
    assert "git config cuentas.rama" in failed(mesa, 2)["remedio"]


def test_an_invalid_declaration_leaves_what_rests_on_it_unseen(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf({"juan.perez": JUAN["juan.perez"] | {"area": ""}})})
    found = states(mesa, 2)
    assert "cuentas validate" in found["Configuración", "declaración"]["remedio"]
    assert found["Configuración", "destino"]["estado"] == "omitido"
    assert found["Primeras contraseñas", "todo"]["detalle"] == "no se revisó: falta «destino» de Configuración"


def test_a_target_that_there_is_not_is_said(mesa: Desk) -> None:
    said = mesa.run("doctor", "--target", "nada", code=2).out
    assert "No hay un destino «nada»" in said
    assert "Por arreglar: 1 cosa; empiece por la primera" in said


def test_without_anybody_to_receive_passwords_that_is_missing(tmp_path: Path) -> None:
    mesa = Desk(founded(tmp_path / "repo", "dominios: [sinaloa.gob.mx]\n"), None)
    assert "entrega: destinatario:" in failed(mesa, 3)["remedio"]


def test_a_key_that_is_none_is_missing(tmp_path: Path) -> None:
    mesa = Desk(founded(tmp_path / "repo", "dominios: [sinaloa.gob.mx]\nentrega:\n  destinatario: age1xyz\n"), None)
    found = failed(mesa, 2)
    assert found["area"] == "Primeras contraseñas"
    assert "age-keygen" in found["remedio"]


def test_a_spool_that_others_may_look_into_is_missing(mesa: Desk) -> None:
    mesa.sheets.mkdir(parents=True, mode=0o755)
    mesa.sheets.parent.chmod(0o700)
    mesa.sheets.chmod(0o750)
    assert "chmod 700" in failed(mesa, 3)["remedio"]


def test_a_spool_where_a_file_stands_is_missing(mesa: Desk) -> None:
    mesa.sheets.parent.parent.mkdir()
    mesa.sheets.parent.touch()
    assert "no se puede escribir" in failed(mesa, 2)["detalle"]


def test_an_embedded_file_of_something_else_or_emptied_is_missing(mesa: Desk) -> None:
    with mesa.target():
        pass
    connection = sqlite3.connect(mesa.store)
    with connection:
        connection.execute("DELETE FROM objetos")
    connection.close()
    assert "canario" in failed(mesa, 5)["detalle"]
    mesa.store.write_text("esto no es una base de datos", "utf-8")
    assert "DatabaseError" in failed(mesa, 5)["detalle"]


def test_a_repository_that_is_none_is_said_as_everywhere(tmp_path: Path) -> None:
    assert "no es un repositorio de Git" in desk(tmp_path).run("doctor", at=tmp_path, code=2).err
