"""RSDT-08.02 on paper and locked: one page whatever it says, whose it is, and nothing of it in the clear."""

from __future__ import annotations

import io
import re
from datetime import date
from typing import Any

import pytest
from pydantic import SecretStr
from pypdf import PdfReader

from reconciler.documents.lock import WrongPassphraseError, locked, unlocked
from reconciler.documents.sheet import Credential, credential_sheet, names
from reconciler.letterhead import Letterhead
from tests.documents.papers import FULL, PLAIN

PASSWORD = "mH7#Qw%x4&Tn=d+?"  # noqa: S105 -- invented
FOLIO = "H-2026-7K3M9QPX"
PASSPHRASE = SecretStr("12345 67890 12345 67890 12345")
WIDE = {
    "name": f"{'W' * 64} {'M' * 64}",
    "title": "Ñ" * 64 + "W" * 60,
    "area": "Coordinación " * 15,
    "logon": "w" * 20,
    "address": f"{'w' * 60}@sinaloa.gob.mx",
    "enlace": "María de los Ángeles Guadalupe Covarrubias-Higuera y Montes de Oca",
}


def sheet(letterhead: Letterhead = PLAIN, **more: Any) -> bytes:
    said: dict[str, Any] = {
        "folio": FOLIO,
        "issued": date(2026, 11, 27),
        "order": "OT-2026-3B4NZBS1",
        "agency": "Secretaría de Administración y Finanzas (SAF)",
        "oficio": "SAF/DA/0123/2026",
        "name": "Juan Pérez López",
        "title": "Jefe de Departamento",
        "area": "Recursos Humanos",
        "logon": "juan.perez",
        "address": "juan.perez@sinaloa.gob.mx",
        "password": SecretStr(PASSWORD),
        "web": "https://correo.sinaloa.gob.mx/owa",
        "outlook_guide": "SSDT-Configuración de correo en Outlook-1.4 Exchange 2008",
        "enlace": "Laura Beltrán Ochoa",
        "desk": "Mesa de Ayuda, mesa@sinaloa.gob.mx, 667 758 7000",
        "head": "ab12" * 16,
    }
    return credential_sheet(Credential(**said | more), letterhead)


@pytest.mark.parametrize("letterhead", [PLAIN, FULL], ids=["plain", "with everything"])
@pytest.mark.parametrize("more", [{}, WIDE], ids=["usual", "wide"])
def test_a_sheet_is_one_page_of_letter_paper_and_names_its_user(letterhead: Letterhead, more: dict[str, str]) -> None:
    pdf = sheet(letterhead, **more)
    (page,) = PdfReader(io.BytesIO(pdf)).pages
    assert (round(page.mediabox.width), round(page.mediabox.height)) == (612, 792)
    assert PASSWORD in page.extract_text()
    logon, address = more.get("logon", "juan.perez"), more.get("address", "juan.perez@sinaloa.gob.mx")
    assert names(pdf, FOLIO, logon, address)
    assert not names(pdf, FOLIO, logon[:-1], address)
    assert not names(pdf, FOLIO, logon, f"{address}.mx2")
    assert not names(pdf, "H-2026-00000000", logon, address)
    assert not names(b"hola", FOLIO, logon, address)


def test_a_locked_sheet_is_aes_256_of_revision_6_and_its_passphrase_alone_opens_it() -> None:
    pdf = locked(sheet(), PASSPHRASE)
    assert pdf.startswith(b"%PDF-2.0")
    assert re.search(rb"/CFM\s*/AESV3", pdf)
    assert re.search(rb"/R 6\b", pdf)
    assert names(unlocked(pdf, PASSPHRASE), FOLIO, "juan.perez", "juan.perez@sinaloa.gob.mx")
    for other in ("", "12345", PASSPHRASE.get_secret_value().replace(" ", "")):
        with pytest.raises(WrongPassphraseError):
            unlocked(pdf, SecretStr(other))


def test_nothing_outside_what_is_encrypted_was_computed_from_what_a_sheet_says() -> None:
    """A file's identifier is in the clear, and as it was drawn it is a digest of all of it, the password too."""
    clear = sheet()
    pdf, again = locked(clear, PASSPHRASE), locked(clear, PASSPHRASE)
    assert identifiers(pdf).isdisjoint(identifiers(clear))
    assert identifiers(pdf).isdisjoint(identifiers(again))
    for said in (b"RSDT", b"H-2026", b"juan", b"cuentas"):
        assert said not in pdf


def identifiers(pdf: bytes) -> set[str]:
    (found,) = re.findall(rb"/ID\s*\[(.*?)\]", pdf, re.DOTALL)
    return {one.decode().lower() for one in re.findall(rb"<([0-9A-Fa-f]{32})>", found)}


def test_it_sends_whoever_enters_to_the_web_first_and_names_outlooks_guide_as_psdt_08_does() -> None:
    said = " ".join(PdfReader(io.BytesIO(sheet())).pages[0].extract_text().split())
    web, guide = (
        said.index("https://correo.sinaloa.gob.mx/owa"),
        said.index("SSDT-Configuración de correo en Outlook"),
    )
    assert "SSDT-Configuración de correo en Outlook-1.4 Exchange 2008" in said
    assert web < guide


def test_without_a_web_address_it_promises_none() -> None:
    assert "https://" not in PdfReader(io.BytesIO(sheet(web=""))).pages[0].extract_text()
