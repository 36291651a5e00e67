"""Credential sheets for tests: opened as their readers open them, and read back from the page."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pyrage
from pypdf import PdfReader

LABELS = {
    "usuario": "Usuario",
    "direccion": "Dirección de correo",
    "nombre": "Nombre",
    "oficio": "Oficio",
    "orden": "Orden de trabajo",
    "dependencia": "Dependencia",
    "puesto": "Puesto",
    "area": "Área",
    "web": "Correo web",
}


def read_sheet(pdf: bytes, passphrase: str | None = None) -> dict[str, str]:
    """Return what a sheet says, by name; it is one page."""
    reader = PdfReader(io.BytesIO(pdf), password=passphrase)
    (page,) = reader.pages
    lines = page.extract_text().splitlines()
    said = {"clave": lines[next(n for n, one in enumerate(lines) if one.startswith("Primera contraseña")) + 1]}
    for name, label in LABELS.items():
        found = [one.removeprefix(f"{label} ") for one in lines if one.startswith(f"{label} ")]
        if found:
            said[name] = found[0]
    folio = re.search(r"Folio (H-\S+)", page.extract_text())
    head = re.search(r"^[0-9a-f]{64}$", page.extract_text(), re.MULTILINE)
    assert folio
    assert head
    return said | {"folio": folio[1], "cabeza": head[0]}


def opened(path: Path, identity: Any) -> dict[str, str]:
    """Return what a sheet sealed with age says."""
    return read_sheet(pyrage.decrypt(path.read_bytes(), [identity]))


def passphrase(path: Path, identity: Any) -> dict[str, str]:
    """Return the sealed passphrase of a locked sheet, with its folio."""
    said: dict[str, str] = json.loads(pyrage.decrypt(path.read_bytes(), [identity]))
    return said


def the_sheet(folder: Path, key: str, ending: str = ".pdf.age") -> Path:
    """Return the one file of an account's sheet that ends so."""
    name = re.compile(rf"{re.escape(key)}\.H-\d{{4}}-\w{{8}}{re.escape(ending)}")
    (found,) = [one for one in folder.iterdir() if name.fullmatch(one.name)]
    return found
