"""mail: letters looked at, and one sent on trial, through the servers and with the texts that were approved."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from reconciler.cli.workspace import opened
from reconciler.errors import RefusedError
from tests.cli.desk import JUAN, SAF, Desk, desk, saf
from tests.lab.ews import EwsServer
from tests.lab.samba.domain import ADDRESSES
from tests.lab.smtp import DROP, SmtpServer
from tests.letters import SECRET, issue

LAURA = "laura.beltran@sinaloa.gob.mx"
OWN = "Asunto: Alta a nuestra manera\n\nCuenta {{ cuenta.direccion }}.\n"
TRIAL = "Asunto: Prueba a nuestra manera\n\nSale por {{ envio.via }}.\n"
AD = """\
destinos:
  embedded:
    tipo: embedded
  ad:
    tipo: ad
    servidor: dc1.lab.sinaloa.test
    raiz: DC=x
    base: OU=x,DC=x
    canario: c
"""


@pytest.fixture(name="tls", scope="module")
def _tls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return issue(tmp_path_factory.mktemp("tls"))


@pytest.fixture(name="smtp")
def _smtp(tls: Path) -> Iterator[SmtpServer]:
    with SmtpServer(tls / "servidor", "mesa.ayuda", SECRET) as server:
        yield server


def by(via: str, host: str, port: int, tls: Path) -> str:
    """Return the part of cuentas.yaml that sends mail through a server."""
    return (
        f"{AD}correo:\n  via: {via}\n  servidor: {host}\n  puerto: {port}\n  ca: {tls}/servidor/ca.pem\n"
        f"  usuario: mesa.ayuda\n  clave_archivo: {tls}/clave\n"
    )


def left(mesa: Desk, target: str = "embedded") -> list[EmailMessage]:
    """Return what is in a target's outbox."""
    files = sorted((mesa.forge.path / ".cuentas" / "salida" / target).glob("*.eml"))
    return [message_from_bytes(one.read_bytes(), policy=policy.default) for one in files]


def test_a_letter_is_shown_as_its_enlace_would_get_it_and_nothing_is_sent(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    said = mesa.run("mail", "preview", "alta", "--cuenta", "juan.perez@sinaloa.gob.mx").out
    assert said.startswith(f"Para: {LAURA}\nAsunto: Alta de la cuenta juan.perez@sinaloa.gob.mx, oficio SAF/1/2026\n")
    assert "C. Laura Beltrán Ochoa, enlace de SAF:" in said
    assert not (mesa.forge.path / ".cuentas" / "salida").exists()


def test_a_letter_is_kept_as_it_looks(mesa: Desk, tmp_path: Path) -> None:
    mesa.run("mail", "preview", "baja", "--html", str(tmp_path / "baja.html"))
    assert "<!DOCTYPE html>" in (tmp_path / "baja.html").read_text("utf-8")
    assert "Elija otra ruta" in mesa.run("mail", "preview", "baja", "--html", str(tmp_path / "no" / "b"), code=2).err


def test_what_nobody_declared_has_no_letter(mesa: Desk) -> None:
    assert "No hay una cuenta «juan»" in mesa.run("mail", "preview", "alta", "--cuenta", "juan", code=2).err
    assert "Quite «--cuenta»" in mesa.run("mail", "preview", "prueba", "--cuenta", "juan", code=2).err
    assert "use alta, baja, reincorporacion, alta-interesado, " in mesa.run("mail", "preview", "carta", code=2).err
    for verb in ("preview", "test"):
        assert "Ejemplos: cuentas mail" in mesa.run("mail", verb, "--help").out


def test_texts_come_from_the_commit_and_from_the_working_copy_only_when_asked(mesa: Desk) -> None:
    mesa.forge.pull_request({"cartas/alta.txt": OWN})
    assert "a nuestra manera" not in mesa.run("mail", "preview", "alta").out
    config = (mesa.forge.path / "cuentas.yaml").read_text("utf-8")
    mesa.forge.pull_request({"cuentas.yaml": f"{config}plantillas: cartas\n"})
    mesa.forge.write({"cartas/alta.txt": OWN.replace("nuestra", "mi")})
    assert "Asunto: Alta a nuestra manera" in mesa.run("mail", "preview", "alta").out
    assert "Asunto: Alta a mi manera" in mesa.run("mail", "preview", "alta", "--worktree").out


def test_everything_wrong_with_templates_is_said_with_the_rest(mesa: Desk) -> None:
    mesa.forge.pull_request(
        {
            SAF: saf({"juan.perez": JUAN["juan.perez"] | {"pueto": "x"}}),
            "plantillas/alta.txt": "Asunto: x\n\n{{ cuenta.direcion }}\n",
            "plantillas/baja.txt": "Asunto: x\n\n{{ cuenta.area }\n",
        }
    )
    said = mesa.run("validate", code=2).err
    assert "No hay un campo «pueto»" in said
    assert "plantillas/alta.txt:3: error: No hay un valor «cuenta.direcion» en esta carta." in said
    assert "¿Quiso decir «cuenta.direccion»?" in said
    assert "plantillas/baja.txt:3: error: Jinja no entiende" in said
    mesa.forge.pull_request({SAF: saf(JUAN)})
    assert "2 problemas" in mesa.run("validate", code=2).err
    assert "plantillas/alta.txt:3" in mesa.run("mail", "test", LAURA, code=2).err
    assert left(mesa) == []


def test_with_the_embedded_target_a_trial_is_left_in_the_outbox_once(mesa: Desk) -> None:
    said = mesa.run("mail", "test", LAURA).out
    assert "quedó en la carpeta" in said
    assert "y nadie la recibe" in said
    assert "no se repitió" in mesa.run("mail", "test", LAURA).out
    [mail] = left(mesa)
    assert (mail["To"], mail["From"]) == (LAURA, "Mesa de Ayuda <mesa.ayuda@sinaloa.gob.mx>")
    mesa.run("mail", "test", LAURA, "--marca", "2")
    assert len(left(mesa)) == 2
    assert "no es una dirección de correo" in mesa.run("mail", "test", "laura", code=2).err
    assert "--marca" in mesa.run("mail", "test", LAURA, "--marca", "a b", code=2).err
    assert ".cuentas" not in mesa.forge.git("status", "--porcelain", "--untracked-files=all")


def test_smtp_carries_a_trial_and_says_through_which_server(tmp_path: Path, smtp: SmtpServer, tls: Path) -> None:
    mesa = desk(tmp_path, by("smtp", smtp.host, smtp.port, tls))
    for expected in (f"salió por SMTP, servidor {smtp.host}:{smtp.port}", "no se repitió"):
        said = mesa.run("mail", "test", LAURA, "--target", "ad")
        assert expected in said.out
        assert SECRET not in said.out + said.err
    [(recipients, data)] = smtp.sent
    assert recipients == (LAURA,)
    assert b"X-Cuentas-Marca: prueba/" in data
    assert LAURA.encode() not in data.partition(b"X-Cuentas-Marca:")[2].partition(b"\r\n")[0]


def test_a_trial_whose_answer_was_lost_is_not_sent_again_until_a_person_says(
    tmp_path: Path, smtp: SmtpServer, tls: Path
) -> None:
    mesa = desk(tmp_path, by("smtp", smtp.host, smtp.port, tls))
    smtp.faults.append(DROP)
    for _ in range(2):
        said = mesa.run("mail", "test", LAURA, "--target", "ad", code=5).err
        assert "No se sabe si" in said or "no contestó si recibió" in said
    assert len(smtp.sent) == 1


def test_ews_carries_a_trial_and_says_from_which_mailbox(tmp_path: Path, tls: Path) -> None:
    with EwsServer(tls / "servidor", "mesa.ayuda", SECRET) as server:
        mesa = desk(tmp_path, by("ews", ADDRESSES[0], server.port, tls))
        said = mesa.run("mail", "test", LAURA, "--target", "ad").out
        assert f"por EWS, servidor {ADDRESSES[0]}:{server.port}, buzón mesa.ayuda@sinaloa.gob.mx" in said
        assert "no se repitió" in mesa.run("mail", "test", LAURA, "--target", "ad").out
        assert [one.recipients for one in server.sent] == [(LAURA,)]


def test_the_embedded_target_sends_to_nobody_whatever_is_configured(
    tmp_path: Path, smtp: SmtpServer, tls: Path
) -> None:
    mesa = desk(tmp_path, by("smtp", smtp.host, smtp.port, tls))
    mesa.run("mail", "test", LAURA)
    assert (len(left(mesa)), smtp.sent) == (1, [])
    mesa.run("mail", "test", LAURA, "--target", "ad")
    assert len(smtp.sent) == 1


def test_no_password_is_sent_to_a_mail_server_that_nobody_approved(
    tmp_path: Path, smtp: SmtpServer, tls: Path
) -> None:
    mesa = desk(tmp_path, AD)
    config = (mesa.forge.path / "cuentas.yaml").read_text("utf-8")
    evil = config.replace(AD, by("smtp", smtp.host, smtp.port, tls))
    mesa.forge.push({"cuentas.yaml": evil})
    assert "no está aprobada" in mesa.run("mail", "test", LAURA, "--target", "ad", code=3).err
    with opened(mesa.forge.path) as workspace, pytest.raises(RefusedError, match="No se abre el destino"):
        workspace.post("ad").__enter__()
    assert smtp.sent == []


def test_who_signs_is_approved_too_even_where_nobody_gets_the_letter(mesa: Desk) -> None:
    config = (mesa.forge.path / "cuentas.yaml").read_text("utf-8")
    mesa.forge.push({"cuentas.yaml": f"{config}mesa_de_ayuda:\n  correo: otra.mesa@sinaloa.gob.mx\n"})
    assert "no está aprobada" in mesa.run("mail", "test", LAURA, code=3).err
    assert left(mesa) == []


def test_what_is_missing_to_send_is_said_before_anything_is_sent(tmp_path: Path, smtp: SmtpServer, tls: Path) -> None:
    text = by("smtp", smtp.host, smtp.port, tls)
    without = "".join(line for line in text.splitlines(keepends=True) if "clave_archivo" not in line)
    mesa = desk(tmp_path / "sin-clave", without)
    assert "A «correo» le falta «clave_archivo»" in mesa.run("mail", "test", LAURA, "--target", "ad", code=2).err
    mesa = desk(tmp_path / "relativa", text.replace(f"{tls}/clave", "clave"))
    assert "ruta relativa" in mesa.run("mail", "test", LAURA, "--target", "ad", code=2).err


def test_a_text_that_a_pull_request_brought_is_sent_and_one_that_was_pushed_is_not(mesa: Desk) -> None:
    mesa.forge.pull_request({"plantillas/prueba.txt": TRIAL})
    mesa.run("mail", "test", LAURA)
    assert left(mesa)[0]["Subject"] == "Prueba a nuestra manera"
    mesa.forge.push({"plantillas/prueba.txt": TRIAL.replace("nuestra", "otra")})
    said = mesa.run("mail", "test", LAURA, "--marca", "2", code=3).err
    assert "se empujó sin pasar por una fusión" in said
    mesa.run("mail", "preview", "prueba")
    mesa.forge.pull_request({"plantillas/prueba.txt": TRIAL.replace("nuestra", "buena")})
    mesa.run("mail", "test", LAURA, "--marca", "2")
    mesa.forge.push({"plantillas/prueba.txt": None})
    mesa.run("mail", "test", LAURA, "--marca", "3", code=3)
    assert len(left(mesa)) == 2


def test_a_text_written_while_merging_is_nobodys(mesa: Desk) -> None:
    forge = mesa.forge
    forge.git("switch", "--quiet", "--create", "lado")
    forge.push({"plantillas/prueba.txt": TRIAL})
    forge.git("switch", "--quiet", "main")
    forge.git("merge", "--quiet", "--no-ff", "--no-commit", "lado")
    forge.push({"plantillas/prueba.txt": TRIAL.replace("nuestra", "otra")}, "Merge")
    assert "se escribió o volvió al fusionar" in mesa.run("mail", "test", LAURA, code=3).err
    assert left(mesa) == []


def test_a_text_that_comes_back_from_an_old_branch_is_nobodys(mesa: Desk) -> None:
    forge = mesa.forge
    forge.pull_request({"plantillas/prueba.txt": TRIAL})
    forge.git("switch", "--quiet", "--create", "vieja")
    forge.push({"plantillas/LEEME.md": "x"})
    forge.git("switch", "--quiet", "main")
    forge.pull_request({"plantillas/prueba.txt": TRIAL.replace("nuestra", "buena")})
    mesa.run("mail", "test", LAURA)
    forge.git("merge", "--quiet", "--no-ff", "--no-commit", "vieja")
    forge.push({"plantillas/prueba.txt": TRIAL}, "Merge")
    assert "se escribió o volvió al fusionar" in mesa.run("mail", "test", LAURA, "--marca", "2", code=3).err


def test_a_baseline_accepts_the_texts_that_were_there(mesa: Desk) -> None:
    commit = mesa.forge.push({"plantillas/prueba.txt": TRIAL})
    mesa.run("mail", "test", LAURA, code=3)
    config = (mesa.forge.path / "cuentas.yaml").read_text("utf-8")
    mesa.forge.pull_request({"cuentas.yaml": f"{config}aprobacion:\n  linea_base: {commit}\n"})
    mesa.run("mail", "test", LAURA)
    assert len(left(mesa)) == 1


def test_texts_of_a_main_branch_that_nobody_published_are_not_sent(mesa: Desk, tmp_path: Path) -> None:
    bare = tmp_path / "remoto.git"
    mesa.forge.git("init", "--quiet", "--bare", str(bare), inside=False)
    mesa.forge.git("remote", "add", "origin", str(bare))
    mesa.forge.git("push", "--quiet", "origin", "main")
    mesa.forge.pull_request({"plantillas/prueba.txt": TRIAL})
    assert "no es la rama principal publicada" in mesa.run("mail", "test", LAURA, code=3).err
    mesa.forge.git("push", "--quiet", "origin", "main")
    mesa.run("mail", "test", LAURA)
