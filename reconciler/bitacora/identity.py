"""Who writes: the name of a run, and the name of the clone that it runs in."""

from __future__ import annotations

import random
import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from reconciler.bitacora.files import storing, write_whole
from reconciler.errors import RecordError

SYSTEM_RANDOM: random.Random = secrets.SystemRandom()

_CLONE = re.compile(r"[0-9a-f]{16}")
_RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")


def new_run(clock: Callable[[], datetime], randomness: random.Random = SYSTEM_RANDOM) -> str:
    """Return a name for a run that sorts by time: `20261124T051200Z-7f3a`."""
    return f"{clock().astimezone(UTC):%Y%m%dT%H%M%SZ}-{randomness.getrandbits(16):04x}"


def check_run(run: str) -> str:
    """Return the name of a run where it can name files; anything else is a defect of ours."""
    if not _RUN.fullmatch(run):
        raise ValueError(f"not the name of a run: {run!r}")
    return run


def clone_id(directory: Path, randomness: random.Random = SYSTEM_RANDOM) -> str:
    """Return the name that this clone has had since it first wrote; the caller holds the clone's lock.

    The file's own number is part of it, so that a copy of the folder is another clone: the two share no
    lock, and neither may take the other's run for dead.
    """
    path = directory / "clon"
    with storing("la identidad de esta copia"):
        if not path.exists():
            write_whole(path, f"{randomness.getrandbits(64):016x}\n".encode("ascii"))
        name, number = path.read_text("ascii", "replace").strip(), path.stat().st_ino
    if not _CLONE.fullmatch(name):
        raise RecordError(f"«{path}» está dañado.", remedy="Bórrelo: se hará otro en la próxima corrida.")
    return f"{name}-{number:x}"
