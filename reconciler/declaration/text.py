"""From bytes to text: the encoding, the size and the characters that no file may carry."""

from __future__ import annotations

import re

from reconciler.declaration.characters import described, fault
from reconciler.declaration.problems import Problems
from reconciler.model import Source

MAX_BYTES = 1024 * 1024
"""Size of the largest file that is read: some five thousand accounts, and a second for the worst that fits in it."""

_BOM = b"\xef\xbb\xbf"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|\r(?!\n)")
_TAB = re.compile(r"^ *\t", re.MULTILINE)
_DIRECTIVE = re.compile(r"^%", re.MULTILINE)
_UNUSUAL = re.compile("[^\n\r\t -~\u00a1-\u00ac\u00ae-\u017e]")


def decode(data: bytes, file: str, problems: Problems) -> str | None:
    """Return the text of a file, without its byte order mark, or None after saying why it has none."""
    if len(data) > MAX_BYTES:
        _too_large(len(data), file, problems)
        return None
    try:
        text = data.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        _wrong_encoding(data, error.start, file, problems)
        return None
    before = problems.blocks
    return None if _refuse_characters(text, file, problems) and (before or problems.blocks) else text


def not_read(size: int, file: str, problems: Problems) -> None:
    """Say why nothing was read of a file: it is above the limit, or the system does not let us."""
    if size > MAX_BYTES:
        _too_large(size, file, problems)
        return
    problems.add(
        Source(file, 0), "archivo", "El archivo no se puede leer.", "Revise sus permisos y que sea un archivo común."
    )


def _too_large(size: int, file: str, problems: Problems) -> None:
    problems.add(
        Source(file, 0),
        "archivo-grande",
        f"El archivo mide {size / 1024 / 1024:.1f} MiB; el máximo es de {MAX_BYTES // 1024 // 1024} MiB.",
        "Revise que sea el archivo correcto; una dependencia muy grande se divide en la carpeta accounts/<siglas>/.",
    )


def unusual_lines(text: str, file: str, problems: Problems) -> None:
    """Say which lines carry invisible characters anywhere, comments included, unless it was said already.

    They hide from whoever reviews the change what the file really says.
    """
    if text.isascii():
        return
    for number, line in enumerate(text.split("\n"), start=1):
        char = next((char for char in _UNUSUAL.findall(line) if "invisible" in (fault(char) or "")), None)
        where = Source(file, number)
        if char is not None and not problems.has(where, "caracter"):
            problems.add(
                where,
                "caracter",
                f"El renglón lleva {fault(char)}: {described(char)}.",
                "Bórrelo; conviene volver a escribir el renglón a mano en lugar de pegarlo.",
            )


def _wrong_encoding(data: bytes, start: int, file: str, problems: Problems) -> None:
    likely = "UTF-16" if data.startswith(_UTF16) else "Windows-1252 o Latin-1"
    line = data.count(b"\n", 0, start) + 1
    problems.add(
        Source(file, 0 if data.startswith(_UTF16) else line),
        "codificacion",
        f"El archivo no está en UTF-8 (parece {likely}).",
        "Guárdelo de nuevo eligiendo la codificación UTF-8.",
    )


def _refuse_characters(text: str, file: str, problems: Problems) -> bool:
    """Say which characters keep the text from being read at all; True where there is one."""
    found = False
    for match in _UNREADABLE.finditer(text):
        found = True
        problems.add(
            Source(file, _line(text, match.start())),
            "caracter-de-control",
            f"El archivo lleva un carácter que no se puede leer: {_named(match.group())}.",
            "Bórrelo; conviene volver a escribir el renglón a mano en lugar de pegarlo.",
        )
        if problems.full(file):
            return True
    for match in _TAB.finditer(text):
        found = True
        problems.add(
            Source(file, _line(text, match.start())),
            "tabulador",
            "El renglón empieza con un tabulador; en YAML el sangrado se hace solo con espacios.",
            "Cambie cada tabulador por dos espacios («cuentas fmt» deja el archivo parejo después).",
        )
        if problems.full(file):
            return True
    directive = _DIRECTIVE.search(text)
    if directive:
        found = True
        problems.add(
            Source(file, _line(text, directive.start())),
            "directiva",
            "El renglón empieza con «%», que en YAML es una directiva; aquí no se usan.",
            "Borre ese renglón.",
        )
    return found


def _named(char: str) -> str:
    return "U+000D, un retorno de carro suelto" if char == "\r" else described(char)


def _line(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1
