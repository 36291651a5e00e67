"""Write what the commands of the guide print today into its pages: `python -m tests.guide`."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.guide.player import played
from tests.guide.stories import PAGES, STORIES

for name, story in STORIES.items():
    page = PAGES / name
    with tempfile.TemporaryDirectory() as folder:
        page.write_text(played(page.read_text(encoding="utf-8"), story(Path(folder))), encoding="utf-8")
    print(page.name)  # noqa: T201 -- the tool's own output
