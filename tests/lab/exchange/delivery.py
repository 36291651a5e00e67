"""What delivers to the mailboxes of the directory: SMTP over STARTTLS, which looks recipients up when a message ends.

Known: Exchange 2013 and later say `550 5.1.10 RESOLVER.ADR.RecipientNotFound` of an address that nobody has, and only
once the whole message is there. Assumed: everything else of its SMTP is what aiosmtpd does.
"""

from __future__ import annotations

from typing import Any

from ldap3.utils.conv import escape_filter_chars

from tests.lab.exchange.recipients import Recipients
from tests.lab.samba.domain import EXCHANGE_HOST_NAME
from tests.lab.smtp import SmtpServer

_NOT_FOUND = "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"


class Delivery(SmtpServer):
    """`with Delivery(recipients) as server`; the lab's service account may send."""

    def __init__(self, recipients: Recipients) -> None:
        controller = recipients.controller
        service = controller.service_account
        super().__init__(controller.directory / "private" / "tls", service.upn, service.password)
        self._recipients = recipients

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 -- aiosmtpd names it
        """Take a message for mailboxes that are there."""
        if not all(self._is_there(address) for address in envelope.rcpt_tos):
            return f"{_NOT_FOUND} [{EXCHANGE_HOST_NAME}]"
        return await super().handle_DATA(server, session, envelope)

    def _is_there(self, address: str) -> bool:
        found = self._recipients.search(f"(proxyAddresses=smtp:{escape_filter_chars(address)})")
        return any(one.has_mailbox for one in found)
