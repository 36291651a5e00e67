"""An entry put into a file: it is there as asked, and everything else means what it meant, with its comments."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler import declaration
from reconciler.declaration.editing import Entry, parts, put
from reconciler.errors import DeclarationError, UsageError
from tests.declaration.files import OTHER, OTHER_PATH, PATH, SAF, file
from tests.declaration.test_canonical import LINES, UNTIDY

OFICIO = Entry("oficios", "SAF/9/2026", {"fecha": "2026-05-01", "recibido": "2026-05-02", "medio": "oficio"})
ANA = Entry("cuentas", "ana.soto", {"nombre": "Ana", "apellidos": "Soto", "alta": "SAF/9/2026"})
BAJA = Entry("cuentas", "juan.perez", {"baja": "SAF/9/2026", "motivo_baja": "Renuncia"})

HEAD = SAF.partition("cuentas:")[0].replace("SAF", "SEPyC")
FOLDER = {
    "accounts/SEPyC/_dependencia.yaml": HEAD,
    "accounts/SEPyC/basica.yaml": "cuentas:\n  a.a:\n    nombre: A\n    area: Primarias\n    alta: X/1\n",
    "accounts/SEPyC/media.yaml": "cuentas:\n  b.b:\n    nombre: B\n    apellidos: B\n    alta: X/1\n",
}


def after(text: str, *entries: Entry) -> str:
    """Return a single file after entries were put into it."""
    (changed,) = put([file(PATH, text), file(OTHER_PATH, OTHER)], "SAF", entries)
    assert changed.path == PATH
    assert changed.data == declaration.canonical(changed.data or b"", PATH)
    return (changed.data or b"").decode()


def comments(text: str) -> list[str]:
    return sorted(re.findall(r"# .*", re.sub(r'"[^"\n]*"', "", text)))


def homes(area: str = "", part: str | None = None) -> list[str]:
    fields = dict(ANA.fields) | ({"area": area} if area else {})
    files = [file(path, text) for path, text in FOLDER.items()]
    return [one.path for one in put(files, "SEPyC", [OFICIO, Entry("cuentas", "ana.soto", fields)], part)]


def test_an_alta_is_there_as_asked_and_nothing_else_changed() -> None:
    done = declaration.entries(after(SAF, OFICIO, ANA).encode())
    before = declaration.entries(SAF.encode())
    assert done["cuentas", "ana.soto"] == ANA.fields
    assert done["oficios", "SAF/9/2026"] == OFICIO.fields
    assert {name: value for name, value in done.items() if name in before} == before
    assert len(done) == len(before) + 2


def test_dates_are_written_bare_and_texts_that_could_be_misread_in_quotes() -> None:
    text = after(SAF, OFICIO, Entry("cuentas", "no.si", {"nombre": "no", "puesto": "2026-05-01", "area": "a: b\nc"}))
    assert "fecha: 2026-05-01\n" in text
    assert '    nombre: "no"\n' in text
    assert '    puesto: "2026-05-01"\n' in text
    assert '    area: "a: b\\nc"\n' in text


def test_a_baja_adds_its_two_fields_to_the_entry_that_is_there() -> None:
    done = declaration.entries(after(SAF, OFICIO, BAJA).encode())
    before = declaration.entries(SAF.encode())["cuentas", "juan.perez"]
    assert done["cuentas", "juan.perez"] == {**before, **BAJA.fields}


def test_what_is_taken_away_leaves_its_comments_with_what_stays() -> None:
    text = SAF + "    # Por qué\n    baja: SAF/2/2026  # su oficio\n    motivo_baja: Renuncia  # dijo\n"
    done = after(text, Entry("cuentas", "juan.perez", {"alta": "SAF/9/2026"}, ("baja", "motivo_baja")))
    assert comments(done)[:3] == sorted(["# Por qué", "# su oficio", "# dijo"])
    assert "baja" not in declaration.entries(done.encode())["cuentas", "juan.perez"]


def test_a_list_only_grows_and_a_group_is_as_it_was_said() -> None:
    aliases = ("a@sinaloa.gob.mx", "b@sinaloa.gob.mx")
    delivery = {"medio": "correo", "a": "interesado"}
    done = after(UNTIDY, Entry("cuentas", "ana.soto", {"alias": aliases, "entrega": delivery}))
    fields = declaration.entries(done.encode())["cuentas", "ana.soto"]
    assert fields["alias"] == '["z@sinaloa.gob.mx", "a@sinaloa.gob.mx", "b@sinaloa.gob.mx"]'
    assert fields["entrega"] == '{"a": "interesado", "medio": "correo"}'
    assert set(comments(UNTIDY)) <= set(comments(done))


@settings(max_examples=400)
@given(lines=st.lists(st.sampled_from(LINES.splitlines()), max_size=14), away=st.booleans())
def test_whatever_a_file_holds_the_rest_keeps_its_meaning_and_every_comment(lines: list[str], away: bool) -> None:
    text = "\n".join(["dependencia: Finanzas", *lines]).replace("|", "\n") + "\n"
    try:
        before = dict(declaration.entries(declaration.canonical(text.encode(), PATH)))
    except DeclarationError:
        return
    if ("configuracion", "cuentas") in before:  # a section that holds no entries: no declaration that is sound
        return
    there = [key for section, key in before if section == "cuentas" and "" not in before[section, key]]
    key = there[0] if away and there else "nueva.aqui"
    done = after(text, Entry("cuentas", key, {"nombre": "N"}, ("puesto",)))
    found = dict(declaration.entries(done.encode()))
    kept = {name: value for name, value in before.pop(("cuentas", key), {}).items() if name != "puesto"}
    assert found.pop(("cuentas", key)) == {**kept, "nombre": "N"}
    assert found == before
    folded = r">\n(?:(?: {5}[^\n]*)?\n)*(?: {5}[^\n]*)?"  # as in test_canonical: what is below it is its text
    plain = re.sub("'x # no'", "", re.sub(folded, ">\n", text))
    assert [one for one in comments(plain) if one not in comments(done)] == []


def test_in_a_folder_the_account_goes_with_its_area_or_where_the_oficios_are() -> None:
    assert homes() == ["accounts/SEPyC/_dependencia.yaml"]
    assert homes("primarias") == ["accounts/SEPyC/_dependencia.yaml", "accounts/SEPyC/basica.yaml"]


def test_in_a_folder_a_part_can_be_chosen_and_a_new_one_made() -> None:
    assert homes("primarias", "media") == ["accounts/SEPyC/_dependencia.yaml", "accounts/SEPyC/media.yaml"]
    assert homes(part="nueva") == ["accounts/SEPyC/_dependencia.yaml", "accounts/SEPyC/nueva.yaml"]
    assert parts([file(path, text) for path, text in FOLDER.items()], "SEPyC") == ("_dependencia", "basica", "media")


@pytest.mark.parametrize("part", ["../otra", "a/b", "", "x" * 65, ".oculta", "a.yaml"])
def test_a_part_is_never_a_way_out_of_the_folder(part: str) -> None:
    with pytest.raises(UsageError, match="no es una parte"):
        homes(part=part)


def test_a_single_file_has_no_parts() -> None:
    with pytest.raises(UsageError, match="un solo archivo"):
        put([file(PATH, SAF)], "SAF", [ANA], "media")


def test_the_sample_of_the_project_takes_an_entry_in_one_place() -> None:
    path = Path(__file__).parents[2] / PATH
    before = path.read_text("utf-8").splitlines()
    done = after(path.read_text("utf-8"), ANA).splitlines()
    assert [line for line in done if line not in before] == [
        "  ana.soto:",
        "    apellidos: Soto",
        "    alta: SAF/9/2026",
    ]
