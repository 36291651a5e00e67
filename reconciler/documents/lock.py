"""A PDF locked with a passphrase: AES-256 as PDF 2.0 has it (revision 6), which any present reader opens."""

from __future__ import annotations

import io
import secrets

from pydantic import SecretStr
from pypdf import PdfReader, PdfWriter
from pypdf.constants import UserAccessPermissions

ALGORITHM = "AES-256"
"""Revision 6; `AES-256-R5` is the draft of it that Adobe withdrew."""

_ALLOWED = (
    UserAccessPermissions.PRINT
    | UserAccessPermissions.PRINT_TO_REPRESENTATION
    | UserAccessPermissions.EXTRACT_TEXT_AND_GRAPHICS
)
"""To be printed, and read aloud to who cannot see it; nothing else."""


def locked(pdf: bytes, passphrase: SecretStr) -> bytes:
    """Return the same document, opened by the passphrase alone: nobody knows the owner's."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    writer.encrypt(
        passphrase.get_secret_value(),
        owner_password=secrets.token_urlsafe(32),
        algorithm=ALGORITHM,
        permissions_flag=_ALLOWED,
    )
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()
