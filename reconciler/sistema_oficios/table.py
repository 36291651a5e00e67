"""Captures and answers as JSON and as CSV: written so that a spreadsheet runs nothing, read strictly."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.capture import Answer, Capture, clean_number
from reconciler.orders import Telling

_NEEDED = ("orden", "accion", "numero")
_KNOWN = frozenset(Capture.__slots__)
_FORMULAS = frozenset("=+-@＝＋－＠\t\r\n")
"""What makes a spreadsheet take a cell for a formula (OWASP, CSV Injection), full-width forms included."""

_MOST = 10_000
"""Answers that one file may hold."""


class MalformedError(Exception):
    """What was read is no answer; the text says why, in Spanish, and quotes nothing of it."""


def as_json(found: Capture) -> bytes:
    """Return a capture as one JSON object: what is left in files, and the body of a request."""
    return (json.dumps(found.fields(), ensure_ascii=False, indent=1) + "\n").encode()


def as_csv(found: Capture) -> bytes:
    """Return a capture as CSV with its header, in UTF-8 with the mark by which Excel knows accents."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    fields = found.fields()
    writer.writerow(fields)
    writer.writerow([_inert(value or "") for value in fields.values()])
    return out.getvalue().encode("utf-8-sig")


def _inert(cell: str) -> str:
    """Return a cell that is text to a spreadsheet: an apostrophe goes before what would be a formula."""
    return f"'{cell}" if cell.lstrip(" ")[:1] in _FORMULAS and cell else cell


def read_json(data: bytes, source: str) -> list[Answer]:
    """Return the answers of a file: one object, or a list of them.

    Raises:
        MalformedError: it is not that.

    """
    try:
        read = json.loads(data.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise MalformedError("no está en UTF-8") from None
    except (ValueError, RecursionError):
        raise MalformedError("no es JSON válido") from None
    return _answers(read if isinstance(read, list) else [read], source)


def read_csv(data: bytes, source: str) -> list[Answer]:
    """Return the answers of a file: a header and one row for each, separated by commas or semicolons.

    Raises:
        MalformedError: it is not that.

    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise MalformedError("no está en UTF-8 (en Excel: «CSV UTF-8»)") from None
    header = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=";" if ";" in header else ",", strict=True)
    try:
        names = [name.strip().lower() for name in next(rows, [])]
        return _answers(list(_records(names, rows)), source)
    except csv.Error:
        raise MalformedError("no es CSV válido") from None


def _records(names: list[str], rows: Iterator[list[str]]) -> Iterator[dict[str, str]]:
    if len(set(names)) != len(names):
        raise MalformedError("repite una columna")
    for row in rows:
        if not any(row):
            continue  # spreadsheets leave empty rows at the end
        if len(row) != len(names):
            raise MalformedError("tiene un renglón con más o menos celdas que el encabezado")
        yield dict(zip(names, (_plain(cell) for cell in row), strict=True))


def _plain(cell: str) -> str:
    """Return a cell without the apostrophe that `_inert` puts before a formula."""
    return cell[1:] if cell[:1] == "'" and cell[1:].lstrip(" ")[:1] in _FORMULAS and cell[1:] else cell


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise MalformedError("repite un campo")
    return found


def _no_constant(_: str) -> None:
    raise ValueError


def _answers(records: list[Any], source: str) -> list[Answer]:
    if not records:
        raise MalformedError("no trae ninguna respuesta")
    if len(records) > _MOST:
        raise MalformedError(f"trae más de {_MOST} respuestas")
    return [_answer(one, place, source) for place, one in enumerate(records, start=1)]


def _answer(record: Any, place: int, source: str) -> Answer:
    if not isinstance(record, Mapping) or any(name not in record for name in _NEEDED):
        raise MalformedError(f"a su respuesta {place} le falta {', '.join(_NEEDED[:2])} o {_NEEDED[2]}")
    if any(name not in _KNOWN for name in record):
        raise MalformedError(f"su respuesta {place} trae un campo que no existe")
    number = clean_number(record["numero"])
    if number is None:
        raise MalformedError(f"su respuesta {place} no trae en «numero» un número de orden, como texto")
    order, what = record["orden"], record["accion"]
    if not isinstance(order, str) or not isinstance(what, str) or what not in set(Telling):
        raise MalformedError(f"en su respuesta {place}, «accion» debe ser levantar o cerrar, y «orden», texto")
    return Answer(order.strip(), Telling(what), number, source)
