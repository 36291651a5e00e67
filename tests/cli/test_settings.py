"""What one machine sets apart from the organisation: which files of a real target may be named, and how."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.cli.settings import Settings, mail_config, target_config
from reconciler.config import Config, CorreoArchivo, CorreoSmtp, DestinoAD
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


def by_smtp(**more: str) -> Config:
    return Config.model_validate(
        {"dominios": ["x.mx"], "correo": {"via": "smtp", "servidor": "mx.x.mx", "carpeta": "copias"} | more}
    )


def test_mail_follows_cuentas_yaml_and_one_machine_may_set_it_apart() -> None:
    found = mail_config(by_smtp(), Settings(correo={"puerto": "2525", "ca": "/etc/ca.pem"}))
    assert isinstance(found, CorreoSmtp)
    assert (found.servidor, found.puerto, found.ca) == ("mx.x.mx", 2525, Path("/etc/ca.pem"))
    assert mail_config(Config(dominios=("x.mx",)), Settings()) == CorreoArchivo()


@BOTH
def test_mail_takes_no_file_of_the_working_copy(field: str) -> None:
    with pytest.raises(ConfigurationError, match=f"«{field}» de «correo» es una ruta relativa"):
        mail_config(by_smtp(**{field: "archivo"}), Settings())


def test_a_setting_of_this_machine_that_makes_no_sense_is_named() -> None:
    with pytest.raises(ConfigurationError, match="revise puerto"):
        mail_config(by_smtp(), Settings(correo={"puerto": "muchos"}))
    with pytest.raises(ConfigurationError, match="revise servidor"):
        mail_config(Config(dominios=("x.mx",)), Settings(correo={"via": "ews"}))
