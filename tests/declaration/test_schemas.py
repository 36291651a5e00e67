"""JSON Schemas: generated from the models, committed, and of use in an editor."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from reconciler import declaration
from reconciler.config import Config
from reconciler.declaration.models import CuentaYaml, DependenciaYaml, EnlaceYaml, EntregaYaml, OficioYaml, ParteYaml
from reconciler.model import Tipo

SCHEMAS = {name: json.loads(text) for name, text in declaration.schemas().items()}
DEPENDENCIA = SCHEMAS["dependencia.schema.json"]
CUENTA = DEPENDENCIA["$defs"]["CuentaYaml"]
PARTS: dict[str, type[BaseModel]] = {
    "CuentaYaml": CuentaYaml, "EnlaceYaml": EnlaceYaml, "EntregaYaml": EntregaYaml, "OficioYaml": OficioYaml,
}  # fmt: skip


def nodes(node: Any) -> Iterator[dict[str, Any]]:
    """Yield every object of a schema."""
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from nodes(value)
    elif isinstance(node, list):
        for item in node:
            yield from nodes(item)


def test_the_committed_schemas_are_those_of_the_models() -> None:
    committed = {path.name: path.read_text(encoding="utf-8") for path in Path("schemas").iterdir()}
    assert committed == dict(declaration.schemas()), "corra «cuentas schema»"


@pytest.mark.parametrize("name", PARTS)
def test_a_schema_has_the_fields_of_its_model_in_their_order(name: str) -> None:
    assert list(DEPENDENCIA["$defs"][name]["properties"]) == list(PARTS[name].model_fields)


def test_the_roots_have_the_fields_of_their_models() -> None:
    roots: dict[str, type[BaseModel]] = {"dependencia": DependenciaYaml, "parte": ParteYaml, "cuentas": Config}
    for name, model in roots.items():
        assert list(SCHEMAS[f"{name}.schema.json"]["properties"]) == list(model.model_fields)


def test_what_a_whole_file_has_to_say_a_part_may_leave_out() -> None:
    assert DEPENDENCIA["required"] == ["dependencia", "siglas"]
    assert "required" not in SCHEMAS["parte.schema.json"]


def test_every_field_of_a_declaration_is_described_for_whoever_writes_it() -> None:
    for part in (DEPENDENCIA, *(DEPENDENCIA["$defs"][name] for name in PARTS)):
        assert part["description"]
        for name, field in part["properties"].items():
            assert field["description"].endswith("."), name


def test_scalars_show_the_type_that_an_editor_checks() -> None:
    fields = CUENTA["properties"]
    assert (fields["cuota_mb"]["type"], fields["cuota_mb"]["minimum"]) == ("integer", 1)
    assert fields["existente"]["type"] == "boolean"
    assert fields["vigencia"] == fields["vigencia"] | {"type": "string", "format": "date"}
    assert DEPENDENCIA["$defs"]["Tipo"] == {"enum": [tipo.value for tipo in Tipo], "type": "string"}


def test_a_baja_and_its_reason_go_together_in_an_editor_too() -> None:
    assert CUENTA["dependentRequired"] == {"baja": ["motivo_baja"], "motivo_baja": ["baja"]}


def test_nothing_is_null_and_no_unknown_key_passes() -> None:
    for schema in SCHEMAS.values():
        for node in nodes(schema):
            assert node.get("type") != "null"
            assert "default" not in node or node["default"] is not None
            assert {"ge", "le", "gt", "lt"}.isdisjoint(node)
            if "patternProperties" in node or ("properties" in node and node.get("type") == "object"):
                assert node["additionalProperties"] is False


def test_every_reference_leads_somewhere() -> None:
    for schema in SCHEMAS.values():
        for node in nodes(schema):
            reference = node.get("$ref")
            if isinstance(reference, str):
                assert reference.removeprefix("#/$defs/") in schema["$defs"]
