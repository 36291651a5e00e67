"""The index's file: a SQLite image that is read whole, works in memory, and is put back whole.

So nobody waits for a lock, no reader sees half a change, and a byte that is not what was written is noticed: the
image ends with its own digest.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from hashlib import sha256
from pathlib import Path

from reconciler.errors import why_not
from reconciler.untracked import put

FORMAT = 2
"""To be raised whenever tables change, or what is put in them; an index of another format is made anew."""

_LARGEST = 1 << 30
_DIGEST = 32

_SCHEMA = """
CREATE TABLE hecho_por (version TEXT NOT NULL) STRICT;
CREATE TABLE commits (
    posicion INTEGER PRIMARY KEY,   -- en la línea de primeros padres, desde 0
    nombre   TEXT NOT NULL UNIQUE,
    padres   TEXT NOT NULL,
    autor    TEXT NOT NULL,         -- de una fusión, quien aprobó
    propuso  TEXT NOT NULL,         -- de una fusión, quien escribió lo que unió
    cuando   INTEGER NOT NULL,
    asunto   TEXT NOT NULL
) STRICT;
CREATE TABLE movimientos (
    n        INTEGER PRIMARY KEY,
    posicion INTEGER NOT NULL,      -- el commit que lo mostró
    responde INTEGER NOT NULL,      -- el commit que responde por él
    clave    BLOB NOT NULL,
    despues  TEXT NOT NULL          -- lo de antes es lo que dejó el movimiento anterior
) STRICT;
CREATE INDEX movimientos_por_clave ON movimientos (clave);
CREATE INDEX movimientos_por_commit ON movimientos (responde);
CREATE TABLE renombres (clave BLOB NOT NULL, anterior BLOB NOT NULL, posicion INTEGER NOT NULL) STRICT;
CREATE INDEX renombres_por_anterior ON renombres (anterior);
CREATE TABLE oficios (oficio BLOB NOT NULL, clave BLOB NOT NULL, posicion INTEGER NOT NULL) STRICT;
CREATE INDEX oficios_por_oficio ON oficios (oficio);
CREATE TABLE estado (               -- qué archivos tienen cada cuenta al final de la línea
    clave    BLOB NOT NULL,
    orden    INTEGER NOT NULL,
    archivo  BLOB NOT NULL,
    campos   TEXT NOT NULL,
    PRIMARY KEY (clave, orden)
) STRICT, WITHOUT ROWID;
CREATE INDEX estado_por_archivo ON estado (archivo);
CREATE TABLE ilegibles (archivo BLOB PRIMARY KEY, posicion INTEGER NOT NULL, nombre TEXT NOT NULL) STRICT;
"""


class Store:
    """An index's tables, in memory; `saved` says why they could not be kept, None where they were."""

    def __init__(self, file: Path, version: str) -> None:
        self._file = file
        self._version = version
        self.connection = self._loaded() or self._empty()

    def clear(self) -> None:
        """Begin anew."""
        self.connection.close()
        self.connection = self._empty()

    def save(self) -> str | None:
        """Put the tables in place of the file, whole; return why that was not possible, None where it was."""
        self.connection.commit()
        image = self.connection.serialize()
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            folder = os.open(self._file.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                put(folder, self._file.name, image + sha256(image).digest())
            finally:
                os.close(folder)
        except OSError as error:
            return why_not(error)
        return None

    def close(self) -> None:
        """Let go of the memory."""
        self.connection.close()

    def _loaded(self) -> sqlite3.Connection | None:
        """Return what the file holds; None for one that is missing, damaged or somebody else's work."""
        try:
            if self._file.stat().st_size > _LARGEST:
                return None
            data = self._file.read_bytes()
        except OSError:
            return None
        image, digest = data[:-_DIGEST], data[-_DIGEST:]
        if not image or sha256(image).digest() != digest:
            return None
        connection = sqlite3.connect(":memory:")
        with contextlib.suppress(sqlite3.Error):
            connection.deserialize(image)
            if connection.execute("SELECT version FROM hecho_por").fetchall() == [(self._made_by,)]:
                return connection
        connection.close()
        return None

    def _empty(self) -> sqlite3.Connection:
        connection = sqlite3.connect(":memory:")
        connection.executescript(_SCHEMA)
        connection.execute("INSERT INTO hecho_por VALUES (?)", (self._made_by,))
        return connection

    @property
    def _made_by(self) -> str:
        return f"{FORMAT} {self._version}"
