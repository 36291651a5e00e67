"""JSON Schemas of the declarations and of cuentas.yaml, generated from the models, for editors and CI."""

from __future__ import annotations

import json
from collections.abc import Mapping

from pydantic import BaseModel

from reconciler.config import Config
from reconciler.declaration.models import DependenciaYaml, ParteYaml

_SCHEMAS: Mapping[str, tuple[type[BaseModel], str]] = {
    "dependencia.schema.json": (DependenciaYaml, "Cuentas de correo oficial de una dependencia"),
    "parte.schema.json": (ParteYaml, "Una parte de las cuentas de una dependencia en forma de carpeta"),
    "cuentas.schema.json": (Config, "Configuración de cuentas"),
}


def schemas() -> Mapping[str, str]:
    """Return each schema's file name and text (JSON Schema, draft 2020-12)."""
    return {name: _text(model, title) for name, (model, title) in _SCHEMAS.items()}


def _text(model: type[BaseModel], title: str) -> str:
    body = model.model_json_schema()
    document = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | body | {"title": title}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
