"""Which change of an entry needs an oficio, the same for whoever reviews and whoever audits."""

from __future__ import annotations

import json

import pytest

from reconciler.declaration.models import CuentaYaml
from reconciler.model import OFICIOS
from reconciler.oficios import lacking, named
from tests.cli.desk import JUAN, SAF, Desk, leaving, saf
from tests.cli.pulls import FIVE, codes, proposed

BEFORE = {"nombre": "Juan", "alta": "SAF/1/2026"}
OTHERS = sorted({field.alias or name for name, field in CuentaYaml.model_fields.items()} - {*OFICIOS})


@pytest.mark.parametrize("field", OTHERS)
def test_no_field_may_change_unasked(field: str) -> None:
    after = BEFORE | {field: "otra cosa"}
    assert lacking(BEFORE, after, moved=False) == "cambio"
    assert lacking(after, BEFORE, moved=False) == "cambio"
    assert lacking(BEFORE, after | {"cambio": "SAF/2/2026"}, moved=False) is None


def test_another_spelling_is_no_other_oficio() -> None:
    assert named(BEFORE, BEFORE | {"alta": "saf-1-2026"}) == {}
    assert lacking(BEFORE, BEFORE | {"alta": "saf-1-2026"}, moved=False) == "cambio"
    assert lacking(BEFORE, BEFORE, moved=False) is None


def test_who_comes_back_or_changes_agency_is_asked_for_by_alta() -> None:
    gone = BEFORE | {"baja": "SAF/2/2026"}
    assert lacking(BEFORE, gone, moved=False) is None
    assert lacking(gone, BEFORE | {"cambio": "SAF/3/2026"}, moved=False) == "alta"
    assert lacking(gone, BEFORE | {"alta": "SAF/3/2026"}, moved=False) is None
    assert lacking(BEFORE, BEFORE | {"cambio": "SAF/3/2026"}, moved=True) == "alta"


@pytest.mark.parametrize(
    "fields",
    [
        {"vigencia": "2099-12-31"},
        {"existente": "true"},
        {"avisar_a": "juan.p@sinaloa.gob.mx"},
    ],
)
def test_what_a_review_stops_for_want_of_an_oficio_an_audit_finds_and_nothing_else(
    mesa: Desk, fields: dict[str, str]
) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN, oficios=FIVE)})
    entry = {"juan.perez": JUAN["juan.perez"] | fields}
    proposed(mesa, {SAF: saf(entry, oficios=FIVE)})
    assert "cambio-sin-oficio" in codes(mesa, 2)
    mesa.forge.pull_request({SAF: saf(entry, oficios=FIVE)})
    assert "oficio/sin-nombrar" in _audited(mesa)


def test_what_a_review_lets_through_an_audit_does_too(mesa: Desk) -> None:
    gone = {"juan.perez": leaving(JUAN["juan.perez"])}
    reason = {"juan.perez": gone["juan.perez"] | {"motivo_baja": "Otra", "cambio": "SAF/3/2026"}}
    back = {"juan.perez": JUAN["juan.perez"] | {"alta": "SAF/4/2026"}}
    for entry in (JUAN, gone, reason, back):
        proposed(mesa, {SAF: saf(entry, oficios=FIVE)})
        assert codes(mesa, 0) == []
        mesa.forge.pull_request({SAF: saf(entry, oficios=FIVE)})
    assert _audited(mesa) == set()


def _audited(mesa: Desk) -> set[str]:
    said = mesa.run("audit", "--sin-destino", "--format", "json", code=None).out
    return {one["codigo"] for one in json.loads(said)["hallazgos"]}
