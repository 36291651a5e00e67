"""What the promises are tried with: one account, its password, and an alta carried out step by step."""

from __future__ import annotations

from pydantic import SecretStr

from reconciler.engine.ports import Target
from reconciler.model import Account, AccountKey, Handle, Mailbox, Observed
from tests.build import account

PASSWORD = SecretStr("Rk7#mWq4-Tn9xVd2")
JUAN = AccountKey("juan.perez")


def wanted(key: str = "juan.perez", **changes: object) -> Account:
    """An account as a Create carries it: without mailbox."""
    return account(key, mailbox=None, **changes)


def made(target: Target, one: Account, mailbox: Mailbox | None = None) -> Handle:
    """Carry an alta out, step by step."""
    handle = target.create(one)
    if one.logon_enabled:
        target.set_first_password(handle, PASSWORD)
    if mailbox:
        target.enable_mailbox(handle, mailbox)
    target.finish(handle, one)
    return handle


def there(target: Target, handle: Handle) -> Observed:
    """What is there of an account that has to be there."""
    seen = target.lookup(handle.guid)
    assert seen is not None
    return seen
