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
