"""The institution's logo, looked at before it is drawn: a picture in a pull request is somebody's data too."""

from __future__ import annotations

import warnings
from io import BytesIO

MAX_SIZE = 1024 * 1024
"""Bytes; it goes into every document."""

MAX_SIDE = 4000
"""Pixels: ten times what its place on the page can show."""

_KINDS = ("PNG", "JPEG")


def logo_fault(data: bytes) -> str | None:
    """Return, in Spanish, why a file cannot be the logo of documents; None where it can."""
    if len(data) > MAX_SIZE:
        return f"pesa más de {MAX_SIZE // 1024} KB"
    try:
        return _looked_at(data)
    except Exception:  # noqa: BLE001 -- a picture made to break its reader can raise anything
        return "no es una imagen PNG o JPEG, o está dañada"


def _looked_at(data: bytes) -> str | None:
    """Read the size that a picture says it has, and only then the picture."""
    from PIL import Image  # noqa: PLC0415 -- only who has a logo needs it

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(BytesIO(data), formats=_KINDS) as picture:
            if max(picture.size) > MAX_SIDE:
                return f"mide más de {MAX_SIDE} puntos de lado"
            picture.load()
    return None
