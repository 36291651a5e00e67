"""What one machine sets apart from the organisation: which files of a real target may be named, and how."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.cli.settings import Settings, target_config
from reconciler.config import Config, DestinoAD
from reconciler.errors import ConfigurationError

AD = {"tipo": "ad", "servidor": "dc1.x.mx", "raiz": "DC=x", "base": "OU=x,DC=x", "canario": "c", "usuario": "svc@x"}
BOTH = pytest.mark.parametrize("field", ["ca", "clave_archivo"])


def config(**more: str) -> Config:
    return Config.model_validate({"dominios": ["x.mx"], "destino": "ad", "destinos": {"ad": AD | more}})


@BOTH
def test_a_file_of_the_working_copy_which_nobody_approved_is_refused(field: str) -> None:
    with pytest.raises(ConfigurationError, match=f"«{field}» .* ruta relativa.*Ponga una ruta absoluta"):
        target_config(config(**{field: "secretos/archivo"}), Settings(), None)


@BOTH
def test_an_absolute_path_and_one_of_this_machines_environment_are_taken(field: str) -> None:
    for one, ad in (
        (config(**{field: "/etc/archivo"}), {}),
        (config(**{field: "relativa"}), {field: "/etc/archivo"}),
    ):
        name, found = target_config(one, Settings(ad=ad), None)
        assert isinstance(found, DestinoAD)
        assert (name, getattr(found, field)) == ("ad", Path("/etc/archivo"))
    _, found = target_config(config(), Settings(ad={field: "relativa"}), None)
    assert getattr(found, field) == Path("relativa")


@BOTH
def test_the_files_of_a_section_follow_the_same_rule(field: str) -> None:
    given = {"servidor": "ex1", field: "secretos/archivo"}
    one = Config.model_validate({"dominios": ["x.mx"], "destino": "ad", "destinos": {"ad": AD | {"exchange": given}}})
    with pytest.raises(ConfigurationError, match=f"«exchange: {field}» .*CUENTAS_AD__EXCHANGE__{field.upper()}"):
        target_config(one, Settings(), None)
    _, found = target_config(one, Settings(ad={"exchange": {field: "/etc/archivo"}}), None)
    assert isinstance(found, DestinoAD)
    assert found.exchange is not None
    assert (found.exchange.servidor, getattr(found.exchange, field)) == ("ex1", Path("/etc/archivo"))


def test_the_environment_reaches_a_field_of_a_section(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUENTAS_AD__EXCHANGE__SERVIDOR", "ex2")
    monkeypatch.setenv("CUENTAS_AD__EXCHANGE__CONEXIONES", "4")
    _, found = target_config(config(), Settings(), None)
    assert isinstance(found, DestinoAD)
    assert found.exchange is not None
    assert (found.exchange.servidor, found.exchange.conexiones) == ("ex2", 4)
    monkeypatch.setenv("CUENTAS_AD__EXCHANGE__CONEXIONES", "99")
    with pytest.raises(ConfigurationError, match="exchange: conexiones"):
        target_config(config(), Settings(), None)
