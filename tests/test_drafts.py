"""Requests that wait for their oficio: on this machine alone, for their owner alone."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from reconciler.drafts import Drafts
from reconciler.errors import ConfigurationError, UsageError
from reconciler.model import Movimiento
from reconciler.request import Request

ORDER = "OT-2026-0A1B2C3D"
REQUEST = Request(movimiento=Movimiento.ALTA, dependencia="SAF", nombre="María", apellidos="Núñez")


@pytest.fixture(name="drafts")
def _drafts(tmp_path: Path) -> Drafts:
    return Drafts(tmp_path / ".cuentas" / "solicitudes")


def test_what_was_stored_is_read_back_and_forgotten_when_asked(drafts: Drafts) -> None:
    assert drafts.load(ORDER) is None
    path = drafts.save(ORDER, REQUEST)
    assert drafts.load(ORDER) == REQUEST
    assert list(drafts.all()) == [(ORDER, REQUEST)]
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert (path.parents[1] / ".gitignore").read_text() == "*\n"
    drafts.drop(ORDER)
    drafts.drop(ORDER)
    assert drafts.load(ORDER) is None
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "OT-2026-0A1B2C3D/x", "", "OT-2026-minuscul", "OT-2026-0A1B2C3D\n"]
)
def test_only_an_orders_id_names_a_draft(drafts: Drafts, name: str) -> None:
    for act in (drafts.load, drafts.drop):
        with pytest.raises(UsageError, match="no es el número"):
            act(name)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"movimiento": "otro"}',
        '{"movimiento": "alta", "contrasena": "x"}',
        '{"movimiento": "alta", "nombre": 1}',
        json.dumps({"movimiento": "alta", "nombre": "x" * 70_000}),
        "[" * 50_000,
        "\x00",
    ],
)
def test_what_is_no_draft_of_ours_is_refused(drafts: Drafts, text: str) -> None:
    path = drafts.save(ORDER, REQUEST)
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match="dañada"):
        drafts.load(ORDER)
    assert list(drafts.all()) == []


def test_a_link_or_a_pipe_in_its_place_is_not_followed(drafts: Drafts, tmp_path: Path) -> None:
    path = drafts.save(ORDER, REQUEST)
    path.rename(tmp_path / "otro.json")
    path.symlink_to(tmp_path / "otro.json")
    with pytest.raises(UsageError):
        drafts.load(ORDER)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(UsageError):
        drafts.load(ORDER)


def test_where_nothing_can_be_stored_nothing_is_left(tmp_path: Path) -> None:
    (tmp_path / "archivo").write_text("", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="No se pudo guardar"):
        Drafts(tmp_path / "archivo" / "solicitudes").save(ORDER, REQUEST)
