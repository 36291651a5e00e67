"""The ownership mark says one thing in one way, and nothing else is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.directory.mark import Mark, Stage
from reconciler.model import AccountKey, Tipo

KEYS = st.from_regex(r"[a-z][a-z0-9]*(\.[a-z0-9]+)*", fullmatch=True).map(AccountKey)
MARKS = st.builds(
    Mark,
    key=KEYS,
    tipo=st.sampled_from(Tipo),
    stage=st.none() | st.sampled_from(Stage),
    retired=st.booleans(),
)


@given(MARKS)
def test_a_mark_is_read_back_as_it_was_written(mark: Mark) -> None:
    assert Mark.parse(mark.text()) == mark


@given(st.text())
def test_no_text_of_others_is_taken_for_a_mark(text: str) -> None:
    try:
        mark = Mark.parse(text)
    except ValueError:
        assert text.startswith("cuentas/")
    else:
        assert mark is None or mark.text() == text


def test_a_usual_account_has_the_shortest_mark() -> None:
    assert Mark(key=AccountKey("juan.perez")).text() == "cuentas/1 clave=juan.perez"


@pytest.mark.parametrize(
    "text",
    [
        "cuentas/2 clave=juan.perez",
        "cuentas/1",
        "cuentas/1 clave=",
        "cuentas/1 clave=juan.perez clave=otro",
        "cuentas/1 clave=juan.perez estado=otro",
        "cuentas/1 clave=juan.perez etapa=otra",
        "cuentas/1 clave=juan.perez  estado=baja",
        "cuentas/1 estado=baja clave=juan.perez",
        "cuentas/1 clave=juan.perez extra",
        "cuentas/1 clave=juan.perez extra=1",
    ],
)
def test_a_mark_that_was_tampered_with_is_an_error_and_not_a_foreign_object(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        Mark.parse(text)
