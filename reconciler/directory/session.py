"""One authenticated, encrypted connection to one domain controller, for the whole of a run.

A lost connection is opened again only to the same controller: another one may not have replicated what was
just written. A write whose answer is lost is never repeated.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal

import ldap3
from ldap3.core.exceptions import (
    LDAPCommunicationError,
    LDAPException,
    LDAPResponseTimeoutError,
    LDAPSocketOpenError,
)

from reconciler.config import DestinoAD
from reconciler.directory import answers
from reconciler.directory.entrance import Entrance, drop
from reconciler.directory.entry import Entry
from reconciler.errors import TargetUnreachableError

Changes = Mapping[str, Sequence[tuple[str, Sequence[bytes]]]]
"""Attribute -> operations in order, as ldap3's `modify` takes them."""

Scope = Literal["BASE", "LEVEL", "SUBTREE"]

_PAGED_RESULTS = "1.2.840.113556.1.4.319"
_BUSY_WAITS = (0.5, 1.0, 2.0)
"""Seconds before each new try of an operation that a busy server refused to begin."""


class Session:
    """A connection that is opened when it is first used. Every method raises only `TargetError`s.

    `sleep` is there to be replaced in tests.
    """

    def __init__(self, config: DestinoAD, sleep: Callable[[float], None] = time.sleep) -> None:
        """Take what is needed to connect; nothing is connected yet.

        Raises:
            ConfigurationError: the authority or the service account's password cannot be read.

        """
        self._config = config
        self._sleep = sleep
        self._entrance = Entrance(config)
        self._connection: ldap3.Connection | None = None
        self._server: str | None = None

    @property
    def server(self) -> str:
        """The DNS name by which the domain controller calls itself."""
        self._open()
        return self._server or self._config.servidor

    def certificate(self) -> Mapping[str, Any]:
        """Return the server's certificate, as `Entrance.certificate` does."""
        return self._entrance.certificate()

    def search(self, base: str, condition: str, attributes: Sequence[str]) -> Iterator[Entry]:
        """Yield every object at or below `base`, page by page; an incomplete answer is an error.

        Raises:
            TargetError: any page was not answered with success, or the connection broke.

        """
        cookie: bytes | None = None
        while True:
            result, found = self._search(
                base, condition, ldap3.SUBTREE, attributes, paged_size=self._config.pagina, paged_cookie=cookie
            )
            yield from found
            control = (result.get("controls") or {}).get(_PAGED_RESULTS)
            if control is None:
                raise TargetUnreachableError(
                    f"{self._config.servidor} no dijo si la lectura terminó (falta el control de páginas).",
                    remedy="Avise a quien administra Active Directory; nada se aplica con una lectura incompleta.",
                )
            cookie = control["value"]["cookie"]
            if not cookie:
                return

    def get(self, dn: str, attributes: Sequence[str], **controls: Any) -> Entry | None:
        """Return one object, None where there is no such object (or it may not be seen)."""
        try:
            _, found = self._search(dn, "(objectClass=*)", ldap3.BASE, attributes, **controls)
        except _NoSuchObjectError:
            return None
        return found[0] if found else None

    def add(self, dn: str, classes: Sequence[str], attributes: Mapping[str, Sequence[bytes]]) -> None:
        """Add an object."""
        self._write(dn, lambda connection: connection.add(dn, list(classes), dict(attributes)))

    def modify(self, dn: str, changes: Changes, what: str) -> None:
        """Change attributes of an object, all or none; no changes, no operation."""
        if not changes:
            return
        self._write(what, lambda connection: connection.modify(dn, dict(changes)))

    def rename(self, dn: str, name: str, superior: str, what: str) -> None:
        """Give an object a relative DN in a place; both are said, because a `<GUID=…>` has no parent to keep."""
        self._write(what, lambda connection: connection.modify_dn(dn, name, new_superior=superior))

    def companion(self) -> Session:
        """Return another connection of its own to the same controller."""
        other = Session(self._config, self._sleep)
        other._server = self.server
        return other

    def close(self) -> None:
        """Say goodbye; calling it again does nothing."""
        connection, self._connection = self._connection, None
        if connection is not None:
            drop(connection)

    # --- what both reading and writing do -----------------------------------------------------------------

    def _search(
        self, base: str, condition: str, scope: Scope, attributes: Sequence[str], **paging: Any
    ) -> tuple[Mapping[str, Any], list[Entry]]:
        result, response = self._ask(
            f"La lectura de {base}",
            lambda connection: connection.search(base, condition, scope, attributes=list(attributes), **paging),
            self._entrance.unreachable,
        )
        if answers.code_of(result) == answers.NO_SUCH_OBJECT:
            raise _NoSuchObjectError(f"«{base}» no existe o no se ve.", remedy="Revise «raiz» y «base» del destino.")
        if answers.code_of(result) != answers.SUCCESS:
            raise answers.error_for(result, f"La lectura de {base}")
        return result, [_entry(one) for one in response if one["type"] == "searchResEntry"]

    def _write(self, what: str, act: Callable[[ldap3.Connection], object]) -> None:
        result, _ = self._ask(what, act, lambda _: answers.lost(what))
        if answers.code_of(result) != answers.SUCCESS:
            raise answers.error_for(result, what)

    def _ask(
        self,
        what: str,
        act: Callable[[ldap3.Connection], object],
        broken: Callable[[LDAPException], Exception],
    ) -> tuple[Mapping[str, Any], list[Any]]:
        """Do one operation; a busy server is asked again a few times, a broken connection is dropped."""
        for wait in (*_BUSY_WAITS, None):
            connection = self._open()
            try:
                act(connection)
            except (LDAPCommunicationError, LDAPResponseTimeoutError) as error:
                self.close()
                raise (
                    self._entrance.unreachable(error) if isinstance(error, LDAPSocketOpenError) else broken(error)
                ) from None
            except LDAPException as error:
                raise answers.malformed(error, what) from None
            result: Mapping[str, Any] = connection.result
            if answers.code_of(result) != answers.BUSY or wait is None:
                return result, connection.response or []
            self._sleep(wait)
        raise AssertionError(what)

    # --- opening ------------------------------------------------------------------------------------------

    def _open(self) -> ldap3.Connection:
        if self._connection is None:
            connection = self._entrance.bound()
            try:
                self._same_server(connection)
            except TargetUnreachableError:
                drop(connection)
                raise
            self._connection = connection
        return self._connection

    def _same_server(self, connection: ldap3.Connection) -> None:
        try:
            connection.search("", "(objectClass=*)", ldap3.BASE, attributes=["dnsHostName"])
        except LDAPException as error:
            raise self._entrance.unreachable(error) from None
        found = [_entry(one) for one in connection.response or () if one["type"] == "searchResEntry"]
        name = (found[0].text("dnsHostName") if found else None) or self._config.servidor
        if self._server not in {None, name}:
            raise TargetUnreachableError(
                f"La corrida empezó con {self._server} y ahora contesta {name}.",
                remedy="Ponga en «servidor» un controlador de dominio, no el nombre del dominio, y vuelva a correr.",
            )
        self._server = name


class _NoSuchObjectError(TargetUnreachableError):
    """The base of a search is not there; reading one object turns it into None."""


def _entry(found: Mapping[str, Any]) -> Entry:
    return Entry(found["dn"], {name.lower(): values for name, values in found["raw_attributes"].items()})
