"""Documents to look at: an agency, letterheads, and what pypdf reads in a page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

from PIL import Image
from pypdf import PdfReader, PdfWriter

from reconciler.documents.form import request_form
from reconciler.letterhead import Letterhead
from reconciler.model import Dependencia, Enlace, Siglas

MADE = datetime(2026, 3, 20, 12, tzinfo=UTC)
PLAIN = Letterhead(
    organization="Gobierno del Estado de Sinaloa", unit="Dirección de Servicios Compartidos de Tecnología"
)


def picture(kind: str = "PNG", size: tuple[int, int] = (300, 100)) -> bytes:
    """Return an image file."""
    out = BytesIO()
    Image.new("RGB", size, (98, 17, 50)).save(out, kind)
    return out.getvalue()


FULL = Letterhead(
    organization="Gobierno Constitucional del Estado Libre y Soberano de Sinaloa",
    unit="Dirección de Servicios Compartidos de Tecnología",
    motto="«2026, Año de la Transformación Digital y de los Servicios a la Ciudadanía de Todo el Estado de Sinaloa»",
    foot="Av. Insurgentes s/n, Unidad Administrativa, Centro Sinaloa, Culiacán Rosales, Sinaloa, C. P. 80129, piso 3",
    logo=picture(),
)


def agency(*enlaces: str) -> Dependencia:
    """Return SAF with enlaces of some names."""
    people = {
        f"enlace.{place}": Enlace(key=f"enlace.{place}", name=name, email=f"enlace.{place}@sinaloa.gob.mx")
        for place, name in enumerate(enlaces)
    }
    return Dependencia(
        siglas=Siglas("SAF"), name="Secretaría de Administración y Finanzas", domain="sinaloa.gob.mx", enlaces=people
    )


def empty_form(*enlaces: str, chosen: bool = True, letterhead: Letterhead = PLAIN) -> bytes:
    """Return RSDT-08.01 as it is handed out."""
    saf = agency(*(enlaces or ("Laura Beltrán Ochoa",)))
    desk = "Mesa de Ayuda (mesa.ayuda@sinaloa.gob.mx, tel. 667 758 7000 ext. 1234)"
    return request_form(letterhead, [saf], saf if chosen else None, MADE, sent_to=desk)


def filled(form: bytes, values: Mapping[str, Any]) -> bytes:
    """Return a form as pypdf's writer fills it in."""
    writer = PdfWriter(clone_from=BytesIO(form))
    writer.update_page_form_field_values(None, dict(values), auto_regenerate=False)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def widgets(form: bytes) -> Iterator[tuple[Any, tuple[float, float, float, float], Any]]:
    """Yield every box of a PDF, with its rectangle and its page."""
    for page in PdfReader(BytesIO(form), strict=True).pages:
        listed: Any = page.get("/Annots", ())
        for reference in listed:
            box: Any = reference.get_object()
            left, bottom, right, top = (float(number) for number in box["/Rect"])
            yield box, (left, bottom, right, top), page


def text_of(pdf: bytes) -> str:
    """Return the words of all pages, on one line."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())
