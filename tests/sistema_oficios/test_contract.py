"""docs/sistema-oficios.md says what the code does."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

from reconciler import declaration
from reconciler.capture import Capture, capture
from reconciler.config import OficiosArchivo, OficiosHttp, OficiosManual
from reconciler.orders import Telling
from reconciler.sistema_oficios.service import CODES, LARGEST, ORDERS, STATUS, HttpSystem
from reconciler.sistema_oficios.table import as_json, read_csv, read_json
from tests.lab.oficios import OficiosServer
from tests.letters import patient
from tests.sistema_oficios.work import ZONE, closed, config, order

DOCS = Path(__file__).parents[2] / "docs"
CONTRACT = (DOCS / "sistema-oficios.md").read_text("utf-8")
MANUAL = (DOCS / "operacion.md").read_text("utf-8")
EXAMPLE = "OT-2026-7K3M9QWX"


def examples(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", CONTRACT, re.DOTALL)


def table(text: str, title: str) -> list[list[str]]:
    rows = text.partition(f"\n{title}\n")[2].partition("\n")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows.splitlines()]


def test_the_requests_shown_are_what_is_sent_to_the_byte(server: OficiosServer, folder: Path) -> None:
    done = closed(id=EXAMPLE, closed=datetime(2026, 3, 26, 4, 0, tzinfo=UTC), number="4512/2026")
    opening, closing = capture(order(id=EXAMPLE), Telling.OPEN, ZONE), capture(done, Telling.CLOSE, ZONE)
    assert examples("json peticion") == [as_json(opening).decode(), as_json(closing).decode()]
    system = HttpSystem(config(server, folder), ZONE, patient)
    system.tell(order(id=EXAMPLE), Telling.OPEN)
    system.close()
    path, headers, body = server.asked[0]
    assert path == f"/servicio{ORDERS}"
    assert body.decode() == examples("json peticion")[0]
    assert headers["Idempotency-Key"] == f"{EXAMPLE}/levantar"
    named = {name for row in table(CONTRACT, "| Encabezado | Valor |") for name in re.findall(r"`([\w-]+)`", row[0])}
    assert named <= set(headers)
    assert headers["Content-Type"] in CONTRACT


def test_every_field_and_every_code_is_told_with_its_words() -> None:
    assert [row[0].strip("`") for row in table(CONTRACT, "| Campo | Qué es |")] == list(Capture.__slots__)
    codes = {
        row[0].strip("`"): row[1] for row in table(CONTRACT, "| `codigo` | Lo que se le dice a la Mesa de Ayuda |")
    }
    assert codes == CODES
    assert [json.loads(one)["codigo"] in CODES for one in examples("json rechazo")] == [True]
    assert f"`POST {ORDERS}`" in CONTRACT
    assert f"`GET {STATUS}`" in CONTRACT
    assert f"{LARGEST >> 10} KiB" in CONTRACT


def test_the_answers_shown_are_read() -> None:
    assert [one.numero for one in read_json(examples("json respuestas")[0].encode(), "x")] == [
        "4512/2026",
        "4490/2026",
    ]
    assert [one.numero for one in read_csv(examples("csv")[0].encode(), "x")] == ["4512/2026"]
    assert [one.orden for one in read_json(examples("json respuesta")[0].encode(), "x")] == [EXAMPLE]


def test_the_manual_shows_every_mode_and_tells_every_field() -> None:
    shown = re.findall(r"```yaml\n(sistema_oficios:.*?)```", MANUAL, re.DOTALL)
    read = [declaration.load_config(f"dominios: [sinaloa.gob.mx]\n{one}".encode()).sistema_oficios for one in shown]
    assert [one.modo for one in read] == ["manual", "archivo", "http"]
    fields = {name for kind in (OficiosManual, OficiosArchivo, OficiosHttp) for name in kind.model_fields}
    told = table(MANUAL, "| Del Sistema de Oficios | Qué es |")
    assert {row[0].strip("`") for row in told} == fields
    assert read[2].model_fields_set == set(OficiosHttp.model_fields)
