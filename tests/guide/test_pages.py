"""The user's guide shows what the commands really print."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.guide.player import played
from tests.guide.stories import PAGES, STORIES


@pytest.mark.parametrize("name", STORIES)
def test_a_page_shows_what_its_commands_print(name: str, tmp_path: Path) -> None:
    page = (PAGES / name).read_text(encoding="utf-8")
    assert played(page, STORIES[name](tmp_path)) == page, "python -m tests.guide writes what they print today"


def test_a_page_names_no_order_that_nothing_printed(tmp_path: Path) -> None:
    page = "```console\n$ cuentas order show OT-2026-00000000\n```\n"
    with pytest.raises(AssertionError, match="nothing printed"):
        played(page, STORIES["director.md"](tmp_path))


def test_every_role_has_its_page_and_every_page_is_played() -> None:
    assert sorted(STORIES) == ["auditor.md", "director.md", "enlace.md", "mesa-de-ayuda.md"]
    assert all("```console\n$ cuentas " in (PAGES / name).read_text(encoding="utf-8") for name in STORIES)
