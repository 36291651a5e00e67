"""`cuentas demo`: the whole job, told; it really happens, prints no password, and spoils nobody's folder."""

from __future__ import annotations

import os
import pty
import re
import stat
import struct
import subprocess
import sys
import termios
from dataclasses import dataclass
from fcntl import ioctl
from pathlib import Path

import pyrage
import pytest

from reconciler.cli.main import run
from reconciler.cli.stage import WIDTH
from reconciler.demo.folder import MARK
from tests.sheets import opened

BEATS = (
    "$ cuentas validate",
    "Declaración válida: 13 dependencias",
    "SEPyC — Secretaría de Educación Pública y Cultura",
    "No se aplicaría [limite]: 280 altas en total: el máximo es 200.",
    "(salió con código 3)",
    "+excepciones:",
    "Merge pull request #127",
    ": 560 aplicados",
    "Plan: nada que hacer.",
    "$ cuentas sheet list",
    "$ cuentas sheet print felipedejesus.esquivel",
    "Usuario fdj.esquivel",
    "(tapada aquí)",
    "$ cuentas sheet ack felipedejesus.esquivel",
    "la hoja sellada se retiró",
    "+    baja: ",
    "Merge pull request #128",
    "Plan: 1 alta, 1 baja, 2 buzones.",
    ": 4 aplicados",
    "$ cuentas history mariana.gaxiola",
    "traslado declarado de SAF a SEBIDES",
    "bitácora  baja: ",
    "Sin hallazgos: cadena íntegra",
)


@dataclass(frozen=True)
class Told:
    folder: Path
    code: int
    text: str


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Tell it where `make demo` does: in a folder named from where one stands, which is a clone of the project."""
    place = tmp_path_factory.mktemp("demo")
    subprocess.run(["git", "init", "--quiet", str(place)], check=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        there = tell(Path(".demo"))
    return Told(place / there.folder, there.code, there.text)


def tell(folder: Path) -> Told:
    """Run the command with its output in a file, as a CI job has it."""
    copy = folder.parent / "salida.txt"
    with copy.open("w", encoding="utf-8") as file, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdout", file)
        patch.setattr(sys, "stderr", file)
        patch.setenv("CUENTAS_DESTINO", "ad")
        code = run(["demo", str(folder)])
    return Told(folder, code, copy.read_text(encoding="utf-8"))


def test_it_ends_well_although_the_machine_is_set_up_for_a_real_directory(told: Told) -> None:
    assert told.code == 0, told.text


def test_it_tells_every_beat_in_order(told: Told) -> None:
    place = 0
    for beat in BEATS:
        assert beat in told.text[place:], beat
        place = told.text.index(beat, place)


def test_it_prints_no_password_and_no_private_key(told: Told) -> None:
    secret = (told.folder / "llave.txt").read_text().splitlines()[-1]
    sheets = list((told.folder / "declaraciones" / ".cuentas" / "entregas").glob("*/*.pdf.age"))
    identity = pyrage.x25519.Identity.from_str(secret)
    passwords = {opened(sheet, identity)["clave"] for sheet in sheets}
    assert len(passwords) > 250
    assert secret not in told.text
    assert not [password for password in passwords if password in told.text]


def test_its_private_key_is_for_its_owner_alone(told: Told) -> None:
    assert stat.S_IMODE((told.folder / "llave.txt").stat().st_mode) == 0o600


def test_its_own_words_fit_in_a_hundred_columns(told: Told) -> None:
    titles = [line for line in told.text.splitlines() if line.startswith("── ")]
    assert len(titles) == 10
    assert {len(title) for title in titles} == {WIDTH}


def test_it_can_be_told_again_in_the_same_folder_even_after_an_interruption(told: Told) -> None:
    (told.folder / "declaraciones" / ".git" / "HEAD").unlink()
    again = tell(told.folder)
    assert again.code == 0
    assert ": 560 aplicados" in again.text


def test_a_folder_that_it_did_not_make_is_refused_and_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "mios"
    folder.mkdir()
    (folder / "importante.txt").write_text("no borrar")
    refused = tell(folder)
    assert refused.code == 2
    assert "no se toca" in refused.text
    assert [one.name for one in folder.iterdir()] == ["importante.txt"]


@pytest.mark.parametrize("kind", ["link", "file", "marked by a link"])
def test_what_only_looks_like_its_folder_is_refused(tmp_path: Path, kind: str) -> None:
    elsewhere, folder = tmp_path / "otra", tmp_path / "demo"
    elsewhere.mkdir()
    (elsewhere / MARK).write_text("")
    (elsewhere / "importante.txt").write_text("no borrar")
    if kind == "link":
        folder.symlink_to(elsewhere)
    elif kind == "file":
        folder.write_text("un archivo")
    else:
        folder.mkdir()
        (folder / MARK).symlink_to(elsewhere / MARK)
    assert tell(folder).code == 2
    assert (elsewhere / "importante.txt").exists()


def test_on_a_terminal_every_line_fits_and_progress_is_a_bar(tmp_path: Path) -> None:
    text = on_a_terminal(["demo", str(tmp_path / "d")], columns=100)
    assert "280/280" in text
    assert "Sin hallazgos" in text
    told = [line for line in text.splitlines() if not line.startswith(("$ ", "  cuentas", "  git"))]
    assert [line for line in told if len(line) > 100] == []


def on_a_terminal(words: list[str], columns: int) -> str:
    """Run `cuentas` on a terminal of its own and return what it shows, without colours."""
    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    command = [sys.executable, "-c", "from reconciler.cli.main import main; main()", *words]
    environment = os.environ | {"TERM": "xterm", "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = b""
        while chunk := _read(ours):
            shown += chunk
    os.close(ours)
    assert process.returncode == 0
    return _plain(shown.decode())


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # how Linux says that nobody is at the other end any more
        return b""


def _plain(shown: str) -> str:
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown).replace("\r", "\n")
