"""The evaluator of the workflows' expressions knows what they use and refuses the rest."""

from __future__ import annotations

from typing import Any

import pytest

from tests.workflows.expressions import RefusedExpressionError, condition, evaluated, interpolated

CONTEXT: dict[str, Any] = {
    "github": {"event": {"number": 7, "label": {"name": "Solicitud"}}, "repository": "a/b"},
    "inputs": {"vacia": ""},
    "status": "success",
}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("github.event.number", 7),
        ("github.event.issue.number", None),
        ("github.event.label.name == 'solicitud'", True),
        ("github.event.falta == ''", True),
        ("inputs.vacia || 'anterior'", "anterior"),
        ("inputs.vacia != '' && 'a' || 'b'", "b"),
        ("!cancelled()", True),
        ("'it''s'", "it's"),
        ("!(github.repository == 'A/B')", False),
    ],
)
def test_what_the_workflows_use_is_evaluated_as_github_does(text: str, value: object) -> None:
    assert evaluated(text, CONTEXT) == value


@pytest.mark.parametrize("text", ["contains(github.event, 'x')", "env.X", "1 + 1", "'a' ==", "(", "github['event']"])
def test_whatever_else_is_refused(text: str) -> None:
    with pytest.raises(RefusedExpressionError):
        evaluated(text, CONTEXT)


def test_an_object_is_never_written_into_text() -> None:
    assert interpolated("n=${{ github.event.number }}, ${{ github.event.no }}.", CONTEXT) == "n=7, ."
    with pytest.raises(RefusedExpressionError):
        interpolated("${{ github.event }}", CONTEXT)


def test_a_step_after_a_failure_runs_only_if_it_asks_for_it() -> None:
    failed = {**CONTEXT, "status": "failure"}
    assert not condition("github.repository == 'a/b'", failed)
    assert condition("${{ !cancelled() }}", failed)
    assert condition("always()", failed)
    assert not condition("success()", failed)
