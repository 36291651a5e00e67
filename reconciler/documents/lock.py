"""A PDF locked with a passphrase, and opened: AES-256 as PDF 2.0 has it (revision 6), as any present reader does."""

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

_HEADER = "%PDF-2.0"
"""The version that knows this encryption."""


class WrongPassphraseError(Exception):
    """A passphrase is not that of the document."""


def locked(pdf: bytes, passphrase: SecretStr) -> bytes:
    """Return the same document, opened by the passphrase alone: nobody knows the owner's.

    Nothing that was computed from what it says stands outside what is encrypted.
    """
    reader = PdfReader(io.BytesIO(pdf))
    reader.trailer.pop("/ID", None)  # a digest of the whole page, password and all; it is given another, at random
    writer = PdfWriter(clone_from=reader)
    writer.encrypt(
        passphrase.get_secret_value(),
        owner_password=secrets.token_urlsafe(32),
        algorithm=ALGORITHM,
        permissions_flag=_ALLOWED,
    )
    writer.pdf_header = _HEADER
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def unlocked(pdf: bytes, passphrase: SecretStr) -> bytes:
    """Return a locked document in the clear again.

    Raises:
        WrongPassphraseError: the passphrase does not open it.

    """
    reader = PdfReader(io.BytesIO(pdf))
    if not reader.decrypt(passphrase.get_secret_value()):
        raise WrongPassphraseError
    file = io.BytesIO()
    PdfWriter(clone_from=reader).write(file)
    return file.getvalue()


def lines(pdf: bytes) -> list[str]:
    """Return what the pages of a document in the clear say, line by line."""
    return [line for page in PdfReader(io.BytesIO(pdf)).pages for line in page.extract_text().splitlines()]
