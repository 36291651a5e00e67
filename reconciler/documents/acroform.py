"""Boxes that can be filled in, put into a finished PDF (ISO 32000-1, 12.7): fpdf2 draws pages and knows no forms.

The widget and its field are one object. Every box has an appearance of its own in a font that all readers have, for
those that draw only what is there; the others are asked to draw it again in theirs (NeedAppearances).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO

from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    DecodedStreamObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from reconciler.documents.boxes import Box, shown
from reconciler.documents.look import printable

_READ_ONLY, _REQUIRED, _COMBO = 1 << 0, 1 << 1, 1 << 17
_PRINTED = 1 << 2
"""Bits of a field's and of an annotation's flags (ISO 32000-1, tables 221, 230 and 165)."""

_FONT = "Helv"
SIZE = 9.0
"""Points in which people write: what fits in a box on paper does so in every reader. Left to them, they fill it."""

INSET = 2.0
"""Points between a box's edge and what is written in it, as readers have it."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A box and where it is: page from 0, and its rectangle in points from the lower left corner.

    `size` is what its value is written in, in points.
    """

    box: Box
    page: int
    left: float
    bottom: float
    width: float
    height: float
    size: float


def with_boxes(pdf: bytes, placed: Iterable[Placed]) -> bytes:
    """Return a PDF with boxes to fill in, reached with the tabulator in the order given."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf)))
    font = writer._add_object(_font())  # noqa: SLF001 -- pypdf has no other door for an object of one's own
    fields = ArrayObject(_field(writer, one, font) for one in placed)
    for page in writer.pages:
        page[NameObject("/Tabs")] = NameObject("/R")
    writer.root_object[NameObject("/AcroForm")] = _named(
        Fields=fields,
        NeedAppearances=BooleanObject(value=True),
        DR=_named(Font=_named(Helv=font)),
        DA=TextStringObject(f"/{_FONT} {SIZE:g} Tf 0 g"),
    )
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def _named(**entries: object) -> DictionaryObject:
    return DictionaryObject({NameObject(f"/{key}"): value for key, value in entries.items()})


def _font() -> DictionaryObject:
    """Return the font that boxes are written in: every reader has it, and it has the letters of Spanish."""
    return _named(
        Type=NameObject("/Font"),
        Subtype=NameObject("/Type1"),
        BaseFont=NameObject("/Helvetica"),
        Encoding=NameObject("/WinAnsiEncoding"),
    )


def _field(writer: PdfWriter, placed: Placed, font: IndirectObject) -> IndirectObject:
    box = placed.box
    page = writer.pages[placed.page]
    corners = (placed.left, placed.bottom, placed.left + placed.width, placed.bottom + placed.height)
    field = _named(
        Type=NameObject("/Annot"),
        Subtype=NameObject("/Widget"),
        FT=NameObject("/Ch" if box.options else "/Tx"),
        T=TextStringObject(box.name),
        TU=TextStringObject(box.hint),
        F=NumberObject(_PRINTED),
        Ff=NumberObject(_flags(box)),
        Rect=ArrayObject(FloatObject(round(number, 2)) for number in corners),
        P=page.indirect_reference,
        DA=TextStringObject(f"/{_FONT} {placed.size:.2f} Tf 0 g"),
    )
    if box.value:
        field[NameObject("/V")] = field[NameObject("/DV")] = TextStringObject(box.value)
    if box.options:
        pairs = (ArrayObject(map(TextStringObject, option)) for option in box.options)
        field[NameObject("/Opt")] = ArrayObject(pairs)
    else:
        field[NameObject("/MaxLen")] = NumberObject(box.length)
    field[NameObject("/AP")] = _named(N=writer._add_object(_appearance(placed, font)))  # noqa: SLF001 -- as above
    reference = writer._add_object(field)  # noqa: SLF001 -- as above
    page.setdefault(NameObject("/Annots"), ArrayObject()).append(reference)
    return reference


def _flags(box: Box) -> int:
    flags = _READ_ONLY if box.fixed else 0
    flags |= _REQUIRED if box.required else 0
    return flags | (_COMBO if box.options else 0)


def _appearance(placed: Placed, font: IndirectObject) -> DecodedStreamObject:
    """Draw what a box holds."""
    text, size = printable(shown(placed.box)), placed.size
    bottom = (placed.height - size) / 2 + size * 0.22
    stream = DecodedStreamObject()
    written = b"".join(
        (
            f"/Tx BMC q 0 0 {placed.width:.2f} {placed.height:.2f} re W n BT /{_FONT} {size:.2f} Tf 0 g ".encode(),
            f"{INSET} {bottom:.2f} Td (".encode(),
            _escaped(text),
            b") Tj ET Q EMC",
        )
    )
    stream.set_data(written if text else b"/Tx BMC EMC")
    stream.update(
        _named(
            Type=NameObject("/XObject"),
            Subtype=NameObject("/Form"),
            BBox=ArrayObject(map(FloatObject, (0, 0, round(placed.width, 2), round(placed.height, 2)))),
            Resources=_named(Font=_named(Helv=font)),
        )
    )
    return stream


def _escaped(text: str) -> bytes:
    return text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
