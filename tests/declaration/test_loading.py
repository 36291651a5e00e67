"""One declaration loaded after another: the same is said, and what they share is read once."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler import declaration
from reconciler.config import Config
from reconciler.declaration import tree
from reconciler.declaration.problems import PER_FILE, Problems
from tests.build import TODAY
from tests.declaration.files import CONFIG, OTHER, OTHER_PATH, PATH, SAF, file

FULL = SAF + "".join(f"    x{number}: 1\n" for number in range(PER_FILE + 5))
PART = "accounts/SEPyC/una.yaml"
TEXTS = [SAF, OTHER, FULL, f"{SAF}    baja: NO/1\n", f"{SAF}\tx", "\x01", "- a", "", SAF.replace("sinaloa.gob", "b")]

declared = st.dictionaries(st.sampled_from([PATH, OTHER_PATH, PART]), st.sampled_from(TEXTS))
configs = st.sampled_from([CONFIG, CONFIG.model_copy(update={"dominios": ("b.mx",)})])


@given(st.lists(st.tuples(declared, configs), min_size=2, max_size=4))
def test_what_was_loaded_before_changes_nothing(several: list[tuple[Mapping[str, str], Config]]) -> None:
    loader = declaration.Loader()
    for files, config in several:
        tree_files = [file(path, text) for path, text in files.items()]
        assert loader.load(tree_files, config, TODAY) == declaration.load(tree_files, config, TODAY)


def test_a_file_that_both_have_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    parse = tree.parse

    def counting(text: str, path: str, problems: Problems) -> tree.Mapping | None:
        read.append(path)
        return parse(text, path, problems)

    monkeypatch.setattr(tree, "parse", counting)
    loader = declaration.Loader()
    loader.load([file(PATH, SAF), file(OTHER_PATH, OTHER)], CONFIG, TODAY)
    loader.load([file(PATH, f"{SAF}    baja: NO/1\n"), file(OTHER_PATH, OTHER)], CONFIG, TODAY)
    assert read == [PATH, OTHER_PATH, PATH]
