"""An index of git's for the time of one commit, in a folder that does not outlive the process for long."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PREFIX = "indice-"


@contextmanager
def temporary_index(parent: Path) -> Iterator[Path]:
    """Give a path for an index, gone afterwards; what killed processes left in `parent` is swept first.

    A folder is its process's for as long as that has it locked, which the kernel takes from a dead one.
    """
    parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in parent.glob(f"{_PREFIX}*"):
        _sweep(left)
    folder, descriptor = _locked(parent)
    try:
        yield folder / "index"
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def _locked(parent: Path) -> tuple[Path, int]:
    """Make a folder and lock it; one that a sweeper got hold of in between is given up for another."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
        descriptor = _try_lock(folder)
        if descriptor is not None:
            if folder.is_dir():
                return folder, descriptor
            os.close(descriptor)


def _sweep(folder: Path) -> None:
    descriptor = _try_lock(folder)
    if descriptor is not None:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def _try_lock(folder: Path) -> int | None:
    """Open and lock a folder; None where somebody else has it, or it is no longer there."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
