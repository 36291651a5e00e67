"""What people read, word for word; and that no value in it is ever more than text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.report.inert import in_markdown, visible
from tests.report.golden import FOLDER, GOLDEN


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_what_people_read_is_what_was_agreed(name: str) -> None:
    assert GOLDEN[name]() == (FOLDER / name).read_text("utf-8"), "python -m tests.report.golden"


def test_every_golden_file_is_compared() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(GOLDEN)


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_no_line_holds_what_nobody_sees_or_a_terminal_obeys(name: str) -> None:
    text = GOLDEN[name]()
    assert text == "\n".join(map(visible, text.split("\n")))


HOSTILE = st.text(st.sampled_from("ab1@#[]()<>|`*_~\\!:/&;\n\x1b\u202e\u200b .-+{}"), max_size=40)


@given(HOSTILE)
def test_a_value_in_markdown_has_no_punctuation_that_is_not_escaped(value: str) -> None:
    shown = in_markdown(value).replace("&#8203;", "")
    bare = re.sub(r"\\[!-/:-@\[-`{-~]", "", shown)
    assert not set(bare) & set("\\`*_{}[]()#+-.!|<>~@:&\n\x1b\u202e\u200b")


@given(HOSTILE)
def test_no_value_mentions_anybody_or_names_an_issue(value: str) -> None:
    rendered = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", in_markdown(value)).replace("&#8203;", "\u200b")
    assert not re.search(r"(?<![A-Za-z0-9])@\w|#\d", rendered)
