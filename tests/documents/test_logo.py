"""The logo that a pull request brings: a picture that can be drawn, or the reason why not."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image

from reconciler.documents.logo import MAX_SIDE, MAX_SIZE, logo_fault
from tests.documents.papers import picture


def claiming(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that says it is as large as that."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = b"IDAT" + zlib.compress(bytes(100))
    chunks = [struct.pack(">I", len(one) - 4) + one + struct.pack(">I", zlib.crc32(one)) for one in (head, body)]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_png_or_jpeg_will_do(kind: str) -> None:
    assert logo_fault(picture(kind)) is None


def test_a_picture_with_a_transparent_ground_will_do() -> None:
    out = BytesIO()
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(out, "PNG")
    assert logo_fault(out.getvalue()) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg/>",
        picture("GIF"),
        picture("TIFF"),
        picture()[:60],
        picture("JPEG")[:300],
        b"\x89PNG\r\n\x1a\n" * 9,
    ],
    ids=["nothing", "SVG", "GIF", "TIFF", "half a PNG", "half a JPEG", "noise"],
)
def test_anything_else_is_no_logo(data: bytes) -> None:
    assert logo_fault(data) == "no es una imagen PNG o JPEG, o está dañada"


def test_a_picture_that_says_it_is_huge_is_not_unpacked() -> None:
    assert logo_fault(claiming(MAX_SIDE + 1, 10)) == f"mide más de {MAX_SIDE} puntos de lado"
    assert logo_fault(claiming(200_000, 200_000)) is not None


def test_a_large_file_is_not_looked_at() -> None:
    assert logo_fault(bytes(MAX_SIZE + 1)) == "pesa más de 1024 KB"
