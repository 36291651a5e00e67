"""How mail leaves: the configured transport opened, and said in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.headerregistry import Address
from pathlib import Path

from reconciler.cli.screen import note
from reconciler.config import CorreoArchivo, CorreoEws, CorreoSmtp, MesaDeAyuda
from reconciler.engine.ports import Post
from reconciler.patience import Patience
from reconciler.post.outbox import FilePost, Outbox
from reconciler.post.smtp import SmtpPost
from reconciler.post.turn import Turn


@dataclass(frozen=True, slots=True)
class Transport:
    """An open `Post`; `short` names it without servers, `words` says how a letter left, and through which one."""

    post: Post
    short: str
    words: str


def transport(config: CorreoArchivo | CorreoEws | CorreoSmtp, desk: MesaDeAyuda, folder: Path) -> Transport:
    """Open what is configured; `folder` is where copies stay, and the turn of who sends.

    Nothing is connected yet.

    Raises:
        ConfigurationError: a setting is missing, or the password or the authority cannot be read.

    """
    user, _, domain = config.remitente.partition("@")
    sender = Address(desk.nombre, user, domain)
    match config:
        case CorreoArchivo():
            words = f"quedó en la carpeta {folder}, y nadie la recibe"
            return Transport(FilePost(Outbox(folder), sender, _now), "archivo", words)
        case CorreoSmtp():
            smtp = SmtpPost(config, Outbox(folder), sender, _now, lambda: Patience(config.paciencia_s, note))
            return Transport(smtp, "SMTP", f"salió por SMTP, servidor {config.servidor}:{config.puerto}")
        case CorreoEws():
            from reconciler.exchange.ews import EwsPost  # noqa: PLC0415 -- exchangelib takes long to import

            ews = EwsPost(config, sender, _now, lambda: Patience(config.paciencia_s, note), Turn(folder).taken)
            words = f"salió por EWS, servidor {config.servidor}:{config.puerto}, buzón {config.remitente}"
            return Transport(ews, "EWS", words)


def _now() -> datetime:
    return datetime.now(UTC)
