"""The key that the demonstration's first passwords are sealed to, and what one of its sheets says."""

from __future__ import annotations

import os
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


def sheet_without_password(pdf: Path) -> list[str]:
    """Return the lines that a printed sheet says, the password covered."""
    from reconciler.documents.lock import lines  # noqa: PLC0415 -- pypdf takes long to import

    said = lines(pdf.read_bytes())
    label = next(place for place, line in enumerate(said) if line.startswith("Primera contraseña"))
    return [*said[: label + 1], "••••••••  (tapada aquí)", *said[label + 2 :]]
