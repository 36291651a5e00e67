"""Dates that make sense, against the day on which the declaration is read."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from reconciler.model import AccountKey, Status
from tests.build import TODAY
from tests.declaration.files import SAF, account, codes, line_of, load, problems, warnings

BAJA = "    baja: SAF/2/2026\n    motivo_baja: Renuncia\n"
TOMORROW = TODAY + timedelta(days=1)


def oficio(fecha: str, recibido: str) -> str:
    """Return SAF's file with the dates of the first oficio changed."""
    return SAF.replace("fecha: 2025-02-11", f"fecha: {fecha}").replace(
        "recibido: 2025-02-12", f"recibido: {recibido}"
    )


def test_an_oficio_is_not_received_before_its_date() -> None:
    text = oficio("2025-02-11", "2025-02-10")
    assert codes(text) == [(line_of(text, "recibido: 2025"), "fecha")]


def test_an_oficio_may_be_of_today() -> None:
    assert warnings(oficio(f"{TODAY}", f"{TODAY}")) == []


def test_an_oficio_is_not_of_tomorrow() -> None:
    text = oficio(f"{TODAY}", f"{TOMORROW}")
    (said,) = problems(text)
    assert (said.line, said.code) == (line_of(text, f"recibido: {TOMORROW}"), "fecha")
    assert "todavía no llega" in said.message


def test_an_oficio_is_not_of_another_century() -> None:
    text = oficio("1925-02-11", "2025-02-12")
    (said,) = problems(text)
    assert (said.line, said.code) == (line_of(text, "fecha: 1925"), "fecha")
    assert "demasiado antigua" in said.message


@pytest.mark.parametrize(
    "written", ["2026-13-01", "2026-02-30", "2026-3-1", "20/03/2026", "hoy", "2026-03-20T10:00:00", "20260320"]
)
def test_a_day_that_is_not_in_the_calendar_or_not_written_in_full_is_refused(written: str) -> None:
    text = SAF.replace("fecha: 2025-02-11", f"fecha: {written}")
    assert codes(text) == [(line_of(text, "SAF/1/2025") + 1, "valor")]


def test_a_baja_is_of_a_later_oficio_than_the_alta() -> None:
    assert account(SAF + BAJA).status is Status.RETIRED
    backwards = SAF.replace("    alta: SAF/1/2025", "    alta: SAF/2/2026") + BAJA.replace("SAF/2/2026", "SAF/1/2025")
    assert codes(backwards) == [(line_of(backwards, "baja:"), "fecha")]


def test_a_baja_is_not_of_the_oficio_that_asked_for_the_alta() -> None:
    text = SAF + BAJA.replace("SAF/2/2026", "SAF/1/2025")
    assert codes(text) == [(line_of(text, "baja:"), "fecha")]


def test_an_account_of_baja_logs_nobody_on_and_takes_no_mail() -> None:
    there = account(SAF + BAJA)
    assert not there.logon_enabled
    assert there.mailbox is not None
    assert there.mailbox.hidden
    assert not there.mailbox.accepts_mail


def test_a_baja_says_why() -> None:
    text = SAF + "    baja: SAF/2/2026\n"
    assert codes(text) == [(line_of(text, "baja:"), "valor")]


def test_a_reason_for_a_baja_goes_with_one() -> None:
    text = SAF + "    motivo_baja: Renuncia\n"
    assert codes(text) == [(line_of(text, "motivo_baja:"), "valor")]


def test_what_does_not_go_together_is_said_along_with_what_is_wrong_in_a_field() -> None:
    text = SAF + "    baja: SAF/2/2026\n    cuota_mb: 0\n"
    assert codes(text) == [(line_of(text, "baja:"), "valor"), (line_of(text, "cuota_mb"), "valor")]


def test_a_term_that_passed_warns_and_takes_nobody_out_of_service() -> None:
    text = SAF + "    vigencia: 2026-11-23\n"
    assert warnings(text) == [(line_of(text, "vigencia"), "vencida")]
    assert account(text).logon_enabled


def test_a_term_that_has_not_passed_or_is_of_somebody_who_left_says_nothing() -> None:
    assert warnings(SAF + f"    vigencia: {TODAY}\n") == []
    assert warnings(SAF + f"    vigencia: 2026-11-23\n{BAJA}") == []


@pytest.mark.parametrize("field", ["vigencia", "conservar_hasta"])
def test_a_term_does_not_end_before_it_begins(field: str) -> None:
    text = SAF + f"    {field}: 2025-02-10\n"
    assert codes(text) == [(line_of(text, field), "fecha")]


def test_a_legal_hold_and_a_term_are_kept() -> None:
    loaded = load(SAF + "    vigencia: 2027-01-31\n    conservar_hasta: 2030-12-31\n")
    assert loaded.declaration is not None
    one = loaded.declaration.accounts[AccountKey("juan.perez")]
    assert (one.expires, one.hold_until) == (date(2027, 1, 31), date(2030, 12, 31))
