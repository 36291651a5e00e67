"""Entries through history: cut out of a canonical file, read whole elsewhere, and the same both ways."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler import declaration
from reconciler.declaration.entries import Entries, is_canonical, read_whole
from reconciler.declaration.pieces import Part, cut
from reconciler.errors import DeclarationError
from tests.declaration.files import PATH, SAF


def both(text: str) -> tuple[object, object]:
    """Return what each way of reading says of a text: entries, or that it cannot be read."""
    return _said(lambda: declaration.entries(text.encode())), _said(lambda: read_whole(text))


def _said(read: Callable[[], Entries]) -> object:
    try:
        return read()
    except ValueError:
        return "no se puede leer"


def test_an_entry_is_its_fields_as_they_are_written_and_a_header_is_one_text() -> None:
    found = declaration.entries(SAF.encode())
    assert found["", "siglas"] == {"": "SAF"}
    assert found["oficios", "SAF/1/2025"]["fecha"] == "2025-02-11"
    assert found["cuentas", "juan.perez"] == {
        "nombre": "Juan", "apellidos": "Pérez López", "puesto": "Jefe de Departamento", "alta": "SAF/1/2025",
    }  # fmt: skip


def test_lists_and_mappings_are_json_with_sorted_keys() -> None:
    text = SAF + "    alias: [b@x.mx, a@x.mx]\n    entrega: {medio: impresa, a: enlace}\n"
    fields = declaration.entries(text.encode())["cuentas", "juan.perez"]
    assert json.loads(fields["alias"]) == ["b@x.mx", "a@x.mx"]
    assert fields["entrega"] == '{"a": "enlace", "medio": "impresa"}'


def test_a_canonical_file_is_cut_and_another_one_is_read_whole_with_the_same_result() -> None:
    text = declaration.canonical(
        (SAF + "    alias: [b@x.mx]\n    entrega: {a: enlace, medio: correo}\n").encode(), PATH
    )
    flow = json.dumps(_tree(text))
    assert is_canonical(text.decode())
    assert not is_canonical(flow)
    assert declaration.entries(flow.encode()) == declaration.entries(text)


def _tree(text: bytes) -> dict[str, object]:
    found: dict[str, dict[str, object]] = {}
    for (section, key), fields in declaration.entries(text).items():
        if not section:
            found[key] = fields[""]  # type: ignore[assignment]
        else:
            found.setdefault(section, {})[key] = {
                name: json.loads(value) if value[0] in "[{" else value for name, value in fields.items()
            }
    return dict(found)


def test_every_file_of_the_sample_is_canonical() -> None:
    files = sorted(Path("accounts").rglob("*.yaml"))
    assert files
    assert all(is_canonical(path.read_text(encoding="utf-8")) for path in files)


def test_a_blank_line_of_spaces_before_the_first_entry_changes_nothing() -> None:
    fast, whole = both(SAF.replace("cuentas:\n", "cuentas:\n  \n# nota\n"))
    assert fast == whole == declaration.entries(SAF.encode())


@pytest.mark.parametrize("text", ["a: [\n", "\0", "- a\n", SAF + SAF, SAF.replace("juan", "ju\u0430n")])
def test_what_cannot_be_read_raises(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        declaration.entries(text.encode())


def test_an_entry_twice_cannot_be_read_either_way() -> None:
    twice = SAF + SAF[SAF.index("  juan.perez") :]
    assert both(twice) == ("no se puede leer", "no se puede leer")


def test_a_section_twice_cannot_be_read_either_way() -> None:
    twice = f"{SAF}cuentas:\n  ana.soto:\n    nombre: Ana\n"
    assert both(twice) == ("no se puede leer", "no se puede leer")


def test_a_header_twice_cannot_be_read_either_way() -> None:
    assert both(f"{SAF}siglas: SAF\n") == ("no se puede leer", "no se puede leer")


LINES = """\
dependencia: Finanzas
siglas: SAF
enlaces:
oficios: {}
cuentas:
cuentas: {}
otra:
otra: x
# nota

  ana.soto:
  juan.perez:  # nota
  "0123":
  0123:
  x: y
    # nota
    nombre: Ana
    nombre: Ana  # nota
    puesto: Jefa
    puesto: "no: x"
    puesto: a:b
    area: ñandú
    area: 'x'
    area: null
    vigencia: 2027-01-01
    alias:
    entrega:
      - a@b.mx
      - "b: c"
      a: enlace
      medio: impresa
      suelto: 1
"""


@settings(max_examples=2000)
@given(lines=st.lists(st.sampled_from(LINES.splitlines()), max_size=12))
def test_both_ways_say_the_same_of_any_file(lines: list[str]) -> None:
    text = "".join(f"{line}\n" for line in lines)
    fast, whole = both(text)
    assert fast == whole


SAMPLE = Path("accounts/SAF.yaml").read_text(encoding="utf-8")


@settings(max_examples=500)
@given(
    place=st.integers(0, len(SAMPLE)), cut=st.integers(0, 12), piece=st.text(alphabet="a: #\n\"'-[]ñ0", max_size=4)
)
def test_both_ways_say_the_same_of_a_file_with_something_broken(place: int, cut: int, piece: str) -> None:
    text = SAMPLE[:place] + piece + SAMPLE[place + cut :]
    fast, whole = both(text)
    assert fast == whole


@given(data=st.binary(max_size=200))
def test_arbitrary_bytes_are_entries_or_a_value_error(data: bytes) -> None:
    try:
        declaration.entries(data)
    except ValueError:
        with pytest.raises(DeclarationError):
            declaration.canonical(data, PATH)


@st.composite
def _lineages(draw: st.DrawFn) -> list[str]:
    """Draw versions of a file, each with some lines of the one before it taken out and others put in their place."""
    lines = SAF.splitlines(keepends=True)
    versions = [SAF]
    for _ in range(draw(st.integers(1, 6))):
        for _ in range(draw(st.integers(1, 3))):
            start = draw(st.integers(0, len(lines)))
            put = st.sampled_from(_PUT) | st.just("".join(lines[start : start + 3]))
            lines[start : start + draw(st.integers(0, 3))] = "".join(draw(st.lists(put, max_size=2))).splitlines(True)
        versions.append("".join(lines))
        if draw(st.booleans()):
            lines = draw(st.sampled_from(versions)).splitlines(keepends=True)
    return versions


_PUT = [
    *(f"{line}\n" for line in LINES.splitlines()),
    "  ana.soto:\n    nombre: Ana\n",
    "  beto.ruiz:  # nota\n    nombre: Beto\n    alias:\n      - b@x.mx\n\n",
    "  SAF/2/2025:\n    fecha: 2025-02-11\n",
    "oficios:\n  SAF/2/2025:\n    fecha: 2025-02-11\n",
    "    puesto: Jefa\n",
    "  \n",
    "\r\n",
]


@settings(max_examples=1500)
@given(versions=_lineages())
def test_a_version_that_follows_another_says_what_it_says_by_itself(versions: list[str]) -> None:
    reader, parts = declaration.Reader(), dict[str, Part]()
    for text in versions:
        assert _said(lambda text=text: reader.read(PATH, text.encode())) == both(text)[1]  # type: ignore[misc]
        alone, after = cut(text.encode(), {}), cut(text.encode(), parts)
        assert (alone and alone.parts) == (after and after.parts)
        parts = after.parts if after else parts


def test_what_a_version_takes_over_is_not_read_again() -> None:
    reader = declaration.Reader()
    before = reader.read(PATH, SAF.encode())
    after = reader.read(PATH, f"{SAF}    telefono: '1'\n".replace("'", '"').encode())
    changed = {name for name, fields in after.items() if before.get(name) is not fields}
    assert changed == {("cuentas", "juan.perez")}
    assert set(before) == set(after)


def test_only_the_pieces_that_changed_are_told_apart() -> None:
    before = cut(SAF.encode(), {})
    assert before is not None
    ana = "  ana.soto:\n    nombre: Ana\n"
    after = cut(SAF.replace("cuentas:\n", f"cuentas:\n{ana}").encode(), before.parts)
    assert after is not None
    assert (after.gone, after.come) == ([], [("cuentas", ana)])
