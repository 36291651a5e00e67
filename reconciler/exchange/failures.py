"""What went wrong on the way to Exchange's shell, as errors that say who must act.

Codes of WSMan faults are those of Windows' wsmerror.h. How far a cmdlet got tells whether it may have been run:
one that never arrived was not run; one whose answer was lost may have been.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import requests
from pypsrp.exceptions import AuthenticationError, WinRMTransportError, WSManFaultError
from spnego.exceptions import SpnegoError

from reconciler.errors import OutcomeUnknownError, TargetError, TargetUnreachableError
from reconciler.exchange.line import NoKerberosError, PlainAnswerError, UnfitAnswerError

_GONE = 2150858843  # ERROR_WSMAN_UNEXPECTED_SELECTORS: there is no such shell (any more)
_NO_CONFIGURATION = 2150858811  # seen: the configuration asked for does not exist there
_QUOTAS = frozenset({
    2150859173,  # ERROR_WSMAN_QUOTA_MAX_SHELLS
    2150859174,  # ERROR_WSMAN_QUOTA_MAX_OPERATIONS
    2150859175,  # ERROR_WSMAN_QUOTA_USER: says how long to wait
    2150859176,  # ERROR_WSMAN_QUOTA_SYSTEM
    2150859179,  # ERROR_WSMAN_QUOTA_MAX_SHELLUSERS
    *range(2150859236, 2150859241),  # the same, per plug-in
})  # fmt: skip
_POLICIES = re.compile(r"\b(?:PowerShell)?Max(?:Tenant)?(?:Concurrency|Runspaces|Cmdlets|DestructiveCmdlets)\b")
"""Names of the limits of a throttling policy, which Exchange does not translate."""

_MILLISECONDS = re.compile(r"(\d+)\s*(?:milliseconds|milisegundos|ms\b)", re.IGNORECASE)
_CATEGORY = re.compile(r"\[FailureCategory=(?:\w+-)?(\w+)\]")
_NOT_LET_IN = frozenset({401, 403, 404})
_READS = ("Get-", "Test-")

_KERBEROS_LIBRARIES = ("krb5.", "gssapi.")  # an extra: it may not be there to be imported

_ASK_EXCHANGE = "Avise a quien administra Exchange."


class BusyError(Exception):
    """The server asks to wait before trying again; nothing was done. `seconds` is None where it does not say."""

    def __init__(self, why: str, seconds: float | None) -> None:
        super().__init__(why)
        self.why = why
        self.seconds = seconds


class GoneError(Exception):
    """The server closed the runspace before the cmdlet arrived; another one will do."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What was being done: which cmdlet, towards which server."""

    cmdlet: str
    where: str

    @property
    def only_reads(self) -> bool:
        """Whether doing it can change nothing."""
        return self.cmdlet.startswith(_READS)


def category_in(text: str) -> str | None:
    """Return the exception's name in the FailureCategory that a text carries, None where it has none."""
    found = _CATEGORY.search(text)
    return found.group(1) if found else None


def busy_in(error: Exception) -> BusyError | None:
    """Return what an answer asks to wait for, None where it is no such answer."""
    said = str(error)
    limit = _POLICIES.search(said)
    code = error.code if isinstance(error, WSManFaultError) else None
    if code not in _QUOTAS and not limit:
        return None
    reason = limit.group() if limit else f"WSMan {code}"
    return BusyError(f"Exchange pide esperar: se alcanzó un límite de la cuenta de servicio ({reason}).", asked(said))


def asked(said: str) -> float | None:
    """Return the seconds that a server asks to wait, None where it does not say."""
    found = _MILLISECONDS.search(said)
    return int(found.group(1)) / 1000 if found else None


def not_opened(error: Exception, where: str) -> TargetUnreachableError | BusyError:
    """Return what a failure to open a runspace stands for: no cmdlet was sent, so nothing was done."""
    return busy_in(error) or _closed_door(error, where)


def not_begun(error: Exception, attempt: Attempt, *, posted: bool) -> TargetError | BusyError | GoneError:
    """Return what a failure to send a cmdlet stands for; `posted` tells whether it may have reached the server."""
    if isinstance(error, WSManFaultError) and error.code == _GONE:
        return GoneError()
    busy = busy_in(error)
    if busy:
        return busy
    if attempt.only_reads or not posted or _turned_away(error):
        return _closed_door(error, attempt.where)
    return lost(attempt)


def interrupted(error: Exception, attempt: Attempt) -> TargetError:
    """Return what a failure to hear a cmdlet's answer stands for."""
    return _closed_door(error, attempt.where) if attempt.only_reads else lost(attempt)


def lost(attempt: Attempt) -> OutcomeUnknownError:
    """Return the error for a change whose answer never came: it may have been made, now or later."""
    return OutcomeUnknownError(
        f"{attempt.cmdlet}: se perdió la respuesta de {attempt.where}; no se sabe si lo hizo.",
        remedy="La próxima corrida lo lee de vuelta antes de creer nada: vuelva a correr «cuentas apply».",
    )


def too_slow(attempt: Attempt, seconds: int) -> TargetError:
    """Return the error for a cmdlet that went on for longer than it is given."""
    if not attempt.only_reads:
        return lost(attempt)
    return TargetUnreachableError(
        f"{attempt.cmdlet}: {attempt.where} no terminó en {seconds} s.",
        remedy="Repita más tarde, o suba «espera_s» de «exchange» en el destino.",
    )


def impatient(busy: BusyError, where: str) -> TargetUnreachableError:
    """Return the error for a server that was still busy when there was no more time to wait."""
    asks = f" Pide {busy.seconds:.0f} s más." if busy.seconds else ""
    return TargetUnreachableError(
        f"{where}: {busy.why} Se agotó el tiempo para esperarlo.{asks}",
        remedy="Cierre otras sesiones de esa cuenta, baje «conexiones» de «exchange» o pida que suban su límite.",
    )


def always_gone(where: str) -> TargetUnreachableError:
    """Return the error for a server that closes every runspace before a cmdlet arrives."""
    return TargetUnreachableError(
        f"La consola de Exchange en {where} cierra cada sesión antes de usarla.",
        remedy="Si «servidor» es un balanceador, ponga un servidor de Exchange; " + _ASK_EXCHANGE.lower(),
    )


def _turned_away(error: Exception) -> bool:
    """Tell whether the web server said, over TLS, that it let nothing in; in clear it is not even believed."""
    if isinstance(error, WinRMTransportError):
        return error.code in _NOT_LET_IN
    return isinstance(error, AuthenticationError)


def _closed_door(error: Exception, where: str) -> TargetUnreachableError:
    reason, remedy = _reason(error)
    return TargetUnreachableError(f"La consola de Exchange en {where} {reason}.", remedy=remedy)


def _reason(error: Exception) -> tuple[str, str]:  # noqa: C901 -- one line for each way of not getting in
    match error:
        case AuthenticationError():
            return "no reconoce a la cuenta de servicio", "Revise «usuario» y «clave_archivo» de «exchange»."
        case _ if isinstance(error, SpnegoError) or type(error).__module__.startswith(_KERBEROS_LIBRARIES):
            return (
                "no se pudo abrir con Kerberos: no hubo boleto para el servidor",
                "Revise la hora, el keytab (KRB5_CLIENT_KTNAME) o «kinit», y «nombre_kerberos» de «exchange».",
            )
        case PlainAnswerError():
            code = f" (HTTP {error.args[0]})" if error.args else ""
            return (
                f"contestó sin cifrar{code}, y no se le cree",
                "Revise «servidor» y «puerto»; " + _ASK_EXCHANGE.lower(),
            )
        case UnfitAnswerError():
            return "contestó algo demasiado grande o comprimido, y no se leyó", _ASK_EXCHANGE
        case NoKerberosError():
            return (
                "no ofrece entrar con Kerberos, y con NTLM no se entra",
                "Revise «servidor» y pida que /PowerShell admita Kerberos, o use «seguridad: basico».",
            )
        case requests.exceptions.SSLError():
            return (
                "no prueba ser quien dice (TLS)",
                "Revise «servidor» y «ca» de «exchange»; la conexión nunca se hace sin verificar.",
            )
        case requests.TooManyRedirects():
            return "manda a otra dirección, y no se sigue", "Ponga en «servidor» el nombre del servidor mismo."
        case requests.ConnectionError() | requests.ConnectTimeout():
            return "no contesta", "Revise la red y el servidor, y vuelva a correr: se retoma donde quedó."
        case requests.Timeout():
            return "dejó de contestar", "Repita más tarde, o suba «espera_s» de «exchange» en el destino."
        case WinRMTransportError(code=code):
            return f"contestó HTTP {code}", "Revise «servidor» y «puerto», y que exista /PowerShell en él."
        case WSManFaultError(code=code) if code == _NO_CONFIGURATION:
            return "no tiene la configuración Microsoft.Exchange", "Ponga en «servidor» un servidor de Exchange."
    category = category_in(str(error))
    if category:
        return (
            f"no deja entrar a la cuenta de servicio ({category})",
            "Pida que la agreguen a un grupo de funciones y que tenga RemotePowerShellEnabled.",
        )
    code = error.code if isinstance(error, WSManFaultError) else type(error).__name__
    return f"dio un error que no se esperaba ({code})", _ASK_EXCHANGE
