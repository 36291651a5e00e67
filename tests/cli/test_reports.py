"""report and order treat: the real command on a real record, with the clock where a test puts it."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import pty
import re
from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfReader

from reconciler.bitacora import Bitacora, new_run
from reconciler.cli import applying, closing, order_acts, recording, reporting, treating, workspace
from reconciler.cli.workspace import BITACORA, now
from reconciler.events import JSON, Event, EventKind
from reconciler.repository import Repository
from tests.cli.children import Preparation
from tests.cli.desk import ANA, COMMAND, JUAN, SAF, Desk, config, leaving, saf, surroundings
from tests.orders import at, done, received, said

TODAY = date(2026, 11, 27)
MONDAY = date(2026, 11, 2)
LATE = "OT-2026-0000AAAA"
ON_TIME = "OT-2026-0000BBBB"
TREATED = ("--causa", "espera-enlace", "--tratamiento", "Se llamó al enlace y contestó el mismo día.")


def on(day: date) -> Preparation:
    """Put the machine's clock at noon of a day in Sinaloa."""

    def prepare() -> None:
        for module in (workspace, applying, closing, order_acts, recording, reporting, treating):
            vars(module)["now"] = lambda: at(day)

    return prepare


def told(mesa: Desk, *events: Event) -> None:
    """Put events on the desk's record, as whatever writes them does."""
    with Repository.open(mesa.forge.path) as repository:
        branch = repository.branch(BITACORA, None)
        with Bitacora(branch, repository.git_dir / "cuentas", new_run(now)) as record:
            record.append(*events)
            record.publish()


def asked(mesa: Desk, *words: str, day: date = TODAY, code: int = 0) -> str:
    """Run a report on a day and return what it says."""
    run = mesa.run("report", *words, code=code, prepare=on(day))
    return run.out if code == 0 else run.err


def rows(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV as a spreadsheet reads it."""
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def pages(data: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]


@pytest.fixture(name="busy")
def _busy(mesa: Desk) -> Desk:
    """A desk with an alta that is late, one that was on time, a baja and one that waits for its oficio."""
    baja: dict[str, JSON] = {"movimiento": "baja", "dependencia": "SEBIDES", "oficio": "SEBIDES/4/2026"}
    told(
        mesa,
        received(LATE, MONDAY),
        received(ON_TIME, MONDAY, "ana.ruiz"),
        received("OT-2026-0000CCCC", MONDAY, "luis.gil", **baja),
        received("OT-2026-0000DDDD", date(2026, 11, 20), "eva.mora", oficio=None, dependencia="SEBIDES"),
        received("OT-2026-0000EEEE", date(2026, 9, 29), "raul.paz"),
        done(ON_TIME, date(2026, 11, 4), "ana.ruiz"),
        done("OT-2026-0000CCCC", date(2026, 11, 5), "luis.gil"),
        done("OT-2026-0000EEEE", date(2026, 10, 5), "raul.paz"),
    )
    return mesa


# --- the indicator --------------------------------------------------------------------------------------------------


def test_the_indicator_of_this_quarter_says_what_it_counted_and_from_what(busy: Desk) -> None:
    text = asked(busy, "indicador")
    assert "Indicador: 50.0 %  (2 de 4 órdenes recibidas en el trimestre)" in text
    assert re.search(r"Corte +2026-11-27; el trimestre sigue en curso", text)
    assert re.search(r"Destino +embedded", text)
    assert re.search(r"Bitácora +8 hechos publicados", text)
    assert "Director de Servicios Compartidos de Tecnología" in text
    assert re.search(r"Altas +3 +1 +0 +2 +0 +33.3 %\n +Bajas +1 +1 +0 +0 +0 +100.0 %", text)
    assert re.search(r"SAF +2 +1 +0 +0 +2 +1 +50.0 % +1\n +SEBIDES +1 +0 +1 +1 +2 +1 +50.0 % +1", text)
    assert re.search(r"2026-T3 +1 +0 +0.0 %", text)


def test_every_form_names_the_cohort_the_cut_the_target_and_the_records_head(busy: Desk, tmp_path: Path) -> None:
    audit = json.loads(busy.run("audit", "--format", "json", code=3).out)  # its record runs backwards
    for form in reporting.Form:
        file = tmp_path / f"indicador.{form}"
        busy.run("report", "indicador", "--format", form, "-o", str(file), prepare=on(TODAY))
        data = file.read_bytes()
        text = "\n".join(pages(data)) if form == "pdf" else data.decode()
        text = re.sub(r"\\|\s+", lambda found: " " if found.group().isspace() else "", text)
        for fact in (
            audit["bitacora"]["huella"],
            "embedded",
            "2026-11-27",
            "8",
            "cuya solicitud se recibió del 1 de octubre",
        ):
            assert fact in text, (form, fact)


def test_programs_get_numbers_and_spreadsheets_get_rows_that_add_up(busy: Desk) -> None:
    value = json.loads(asked(busy, "indicador", "--format", "json"))
    assert (value["indicador"], value["corte"], value["en_curso"]) == (50.0, "2026-11-27", True)
    assert value["tablas"]["movimientos"]["total"]["recibidas"] == 4
    assert value["tablas"]["rezago"]["total"] == {
        "movimiento": "Total", "al_inicio": 1, "resueltas": 1, "desistidas": 0, "de_antes": 0, "del_trimestre": 2,
        "abiertas": 2,
    }  # fmt: skip
    table = rows(asked(busy, "indicador", "--format", "csv"))
    assert sum(int(row["recibidas"]) for row in table) == 4
    assert sum(int(row["resueltas"]) for row in table) == 2
    assert [row["no_conformes"] for row in table if row["dependencia"] == "SAF"] == ["1", "0"]
    assert {row["destino"] for row in table} == {"embedded"}


def test_a_quarter_that_is_over_ends_with_itself_and_shows_apart_what_came_after(busy: Desk) -> None:
    text = asked(busy, "indicador", "--trimestre", "2026-T3")
    assert "Indicador: 0.0 %  (0 de 1 órdenes recibidas" in text
    assert re.search(r"Corte +2026-09-30\n", text)
    assert re.search(r"Altas +1 +0 +0 +1 +1 +0.0 %", text)


def test_one_agency_may_be_asked_for_however_its_siglas_are_typed(busy: Desk) -> None:
    assert "(1 de 2 órdenes" in asked(busy, "indicador", "--dependencia", "sebides")
    assert "No hay una dependencia «SSP»" in asked(busy, "indicador", "--dependencia", "SSP", code=2)


def test_without_orders_it_says_so_instead_of_a_percentage(mesa: Desk) -> None:
    assert "Indicador: sin órdenes" in asked(mesa, "indicador")
    assert "Indicador: sin órdenes" in asked(mesa, "indicador", "--dependencia", "SAF")
    assert json.loads(asked(mesa, "indicador", "--format", "json"))["indicador"] is None
    table = rows(asked(mesa, "indicador", "--format", "csv"))
    assert [row["recibidas"] for row in table] == ["0", "0"]
    assert "sin órdenes" in "".join(pages(mesa_pdf(mesa)))


def mesa_pdf(mesa: Desk) -> bytes:
    file = mesa.forge.path.parent / "indicador.pdf"
    assert asked(mesa, "indicador", "-o", str(file)) == f"Guardado en {file}\n"
    return file.read_bytes()


def test_the_year_ends_by_sinaloas_clock(mesa: Desk) -> None:
    told(mesa, received(LATE, date(2026, 12, 31)))
    said_then = mesa.run("report", "indicador", prepare=lambda: vars(workspace).update(now=lambda: at(TODAY, 23)))
    assert re.search(r"Corte +2026-11-27", said_then.out)
    text = asked(mesa, "indicador", "--trimestre", "2026-T4", day=date(2027, 1, 1))
    assert asked(mesa, "indicador", "--trimestre", "anterior", day=date(2027, 1, 1)) == text
    assert "(0 de 1 órdenes" in text


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("indicador", "--trimestre", "2026-Q4"), "«2026-Q4» no sirve en «--trimestre»"),
        (("indicador", "--trimestre", "2027-T1"), "2027-T1 todavía no empieza"),
        (("movimientos", "--mes", "noviembre"), "«noviembre» no sirve en «--mes»"),
        (("movimientos", "--mes", "2026-12"), "2026-12 todavía no empieza"),
        (("indicador", "-o", "no/hay/carpeta.pdf"), "No se pudo escribir «no/hay/carpeta.pdf»"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_what_to_do(mesa: Desk, words: tuple[str, ...], answer: str) -> None:
    text = asked(mesa, *words, code=2)
    assert answer in text
    assert "Qué hacer:" in text


# --- on paper -------------------------------------------------------------------------------------------------------


def test_the_paper_has_its_number_its_chart_its_tables_and_a_line_for_the_director(mesa: Desk) -> None:
    director = "organizacion:\n  director:\n    nombre: Mariana Félix Castro\n    cargo: Directora de la DSCT\n"
    mesa.forge.pull_request({"cuentas.yaml": config(mesa.identity, director)})
    told(mesa, received(LATE, MONDAY), done(LATE, date(2026, 11, 4)))
    [first, *rest] = pages(mesa_pdf(mesa))
    assert "100.0 %" in first
    assert "Por trimestre, en %" in first
    assert "1/1" in first
    assert "Mariana Félix Castro" in rest[-1]
    assert "Directora de la DSCT" in rest[-1]
    assert "huella" in rest[-1]  # nobody signs a page on which nothing stands


def test_sixty_agencies_take_pages_that_each_have_their_heads(mesa: Desk) -> None:
    told(
        mesa,
        *(
            received(f"OT-2026-0000{n:04d}", MONDAY, f"persona{n}", dependencia=f"DEP{n:02d}", oficio=f"X/{n}/2026")
            for n in range(60)
        ),
    )
    found = pages(mesa_pdf(mesa))
    with_rows = [page for page in found if re.search(r"DEP\d\d", page)]
    assert len(with_rows) > 1
    assert all("Dependencia" in page for page in with_rows)
    assert len(set(re.findall(r"DEP\d\d", "".join(found)))) == 60


def test_a_pdf_is_not_poured_on_a_terminal(mesa: Desk) -> None:
    code, text = on_a_terminal(mesa, "report", "indicador", "--format", "pdf")
    assert code == 2
    assert "-o informe.pdf" in text
    piped = mesa_pdf(mesa)
    assert piped.startswith(b"%PDF")


def test_a_file_that_cannot_be_finished_leaves_the_one_that_was_there(mesa: Desk) -> None:
    folder = mesa.forge.path.parent / "informes"
    folder.mkdir()
    file = folder / "indicador.json"
    file.write_text("el de ayer", "utf-8")

    def full() -> None:
        on(TODAY)()

        def no_room(_: int) -> None:
            raise OSError(28, "No space left on device")

        vars(os)["fsync"] = no_room

    said_so = mesa.run("report", "indicador", "-o", str(file), code=2, prepare=full)
    assert "No se pudo escribir" in said_so.err
    assert [one.name for one in folder.iterdir()] == ["indicador.json"]
    assert file.read_text("utf-8") == "el de ayer"
    asked(mesa, "indicador", "-o", str(file))
    assert json.loads(file.read_text("utf-8"))["informe"] == "indicador"
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_spreadsheet_runs_nothing_of_what_it_is_given(mesa: Desk) -> None:
    told(mesa, received(LATE, MONDAY, oficio='=cmd|"/c calc"!A1'), done(LATE, date(2026, 11, 4)))
    [row] = rows(asked(mesa, "movimientos", "--format", "csv"))
    assert row["oficio"] == '\'=cmd|"/c calc"!A1'


# --- late altas -----------------------------------------------------------------------------------------------------


def test_a_late_alta_is_listed_with_its_term_and_what_is_missing(busy: Desk) -> None:
    text = asked(busy, "no-conformes")
    assert re.search(rf"{LATE} +juan.perez +SAF +2026-11-02 +2026-11-09 +13 +todavía no", text)
    assert ON_TIME not in text
    assert "falta que se aplique y se compruebe" in text
    [row] = rows(asked(busy, "no-conformes", "--trimestre", "2026-T4", "--format", "csv"))
    assert (row["orden"], row["vencio"], row["dias_de_retraso"], row["causa"]) == (LATE, "2026-11-09", "13", "")
    early = json.loads(asked(busy, "no-conformes", "--format", "json", day=date(2026, 11, 9)))
    assert (early["altas"], early["tablas"]["datos"]["filas"]) == (0, [])


def test_the_institutions_days_off_lengthen_the_term(busy: Desk) -> None:
    more = "plazos:\n  alta_habiles: 5\n  dias_inhabiles: [2026-11-03/2026-11-27]\n"
    busy.forge.pull_request({"cuentas.yaml": config(busy.identity, more)})
    assert "Ninguna alta con retraso." in asked(busy, "no-conformes")


def test_an_impossible_day_off_is_a_problem_of_the_configuration(mesa: Desk) -> None:
    more = "plazos:\n  dias_inhabiles: [2026-12-21/2026-12-20]\n"
    mesa.forge.pull_request({"cuentas.yaml": config(mesa.identity, more)})
    said_so = mesa.run("validate", code=2)
    assert "cuentas.yaml:5" in said_so.err + said_so.out
    assert "termina antes de empezar" in said_so.err + said_so.out


# --- cause and treatment ------------------------------------------------------------------------------------------


def treat(mesa: Desk, *words: str, code: int = 0, order: str = LATE) -> str:
    run = mesa.run("order", "treat", order, *words, code=code, prepare=on(TODAY))
    return run.out if code == 0 else run.err


def test_cause_and_treatment_go_on_record_after_the_delay_itself_and_once(busy: Desk) -> None:
    assert "consta la causa «espera-enlace»" in treat(busy, *TREATED)
    assert "sustituye a lo que constaba" in treat(busy, "--causa", "otra", "--tratamiento", "Se volvió a llamar.")
    late = [event for event in busy.record() if event["kind"].startswith("no_conforme")]
    assert [(one["kind"], one["key"]) for one in late] == [
        ("no_conforme", "juan.perez"),
        ("no_conforme_tratada", "juan.perez"),
        ("no_conforme_tratada", "juan.perez"),
    ]
    assert late[0]["data"] == {"orden": LATE, "vence": "2026-11-09", "destino": "embedded"}
    assert late[2]["data"]["causa"] == "otra"


def test_a_treated_delay_is_attended_to_once_its_order_is_closed(busy: Desk) -> None:
    treat(busy, *TREATED)
    told(busy, done(LATE, date(2026, 11, 26)))
    waiting = asked(busy, "no-conformes", "--abiertos")
    assert "Se esperó respuesta del enlace" in waiting
    assert "falta cerrar la orden" in waiting
    told(busy, said(EventKind.ORDER_CLOSED, TODAY, LATE))
    assert "Ninguna alta con retraso." in asked(busy, "no-conformes", "--abiertos")
    [row] = rows(asked(busy, "no-conformes", "--format", "csv"))
    assert (row["creada"], row["tratada"], row["cerrada"], row["falta"]) == (
        "2026-11-26",
        "2026-11-27",
        "2026-11-27",
        "",
    )
    assert "ya está cerrada" in treat(busy, *TREATED, code=3)


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ((), "Falta la causa"),
        (("--causa", "pereza"), "«pereza» no está en el catálogo"),
        (("--causa", "otra"), "Falta el tratamiento"),
        (("--causa", "otra", "--tratamiento", " ya  "), "demasiado corto"),
        (("--causa", "otra", "--tratamiento", "Se creó. " * 80), "pasa de 500"),
        (("--causa", "otra", "--tratamiento", "La CURP PEPJ800101HSLRRN09 venía mal."), "CURP"),
        (("--causa", "otra", "--tratamiento", "Se avisó a juan@gmail.com y contestó."), "correo ajeno"),
        (("--causa", "otra", "--tratamiento", "Se creó \u202eatneuc al\u202c hoy."), "no se ven"),
    ],
)
def test_what_is_missing_or_does_not_belong_on_record_is_refused(
    busy: Desk, words: tuple[str, ...], answer: str
) -> None:
    before = busy.record()
    text = treat(busy, *words, code=2)
    assert answer in text
    assert "espera-enlace" in text or "--causa" in words
    assert busy.record() == before


@pytest.mark.parametrize(
    ("order", "answer"),
    [
        (ON_TIME, "su plazo vencía el 2026-11-09 y se cumplió"),
        ("OT-2026-0000CCCC", "es una baja"),
        ("OT-2026-0000DDDD", "no tiene su oficio"),
        ("OT-2026-ZZZZZZZZ", "No hay una orden"),
    ],
)
def test_only_a_late_alta_is_treated(busy: Desk, order: str, answer: str) -> None:
    assert answer in treat(busy, *TREATED, code=2, order=order)


def test_on_a_terminal_it_asks_for_the_cause_and_the_treatment(mesa: Desk) -> None:
    told(mesa, received(LATE, MONDAY))
    answers = [(b"Causa del retraso", b"\x1b[B\r"), (b"Tratamiento", "Se llamó al enlace.\r".encode())]
    code, text = on_a_terminal(mesa, "order", "treat", LATE, answers=answers)
    assert code == 0, text
    [treated] = [one for one in mesa.record() if one["kind"] == "no_conforme_tratada"]
    assert (treated["data"]["causa"], treated["data"]["tratamiento"]) == ("espera-enlace", "Se llamó al enlace.")


def on_a_terminal(mesa: Desk, *words: str, answers: list[tuple[bytes, bytes]] | None = None) -> tuple[int, str]:
    """Run a command on a terminal of its own, and type each answer once its question is there."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(mesa.forge.path)
        os.execve(COMMAND[0], [*COMMAND, *words], surroundings() | {"TERM": "xterm"})  # noqa: S606 -- as in test_apply
    text, left = b"", list(answers or [])
    with contextlib.suppress(OSError):  # what a terminal says once nobody is behind it
        while data := os.read(terminal, 4096):
            text += data
            if b"\x1b[6n" in data:  # where the cursor is, which a real terminal answers
                os.write(terminal, b"\x1b[1;1R")
            if left and left[0][0] in text:
                os.write(terminal, left.pop(0)[1])
    os.close(terminal)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), text.decode()


# --- what a run says of it ----------------------------------------------------------------------------------------


def test_a_run_puts_delays_on_record_once_although_it_has_nothing_else_to_do(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    told(mesa, received(LATE, MONDAY, "ana.ruiz", oficio="SAF/2/2026"))
    assert f"con retraso: {LATE}" in mesa.run("apply", "--yes").out
    again = mesa.run("apply", "--yes").out
    assert "Nada que hacer." in again
    late = [one["data"] for one in mesa.record() if one["kind"] == "no_conforme" and one["key"] == "ana.ruiz"]
    assert late == [{"orden": LATE, "vence": "2026-11-09", "destino": "embedded"}]


def test_an_alta_that_was_made_late_is_not_closed_before_its_cause_and_treatment(mesa: Desk) -> None:
    told(mesa, received(LATE, MONDAY), done(LATE, date(2026, 11, 26)))
    refused = mesa.run("order", "close", LATE, code=3, prepare=on(TODAY)).err
    assert "la causa y el tratamiento del retraso" in refused
    assert f"cuentas order treat {LATE}" in refused
    assert [one["kind"] for one in mesa.record()][-1] == "no_conforme"
    treat(mesa, *TREATED)
    mesa.run("order", "close", LATE, prepare=on(TODAY))
    assert [one["kind"] for one in mesa.record()][-1] == "orden_cerrada"


def test_an_alta_that_was_made_in_time_is_closed_as_ever(mesa: Desk) -> None:
    told(mesa, received(ON_TIME, MONDAY), done(ON_TIME, date(2026, 11, 9)))
    mesa.run("order", "close", ON_TIME, prepare=on(TODAY))
    assert [one["kind"] for one in mesa.record()][-1] == "orden_cerrada"


# --- the month ----------------------------------------------------------------------------------------------------


def test_the_month_counts_what_was_done_in_it_by_agency_and_lists_the_accounts(busy: Desk) -> None:
    text = asked(busy, "movimientos", "--mes", "2026-11")
    assert re.search(r"SAF +1 +0 +0 +1\n +SEBIDES +0 +0 +1 +1\n.*\n +Total +1 +0 +1 +2", text)
    assert re.search(r"2026-11-04 +alta +ana.ruiz +SAF +SAF/BBBB/2026 +OT-2026-0000BBBB", text)
    assert "raul.paz" not in text
    october = rows(asked(busy, "movimientos", "--mes", "2026-10", "--format", "csv"))
    assert [(row["fecha"], row["cuenta"]) for row in october] == [("2026-10-05", "raul.paz")]
    assert "No hubo altas ni bajas" in asked(busy, "movimientos", "--mes", "2026-08")


def test_a_reincorporation_is_counted_apart(mesa: Desk) -> None:
    oficios = tuple(f"SAF/{n}/2026" for n in (1, 2, 3))
    gone = {"juan.perez": leaving(JUAN["juan.perez"])}
    back = {"juan.perez": JUAN["juan.perez"] | {"alta": "SAF/3/2026"}}
    for people in ((JUAN, ANA), (gone, ANA), (back, ANA)):
        mesa.forge.pull_request({SAF: saf(*people, oficios=oficios)})
        mesa.run("apply", "--yes")
    value = json.loads(mesa.run("report", "movimientos", "--format", "json", "--dependencia", "saf").out)
    made = sorted((one["cuenta"], one["movimiento"]) for one in value["tablas"]["cuentas"]["filas"])
    assert made == [
        ("ana.ruiz", "alta"),
        ("juan.perez", "alta"),
        ("juan.perez", "baja"),
        ("juan.perez", "reincorporación"),
    ]
    assert (value["altas"], value["reincorporaciones"], value["bajas"]) == (2, 1, 1)


def test_what_is_done_against_another_target_is_not_told_here(busy: Desk) -> None:
    there = done(LATE, date(2026, 11, 10))
    told(busy, Event(kind=there.kind, at=there.at, run="r9", key=there.key, data={**there.data, "destino": "ad"}))
    text = asked(busy, "movimientos")
    assert LATE not in text
    assert "OT-2026-0000CCCC" in text


def test_a_report_counts_what_other_clones_published_and_says_when_it_could_not_ask(mesa: Desk) -> None:
    forge, origin = mesa.forge, mesa.forge.path.parent / "origin.git"
    forge.git("init", "--quiet", "--bare", "--initial-branch=main", str(origin), inside=False)
    forge.git("remote", "add", "origin", str(origin))
    told(mesa, received(ON_TIME, MONDAY))
    forge.git("push", "--quiet", "origin", "main", "bitacora")
    other = mesa.forge.path.parent / "dos"
    forge.git("clone", "--quiet", str(origin), str(other), inside=False)
    mesa.run("order", "note", ON_TIME, "Se avisó a Presupuesto", prepare=on(TODAY))
    words = ("report", "indicador", "--format", "json")
    before = json.loads(mesa.run(*words, prepare=on(TODAY)).out)
    there = json.loads(mesa.run(*words, at=other, prepare=on(TODAY)).out)
    assert (there["eventos"], there["bitacora"]) == (before["eventos"], before["bitacora"])
    assert not there["sin_preguntar"]
    origin.rename(origin.with_name("aparte"))
    alone = mesa.run("report", "indicador", at=other, prepare=on(TODAY))
    assert "no se pudo preguntar al remoto si hay más" in alone.out
    assert json.loads(mesa.run(*words, at=other, prepare=on(TODAY)).out)["sin_preguntar"]


def test_what_was_signed_is_had_again_from_its_digest_whatever_was_recorded_since(mesa: Desk) -> None:
    told(mesa, received(ON_TIME, MONDAY), done(ON_TIME, MONDAY))
    signed = json.loads(asked(mesa, "indicador", "--format", "json"))
    told(mesa, received(LATE, MONDAY, "ana.ruiz"))
    now_it_is = json.loads(asked(mesa, "indicador", "--format", "json"))
    assert (signed["indicador"], now_it_is["indicador"]) == (100.0, 50.0)
    for digest in (signed["bitacora"], f" {signed['bitacora'][:12].upper()}"):
        assert json.loads(asked(mesa, "indicador", "--hasta", digest, "--format", "json")) == signed
    for wrong in ("0" * 64, signed["bitacora"][:4], ""):
        assert "no hay un hecho con la huella" in asked(mesa, "indicador", "--hasta", wrong, code=2)
    assert ON_TIME in asked(mesa, "movimientos", "--mes", "2026-11", "--hasta", signed["bitacora"])
    assert "Ninguna alta con retraso" in asked(mesa, "no-conformes", "--hasta", signed["bitacora"])
