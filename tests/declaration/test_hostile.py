"""Hostile files: a clear problem that names file and line, and nothing else happens."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler import declaration
from reconciler.errors import DeclarationError
from tests.declaration.files import CONFIG, JUAN, PATH, SAF, codes, line_of, load, problems

LAST = len(SAF.splitlines()) + 1
KEY = line_of(SAF, "juan.perez")
MIB = 1024 * 1024

DOCUMENTS: dict[str, tuple[str | bytes, list[tuple[int, str]]]] = {
    "alias bomb": ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", [(1, "ancla")]),
    "alias alone": (SAF + "    area: *x\n", [(LAST, "ancla")]),
    "anchor": (SAF.replace("  juan.perez:\n", "  juan.perez: &x\n"), [(KEY, "ancla")]),
    "python tag": (SAF + "    area: !!python/object/apply:os.system [ls]\n", [(LAST, "etiqueta")]),
    "text tag": (SAF + "    area: !!str 12\n", [(LAST, "etiqueta")]),
    "local tag": (SAF + "    area: !cosa x\n", [(LAST, "etiqueta")]),
    "merge key": (SAF + "    <<: {area: x}\n", [(LAST, "fusion")]),
    "UTF-16": (SAF.encode("utf-16"), [(0, "codificacion")]),
    "UTF-16 without mark": (SAF.encode("utf-16-le"), [(1, "codificacion")]),
    "Latin-1": (SAF.encode("latin-1"), [(1, "codificacion")]),
    "cut UTF-8": (SAF.encode() + "    area: á".encode()[:-1], [(LAST, "codificacion")]),
    "two byte order marks": (b"\xef\xbb\xbf\xef\xbb\xbf" + SAF.encode(), [(1, "caracter-de-control")]),
    "NUL": (SAF + "\0", [(LAST, "caracter-de-control")]),
    "escape sequence": (SAF + "# \x1b[2J\n", [(LAST, "caracter-de-control")]),
    "lone carriage return": (SAF + "# a\rcuentas: {}\n", [(LAST, "caracter-de-control")]),
    "line separator": (SAF + "# a\u2028cuentas: {}\n", [(LAST, "caracter-de-control")]),
    "next line": (SAF + "# a\u0085cuentas: {}\n", [(LAST, "caracter-de-control")]),
    "tab": (SAF + "\tarea: x\n", [(LAST, "tabulador")]),
    "YAML directive": (f"%YAML 1.2\n---\n{SAF}", [(1, "directiva")]),
    "TAG directive": (f"%TAG ! tag:x\n---\n{SAF}", [(1, "directiva")]),
    "NFD key": (SAF.replace("juan.perez", "juan.pe\u0301rez"), [(KEY, "clave-nfd")]),
    "Cyrillic a": (SAF.replace("juan.perez", "ju\u0430n.perez"), [(KEY, "caracter")]),
    "bidirectional key": (SAF.replace("juan.perez", "juan\u202e.perez"), [(KEY, "caracter")]),
    "bidirectional comment": (SAF + "# \u202e olleh\n", [(LAST, "caracter")]),
    "zero width comment": (SAF + "# hola\u200b\n", [(LAST, "caracter")]),
    "zero width value": (SAF + "    area: Egre\u200bsos\n", [(LAST, "caracter")]),
    "escaped control": (SAF + '    area: "a\\u0000b"\n', [(LAST, "caracter")]),
    "escaped direction": (SAF + '    area: "a\\u202eb"\n', [(LAST, "caracter")]),
    "emoji": (SAF + "    area: Egresos \U0001f600\n", []),
    "non-breaking space": (SAF + "    area: Egre\u00a0sos\n", [(LAST, "caracter")]),
    "other hyphen": (SAF + "    area: Peña\u2011Nieto\n", [(LAST, "caracter")]),
    "loose mark": (SAF + "    area: Egre\u0338sos\n", [(LAST, "caracter")]),
    "full-width digits": (SAF + "    area: Piso \uff12\n", [(LAST, "caracter")]),
    "deep flow": ("[" * 100_000, [(1, "profundidad")]),
    "deep block": ("".join(f"{' ' * depth}a:\n" for depth in range(200)), [(11, "profundidad")]),
    "deep dashes": ("- " * 100_000, [(1, "profundidad")]),
    "list as key": ("? [a]\n: b\n", [(1, "clave")]),
    "open flow": ("{" * 100_000, [(1, "clave")]),
    "open quote": (SAF + '    area: "x\n', [(LAST, "yaml")]),
    "bad indent": (SAF + "   area: x\n", [(LAST, "yaml")]),
    "colon too many": (SAF + "    area: x: y\n", [(LAST, "yaml")]),
    "at sign": (SAF + "    area: @x\n", [(LAST, "yaml")]),
    "key without colon": (SAF + "    area\n", [(LAST, "yaml")]),
    "many documents": (f"{SAF}---\n{SAF}", [(LAST, "varios-documentos")]),
    "empty": ("", [(1, "forma")]),
    "only a comment": ("# nada\n", [(1, "forma")]),
    "only a mark": (b"\xef\xbb\xbf", [(1, "forma")]),
    "null": ("---\n", [(2, "forma")]),
    "a list": ("- a\n", [(1, "forma")]),
    "a word": ("hola\n", [(1, "forma")]),
    "fifty megabytes": (b"a" * 50 * MIB, [(0, "archivo-grande")]),
    "a list of thousands": (SAF + f"    alias: [{'x,' * 130_000}x]\n", [(LAST, "archivo-grande")]),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_hostile_document_gets_the_problem_that_it_is(name: str) -> None:
    content, expected = DOCUMENTS[name]
    assert codes(content) == expected


HIDDEN = {"bidirectional comment", "zero width comment"}
"""What only `load` looks for: it hides nothing from a program."""


@pytest.mark.parametrize("name", [name for name, (_, expected) in DOCUMENTS.items() if expected])
def test_a_hostile_document_is_refused_by_the_other_doors_too(name: str) -> None:
    content, _ = DOCUMENTS[name]
    data = content.encode() if isinstance(content, str) else content
    if name not in HIDDEN:
        with pytest.raises(DeclarationError):
            declaration.canonical(data, PATH)
        with pytest.raises(ValueError, match=r"."):
            declaration.entries(data)
    with pytest.raises(DeclarationError):
        declaration.load_config(data)


@pytest.mark.parametrize(
    "worst",
    [
        b"a: b # " + "\u202e".encode() * (MIB // 3 - 10),
        b"# \xe2\x80\xae\n" * (MIB // 8) + SAF.encode(),
        b"".join(b"k%d: v\n" % number for number in range(60_000)),
        b"\t\n" * (MIB // 2),
        b"\x01" * MIB,
        b"a: " + b"x" * (MIB - 100) + b"@y",
        b"a: '" + b"1 " * (MIB // 2 - 100) + b"'",
        b"# " + b"cel 1-" * (MIB // 6 - 10) + b"\n" + SAF.encode(),
        b'a: "' + b"\\n" * (MIB // 2 - 100) + b'"',
        f"{SAF}{''.join(f'  a{number}:{chr(10)}    nombre: x{chr(10)}' for number in range(30_000))}".encode(),
    ],
    ids=lambda data: repr(data[:12]),
)
def test_the_worst_of_a_megabyte_is_refused_with_few_words(worst: bytes) -> None:
    said = problems(worst)
    assert 0 < len(said) <= 201
    assert all(len(one.message) < 400 for one in said)


def test_a_byte_order_mark_and_windows_line_ends_are_no_problem() -> None:
    plain = load(SAF)
    assert load(b"\xef\xbb\xbf" + SAF.encode()) == plain
    assert load(SAF.replace("\n", "\r\n")) == plain


def test_spanish_letters_in_comments_and_values_are_no_problem() -> None:
    assert codes(SAF + "# ¿Qué? ¡Ñandú, pingüino! Nº 1ª «así» — …\n    area: Ñandú ÁÉÍÓÚ Ü\n") == []


def test_a_look_alike_says_which_character_it_is() -> None:
    (said,) = problems(SAF.replace("juan.perez", "ju\u0430n.perez"))
    assert "U+0430 CYRILLIC SMALL LETTER A, que se parece a «a»" in said.message


def test_a_direction_mark_is_made_visible() -> None:
    (said,) = problems(SAF.replace("juan.perez", "juan\u202e.perez"))
    assert "«juan\\u202e.perez»" in said.message


def test_values_in_nfd_are_read_as_nfc() -> None:
    loaded = load(SAF.replace("López", "Lo\u0301pez"))
    assert loaded == load(SAF)


@given(data=st.binary(max_size=300))
def test_arbitrary_bytes_give_problems_and_nothing_else(data: bytes) -> None:
    assert load(data).declaration is None


@settings(max_examples=300)
@given(
    place=st.integers(0, len(SAF)),
    cut=st.integers(0, 40),
    piece=st.text(alphabet="abñ.:-#\"'[]{}&*!|>%@~ \n\t\r\0\u202e0159", max_size=12),
)
def test_a_sound_file_with_something_broken_never_raises(place: int, cut: int, piece: str) -> None:
    text = SAF[:place] + piece + SAF[place + cut :]
    loaded = load(text)
    assert (loaded.declaration is None) == any(problem.blocks for problem in loaded.problems)
    for problem in loaded.problems:
        assert problem.file == PATH
        assert 0 <= problem.line <= text.count("\n") + 2


FIELDS = st.sampled_from(["tipo", "nombre", "alias", "entrega", "baja", "cuota_mb", "existente", "medio", "a", "x"])
TREES = st.recursive(
    st.sampled_from(["", "x", "12", "true", "2026-01-01", "personal", "~"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(FIELDS, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200)
@given(tree=st.dictionaries(FIELDS, TREES, max_size=4), section=st.sampled_from(["enlaces", "oficios", "cuentas"]))
def test_values_of_any_shape_give_problems_in_spanish_and_never_raise(tree: dict[str, object], section: str) -> None:
    text = SAF.replace(f"{section}:\n", f"{section}:\n  x1: {tree!r}\n")
    for problem in load(text, CONFIG).problems:
        assert "no es válido" not in problem.message, problem


def test_the_sound_file_of_these_tests_is_sound() -> None:
    assert codes(SAF) == []
    assert JUAN in SAF
