"""The line to a forge: what may be asked again is, for as long as is configured; what it says is never shown."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from typing import NoReturn, Protocol, TypeVar
from urllib.parse import urlencode

from pydantic import TypeAdapter

from reconciler.errors import TargetError, TargetRejectedError, TargetUnreachableError
from reconciler.forge.answers import understood
from reconciler.https import Connection, LostError, NotNowError, Reply, Service, place, retry_after
from reconciler.patience import Patience

SIZE = 50
"""Things of a page: Gitea gives no more (`MAX_RESPONSE_ITEMS`)."""
MOST_PAGES = 40
LARGEST = 32 << 20
"""Bytes of an answer: a page of the longest comments that there can be, escaped."""

_SERVER = 500
_BUSY = frozenset({408, 425, 429})
_LONGEST = 60.0
"""Seconds that the forge may ask to be left alone; who asks for more is asked again another time."""

_TOO_MUCH = "Ciérrelo y abra otro pull request con la misma rama."


class Numbered(Protocol):
    """One thing of a list."""

    @property
    def id(self) -> int:
        """What it is known by."""


One = TypeVar("One", bound=Numbered)
Found = TypeVar("Found")


class _AgainError(Exception):
    """It may be asked again: why, and after how many seconds where the forge says."""

    def __init__(self, why: str, asked: float | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.asked = asked


class _Turns:
    """The tries of one operation, and the waits between them."""

    def __init__(self, tries: int, patience: Patience) -> None:
        self._left = tries
        self._patience = patience

    def another(self, error: _AgainError) -> bool:
        """Wait for the next try; False, at once, where there is none."""
        self._left -= 1
        if self._left <= 0 or (error.asked or 0.0) > _LONGEST:
            return False
        return self._patience.wait(f"La forja {error.why}.", error.asked)


class Line:
    """For one thread."""

    def __init__(self, service: Service, tries: int, patience: Callable[[], Patience], size: str) -> None:
        """Take what is needed; nothing is connected yet. `size` is how a page's size is asked for.

        Raises:
            ConfigurationError: the authority or the token cannot be read.

        """
        self._connection = Connection(service)
        self._place = "{}:{}".format(*place(service.url))
        self._tries = tries
        self._patience = patience
        self._size = size

    def close(self) -> None:
        """Hang up; calling it again does nothing."""
        self._connection.close()

    def ask(
        self,
        path: str,
        *,
        method: str = "GET",
        body: Mapping[str, str] | None = None,
        also: frozenset[int] = frozenset(),
    ) -> Reply:
        """Ask what does no harm when it is asked twice; `also` are the refusals that the caller makes sense of.

        Raises:
            TargetUnreachableError: there is no answer, or none to whoever we are.
            TargetRejectedError: it said no.

        """
        turns = _Turns(self._tries, self._patience())
        while True:
            try:
                return self._once(method, path, body, also)
            except _AgainError as error:
                if not turns.another(error):
                    self._give_up(error)

    def make(
        self,
        path: str,
        body: Mapping[str, str],
        found: Callable[[], Found | None],
        also: frozenset[int] = frozenset(),
    ) -> Reply | Found:
        """POST what must not be there twice: after every answer that was lost it is looked whether it is there.

        Raises:
            TargetUnreachableError, TargetRejectedError: as `ask`.

        """
        turns = _Turns(self._tries, self._patience())
        while True:
            try:
                return self._once("POST", path, body, also)
            except _AgainError as error:
                more = turns.another(error)
                there = found()
                if there is not None:
                    return there
                if not more:
                    self._give_up(error)

    def every(
        self,
        path: str,
        kind: TypeAdapter[list[One]],
        query: Mapping[str, str] | None = None,
        absent: frozenset[int] = frozenset(),
    ) -> list[One]:
        """Return a whole list, page by page, in the forge's order; the addresses that it gives are never followed.

        Nothing where it is refused with one of `absent`.

        GitHub says in `Link` whether there is more (Using pagination in the REST API), Gitea in `X-Total-Count` too
        (API Usage, Pagination); there a list may be given at once whatever page was asked for.

        Raises:
            TargetUnreachableError, TargetRejectedError: as `ask`; or it never ends.

        """
        found: dict[int, One] = {}
        for page in range(1, MOST_PAGES + 1):
            asked = {**(query or {}), self._size: f"{SIZE}", "page": f"{page}"}
            reply = self.ask(f"{path}?{urlencode(asked)}", also=absent)
            if reply.status in absent:
                return []
            items = understood(kind, reply)
            before = len(found)
            found |= {one.id: one for one in items}
            if len(found) == before or not _goes_on(reply, len(items), len(found)):
                return list(found.values())
        raise TargetRejectedError(
            f"La forja da más de {MOST_PAGES * SIZE} elementos de una sola cosa: no se leen.", remedy=_TOO_MUCH
        )

    def _once(self, method: str, path: str, body: Mapping[str, str] | None, also: frozenset[int]) -> Reply:
        data = None if body is None else json.dumps(body).encode()
        try:
            reply = self._connection.ask(method, path, data)
        except NotNowError:
            raise _AgainError("no contesta") from None
        except LostError:
            raise _AgainError("no terminó de contestar") from None
        if reply.status // 100 == 2 or reply.status in also:  # noqa: PLR2004 -- success (RFC 9110, 15.3)
            return reply
        if reply.status >= _SERVER or reply.status in _BUSY or _is_limited(reply):
            raise _AgainError(f"contestó {reply.status}", _asked_for(reply))
        raise self._no(reply.status)

    def _give_up(self, error: _AgainError) -> NoReturn:
        wait = f" y pide que se le espere {error.asked:.0f} s" if error.asked else ""
        raise self.unreachable(
            f"{error.why}{wait}", "Revise que esté en servicio y que esta máquina la alcance; y repita después"
        ) from None

    def _no(self, status: int) -> TargetError:
        """Return what an answer that stands means."""
        match status:
            case 401:
                return self.unreachable("no acepta el testigo (token)", "Revise «clave_archivo»")
            case _ if status // 100 == 3:  # noqa: PLR2004 -- a redirection (RFC 9110, 15.4)
                return self.unreachable(
                    "manda a otra dirección, y ahí no se le sigue", "Corrija «url» y «repositorio»"
                )
            case 403:
                why, remedy = (
                    "no lo permite",
                    "Revise los permisos del testigo (docs/operacion.md, «La forja (REST)»)",
                )
            case 404 | 410:
                why = "no tiene eso, o no deja que este testigo lo vea"
                remedy = "Revise el número que dio, «repositorio» y los permisos del testigo"
            case _:
                why, remedy = "no lo acepta", "Mire en la forja si lo que se pide sigue siendo posible"
        return TargetRejectedError(f"La forja ({self._place}) {why} (código {status}).", remedy=f"{remedy}.")

    def unreachable(self, what: str, remedy: str) -> TargetUnreachableError:
        """Return the error of a forge that is not to be used as it is configured."""
        return TargetUnreachableError(
            f"La forja ({self._place}) {what}.", remedy=f"{remedy} (sección «forja» de cuentas.yaml)."
        )


def _goes_on(reply: Reply, items: int, found: int) -> bool:
    total = reply.headers.get("x-total-count", "")
    if re.fullmatch("[0-9]{1,9}", total):
        return found < int(total)
    return 'rel="next"' in reply.headers.get("link", "") or items >= SIZE


def _is_limited(reply: Reply) -> bool:
    """Whether a 403 is for asking too often (GitHub, Rate limits for the REST API)."""
    spent = reply.headers.get("x-ratelimit-remaining", "").strip() == "0"
    return reply.status == 403 and (spent or "retry-after" in reply.headers)  # noqa: PLR2004 -- Forbidden


def _asked_for(reply: Reply) -> float | None:
    """Return for how many seconds to leave it alone; GitHub says until when (`x-ratelimit-reset`)."""
    asked = retry_after(reply)
    reset = reply.headers.get("x-ratelimit-reset", "").strip()
    if asked is None and reply.headers.get("x-ratelimit-remaining", "").strip() == "0":
        asked = max(int(reset) - time.time(), 0.0) if re.fullmatch("[0-9]{1,12}", reset) else None
    return asked
