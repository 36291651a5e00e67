"""The key that the demonstration's first passwords are sealed to, and what one of its sheets says."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pyrage


def new_key(path: Path) -> str:
    """Make an age identity, keep it in a new file that only its owner reads, and return its public key."""
    identity = pyrage.x25519.Identity.generate()
    public = str(identity.to_public())
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 -- born with its mode
        file.write(f"# llave pública: {public}\n{identity}\n")
    return public


def sheet_without_password(sealed: Path, key: Path) -> Mapping[str, str]:
    """Open a sealed sheet and return what it says, the password covered."""
    secret = key.read_text(encoding="utf-8").splitlines()[-1]
    identity = pyrage.x25519.Identity.from_str(secret)
    sheet: dict[str, str] = json.loads(pyrage.decrypt(sealed.read_bytes(), [identity]))
    return {**sheet, "clave": "••••••••  (tapada aquí)"}
