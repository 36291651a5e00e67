"""Mailbox state in the Samba directory: who an identity is, and what Exchange's attributes say and are set to."""
# mypy: allow-untyped-calls
# (types-ldap3 leaves add, modify, modify_dn and delete without types)

import queue
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import ldap3
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_bytes, escape_filter_chars

from tests.lab.exchange import records
from tests.lab.samba import DomainController

ATTRIBUTES = (
    "objectGUID", "distinguishedName", "cn", "displayName", "sAMAccountName", "userPrincipalName", "mail",
    "proxyAddresses", "mailNickname", "homeMDB", "msExchMailboxGuid", "msExchRecipientTypeDetails",
    "msExchRecipientDisplayType", "msExchHideFromAddressLists", "mDBUseDefaults", "mDBStorageQuota",
    "mDBOverQuotaLimit", "mDBOverHardQuotaLimit", "msExchHomeServerName", "msExchVersion", "legacyExchangeDN",
    "msExchELCMailboxFlags", "authOrig", "targetAddress", "msExchRemoteRecipientType", "msExchPoliciesExcluded",
    "msExchPoliciesIncluded", "msExchWhenMailboxCreated", "userAccountControl", "msExchUserAccountControl",
)  # fmt: skip
OWN = tuple(
    name for name in ATTRIBUTES
    if name.startswith(("msExch", "mDB")) or name in {"homeMDB", "mailNickname", "authOrig", "targetAddress"}
)  # fmt: skip
USERS = "(&(objectCategory=person)(objectClass=user){})"
Values = dict[str, list[Any]]


@dataclass(frozen=True)
class Recipient:
    """One user as the directory has it; absent attributes are absent."""

    dn: str
    values: Values

    def one(self, name: str) -> str:
        value = self.values.get(name, [b""])[0]
        return value.decode() if isinstance(value, bytes) else str(value)

    def many(self, name: str) -> list[str]:
        return [value.decode() if isinstance(value, bytes) else str(value) for value in self.values.get(name, [])]

    @property
    def guid(self) -> uuid.UUID:
        return uuid.UUID(bytes_le=self.values["objectGUID"][0])

    @property
    def mailbox_guid(self) -> uuid.UUID | None:
        raw = self.values.get("msExchMailboxGuid")
        return uuid.UUID(bytes_le=raw[0]) if raw else None

    @property
    def details(self) -> int:
        return int(self.one("msExchRecipientTypeDetails") or 0)

    @property
    def has_mailbox(self) -> bool:
        return "homeMDB" in self.values and "msExchMailboxGuid" in self.values

    @property
    def canonical(self) -> str:
        parts = [part.partition("=") for part in re.split(r"(?<!\\),", self.dn)]
        domain = ".".join(value for kind, _, value in parts if kind.upper() == "DC")
        path = [value for kind, _, value in parts if kind.upper() != "DC"]
        return "/".join([domain, *reversed(path)])


class Recipients:
    """The directory as Exchange's own account reads and writes it."""

    def __init__(self, controller: DomainController) -> None:
        self.controller = controller
        self._free: queue.LifoQueue[ldap3.Connection] = queue.LifoQueue()
        self._before: dict[uuid.UUID, Recipient] = {}

    def forget(self) -> None:
        """Drop every connection: the controller was restarted."""
        while not self._free.empty():
            self._free.get().strategy.close()
        self._before.clear()

    def find(self, identity: str, *, stale: bool = False) -> Recipient:
        """Find the one recipient; `stale` answers as a controller that the last write has not reached."""
        found = self.search(_condition(identity))
        if stale:
            found = [self._before[one.guid] for one in found if one.guid in self._before]
        if not found:
            raise records.not_found(identity, self.controller.host_name)
        if len(found) > 1:
            raise records.ambiguous(identity)
        return found[0]

    def search(self, condition: str, base: str = "") -> list[Recipient]:
        with self._connection() as connection:
            entries = connection.extend.standard.paged_search(
                base or self.controller.base_dn, USERS.format(condition), attributes=list(ATTRIBUTES),
                paged_size=500, generator=True,
            )  # fmt: skip
            return [
                Recipient(one["dn"], {name: list(raw) for name, raw in one["raw_attributes"].items() if raw})
                for one in entries
                if one["type"] == "searchResEntry"
            ]

    def holder(self, address: str, but: Recipient) -> Recipient | None:
        """Find somebody else who has the address, whatever the case of its prefix."""
        found = self.search(f"(proxyAddresses={escape_filter_chars(address)})")
        return next((one for one in found if one.guid != but.guid), None)

    def write(self, recipient: Recipient, values: Mapping[str, Sequence[Any] | Any | None]) -> None:
        """Replace attributes; None, and an empty list, take an attribute away."""
        changes = {
            name: [(ldap3.MODIFY_REPLACE, _listed(value))]
            for name, value in values.items()
            if _listed(value) or name in recipient.values
        }
        self._before[recipient.guid] = recipient
        if not changes:
            return
        with self._connection() as connection:
            connection.modify(f"<GUID={recipient.guid}>", changes)
            if connection.result["result"] != 0:
                raise _refused(self.controller.host_name, connection.result)

    def databases(self) -> dict[str, str]:
        from tests.lab.samba.domain import EXCHANGE_DATABASES, EXCHANGE_DATABASES_DN  # noqa: PLC0415

        return {name: f"CN={name},{EXCHANGE_DATABASES_DN}" for name in EXCHANGE_DATABASES}

    @contextmanager
    def _connection(self) -> Iterator[ldap3.Connection]:
        try:
            connection = self._free.get_nowait()
        except queue.Empty:
            connection = self._bound()
        yield connection
        self._free.put(connection)

    def _bound(self) -> ldap3.Connection:
        who = self.controller.exchange_account
        connection = ldap3.Connection(
            self.controller.ldap_server(), who.upn, who.password, receive_timeout=20, return_empty_attributes=False,
            check_names=False,
        )  # fmt: skip
        try:
            bound = connection.bind()
        except LDAPException:
            bound = False
        if not bound:
            text = (
                f"Active Directory server {self.controller.host_name} is not available. Please retry at a later time."
            )
            raise records.ExchangeError("ADTransientException", text, "NotSpecified")
        return connection


def _condition(identity: str) -> str:
    try:
        guid = uuid.UUID(identity).bytes_le
    except ValueError:
        text = escape_filter_chars(identity)
        if re.match(r"(CN|OU)=", identity, re.IGNORECASE):
            return f"(distinguishedName={text})"
        names = "".join(
            f"({name}={text})"
            for name in ("userPrincipalName", "mailNickname", "sAMAccountName", "cn", "displayName")
        )
        return f"(|{names}(proxyAddresses=smtp:{text}))"
    return f"(|(objectGUID={escape_bytes(guid)})(msExchMailboxGuid={escape_bytes(guid)}))"


def _listed(value: Any) -> list[Any]:
    match value:
        case None:
            return []
        case bool():
            return ["TRUE" if value else "FALSE"]
        case list() | tuple():
            return list(value)
        case _:
            return [value]


def _refused(controller: str, result: Mapping[str, Any]) -> records.ExchangeError:
    text = (
        f"Active Directory operation failed on {controller}. This error is not retriable. Additional information: "
        f"{result['description']}. Active directory response: {result['message']}"
    )
    return records.ExchangeError("ADOperationException", text, "NotSpecified")
