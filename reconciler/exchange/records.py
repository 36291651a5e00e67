"""What Exchange answers of a cmdlet, as errors that say who must act.

An ErrorRecord is told by its FailureCategory or by the type of its exception, never by its text, which comes in the
server's language and may quote values: it is never shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from reconciler.errors import (
    ChangedMeanwhileError,
    OutcomeUnknownError,
    TargetError,
    TargetRejectedError,
    TargetUnreachableError,
)
from reconciler.exchange.failures import Attempt, BusyError, asked, category_in

_ASK_EXCHANGE = "Avise a quien administra Exchange."
_PLAN_AGAIN = "Alguien más lo cambió: vuelva a correr «cuentas plan»."
_REPORT = "Es un defecto de cuentas: repórtelo con este mensaje."
_NAME = re.compile(r"\w{1,80}", re.ASCII)

_Known = tuple[type[TargetError], str, str]
_NOT_THERE: _Known = (
    ChangedMeanwhileError,
    "Exchange no encuentra el objeto, o no desde ese controlador",
    _PLAN_AGAIN,
)
_TAKEN: _Known = (
    TargetRejectedError,
    "otro objeto ya tiene esa dirección o ese nombre",
    "Elija otra dirección, o pida a quien administra Exchange que libere ésa.",
)
_MALFORMED: _Known = (TargetRejectedError, "Exchange no acepta un valor o un parámetro", _REPORT)
_DENIED: _Known = (
    TargetRejectedError,
    "la cuenta de servicio no tiene permiso",
    "Pida a quien administra Exchange que revise sus funciones (RBAC) y el alcance de éstas.",
)

_KINDS: Mapping[str, _Known] = {
    "ManagementObjectNotFoundException": _NOT_THERE,
    "ADNoSuchObjectException": _NOT_THERE,
    "ManagementObjectAmbiguousException": (
        TargetRejectedError,
        "más de un objeto responde a ese identificador",
        _ASK_EXCHANGE,
    ),
    "RecipientTaskException": (
        ChangedMeanwhileError,
        "el objeto no está en el estado que se leyó (ya tiene buzón, no lo tiene o es de otra clase)",
        _PLAN_AGAIN,
    ),
    "ProxyAddressExistsException": _TAKEN,
    "ADObjectAlreadyExistsException": _TAKEN,
    "DataValidationException": (
        TargetRejectedError,
        "el objeto quedó a medias de un buzón anterior o tiene un dato inválido",
        "Pida a quien administra Exchange que lo repare (por ejemplo, msExchHomeServerName sin buzón).",
    ),
    "ParameterBindingException": _MALFORMED,
    "ParameterBindingValidationException": _MALFORMED,
    "ParameterBindingArgumentTransformationException": _MALFORMED,
    "ADOperationException": (
        TargetRejectedError,
        "Active Directory no le permitió el cambio a Exchange",
        "Pida a quien administra Exchange que revise los permisos de Exchange sobre ese objeto.",
    ),
    "CmdletAccessDeniedException": _DENIED,
    "UnauthorizedAccessException": _DENIED,
    "PSSecurityException": _DENIED,
}
_PASSING = frozenset({"ADTransientException", "ADServerNotSuitableException", "ADExternalException"})
"""Exchange lost its domain controller, perhaps after asking it for the change."""

_OVER_BUDGET = "OverBudgetException"
_NOT_FOUND = "CommandNotFoundException"


class CmdletMissingError(TargetUnreachableError):
    """The service account's role does not have a cmdlet (RBAC): every account would fail alike."""


def error_for(records: Sequence[Any], attempt: Attempt) -> TargetError | BusyError:
    """Return the error that the records of a cmdlet's error stream stand for; the first one tells."""
    record = records[0]
    kind = kind_of(record)
    if kind == _NOT_FOUND:
        return missing(attempt.cmdlet)
    if kind == _OVER_BUDGET:
        why = f"Exchange pide esperar: se agotó el presupuesto de la cuenta de servicio ({kind})."
        return BusyError(why, asked(_text_of(record)))
    if kind in _PASSING:
        cls = TargetUnreachableError if attempt.only_reads else OutcomeUnknownError
        return cls(
            f"{attempt.cmdlet}: Exchange perdió a su controlador de dominio ({kind}).",
            remedy="Vuelva a correr: se lee de vuelta antes de creer nada; si sigue, " + _ASK_EXCHANGE.lower(),
        )
    known = _KINDS.get(kind)
    if known:
        known_class, reason, remedy = known
        return known_class(f"{attempt.cmdlet}: {reason} ({kind}).", remedy=remedy)
    named = f"{kind or 'sin nombre'}, categoría {record.category}"
    return TargetRejectedError(f"{attempt.cmdlet}: Exchange dio otro error ({named}).", remedy=_ASK_EXCHANGE)


def stopped(attempt: Attempt) -> TargetError:
    """Return the error for a pipeline that ended in failure and did not say why."""
    cls = TargetRejectedError if attempt.only_reads else OutcomeUnknownError
    return cls(f"{attempt.cmdlet}: Exchange lo interrumpió sin decir por qué.", remedy=_ASK_EXCHANGE)


def missing(cmdlet: str) -> CmdletMissingError:
    """Return the error for a cmdlet that the role does not have."""
    return CmdletMissingError(
        f"La función (RBAC) de la cuenta de servicio no tiene {cmdlet}.",
        remedy=f"Pida a quien administra Exchange una función con {cmdlet} y todos sus parámetros.",
    )


def kind_of(record: Any) -> str:
    """Return the simple name of the exception behind an ErrorRecord, empty where nothing tells it."""
    category = category_in(str(record.fq_error or ""))
    if category:
        return category
    kinds = getattr(record.exception, "types", None) or ()
    name = kinds[0] if kinds else str(record.reason or "")
    return _name_in(str(name).removeprefix("Deserialized.").rpartition(".")[2])


def _name_in(said: str) -> str:
    """Return what is no more than a name; text in a name's place could quote values."""
    return said if _NAME.fullmatch(said) else ""


def _text_of(record: Any) -> str:
    """Return what it says, to look for how long to wait."""
    return str(getattr(record.exception, "adapted_properties", {}).get("Message") or record)
