"""A message to send, and posts that do not really wait."""

from __future__ import annotations

from datetime import UTC, datetime
from email.headerregistry import Address
from pathlib import Path

from reconciler.letter import Attachment, Message
from reconciler.patience import Patience
from tests.lab.samba.certificates import issue_certificates

SENDER = Address("Mesa de Ayuda", addr_spec="mesa.ayuda@sinaloa.gob.mx")
MOMENT = datetime(2026, 3, 23, 16, 0, tzinfo=UTC)
SECRET = "Canario7#Wq=Trino"  # noqa: S105 -- a planted one


def letter(mark: str = "corrida/1", to: tuple[str, ...] = ("laura.beltran@sinaloa.gob.mx",)) -> Message:
    """Return a message with everything that is hard about one."""
    return Message(
        mark=mark,
        to=to,
        subject="Cuenta de Ñandú: alta del oficio SAF/DA/0123/2026, para la Dirección de Contabilidad",
        text="Buenos días.\n\n.\n.. un renglón con puntos\nSu cuenta está lista: año, pingüino.\n",
        html="<p>Su cuenta está lista: año, pingüino.</p>",
        attachments=(Attachment("Guía de configuración ñ.pdf", b"%PDF-1.4\r\n.\r\n", "application/pdf"),),
    )


def issue(folder: Path) -> Path:
    """Write what a server and a client need: `servidor` and `otra`, each an authority's, and the password's file."""
    issue_certificates(folder / "servidor")
    issue_certificates(folder / "otra")
    (folder / "clave").touch(0o600)
    (folder / "clave").write_text(f"{SECRET}\n")
    return folder


def by_smtp(host: str, port: int, tls: Path) -> dict[str, str]:
    """Return the fields of `correo` that send by a double whose certificates and password `issue` wrote."""
    return {
        "via": "smtp",
        "servidor": host,
        "puerto": f"{port}",
        "ca": f"{tls}/servidor/ca.pem",
        "usuario": "mesa.ayuda",
        "clave_archivo": f"{tls}/clave",
    }


def now() -> datetime:
    """Stand in for the clock."""
    return MOMENT


def patient(seconds: float = 30, heard: list[str] | None = None) -> Patience:
    """Return patience that passes at once."""
    return Patience(seconds, (heard if heard is not None else []).append, sleep=lambda _: None)
