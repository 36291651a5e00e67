"""Personal data that has no place in an institutional directory, found wherever it is written, comments included.

Proportionality of personal data (LGPDPPSO, DOF 20-03-2025). Patterns of CURP and RFC are those of their official
keys; an NSS has eleven digits of which the last one is a Luhn check digit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from reconciler.declaration import tree
from reconciler.declaration.characters import shown
from reconciler.declaration.problems import Problems
from reconciler.model import Source

_SEVEN_DIGITS = re.compile(r"(?:\d\D*+){7}")
"""Each kind below has seven or more."""
_CURP = re.compile(
    r"(?<![^\W_])[A-Z][AEIOUX][A-Z]{2}\d{6}[HMX][A-Z]{2}[B-DF-HJ-NP-TV-Z]{3}[A-Z0-9]\d(?![^\W_])", re.IGNORECASE
)
_RFC = re.compile(
    r"(?<![^\W_])[A-ZÑ&]{4}\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])[A-Z0-9]{2}[A0-9](?![^\W_])", re.IGNORECASE
)
_ELEVEN = re.compile(r"(?<!\d)\d{11}(?!\d)")
_PRIVATE_PHONE = re.compile(r"\b(cel|celular|m[oó]vil|whats\s?app|particular|casa|recados)\b", re.IGNORECASE)
_TEN_DIGITS = re.compile(r"(?:\d[ ().-]{0,2}){9,}\d")
_NO_PHONE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b|\b[A-Z]{1,2}-\d{4}-[0-9A-Z]{8}\b")
"""Dates, orders and folios: they have digits enough for a telephone."""
_COMMENT = re.compile(r"(?:^|\s)#.*")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")

FORBIDDEN_KEYS = {
    "curp": "la CURP",
    "rfc": "el RFC",
    "nss": "el número de seguridad social",
    "imss": "el número de seguridad social",
    "celular": "el teléfono particular",
    "telefono_particular": "el teléfono particular",
    "telefono_celular": "el teléfono particular",
    "movil": "el teléfono particular",
    "whatsapp": "el teléfono particular",
    "correo_personal": "el correo particular",
    "correo_particular": "el correo particular",
    "email_personal": "el correo particular",
    "fecha_nacimiento": "la fecha de nacimiento",
    "nacimiento": "la fecha de nacimiento",
    "domicilio": "el domicilio",
    "direccion_particular": "el domicilio",
    "sexo": "el sexo",
    "estado_civil": "el estado civil",
    "contrasena": "la contraseña",
    "password": "la contraseña",
    "clave": "la contraseña",
}
"""Keys that people try, and what they would put there."""


NUMBERS = frozenset({"alta", "baja", "cambio"})
"""Fields that hold an oficio's number: eleven digits in a row are nobody's there, and «PARTICULAR» is an office."""
DIGESTS = frozenset({"sha256", "llave"})
"""Fields that hold what no person can read."""
_ADDRESSES = frozenset({"correo", "alias"})
"""Fields whose addresses have rules of their own."""


def check_personal(root: tree.Mapping, text: str, file: str, domains: tuple[str, ...], problems: Problems) -> None:
    """Say every line of a file, comments included, that seems to hold somebody's private data."""
    for name, value, line in written(root, text):
        where = Source(file, line)
        reason = None if name in DIGESTS else forbidden(value, number=name in NUMBERS)
        if reason is None and name not in _ADDRESSES:
            private = private_address(value, domains)
            reason = private and f"lleva un correo ajeno ({shown(private)}); aquí van los de {', '.join(domains)}"
        if reason and not problems.has(where, "dato-personal"):
            problems.add(
                where, "dato-personal", f"El renglón {reason}.",
                "Quítelo: en la declaración va solo lo que muestra un directorio institucional (LGPDPPSO).",
            )  # fmt: skip


def written(root: tree.Mapping, text: str) -> Iterator[tuple[str, str, int]]:
    """Yield everything a file says, with the field it belongs to ("" for a comment) and its line."""
    yield from _values(root, "")
    yield from _comments(text)


def _values(node: tree.Node, name: str) -> Iterator[tuple[str, str, int]]:
    """Yield every value, and every entry's key, with the field it belongs to and its line."""
    if isinstance(node, tree.Text):
        yield name, node.value, node.line
    elif isinstance(node, tree.Sequence):
        for item in node.items:
            yield from _values(item, name)
    else:
        for key, value in node.entries.items():
            yield "alta" if name == "oficios" else "", key, node.keys[key]
            yield from _values(value, key)


def _comments(text: str) -> Iterator[tuple[str, str, int]]:
    """Yield what stands after a hash; a hash inside of a value is looked at twice, which harms nothing."""
    if "#" not in text:
        return
    for number, line in enumerate(text.split("\n"), start=1):
        if "#" in line and (match := _COMMENT.search(line)):
            yield "", match.group(), number


def forbidden(text: str, *, number: bool = False) -> str | None:
    """Return, in Spanish, which personal data a text seems to hold, or None; `number` is for an oficio's."""
    if not _SEVEN_DIGITS.search(text):
        return None
    if _CURP.search(text):
        return "parece llevar una CURP, que aquí no se escribe"
    if _RFC.search(text):
        return "parece llevar un RFC, que aquí no se escribe"
    if number:
        return None
    if any(_luhn(match.group()) for match in _ELEVEN.finditer(text)):
        return "parece llevar un número de seguridad social, que aquí no se escribe"
    if _PRIVATE_PHONE.search(text) and _TEN_DIGITS.search(text):
        return "parece llevar un teléfono particular; aquí solo van los institucionales"
    return None


def private_address(text: str, domains: tuple[str, ...]) -> str | None:
    """Return the first e-mail address in a text that is not of the organisation's domains."""
    for match in _EMAIL.finditer(text) if "@" in text else ():
        if match.group(1).lower().rstrip(".") not in domains:
            return match.group()
    return None


def in_free_text(text: str, domains: tuple[str, ...], phones: tuple[str, ...]) -> str | None:
    """Return, in Spanish, which personal data a text for the record seems to hold, or None.

    Beyond what a declaration refuses, any telephone: but for those that begin as the institution's own `phones` do.
    """
    reason = forbidden(text)
    if reason:
        return reason
    private = private_address(text, domains)
    if private:
        return f"lleva un correo ajeno ({shown(private)}); aquí van los de {', '.join(domains)}"
    own = tuple(re.sub(r"\D", "", one) for one in phones)
    numbers = (re.sub(r"\D", "", one.group()) for one in _TEN_DIGITS.finditer(_NO_PHONE.sub("·", text)))
    if any(not one.startswith(own) for one in numbers):
        return "parece llevar un teléfono que no es de los institucionales"
    return None


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 -- digits of a two-digit product
    return total % 10 == 0
