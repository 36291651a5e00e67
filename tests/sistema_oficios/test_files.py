"""By files: whole or not there, inert in a spreadsheet, and read as strictly as what anybody might have left."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.capture import Answer, capture
from reconciler.check import State, examined
from reconciler.config import OficiosArchivo
from reconciler.engine.telling import tell
from reconciler.errors import TargetUnreachableError
from reconciler.orders import Telling
from reconciler.sistema_oficios.examination import by_files
from reconciler.sistema_oficios.files import FileSystem
from reconciler.sistema_oficios.inbox import Inbox
from reconciler.sistema_oficios.table import MalformedError, as_csv, as_json, read_csv, read_json
from tests.engine.world import MemoryRecord
from tests.sistema_oficios.work import ZONE, clerk, known, order

ANSWER = {"orden": "OT-2026-00000001", "accion": "levantar", "numero": "4512"}
GOOD = json.dumps(ANSWER).encode()


@pytest.fixture(name="there")
def _there(tmp_path: Path) -> Path:
    folder = tmp_path / "intercambio" / "ad"
    (folder / "entrada").mkdir(parents=True, mode=0o700)
    return folder


def files(there: Path, kind: str = "json") -> FileSystem:
    return FileSystem(OficiosArchivo.model_validate({"modo": "archivo", "formato": kind}), there, ZONE)


def use(there: Path, name: str) -> None:
    if name == "entrada":
        files(there).answers()
    else:
        files(there).tell(order(), Telling.OPEN)


def put(there: Path, name: str, data: bytes) -> Path:
    file = there / "entrada" / name
    file.write_bytes(data)
    return file


def left(there: Path, name: str) -> list[str]:
    return sorted(one.name for one in (there / name).iterdir() if one.is_file())


def test_a_telling_is_a_file_of_its_owner_named_by_its_key_and_the_same_when_told_again(there: Path) -> None:
    for _ in range(2):
        files(there).tell(order(), Telling.OPEN)
    [file] = (there / "salida").iterdir()
    assert file.name == "OT-2026-00000001.levantar.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert json.loads(file.read_text("utf-8")) == {
        "orden": "OT-2026-00000001",
        "accion": "levantar",
        "tipo": "alta",
        "dependencia": "SAF",
        "oficio": "SAF/DA/0123/2026",
        "recibido": "2026-03-23",
        "cuenta": "juan.perez",
        "enlace": "laura.beltran",
        "estado": "abierta",
        "cierre": None,
        "numero": None,
    }


def test_what_was_taken_away_unanswered_is_there_again(there: Path) -> None:
    files(there).tell(order(), Telling.OPEN)
    (there / "salida" / "OT-2026-00000001.levantar.json").unlink()
    files(there).tell(order(), Telling.OPEN)
    assert left(there, "salida") == ["OT-2026-00000001.levantar.json"]


def test_a_telling_that_cannot_be_written_leaves_nothing(there: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files(there).tell(order(), Telling.OPEN)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(TargetUnreachableError, match="No se pudo usar"):
        files(there).tell(order(2), Telling.OPEN)
    assert left(there, "salida") == ["OT-2026-00000001.levantar.json"]


def test_an_answer_is_put_aside_once_it_is_on_record_and_its_telling_with_it(there: Path) -> None:
    files(there).tell(order(), Telling.OPEN)
    file = put(there, "a.json", GOOD)
    assert files(there).answers().taken == (Answer("OT-2026-00000001", Telling.OPEN, "4512", str(file)),)
    assert file.exists()  # nobody said yet that it is on record
    record = MemoryRecord()
    tell(known(order()), files(there), clerk(record))
    assert (left(there, "entrada"), left(there, "salida")) == ([], [])
    assert left(there / "entrada", "leidas") == ["a.json"]


def test_a_second_answer_of_the_same_name_covers_no_earlier_one(there: Path) -> None:
    for _ in range(2):
        put(there, "a.json", GOOD)
        tell(known(order()), files(there), clerk(MemoryRecord()))
    assert len(left(there / "entrada", "leidas")) == 2


def test_a_file_that_changed_meanwhile_stays(there: Path) -> None:
    system = files(there)
    file = put(there, "a.json", GOOD)
    taken = system.answers().taken
    file.write_bytes(GOOD.replace(b"4512", b"99999"))
    system.settle(taken, set())
    assert left(there, "entrada") == ["a.json"]


def test_a_file_of_which_one_answer_is_refused_stays_and_the_others_are_on_record(there: Path) -> None:
    record = MemoryRecord()
    put(there, "varias.json", json.dumps([ANSWER, ANSWER | {"orden": "OT-2026-ZZZZZZZZ"}]).encode())
    told = tell(known(order()), files(there), clerk(record))
    assert [one.data["numero"] for one in record.kept] == ["4512"]
    assert "varias.json»: No hay una orden «OT-2026-ZZZZZZZZ»" in str(told.refused[0])
    assert left(there, "entrada") == ["varias.json"]


def test_an_order_that_is_not_due_any_more_waits_for_nobody(there: Path) -> None:
    files(there).tell(order(), Telling.OPEN)
    (there / "salida" / "notas.txt").write_text("de otro")
    tell({}, files(there), clerk(MemoryRecord()))
    assert left(there, "salida") == ["notas.txt"]


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.json", b"{", "no es JSON"),
        ("a.json", b"[" * 100_000, "no es JSON"),
        ("a.json", b"[]", "ninguna respuesta"),
        ("a.json", b"\xff\xfe", "UTF-8"),
        ("a.json", b'{"orden": NaN}', "no es JSON"),
        ("a.json", b'["OT-2026-00000001"]', "le falta"),
        ("a.json", json.dumps(ANSWER | {"numero": 4512}).encode(), "como texto"),
        ("a.json", json.dumps(ANSWER | {"numero": "1\n2"}).encode(), "número de orden"),
        ("a.json", json.dumps(ANSWER | {"accion": "borrar"}).encode(), "levantar o cerrar"),
        ("a.json", json.dumps(ANSWER | {"accion": ["levantar"]}).encode(), "levantar o cerrar"),
        ("a.json", json.dumps(ANSWER | {"nota": "x"}).encode(), "campo que no existe"),
        ("a.json", GOOD[:-1] + b', "numero": "9"}', "repite un campo"),
        ("a.json", b" " * (1 << 20) + GOOD, "pasa de 1 MiB"),
        ("a.csv", b"orden,accion,numero\r\nOT-2026-00000001,levantar\r\n", "más o menos celdas"),
        ("a.csv", b"orden,accion,numero,numero\r\na,levantar,1,2\r\n", "repite una columna"),
        ("a.csv", b"orden,accion,numero\r\n", "ninguna respuesta"),
        ("a.csv", "orden,accion,numero\r\nOT-2026-00000001,levantar,año\r\n".encode("cp1252"), "CSV UTF-8"),
        ("a.csv", b'orden,accion,numero\r\n"OT"x,levantar,1\r\n', "no es CSV"),
        ("a.csv", b"", "ninguna respuesta"),
        ("a.txt", GOOD, "no es .json ni .csv"),
    ],
)
def test_what_is_no_answer_is_refused_by_its_name_and_stays(there: Path, name: str, data: bytes, why: str) -> None:
    file = put(there, name, data)
    put(there, "z.json", GOOD)
    answers = files(there).answers()
    assert [one.numero for one in answers.taken] == ["4512"]
    assert f"«{file}»" in str(answers.refused[0])
    assert why in str(answers.refused[0])
    assert file.read_bytes() == data


def test_links_folders_and_pipes_are_no_answers(there: Path, tmp_path: Path) -> None:
    outside = tmp_path / "fuera.json"
    outside.write_bytes(GOOD)
    (there / "entrada" / "enlace.json").symlink_to(outside)
    (there / "entrada" / "duro.json").hardlink_to(outside)
    (there / "entrada" / "carpeta.json").mkdir()
    os.mkfifo(there / "entrada" / "tubo.json")
    answers = files(there).answers()
    assert answers.taken == ()
    assert len(answers.refused) == 4


def test_a_name_that_begins_with_a_full_stop_is_not_looked_at(there: Path) -> None:
    put(there, ".a.json", b"{")
    answers = files(there).answers()
    assert (answers.taken, answers.refused) == ((), ())


@pytest.mark.parametrize("name", ["entrada", "salida"])
def test_a_folder_that_is_a_link_or_that_anybody_writes_to_is_not_used(
    there: Path, tmp_path: Path, name: str
) -> None:
    (tmp_path / "otra").mkdir()
    if (there / name).exists():
        (there / name).rmdir()
    (there / name).symlink_to(tmp_path / "otra")
    with pytest.raises(TargetUnreachableError):
        use(there, name)
    (there / name).unlink()
    (there / name).mkdir()
    (there / name).chmod(0o777)
    with pytest.raises(TargetUnreachableError, match="chmod o-w"):
        use(there, name)
    assert State.FAILED in {one.state for one in examined("x", by_files(there))}


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


@given(TEXTS, TEXTS)
def test_no_cell_is_a_formula_whatever_an_oficio_is_called(oficio: str, enlace: str) -> None:
    found = capture(order(oficio=oficio or "x", enlace=enlace or None), Telling.OPEN, ZONE)
    data = as_csv(found)
    assert data.startswith(b"\xef\xbb\xbf")
    header, row = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert [cell for cell in row if cell.lstrip(" ")[:1] in tuple("=+-@\t\r\n＝＋－＠")] == []
    assert header == list(found.fields())


@pytest.mark.parametrize("formula", ["=1+1", "+52", "-1", "@SUM(A1)", "\t=1", " =1", "＝1"])
def test_a_formula_in_an_oficio_is_text_to_a_spreadsheet(formula: str) -> None:
    data = as_csv(capture(order(oficio=formula), Telling.OPEN, ZONE)).decode("utf-8-sig")
    assert f'"\'{formula}"' in data


def test_our_own_file_with_the_number_filled_in_is_an_answer_also_as_excel_writes_it() -> None:
    found = capture(order(oficio="=Ñ/1"), Telling.OPEN, ZONE)
    fields = {name: value or "" for name, value in found.fields().items()} | {"numero": "'+4512"}
    for mark in (",", ";"):
        text = mark.join(fields) + "\r\n" + mark.join(fields.values()) + "\r\n" + mark * (len(fields) - 1) + "\r\n"
        assert read_csv(text.encode("utf-8-sig"), "x") == [Answer(found.orden, Telling.OPEN, "+4512", "x")]
    answered = json.loads(as_json(found)) | {"numero": "4512"}
    assert read_json(json.dumps(answered).encode(), "x") == [Answer(found.orden, Telling.OPEN, "4512", "x")]


@given(st.binary(max_size=200))
def test_whatever_is_read_is_an_answer_or_malformed(data: bytes) -> None:
    for read in (read_json, read_csv):
        with contextlib.suppress(MalformedError):
            assert read(data, "x")


def test_an_inbox_that_another_run_emptied_meanwhile_is_no_trouble(there: Path) -> None:
    put(there, "a.json", GOOD)
    descriptor = os.open(there / "entrada", os.O_RDONLY)
    try:
        inbox = Inbox(there / "entrada")
        taken = inbox.read(descriptor).taken
        (there / "entrada" / "a.json").unlink()
        inbox.settle(descriptor, taken)
    finally:
        os.close(descriptor)
