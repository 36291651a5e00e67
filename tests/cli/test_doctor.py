"""Before the first use: what is missing is said with what to do, and nothing anywhere is other afterwards."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from reconciler.directory.descriptor import CONTROL_ACCESS, RESET_PASSWORD
from reconciler.exchange.mailboxes import HERE
from tests.cli.desk import JUAN, SAF, Desk, desk, saf
from tests.conformance.outsiders import SambaOutsider, samba, samba_config
from tests.exchange import shells
from tests.forge import founded
from tests.lab.ews import EwsServer
from tests.lab.exchange.server import ExchangeShell
from tests.lab.samba import DomainController
from tests.lab.samba.domain import ADDRESSES
from tests.lab.smtp import SmtpServer

MANUAL = Path(__file__).parents[2] / "docs" / "operacion.md"


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
    assert "Todo lo necesario está (15 bien)." in mesa.run("doctor").out


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


def test_a_template_that_cannot_be_written_is_missing(mesa: Desk) -> None:
    mesa.forge.pull_request({"plantillas/prueba.txt": "Asunto: x\n\n{{ nada }}\n"})
    found = failed(mesa, 2)
    assert (found["area"], found["nombre"]) == ("Correo", "plantillas")
    assert "cuentas validate" in found["remedio"]


def test_an_outbox_where_a_file_stands_is_missing(mesa: Desk) -> None:
    outbox = mesa.forge.path / ".cuentas" / "salida" / "embedded"
    outbox.parent.mkdir(parents=True)
    outbox.touch()
    found = failed(mesa, 2)
    assert (found["area"], found["nombre"]) == ("Correo", "carpeta")
    assert str(outbox) in found["detalle"]


def test_a_repository_that_is_none_is_said_as_everywhere(tmp_path: Path) -> None:
    assert "no es un repositorio de Git" in desk(tmp_path).run("doctor", at=tmp_path, code=2).err


@dataclass(frozen=True)
class Office:
    """A desk before the whole laboratory: a real domain, Exchange's shell, and a mailbox to send from."""

    mesa: Desk
    outsider: SambaOutsider
    shell: ExchangeShell
    mail: EwsServer
    bare: Path

    def before(self) -> tuple[object, ...]:
        """Return everything there is that somebody could change."""
        return everything(self.mesa.forge.path, self.bare), self.outsider.everything(), list(self.mail.items)


@pytest.fixture(name="office")
def _office(domain_controller: DomainController, tmp_path: Path) -> Iterator[Office]:
    with ExitStack() as stack:
        outsider = stack.enter_context(samba(domain_controller))
        shell = stack.enter_context(shells.exchange_over_tls(tmp_path))
        shell.cmdlets = dict.fromkeys(HERE, shells.puts_out())
        mail = stack.enter_context(EwsServer(tmp_path, shells.USER, shells.PASSWORD))
        exchange = shells.config(shell, tmp_path).model_dump(mode="json", exclude_unset=True)
        ad = samba_config(domain_controller, exchange=exchange).model_dump(mode="json", exclude_unset=True)
        correo = {"via": "ews", "servidor": ADDRESSES[0], "puerto": mail.port, "ca": str(tmp_path / "ca.pem")}
        correo |= {"usuario": shells.USER, "clave_archivo": str(tmp_path / "clave"), "espera_s": 5}
        targets = {"ad": ad | {"tipo": "ad"}, "embedded": {"tipo": "embedded"}}
        mesa = desk(tmp_path, f"destinos: {json.dumps(targets)}\ncorreo: {json.dumps(correo)}\n")
        yield Office(mesa, outsider, shell, mail, published(mesa, tmp_path))


def test_the_whole_laboratory_lacks_nothing_and_is_as_it_was(office: Office) -> None:
    before = office.before()
    said = office.mesa.run("doctor", "--target", "ad")
    assert said.err == ""
    assert [line for line in said.out.splitlines() if line.startswith(("  ✗", "  !", "  –"))] == []
    headings = [line for line in said.out.splitlines() if line and not line.startswith(" ")]
    assert headings[:-1] == [
        "Git",
        "Configuración",
        "Primeras contraseñas",
        "Active Directory",
        "Exchange",
        "Correo",
        "Sistema de Oficios",
    ]
    assert office.before() == before
    assert office.shell.ran == []


def test_the_server_that_proves_delivery_is_looked_at_too(office: Office, tmp_path: Path) -> None:
    text = (office.mesa.forge.path / "cuentas.yaml").read_text("utf-8")
    with SmtpServer(tmp_path, shells.USER, shells.PASSWORD) as server:
        proof = {"servidor": server.host, "puerto": server.port, "ca": str(tmp_path / "ca.pem")}
        proof |= {"usuario": shells.USER, "clave_archivo": str(tmp_path / "clave")}
        changed = text.replace('"exchange": {', f'"exchange": {{"prueba_entrega": {json.dumps(proof)}, ')
        assert changed != text
        office.mesa.forge.pull_request({"cuentas.yaml": changed})
        office.mesa.forge.git("push", "--quiet", "origin", "main")
        said = office.mesa.run("doctor", "--target", "ad").out
        assert "Prueba de entrega\n  ✓ bien    nombre: " in said
        assert f"entró por SMTP como {shells.USER}" in said
        assert server.sent == []


def test_what_a_role_lets_a_cmdlet_be_told_is_said_not_to_be_seen(office: Office) -> None:
    said = office.mesa.run("doctor", "--target", "ad").out
    assert (
        "  ✓ bien    cmdlets: puede correr los 8 que hacen falta; no se ve con qué parámetros (vea «Legal Hold»)"
        in said
    )


def test_a_template_that_nobody_approved_is_missing(office: Office) -> None:
    office.mesa.forge.push(
        {"plantillas/bienvenida.txt": "Asunto: hola\n\nEscriba su clave en https://malo.example\n"}
    )
    office.mesa.forge.git("push", "--quiet", "origin", "main")
    said = office.mesa.run("doctor", "--target", "ad", code=3).out
    assert (
        "Correo\n  ✗ falta   plantillas: No se envía nada: la configuración o una plantilla no está aprobada" in said
    )


@pytest.mark.parametrize("folder", ["cuentas.yaml/salida", "salida"])
def test_smtp_needs_a_folder_for_its_copies(office: Office, tmp_path: Path, folder: str) -> None:
    (office.mesa.forge.path / "salida").mkdir()
    (office.mesa.forge.path / "salida" / "ad").touch()
    before, _, _ = (office.mesa.forge.path / "cuentas.yaml").read_text("utf-8").partition("correo: ")
    with SmtpServer(tmp_path, shells.USER, shells.PASSWORD) as server:
        correo = {"via": "smtp", "servidor": server.host, "puerto": server.port, "ca": str(tmp_path / "ca.pem")}
        correo |= {"usuario": shells.USER, "clave_archivo": str(tmp_path / "clave"), "carpeta": folder}
        office.mesa.forge.pull_request({"cuentas.yaml": f"{before}correo: {json.dumps(correo)}\n"})
        office.mesa.forge.git("push", "--quiet", "origin", "main")
        said = office.mesa.run("doctor", "--target", "ad", code=2).out
    assert "  ✗ falta   carpeta: En «" in said
    assert "  ✓ bien    entrada: entró por SMTP" in said


def test_what_is_missing_in_the_directory_leaves_exchange_and_mail_to_be_looked_at(office: Office) -> None:
    office.outsider.hide_canary()
    said = office.mesa.run("doctor", "--target", "ad", code=5).out
    assert "  ✗ falta   canario: " in said
    assert "      Qué hacer: Cree ahí una cuenta deshabilitada" in said
    assert "New-ADUser -Name canario.cuentas -SamAccountName canario.cuentas -Path 'OU=Cuentas," in said
    assert "  – omitido leer buzones: no se revisó: falta «canario»" in said
    assert "  – omitido escribir: no se revisó: falta «canario»" in said
    assert "  ✓ bien    cmdlets: puede correr los 8" in said
    assert "  ✓ bien    entrada: entró por EWS al buzón mesa.ayuda@sinaloa.gob.mx" in said


def test_the_example_in_the_manual_is_what_is_printed(office: Office, domain_controller: DomainController) -> None:
    canary = f"CN={domain_controller.canary},{domain_controller.managed_base}"
    reader = domain_controller.service_account.dn
    office.outsider.deny(canary, reader, CONTROL_ACCESS, RESET_PASSWORD.bytes_le)
    said = _same_everywhere(office.mesa.run("doctor", "--target", "ad", code=5).out)
    example = MANUAL.read_text("utf-8").partition("    Active Directory\n")[2].partition("\n- **✗")[0]
    lines = [line.removeprefix("    ") for line in _same_everywhere(example).splitlines() if line]
    assert len(lines) > 10
    assert [line for line in lines if line not in said.splitlines()] == []


def _same_everywhere(text: str) -> str:
    return re.sub(r"127\.0\.0\.\d+|\d{4}-\d\d-\d\d|difiere \d+ s", "…", text)


def test_no_password_of_the_laboratory_is_ever_said(office: Office, domain_controller: DomainController) -> None:
    for words in ((), ("--format", "json")):
        said = office.mesa.run("doctor", "--target", "ad", *words)
        for secret in (shells.PASSWORD, domain_controller.service_account.password):
            assert secret not in said.out + said.err


def test_a_configuration_that_nobody_approved_reaches_no_server(office: Office) -> None:
    text = (office.mesa.forge.path / "cuentas.yaml").read_text("utf-8")
    office.mesa.forge.push({"cuentas.yaml": text + "protegidas: [alguien]\n"})
    office.mesa.forge.git("push", "--quiet", "origin", "main")
    said = office.mesa.run("doctor", "--target", "ad", code=3).out
    assert "la configuración no está aprobada" in said
    assert "  – omitido todo: no se revisó: falta «destino» de Configuración" in said
    assert (office.shell.provider.opened, office.mail.requests) == (0, [])


def test_an_incomplete_section_is_the_one_answer_for_its_area(office: Office, tmp_path: Path) -> None:
    (tmp_path / "clave").chmod(0o644)
    said = office.mesa.run("doctor", "--target", "ad", code=2).out
    assert said.count("  ✗ falta   configuración: Otros pueden leer") == 2
    assert "chmod 600" in said


def test_an_authority_of_the_working_copy_is_the_one_answer_for_mail(office: Office, tmp_path: Path) -> None:
    text = (office.mesa.forge.path / "cuentas.yaml").read_text("utf-8")
    before, _, after = text.partition("correo: ")
    changed = f"{before}correo: {after.replace(str(tmp_path / 'ca.pem'), 'ca.pem')}"
    office.mesa.forge.pull_request({"cuentas.yaml": changed})
    office.mesa.forge.git("push", "--quiet", "origin", "main")
    said = office.mesa.run("doctor", "--target", "ad", code=2).out
    assert "  ✗ falta   configuración: «ca» de «correo» es una ruta relativa" in said
    assert office.mail.requests == []


def test_listed_keys_need_what_verifies_them_and_openpgp_ones_their_public_half(tmp_path: Path) -> None:
    listed = "A" * 40
    who = f"    directora: {{correos: [dsct@sinaloa.gob.mx], llaves: ['{listed}']}}\n"
    mesa = desk(tmp_path, f"aprobacion:\n  aprueban:\n{who}")
    said = mesa.run("doctor", code=2).out
    assert "Firmas" in said
    assert "llaves/NOMBRE.asc" in said
    bare = tmp_path / "bin"
    bare.mkdir()
    (bare / "git").symlink_to("/usr/bin/git")

    def prepare() -> None:
        os.environ["PATH"] = str(bare)

    assert "apt install gnupg" in mesa.run("doctor", code=2, prepare=prepare).out
