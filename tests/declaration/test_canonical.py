"""The canonical form: one way to write, the same meaning, every comment."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import TypeVar

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconciler import declaration
from reconciler.errors import DeclarationError
from tests.declaration.files import PATH, SAF, load

K = TypeVar("K")
V = TypeVar("V")
MARK = "# yaml-language-server: $schema=../schemas/dependencia.schema.json\n"

UNTIDY = """\
# De la dependencia
siglas: "SAF"   # las de siempre
dependencia: 'Secretaría de Administración y Finanzas'
cuentas:
    # De Juan
    juan.perez: {nombre: Juan, apellidos: 'Pérez López', alta: 0123} # en una línea
    ana.soto:
        alta: '0123'      # su oficio
        # Su nombre
        nombre: "no"
        vigencia: 2027-01-31
        apellidos: "O'Farril: la \\"otra\\""
        existente: true
        cuota_mb: 100
        alias:
        # el primero
        - z@sinaloa.gob.mx  # zeta
        - a@sinaloa.gob.mx
        entrega: {a: enlace, medio: impresa}
oficios:
    0123:
        enlace: laura.beltran
        fecha: "2026-01-05"
        recibido: 2026-01-06
        medio: oficio
enlaces:
    laura.beltran: {correo: laura.beltran@sinaloa.gob.mx, nombre: Laura Beltrán}
# Al final
"""
TIDY = f"""\
{MARK}dependencia: Secretaría de Administración y Finanzas
# De la dependencia
siglas: SAF  # las de siempre
enlaces:
  laura.beltran:
    nombre: Laura Beltrán
    correo: laura.beltran@sinaloa.gob.mx
oficios:
  "0123":
    fecha: "2026-01-05"
    recibido: 2026-01-06
    medio: oficio
    enlace: laura.beltran
cuentas:
  ana.soto:
    # Su nombre
    nombre: "no"
    apellidos: "O'Farril: la \\"otra\\""
    alias:
      # el primero
      - z@sinaloa.gob.mx  # zeta
      - a@sinaloa.gob.mx
    cuota_mb: 100
    vigencia: 2027-01-31
    entrega:
      medio: impresa
      a: enlace
    existente: true
    alta: "0123"  # su oficio
  # De Juan
  juan.perez:  # en una línea
    nombre: Juan
    apellidos: Pérez López
    alta: "0123"
# Al final
"""


def canonical(text: str, path: str = PATH) -> str:
    """Return a text in canonical form."""
    return declaration.canonical(text.encode(), path).decode()


def comments(text: str) -> list[str]:
    """Return the comments of a text whose values have no hash, without the one for editors."""
    found = (match.group().strip() for line in text.splitlines() if (match := re.search(r"(^|\s)#.*", line)))
    return sorted(one for one in found if "yaml-language-server" not in one)


def test_headers_sections_entries_and_fields_go_in_their_order_with_their_comments() -> None:
    assert canonical(UNTIDY) == TIDY


def test_it_means_the_same() -> None:
    before, after = load(UNTIDY).declaration, load(TIDY).declaration
    assert before is not None
    assert after is not None
    assert after.wanted == before.wanted
    assert after.dependencias == before.dependencias


def test_it_is_done_once_and_for_all() -> None:
    assert canonical(TIDY) == TIDY


@pytest.mark.parametrize(
    ("path", "mark"),
    [
        ("accounts/SAF.yaml", "../schemas/dependencia.schema.json"),
        ("accounts/SEPyC/a.yaml", "../../schemas/parte.schema.json"),
        ("accounts/SEPyC/_dependencia.yaml", "../../schemas/parte.schema.json"),
    ],
)
def test_the_first_line_tells_editors_the_schema_of_that_kind_of_file(path: str, mark: str) -> None:
    for text in (SAF, canonical(SAF, "accounts/X.yaml"), canonical(SAF, "accounts/X/y.yaml")):
        assert canonical(text, path).startswith(f"# yaml-language-server: $schema={mark}\n")
        assert canonical(text, path).count("yaml-language-server") == 1


def test_a_schema_of_ones_own_is_kept() -> None:
    assert canonical(f"# yaml-language-server: $schema=/otra.json\n{SAF}").startswith(
        "# yaml-language-server: $schema=/otra.json\ndependencia"
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("no", '"no"'), ("1e3", '"1e3"'), ("12:30:45", '"12:30:45"'), ("2026-03-20", '"2026-03-20"'),
        ("0123", '"0123"'), ("'x: y'", '"x: y"'), ("'a #b'", '"a #b"'), ("'&x'", '"&x"'), ("''", '""'),
        ("Jefa, área", "Jefa, área"), ("O'Farril", "O'Farril"), ("'null'", '"null"'), ("'~'", '"~"'),
        ("'- x'", '"- x"'), ("'a  b'", '"a  b"'), ("'a:'", '"a:"'), ("a:b", "a:b"), ("'a\\b'", '"a\\\\b"'),
    ],
)  # fmt: skip
def test_a_text_is_quoted_exactly_where_yaml_could_take_it_for_something_else(written: str, expected: str) -> None:
    text = SAF.replace("puesto: Jefe de Departamento", f"puesto: {written}")
    assert f"    puesto: {expected}\n" in canonical(text)


def test_empty_sections_stay() -> None:
    assert canonical("siglas: SAF\ncuentas: {}\nenlaces: []\noficios:\n") == (
        f'{MARK}siglas: SAF\nenlaces: []\noficios: ""\ncuentas: {{}}\n'
    )


def test_what_nobody_knows_goes_last_and_is_kept() -> None:
    assert canonical("x: {b: [1], a: 2}\nsiglas: SAF\n") == f'{MARK}siglas: SAF\nx:\n  a: "2"\n  b:\n    - "1"\n'


def test_windows_line_ends_and_a_byte_order_mark_go() -> None:
    assert canonical("\ufeff" + UNTIDY.replace("\n", "\r\n")) == TIDY


def test_comments_around_multi_line_values_are_kept_and_what_only_looks_like_one_is_not() -> None:
    block = "    # uno\n    puesto: |- # dos\n      a # b\n      c\n    # tres\n"
    text = SAF.replace("    puesto: Jefe de Departamento\n", block)
    text += '    area: "x # y\n      z" # cuatro\n    motivo_baja: a\n      b # cinco\n# seis\n'
    done = canonical(text)
    assert [one.strip() for one in re.findall(r"# (?:uno|dos|tres|cuatro|cinco|seis)", done)] == [
        "# uno", "# dos", "# cuatro", "# tres", "# cinco", "# seis",
    ]  # fmt: skip
    assert 'puesto: "a # b\\nc"  # dos' in done
    assert 'area: "x # y z"  # cuatro' in done


def test_two_comments_of_one_value_are_both_kept() -> None:
    done = canonical(SAF + "    alias: [a@sinaloa.gob.mx # uno\n      ] # dos\n")
    assert "    # dos\n    alias:  # uno\n      - a@sinaloa.gob.mx\n" in done


def test_a_file_without_keys_keeps_its_comments() -> None:
    assert canonical("{} # uno\n# dos\n") == f"{MARK}# uno\n# dos\n"


@pytest.mark.parametrize("written", ["[[a]]", "[{a: b}]", "[a, [b]]"])
def test_a_list_of_lists_cannot_be_written(written: str) -> None:
    with pytest.raises(DeclarationError) as raised:
        canonical(SAF + f"    alias: {written}\n")
    assert [(one.file, one.line, one.code) for one in raised.value.problems] == [
        (PATH, len(SAF.splitlines()) + 1, "forma")
    ]


def test_what_cannot_be_read_is_not_written() -> None:
    for text in (SAF + "a: [", SAF + SAF, SAF + "\0", SAF + "    area: null\n"):
        with pytest.raises(DeclarationError):
            canonical(text)


LINES = """\
# suelto
    # adentro

    area: x  # al lado
    area: 'x # no'
  ana.soto: # clave
    nombre: Ana
    alias: [a@b.mx, c@d.mx] # lista
    alias:
    - a@b.mx # uno
    # entre
    - c@d.mx
    puesto: >|      doblado # no|      dos
cuentas:  # sección
oficios: {}
    vigencia: 2027-01-01
    cuota_mb: 12
siglas: SAF
    entrega: {medio: impresa,
      a: enlace} # cierre
    area: dos
      renglones # plano
"""
"""Lines that make a file now and then; a bar stands for a new line in those that only go together."""


SAMPLE = {path.as_posix(): path.read_bytes() for path in Path("accounts").rglob("*.yaml")}


@settings(max_examples=40)
@given(shuffle=st.randoms(use_true_random=False))
def test_a_declaration_is_the_same_before_and_after_in_whatever_order_it_was_written(shuffle: Random) -> None:
    untidy = {path: shuffled(data, shuffle) for path, data in SAMPLE.items()}
    before, after = load(untidy), load({path: canonical(text, path) for path, text in untidy.items()})
    assert before.declaration is not None, before.problems
    assert after.declaration is not None
    assert after.declaration.wanted == before.declaration.wanted
    assert after.declaration.dependencias == before.declaration.dependencias


def shuffled(data: bytes, shuffle: Random) -> str:
    """Return a file in flow style, with its sections, its entries and their fields in any order."""
    found: dict[str, object] = {}
    sections: dict[str, dict[str, object]] = {}
    for (section, key), fields in mixed(declaration.entries(data), shuffle).items():
        values = {
            name: json.loads(value) if value[0] in "[{" else value for name, value in mixed(fields, shuffle).items()
        }
        if section:
            sections.setdefault(section, {})[key] = values
        else:
            found[key] = values[""]
    return json.dumps(mixed(found | sections, shuffle), ensure_ascii=False)


def mixed(mapping: Mapping[K, V], shuffle: Random) -> dict[K, V]:
    """Return a mapping in another order."""
    items = list(mapping.items())
    shuffle.shuffle(items)
    return dict(items)


@settings(max_examples=1500)
@example(["cuentas:  # sección", "    puesto: >|      doblado # no|      dos", "      a: enlace} # cierre"])
@given(lines=st.lists(st.sampled_from(LINES.splitlines()), max_size=14))
def test_whatever_can_be_read_is_written_once_with_the_same_meaning_and_every_comment(lines: list[str]) -> None:
    text = "\n".join(["dependencia: Finanzas", *lines]).replace("|", "\n")
    try:
        done = canonical(text)
    except DeclarationError:
        return
    assert canonical(done) == done
    assert declaration.entries(done.encode()) == declaration.entries(text.encode())
    folded = r">\n(?:(?: {5}[^\n]*)?\n)*(?: {5}[^\n]*)?"  # whatever is indented below it is its text, hashes too
    plain = re.sub("'x # no'", "", re.sub(folded, ">\n", text))
    assert comments(plain) == comments(re.sub(r'"[^"\n]*"', "", done))


@settings(max_examples=300)
@given(value=st.text(alphabet=st.sampled_from("aZñ 09.:-_#'\"\\/,&*!?|>[]{}%@`~=+()\u00bf"), min_size=1, max_size=10))
def test_any_text_comes_back_from_its_canonical_form(value: str) -> None:
    quoted = value.replace("'", "''")
    text = SAF.replace("Jefe de Departamento", f"'{quoted}'")
    done = canonical(text)
    assert declaration.entries(done.encode()) == declaration.entries(text.encode())
    assert declaration.entries(done.encode())["cuentas", "juan.perez"]["puesto"] == value
    assert canonical(done) == done
