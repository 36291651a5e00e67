"""Words: whatever pydantic finds wrong is said in Spanish."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError
from pydantic_core import core_schema

from reconciler import declaration
from reconciler.config import Config
from reconciler.declaration.models import DependenciaYaml, ParteYaml
from reconciler.declaration.words import problem_words

RAISED: dict[str, tuple[str, ...]] = {
    "str": ("string_type", "string_too_short", "string_too_long", "string_pattern_mismatch"),
    "int": ("int_type", "int_parsing", "greater_than_equal", "less_than_equal", "greater_than", "less_than"),
    "float": ("float_type", "float_parsing", "greater_than_equal", "less_than_equal", "greater_than", "less_than"),
    "bool": ("bool_type",),
    "date": ("date_type",),
    "literal": ("literal_error",),
    "enum": ("enum",),
    "dict": ("dict_type",),
    "tuple": ("tuple_type", "too_short", "too_long"),
    "model": ("model_type",),
    "model-fields": ("missing", "extra_forbidden", "model_attributes_type"),
    "tagged-union": ("union_tag_invalid", "union_tag_not_found"),
    "function-after": ("value_error",),
    "function-before": ("value_error",),
    "lax-or-strict": ("path_type",),
}
"""What each kind of schema raises for texts, lists and mappings of texts (pydantic's «Validation Errors»)."""
NEUTRAL = {
    "default", "nullable", "model-field", "definitions", "definition-ref", "function-plain", "is-instance",
    "no-info", "json-or-python", "function-wrap", "chain", "union", "any",
}  # fmt: skip
SAID_ELSEWHERE = {"missing", "extra_forbidden"}
BOUNDS = dict.fromkeys(("ge", "gt", "le", "lt", "max_length", "min_length"), 1)
CONTEXT: dict[str, Any] = BOUNDS | {
    "error": "no sirve",
    "pattern": "^x$",
    "expected": "'a' or 'b'",
    "discriminator": "'via'",
}


def kinds(schema: Any) -> Iterator[str]:
    """Yield the kind of every validator in a core schema."""
    if isinstance(schema, dict):
        if isinstance(schema.get("type"), str):
            yield schema["type"]
        for name, value in schema.items():
            if name not in {"serialization", "metadata", "expected"}:
                yield from kinds(value)
    elif isinstance(schema, list | tuple):
        for item in schema:
            yield from kinds(item)


def used(model: type[BaseModel]) -> set[str]:
    """Return the kinds of validators that a model is made of."""
    schema: core_schema.CoreSchema = model.__pydantic_core_schema__
    return set(kinds(schema)) - NEUTRAL


@pytest.mark.parametrize("model", [DependenciaYaml, ParteYaml, Config])
def test_every_kind_of_validator_of_our_models_is_accounted_for(model: type[BaseModel]) -> None:
    assert used(model) <= RAISED.keys()


@pytest.mark.parametrize("kind", sorted({one for raised in RAISED.values() for one in raised} - SAID_ELSEWHERE))
def test_every_verdict_has_words_of_its_own(kind: str) -> None:
    said = problem_words({"type": kind, "loc": (), "msg": "", "input": "azul", "ctx": CONTEXT})
    assert "no es válido" not in said
    assert " or " not in said


def test_a_verdict_that_nobody_foresaw_is_still_said() -> None:
    assert problem_words({"type": "nuevo", "loc": (), "msg": "", "input": [], "ctx": {}}) == "lo que hay no es válido"


def patterns(node: Any) -> Iterator[str]:
    """Yield every pattern that a schema demands of a text."""
    if isinstance(node, dict):
        if isinstance(node.get("pattern"), str):
            yield node["pattern"]
        for name, value in node.items():
            if name == "patternProperties":
                yield from value
            yield from patterns(value)
    elif isinstance(node, list):
        for item in node:
            yield from patterns(item)


WRITTEN = [text for name, text in declaration.schemas().items() if name != "auditoria.schema.json"]
"""The schemas of what people write; an audit is written by us, and nobody is told of its patterns."""

PATTERNS = sorted({one for text in WRITTEN for one in patterns(json.loads(text))})


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_pattern_is_explained(pattern: str) -> None:
    said = problem_words(
        {"type": "string_pattern_mismatch", "loc": (), "msg": "", "input": "á", "ctx": {"pattern": pattern}}
    )
    assert "la forma debida" not in said


def test_numbers_say_their_bounds() -> None:
    with pytest.raises(ValidationError) as raised:
        Config.model_validate({"dominios": ["a.mx"], "limites": {"lectura_minima": "101"}})
    assert [problem_words(error) for error in raised.value.errors()] == ["«101» es más que el máximo, 100"]


def tagged(schema: Any) -> Iterator[tuple[str, list[str]]]:
    """Yield, for every choice between sections, the field that tells them apart and what it may say."""
    if isinstance(schema, dict):
        if schema.get("type") == "tagged-union":
            yield schema["discriminator"], list(schema["choices"])
        for value in schema.values():
            yield from tagged(value)
    elif isinstance(schema, list | tuple):
        for item in schema:
            yield from tagged(item)


def test_a_section_that_says_no_kind_is_told_every_kind_there_is() -> None:
    choices = list(tagged(Config.__pydantic_core_schema__))
    assert len(choices) == 3
    for field, tags in choices:
        context = {"discriminator": f"'{field}'"}
        said = problem_words({"type": "union_tag_not_found", "loc": (), "msg": "", "input": {}, "ctx": context})
        assert f"«{field}»" in said
        assert all(tag in said for tag in tags)
