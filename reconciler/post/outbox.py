"""The outbox: messages as .eml files in a folder, each durable and there only once."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable
from datetime import datetime
from email.headerregistry import Address
from pathlib import Path

from reconciler.errors import OutcomeUnknownError, TargetUnreachableError, why_not
from reconciler.letter import Message, Sent
from reconciler.mime import compose
from reconciler.untracked import make_untracked


class Outbox:
    """A folder of messages named after their marks: `corrida/3` is `corrida+3.eml`.

    A message whose sending was begun and not seen to end is there as `corrida+3.duda`, and is not begun again
    until a person, who can ask whether it arrived, takes that file away or renames it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def holds(self, mark: str) -> bool:
        """Whether the message with a mark was sent.

        Raises:
            OutcomeUnknownError: nobody knows.
            TargetUnreachableError: the folder cannot be looked into.

        """
        doubt = self._doubt(mark)
        try:
            if self._file(mark).exists():
                return True
            begun = doubt.exists()
        except OSError as error:
            raise self._unusable(error) from None
        if begun:
            raise OutcomeUnknownError(
                f"No se sabe si el mensaje «{mark}» salió: la vez anterior se perdió la respuesta del servidor.",
                remedy=f"Pregunte a quien iba dirigido. Si no llegó, borre «{doubt}»; si llegó, cámbiele la "
                "terminación a «.eml». Vuelva a correr.",
            )
        return False

    def put(self, mark: str, data: bytes) -> bool:
        """Store a message as sent, whole and durable; False where there was one with its mark already.

        Raises:
            TargetUnreachableError: it cannot be stored, and is not.

        """
        return self._store(self._file(mark), data)

    def begin(self, mark: str, data: bytes) -> None:
        """Store, before the last step of sending, that it may have been sent.

        Raises:
            OutcomeUnknownError: another process is sending it, or has just done so: it must not be sent.
            TargetUnreachableError: it cannot be stored: it must not be sent.

        """
        doubt = self._doubt(mark)
        mine = self._store(doubt, data)
        if mine and not self._file(mark).exists():
            return
        if mine:
            doubt.unlink()
        raise OutcomeUnknownError(
            f"Otra corrida está enviando el mensaje «{mark}»: aquí no se envió.",
            remedy="Espere a que termine y vuelva a correr: se verá si salió.",
        )

    def settle(self, mark: str, *, sent: bool) -> None:
        """Say what became of a message that was begun.

        Raises:
            OutcomeUnknownError: that cannot be stored; it stays in doubt.

        """
        try:
            if sent:
                self._doubt(mark).rename(self._file(mark))
            else:
                self._doubt(mark).unlink(missing_ok=True)
            self._sync()
        except OSError as error:
            raise OutcomeUnknownError(
                f"No se pudo anotar que el mensaje «{mark}» {'salió' if sent else 'no salió'}: {why_not(error)}.",
                remedy=f"Revise el espacio y los permisos de «{self._folder}» antes de volver a correr.",
            ) from None

    def _file(self, mark: str) -> Path:
        return self._folder / f"{_named(mark)}.eml"

    def _doubt(self, mark: str) -> Path:
        return self._folder / f"{_named(mark)}.duda"

    def _store(self, file: Path, data: bytes) -> bool:
        try:
            make_untracked(self._folder.parent)
            self._folder.mkdir(mode=0o700, exist_ok=True)
            return self._link(file, data)
        except OSError as error:
            raise self._unusable(error) from None

    def _unusable(self, error: OSError) -> TargetUnreachableError:
        return TargetUnreachableError(
            f"No se pudo guardar un mensaje en «{self._folder}»: {why_not(error)}.",
            remedy="Revise el espacio y los permisos de «correo: carpeta»; no se envió nada.",
        )

    def _link(self, file: Path, data: bytes) -> bool:
        """Write under another name first: what has a message's name is whole, and is never written over."""
        temporary = self._folder / f".{secrets.token_hex(8)}"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            with open(descriptor, "wb") as stream:  # noqa: PTH123 -- a file already open
                stream.write(data)
                stream.flush()
                os.fsync(descriptor)
            file.hardlink_to(temporary)
        except FileExistsError:
            return False
        finally:
            with contextlib.suppress(OSError):
                temporary.unlink()
        self._sync()
        return True

    def _sync(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class FilePost:
    """Fits the engine's `Post`: whatever is sent stays in the outbox, for a person to read."""

    def __init__(self, outbox: Outbox, sender: Address, clock: Callable[[], datetime]) -> None:
        self._outbox = outbox
        self._sender = sender
        self._clock = clock

    def send(self, message: Message) -> Sent:
        """Leave the message in the outbox, once."""
        if self._outbox.holds(message.mark):
            return Sent.BEFORE
        new = self._outbox.put(message.mark, compose(message, self._sender, self._clock()))
        return Sent.NOW if new else Sent.BEFORE

    def close(self) -> None:
        """Nothing is open."""


def _named(mark: str) -> str:
    """Return a file name that no other mark has: no mark has a plus sign."""
    return mark.replace("/", "+")
