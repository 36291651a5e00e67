"""The manual has every code that a pull request may be told, with its remedy; the guide's examples pass the rules."""

from __future__ import annotations

import ast
import re
from pathlib import Path

SOURCES = (
    *sorted(Path("reconciler/pull").glob("*.py")),
    Path("reconciler/cli/comparing.py"),
    Path("reconciler/cli/comparison.py"),
    Path("reconciler/cli/exposing.py"),
    Path("reconciler/cli/validating.py"),
    Path("reconciler/declaration/exposure.py"),
)
MAKERS = frozenset({"Problem", "_of", "_whole", "_problem"})
CODE = re.compile(r"[a-z]+(-[a-z]+)*")
MANUAL = Path("docs/operacion.md").read_text(encoding="utf-8")


def said() -> set[str]:
    """Return every code in the source: the first argument of what makes a problem that looks like one."""
    found = set()
    for source in SOURCES:
        for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS:
                texts = [
                    one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)
                ]
                found |= {text for text in texts[:1] if CODE.fullmatch(text)}
    return found


def test_the_manual_explains_every_code_and_no_other() -> None:
    section = MANUAL.partition("\n## Las reglas de un pull request\n")[2].partition("\n## ")[0]
    explained = re.findall(r"^\| `([a-z-]+)` \|", section, re.MULTILINE)
    assert len(explained) == len(set(explained))
    assert set(explained) == said()
