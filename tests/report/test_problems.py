"""Problems where a forge shows them: annotations that begin no other command, and SARIF with a place for each."""

from __future__ import annotations

import json
import re

from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import Problem
from reconciler.report.problems import as_annotations, as_sarif, as_text

ONE = Problem("accounts/SAF.yaml", 12, "oficio-gastado", "El oficio «SAF/1» ya pidió: 100%, de Juan.", "Nombre otro.")
WHOLE = Problem("(pull request)", 0, "mezcla", "Mezcla dos cosas.", "Sepárelo.", blocks=False)


def test_a_problem_is_an_annotation_beside_its_line_and_the_summary_a_notice() -> None:
    assert as_annotations([ONE, WHOLE], "Dos cosas.").splitlines() == [
        (
            "::error file=accounts/SAF.yaml,line=12,title=oficio-gastado::"
            "El oficio «SAF/1» ya pidió: 100%25, de Juan. Nombre otro."
        ),
        "::warning title=mezcla::Mezcla dos cosas. Sepárelo.",
        "::notice title=cuentas::Dos cosas.",
    ]


def test_a_text_names_every_problem_by_its_code_and_ends_with_what_to_do() -> None:
    lines = as_text([ONE, WHOLE], "Corríjalo.").splitlines()
    assert lines[0].startswith("accounts/SAF.yaml:12: error: El oficio")
    assert lines[1] == "(pull request): aviso: Mezcla dos cosas. Sepárelo. [mezcla]"
    assert lines[2] == "Corríjalo."


@given(st.lists(st.builds(Problem, st.text(), st.integers(0, 9), st.text(), st.text(), st.text())), st.text())
def test_nothing_that_people_write_becomes_a_command(problems: list[Problem], summary: str) -> None:
    lines = as_annotations(problems, summary).split("\n")
    assert lines.pop() == ""
    assert len(lines) == len(problems) + 1
    for line in lines:
        found = re.fullmatch(r"::(error|warning|notice) ([^\r\n]*?)::([^\r\n]*)", line)
        assert found
        for value in found[2].split(","):
            assert re.fullmatch(r"(file|line|title)=[^:,]*", value)


def test_sarif_has_a_rule_and_a_place_for_every_result() -> None:
    spaced = Problem("accounts/a b%.yaml", 0, "archivo-ajeno", "No va.", "Quítelo.")
    log = json.loads(as_sarif([ONE, WHOLE, spaced], "0.1.0"))
    (run,) = log["runs"]
    assert log["version"] == "2.1.0"
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["locations"][0]["physicalLocation"]["region"]["startLine"] >= 1
    places = [one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"]]
    assert places == ["accounts/SAF.yaml", "cuentas.yaml", "accounts/a%20b%25.yaml"]
    assert [one["level"] for one in run["results"]] == ["error", "warning", "error"]
    assert run["results"][1]["message"]["text"].startswith("(pull request) Mezcla")


def test_sarif_without_problems_is_a_run_without_results() -> None:
    (run,) = json.loads(as_sarif([], "0.1.0"))["runs"]
    assert run["results"] == run["tool"]["driver"]["rules"] == []
