"""Sheets that open nothing, or that nobody could open: none is handed over or acknowledged as if it were good."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyrage
import pytest

from reconciler.embedded import EmbeddedTarget
from reconciler.errors import OutcomeUnknownError, TargetError, TargetRejectedError
from reconciler.spool import Shelf
from tests.cli.children import failing, killing
from tests.cli.clocks import later
from tests.cli.desk import ANA, JUAN, SAF, Desk, config, saf
from tests.forge import Agency
from tests.sheets import the_sheet

REISSUE = ("sheet", "reissue", "juan.perez", "--motivo", "Perdió la hoja")
ACK = ("--recibio", "enlace")
LAURA = "correo: laura.beltran@sinaloa.gob.mx\n"
BY_MAIL = {"entrega": "{medio: correo, a: enlace, motivo: La oficina está en Los Mochis}"}


@pytest.fixture(name="key")
def _key(mesa: Desk, tmp_path: Path) -> tuple[str, str]:
    """The option that names the Mesa de Ayuda's private key."""
    file = tmp_path / "llave.txt"
    file.touch(0o600)
    file.write_text(f"{mesa.identity}\n")
    return "--llave", str(file)


@pytest.fixture(name="printed")
def _printed(mesa: Desk, key: tuple[str, str], tmp_path: Path) -> str:
    """The folio of juan.perez's sheet, which somebody printed."""
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    mesa.run("sheet", "print", "juan.perez", *key, "-o", str(tmp_path / "hoja.pdf"))
    return mesa.sheet("juan.perez")["folio"]


def kinds(mesa: Desk, *wanted: str) -> list[str]:
    return [one["kind"] for one in mesa.record() if one["kind"] in wanted]


# --- acknowledged ---------------------------------------------------------------------------------------------


def test_nobody_acknowledges_a_sheet_while_another_was_half_issued(mesa: Desk, printed: str) -> None:
    lost = failing(EmbeddedTarget, "set_first_password", OutcomeUnknownError("quién sabe", remedy="x"), after=True)
    mesa.run(*REISSUE, code=5, prepare=lost)
    for asked in ("juan.perez", printed):
        assert "no se sabe cómo terminó" in mesa.run("sheet", "ack", asked, *ACK, code=3).err
    assert kinds(mesa, "hoja_acusada", "orden_cerrada") == []


def test_nobody_acknowledges_a_sheet_that_was_replaced(mesa: Desk, printed: str) -> None:
    mesa.run(*REISSUE)
    assert "se expidió otra" in mesa.run("sheet", "ack", printed, *ACK, code=3).err
    assert kinds(mesa, "hoja_acusada", "orden_cerrada") == []


def test_what_was_acknowledged_before_it_was_replaced_stays_so(mesa: Desk, printed: str) -> None:
    mesa.run("sheet", "ack", printed, *ACK)
    mesa.run(*REISSUE)
    assert "ya estaba acusada" in mesa.run("sheet", "ack", printed, *ACK).out


# --- of accounts that are shut --------------------------------------------------------------------------------


@pytest.mark.parametrize("step", ["set_first_password", "reactivate"])
def test_a_sheet_of_who_was_not_let_in_again_is_handed_to_nobody(
    mesa: Desk, key: tuple[str, str], tmp_path: Path, step: str
) -> None:
    """Whoever becomes personal again does so under the oficio that was there all the time."""
    shared = {"tipo": "compartida", "nombre": "Ventanilla", "responsable": "juan.perez", "alta": "SAF/1/2026"}
    printing = ("sheet", "print", "ana.ruiz", *key, "-o", str(tmp_path / "h.pdf"))
    mesa.forge.pull_request({SAF: saf(JUAN, ANA)})
    mesa.run("apply", "--yes")
    mesa.forge.pull_request({SAF: saf(JUAN, {"ana.ruiz": shared})})
    assert "ya no es personal" in mesa.run(*printing, code=3).err
    mesa.run("apply", "--yes")
    mesa.forge.pull_request({SAF: saf(JUAN, ANA)})
    refused = failing(EmbeddedTarget, step, TargetRejectedError("no", remedy="x"), after=False)
    mesa.run("apply", "--yes", code=5, prepare=refused)
    assert "no ha terminado" in mesa.run(*printing, code=3).err
    mesa.run("apply", "--yes")
    mesa.run(*printing)


# --- mailed ---------------------------------------------------------------------------------------------------


def an_ssh_key(folder: Path) -> str:
    folder.mkdir()
    words = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "laura", "-f", str(folder / "laura")]
    subprocess.run(words, check=True)
    return (folder / "laura.pub").read_text().strip()


def an_age_key(folder: Path) -> str:
    del folder
    return str(pyrage.x25519.Identity.generate().to_public())


@pytest.mark.parametrize("made", [an_ssh_key, an_age_key])
def test_a_sheet_sealed_to_a_key_that_the_enlace_has_no_more_is_not_mailed(
    mesa: Desk, tmp_path: Path, made: Callable[[Path], str]
) -> None:
    def with_key(public: str) -> str:
        text = Agency(accounts={"juan.perez": JUAN["juan.perez"] | BY_MAIL}).text()
        return text.replace(LAURA, f"{LAURA}    llave: {public}\n")

    mesa.forge.pull_request({SAF: with_key(made(tmp_path / "antes"))})
    mesa.run("apply", "--yes")
    mesa.forge.pull_request({SAF: with_key(made(tmp_path / "ahora"))})
    assert "se selló con otra llave" in mesa.run("sheet", "send", "juan.perez", code=3).err
    assert kinds(mesa, "hoja_enviada") == []
    mesa.run(*REISSUE)
    mesa.run("sheet", "send", "juan.perez")


def test_a_comment_on_a_key_makes_it_no_other_key(mesa: Desk, tmp_path: Path) -> None:
    public = an_ssh_key(tmp_path / "par")
    text = Agency(accounts={"juan.perez": JUAN["juan.perez"] | BY_MAIL}).text()
    mesa.forge.pull_request({SAF: text.replace(LAURA, f"{LAURA}    llave: {public}\n")})
    mesa.run("apply", "--yes")
    mesa.forge.pull_request({SAF: text.replace(LAURA, f"{LAURA}    llave: {public} de su portátil\n")})
    mesa.run("sheet", "send", "juan.perez")


def test_a_sheet_is_not_mailed_to_its_own_account_in_another_domain(mesa: Desk, key: tuple[str, str]) -> None:
    two = config(mesa.identity).replace("[sinaloa.gob.mx]", "[sinaloa.gob.mx, saf.sinaloa.gob.mx]")
    mine = JUAN["juan.perez"] | {"avisar_a": "juan.perez@saf.sinaloa.gob.mx"}
    mesa.forge.pull_request({"cuentas.yaml": two, SAF: saf({"juan.perez": mine})})
    mesa.run("apply", "--yes")
    words = ("sheet", "send", "juan.perez", "--a", "interesado", "--motivo", "Está lejos", *key)
    assert "es la de la propia cuenta" in mesa.run(*words, code=3).err
    assert kinds(mesa, "hoja_enviada") == []


# --- what is left on the disk ---------------------------------------------------------------------------------


def test_a_disk_that_fills_up_keeps_no_part_of_a_saved_page(mesa: Desk, key: tuple[str, str], tmp_path: Path) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")

    def full() -> None:
        real = os.fchmod

        def chmod(descriptor: int, mode: int) -> None:
            real(descriptor, mode)
            resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))

        vars(os)["fchmod"] = chmod

    file = tmp_path / "hoja.pdf"
    words = ("sheet", "print", "juan.perez", *key, "-o", str(file))
    assert "No se pudo escribir" in mesa.run(*words, code=2, prepare=full).err
    assert not file.exists()
    mesa.run(*words)


def test_what_somebody_died_over_while_sealing_is_taken_away_in_time(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    left = mesa.sheets / ".juan.perez.H-2026-00000000.pdf.age.0a1b2c3d"
    left.touch(0o600)
    assert "Nada que retirar" in mesa.run("sheet", "purge", prepare=later(29)).out
    assert left.name in " ".join(mesa.run("sheet", "list").out.split())
    mesa.run("sheet", "purge", prepare=later(31))
    assert list(mesa.sheets.iterdir()) == []


def test_whatever_kills_it_nothing_of_its_memory_is_dumped() -> None:
    script = (
        "import resource, sys; from reconciler.cli import main; sys.argv = ['cuentas', '--version']\n"
        "try: main.main()\nexcept SystemExit: print(*resource.getrlimit(resource.RLIMIT_CORE))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.splitlines()[-1] == "0 0"


@pytest.mark.parametrize("at", [1, 2, 3])
def test_a_kill_of_an_acknowledgement_is_taken_up_by_the_next_one(mesa: Desk, printed: str, at: int) -> None:
    from reconciler.bitacora.journal import Journal  # noqa: PLC0415 -- the places to die at

    places = [(Journal, "append"), (Shelf, "remove")]
    mesa.run("sheet", "ack", printed, *ACK, code=-signal.SIGKILL, prepare=killing(places, at))
    mesa.run("sheet", "ack", printed, *ACK)
    assert list(mesa.sheets.iterdir()) == []
    assert kinds(mesa, "hoja_acusada", "hoja_retirada", "orden_cerrada") == [
        "hoja_acusada", "hoja_retirada", "orden_cerrada",
    ]  # fmt: skip


# --- clocks ---------------------------------------------------------------------------------------------------


def test_a_clock_that_leapt_ahead_takes_no_sheet_away(mesa: Desk, printed: str) -> None:
    del printed
    assert "no se retira ninguna hoja" in mesa.run("sheet", "purge", code=3, prepare=later(400)).err
    said = mesa.run("apply", "--yes", prepare=later(400))
    assert "Quedaron hojas por retirar" in " ".join((said.out + said.err).split())
    assert mesa.sheet("juan.perez")
    assert kinds(mesa, "hoja_retirada") == []


# --- on paper -------------------------------------------------------------------------------------------------


def test_the_head_on_a_sheet_is_confirmed_by_the_audit(mesa: Desk, printed: str) -> None:
    head = mesa.sheet("juan.perez")["cabeza"]
    for asked in (head, head[:12].upper(), f"{head[:32]} {head[32:]}"):
        said = " ".join(mesa.run("audit", "--cabeza", asked).out.split())
        assert f"La huella {head} es del renglón" in said
        assert f"se selló después {printed}" in said
    found = json.loads(mesa.run("audit", "--cabeza", head, "--format", "json").out)["cabeza"]
    (line,) = [one for one in mesa.record() if int(one["n"]) == found["renglon"]]
    assert (found["corrida"], found["hecho"], found["hojas"]) == (line["run"], line["kind"], [printed])


def test_the_head_on_a_reissued_sheet_is_confirmed_too(mesa: Desk, printed: str) -> None:
    del printed
    mesa.run(*REISSUE)
    sheet = mesa.sheet("juan.perez")
    found: Any = json.loads(mesa.run("audit", "--cabeza", sheet["cabeza"], "--format", "json").out)["cabeza"]
    assert found["hojas"] == [sheet["folio"]]


def test_a_head_that_no_line_has_fails_the_audit(mesa: Desk, printed: str) -> None:
    del printed
    said = mesa.run("audit", "--cabeza", "f" * 64, code=3)
    assert "Ningún renglón tiene la huella" in " ".join(said.out.split())
    assert "no es una huella" in mesa.run("audit", "--cabeza", "ab12", code=2).err
    assert "no es una huella" in mesa.run("audit", "--cabeza", "x" * 64, code=2).err


# --- of accounts that log on otherwise by now ----------------------------------------------------------------------


def test_a_sheet_that_names_another_user_than_there_is_is_handed_to_nobody(
    mesa: Desk, key: tuple[str, str], tmp_path: Path
) -> None:
    printing = ("sheet", "print", "juan.perez", *key, "-o", str(tmp_path / "h.pdf"))
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    mesa.forge.pull_request({SAF: saf({"juan.perez": JUAN["juan.perez"] | {"usuario_ad": "jperez"}})})
    assert "sin aplicar un cambio de usuario" in mesa.run(*REISSUE, code=3).err
    mesa.run("apply", "--yes")
    assert "no dice el usuario" in mesa.run(*printing, code=3).err
    mesa.run(*REISSUE)
    assert mesa.sheet("juan.perez")["usuario"] == "jperez"
    mesa.run(*printing)


def test_the_order_of_who_was_renamed_is_closed_by_a_sheet_under_the_new_key(
    mesa: Desk, key: tuple[str, str], tmp_path: Path
) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    mesa.forge.pull_request({SAF: saf({"juan.perez.l": JUAN["juan.perez"] | {"renombra": "juan.perez"}})})
    mesa.run("apply", "--yes")
    mesa.run("sheet", "reissue", "juan.perez.l", "--motivo", "Cambió de clave")
    assert [one.name.split(".H-")[0] for one in mesa.sheets.iterdir()] == ["juan.perez.l"]
    mesa.run("sheet", "print", "juan.perez.l", *key, "-o", str(tmp_path / "h.pdf"))
    mesa.run("sheet", "ack", "juan.perez.l", *ACK)
    assert kinds(mesa, "orden_cerrada") == ["orden_cerrada"]


# --- read from the past, or of something else ----------------------------------------------------------------------


def test_a_clone_that_is_behind_what_was_applied_hands_over_and_mails_nothing(
    mesa: Desk, key: tuple[str, str], tmp_path: Path
) -> None:
    """It would name the enlace of then, and know nothing of a baja."""
    printing = ("sheet", "print", "juan.perez", *key, "-o", str(tmp_path / "h.pdf"))
    mesa.forge.git("init", "--quiet", "--bare", "--initial-branch=main", str(tmp_path / "origin.git"), inside=False)
    mesa.forge.git("remote", "add", "origin", str(tmp_path / "origin.git"))
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.forge.git("push", "--quiet", "origin", "main")
    mesa.run("apply", "--yes")
    past = mesa.forge.head()
    text = Agency(accounts={"juan.perez": JUAN["juan.perez"] | {"puesto": "Jefe"}}).text()
    mesa.forge.pull_request({SAF: text.replace(LAURA, "correo: nueva@sinaloa.gob.mx\n")})
    mesa.forge.git("push", "--quiet", "origin", "main")
    mesa.run("apply", "--yes")
    now = mesa.forge.head()
    mesa.forge.git("reset", "--quiet", "--hard", past)
    sending = ("sheet", "send", "juan.perez", "--a", "enlace", "--motivo", "Está lejos", *key)
    for words in (printing, sending):
        assert "es un commit anterior" in " ".join(mesa.run(*words, code=3).err.split())
    mesa.forge.git("reset", "--quiet", "--hard", now)
    mesa.run(*printing)
    assert "nueva@sinaloa.gob.mx" in mesa.run(*sending).out


@pytest.mark.parametrize("content", ["damaged", "another's"])
def test_what_is_stored_in_the_place_of_a_sheet_is_handed_to_nobody(
    mesa: Desk, key: tuple[str, str], tmp_path: Path, content: str
) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN, ANA)})
    mesa.run("apply", "--yes")
    ana, juan = the_sheet(mesa.sheets, "ana.ruiz"), the_sheet(mesa.sheets, "juan.perez")
    other = ana.read_bytes() if content == "another's" else pyrage.encrypt(b"hola", [mesa.identity.to_public()])
    juan.write_bytes(other)
    said = mesa.run("sheet", "print", "juan.perez", *key, "-o", str(tmp_path / "h.pdf"), code=3)
    assert "no dice el usuario" in said.err
    assert not (tmp_path / "h.pdf").exists()


def test_a_reissue_that_could_not_be_sealed_leaves_the_former_sheet_in_force(
    mesa: Desk, key: tuple[str, str], tmp_path: Path
) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    folio = mesa.sheet("juan.perez")["folio"]
    mesa.run(*REISSUE, code=5, prepare=failing(Shelf, "store", TargetError("sin espacio", remedy="x"), after=False))
    assert folio in mesa.run("sheet", "print", "juan.perez", *key, "-o", str(tmp_path / "h.pdf")).out
