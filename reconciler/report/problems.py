"""What is wrong with a declaration or a pull request, for people, for programs, and where a forge shows it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from urllib.parse import quote

from reconciler.errors import Problem
from reconciler.report.inert import visible
from reconciler.trail import CONFIG

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def as_text(problems: Iterable[Problem], summary: str) -> str:
    """Return each problem on a line, with the name that the manual gives it, and what follows from all of them."""
    return "\n".join((*map(_line, problems), visible(summary))) + "\n"


def as_json(problems: Iterable[Problem]) -> str:
    """Return problems as a JSON list."""
    return json.dumps([asdict(one) for one in problems], ensure_ascii=False, indent=2) + "\n"


def as_annotations(problems: Iterable[Problem], summary: str) -> str:
    """Return problems as GitHub's workflow commands, each beside its line of the pull request; the summary last.

    What people wrote is escaped as the runner reads it (actions/toolkit, `command.ts`), so that it begins no command.
    """
    lines = [_command("error" if one.blocks else "warning", one) for one in problems]
    return "\n".join((*lines, f"::notice title=cuentas::{_data(visible(summary))}")) + "\n"


def as_sarif(problems: Sequence[Problem], version: str) -> str:
    """Return problems in SARIF 2.1.0 (OASIS); what is wrong with no file is shown on cuentas.yaml.

    Code scanning shows no result without a place.
    """
    codes = sorted({one.code for one in problems})
    run = {
        "tool": {
            "driver": {
                "name": "cuentas",
                "version": version,
                "rules": [{"id": code, "shortDescription": {"text": code}} for code in codes],
            }
        },
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, codes) for one in problems],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2) + "\n"


def is_file(place: str) -> bool:
    """Tell whether a problem's place is a file; what begins with a parenthesis stands for something else."""
    return bool(place) and not place.startswith("(")


def _line(one: Problem) -> str:
    place = f"{one.file}:{one.line}" if one.line else one.file
    return visible(f"{place}: {'error' if one.blocks else 'aviso'}: {one.message} {one.remedy} [{one.code}]")


def _command(name: str, one: Problem) -> str:
    values = {"file": one.file, "line": str(one.line)} if is_file(one.file) else {}
    if not one.line:
        values.pop("line", None)
    values["title"] = one.code
    said = ",".join(f"{key}={_property(visible(value))}" for key, value in values.items())
    return f"::{name} {said}::{_data(visible(f'{one.message} {one.remedy}'))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _result(one: Problem, codes: list[str]) -> dict[str, object]:
    place = one.file if is_file(one.file) else CONFIG
    where = "" if is_file(one.file) else f"{one.file} "
    return {
        "ruleId": one.code,
        "ruleIndex": codes.index(one.code),
        "level": "error" if one.blocks else "warning",
        "message": {"text": visible(f"{where}{one.message} {one.remedy}")},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(place.encode("utf-8", "surrogateescape"))},
                    "region": {"startLine": max(one.line, 1)},
                }
            }
        ],
    }
