"""The operations manual tells the numbers that the code has."""

from __future__ import annotations

import re
from pathlib import Path

from reconciler.config import Limite, Limites

MANUAL = Path(__file__).parents[2] / "docs" / "operacion.md"


def test_the_limits_in_the_manual_are_those_of_the_code() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| (\d+ / \d+ / \d+) \| (\d+ / \d+ / \d+) \|$", MANUAL.read_text("utf-8"), re.MULTILINE
    )
    limits = Limites()
    assert rows == [
        (kind.value, _words(limit), _words(limits.total[kind])) for kind, limit in limits.dependencia.items()
    ]


def _words(limit: Limite) -> str:
    return f"{limit.maximo} / {limit.porcentaje:g} / {limit.libres}"
