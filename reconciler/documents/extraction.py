"""The boxes of a PDF that somebody sent, taken out in a process of its own, whose time and memory have a limit.

A PDF can be made to take hours or gigabytes, or to send its reader in circles. The process that reads it has nothing
to lose: it gets the file on its standard input, answers with JSON, and the system ends it where it goes too far.
Scripts and actions in the file are never looked at.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import subprocess
import sys
from collections.abc import Iterator, Mapping
from enum import StrEnum
from io import BytesIO
from typing import Any

from pypdf import PdfReader
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NullObject,
    StreamObject,
    TextStringObject,
    create_string_object,
)

MAX_BOXES = 500
MAX_LENGTH = 1000
"""Characters of a value; the longest that the form has room for is 200."""

_SECONDS, _MEMORY = 10, 1 << 30
_PATIENCE = 30
"""Seconds by the wall clock: the machine may be busy, and the limit of the processor's time is the other one."""

_CHAIN = 8
_CODE = "RSDT-08.01"


class Fault(StrEnum):
    """Why the boxes of a file cannot be had."""

    DAMAGED = "danado"
    ENCRYPTED = "cifrado"
    HEAVY = "pesado"
    XFA = "xfa"
    NO_FORM = "sin-formulario"
    FLATTENED = "aplanado"
    SCANNED = "escaneado"
    REPEATED = "repetido"
    NOT_TEXT = "no-es-texto"
    LONG = "largo"
    MANY = "muchos"


class FaultyError(Exception):
    """A file whose boxes cannot be had; `box` is the one that is to blame, "" for the file as a whole."""

    def __init__(self, fault: Fault, box: str = "") -> None:
        super().__init__(fault, box)
        self.fault = fault
        self.box = box


def boxes(data: bytes) -> Mapping[str, str]:
    """Return what every box of a PDF's form holds, by name; "" for an empty one.

    Signatures and buttons that do something are no boxes. The answer comes within half a minute.

    Raises:
        FaultyError: there is no form, or it cannot be read.

    """
    ours = os.pathsep.join(filter(None, sys.path))
    surroundings = os.environ | {"PYTHONPATH": ours, "PYTHONWARNINGS": "ignore"}
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "reconciler.documents.extraction"],
            input=data,
            env=surroundings,
            capture_output=True,
            timeout=_PATIENCE,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise FaultyError(Fault.HEAVY) from None
    if done.returncode:
        raise FaultyError(Fault.HEAVY)
    answer = json.loads(done.stdout)
    if "fault" in answer:
        raise FaultyError(Fault(answer["fault"]), answer["box"])
    found: dict[str, str] = answer["boxes"]
    return found


def main() -> None:
    """Read a PDF from the standard input and answer with JSON; never let its content decide how it ends."""
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    logging.disable()
    try:
        answer: dict[str, object] = {"boxes": _read(sys.stdin.buffer.read())}
    except FaultyError as error:
        answer = {"fault": error.fault, "box": error.box[:80]}
    except MemoryError:
        answer = {"fault": Fault.HEAVY, "box": ""}
    except Exception:  # noqa: BLE001 -- a file made to break its reader can raise anything
        answer = {"fault": Fault.DAMAGED, "box": ""}
    json.dump(answer, sys.stdout)


def _read(data: bytes) -> dict[str, str]:
    reader = PdfReader(BytesIO(data), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        raise FaultyError(Fault.ENCRYPTED)
    form = _at(reader.root_object, "/AcroForm")
    if not isinstance(form, DictionaryObject):
        raise FaultyError(_formless(reader))
    if "/XFA" in form:
        raise FaultyError(Fault.XFA)
    found: dict[str, str] = {}
    for name, field in _fields(form):
        if name in found:
            raise FaultyError(Fault.REPEATED, name)
        found[name] = _value(name, field)
    if not found:
        raise FaultyError(_formless(reader))
    return found


def _formless(reader: PdfReader) -> Fault:
    """Tell a form that was printed to PDF, or scanned, from a file that never was one."""
    page = reader.pages[0]
    text = page.extract_text()
    if _CODE in text:
        return Fault.FLATTENED
    return Fault.NO_FORM if text.strip() else Fault.SCANNED


def _fields(form: DictionaryObject) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every field that holds a value, with its whole name and what it inherits, in the order written."""
    waiting: list[tuple[Any, str, dict[str, Any]]] = [(one, "", {}) for one in reversed(_array(form, "/Fields"))]
    steps = 0
    while waiting:
        steps += 1
        if steps > 2 * MAX_BOXES:
            raise FaultyError(Fault.MANY)
        raw, above, inherited = waiting.pop()
        node = _resolved(raw)
        if not isinstance(node, DictionaryObject):
            continue
        own = inherited | {key: _at(node, key) for key in ("/FT", "/V", "/Opt", "/Ff") if key in node}
        part = _at(node, "/T")
        name = ".".join(filter(None, (above, str(part) if part is not None else "")))
        named = [one for one in _array(node, "/Kids") if _is_named(one)]
        if named:
            waiting += [(one, name, own) for one in reversed(named)]
        elif name and not _is_idle(own):
            yield name, own


def _is_named(raw: Any) -> bool:
    """Tell a field from a mere place where its parent is drawn."""
    node = _resolved(raw)
    return isinstance(node, DictionaryObject) and "/T" in node


_PUSH = 1 << 16


def _is_idle(field: Mapping[str, Any]) -> bool:
    """Tell whether a field holds no value for anybody to read: a signature, or a button that does something."""
    kind, flags = field.get("/FT"), field.get("/Ff", 0)
    return kind == "/Sig" or (kind == "/Btn" and isinstance(flags, int) and bool(flags & _PUSH))


def _value(name: str, field: Mapping[str, Any]) -> str:
    """Return what a field holds, as text; for a choice the option's own value, not how it is shown."""
    value = field.get("/V")
    if isinstance(value, ArrayObject) and len(value) <= 1:
        value = _resolved(value[0]) if value else None
    text = _text(name, value)
    if len(text) > MAX_LENGTH:
        raise FaultyError(Fault.LONG, name)
    return _exported(text, field) if field.get("/FT") == "/Ch" else text


def _text(name: str, value: Any) -> str:
    if value is None or isinstance(value, NullObject):
        return ""
    if isinstance(value, StreamObject):
        value = create_string_object(value.get_data()[: 4 * MAX_LENGTH + 4])
    if isinstance(value, ByteStringObject):
        return bytes(value).decode("cp1252", "replace")
    if isinstance(value, NameObject):
        return "" if value == "/Off" else str(value).removeprefix("/")
    if isinstance(value, TextStringObject):
        return str(value)
    raise FaultyError(Fault.NOT_TEXT, name)


def _exported(text: str, field: Mapping[str, Any]) -> str:
    """Return the value of a choice that a reader noted by the words it shows."""
    options = field.get("/Opt")
    pairs = [_resolved(one) for one in options] if isinstance(options, ArrayObject) else []
    shown = {
        str(_resolved(pair[1])): str(_resolved(pair[0]))
        for pair in pairs
        if isinstance(pair, ArrayObject) and len(pair) == 2  # noqa: PLR2004 -- value and words (ISO 32000, table 234)
    }
    return text if text in shown.values() else shown.get(text, text)


def _array(node: DictionaryObject, key: str) -> list[Any]:
    found = _at(node, key)
    return list(found) if isinstance(found, ArrayObject) else []


def _at(node: DictionaryObject, key: str) -> Any:
    return _resolved(node.raw_get(key)) if key in node else None


def _resolved(thing: Any) -> Any:
    """Follow references, as far as an honest file would have them."""
    for _ in range(_CHAIN):
        if not isinstance(thing, IndirectObject):
            return thing
        thing = thing.get_object()
    return None


if __name__ == "__main__":
    main()
