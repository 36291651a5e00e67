"""What people wrote orders nothing of whatever shows it."""

from __future__ import annotations

from pathlib import Path

import pytest

from reconciler.report.inert import in_markdown, visible
from tests.cli.desk import JUAN, SAF, desk, saf


@pytest.mark.parametrize("shown", [visible, in_markdown])
@pytest.mark.parametrize("text", ["##[add-mask]baja", "x ##[stop-commands]y", "###[group]", "##\u200b[", "##[##[a]"])
def test_no_text_is_a_command_of_a_runner(shown: object, text: str) -> None:
    assert callable(shown)
    assert "##[" not in shown(text)


def test_a_plan_in_a_workflows_log_says_a_title_and_obeys_none(tmp_path: Path) -> None:
    mesa = desk(tmp_path)
    mesa.forge.pull_request({SAF: saf({"juan.perez": JUAN["juan.perez"] | {"puesto": '"Jefe ##[add-mask]alta"'}})})
    said = mesa.run("plan").out
    assert "add-mask" in said
    assert "##[" not in said
