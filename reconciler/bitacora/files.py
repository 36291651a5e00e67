"""Files of this clone that outlive a crash: locks that die with their holder, and atomic small files."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from reconciler.errors import RecordError, why_not

_WAIT = 0.2
_WAITS = 300
_LOCK = "el bloqueo de la bitácora"


@contextmanager
def storing(what: str) -> Iterator[None]:
    """Turn the machine's refusals (no room, no permission) into a RecordError about `what`."""
    try:
        yield
    except OSError as error:
        raise RecordError(
            f"No se pudo guardar {what}: {why_not(error)}.",
            remedy="Revise el espacio en disco y los permisos de .git/cuentas; no se cambia nada más.",
        ) from error


def open_lock(path: Path) -> int:
    """Open a lock file, private to its owner, and return its descriptor, not yet locked."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def try_lock(descriptor: int) -> bool:
    """Lock an open file for as long as this process has it open; whether nobody else had it locked."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def exclusively(path: Path, sleep: Callable[[float], None]) -> Iterator[None]:
    """Hold a lock, waiting for its holder for about a minute.

    Raises:
        RecordError: it was held all that time, or cannot be opened.

    """
    with storing(_LOCK):
        descriptor = open_lock(path)
    try:
        for _ in range(_WAITS):
            with storing(_LOCK):
                if try_lock(descriptor):
                    break
            sleep(_WAIT)
        else:
            raise RecordError(
                "Otro proceso de esta misma copia está escribiendo en la bitácora.",
                remedy="Espere a que termine y vuelva a correr.",
            )
        yield
    finally:
        os.close(descriptor)


def write_whole(path: Path, data: bytes) -> None:
    """Replace a small file so that, whatever happens, it holds either its old content or the new one."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        try:
            write_all(descriptor, data)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_all(descriptor: int, data: bytes) -> None:
    """Write everything, however many writes it takes; raises OSError where there is no room."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive the machine's stop."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
