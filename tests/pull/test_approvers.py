"""Somebody has to be left who may approve."""

from datetime import date, timedelta

import pytest

from reconciler.config import Aprobador, Config
from reconciler.pull import approver_warnings

TODAY = date(2026, 11, 28)


def config(**aprueban: Aprobador) -> Config:
    found = Config(dominios=("sinaloa.gob.mx",))
    return found.model_copy(update={"aprobacion": found.aprobacion.model_copy(update={"aprueban": aprueban})})


def entry(ends: int | None = None, *agencies: str) -> Aprobador:
    hasta = None if ends is None else TODAY + timedelta(ends)
    found = Aprobador(correos=("alguien@sinaloa.gob.mx",), hasta=hasta)
    return found.model_copy(update={"dependencias": agencies})


@pytest.mark.parametrize("listed", [{}, {"una": entry()}, {"una": entry(-9), "otra": entry(31)}])
def test_nothing_is_said_while_somebody_is_left_who_may_approve_for_all(listed: dict[str, Aprobador]) -> None:
    assert approver_warnings(config(**listed), TODAY) == ()


@pytest.mark.parametrize("ends", [30, 0, -1])
def test_it_is_said_a_month_before_the_last_of_them_ends(ends: int) -> None:
    [said] = approver_warnings(config(una=entry(ends), otra=entry(None, "SAF")), TODAY)
    assert str(TODAY + timedelta(ends)) in said.message
    assert not said.blocks


def test_it_is_said_where_none_of_them_may_approve_for_all() -> None:
    [said] = approver_warnings(config(una=entry(None, "SAF")), TODAY)
    assert "ni la configuración" in said.message
