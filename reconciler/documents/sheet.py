"""RSDT-08.02, Cuenta de Correo Electrónico (usuario y contraseña): one page, made in memory (PSDT-08, 7.1)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from pydantic import SecretStr
from pypdf import PdfReader, PdfWriter
from pypdf.errors import PyPdfError

from reconciler.documents.look import LETTER, Letterhead, Page

CODE = "RSDT-08.02"
TITLE = "Cuenta de Correo Electrónico (usuario y contraseña)"
_SHORT = 12
"""Digits of the record's head that somebody would read aloud; all of them stand below."""
_POINTS = 72 / 25.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """What a credential sheet says. What is not known is "", and is left out.

    `head` is the digest of the record's last published line when the sheet was made, 64 hex digits: with `folio` it
    ties the paper to the record. `desk` says whom to ask, and how.
    """

    folio: str
    issued: date
    order: str
    agency: str
    oficio: str
    name: str
    title: str
    area: str
    logon: str
    address: str
    password: SecretStr
    web: str
    outlook_guide: str
    enlace: str
    desk: str
    head: str


def credential_sheet(said: Credential, letterhead: Letterhead) -> bytes:
    """Return the sheet as a PDF in the clear: whoever asks for it seals it before it is kept anywhere.

    It is one page whatever it says: what would need more is set smaller.
    """
    larger = 1.0
    while (page := _drawn(said, letterhead, larger)).page_no() > 1:
        larger *= 1.15
    return page.as_bytes() if larger == 1.0 else _on_letter(page.as_bytes())


def names(pdf: bytes, folio: str, logon: str, address: str) -> bool:
    """Whether something is the sheet of a folio, of an account as it logs on now: its user and its address."""
    try:
        said = _unspaced("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages))
    except PyPdfError:
        return False
    return _unspaced(f"Usuario{logon}Dirección de correo{address}") in said and f"Folio{folio}" in said


def _unspaced(text: str) -> str:
    return "".join(text.split())


def _drawn(said: Credential, letterhead: Letterhead, larger: float) -> Page:
    page = Page(letterhead, f"{CODE} {said.folio}", code=CODE, larger=larger)
    page.title_block(TITLE, f"{CODE} · Folio {said.folio} · {said.issued:%d/%m/%Y}")
    page.fields(
        (
            ("Dependencia", said.agency),
            ("Oficio", said.oficio),
            ("Orden de trabajo", said.order),
            ("Nombre", said.name),
            ("Puesto", said.title),
            ("Área", said.area),
            ("Usuario", said.logon),
            ("Dirección de correo", said.address),
            ("Correo web", said.web),
            ("Guía de Outlook", said.outlook_guide),
        ),
        label_width=42,
    )
    page.ln(2)
    page.boxed("Primera contraseña (distingue mayúsculas de minúsculas)", said.password.get_secret_value(), size=22)
    page.section("Qué hacer primero")
    page.steps(_steps(said))
    _receipt(said, page)
    return page


def _receipt(said: Credential, page: Page) -> None:
    """Write the part that the Mesa de Ayuda keeps, which has no password on it (PSDT-08, 8.1)."""
    page.cut_line("Corte aquí. Esta parte se firma al recibir y la conserva la Mesa de Ayuda.")
    page.paragraph(f"Acuse de la hoja {said.folio}: recibí usuario y contraseña de {said.address} ({said.name}).")
    page.signatures(
        (
            ("Recibe: nombre, fecha y firma", f"Enlace{f' ({said.enlace})' if said.enlace else ''} o interesado"),
            ("Entrega: nombre, fecha y firma", "Mesa de Ayuda"),
        )
    )
    page.ln(2)
    short = f"Bitácora {said.head[:_SHORT]} (se comprueba con «cuentas audit --cabeza»)"
    page.paragraph(f"Folio {said.folio} · {short}\n{said.head}", small=True)


def _on_letter(pdf: bytes) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    for page in writer.pages:
        page.scale_to(*(side * _POINTS for side in LETTER))
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def _steps(said: Credential) -> Iterator[str]:
    if said.web:
        yield (
            f"Abra {said.web} en el navegador y entre con su dirección y la primera contraseña. "
            "Hágalo antes que cualquier otra cosa."
        )
        yield "Le pedirá una contraseña nueva: elija una que solo usted conozca. La de esta hoja deja de servir."
    else:
        yield "Cambie la primera contraseña en una computadora de su dependencia; la Mesa de Ayuda le indica cómo."
    yield (
        "Solo después configure Outlook, con la contraseña nueva (apóyese en su enlace y en la guía): "
        "Outlook no puede cambiar una contraseña vencida, y con la primera no entra."
    )
    yield f"Cambiada la contraseña, destruya esta hoja. Nadie se la pedirá. Si algo falla, comuníquese a {said.desk}."
