"""A message as Internet mail (RFC 5322 and MIME): the same bytes whichever way it is sent."""

from __future__ import annotations

import hashlib
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from reconciler.letter import Message

MARK_HEADER = "X-Cuentas-Marca"


def compose(message: Message, sender: Address, at: datetime) -> bytes:
    """Return the message, its lines ended by CRLF; only `Date` differs between two times.

    Nobody's automatic answer comes back: it says that it was generated (RFC 3834).
    """
    mail = EmailMessage(policy=SMTP)
    mail["From"] = sender
    mail["To"] = ", ".join(message.to)
    if message.cc:
        mail["Cc"] = ", ".join(message.cc)
    mail["Subject"] = message.subject
    mail["Date"] = at
    mail["Message-ID"] = message_id(message.mark, sender.domain)
    mail["Auto-Submitted"] = "auto-generated"
    mail[MARK_HEADER] = message.mark
    mail.set_content(message.text, cte="quoted-printable")
    if message.html:
        mail.add_alternative(message.html, subtype="html", cte="quoted-printable")
    for one in message.attachments:
        kind, _, subtype = one.content_type.partition("/")
        mail.add_attachment(one.content, maintype=kind, subtype=subtype, filename=one.name)
    mail["Content-Language"] = "es-MX"  # last: setting the content takes such headers away
    return mail.as_bytes()


def message_id(mark: str, domain: str) -> str:
    """Return the Message-ID that a mark always has, so that a reader's mailbox could tell two copies."""
    return f"<{hashlib.sha256(mark.encode()).hexdigest()[:32]}.cuentas@{domain}>"
