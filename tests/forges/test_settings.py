"""Where the forge is: what cuentas.yaml says, what one machine sets apart, and which of it counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.cli.settings import Settings, forge_config
from reconciler.cli.workspace import opened
from reconciler.config import Config
from reconciler.errors import ConfigurationError, RefusedError
from tests.forge import CONFIG, Forge, founded

FORJA = {"tipo": "gitea", "url": "https://git.x.mx/api/v1", "repositorio": "ti/cuentas"}
TEXT = f"{CONFIG}forja:\n" + "".join(f"  {name}: {value}\n" for name, value in FORJA.items())


def config(**more: str) -> Config:
    return Config.model_validate({"dominios": ["x.mx"], "forja": FORJA | more})


@pytest.mark.parametrize("field", ["ca", "clave_archivo"])
def test_a_file_of_the_working_copy_which_nobody_approved_is_refused(field: str) -> None:
    with pytest.raises(ConfigurationError, match=f"«{field}» de «forja» es una ruta relativa.*CUENTAS_FORJA__"):
        forge_config(config(**{field: "archivo"}), Settings())
    found = forge_config(config(**{field: "archivo"}), Settings(forja={field: "/etc/archivo"}))
    assert getattr(found, field) == Path("/etc/archivo")


def test_the_environment_wins_field_by_field(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUENTAS_FORJA__INTENTOS", "7")
    monkeypatch.setenv("CUENTAS_FORJA__CLAVE_ARCHIVO", "/etc/testigo")
    found = forge_config(config(), Settings())
    assert (found.intentos, found.clave_archivo, found.url) == (7, Path("/etc/testigo"), FORJA["url"])
    monkeypatch.setenv("CUENTAS_FORJA__TIPO", "svn")
    with pytest.raises(ConfigurationError, match="revise tipo"):
        forge_config(config(), Settings())


def test_without_a_forge_it_is_said_what_to_write() -> None:
    with pytest.raises(ConfigurationError, match="Ponga «forja:» con «tipo», «url» y «repositorio»"):
        forge_config(Config(dominios=("x.mx",)), Settings())


@pytest.fixture(name="clone")
def _clone(tmp_path: Path) -> Forge:
    return founded(tmp_path / "repo", TEXT)


def test_the_main_line_says_where_the_token_goes_whatever_commit_is_looked_at(clone: Forge) -> None:
    clone.git("switch", "--quiet", "--create", "solicitud")
    clone.push({"cuentas.yaml": TEXT.replace("git.x.mx", "malo.x.mx")})
    clone.git("switch", "--quiet", "main")
    evil = clone.git("rev-parse", "solicitud")
    with opened(clone.path, at=evil) as workspace:
        assert workspace.config.forja is not None
        assert "malo" in workspace.config.forja.url
        assert workspace.forge_config.url == FORJA["url"]
        assert workspace.has_forge


def test_a_configuration_that_was_pushed_around_review_gets_no_token(clone: Forge) -> None:
    clone.push({"cuentas.yaml": TEXT.replace("git.x.mx", "malo.x.mx")})
    with opened(clone.path) as workspace, pytest.raises(RefusedError, match=r"No se abre la forja.*no está aprobada"):
        workspace.forge().__enter__()


def test_a_repository_without_a_forge_has_none(tmp_path: Path) -> None:
    with opened(founded(tmp_path / "otro").path) as workspace:
        assert not workspace.has_forge
        with pytest.raises(ConfigurationError, match="no dice en qué forja"):
            workspace.forge().__enter__()
