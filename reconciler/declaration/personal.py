"""Personal data that has no place in an institutional directory, found wherever it is written.

Proportionality of personal data (LGPDPPSO, DOF 20-03-2025). Patterns of CURP and RFC are those of their official
keys; an NSS has eleven digits of which the last one is a Luhn check digit.
"""

from __future__ import annotations

import re

_CURP = re.compile(r"\b[A-Z][AEIOUX][A-Z]{2}\d{6}[HMX][A-Z]{2}[B-DF-HJ-NP-TV-Z]{3}[A-Z0-9]\d\b", re.IGNORECASE)
_RFC = re.compile(r"\b[A-ZÑ&]{4}\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])[A-Z0-9]{2}[A0-9]\b", re.IGNORECASE)
_ELEVEN = re.compile(r"(?<!\d)\d{11}(?!\d)")
_PRIVATE_PHONE = re.compile(r"\b(cel|celular|m[oó]vil|whats\s?app|particular|casa|recados)\b", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")

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


def forbidden(text: str) -> str | None:
    """Return, in Spanish, which personal data a text seems to hold, or None."""
    if _CURP.search(text):
        return "parece llevar una CURP, que aquí no se escribe"
    if _RFC.search(text):
        return "parece llevar un RFC, que aquí no se escribe"
    if any(_luhn(match.group()) for match in _ELEVEN.finditer(text)):
        return "parece llevar un número de seguridad social, que aquí no se escribe"
    if _PRIVATE_PHONE.search(text) and sum(char.isdigit() for char in text) >= 7:  # noqa: PLR2004 -- a telephone
        return "parece llevar un teléfono particular; aquí solo van los institucionales"
    return None


def private_address(text: str, domains: tuple[str, ...]) -> str | None:
    """Return the first e-mail address in a text that is not of the organisation's domains."""
    for match in _EMAIL.finditer(text):
        if match.group(1).lower().rstrip(".") not in domains:
            return match.group()
    return None


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value  # noqa: PLR2004 -- digits of a two-digit product
    return total % 10 == 0
