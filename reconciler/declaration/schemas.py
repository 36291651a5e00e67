"""JSON Schemas of the declarations and of cuentas.yaml, generated from the models, for editors and CI."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from reconciler.audit.document import Auditoria
from reconciler.config import Config
from reconciler.declaration.models import DependenciaYaml, ParteYaml

_SCHEMAS: Mapping[str, tuple[type[BaseModel], str]] = {
    "dependencia.schema.json": (DependenciaYaml, "Cuentas de correo oficial de una dependencia"),
    "parte.schema.json": (ParteYaml, "Una parte de las cuentas de una dependencia en forma de carpeta"),
    "cuentas.schema.json": (Config, "Configuración de cuentas"),
    "auditoria.schema.json": (Auditoria, "Una auditoría de cuentas («cuentas audit --format json»)"),
}


def schemas() -> Mapping[str, str]:
    """Return each schema's file name and text (JSON Schema, draft 2020-12)."""
    return {name: _text(model, title) for name, (model, title) in _SCHEMAS.items()}


class _ForEditors(GenerateJsonSchema):
    """As pydantic has it, without what an editor would show in vain: an optional field is left out, never null."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> dict[str, Any]:
        """Describe what the field holds where it is written."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> dict[str, Any]:
        """Show a default only where there is one to show."""
        described = super().default_schema(schema)
        if described.get("default", ...) is None:
            del described["default"]
        return described

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Leave titles out: they would repeat the field's name."""
        del schema
        return False


_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum"}
"""Bounds that pydantic leaves under its own names where a validator of ours reads the number first."""


def _text(model: type[BaseModel], title: str) -> str:
    body = model.model_json_schema(schema_generator=_ForEditors)
    for part in body.get("$defs", {}).values():
        part.pop("title")
        if model is Config or "enum" in part:  # their docstrings are for programmers, in English
            part.pop("description", None)
    described = _finished(body) | {"title": title}
    if model in {Config, Auditoria}:
        del described["description"]
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | described
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _finished(node: Any) -> Any:
    """Give bounds the names that JSON Schema has for them, and refuse keys that fit no pattern."""
    if isinstance(node, list):
        return [_finished(item) for item in node]
    if not isinstance(node, dict):
        return node
    done = {_BOUNDS.get(name, name): _finished(value) for name, value in node.items()}
    return done | ({"additionalProperties": False} if "patternProperties" in done else {})
