"""Personal data: only what an institutional directory shows, wherever it is written."""

from __future__ import annotations

import pytest

from reconciler.config import Config
from reconciler.declaration.personal import FORBIDDEN_KEYS
from tests.declaration.files import SAF, codes, line_of, person, problems, warnings

CURP = "PELJ800101HSLRPN09"
RFC = "PELJ800101AB3"
NSS = "12345678903"
PRIVATE = [CURP, CURP.lower(), RFC, NSS, "juan@gmail.com", "cel. 667 123 4567", "WhatsApp (667) 123-4567"]


@pytest.mark.parametrize("value", PRIVATE)
def test_private_data_is_refused_in_any_field(value: str) -> None:
    for text in (
        SAF.replace("Jefe de Departamento", f'"Jefe {value}"'),
        SAF + f'    baja: SAF/2/2026\n    motivo_baja: "Renuncia {value}"\n',
        SAF + f'    entrega:\n      medio: impresa\n      a: enlace\n      motivo: "Lo pidió {value}"\n',
        SAF.replace("    medio: oficio\n", f'    medio: oficio\n    firmante: "Director {value}"\n'),
        SAF.replace("Laura Beltrán Ochoa", f'"Laura {value}"'),
    ):
        (said,) = problems(text)
        assert said.code == "dato-personal"
        assert said.line == next(number for number, line in enumerate(text.splitlines(), 1) if value in line)


@pytest.mark.parametrize("value", PRIVATE)
def test_private_data_is_refused_in_a_comment(value: str) -> None:
    assert codes(f"# {value}\n{SAF}") == [(1, "dato-personal")]
    assert codes(SAF.replace("puesto: Jefe", f"# {value}\n    puesto: Jefe")) == [
        (line_of(SAF, "puesto"), "dato-personal")
    ]
    assert codes(SAF + f"#{value}") == [(len(SAF.splitlines()) + 1, "dato-personal")]
    beside = SAF.replace("alta: SAF/1/2025\n", f"alta: SAF/1/2025   # {value}\n")
    assert codes(beside) == [(line_of(SAF, "alta:"), "dato-personal")]


def test_private_data_is_refused_in_a_key_an_alias_and_a_logon() -> None:
    assert codes(SAF + person(CURP.lower())) == [(line_of(SAF + person(CURP.lower()), CURP.lower()), "dato-personal")]
    for field in (f"alias: [{CURP.lower()}@sinaloa.gob.mx]", f"usuario_ad: {CURP}"):
        assert codes(SAF + f"    {field}\n") == [(len(SAF.splitlines()) + 1, "dato-personal")]
    assert codes(SAF.replace("SAF/1/2025", CURP))[0] == (line_of(SAF, "SAF/1/2025"), "dato-personal")


def test_private_data_is_refused_in_an_entry_that_has_other_problems() -> None:
    text = SAF.replace("Jefe de Departamento", CURP).replace("nombre: Juan\n", "nombre: Juan 2\n")
    assert codes(text) == [(line_of(text, "nombre: Juan 2"), "valor"), (line_of(text, "puesto"), "dato-personal")]


@pytest.mark.parametrize("name", sorted(FORBIDDEN_KEYS))
def test_a_field_for_private_data_is_refused_once_with_the_reason(name: str) -> None:
    text = SAF + f"    {name.upper()}: {RFC}\n"
    (said,) = problems(text)
    assert (said.line, said.code) == (len(text.splitlines()), "dato-personal")
    assert FORBIDDEN_KEYS[name] in said.message


@pytest.mark.parametrize(
    "value",
    [
        "Oficina Particular, piso 2",
        "Casa de la Cultura 1234567",
        "Módulo 12345678901",
        "Escribir a soporte@sinaloa.gob.mx",
        "Presupuesto 2026-2027, partida 33104",
    ],
)
def test_what_only_resembles_private_data_is_accepted(value: str) -> None:
    assert warnings(SAF.replace("Jefe de Departamento", f'"{value}"')) == []
    assert warnings(f"# {value}\n{SAF}") == []


def test_a_digest_and_a_public_key_are_not_looked_into() -> None:
    digest = f"a{NSS}" + "b" * 52
    text = SAF.replace("    medio: oficio\n", f"    medio: oficio\n    sha256: {digest}\n")
    assert warnings(text) == []


KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEItgeEGYPjH3LgdlKN+KQYHG1KyTdtmxvhqGfNlPXpk"


@pytest.mark.parametrize("key", [KEY[:-1], f"{KEY[:-4]}zzzz", "age1qqqq", "ssh-rsa AAAA"])
def test_a_public_key_that_seals_nothing_is_refused(key: str) -> None:
    text = SAF.replace("gob.mx\noficios", f"gob.mx\n    llave: {key}\noficios")
    assert codes(text) == [(line_of(text, "llave"), "valor")]


def test_a_private_address_after_a_public_key_is_refused() -> None:
    text = SAF.replace("gob.mx\noficios", f"gob.mx\n    llave: {KEY} laura@gmail.com\noficios")
    assert codes(text) == [(line_of(text, "llave"), "dato-personal")]


@pytest.mark.parametrize(
    "phone", ["667 758 7000", "667 758 7000 ext. 1234", "(667) 758-7000", "+52 667 758 7000 extensión 1", "7587000"]
)
def test_an_institutional_telephone_is_accepted_as_people_write_it(phone: str) -> None:
    assert warnings(SAF + f'    telefono: "{phone}"\n') == []


@pytest.mark.parametrize("phone", ["2026-11-24", "123", "-------", "667 758 7000 y 01", "1" * 16, "ext. 1234"])
def test_what_is_no_telephone_is_refused(phone: str) -> None:
    text = SAF + f'    telefono: "{phone}"\n'
    assert codes(text) == [(len(text.splitlines()), "valor")]


def test_a_telephone_is_of_the_institutions_own_where_they_are_configured() -> None:
    config = Config(dominios=("sinaloa.gob.mx",), telefonos=("667 758",))
    assert warnings(SAF + "    telefono: 667-758-7000 ext. 12\n", config) == []
    text = SAF + "    telefono: 667 123 4567\n"
    assert codes(text, config) == [(len(text.splitlines()), "dato-personal")]
