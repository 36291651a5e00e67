"""One mailbox as Exchange Web Services shows it, and what each operation does to it; state is in memory.

Known (Microsoft's reference of the operations, and exchangelib's parsers, which were written against real servers):
the elements and where they stand; that automatic replies answer with one `ResponseMessage` and their settings beside
it, without `ResponseMessages`; that several names found are a warning with all of them; that attaching changes the
key of the draft. Assumed: that `SendItem` moves a draft to Sent Items in one step; the codes for an id that is none
(`ErrorInvalidIdMalformed`), an outdated key (`ErrorStaleObject`) and somebody else's automatic replies
(`ErrorAccessDenied`); that a name is looked for in names and addresses from their beginning.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

M = "{http://schemas.microsoft.com/exchange/services/2006/messages}"
T = "{http://schemas.microsoft.com/exchange/services/2006/types}"
QUIET = (
    f"<t:OofSettings xmlns:t='{T[1:-1]}'><t:OofState>Disabled</t:OofState>"
    "<t:ExternalAudience>All</t:ExternalAudience><t:InternalReply/><t:ExternalReply/></t:OofSettings>"
)


class RefusedError(Exception):
    """An operation's answer is an error of this code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Answer:
    """What an operation answers with; a `code` other than NoError is a warning, which comes with its content."""

    inside: str = ""
    code: str = "NoError"


@dataclass
class Item:
    """A message in the mailbox."""

    mark: str
    mime: bytes
    recipients: tuple[str, ...]
    folder: str
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    change: int = 1
    attachments: dict[str, bytes] = field(default_factory=dict)

    @property
    def reference(self) -> str:
        """Its id, as EWS writes it."""
        return f'<t:ItemId Id="{self.id}" ChangeKey="{self.change}"/>'


@dataclass
class Mailbox:
    """The mailbox of `address`; `people` are those whom the address book knows, by address."""

    address: str
    people: Mapping[str, str] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    replies: str = QUIET

    def perform(self, operation: str, request: ET.Element) -> Answer:
        """Do an operation.

        Raises:
            RefusedError: Exchange would refuse it.

        """
        known = _OPERATIONS.get(operation)
        if known is None:
            raise RefusedError("ErrorInvalidOperation")
        return known(self, request)

    def draft(self, request: ET.Element, tag: str) -> Item:
        """Return the draft that a request is about."""
        reference = next(iter(request.iter(T + tag)), None)
        if reference is None:
            reference = next(iter(request.iter(M + tag)))
        found = [one for one in self.items if one.id == reference.get("Id") and one.folder == "drafts"]
        if not found:
            raise RefusedError("ErrorItemNotFound")
        if reference.get("ChangeKey") != str(found[0].change):
            raise RefusedError("ErrorStaleObject")
        return found[0]


def _get_folder(mailbox: Mailbox, request: ET.Element) -> Answer:
    del mailbox
    return Answer("".join(_folder(one.get("Id", "")) for one in request.iter(f"{T}DistinguishedFolderId")))


def _folder(name: str) -> str:
    inside = f'<t:FolderId Id="{name}" ChangeKey="1"/><t:DisplayName>{name}</t:DisplayName>'
    return f"<m:Folders><t:Folder>{inside}</t:Folder></m:Folders>"


def _find_item(mailbox: Mailbox, request: ET.Element) -> Answer:
    [place] = [one.get("Id") for tag in ("FolderId", "DistinguishedFolderId") for one in request.iter(T + tag)]
    mark = next(iter(request.iter(f"{T}Constant"))).get("Value")
    found = [one for one in mailbox.items if (one.folder, one.mark) == (place, mark)]
    inside = "".join(f"<t:Message>{one.reference}</t:Message>" for one in found)
    return Answer(
        f'<m:RootFolder TotalItemsInView="{len(found)}" IncludesLastItemInRange="true" '
        f'IndexedPagingOffset="{len(found)}"><t:Items>{inside}</t:Items></m:RootFolder>'
    )


def _create_item(mailbox: Mailbox, request: ET.Element) -> Answer:
    disposition = request.get("MessageDisposition")
    folder = {"SaveOnly": "drafts"}.get(disposition or "", "sentitems")
    message = next(iter(request.iter(f"{T}Message")))
    recipients = tuple(one.text or "" for one in message.iter(f"{T}EmailAddress"))
    marks = [one.text or "" for one in message.iter(f"{T}Value")]
    mime = base64.b64decode(message.findtext(f"{T}MimeContent") or "")
    item = Item(marks[0] if marks else "", mime, recipients, folder)
    mailbox.items.append(item)
    return Answer(f"<m:Items><t:Message>{item.reference}</t:Message></m:Items>")


def _send_item(mailbox: Mailbox, request: ET.Element) -> Answer:
    draft = mailbox.draft(request, "ItemId")
    draft.folder, draft.id = "sentitems", uuid.uuid4().hex
    mailbox.items.remove(draft)
    mailbox.items.append(draft)
    return Answer()


def _create_attachment(mailbox: Mailbox, request: ET.Element) -> Answer:
    draft = mailbox.draft(request, "ParentItemId")
    inside = ""
    for one in request.iter(f"{T}FileAttachment"):
        name = one.findtext(f"{T}Name") or ""
        draft.attachments[name] = base64.b64decode(one.findtext(f"{T}Content") or "")
        draft.change += 1
        inside += (
            f'<t:FileAttachment><t:AttachmentId Id="{uuid.uuid4().hex}" RootItemId="{draft.id}" '
            f'RootItemChangeKey="{draft.change}"/></t:FileAttachment>'
        )
    return Answer(f"<m:Attachments>{inside}</m:Attachments>")


def _convert_id(mailbox: Mailbox, request: ET.Element) -> Answer:
    """Convert the id of an item that is there; exchangelib asks for «DUMMY» to read the server's version."""
    known = {one.id for one in mailbox.items}
    inside = ""
    for one in request.iter(f"{T}AlternateId"):
        if one.get("Id") not in known:
            raise RefusedError("ErrorInvalidIdMalformed")
        inside += (
            f"<m:AlternateId xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xsi:type='t:AlternateIdType' "
            f"Format='{request.get('DestinationFormat')}' Id='{one.get('Id')}' Mailbox='{mailbox.address}'/>"
        )
    return Answer(inside)


def _resolve_names(mailbox: Mailbox, request: ET.Element) -> Answer:
    asked = (request.findtext(f"{M}UnresolvedEntry") or "").casefold()
    found = [
        (address, name)
        for address, name in mailbox.people.items()
        if any(one.startswith(asked) for one in (address, name.casefold(), *name.casefold().split()))
    ]
    if not found:
        raise RefusedError("ErrorNameResolutionNoResults")
    inside = "".join(
        f"<t:Resolution><t:Mailbox><t:Name>{escape(name)}</t:Name><t:EmailAddress>{address}</t:EmailAddress>"
        "<t:RoutingType>SMTP</t:RoutingType><t:MailboxType>Mailbox</t:MailboxType></t:Mailbox></t:Resolution>"
        for address, name in found
    )
    return Answer(
        f'<m:ResolutionSet TotalItemsInView="{len(found)}" IncludesLastItemInRange="true">{inside}</m:ResolutionSet>',
        "NoError" if len(found) == 1 else "ErrorNameResolutionMultipleResults",
    )


def _own_replies(mailbox: Mailbox, request: ET.Element) -> None:
    if (request.findtext(f"{T}Mailbox/{T}Address") or "").casefold() != mailbox.address:
        raise RefusedError("ErrorAccessDenied")


def _get_replies(mailbox: Mailbox, request: ET.Element) -> Answer:
    _own_replies(mailbox, request)
    return Answer(f"{mailbox.replies}<m:AllowExternalOof>All</m:AllowExternalOof>")


def _set_replies(mailbox: Mailbox, request: ET.Element) -> Answer:
    _own_replies(mailbox, request)
    settings = next(iter(request.iter(f"{T}UserOofSettings")))
    settings.tag = f"{T}OofSettings"
    mailbox.replies = ET.tostring(settings, encoding="unicode")
    return Answer()


_OPERATIONS: Mapping[str, Callable[[Mailbox, ET.Element], Answer]] = {
    "ConvertId": _convert_id,
    "CreateAttachment": _create_attachment,
    "CreateItem": _create_item,
    "FindItem": _find_item,
    "GetFolder": _get_folder,
    "GetUserOofSettings": _get_replies,
    "ResolveNames": _resolve_names,
    "SendItem": _send_item,
    "SetUserOofSettings": _set_replies,
}
