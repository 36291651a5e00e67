"""The embedded target's file: its tables, its transactions, and SQLite's errors in our own classes."""

from __future__ import annotations

import os
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from reconciler.errors import OutcomeUnknownError, TargetError, TargetRejectedError, TargetUnreachableError
from reconciler.untracked import make_untracked

CANARY = "canario.cuentas"
"""Logon of the object that every new file gets, so that an emptied file is told from an empty directory."""

VERSION = 2
BUSY_SECONDS = 10.0

# Names are compared as Active Directory compares them: whatever their case.
_SCHEMA = f"""
CREATE TABLE contenedores (
    siglas          TEXT PRIMARY KEY COLLATE NOCASE
) STRICT;
CREATE TABLE objetos (
    guid            TEXT PRIMARY KEY,
    clase           TEXT NOT NULL DEFAULT 'usuario' CHECK (clase IN ('usuario', 'grupo', 'contacto')),
    contenedor      TEXT COLLATE NOCASE REFERENCES contenedores (siglas),
    cn              TEXT NOT NULL COLLATE NOCASE,
    marca           TEXT,           -- clave de la cuenta, cuando es nuestra
    etapa           TEXT CHECK (etapa IN ('creacion')),
    estado          TEXT CHECK (estado IN ('baja')),
    protegido       TEXT,           -- por qué no se debe tocar
    usuario         TEXT COLLATE NOCASE UNIQUE,
    upn             TEXT COLLATE NOCASE UNIQUE,
    correo          TEXT COLLATE NOCASE,
    nombre_visible  TEXT,
    nombre          TEXT,
    apellidos       TEXT,
    puesto          TEXT,
    area            TEXT,
    organizacion    TEXT,
    telefono        TEXT,
    tipo            TEXT,
    responsable     TEXT REFERENCES objetos (guid),
    habilitado      INTEGER NOT NULL DEFAULT 0 CHECK (habilitado IN (0, 1)),
    contrasena      TEXT,           -- scrypt con sal, nunca en claro
    debe_cambiarla  INTEGER NOT NULL DEFAULT 0 CHECK (debe_cambiarla IN (0, 1)),
    UNIQUE (contenedor, cn)
) STRICT;
CREATE INDEX objetos_por_marca ON objetos (marca);
CREATE INDEX objetos_por_correo ON objetos (correo);
CREATE TABLE direcciones (          -- además de la principal
    guid            TEXT NOT NULL REFERENCES objetos (guid),
    direccion       TEXT NOT NULL COLLATE NOCASE,
    clase           TEXT NOT NULL DEFAULT 'smtp' COLLATE NOCASE,
    PRIMARY KEY (guid, clase, direccion)
) STRICT, WITHOUT ROWID;
CREATE INDEX direcciones_por_direccion ON direcciones (direccion);
CREATE TABLE buzones (
    buzon           TEXT PRIMARY KEY,
    guid            TEXT UNIQUE REFERENCES objetos (guid),  -- nulo: de nadie desde que la cuenta tiene otro
    conectado       INTEGER NOT NULL DEFAULT 1 CHECK (conectado IN (0, 1)),
    cuota_mb        INTEGER,
    clase_buzon     TEXT NOT NULL DEFAULT 'usuario',
    oculto          INTEGER NOT NULL DEFAULT 0 CHECK (oculto IN (0, 1)),
    recibe          INTEGER NOT NULL DEFAULT 1 CHECK (recibe IN (0, 1)),
    retenido        INTEGER NOT NULL DEFAULT 0 CHECK (retenido IN (0, 1)),
    respuesta       TEXT            -- con lo que contesta solo
) STRICT;
INSERT INTO objetos (guid, cn, usuario, nombre_visible, protegido)
    VALUES ('{uuid.UUID(int=0)}', '{CANARY}', '{CANARY}', 'Canario de cuentas', 'es el canario');
PRAGMA user_version = {VERSION};
"""  # noqa: S608 -- constants of this module


class Store:
    """One SQLite file. A transaction is durable once it ends: it survives `kill -9` and a power cut.

    Raises TargetUnreachableError where the file cannot be opened, read or written, or is not ours.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._translated():
            make_untracked(path.parent)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            # read by one thread, written by a worker's, and never by two at a time
            self._db = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            with self._translated():
                self._prepare()
        except TargetError:
            self._db.close()
            raise

    def _prepare(self) -> None:
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA foreign_keys = ON")
        with self.writing() as db:
            (found,) = db.execute("PRAGMA user_version").fetchone()
            if found == 0 and not db.execute("SELECT 1 FROM sqlite_schema").fetchone():
                for statement in _SCHEMA.split(";\n"):
                    db.execute(statement)
                found = VERSION
        if found != VERSION:
            raise TargetUnreachableError(
                f"«{self._path}» no es un directorio embebido de esta versión ({found}, no {VERSION}).",
                remedy="Apunte «archivo» del destino a otro archivo, o aparte ése.",
            )

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """One consistent picture of the file, whatever others write meanwhile."""
        with self._translated():
            self._db.execute("BEGIN")
            try:
                yield self._db
            finally:
                self._db.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it or, on any exception, nothing.

        Raises:
            OutcomeUnknownError: SQLite failed while it committed.

        """
        with self._translated():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield self._db
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise
            try:
                self._db.execute("COMMIT")
            except sqlite3.OperationalError as error:
                raise OutcomeUnknownError(
                    f"El directorio embebido falló al confirmar un cambio ({error}).",
                    remedy="Revise el disco; la próxima corrida lee de nuevo lo que quedó.",
                ) from error

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.IntegrityError as error:
            raise TargetRejectedError(
                f"El directorio embebido rechazó el cambio: {error}.",
                remedy="Corrija el valor en la declaración.",
            ) from error
        except (sqlite3.Error, OSError) as error:
            raise TargetUnreachableError(
                f"No se puede usar el directorio embebido «{self._path}»: {error}.", remedy=_remedy(error)
            ) from error

    def close(self) -> None:
        """Close the file; calling it again does nothing."""
        self._db.close()


def _remedy(error: Exception) -> str:
    text = str(error)
    if "locked" in text or "busy" in text:
        return "Otro proceso lo tiene ocupado: espere a que termine y repita."
    if "malformed" in text or "not a database" in text:
        return "El archivo está dañado o no es SQLite: apártelo y restaure un respaldo."
    if "full" in text:
        return "Libere espacio en el disco y repita."
    return "Revise que la carpeta exista, que tenga permiso de escritura y que el disco funcione."
