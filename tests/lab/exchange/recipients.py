"""Mailbox state in the Samba directory: who an identity is, and what Exchange's attributes say and are set to."""
# mypy: allow-untyped-calls
# (types-ldap3 leaves add, modify, modify_dn and delete without types)

import queue
import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import ldap3
from ldap3.core.exceptions import LDAPException
from ldap3.utils.conv import escape_bytes, escape_filter_chars

from tests.lab.exchange import records
from tests.lab.samba import DomainController
from tests.lab.samba.domain import NETBIOS_DOMAIN

ATTRIBUTES = (
    "objectGUID", "distinguishedName", "cn", "displayName", "sAMAccountName", "userPrincipalName", "mail",
    "proxyAddresses", "mailNickname", "homeMDB", "msExchMailboxGuid", "msExchRecipientTypeDetails",
    "msExchRecipientDisplayType", "msExchHideFromAddressLists", "mDBUseDefaults", "mDBStorageQuota",
    "mDBOverQuotaLimit", "mDBOverHardQuotaLimit", "msExchHomeServerName", "msExchVersion", "legacyExchangeDN",
    "msExchELCMailboxFlags", "authOrig", "targetAddress", "msExchRemoteRecipientType", "msExchPoliciesExcluded",
    "msExchPoliciesIncluded", "msExchWhenMailboxCreated", "userAccountControl", "msExchUserAccountControl",
    "msExchLitigationHoldDate", "altRecipient", "deliverAndRedirect", "protocolSettings",
)  # fmt: skip
KEPT = frozenset({
    "objectGUID", "distinguishedName", "cn", "displayName", "sAMAccountName", "userPrincipalName",
    "userAccountControl",
})  # fmt: skip
OWN = tuple(name for name in ATTRIBUTES if name not in KEPT)
"""What goes with a mailbox: the addresses, too (`mail` and `proxyAddresses`), as administrators have found."""

DETAILS = {
    1: "UserMailbox", 2: "LinkedMailbox", 4: "SharedMailbox", 16: "RoomMailbox", 32: "EquipmentMailbox",
    128: "MailUser", 1 << 31: "RemoteUserMailbox", 1 << 33: "RemoteRoomMailbox", 1 << 34: "RemoteEquipmentMailbox",
    1 << 35: "RemoteSharedMailbox",
}  # fmt: skip
"""RecipientTypeDetails by its value in msExchRecipientTypeDetails."""

USERS = "(&(objectCategory=person)(objectClass=user){})"
ACCOUNT_DISABLED = 2
IDLE_SECONDS = 60.0
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

    def lacks(self, values: Mapping[str, Any]) -> bool:
        """Tell whether any of the values is not there yet."""
        return any(
            {_raw(one) for one in _listed(value)} != {_raw(one) for one in self.values.get(name, [])}
            for name, value in values.items()
        )

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
    def has_remote_mailbox(self) -> bool:
        return self.kind.startswith("Remote") and "targetAddress" in self.values and "homeMDB" not in self.values

    @property
    def kind(self) -> str:
        """RecipientTypeDetails in words; an account that Exchange does not know is a User."""
        return DETAILS.get(self.details, "User")

    @property
    def primary(self) -> str:
        return next((one[5:] for one in self.many("proxyAddresses") if one.startswith("SMTP:")), "")

    @property
    def is_disabled(self) -> bool:
        return bool(int(self.one("userAccountControl") or 0) & ACCOUNT_DISABLED)

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
        self._free: queue.LifoQueue[tuple[float, ldap3.Connection]] = queue.LifoQueue()
        self._before: dict[uuid.UUID, Recipient] = {}

    def forget(self) -> None:
        """Drop every connection, those that are lent when they come back: the controller was restarted."""
        free, self._free = self._free, queue.LifoQueue()
        while not free.empty():
            free.get()[1].strategy.close()
        self._before.clear()

    def find(
        self, identity: str, *, stale: bool = False, among: Callable[[Recipient], bool] = lambda _: True
    ) -> Recipient:
        """Find the one recipient of those `among` which it is looked for; there is no other way to tell them apart.

        `stale` answers as a controller that the last write has not reached.
        """
        found = self.search(_condition(identity))
        if stale:
            found = [self._before[one.guid] for one in found if one.guid in self._before]
        found = [one for one in found if among(one)]
        if not found:
            raise records.not_found(identity, self.controller.host_name)
        if len(found) > 1:
            raise records.ambiguous(identity)
        return found[0]

    def mailbox(self, identity: str, *, stale: bool = False) -> Recipient:
        return self.find(identity, stale=stale, among=lambda one: one.has_mailbox)

    def remote_mailbox(self, identity: str, *, stale: bool = False) -> Recipient:
        return self.find(identity, stale=stale, among=lambda one: one.has_remote_mailbox)

    def search(self, condition: str, base: str = "") -> list[Recipient]:
        with self.connection() as connection:
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
        with self.connection() as connection:
            connection.modify(f"<GUID={recipient.guid}>", changes)
            refused = connection.result if connection.result["result"] != 0 else None
        if refused:
            raise self.refused(refused)

    @contextmanager
    def connection(self) -> Iterator[ldap3.Connection]:
        """Lend a connection bound as Exchange's account; one that fails is not lent again."""
        free = self._free
        connection = self._lately_used(free) or self._bound()
        try:
            yield connection
        except LDAPException as error:
            connection.strategy.close()
            raise self._unavailable() from error
        except BaseException:
            connection.strategy.close()
            raise
        if free is self._free:
            free.put((time.monotonic(), connection))
        else:
            connection.strategy.close()

    def _lately_used(self, free: "queue.LifoQueue[tuple[float, ldap3.Connection]]") -> ldap3.Connection | None:
        """Take a connection that the controller has not hung up on meanwhile: it does so on idle ones."""
        while True:
            try:
                since, connection = free.get_nowait()
            except queue.Empty:
                return None
            if time.monotonic() - since < IDLE_SECONDS:
                return connection
            connection.strategy.close()

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
            connection.strategy.close()
            raise self._unavailable()
        return connection

    def refused(self, result: Mapping[str, Any]) -> records.ExchangeError:
        """Make the error for what the directory answered to a write."""
        text = (
            f"Active Directory operation failed on {self.controller.host_name}. This error is not retriable. "
            f"Additional information: {result['description']}. Active directory response: {result['message']}"
        )
        return records.ExchangeError("ADOperationException", text, "NotSpecified")

    def _unavailable(self) -> records.ExchangeError:
        text = f"Active Directory server {self.controller.host_name} is not available. Please retry at a later time."
        return records.ExchangeError("ADTransientException", text, "NotSpecified")


def _condition(identity: str) -> str:
    try:
        guid = uuid.UUID(identity).bytes_le
    except ValueError:
        text = escape_filter_chars(identity)
        if re.match(r"(CN|OU)=", identity, re.IGNORECASE):
            return f"(distinguishedName={text})"
        if identity.startswith("/o="):
            return f"(legacyExchangeDN={text})"
        domain, backslash, logon = identity.partition("\\")
        if backslash:
            return (
                f"(sAMAccountName={escape_filter_chars(logon)})" if domain.upper() == NETBIOS_DOMAIN else "(!(cn=*))"
            )
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
            return [one for each in value for one in _listed(each)]
        case int():
            return [str(value)]
        case _:
            return [value]


def _raw(value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()
