"""Over HTTP: orders are raised and closed in a service that keeps the contract of docs/sistema-oficios.md."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from datetime import tzinfo
from typing import Any

from reconciler.capture import Answer, Answers, Capture, capture, clean_number
from reconciler.config import OficiosHttp
from reconciler.errors import OutcomeUnknownError, TargetError, TargetRejectedError, TargetUnreachableError
from reconciler.https import Connection, LostError, NotNowError, Reply, Service, place, retry_after
from reconciler.orders import Order, Telling
from reconciler.patience import Patience
from reconciler.sistema_oficios.table import as_json

LARGEST = 1 << 16
"""Bytes of an answer: what is in the contract takes less than one thousand."""

ORDERS, STATUS = "/ordenes", "/estado"
"""The two paths of the contract, below `url`."""

CODES = {
    "dependencia-desconocida": "no conoce esa dependencia",
    "oficio-desconocido": "no conoce ese oficio",
    "orden-desconocida": "no tiene levantada esa orden",
    "numero-distinto": "tiene la orden con otro número",
    "datos-invalidos": "no acepta sus datos",
    "clave-repetida": "recibió antes otra cosa con la misma clave",
}
"""Why an order may be refused, in our own words: the server's text is never shown."""

_DONE, _LATER = frozenset({200, 201}), 202
_AGAIN = frozenset({408, 425, 429})
_NOTHING_DONE = frozenset({425, 429, 503})
_LONGEST = 60.0
"""Seconds that the service may ask to be left alone; who asks for more is told again another time."""

_REPEAT = "Vuelva a correr «cuentas order tell»: repetirlo no levanta dos órdenes."


class HttpSystem:
    """Fits the engine's `OrderSystem`; for one thread.

    Whatever is asked carries the key by which the service knows it again (`Idempotency-Key: ORDEN/ACCION`), so that
    it is repeated without harm: `intentos` times at once, and then whenever orders are told.
    """

    def __init__(self, config: OficiosHttp, zone: tzinfo, patience: Callable[[], Patience]) -> None:
        """Take what is needed; nothing is connected yet. `patience` gives each telling's, its attempts included.

        Raises:
            ConfigurationError: the authority or the token cannot be read.

        """
        self._line = Connection(_as_service(config))
        self._tries = config.intentos
        self._zone = zone
        self._patience = patience
        self._host, self._port = place(config.url)

    def tell(self, order: Order, what: Telling) -> str | None:
        """Raise or close an order, and return its number; None where the service says that it comes later."""
        found = capture(order, what, self._zone)
        reply = self._asked(found)
        if reply.status in _DONE:
            return self._number(reply, found)
        if reply.status == _LATER:
            return None
        raise self._no(reply, found)

    def answers(self) -> Answers:
        """Return none: telling again asks for a number that was to come later."""
        return Answers()

    def settle(self, taken: Collection[Answer], due: Collection[tuple[str, Telling]]) -> None:
        """Do nothing: nothing is kept here."""

    def close(self) -> None:
        """Hang up; calling it again does nothing."""
        self._line.close()

    def examine(self) -> str:
        """Ask how the service is, which raises no order, and say it in Spanish.

        Raises:
            TargetUnreachableError: it is not to be used as it is configured.

        """
        try:
            status = self._line.ask("GET", STATUS).status
        except (NotNowError, LostError):
            raise self._unreachable("no contesta como debe", "Revise que esté en servicio") from None
        if status in _DONE:
            return "contesta, y acepta a esta máquina"
        raise self._closed_to_us(status) or self._unreachable(f"contestó {status} a GET {STATUS}", "Corrija «url»")

    def _closed_to_us(self, status: int) -> TargetUnreachableError | None:
        """Return what is wrong with address or token, None where they are not what an answer speaks of."""
        match status:
            case 401 | 403:
                return self._unreachable("no acepta el testigo (token)", "Revise «clave_archivo»")
            case 404 | 405:
                return self._unreachable("no tiene esa dirección", "Corrija «url»")
            case _ if status // 100 == 3:  # noqa: PLR2004 -- a redirection (RFC 9110, 15.4)
                return self._unreachable("manda a otra dirección, y ahí no se le sigue", "Corrija «url»")
            case _:
                return None

    def _no(self, reply: Reply, found: Capture) -> TargetError:
        """Return what an answer without a number means."""
        closed = self._closed_to_us(reply.status)
        if closed is not None:
            return closed
        if reply.status // 100 == 4:  # noqa: PLR2004 -- the request is at fault (RFC 9110, 15.5)
            return self._refused(reply, found)
        return self._unknown(found, f"contestó {reply.status}, que no está en el contrato")

    def _asked(self, found: Capture) -> Reply:
        """Ask until there is an answer that stands, as often and as long as is configured."""
        patience, body = self._patience(), as_json(found)
        doubt, why, asked = False, "", None
        for turn in range(self._tries):
            if turn and not patience.wait(f"El Sistema de Oficios {why}.", asked):
                break
            try:
                reply = self._line.ask("POST", ORDERS, body, {"Idempotency-Key": found.key})
            except NotNowError:
                why, asked = "no contesta", None
                continue
            except LostError:
                doubt, why, asked = True, "no terminó de contestar", None
                continue
            if reply.status < 500 and reply.status not in _AGAIN:  # noqa: PLR2004 -- the server's own errors
                return reply
            doubt = doubt or reply.status not in _NOTHING_DONE
            why, asked = f"contestó {reply.status}", retry_after(reply)
            if asked is not None and asked > _LONGEST:
                break
        if doubt:
            raise self._unknown(found, why)
        raise self._unreachable(why, "Revise que esté en servicio y que esta máquina lo alcance")

    def _number(self, reply: Reply, found: Capture) -> str:
        said = _object(reply.body)
        number = clean_number(said.get("numero"))
        if number is None or (said.get("orden"), said.get("accion")) != (found.orden, found.accion):
            raise self._unknown(found, "contestó algo que no es lo del contrato")
        return number

    def _refused(self, reply: Reply, found: Capture) -> TargetRejectedError:
        code = _object(reply.body).get("codigo")
        why = CODES.get(code, "no la acepta") if isinstance(code, str) else "no la acepta"
        return TargetRejectedError(
            f"El Sistema de Oficios no quiso {found.accion} la orden {found.orden} ({found.cuenta}, oficio "
            f"{found.oficio}): {why} (código {reply.status}).",
            remedy=f"Pregunte a quien lo administra por «{found.key}», o captúrela a mano y tome su número: "
            f"«cuentas order capture {found.orden} --accion {found.accion} --numero NÚMERO».",
        )

    def _unknown(self, found: Capture, why: str) -> OutcomeUnknownError:
        return OutcomeUnknownError(
            f"No se sabe si {found.accion} la orden {found.orden} quedó hecho en el Sistema de Oficios: {why}.",
            remedy=_REPEAT,
        )

    def _unreachable(self, what: str, remedy: str) -> TargetUnreachableError:
        return TargetUnreachableError(
            f"El Sistema de Oficios ({self._host}:{self._port}) {what}.",
            remedy=f"{remedy} (sección «sistema_oficios»). Las órdenes esperan en la bitácora; no se pierde ninguna.",
        )


def _as_service(config: OficiosHttp) -> Service:
    return Service(
        name="El Sistema de Oficios",
        whose="del Sistema de Oficios",
        section="sistema_oficios",
        url=config.url,
        authority=config.ca,
        token=config.clave_archivo,
        seconds=config.espera_s,
        largest=LARGEST,
    )


def _object(body: bytes) -> Mapping[str, Any]:
    """Return the JSON object that a body is; an empty one where it is none."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
