"""Adds Exchange's attributes and classes to the lab's schema; run by the system's Python as part of the provisioner.

What is known and what is guessed of each attribute is written in tests/lab/exchange/README.md.
"""

import base64
import uuid
from collections.abc import Callable
from typing import Any

OBJECT_CLASSES = {
    ("2.5.5.1", "127"): "KwwCh3McAIVK",  # DS-DN
    ("2.5.5.7", "127"): "VgYBAgULHQ==",  # OR-Name
}
AUXILIARY = {
    "msExchBaseClass": ("ms-Exch-Base-Class", "1.2.840.113556.1.5.7000.62.14"),
    "msExchCustomAttributes": ("ms-Exch-Custom-Attributes", "1.2.840.113556.1.5.7000.62.6"),
    "msExchMailStorage": ("ms-Exch-Mail-Storage", "1.2.840.113556.1.5.7000.62.5"),
}
CARRIERS = ("User", "Group", "Contact")
MAIL_RECIPIENT = "mailRecipient"


def load(open_directory: Callable[[], Any], attributes: list[dict[str, str]]) -> None:
    """Add attributes, then the classes that carry them, then hang these on users, groups and contacts.

    Each part is loaded over a directory opened afresh: one opened before does not know the part before.
    """
    for part in (_attributes, _classes, _carriers):
        directory = open_directory()
        schema = str(directory.get_schema_basedn())
        directory.transaction_start()
        for entry in part(schema, attributes):
            directory.modify_ldif(entry)
        directory.transaction_commit()
        directory.set_schema_update_now()


def _attributes(schema: str, attributes: list[dict[str, str]]) -> list[str]:
    return [_attribute(schema, row) for row in attributes]


def _attribute(schema: str, row: dict[str, str]) -> str:
    lines = [
        f"dn: CN={row['cn']},{schema}",
        "changetype: add",
        "objectClass: attributeSchema",
        *(f"{name}: {row[name]}" for name in ("lDAPDisplayName", "attributeID", "attributeSyntax", "oMSyntax")),
        f"adminDisplayName: {row['cn']}",
        f"isSingleValued: {row['isSingleValued'].upper()}",
        f"searchFlags: {row['searchFlags']}",
        f"isMemberOfPartialAttributeSet: {row['inGlobalCatalog'].upper()}",
    ]
    if (key := (row["attributeSyntax"], row["oMSyntax"])) in OBJECT_CLASSES:
        lines.append(f"oMObjectClass:: {OBJECT_CLASSES[key]}")
    if row["range"]:
        lower, upper = row["range"].split("..")
        lines += [f"rangeLower: {lower}", f"rangeUpper: {upper}"]
    if row["linkID"]:
        lines.append(f"linkID: {row['linkID']}")
    if row["schemaIDGUID"]:
        lines.append(f"schemaIDGUID:: {base64.b64encode(uuid.UUID(row['schemaIDGUID']).bytes_le).decode()}")
    return "\n".join(lines) + "\n"


def _classes(schema: str, attributes: list[dict[str, str]]) -> list[str]:
    entries = [
        f"dn: CN={cn},{schema}\nchangetype: add\nobjectClass: classSchema\nlDAPDisplayName: {name}\n"
        f"adminDisplayName: {cn}\ngovernsID: {oid}\nobjectClassCategory: 3\nsubClassOf: top\n"
        f"{_may_contain(name, attributes)}"
        for name, (cn, oid) in AUXILIARY.items()
    ]
    rest = _may_contain(MAIL_RECIPIENT, attributes)
    return [*entries, f"dn: CN=Mail-Recipient,{schema}\nchangetype: modify\nadd: mayContain\n{rest}"]


def _may_contain(name: str, attributes: list[dict[str, str]]) -> str:
    return "".join(f"mayContain: {row['lDAPDisplayName']}\n" for row in attributes if row["class"] == name)


def _carriers(schema: str, _: list[dict[str, str]]) -> list[str]:
    names = "".join(f"auxiliaryClass: {name}\n" for name in AUXILIARY)
    return [f"dn: CN={cn},{schema}\nchangetype: modify\nadd: auxiliaryClass\n{names}" for cn in CARRIERS]
