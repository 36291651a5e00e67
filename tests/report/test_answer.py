"""What is answered in an issue is text: whatever somebody wrote, it is no markup, mention, option or hidden mark."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from reconciler.errors import ConfigurationError, NotAFormError, Problem, RefusedError, RequestError
from reconciler.model import Movimiento
from reconciler.report.answer import not_received, nothing_to_do, waiting
from reconciler.request import LABELS, Request, flag, place

LIVE = re.compile(r"(?<!\\)[<>@`\[\]|]|(?<!\\)!\[|<!--")


def problem(words: str, box: str = "nombre") -> Problem:
    return Problem(place(box), 0, "x", words, words)


@given(st.text(max_size=60))
def test_no_text_of_anybodys_comes_to_life(text: str) -> None:
    for error in (
        RequestError((problem(text), problem(text, "clave"))),
        RefusedError(text, remedy=text),
        NotAFormError(text, remedy=text),
    ):
        assert not LIVE.search(not_received(error))
    request = Request(movimiento=Movimiento.BAJA, clave=text)
    assert not LIVE.search(waiting(request, "OT-2026-00000001") + nothing_to_do(request))


def test_a_box_is_called_as_on_the_form_and_no_option_is_named() -> None:
    for box, label in LABELS.items():
        said = not_received(RequestError((problem(f"Dé una con {flag(box)}.", box),)))
        assert f"- **{label}**: " in said
        assert "\\-\\-" not in said
        assert f"«{label}»" in said


def test_warnings_come_last_and_a_flood_of_problems_is_cut() -> None:
    warning = Problem(place("clave"), 0, "x", "Ojo.", "Mire.", blocks=False)
    lines = not_received(RequestError((warning, *[problem("Falta.")] * 80))).splitlines()
    assert lines[-1] == "- … y 21 más."
    assert "(aviso)" not in "".join(lines)
    assert "(aviso)" in not_received(RequestError((warning, problem("Falta."))))


def test_nothing_of_ours_is_told_to_whoever_asked() -> None:
    said = not_received(ConfigurationError("«clave_archivo» no se puede leer", remedy="chmod 600 /etc/x"))
    assert "nuestro lado" in said
    assert "clave" not in said
    assert "/etc" not in said
