"""cuentas.yaml: read as safely as a declaration, every problem with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler import declaration
from reconciler.config import DestinoAD, Limites
from reconciler.errors import DeclarationError
from reconciler.plan import Kind

MINIMAL = "dominios: [sinaloa.gob.mx]\n"
AD = """\
destinos:
  ad:
    tipo: ad
    servidor: dc1.sinaloa.gob.mx
    raiz: DC=sinaloa
    base: OU=Cuentas,DC=sinaloa
    canario: canario.cuentas
"""


def said(text: str | bytes) -> list[tuple[int, str]]:
    """Return line and code of everything wrong with a cuentas.yaml."""
    with pytest.raises(DeclarationError) as raised:
        declaration.load_config(text.encode() if isinstance(text, str) else text)
    assert {problem.file for problem in raised.value.problems} == {"cuentas.yaml"}
    assert all(problem.remedy for problem in raised.value.problems)
    return [(problem.line, problem.code) for problem in raised.value.problems]


def test_only_the_domains_have_to_be_said() -> None:
    config = declaration.load_config(MINIMAL.encode())
    assert config.dominios == ("sinaloa.gob.mx",)
    assert config.limites == Limites()
    assert said("destino: embedded\n") == [(1, "falta")]


def test_a_kind_that_is_not_written_keeps_its_limits() -> None:
    config = declaration.load_config(f"{MINIMAL}limites:\n  total:\n    bajas:\n      maximo: 1\n".encode())
    assert config.limites.total[Kind.BAJA].maximo == 1
    assert config.limites.total[Kind.ALTA] == Limites().total[Kind.ALTA]


def test_a_target_is_told_by_its_kind() -> None:
    config = declaration.load_config(f"{MINIMAL}{AD}    espera_s: 45\n    pagina: 500\n".encode())
    target = config.destinos["ad"]
    assert isinstance(target, DestinoAD)
    assert (target.espera_s, target.pagina, target.clave_archivo) == (45, 500, None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("retencion:\n  buzon_dias: 0\n", [(3, "valor")]),
        ("retencion:\n  buzon_dias: 090\n", [(3, "valor")]),
        ("retencion:\n  buzon_dias: 1e2\n", [(3, "valor")]),
        ("retencion: 90\n", [(2, "valor")]),
        ("limites:\n  lectura_minima: 101\n", [(3, "valor")]),
        ("limites:\n  lectura_minima: .5\n", [(3, "valor")]),
        ("limites:\n  lectura_minima: '1,5'\n", [(3, "valor")]),
        ("limites:\n  total:\n    despidos:\n      maximo: 1\n", [(4, "valor")]),
        ("limites:\n  total:\n    bajas:\n      porcentaje: 5\n", [(4, "falta")]),
        ("organizacion:\n  zona_horaria: America/Culiacan\n", [(3, "valor")]),
        ("patrones_oficio:\n  SAF: '['\n", [(3, "patron")]),
        ("patrones_oficio:\n  S A F: 'x'\n", [(3, "valor")]),
        ("dominio: [x]\n", [(2, "clave-desconocida")]),
        ("retencion:\n  buzon: 1\n", [(3, "clave-desconocida")]),
        ("destino: null\n", [(2, "nulo")]),
        ("destino: ''\n", [(2, "vacio")]),
        ("telefonos: ['']\n", [(2, "vacio")]),
        ("entrega:\n  carpeta:\n", [(3, "vacio")]),
        ("entrega:\n  destinatario: laura\n", [(3, "valor")]),
        ("plazos:\n  dias_inhabiles:\n    - 2026-12-24\n    - 2026-02-30\n", [(5, "valor")]),
        ("plazos:\n  dias_inhabiles: [2026-12-21/2026-12-20]\n", [(3, "valor")]),
        ("plazos:\n  dias_inhabiles: [2026-12-21/2072-01-06]\n", [(3, "valor")]),
        ("plazos:\n  dias_inhabiles: [2026-12-21 a 2027-01-06]\n", [(3, "valor")]),
        ("aprobacion:\n  linea_base: abc\n", [(3, "valor")]),
        ("excepciones:\n  - plan: abc\n", [(3, "valor"), (3, "falta"), (3, "falta"), (3, "falta")]),
        ("destinos:\n  ad:\n    servidor: x\n", [(3, "valor")]),
        ("destinos:\n  ad:\n    tipo: ldap\n", [(3, "valor")]),
        (AD + "    espera_s: 2.5\n", [(9, "valor")]),
        (AD + "    espera: 2\n", [(9, "clave-desconocida")]),
        (AD.replace("    canario: canario.cuentas\n", ""), [(3, "falta")]),
        ("destinos: [x]\n", [(2, "valor")]),
        ("dominios: [otra.gob.mx]\n", [(2, "clave-repetida")]),
        ("# \u202e\n", [(2, "caracter")]),
        (AD.replace("canario: canario.cuentas", "canario: "), [(8, "vacio")]),
    ],
)
def test_every_problem_has_its_line(text: str, expected: list[tuple[int, str]]) -> None:
    assert sorted(said(MINIMAL + text)) == sorted(expected)


def test_a_domain_is_in_lower_case_and_there_is_one() -> None:
    assert said("dominios: [Sinaloa.gob.mx]\n") == [(1, "valor")]
    assert said("dominios: []\n") == [(1, "valor")]


def test_everything_wrong_is_said_at_once_under_the_path_that_was_given() -> None:
    with pytest.raises(DeclarationError) as raised:
        declaration.load_config(b"entrega: x\nretencion:\n  buzon_dias: no\n", "otra/cuentas.yaml")
    assert [(one.file, one.line) for one in raised.value.problems] == [
        ("otra/cuentas.yaml", 1),
        ("otra/cuentas.yaml", 1),
        ("otra/cuentas.yaml", 3),
    ]
    assert "3 problemas" in raised.value.message


def test_a_problem_names_the_way_to_the_field_as_it_is_written() -> None:
    with pytest.raises(DeclarationError) as raised:
        declaration.load_config(f"{MINIMAL}{AD}    pagina: 1\nlimites:\n  total:\n    despidos: {{}}\n".encode())
    assert [one.message.partition(":")[0] for one in raised.value.problems] == [
        "«destinos/ad/pagina»",
        "Falta «limites/total/despidos/maximo».",
        "«limites/total/despidos»",
    ]


def test_an_unknown_field_of_a_section_guesses_what_was_meant() -> None:
    with pytest.raises(DeclarationError) as raised:
        declaration.load_config(f"{MINIMAL}retencion:\n  buzon_dia: 3\n".encode())
    assert raised.value.problems[0].remedy == "¿Quiso decir «buzon_dias»?"


@given(data=st.binary(max_size=200))
def test_arbitrary_bytes_give_problems_and_nothing_else(data: bytes) -> None:
    with pytest.raises(DeclarationError):
        declaration.load_config(data)


WORDS = st.sampled_from(["", "x", "12", "true", "2026-01-01", "ad", "~", "embedded"])
NAMES = st.sampled_from(
    ["tipo", "limites", "total", "bajas", "maximo", "destinos", "ad", "servidor", "excepciones", "plan", "dominios"]
)
TREES = st.recursive(
    WORDS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=8
)


@given(tree=st.dictionaries(NAMES, TREES, max_size=4))
def test_values_of_any_shape_give_problems_in_spanish(tree: dict[str, object]) -> None:
    try:
        declaration.load_config(repr(tree).encode())
    except DeclarationError as error:
        for problem in error.problems:
            assert "no es válido" not in problem.message, problem


def test_the_projects_own_configuration_is_sound() -> None:
    config = declaration.load_config(Path("cuentas.yaml").read_bytes())
    assert config.retencion.buzon_dias == 120
    assert set(config.destinos) == {"embedded", "ad"}


def test_a_key_that_was_cut_while_copying_is_a_problem_where_it_stands() -> None:
    text = "dominios: [sinaloa.gob.mx]\naprobacion:\n  llaves_forja: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAA']\n"
    with pytest.raises(DeclarationError) as raised:
        declaration.load_config(text.encode())
    [problem] = raised.value.problems
    assert problem.line == 3
    assert "completa" in problem.message
