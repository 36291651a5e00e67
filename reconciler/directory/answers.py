"""What a domain controller answers, as errors that say who must act.

Result codes are those of RFC 4511, 4.1.9 and appendix A; the eight digits with which Active Directory and Samba begin
a diagnostic message are Windows error codes (MS-ERREF). Nothing of the message itself is shown: it may quote values.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from reconciler.errors import (
    ChangedMeanwhileError,
    OutcomeUnknownError,
    TargetError,
    TargetRejectedError,
    TargetUnreachableError,
)

SUCCESS, TIME_LIMIT, SIZE_LIMIT, NO_SUCH_ATTRIBUTE, VALUE_EXISTS = 0, 3, 4, 16, 20
NO_SUCH_OBJECT, INVALID_CREDENTIALS, BUSY, ALREADY_EXISTS, OTHER = 32, 49, 51, 68, 80

_ASK_DIRECTORY = "Avise a quien administra Active Directory."
_LATER = "Repita más tarde; si sigue igual, avise a quien administra Active Directory."
_PLAN_AGAIN = "Alguien más lo cambió: vuelva a correr «cuentas plan»."
_REPORT = "Es un defecto de cuentas: repórtelo con este mensaje."

_CODES: Mapping[int, tuple[type[TargetError], str, str]] = {
    1: (TargetUnreachableError, "el servidor no pudo atender la operación", _ASK_DIRECTORY),
    2: (TargetUnreachableError, "el servidor no entendió la operación", _ASK_DIRECTORY),
    TIME_LIMIT: (
        TargetUnreachableError,
        "el servidor agotó su tiempo",
        "Repita más tarde; si sigue, " + _ASK_DIRECTORY.lower(),
    ),
    SIZE_LIMIT: (TargetUnreachableError, "el servidor cortó la respuesta por tamaño", "Baje «pagina» en el destino."),
    8: (TargetUnreachableError, "el servidor exige una conexión más segura", "Use «seguridad: ldaps» o «starttls»."),
    10: (TargetUnreachableError, "el objeto está en otro dominio", "Revise «raiz» y «base» del destino."),
    11: (TargetUnreachableError, "el servidor llegó a un límite administrativo", _ASK_DIRECTORY),
    12: (TargetUnreachableError, "el servidor no admite leer por páginas", _ASK_DIRECTORY),
    13: (TargetUnreachableError, "el servidor exige cifrado", "Use «seguridad: ldaps» o «starttls»."),
    NO_SUCH_ATTRIBUTE: (ChangedMeanwhileError, "ya no tiene el valor que se leyó; no se cambió nada", _PLAN_AGAIN),
    17: (TargetRejectedError, "el esquema no tiene ese atributo", _ASK_DIRECTORY),
    19: (TargetRejectedError, "un valor viola una restricción del directorio", "Corrija la declaración."),
    VALUE_EXISTS: (ChangedMeanwhileError, "ya tiene un valor que no se esperaba; no se cambió nada", _PLAN_AGAIN),
    21: (TargetRejectedError, "un valor no tiene la forma que el directorio pide", "Corrija la declaración."),
    NO_SUCH_OBJECT: (ChangedMeanwhileError, "ya no existe", _PLAN_AGAIN),
    34: (TargetRejectedError, "su nombre no sirve como nombre del directorio", "Corrija la clave o las siglas."),
    INVALID_CREDENTIALS: (
        TargetUnreachableError,
        "el servidor no reconoce a la cuenta de servicio",
        "Revise «usuario» y el archivo «clave_archivo» del destino.",
    ),
    50: (
        TargetRejectedError,
        "la cuenta de servicio no tiene permiso",
        "Pida a quien administra Active Directory que delegue ese permiso sobre la base administrada.",
    ),
    BUSY: (TargetUnreachableError, "el servidor está ocupado", _LATER),
    52: (TargetUnreachableError, "el servidor no está disponible", _LATER),
    53: (TargetRejectedError, "el servidor se niega a hacerlo", _ASK_DIRECTORY),
    64: (TargetRejectedError, "su nombre no cabe donde iría", "Corrija la clave o las siglas."),
    65: (TargetRejectedError, "le falta o le sobra un atributo según el esquema", _REPORT),
    66: (TargetRejectedError, "tiene objetos adentro", _ASK_DIRECTORY),
    67: (TargetRejectedError, "ese valor es parte de su nombre y no se cambia así", _REPORT),
    ALREADY_EXISTS: (
        TargetRejectedError,
        "ya hay un objeto con ese nombre o ese inicio de sesión",
        "Si es la misma persona, declare «existente: true»; si no, elija otra clave u otro «usuario_ad:».",
    ),
    71: (TargetRejectedError, "habría que moverlo a otro dominio", "Revise «base» del destino."),
    OTHER: (TargetRejectedError, "el servidor no dijo por qué", _ASK_DIRECTORY),
}

_WINDOWS: Mapping[str, tuple[type[TargetError], str, str]] = {
    "0000052D": (
        TargetRejectedError,
        "la contraseña no cumple la política del dominio",
        "Revise la política con quien administra Active Directory: cuentas genera 16 caracteres de cuatro clases.",
    ),
    "0000202F": (TargetRejectedError, "otro objeto ya tiene ese nombre principal (UPN)", "Elija otra clave."),
    "00002095": (ChangedMeanwhileError, "la unidad a la que iría ya no existe", _PLAN_AGAIN),
    "000004DC": (TargetUnreachableError, "la conexión dejó de estar autenticada", "Vuelva a correr."),
}
"""Windows codes that say more than their LDAP code does."""

_BIND_REASONS: Mapping[str, tuple[str, str]] = {
    "525": ("ese usuario no existe", "Revise «usuario» del destino."),
    "52e": ("usuario o contraseña equivocados", "Revise «usuario» y el archivo «clave_archivo» del destino."),
    "530": ("la cuenta de servicio no puede entrar a esta hora", _ASK_DIRECTORY),
    "531": ("la cuenta de servicio no puede entrar desde esta máquina", _ASK_DIRECTORY),
    "532": ("la contraseña de la cuenta de servicio caducó", "Cámbiela y actualice el archivo «clave_archivo»."),
    "533": ("la cuenta de servicio está deshabilitada", _ASK_DIRECTORY),
    "701": ("la cuenta de servicio venció", _ASK_DIRECTORY),
    "773": ("la cuenta de servicio debe cambiar su contraseña", "Cámbiela y actualice el archivo «clave_archivo»."),
    "775": ("la cuenta de servicio está bloqueada por intentos fallidos", _ASK_DIRECTORY),
}
"""The `data` codes of a refused bind (Microsoft, "Common Active Directory bind errors"; all seen with Samba)."""

_DATA = re.compile(r"data ([0-9a-f]{3})\b")
_WINDOWS_CODE = re.compile(r"([0-9A-F]{8}): ")


def code_of(result: Mapping[str, Any]) -> int:
    """Return an answer's result code."""
    return int(result["result"])


def error_for(result: Mapping[str, Any], what: str) -> TargetError:
    """Return the error that an answer other than success stands for; `what` names the object or the act."""
    code = code_of(result)
    said = str(result.get("message") or "")
    if code == INVALID_CREDENTIALS:
        return _refused_bind(said, what)
    windows = _WINDOWS_CODE.match(said)
    known = _WINDOWS.get(windows.group(1)) if windows else None
    unforeseen = (TargetRejectedError, "el servidor dijo que no", _ASK_DIRECTORY)
    cls, reason, remedy = known or _CODES.get(code, unforeseen)
    detail = f"LDAP {code}" + (f", {windows.group(1)}" if windows else "")
    return cls(f"{what}: {reason} ({detail}).", remedy=remedy)


def _refused_bind(said: str, what: str) -> TargetError:
    data = _DATA.search(said)
    _, generic, ask = _CODES[INVALID_CREDENTIALS]
    reason, remedy = _BIND_REASONS.get(data.group(1) if data else "", (generic, ask))
    return TargetUnreachableError(f"{what}: {reason} (LDAP 49{f', {data.group(1)}' if data else ''}).", remedy=remedy)


def lost(what: str) -> OutcomeUnknownError:
    """Return the error for a write whose answer never came: it may have been made, now or later."""
    return OutcomeUnknownError(
        f"{what}: se perdió la respuesta del servidor; no se sabe si lo hizo.",
        remedy="La próxima corrida lo lee de vuelta antes de creer nada: vuelva a correr «cuentas apply».",
    )


def malformed(error: Exception, what: str) -> TargetRejectedError:
    """Return the error for an operation that the client library would not even send."""
    return TargetRejectedError(f"{what}: la operación no se pudo armar ({type(error).__name__}).", remedy=_REPORT)
