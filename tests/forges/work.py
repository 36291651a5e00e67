"""An adapter that asks a double, as cuentas.yaml would have it."""

from __future__ import annotations

from typing import Any

import yaml

from reconciler.config import Forja
from reconciler.forge.rest import RestForge
from reconciler.patience import Patience
from tests.lab.forge import ForgeDouble
from tests.letters import patient

MARK = "cuentas:solicitud"
BRANCH = "solicitud/una"


def config(double: ForgeDouble, **more: Any) -> Forja:
    """Return what reaches a double."""
    return Forja.model_validate(yaml.safe_load(double.config())["forja"] | more)


def adapter(double: ForgeDouble, patience: Patience | None = None, **more: Any) -> RestForge:
    """Return an adapter whose waits pass at once."""
    return RestForge(config(double, **more), "main", lambda: patience or patient(600))
