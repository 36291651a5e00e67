"""Mailboxes are not managed by this target: it reads none, so no plan for it holds a change of them."""

from __future__ import annotations

from reconciler.errors import TargetRejectedError
from reconciler.model import Handle, Mailbox
from reconciler.plan import FieldChange


class NoMailboxes:
    """The mailbox primitives of the engine's `Target`, each a refusal."""

    def enable_mailbox(self, handle: Handle, mailbox: Mailbox) -> None:
        """Refuse."""
        del mailbox
        raise _no_mailboxes(handle)

    def update_mailbox(self, handle: Handle, fields: tuple[FieldChange, ...]) -> None:
        """Refuse."""
        del fields
        raise _no_mailboxes(handle)

    def answer_automatically(self, handle: Handle, text: str | None) -> None:
        """Refuse."""
        del text
        raise _no_mailboxes(handle)

    def disconnect_mailbox(self, handle: Handle) -> None:
        """Refuse."""
        raise _no_mailboxes(handle)

    def reconnect_mailbox(self, handle: Handle, mailbox: Mailbox) -> None:
        """Refuse."""
        del mailbox
        raise _no_mailboxes(handle)


def _no_mailboxes(handle: Handle) -> TargetRejectedError:
    return TargetRejectedError(
        f"{handle.place}: este destino no administra buzones.", remedy="Es un defecto de cuentas: repórtelo."
    )
