"""The little of Jinja2 that a template may use: values, conditions and a few filters; every name known beforehand.

No loops, calls, operators, imports or attributes of objects: whoever proposes a template in a pull request has it
checked on our machines before anybody approved it, so that it can neither take long nor reach anything.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from reconciler.errors import Problem
from reconciler.letters.values import Values, names

_FILTERS = frozenset({"upper", "lower", "capitalize"})
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Const, nodes.If,
    nodes.CondExpr, nodes.Not, nodes.And, nodes.Or, nodes.Compare, nodes.Operand, nodes.Filter,
)  # fmt: skip
_DEEPEST = 16
"""Levels that what is compiled from a template surely has room for."""

_NUMBERS = frozenset({"integer", "float"})
_MANUAL = "docs/operacion.md, «Plantillas», dice qué se puede escribir."


def environment(*, html: bool) -> ImmutableSandboxedEnvironment:
    """Return where templates are rendered: nothing undefined passes, and in HTML every value is escaped."""
    made = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, autoescape=html, trim_blocks=True, lstrip_blocks=True, finalize=_on_one_line
    )
    made.globals.clear()
    return made


def _on_one_line(value: Any) -> Any:
    """Keep a value from beginning a block of its own; what is HTML already stays as it is."""
    return " ".join(value.split()) if type(value) is str else value


def problems(source: str, path: str, known: Values) -> Iterator[Problem]:
    """Yield everything wrong with a template, wherever its conditions lead."""
    try:
        found = list(_numbers(source, path)) or list(_judged(_parsed(source), path, frozenset(names(known))))
        if not found:
            _compiled(source, html=False)
        yield from found
    except TemplateSyntaxError as error:
        message = "Jinja no entiende la plantilla: hay llaves o condiciones mal escritas o sin cerrar."
        yield problem(path, error.lineno, "plantilla-rota", message, f"Revise este renglón. {_MANUAL}")
    except (RecursionError, MemoryError, SyntaxError):
        yield problem(path, 0, "plantilla-rota", "La plantilla anida demasiado.", "Simplifíquela.")


def _parsed(source: str) -> nodes.Template:
    return environment(html=False).parse(source)


def _numbers(source: str, path: str) -> Iterator[Problem]:
    """Yield every number, as it is written: to read one of thousands of digits is refused by Python itself."""
    for line, kind, _ in environment(html=False).lexer.tokeniter(source, None):
        if kind in _NUMBERS:
            yield _forbidden(path, line)


def mentions(source: str, name: str) -> bool:
    """Whether a template uses a value; one that cannot be understood is none to ask."""
    try:
        tree = _parsed(source)
    except (TemplateSyntaxError, RecursionError, ValueError):
        return True
    return any(one.name == name for one in tree.find_all(nodes.Name))


def _judged(node: nodes.Node, path: str, known: frozenset[str], depth: int = 0) -> Iterator[Problem]:
    if depth > _DEEPEST:
        yield problem(path, node.lineno, "plantilla-rota", "La plantilla anida demasiado.", "Simplifíquela.")
        return
    if isinstance(node, nodes.Name | nodes.Getattr):
        name = _dotted(node)
        if name not in known:
            yield _unknown(node, name, path, known)
        return
    if not isinstance(node, _ALLOWED) or not _plain(node):
        yield _forbidden(path, node.lineno)
        return
    for inner in node.iter_child_nodes():
        yield from _judged(inner, path, known, depth + 1)


def _plain(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Const):
        return isinstance(node.value, bool) or (isinstance(node.value, str) and node.value.isprintable())
    if isinstance(node, nodes.Filter):
        return node.name in _FILTERS and node.node is not None and not (node.args or node.kwargs)
    return True


def _forbidden(path: str, line: int) -> Problem:
    message = "Una plantilla solo lleva {{ valores }}, {% if %} y los filtros upper, lower y capitalize."
    return problem(path, line, "plantilla-prohibida", message, f"Quite lo demás. {_MANUAL}")


def _dotted(node: nodes.Node) -> str:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr):
        return f"{_dotted(node.node)}.{node.attr}"
    return "?"


def _unknown(node: nodes.Node, name: str, path: str, known: frozenset[str]) -> Problem:
    within = sorted(one for one in known if one.startswith(f"{name}."))
    near = [] if within else difflib.get_close_matches(name, sorted(known), n=1)
    there = f"Esta carta tiene: {', '.join(within or sorted(known))}."
    remedy = f"¿Quiso decir «{near[0]}»?" if near else there
    message = f"No hay un valor «{name}» en esta carta."
    return problem(path, node.lineno, "valor-desconocido", message, remedy)


def problem(path: str, line: int, code: str, message: str, remedy: str) -> Problem:
    """Return something wrong with a template."""
    return Problem(path, line, code, message, remedy)


def rendered(source: str, values: Values, *, html: bool = False, **more: Any) -> str:
    """Fill a template that was found sound."""
    return _compiled(source, html=html).render({**values, **more})


@lru_cache(maxsize=32)
def _compiled(source: str, *, html: bool) -> Template:
    return environment(html=html).from_string(source)
