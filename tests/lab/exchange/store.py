"""What in life is not in the directory: mailbox databases with their disconnected mailboxes, sizes and auto-replies.

The double keeps it in the directory all the same, in a place of its own: below each database's object in
Configuration, one serviceConnectionPoint for each mailbox of which there is something to tell, named by the mailbox's
GUID, with JSON in serviceBindingInformation. There it outlives the double, and goes with the controller's reset.
Assumed: a mailbox is in its database as soon as it is enabled (the real one appears at the first logon or message).
"""
# mypy: allow-untyped-calls
# (types-ldap3 leaves add, modify, modify_dn and delete without types)

import datetime as dt
import json
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import ldap3

from tests.lab.exchange import records
from tests.lab.exchange.recipients import Recipient, Recipients
from tests.lab.samba.domain import EXCHANGE_DATABASES, EXCHANGE_DATABASES_DN

_CLASS = "serviceConnectionPoint"
_CONTENT = "serviceBindingInformation"
_NO_SUCH_OBJECT = 32


@dataclass(frozen=True)
class Database:
    """A mailbox database of the one server."""

    name: str
    dn: str
    guid: uuid.UUID


@dataclass(frozen=True)
class Stored:
    """A mailbox as its database has it; `disconnected` is the UTC time in ISO 8601, empty while it has an owner.

    `reply` are the parameters of its automatic answer by their names.
    """

    guid: str
    display_name: str
    legacy_dn: str = ""
    disconnected: str = ""
    items: int = 0
    octets: int = 0
    reply: dict[str, str] = field(default_factory=dict)

    @property
    def since(self) -> dt.datetime | None:
        return dt.datetime.fromisoformat(self.disconnected) if self.disconnected else None


class Store:
    """The databases, as Exchange's account reads and writes them."""

    def __init__(self, recipients: Recipients) -> None:
        self._recipients = recipients

    def databases(self) -> list[Database]:
        found = {str(one["raw_attributes"]["cn"][0], "utf-8"): one for one in self._search(EXCHANGE_DATABASES_DN)}
        return [
            Database(name, found[name]["dn"], uuid.UUID(bytes_le=found[name]["raw_attributes"]["objectGUID"][0]))
            for name in EXCHANGE_DATABASES
        ]

    def database(self, identity: str) -> Database:
        """Find a database by its name, DN or GUID."""
        for one in self.databases():
            if identity.lower() in {one.name.lower(), one.dn.lower(), str(one.guid)}:
                return one
        raise records.ExchangeError(
            "ManagementObjectNotFoundException",
            f'Couldn\'t find database "{identity}". Make sure you have typed it correctly.',
            "NotSpecified",
            target=identity,
        )

    def home(self, mailbox: Recipient) -> Database:
        return self.database(mailbox.one("homeMDB"))

    def pick(self, mailbox: uuid.UUID) -> Database:
        """Choose where a new mailbox goes: the real one draws lots, and so does the mailbox's own random GUID."""
        all_of_them = self.databases()
        return all_of_them[mailbox.int % len(all_of_them)]

    def contents(self, database: Database) -> list[Stored]:
        """List what is told of the mailboxes of a database."""
        entries = self._search(database.dn, f"(objectClass={_CLASS})", ldap3.SUBTREE)
        return [Stored(**json.loads(one["raw_attributes"][_CONTENT][0])) for one in entries]

    def of(self, mailbox: Recipient) -> Stored:
        """Return what is told of somebody's mailbox; there may be nothing to tell yet."""
        guid = str(mailbox.mailbox_guid)
        entries = self._search(_place(guid, self.home(mailbox)), scope=ldap3.BASE)
        if entries:
            return Stored(**json.loads(entries[0]["raw_attributes"][_CONTENT][0]))
        return Stored(guid, mailbox.one("displayName") or mailbox.one("cn"), mailbox.one("legacyExchangeDN"))

    def disconnected(self, identity: str, database: Database) -> Stored:
        """Find a disconnected mailbox by its GUID, display name or legacyExchangeDN."""
        found = [
            one
            for one in self.contents(database)
            if one.disconnected and identity.lower() in {one.guid, one.display_name.lower(), one.legacy_dn.lower()}
        ]
        if not found:
            text = f'The mailbox "{identity}" doesn\'t exist in the mailbox database "{database.name}".'
            raise records.ExchangeError("ManagementObjectNotFoundException", text, "NotSpecified", target=identity)
        if len(found) > 1:
            raise records.ambiguous(identity)
        return found[0]

    def put(self, database: Database, mailbox: Stored) -> None:
        """Write what is told of a mailbox."""
        place, content = _place(mailbox.guid, database), [json.dumps(asdict(mailbox), ensure_ascii=False)]
        with self._recipients.connection() as connection:
            connection.modify(place, {_CONTENT: [(ldap3.MODIFY_REPLACE, content)]})
            if connection.result["result"] == _NO_SUCH_OBJECT:
                connection.add(place, _CLASS, {_CONTENT: content})
            refused = connection.result if connection.result["result"] != 0 else None
        if refused:
            raise self._recipients.refused(refused)

    def _search(
        self,
        base: str,
        condition: str = "(objectClass=container)",
        scope: Literal["BASE", "LEVEL", "SUBTREE"] = ldap3.LEVEL,
    ) -> list[Mapping[str, Any]]:
        condition = "(objectClass=*)" if scope == ldap3.BASE else condition
        with self._recipients.connection() as connection:
            connection.search(base, condition, scope, attributes=["cn", "objectGUID", _CONTENT])
            result, found = connection.result, connection.response or []
        if result["result"] not in {0, _NO_SUCH_OBJECT}:
            raise self._recipients.refused(result)
        return [one for one in found if one["type"] == "searchResEntry"]


def _place(guid: str, database: Database) -> str:
    return f"CN={guid},{database.dn}"
