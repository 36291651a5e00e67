"""The addresses of an account whose mailbox goes: Exchange takes them with it, and they are nobody else's."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass

from reconciler.directory import attributes as table
from reconciler.directory import mailbox_state
from reconciler.directory.entry import Entry
from reconciler.directory.modification import Modification

LEGACY_DN = "legacyExchangeDN"
READ = (table.MAIL, table.PROXIES, LEGACY_DN, *mailbox_state.READ)


@dataclass(frozen=True, slots=True)
class Kept:
    """`mail` and proxyAddresses as they were. Exchange's own name for the mailbox is among them as an X500 address.

    Replies from inside the organization go to that name, also to the mailbox that it gets back one day.
    """

    mail: tuple[bytes, ...]
    proxies: tuple[bytes, ...]

    @property
    def smtp(self) -> tuple[str, ...]:
        """The SMTP addresses, each once, in lower case and without prefix."""
        named = (*map(_mail, self.mail), *map(table.smtp_of, self.proxies))
        return tuple(dict.fromkeys(address for address in named if address))

    def without(self, addresses: Container[str]) -> Kept:
        """Return the same without some of its SMTP addresses."""
        return Kept(
            tuple(value for value in self.mail if _mail(value) not in addresses),
            tuple(value for value in self.proxies if table.smtp_of(value) not in addresses),
        )


def _mail(value: bytes) -> str:
    return value.decode("utf-8", "replace").lower()


def kept(entry: Entry) -> Kept:
    """Return the addresses of an object, without the one that only sends mail on to Exchange Online."""
    names = tuple(b"X500:" + name for name in entry.raw(LEGACY_DN))
    routing = mailbox_state.routing_address(entry)
    only_routing = {raw for address, raw in table.smtp_values(entry) if address == routing}
    proxies = dict.fromkeys((*entry.raw(table.PROXIES), *names))
    return Kept(entry.raw(table.MAIL), tuple(raw for raw in proxies if raw not in only_routing))


def give_back(modification: Modification, entry: Entry, addresses: Kept) -> None:
    """Put back what is missing of the addresses; whatever came meanwhile stays."""
    if not entry.raw(table.MAIL) and addresses.mail:
        modification.swap(table.MAIL, addresses.mail[0])
    there = {value.lower() for value in entry.raw(table.PROXIES)}
    modification.change(table.PROXIES, (), [value for value in addresses.proxies if value.lower() not in there])
