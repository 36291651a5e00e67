"""RSDT-08.02 says how to get in, and with which guide Outlook is set up (PSDT-08, P5 and its reference document)."""

from __future__ import annotations

from datetime import date

from pydantic import SecretStr

from reconciler.config import Config
from reconciler.documents.sheet import Credential, credential_sheet
from tests.documents.papers import PLAIN, text_of


def sheet(web: str = "https://correo.sinaloa.gob.mx/owa") -> str:
    said = Credential(
        folio="H-2026-7K3M9QPX",
        issued=date(2026, 11, 24),
        order="OT-2026-4WV4F7CA",
        agency="Secretaría de Administración y Finanzas (SAF)",
        oficio="SAF/DA/0123/2026",
        name="Íñigo Güémez Peña",
        title="Jefe de Departamento",
        area="Dirección de Contabilidad",
        logon="inigo.guemez",
        address="inigo.guemez@sinaloa.gob.mx",
        password=SecretStr("Xk3#mP9$qR7&tW2="),
        web=web,
        outlook_guide=Config(dominios=("sinaloa.gob.mx",)).documentos.guia_outlook,
        enlace="Laura Beltrán Ochoa",
        desk="Mesa de Ayuda",
        head="a3" * 32,
    )
    return " ".join(text_of(credential_sheet(said, PLAIN)).split())


def test_it_sends_whoever_enters_to_the_web_first_and_names_outlooks_guide_as_psdt_08_does() -> None:
    said = sheet()
    assert "https://correo.sinaloa.gob.mx/owa" in said
    assert "SSDT-Configuración de correo en Outlook-1.4 Exchange 2008" in said
    assert said.index("https://correo.sinaloa.gob.mx/owa") < said.index("SSDT-Configuración")


def test_it_has_the_institutions_form_with_accents_and_a_line_for_who_receives() -> None:
    said = sheet()
    for part in (
        "RSDT-08.02",
        "H-2026-7K3M9QPX",
        "Íñigo Güémez Peña",
        "Xk3#mP9$qR7&tW2=",
        "Laura Beltrán Ochoa",
        "a3" * 32,
    ):
        assert part in said


def test_without_a_web_address_it_promises_none() -> None:
    assert "https://" not in sheet(web="")
