"""The ownership mark: a line in `adminDescription` that says that an object is ours, and where its life stands.

`cuentas/1 clave=juan.perez`, then what is not usual: `tipo=`, `etapa=` while an alta is under way, `estado=baja`, and
`buzon=` and `base=`, the mailbox that was taken off it and the database that keeps it.
`adminDescription` is in Active Directory's own schema (Exchange is not needed for it), on every class, one value of
1024 characters, and no administrative tool writes it.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from enum import StrEnum

from reconciler.model import AccountKey, Tipo

ATTRIBUTE = "adminDescription"
_FORMAT = "cuentas/1"


class Stage(StrEnum):
    """How far an alta or a reincorporation has come; neither lets anybody log on yet."""

    CREATED = "creacion"
    PASSWORD_SET = "con-clave"  # noqa: S105 -- a stage's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What the mark says; mailbox and database are GUIDs as text."""

    key: AccountKey
    tipo: Tipo = Tipo.PERSONAL
    stage: Stage | None = None
    retired: bool = False
    mailbox: str | None = None
    database: str | None = None

    def text(self) -> str:
        """Return the mark as it is written."""
        words = [_FORMAT, f"clave={self.key}"]
        if self.tipo is not Tipo.PERSONAL:
            words.append(f"tipo={self.tipo}")
        if self.stage is not None:
            words.append(f"etapa={self.stage}")
        if self.retired:
            words.append("estado=baja")
        if self.mailbox is not None:
            words.append(f"buzon={self.mailbox}")
        if self.database is not None:
            words.append(f"base={self.database}")
        return " ".join(words)

    @classmethod
    def parse(cls, text: str) -> Mark | None:
        """Return what a text says as a mark, or None where it is none of ours.

        Raises:
            ValueError: it is ours and cannot be understood, so that somebody edited it by hand.

        """
        first, *words = text.split(" ")
        if first != _FORMAT:
            if first.startswith("cuentas/"):
                raise ValueError("es de otra versión de cuentas")
            return None
        fields = dict(word.split("=", 1) for word in words)
        mark = cls(
            key=AccountKey(fields.pop("clave", "")),
            tipo=Tipo(fields.pop("tipo", Tipo.PERSONAL)),
            stage=Stage(fields.pop("etapa")) if "etapa" in fields else None,
            retired=fields.pop("estado", None) == "baja",
            mailbox=_guid(fields.pop("buzon", None)),
            database=_guid(fields.pop("base", None)),
        )
        if fields or mark.text() != text or not mark.key:
            raise ValueError("alguien la cambió a mano")
        return mark


def _guid(text: str | None) -> str | None:
    """Take a GUID as we write it: anything else would be looked up in Exchange by name."""
    if text is not None and str(uuid.UUID(text)) != text:
        raise ValueError("alguien la cambió a mano")
    return text
