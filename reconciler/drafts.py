"""Requests that wait for their oficio: what they say stays on this machine, for its owner alone, out of Git."""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import asdict, fields
from pathlib import Path

from reconciler.errors import ConfigurationError, UsageError, why_not
from reconciler.model import Movimiento
from reconciler.request import Request
from reconciler.untracked import make_untracked

ORDER = re.compile(r"OT-[0-9]{4}-[0-9A-HJKMNP-TV-Z]{8}")
"""What an order's id looks like (`orders.new_order`)."""

_LARGEST = 64 * 1024
_FIELDS = frozenset(one.name for one in fields(Request)) - {"movimiento"}
_REMEDY = "Dé de nuevo los datos con las opciones de «cuentas request», junto con «--orden»."


class Drafts:
    """One file `<orden>.json` for each, 0600 in a folder of its owner's alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def place(self, order: str) -> Path:
        """Return where an order's draft is, or would be.

        Raises:
            UsageError: it is not the name of an order.

        """
        if not ORDER.fullmatch(order):
            raise UsageError(
                f"«{order[:40]}» no es el número de una orden.",
                remedy="Es como OT-2026-0A1B2C3D («cuentas order list»).",
            )
        return self._folder / f"{order}.json"

    def save(self, order: str, request: Request) -> Path:
        """Store a request durably, whole or not at all.

        Raises:
            ConfigurationError: it cannot be stored.

        """
        path = self.place(order)
        text = json.dumps(asdict(request), ensure_ascii=False, indent=2) + "\n"
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            make_untracked(self._folder)
            self._folder.chmod(0o700)
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
            with os.fdopen(os.open(temporary, flags, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise ConfigurationError(
                f"No se pudo guardar la solicitud en {self._folder}: {why_not(error)}.",
                remedy="Revise el espacio en disco y los permisos de esa carpeta, y repita.",
            ) from None
        return path

    def load(self, order: str) -> Request | None:
        """Return the request that waits under an order; None where this machine has none.

        Raises:
            UsageError: what is there is no draft of ours.

        """
        path = self.place(order)
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UsageError(f"No se pudo leer {path}: {why_not(error)}.", remedy=_REMEDY) from None
        with os.fdopen(descriptor, "rb") as file:
            is_plain = stat.S_ISREG(os.fstat(descriptor).st_mode)
            data = file.read(_LARGEST + 1) if is_plain else b""
        request = _parsed(data)
        if request is None:
            raise UsageError(f"{path} no es una solicitud guardada, o está dañada.", remedy=_REMEDY)
        return request

    def drop(self, order: str) -> None:
        """Forget a request: its oficio came, or it was taken back. Doing it again does nothing."""
        self.place(order).unlink(missing_ok=True)

    def all(self) -> Iterator[tuple[str, Request]]:
        """Yield the requests that wait on this machine, each with its order; what cannot be read is left out."""
        for path in sorted(self._folder.glob("OT-*.json")):
            if ORDER.fullmatch(path.stem):
                with contextlib.suppress(UsageError):
                    request = self.load(path.stem)
                    if request is not None:
                        yield path.stem, request


def _parsed(data: bytes) -> Request | None:
    if len(data) > _LARGEST:
        return None
    try:
        found = json.loads(data)
        movement = Movimiento(found.pop("movimiento"))
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return None
    if not found.keys() <= _FIELDS or not all(isinstance(value, str) for value in found.values()):
        return None
    return Request(movimiento=movement, **found)
