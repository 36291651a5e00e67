"""cuentas.yaml: the organisation's configuration, read as safely as the declarations."""

from __future__ import annotations

import re

from pydantic import BaseModel, ValidationError

from reconciler import config as config_module
from reconciler.config import Config
from reconciler.declaration import tree
from reconciler.declaration.problems import Problems
from reconciler.declaration.reading import plain, say
from reconciler.declaration.text import decode, unusual_lines
from reconciler.errors import DeclarationError
from reconciler.model import Source

_FIELDS = frozenset(
    name
    for section in vars(config_module).values()
    if isinstance(section, type) and issubclass(section, BaseModel)
    for name in section.model_fields
)
"""Every field of every section, to guess which one somebody meant."""


def load_config(data: bytes, path: str = "cuentas.yaml") -> Config:
    """Return the configuration that a cuentas.yaml says.

    Raises:
        DeclarationError: with every problem, file and line.

    """
    problems = Problems()
    text = decode(data, path, problems)
    root = None if text is None else tree.parse(text, path, problems)
    if root is not None:
        _refuse_empty(root, path, problems)
    config = None if root is None else _validated(root, path, problems)
    if text is not None:
        unusual_lines(text, path, problems)
    if config is None or problems.blocks:
        raise DeclarationError(problems.in_order())
    return config


def _refuse_empty(node: tree.Node, path: str, problems: Problems) -> None:
    """Say every value left empty: a text or a folder would take it for «», and nobody meant that."""
    if isinstance(node, tree.Text):
        where = Source(path, node.line)
        if not node.value.strip():
            problems.add(
                where,
                "vacio",
                "Hay un valor vacío.",
                "Escríbalo, o quite el renglón: lo que falta toma su valor de fábrica.",
            )
    else:
        for inner in node.items if isinstance(node, tree.Sequence) else node.entries.values():
            _refuse_empty(inner, path, problems)


def _validated(root: tree.Mapping, path: str, problems: Problems) -> Config | None:
    try:
        config = Config.model_validate(plain(root))
    except ValidationError as error:
        say(error.errors(), root, path, (), problems, known=_FIELDS, manual="docs/operacion.md")
        return None
    for siglas, pattern in config.patrones_oficio.items():
        try:
            re.compile(pattern)
        except re.error:
            patterns = root.entries["patrones_oficio"]
            assert isinstance(patterns, tree.Mapping)  # noqa: S101 -- or it would not be a valid Config
            where = Source(path, patterns.keys[siglas])
            problems.add(
                where, "patron", f"El patrón de {siglas} no es una expresión regular.", "Corríjalo o quítelo."
            )
    return config
