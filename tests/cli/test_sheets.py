"""Credential sheets handed over: listed, printed, mailed, acknowledged, issued again, and taken away in time."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import shutil
import signal
import sqlite3
import subprocess
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pyrage
import pytest

from reconciler.embedded import EmbeddedTarget
from reconciler.embedded.rows import matches
from reconciler.errors import OutcomeUnknownError, TargetRejectedError
from reconciler.spool import AgeSpool, Shelf
from tests.cli.children import failing, killing
from tests.cli.clocks import later
from tests.cli.desk import JUAN, SAF, Desk, leaving, saf
from tests.cli.lp import printer
from tests.forge import Agency
from tests.sheets import passphrase, read_sheet, the_sheet

LAURA = "laura.beltran@sinaloa.gob.mx"
AWAY = {"entrega": "{medio: correo, a: enlace, motivo: La oficina está en Los Mochis}"}
BOSS = "ana.ruiz@sinaloa.gob.mx"
LATER = {"alta": "SAF/3/2026"}


@pytest.fixture(name="key")
def _key(mesa: Desk, tmp_path: Path) -> Path:
    """The Mesa de Ayuda's private key, as age-keygen leaves it."""
    file = tmp_path / "llave.txt"
    file.touch(0o600)
    file.write_text(f"# llave pública: {mesa.identity.to_public()}\n{mesa.identity}\n")
    return file


@pytest.fixture(name="served")
def _served(mesa: Desk) -> Desk:
    """A desk where juan.perez has an account, and his sheet waits to be printed."""
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    return mesa


def with_enlace(*more: str, **fields: str) -> str:
    """Return SAF's file with Juan in it, and his enlace's entry with further lines."""
    text = Agency(oficios=("SAF/1/2026", "SAF/2/2026"), accounts={"juan.perez": JUAN["juan.perez"] | fields}).text()
    return text.replace(f"    correo: {LAURA}\n", "".join(f"    {line}\n" for line in (f"correo: {LAURA}", *more)))


def listed(mesa: Desk, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(mesa.run("sheet", "list", "--format", "json", *words).out)
    return found


def told(mesa: Desk, kind: str) -> list[dict[str, Any]]:
    return [one["data"] for one in mesa.record() if one["kind"] == kind]


def mails(mesa: Desk) -> list[EmailMessage]:
    files = sorted((mesa.forge.path / ".cuentas" / "salida" / "embedded").glob("hoja+*.eml"))
    return [message_from_bytes(one.read_bytes(), policy=policy.default) for one in files]


def attached(mail: EmailMessage) -> tuple[str, bytes]:
    (one,) = mail.iter_attachments()
    content = one.get_content()
    assert isinstance(content, bytes)
    return one.get_filename() or "", content


def stored(mesa: Desk, key: str = "juan.perez") -> str:
    with contextlib.closing(sqlite3.connect(mesa.store)) as database:
        found: tuple[str] = database.execute("SELECT contrasena FROM objetos WHERE marca = ?", (key,)).fetchone()
    return found[0]


# --- printed: PSDT-08, 7.1, 7.2 and 8.1 ---------------------------------------------------------------------


def test_a_sheet_is_printed_handed_over_acknowledged_and_gone(served: Desk, key: Path, tmp_path: Path) -> None:
    (one,) = listed(served)
    assert (one["cuenta"], one["estado"], one["para"]) == ("juan.perez", "sellada", "impresa")
    assert one["quedan_dias"] in {29, 30}
    said = served.run(
        "sheet", "print", "juan.perez", "--imprimir", "--impresora", "Mostrador", "--llave", str(key),
        prepare=printer(tmp_path / "bin"),
    )  # fmt: skip
    assert "mandada a la impresora" in said.out
    sheet = read_sheet((tmp_path / "bin" / "impreso.pdf").read_bytes())
    assert matches(stored(served), sheet["clave"])
    assert sheet["folio"] == one["folio"]
    assert (tmp_path / "bin" / "palabras").read_text().splitlines() == [
        "-s", "-t", f"RSDT-08.02 {one['folio']}", "-d", "Mostrador", "-",
    ]  # fmt: skip
    assert [each["estado"] for each in listed(served)] == ["impresa"]
    served.run("sheet", "ack", one["folio"], "--recibio", "enlace")
    assert list(served.sheets.iterdir()) == []
    assert listed(served) == []
    assert [each["recibio"] for each in listed(served, "--todas")] == ["enlace"]
    assert told(served, "hoja_acusada")[0]["por"] == "enlace"
    assert told(served, "hoja_retirada") == [
        {"folio": one["folio"], "porque": "acusada", "destino": "embedded"},
    ]  # fmt: skip
    (order,) = told(served, "orden_cerrada")
    assert order["orden"] == sheet["orden"]


def test_the_head_on_the_paper_is_a_line_of_the_record(served: Desk) -> None:
    import hashlib  # noqa: PLC0415 -- only here

    names = served.forge.git("ls-tree", "-r", "--name-only", "bitacora", "eventos/").split()
    lines = [line for name in names for line in served.forge.git("show", f"bitacora:{name}").splitlines()]
    assert served.sheet("juan.perez")["cabeza"] in {hashlib.sha256(line.encode()).hexdigest() for line in lines}


def test_a_sheet_is_saved_for_its_owner_alone_and_never_in_git_nor_over_anything(
    served: Desk, key: Path, tmp_path: Path
) -> None:
    words = ("sheet", "print", "juan.perez", "--llave", str(key), "-o")
    assert "dentro de un repositorio de Git" in served.run(*words, "hoja.pdf", code=2).err
    there = tmp_path / "fuera"
    there.mkdir()
    served.run(*words, str(there / "hoja.pdf"))
    assert (there / "hoja.pdf").stat().st_mode & 0o777 == 0o600
    assert read_sheet((there / "hoja.pdf").read_bytes())["usuario"] == "juan.perez"
    assert "ya existe" in served.run(*words, str(there / "hoja.pdf"), code=2).err
    assert len(told(served, "hoja_impresa")) == 1


def test_a_printer_that_refuses_leaves_the_sheet_waiting(served: Desk, key: Path, tmp_path: Path) -> None:
    words = ("sheet", "print", "juan.perez", "--imprimir", "--llave", str(key))
    said = served.run(*words, code=5, prepare=printer(tmp_path / "bin", "lp: no hay papel"))
    assert "no la aceptó (lp: no hay papel)" in said.err
    assert [one["estado"] for one in listed(served)] == ["sellada"]
    (tmp_path / "vacia").mkdir()
    (tmp_path / "vacia" / "git").symlink_to(shutil.which("git") or "")
    nothing = served.run(*words, code=2, prepare=lambda: os.environ.update(PATH=str(tmp_path / "vacia")))
    assert "no tiene «lp»" in nothing.err
    assert "no es el nombre de una impresora" in served.run(*words, "--impresora", "-o raw", code=2).err


def test_only_the_mesas_key_opens_a_sheet_and_only_its_owner_may_read_that_key(
    served: Desk, key: Path, tmp_path: Path
) -> None:
    words = ("sheet", "print", "juan.perez", "-o", str(tmp_path / "hoja.pdf"))
    assert "Falta la llave privada" in served.run(*words, code=2).err
    other = tmp_path / "otra.txt"
    other.touch(0o600)
    other.write_text(f"{pyrage.x25519.Identity.generate()}\n")
    assert "Con esa llave no se abre" in served.run(*words, "--llave", str(other), code=3).err
    assert "no es una llave privada" in served.run(*words, "--llave", str(empty(tmp_path)), code=2).err
    key.chmod(0o640)
    assert "Otros pueden leer" in served.run(*words, "--llave", str(key), code=2).err
    key.chmod(0o600)
    served.run(*words, prepare=lambda: os.environ.update(CUENTAS_LLAVE=str(key)))
    assert told(served, "hoja_impresa")


def empty(folder: Path) -> Path:
    file = folder / "vacia.txt"
    file.touch(0o600)
    return file


def test_an_ssh_key_under_a_passphrase_says_what_to_do(served: Desk, tmp_path: Path) -> None:
    file = tmp_path / "id"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "secreta", "-f", str(file)], check=True)
    said = served.run("sheet", "print", "juan.perez", "-o", str(tmp_path / "h.pdf"), "--llave", str(file), code=2)
    assert "está protegida con una frase" in said.err
    assert "ssh-keygen -p" in said.err


def test_nothing_is_acknowledged_that_was_not_handed_over(served: Desk) -> None:
    assert "no hay qué acusar" in served.run("sheet", "ack", "juan.perez", "--recibio", "enlace", code=3).err
    assert "no hay ninguna hoja" in served.run("sheet", "ack", "nadie", "--recibio", "enlace", code=2).err


# --- mailed: PSDT-08, P4 --------------------------------------------------------------------------------------


def ssh_pair(folder: Path) -> tuple[str, Any]:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(folder / "laura")], check=True)
    private = pyrage.ssh.Identity.from_buffer((folder / "laura").read_bytes())
    return (folder / "laura.pub").read_text().strip(), private


def test_an_enlace_with_a_key_gets_by_mail_what_that_key_alone_opens(mesa: Desk, tmp_path: Path) -> None:
    public, private = ssh_pair(tmp_path)
    mesa.forge.pull_request({SAF: with_enlace(f"llave: {public}", **AWAY)})
    mesa.run("apply", "--yes")
    said = mesa.run("sheet", "send", "juan.perez")
    (mail,) = mails(mesa)
    name, sealed = attached(mail)
    sheet = read_sheet(pyrage.decrypt(sealed, [private]))
    assert matches(stored(mesa), sheet["clave"])
    assert (mail["To"], name) == (LAURA, f"RSDT-08.02-{sheet['folio']}.pdf.age")
    assert "age -d -i SU_LLAVE" in mail.as_string()
    assert "passphrase" not in said.out
    assert told(mesa, "hoja_enviada") == [
        {"folio": sheet["folio"], "a": "enlace", "motivo": "La oficina está en Los Mochis", "destino": "embedded"}
    ]
    assert "no se envía dos veces" in mesa.run("sheet", "send", "juan.perez", code=3).err
    assert "aquí nadie la abre" in mesa.run("sheet", "print", "juan.perez", "-o", str(tmp_path / "h.pdf"), code=3).err


def test_the_interested_party_gets_a_locked_pdf_and_its_passphrase_by_telephone(
    mesa: Desk, key: Path, tmp_path: Path
) -> None:
    asked = {"entrega": "{medio: correo, a: interesado, motivo: Trabaja en Mazatlán}", "avisar_a": BOSS}
    mesa.forge.pull_request({SAF: saf({"juan.perez": JUAN["juan.perez"] | asked})})
    mesa.run("apply", "--yes")
    said = mesa.run("sheet", "send", "juan.perez")
    assert "«cuentas sheet passphrase" in said.out
    (mail,) = mails(mesa)
    assert mail["To"] == BOSS
    file = tmp_path / "frase.txt"
    assert (
        "solo se muestra en una terminal"
        in mesa.run("sheet", "passphrase", "juan.perez", "--llave", str(key), code=2).err
    )
    mesa.run("sheet", "passphrase", "juan.perez", "--llave", str(key), "-o", str(file))
    sheet = read_sheet(attached(mail)[1], file.read_text().strip())
    assert matches(stored(mesa), sheet["clave"])
    mesa.run("sheet", "ack", "juan.perez", "--recibio", "interesado")
    assert list(mesa.sheets.iterdir()) == []


def test_on_a_terminal_the_passphrase_is_shown(mesa: Desk, key: Path) -> None:
    mesa.forge.pull_request({SAF: saf({"juan.perez": JUAN["juan.perez"] | AWAY})})
    mesa.run("apply", "--yes")
    ours, theirs = pty.openpty()

    def prepare() -> None:
        os.dup2(theirs, 1)

    mesa.run("sheet", "passphrase", "juan.perez", "--llave", str(key), prepare=prepare)
    os.close(theirs)
    shown = os.read(ours, 1 << 16).decode()
    os.close(ours)
    frase = passphrase(the_sheet(mesa.sheets, "juan.perez", ".frase.age"), mesa.identity)["frase"]
    assert frase in shown


def test_what_was_to_be_printed_is_mailed_where_the_situation_warrants_it(served: Desk, key: Path) -> None:
    words = ("sheet", "send", "juan.perez", "--llave", str(key))
    assert "diga a quién y por qué" in served.run(*words, code=2).err
    assert "El motivo falta" in served.run(*words, "--a", "enlace", code=2).err
    assert "a quién más interesa" in served.run(*words, "--a", "interesado", "--motivo", "Está lejos", code=2).err
    assert mails(served) == []
    served.run(*words, "--a", "enlace", "--motivo", "Está en Los Mochis")
    (mail,) = mails(served)
    secret = passphrase(the_sheet(served.sheets, "juan.perez", ".frase.age"), served.identity)
    sheet = read_sheet(attached(mail)[1], secret["frase"])
    assert matches(stored(served), sheet["clave"])
    assert told(served, "hoja_enviada")[0]["motivo"] == "Está en Los Mochis"
    assert [one["estado"] for one in listed(served)] == ["enviada"]


def test_a_stop_after_the_mail_is_out_sends_no_second_one_and_keeps_its_passphrase(served: Desk, key: Path) -> None:
    from reconciler.cli.sheet_desk import SheetDesk  # noqa: PLC0415 -- the place to die at

    words = ("sheet", "send", "juan.perez", "--llave", str(key), "--a", "enlace", "--motivo", "Está lejos")
    served.run(*words, code=-signal.SIGKILL, prepare=killing([(SheetDesk, "put")], 1))
    before = passphrase(the_sheet(served.sheets, "juan.perez", ".frase.age"), served.identity)
    assert told(served, "hoja_enviada") == []
    assert "ya constaba enviada" in served.run(*words).out
    assert passphrase(the_sheet(served.sheets, "juan.perez", ".frase.age"), served.identity) == before
    (mail,) = mails(served)
    assert read_sheet(attached(mail)[1], before["frase"])["usuario"] == "juan.perez"
    assert len(told(served, "hoja_enviada")) == 1


def test_an_address_that_nobody_approved_is_sent_nothing(served: Desk, key: Path) -> None:
    served.forge.push({SAF: with_enlace().replace(LAURA, "otra@sinaloa.gob.mx")})
    words = ("sheet", "send", "juan.perez", "--llave", str(key), "--a", "enlace", "--motivo", "Está lejos")
    assert "no está aprobado" in served.run(*words, code=3).err
    assert mails(served) == []


def test_an_account_that_is_out_of_service_is_handed_to_nobody(served: Desk, key: Path, tmp_path: Path) -> None:
    served.forge.pull_request({SAF: saf({"juan.perez": leaving(JUAN["juan.perez"])})})
    words = ("sheet", "print", "juan.perez", "--llave", str(key), "-o", str(tmp_path / "h.pdf"))
    assert "está de baja" in served.run(*words, code=3).err
    assert listed(served) == []


def test_a_sheet_of_an_alta_that_did_not_end_is_handed_to_nobody(mesa: Desk, key: Path, tmp_path: Path) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    broken = failing(EmbeddedTarget, "finish", TargetRejectedError("no", remedy="x"), after=False)
    mesa.run("apply", "--yes", code=5, prepare=broken)
    words = ("sheet", "print", "juan.perez", "--llave", str(key), "-o", str(tmp_path / "h.pdf"))
    assert "no ha terminado" in mesa.run(*words, code=3).err


# --- issued again -----------------------------------------------------------------------------------------------


def test_a_lost_sheet_is_replaced_by_another_password_with_its_own(served: Desk, key: Path, tmp_path: Path) -> None:
    before = served.sheet("juan.perez")
    served.run("sheet", "reissue", "juan.perez", "--motivo", "Perdió la hoja")
    after = served.sheet("juan.perez")
    assert matches(stored(served), after["clave"])
    assert after["clave"] != before["clave"]
    assert after["folio"] != before["folio"]
    assert told(served, "hoja_retirada") == [
        {"folio": before["folio"], "porque": "reexpedida", "destino": "embedded"}
    ]
    kinds = [one["kind"] for one in served.record()]
    assert kinds.index("hoja_pedida") < len(kinds) - 1 - kinds[::-1].index("hoja_sellada")
    words = ("--llave", str(key), "-o", str(tmp_path / "h.pdf"))
    assert "se expidió otra" in served.run("sheet", "print", before["folio"], *words, code=3).err
    served.run("sheet", "print", after["folio"], *words)
    assert "Sin hallazgos" in served.run("audit").out
    assert "Nada que hacer" in served.run("apply", "--yes").out


REISSUE = ("sheet", "reissue", "juan.perez", "--motivo", "Perdió la hoja")


def test_every_kill_of_a_reissue_is_taken_up_by_the_next_one(served: Desk) -> None:
    from reconciler.bitacora.journal import Journal  # noqa: PLC0415 -- the places to die at
    from reconciler.repository import GitBranch  # noqa: PLC0415

    places = [
        (AgeSpool, "seal"), (AgeSpool, "keep_only"), (EmbeddedTarget, "set_first_password"),
        (GitBranch, "commit"), (Journal, "append"), (Shelf, "store"), (Shelf, "remove"),
    ]  # fmt: skip
    at, killed = 0, True
    while killed:
        at += 1
        said = served.run(*REISSUE, code=None, prepare=killing(places, at))
        killed = said.code == -signal.SIGKILL
        assert killed or said.code == 0, said
        served.run(*REISSUE)
        assert matches(stored(served), served.sheet("juan.perez")["clave"]), at
        (one,) = listed(served)
        assert (one["estado"], one["a_medias"]) == ("sellada", False), at
        assert one["folio"] == served.sheet("juan.perez")["folio"], at
        assert "Nada que hacer" in served.run("apply", "--yes").out, at
    assert at > 8
    assert "Sin hallazgos" in served.run("audit").out


def test_a_reissue_that_nobody_knows_the_end_of_is_handed_to_nobody(served: Desk, key: Path, tmp_path: Path) -> None:
    lost = failing(EmbeddedTarget, "set_first_password", OutcomeUnknownError("quién sabe", remedy="x"), after=True)
    served.run(*REISSUE, code=5, prepare=lost)
    assert [(one["estado"], one["a_medias"]) for one in listed(served)] == [("sin_entregar", True)]
    words = ("sheet", "print", "juan.perez", "--llave", str(key), "-o", str(tmp_path / "h.pdf"))
    assert "no se sabe cómo terminó" in served.run(*words, code=3).err
    served.run(*REISSUE)
    served.run(*words)


def test_a_reissue_that_is_refused_leaves_the_former_sheet_in_force(served: Desk, key: Path, tmp_path: Path) -> None:
    refused = failing(EmbeddedTarget, "set_first_password", TargetRejectedError("no", remedy="x"), after=False)
    served.run(*REISSUE, code=5, prepare=refused)
    (one,) = listed(served)
    assert (one["estado"], one["a_medias"]) == ("sellada", False)
    served.run("sheet", "print", "juan.perez", "--llave", str(key), "-o", str(tmp_path / "h.pdf"))
    assert matches(stored(served), read_sheet((tmp_path / "h.pdf").read_bytes())["clave"])


def test_only_an_account_of_ours_in_service_is_issued_another_sheet(served: Desk) -> None:
    def refused(code: int) -> str:
        return " ".join(served.run(*REISSUE, code=code).err.split())

    assert "No hay una cuenta" in served.run("sheet", "reissue", "nadie", "--motivo", "Perdida", code=2).err
    assert "El motivo falta" in served.run("sheet", "reissue", "juan.perez", "--motivo", "x", code=2).err
    alter(served, "protegido = 'adminCount=1'")
    assert "protegid" in refused(3)
    alter(served, "protegido = NULL")
    before = stored(served)
    served.forge.push({SAF: with_enlace(puesto="Jefe Supremo")})
    assert "no está aprobado" in refused(3)
    served.forge.pull_request({SAF: saf({"juan.perez": leaving(JUAN["juan.perez"])})})
    assert "está de baja" in refused(3)
    assert stored(served) == before
    assert told(served, "hoja_pedida") == []


def alter(mesa: Desk, what: str) -> None:
    with contextlib.closing(sqlite3.connect(mesa.store)) as database, database:
        database.execute(f"UPDATE objetos SET {what} WHERE marca = 'juan.perez'")  # noqa: S608 -- the test's own words


def test_somebody_elses_object_under_the_same_mark_keeps_its_password(served: Desk) -> None:
    alter(served, "guid = 'otro'")
    before = stored(served)
    served.run(*REISSUE, code=3)
    assert stored(served) == before


# --- kept, and taken away in time ----------------------------------------------------------------------------------


def test_a_sheet_that_nobody_fetched_is_taken_away_and_issued_again(served: Desk) -> None:
    assert "Nada que retirar" in served.run("sheet", "purge", prepare=later(29)).out
    said = served.run("sheet", "purge", prepare=later(31))
    assert "juan.perez: su hoja cumplió 30 días" in said.out
    assert list(served.sheets.iterdir()) == []
    assert told(served, "hoja_retirada")[0]["porque"] == "vencida"
    assert [one["estado"] for one in listed(served)] == ["vencida"]
    assert "reissue" in served.run("sheet", "list").out
    served.run(*REISSUE)
    assert [one["estado"] for one in listed(served)] == ["sellada"]


def test_apply_takes_old_sheets_away_too(served: Desk) -> None:
    said = served.run("apply", "--yes", prepare=later(31))
    assert "juan.perez: su hoja cumplió 30 días" in said.out
    assert list(served.sheets.iterdir()) == []


def test_a_file_that_nobody_has_on_record_is_shown_and_left_alone(served: Desk) -> None:
    stranger = served.sheets / "luis.gil.age"
    stranger.touch(0o600)
    said = served.run("sheet", "list")
    assert "Ajenos: luis.gil.age" in " ".join(said.out.split())
    served.run("sheet", "purge", prepare=later(70))
    assert [one.name for one in served.sheets.iterdir()] == ["luis.gil.age"]


def test_a_sheet_whose_file_is_gone_is_said_to_be_handed_to_nobody(served: Desk, key: Path, tmp_path: Path) -> None:
    the_sheet(served.sheets, "juan.perez").unlink()
    assert [one["estado"] for one in listed(served)] == ["sin_entregar"]
    words = ("sheet", "print", "juan.perez", "--llave", str(key), "-o", str(tmp_path / "h.pdf"))
    assert "ya no está aquí" in served.run(*words, code=3).err
