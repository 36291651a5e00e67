"""The project's own cuentas.yaml and accounts/: sound, canonical, and showing all that there is."""

from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path

import pytest
from pydantic import BaseModel

from reconciler import declaration
from reconciler.declaration.entries import is_canonical
from reconciler.declaration.models import CuentaYaml, EnlaceYaml, OficioYaml
from reconciler.model import AccountKey, Declaration, Tipo, person_signature
from tests.build import TODAY
from tests.declaration.files import file

FILES = {path.as_posix(): path.read_bytes() for path in sorted(Path("accounts").rglob("*.yaml"))}
NOT_SHOWN = {"EnlaceYaml": {"llave"}}
"""A public key would have to be somebody's."""


@pytest.fixture(scope="module")
def sample() -> Declaration:
    loaded = load(TODAY)
    assert loaded.declaration is not None, loaded.problems
    return loaded.declaration


def load(today: date) -> declaration.Loaded:
    """Load the sample as of a day."""
    config = declaration.load_config(Path("cuentas.yaml").read_bytes())
    return declaration.load([file(path, data) for path, data in FILES.items()], config, today)


@pytest.mark.parametrize("today", [TODAY, date(2036, 1, 1)])
def test_it_is_sound_without_a_warning_today_and_in_ten_years(today: date) -> None:
    assert load(today).problems == ()


@pytest.mark.parametrize("path", FILES)
def test_it_is_in_canonical_form(path: str) -> None:
    assert declaration.canonical(FILES[path], path) == FILES[path]
    assert is_canonical(FILES[path].decode())


def test_it_is_part_of_the_repository() -> None:
    ignored = subprocess.run(
        ["git", "check-ignore", "--no-index", "cuentas.yaml", *FILES], capture_output=True, text=True, check=False
    )
    assert ignored.stdout == ""


def test_it_has_an_agency_in_the_form_of_a_folder(sample: Declaration) -> None:
    assert set(sample.dependencias) == {"SAF", "SALUD", "SEBIDES", "SEPyC"}
    assert len([path for path in FILES if path.startswith("accounts/SEPyC/")]) == 3


def test_it_shows_every_field_there_is() -> None:
    sections: dict[str, type[BaseModel]] = {"enlaces": EnlaceYaml, "oficios": OficioYaml, "cuentas": CuentaYaml}
    for section, model in sections.items():
        shown = {
            name
            for data in FILES.values()
            for (where, _), fields in declaration.entries(data).items()
            if where == section
            for name in fields
        }
        assert shown == model.model_fields.keys() - NOT_SHOWN.get(model.__name__, set())


def test_it_shows_a_baja_a_reincorporation_a_long_name_homonyms_and_accounts_of_no_person(
    sample: Declaration,
) -> None:
    accounts = sample.accounts
    assert accounts[AccountKey("maria.lopez")].baja
    assert accounts[AccountKey("oscar.nunez")].baja is None
    assert any(len(key) > 20 for key in accounts)
    assert {one.account.tipo for one in accounts.values()} == set(Tipo)
    given = [str(person_signature(one.account)).rpartition(" ")[0] for one in accounts.values()]
    assert len(given) > len(set(given))
