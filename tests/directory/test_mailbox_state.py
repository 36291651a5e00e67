"""What the attributes that Exchange leaves on an object say of its mailbox."""

from __future__ import annotations

import uuid

import pytest

from reconciler.directory.entry import Entry
from reconciler.directory.mailbox_state import fault_of, mailbox_of

PLACE = "CN=juan.perez,OU=SAF,DC=ejemplo,DC=mx"
WHOLE = {"msExchMailboxGuid": uuid.uuid4().bytes_le, "homeMDB": b"CN=B1", "msExchRecipientTypeDetails": b"1"}


def entry(dn: str = PLACE, **values: bytes) -> Entry:
    return Entry(dn, {name.lower(): (value,) for name, value in values.items()})


@pytest.mark.parametrize("kind", [1, 4, 128, 1 << 23, 1 << 31])
def test_a_kind_that_is_left_without_its_mailbox_is_a_fault(kind: int) -> None:
    left = entry(msExchRecipientTypeDetails=str(kind).encode())
    assert mailbox_of(left) is None
    assert fault_of(left) == f"le quedó la clase de un buzón que no está (msExchRecipientTypeDetails {kind})"


def test_an_object_that_has_nothing_of_a_mailbox_has_no_fault() -> None:
    assert fault_of(entry()) is None
    assert fault_of(entry(msExchRecipientTypeDetails=b"0")) is None


@pytest.mark.parametrize("name", ["P\u00e9rez Juan", "Pe\u0301rez Juan"])
def test_a_mailbox_that_takes_mail_from_itself_alone_is_told_however_its_name_is_written(name: str) -> None:
    dn = f"CN={name},DC=ejemplo,DC=mx"
    mailbox = mailbox_of(entry(dn, **WHOLE, authOrig=dn.encode()))
    assert mailbox is not None
    assert not mailbox.accepts_mail
