"""A message to somebody, as a value: whoever writes it and whoever sends it meet here."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum

from reconciler.errors import TargetRejectedError

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_MARK = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")
_LONGEST_MARK = 160
_LONGEST_SUBJECT = 255


class Sent(Enum):
    """When a message was sent, told by whoever has just seen to it."""

    NOW = "now"
    BEFORE = "before"


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes along; `content_type` is a MIME type. What is in it is in no repr."""

    name: str
    content: bytes = field(repr=False)
    content_type: str = "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message. Two with one `mark` are the same message, and only one of them is ever sent.

    `mark` is opaque and derived by the caller ("corrida/3"). What one says is in no repr: it names people.

    Raises:
        TargetRejectedError: it is for nobody, or something in it cannot be part of a message: a line break in
            the subject would be a header of somebody else's making.

    """

    mark: str
    to: tuple[str, ...]
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False, default="")
    cc: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()

    def __post_init__(self) -> None:
        if not _MARK.fullmatch(self.mark) or len(self.mark) > _LONGEST_MARK:
            raise _impossible("su marca no sirve")
        if not self.to:
            raise _impossible("no tiene destinatario")
        for address in self.recipients:
            if not _ADDRESS.fullmatch(address):
                raise _impossible("una de sus direcciones no es una dirección de correo")
        if not self.subject.isprintable() or not 0 < len(self.subject) <= _LONGEST_SUBJECT:
            raise _impossible(f"su asunto está vacío, pasa de {_LONGEST_SUBJECT} caracteres o no es un solo renglón")
        for one in self.attachments:
            if not one.name.isprintable() or not one.name or "/" in one.name or not _TYPE.fullmatch(one.content_type):
                raise _impossible("el nombre o el tipo de un archivo adjunto no sirve")

    @property
    def recipients(self) -> tuple[str, ...]:
        """Everybody who gets it, each once, in order."""
        return tuple(dict.fromkeys(self.to + self.cc))


def _impossible(why: str) -> TargetRejectedError:
    return TargetRejectedError(
        f"El mensaje no se puede enviar: {why}.",
        remedy="Corrija la declaración o la plantilla de donde salió; no se envió nada.",
    )
