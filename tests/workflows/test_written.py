"""What the workflows may never do, seen in their text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from reconciler.period import Quarter
from tests.workflows import invocations
from tests.workflows.runner import ROOT, WORKFLOWS, workflow

ACTION = ROOT / ".github" / "actions" / "cuentas" / "action.yml"
NAMES = sorted(file.stem for file in WORKFLOWS.glob("*.yml"))
INSIDE = {"aplicar", "deriva"}
"""The workflows that run on a machine of the government's network."""
PROPOSED = {"validar", "plan", "ci"}
"""Those that whoever proposes something starts."""

ALLOWED = {
    ("aplicar", "aplicar"): {"contents": "read", "pull-requests": "write"},
    ("ci", "alcance"): {"contents": "read"},
    ("ci", "test"): {"contents": "read"},
    ("deriva", "deriva"): {"contents": "read"},
    ("indicador", "indicador"): {"contents": "read"},
    ("indicador", "ancla"): {"contents": "write"},
    ("plan", "plan"): {"contents": "read", "pull-requests": "write"},
    ("solicitud", "solicitud"): {"contents": "read"},
    ("validar", "validar"): {"contents": "read"},
}


def test_what_applies_is_the_process_of_its_own_step_so_that_a_cancel_reaches_it() -> None:
    [step] = [one for one in workflow("aplicar")["jobs"]["aplicar"]["steps"] if "cuentas apply" in one.get("run", "")]
    assert step["run"].startswith("exec cuentas apply ")


def jobs() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for name in NAMES:
        for job, read in workflow(name)["jobs"].items():
            yield name, job, read


def steps() -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, _, job in jobs():
        for step in job["steps"]:
            yield name, step
    for step in yaml.safe_load(ACTION.read_text(encoding="utf-8"))["runs"]["steps"]:
        yield "action", step


def triggers(name: str) -> set[str]:
    return set(workflow(name)["on"])


def test_there_is_a_workflow_for_each_thing_that_is_done() -> None:
    assert NAMES == ["aplicar", "ci", "deriva", "indicador", "plan", "solicitud", "validar"]
    for name in NAMES:
        assert workflow(name)["name"] == name


@pytest.mark.parametrize("file", [*sorted(WORKFLOWS.glob("*.yml")), ACTION], ids=invocations.place)
def test_actions_are_named_by_their_whole_commit_with_the_version_beside_it(file: Path) -> None:
    for used in re.findall(r"uses: (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE):
        assert used == "./.github/actions/cuentas" or re.fullmatch(
            r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", used
        ), used


def test_each_action_is_the_same_everywhere() -> None:
    text = "".join(file.read_text(encoding="utf-8") for file in (*WORKFLOWS.glob("*.yml"), ACTION))
    for action in ("actions/checkout", "actions/upload-artifact"):
        assert len(set(re.findall(rf"{action}@.*", text))) == 1


def test_a_proposal_starts_nothing_that_has_a_secret_or_runs_inside_the_network() -> None:
    assert {name for name in NAMES if "pull_request" in triggers(name)} == PROPOSED
    for name in PROPOSED:
        text = (WORKFLOWS / f"{name}.yml").read_text(encoding="utf-8")
        assert "secrets." not in text
        assert "environment:" not in text
        assert "self-hosted" not in text
        assert "vars." not in text


def test_only_a_merge_and_the_clock_reach_the_machine_inside_the_network() -> None:
    for name, _, job in jobs():
        inside = "self-hosted" in job["runs-on"]
        assert inside == (name in INSIDE)
        assert not inside or job["environment"] == "produccion"
    assert workflow("aplicar")["on"] == {"push": {"branches": ["main"]}}
    assert triggers("deriva") == {"schedule"}


def test_no_workflow_runs_with_the_bases_rights_on_what_somebody_proposed() -> None:
    for name in NAMES:
        assert not triggers(name) & {"pull_request_target", "workflow_run", "issue_comment", "repository_dispatch"}


def test_permissions_are_none_and_each_job_asks_for_what_it_uses() -> None:
    for name in NAMES:
        assert workflow(name)["permissions"] == {}
    assert {(name, job): read["permissions"] for name, job, read in jobs()} == ALLOWED


def test_a_secret_is_only_had_by_a_job_of_a_protected_environment() -> None:
    for _, _, job in jobs():
        assert "secrets." not in str(job) or job["environment"] in {"solicitudes", "auditoria"}


def test_every_job_ends_by_itself_and_every_script_runs_in_bash() -> None:
    for _, job, read in jobs():
        assert 0 < read["timeout-minutes"] <= 360, job
    for name in NAMES:
        assert workflow(name)["defaults"] == {"run": {"shell": "bash"}}


def test_nothing_that_comes_from_an_event_is_put_into_a_script() -> None:
    for name, step in steps():
        assert "${{" not in step.get("run", ""), (name, step["name"])


def test_credentials_are_left_in_no_clone_and_the_base_is_what_is_checked_out_for_a_proposal() -> None:
    for name, step in steps():
        if not str(step.get("uses")).startswith("actions/checkout@"):
            continue
        assert step["with"]["persist-credentials"] is False
        if name in {"validar", "plan"}:
            assert step["with"]["ref"] == "${{ github.event.pull_request.base.sha }}"
        if name in {"validar", "plan", "solicitud", "indicador"}:
            assert step["with"]["fetch-depth"] == 0


def test_a_run_that_applies_is_never_cancelled_by_the_next_one_nor_by_the_drift() -> None:
    groups = {name: workflow(name)["concurrency"] for name in INSIDE}
    assert not any(one["cancel-in-progress"] for one in groups.values())
    assert len({one["group"] for one in groups.values()}) == len(INSIDE)


def test_the_indicator_is_taken_when_the_quarter_has_ended_in_mazatlan_and_on_no_other_day() -> None:
    [at] = [one["cron"] for one in workflow("indicador")["on"]["schedule"]]
    minute, hour, day, months, weekday = at.split()
    assert (day, months, weekday) == ("1", "1,4,7,10", "*")
    for year in range(2026, 2036):
        for month in map(int, months.split(",")):
            moment = datetime(year, month, int(day), int(hour), int(minute), tzinfo=UTC)
            local = moment.astimezone(ZoneInfo("America/Mazatlan"))
            ended = Quarter.of((moment - timedelta(days=10)).date())
            assert Quarter.of(local.date()).previous == ended
            assert local.date() == ended.last + timedelta(days=1)


@pytest.mark.parametrize(("place", "command"), [*invocations.of_workflows(), *invocations.of_pages()])
def test_every_command_that_is_shown_is_one_that_there_is(place: str, command: str) -> None:
    assert place
    invocations.parse(command)
