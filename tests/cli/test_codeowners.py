"""codeowners, as whoever keeps the repository of declarations runs it."""

from __future__ import annotations

from tests.cli.desk import Desk
from tests.forge import DIRECTOR, Agency

MESA = """\
dominios: [sinaloa.gob.mx]
mesa_de_ayuda:
  integrantes:
    ana.mesa: {correos: [ana.mesa@sinaloa.gob.mx], usuario: ana-mesa}
aprobacion:
  aprueban:
    director: {correos: [dsct@sinaloa.gob.mx], usuario: dir-compartidos}
"""
FILE = ".github/CODEOWNERS"


def test_check_says_that_it_is_missing_then_stale_then_in_step(mesa: Desk) -> None:
    mesa.forge.pull_request({"cuentas.yaml": MESA})
    assert f"{FILE}: falta" in mesa.run("codeowners", "--check", code=2).out
    assert not (mesa.forge.path / FILE).exists()

    assert mesa.run("codeowners").out == f"{FILE}: escrito\n"
    assert mesa.run("codeowners").out == f"{FILE} está al día.\n"
    mesa.forge.push({}, "CODEOWNERS", DIRECTOR)
    assert mesa.run("codeowners", "--check").out == f"{FILE} está al día.\n"

    mesa.forge.pull_request({"cuentas.yaml": MESA.replace("usuario: dir-compartidos", "usuario: otra-persona")})
    said = mesa.run("codeowners", "--check", code=2).out
    assert f"{FILE}: atrasado" in said
    assert "-/accounts/SAF.yaml @dir-compartidos" in said
    assert "+/accounts/SAF.yaml @otra-persona" in said


def test_on_gitea_it_is_written_where_gitea_looks(mesa: Desk) -> None:
    forge = "forja: {tipo: gitea, url: https://forja.sinaloa.gob.mx/api/v1, repositorio: dsct/cuentas}\n"
    mesa.forge.pull_request({"cuentas.yaml": MESA + forge})
    assert mesa.run("codeowners").out == ".gitea/CODEOWNERS: escrito\n"
    text = (mesa.forge.path / ".gitea" / "CODEOWNERS").read_text(encoding="utf-8")
    assert "accounts/SAF([.]yaml|/.*) @dir-compartidos" in text


def test_an_invalid_declaration_writes_nothing_and_nobody_to_own_it_is_said(mesa: Desk) -> None:
    assert "«usuario»" in mesa.run("codeowners", code=2).err
    mesa.forge.pull_request({"cuentas.yaml": MESA, "accounts/SAF.yaml": Agency().text() + "otra: cosa\n"})
    mesa.run("codeowners", code=2)
    assert not (mesa.forge.path / ".github").exists()
