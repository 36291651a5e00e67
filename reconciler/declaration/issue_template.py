"""The labels of an issue form, read from its own template: GitHub's YAML, which Gitea and Forgejo take too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

from reconciler.declaration import tree
from reconciler.declaration.problems import Problems
from reconciler.declaration.text import decode
from reconciler.errors import DeclarationError, Problem
from reconciler.model import Source
from reconciler.request import Request

_BOXES = frozenset(one.name for one in fields(Request)) - {"movimiento"}


def labels(data: bytes, path: str) -> Mapping[str, str]:
    """Return the label of every box that a template asks for, by the box, in its order.

    Raises:
        DeclarationError: it is no template, or asks for something that a request does not have.

    """
    problems = Problems()
    text = decode(data, path, problems)
    root = None if text is None else tree.parse(text, path, problems)
    body = root.entries.get("body") if root else None
    if not isinstance(body, tree.Sequence):
        raise _wrong(path, 1, "No es una plantilla de formulario: le falta «body».")
    found: dict[str, str] = {}
    for item in body.items:
        box, label = _text(item, "id"), _text(_inside(item, "attributes"), "label")
        if _text(item, "type") == "markdown":
            continue
        if box not in _BOXES or label is None or box in found or label in found.values():
            raise _wrong(
                path, item.line, f"El recuadro «{box}» no es de una solicitud, está repetido o no dice qué es."
            )
        found[box] = label
    return found


def _inside(node: tree.Node | None, name: str) -> tree.Node | None:
    return node.entries.get(name) if isinstance(node, tree.Mapping) else None


def _text(node: tree.Node | None, name: str) -> str | None:
    value = _inside(node, name)
    return value.value if isinstance(value, tree.Text) else None


def _wrong(path: str, line: int, message: str) -> DeclarationError:
    where = Source(path, line)
    remedy = "Cada «id» es un campo de la solicitud, y cada «label» es distinto (docs/operacion.md)."
    return DeclarationError((Problem(where.file, where.line, "plantilla", message, remedy),))
