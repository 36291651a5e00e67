"""Issues of the forge, read strictly: what its form writes is a request, and anything else is refused."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from reconciler.declaration.issue_template import labels
from reconciler.errors import DeclarationError, UsageError
from reconciler.issue_form import LARGEST_BODY, LARGEST_EVENT, Form, issue_of, parse
from reconciler.model import Movimiento
from reconciler.request import LABELS, Request

TEMPLATES = Path(__file__).parents[1] / ".github" / "ISSUE_TEMPLATE"


def form(movement: Movimiento) -> Form:
    path = TEMPLATES / f"{movement}.yml"
    return Form(movement, labels(path.read_bytes(), path.name))


FORMS = tuple(form(one) for one in Movimiento)
ALTA, BAJA = FORMS


def written(one: Form, values: Mapping[str, str], *, end: str = "", empty: str = "_No response_") -> str:
    """Return the body that a forge writes for a form; `end` is what Gitea puts after the last value."""
    return "\n\n".join(f"### {label}\n\n{values.get(box) or empty}" for box, label in one.labels.items()) + end


FILLED = {"dependencia": "SAF", "tipo": "personal", "nombre": "Juan", "apellidos": "Pérez López"}


@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_what_a_forge_writes_is_read_back(end: str, ends: str) -> None:
    body = written(ALTA, FILLED, end=end).replace("\n", ends)
    assert parse(body, FORMS) == Request(movimiento=Movimiento.ALTA, **FILLED)


def test_an_issue_is_read_from_its_event_and_from_what_the_forges_api_gives() -> None:
    alone = {"number": 12, "body": "x", "user": {"login": "lbeltran"}}
    assert issue_of(json.dumps({"action": "opened", "issue": alone}).encode()) == issue_of(json.dumps(alone).encode())


def test_the_form_is_told_by_its_labels() -> None:
    values = {"dependencia": "SAF", "clave": "juan.perez", "nombre": "Juan Pérez", "motivo_baja": "Renuncia"}
    assert parse(written(BAJA, values), FORMS) == Request(movimiento=Movimiento.BAJA, **values)


LINE = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=80).map(str.strip)


@given(st.fixed_dictionaries(dict.fromkeys(ALTA.labels, LINE)))
def test_any_line_of_text_comes_back_as_it_was_typed_or_is_refused(values: dict[str, str]) -> None:
    try:
        found = parse(written(ALTA, values), FORMS)
    except UsageError:
        assert any("<!--" in one or one.startswith("###") for one in values.values())
        return
    for box, value in values.items():
        assert getattr(found, box) == ("" if value in {"_No response_", "*No response*", "None"} else value)


@given(st.text(max_size=400))
def test_no_text_at_all_breaks_the_reading(text: str) -> None:
    for body in (text, written(ALTA, {"puesto": text}), f"{text}\n\n{written(BAJA, {})}"):
        with contextlib.suppress(UsageError):
            assert parse(body, FORMS).movimiento in Movimiento


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (written(ALTA, FILLED) + "\n\n### Nombre\n\nOtro", "dos veces «Nombre»"),
        (written(ALTA, {**FILLED, "puesto": "Analista\n\n### Motivo de la baja\n\nx"}), "no es del formulario"),
        (written(ALTA, {**FILLED, "puesto": "Analista\n  baja: X"}), "varios renglones"),
        (written(ALTA, {**FILLED, "puesto": "A <!-- oculto -->"}), "comentario oculto"),
        ("Hola\n\n" + written(ALTA, FILLED), "antes de su primer recuadro"),
        (written(ALTA, FILLED).replace("### Puesto\n\n_No response_\n\n", ""), "le falta el recuadro «Puesto»"),
        (written(ALTA, {**FILLED, "puesto": "x" * 501}), "pasa de 500"),
        ("x" * (LARGEST_BODY + 1), "caracteres"),
        ("", "ningún formulario"),
        ("### Otra cosa\n\nx", "ningún formulario"),
    ],
)
def test_what_the_form_did_not_write_is_refused_with_its_reason(body: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        parse(body, FORMS)


@pytest.mark.parametrize(
    ("number", "read"), [(12, 12), ("12", None), (True, None), (0, None), (-1, None), (1.5, None), (1 << 60, None)]
)
def test_an_issue_is_answered_under_its_number_and_under_nothing_else(number: object, read: int | None) -> None:
    told = {"body": "texto", "user": {"login": "lbeltran"}, "number": number}
    assert issue_of(json.dumps({"issue": told}).encode()).number == read


def test_an_event_says_what_was_written_and_by_whom() -> None:
    found = issue_of(json.dumps({"issue": {"body": "texto", "user": {"login": "lbeltran"}}}).encode())
    assert (found.body, found.author) == ("texto", "lbeltran")


@pytest.mark.parametrize(
    "event",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"[" * 100_000,
        b'{"issue": {"body": null, "user": {"login": "x"}}}',
        b'{"issue": {"body": "x", "user": null}}',
        b'{"issue": {"body": "x", "user": {"login": "a b\\n"}}}',
        b'{"pull_request": {}}',
        b"\xff\xfe",
        b" " * (LARGEST_EVENT + 1),
    ],
)
def test_what_is_no_event_of_an_issue_is_refused(event: bytes) -> None:
    with pytest.raises(UsageError):
        issue_of(event)


def template(movement: Movimiento) -> Any:
    return yaml.safe_load((TEMPLATES / f"{movement}.yml").read_text("utf-8"))


@pytest.mark.parametrize("movement", Movimiento)
def test_the_templates_are_issue_forms_as_github_takes_them(movement: Movimiento) -> None:
    whole = template(movement)
    assert set(whole) == {"name", "description", "title", "body"}
    for item in whole["body"]:
        kind, attributes = item["type"], item["attributes"]
        if kind == "markdown":
            assert set(item) == {"type", "attributes"}
            assert attributes["value"]
            continue
        assert set(item) <= {"type", "id", "attributes", "validations"}
        assert kind in {"input", "dropdown"}  # no text area: every box is one line
        allowed = {"options"} if kind == "dropdown" else {"placeholder"}
        assert set(attributes) <= {"label", "description"} | allowed
        assert kind == "input" or len(attributes["options"]) == len(set(attributes["options"])) > 1
        assert set(item.get("validations", {})) <= {"required"}


@pytest.mark.parametrize("one", FORMS)
def test_the_labels_of_the_templates_are_what_boxes_are_called_everywhere(one: Form) -> None:
    assert one.labels == {box: LABELS[box] for box in one.labels}


def test_the_options_of_the_templates_are_those_that_a_declaration_takes() -> None:
    options = {
        item["id"]: item["attributes"]["options"]
        for movement in Movimiento
        for item in template(movement)["body"]
        if item["type"] == "dropdown"
    }
    assert options.pop("dependencia") == ["SAF", "SALUD", "SEBIDES", "SEPyC"]
    assert options == {
        "tipo": ["personal", "compartida", "recurso"],
        "recurso": ["sala", "equipo"],
        "entrega": ["impresa", "correo"],
        "entrega_a": ["enlace", "interesado"],
    }


def test_blank_issues_are_off() -> None:
    assert yaml.safe_load((TEMPLATES / "config.yml").read_text("utf-8")) == {"blank_issues_enabled": False}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name: x\n",
        "body: x\n",
        "body:\n  - type: input\n    id: contrasena\n    attributes:\n      label: X\n",
        "body:\n  - type: input\n    id: puesto\n    attributes: {}\n",
        "body:\n" + 2 * "  - type: input\n    id: puesto\n    attributes:\n      label: Puesto\n",
        "body: &a [*a]\n",
    ],
)
def test_a_template_that_asks_for_something_else_is_said_to(text: str) -> None:
    with pytest.raises(DeclarationError):
        labels(text.encode(), "alta.yml")
