"""apply, run as a command: what it does, what it refuses, and with which code it ends."""

from __future__ import annotations

import contextlib
import os
import pty
import select
import signal
from pathlib import Path

import pytest

from reconciler.embedded.rows import matches
from reconciler.model import AccountKey, Status
from tests.cli.desk import ANA, COMMAND, JUAN, SAF, Desk, desk, leaving, saf, surroundings
from tests.forge import person
from tests.sheets import the_sheet


def stored_password(mesa: Desk, key: str) -> str:
    import sqlite3  # noqa: PLC0415 -- only to look at what no reading shows

    database = sqlite3.connect(mesa.store)
    try:
        (stored,) = database.execute("SELECT contrasena FROM objetos WHERE marca = ?", (key,)).fetchone()
    finally:
        database.close()
    return str(stored)


def test_what_was_merged_is_applied_once_and_then_there_is_nothing_to_do(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN, ANA)})
    said = mesa.launch("apply", "--yes")
    assert "Resultado: 4 aplicados." in said.out
    assert set(mesa.reading().accounts) == {"ana.ruiz", "juan.perez"}
    assert mesa.run("apply", "--yes").out.endswith("Nada que hacer.\n")
    assert "\x1b" not in said.out


def test_the_first_password_is_handed_over_sealed_and_is_the_one_that_was_set(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    sheet = mesa.sheet("juan.perez")
    assert sheet["usuario"] == "juan.perez"
    assert matches(stored_password(mesa, "juan.perez"), sheet["clave"])


def test_a_baja_is_applied_and_its_date_is_on_record(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    mesa.forge.pull_request({SAF: saf({"juan.perez": leaving(JUAN["juan.perez"])})})
    mesa.run("apply", "--yes")
    assert mesa.reading().state[AccountKey("juan.perez")].status is Status.RETIRED
    assert [event["kind"] for event in mesa.record()].count("corrida_terminada") == 2


# --- asking ---------------------------------------------------------------------------------------------


def test_without_a_terminal_nothing_is_guessed(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    assert "no hay quien conteste" in mesa.run("apply", code=2).err
    assert mesa.reading().accounts == {}


_TRIES = 30


def answered(mesa: Desk, answer: bytes) -> tuple[int, str]:
    """Run apply on a terminal of its own and type an answer to its question.

    A signal that comes between the question and the reading of its answer waits for the next key (CPython): like a
    person, this types again where nothing happens, for a minute at most.
    """
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(mesa.forge.path)
        os.execve(COMMAND[0], [*COMMAND, "apply"], surroundings())  # noqa: S606 -- a shell would be one more process
    said = b""
    typed = 0
    with contextlib.suppress(OSError):  # what a terminal says once nobody is behind it
        while typed < _TRIES:
            waiting = typed and not select.select([terminal], [], [], 2)[0]
            data = b"" if waiting else os.read(terminal, 4096)
            if not data and not waiting:
                break
            said += data
            if waiting or (typed == 0 and b"[s/N]" in said):
                typed += 1
                os.write(terminal, answer)
    os.close(terminal)
    if typed == _TRIES:
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status), said.decode()


@pytest.mark.parametrize(("answer", "created"), [(b"s\n", True), (b"\n", False), (b"n\n", False), (b"sip\n", False)])
def test_on_a_terminal_the_plan_is_shown_and_a_person_decides(mesa: Desk, answer: bytes, created: bool) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    code, said = answered(mesa, answer)
    assert code == 0
    assert "¿Aplicar 2 cambios? [s/N]" in said
    assert ("No se aplicó nada." in said) is not created
    assert (set(mesa.reading().accounts) == {"juan.perez"}) is created


def test_an_interrupted_question_applies_nothing_and_ends_with_130(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    code, said = answered(mesa, b"\x03")
    assert code == 130
    assert "Interrumpido" in said
    assert mesa.reading().accounts == {}


# --- 2: whoever typed or wrote it -------------------------------------------------------------------------


def test_an_invalid_declaration_is_never_applied(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf({"juan.perez": {"nombre": "Juan"}})})
    mesa.run("apply", "--yes", code=2)
    assert not mesa.store.exists()


@pytest.mark.parametrize("content", ["", "{}", "[]", "no es json", "\udcff"])
def test_a_file_that_is_no_plan_ends_with_2(mesa: Desk, tmp_path: Path, content: str) -> None:
    file = tmp_path / "plan.json"
    file.write_bytes(content.encode("utf-8", "surrogateescape"))
    assert "cuentas plan -o" in mesa.run("apply", str(file), code=2).err
    assert "cuentas plan -o" in mesa.run("apply", str(tmp_path / "no-existe"), code=2).err


def test_i_a_plan_edited_by_hand_ends_with_2(mesa: Desk, tmp_path: Path) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    file = tmp_path / "plan.json"
    mesa.run("plan", "-o", str(file))
    file.write_text(file.read_text("utf-8").replace("Analista", "Directora"), "utf-8")
    assert "modificado después" in mesa.run("apply", str(file), code=2).err


def nothing_on_record(mesa: Desk) -> bool:
    """Whether there is no bitácora yet."""
    return mesa.forge.git("branch", "--list", "bitacora") == ""


# --- 3: guards and approvals ------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["squash", "rebase"])
def test_squash_and_rebase_merges_end_with_3_naming_commit_and_account(mesa: Desk, how: str) -> None:
    commit = mesa.forge.pull_request({SAF: saf(JUAN)}, merge=how)
    said = mesa.run("apply", "--yes", code=3)
    assert f"juan.perez: sin aprobar; commit {commit[:10]}: se empujó sin pasar por una fusión" in said.out
    assert "merge commit" in said.err
    assert mesa.reading().accounts == {}
    assert nothing_on_record(mesa)


def test_a_direct_push_is_held_and_what_was_merged_is_applied(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    commit = mesa.forge.push({SAF: saf(JUAN, ANA)})
    said = mesa.run("apply", "--yes", code=3)
    assert f"ana.ruiz: sin aprobar; commit {commit[:10]}" in said.out
    assert set(mesa.reading().accounts) == {"juan.perez"}
    assert f"lo empujó sin fusión en {commit[:10]}" in mesa.run("history", "ana.ruiz").out


def test_a_shallow_clone_ends_with_3(mesa: Desk, tmp_path: Path) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    shallow = tmp_path / "clon"
    address = f"file://{mesa.forge.path}"
    mesa.forge.git("clone", "--quiet", "--depth=1", address, str(shallow), inside=False)
    said = mesa.run("apply", "--yes", at=shallow, code=3)
    assert "clon superficial" in said.err
    assert "git fetch --unshallow" in said.err


def test_a_rewritten_history_ends_with_3(mesa: Desk) -> None:
    before = mesa.forge.head()
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    mesa.forge.git("reset", "--quiet", "--hard", before)
    mesa.forge.pull_request({SAF: saf(JUAN, ANA)})
    assert "reescribió la historia" in mesa.run("apply", "--yes", code=3).err
    assert set(mesa.reading().accounts) == {"juan.perez"}


def test_an_earlier_commit_is_never_applied_again(mesa: Desk) -> None:
    before = mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.forge.pull_request({SAF: saf({"juan.perez": leaving(JUAN["juan.perez"])}, ANA)})
    mesa.run("apply", "--yes")
    assert "commit anterior" in mesa.run("apply", "--yes", "--at", before, code=3).err


def test_a_branch_that_was_not_merged_ends_with_3(mesa: Desk) -> None:
    mesa.forge.git("switch", "--quiet", "--create", "solicitud")
    mesa.forge.push({SAF: saf(JUAN)})
    mesa.forge.git("switch", "--quiet", "main")
    said = mesa.run("apply", "--yes", "--at", "solicitud", code=3)
    assert "no está en la línea de la rama principal" in said.err
    assert mesa.reading().accounts == {}


def test_what_was_merged_here_and_never_published_ends_with_3(mesa: Desk, tmp_path: Path) -> None:
    remote(mesa, tmp_path)
    mesa.forge.pull_request({SAF: saf(JUAN)})
    assert "principal publicada" in mesa.run("apply", "--yes", code=3).err
    mesa.forge.git("push", "--quiet", "origin", "main")
    mesa.run("apply", "--yes")


def test_a_guard_ends_with_3_and_says_how_to_ask_for_an_exception(mesa: Desk) -> None:
    crowd = {f"persona.a{n}": person(f"Ana {chr(65 + n // 26)}{chr(97 + n % 26)}", "Gil") for n in range(51)}
    mesa.forge.pull_request({SAF: saf(crowd)})
    said = mesa.run("apply", "--yes", code=3)
    assert "51 altas en SAF: el máximo es 50" in said.err
    assert nothing_on_record(mesa)
    assert "excepciones:" in said.err


def test_configuration_that_was_pushed_stops_every_apply_until_it_is_approved(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    text = (mesa.forge.path / "cuentas.yaml").read_text("utf-8")
    commit = mesa.forge.push({"cuentas.yaml": f"{text}protegidas: [ana.ruiz]\n"})
    said = mesa.run("apply", "--yes", code=3)
    assert f"La configuración de cuentas.yaml no está aprobada; commit {commit[:10]}" in said.err
    assert nothing_on_record(mesa)
    mesa.forge.pull_request({"cuentas.yaml": text})
    mesa.run("apply", "--yes")


def test_without_anybody_to_receive_passwords_no_account_is_created(mesa: Desk) -> None:
    mesa.forge.pull_request({"cuentas.yaml": "dominios: [sinaloa.gob.mx]\n", SAF: saf(JUAN)})
    assert "destinatario" in mesa.run("apply", "--yes", code=3).err
    assert mesa.reading().accounts == {}


# --- 5: the target ----------------------------------------------------------------------------------------


def test_an_unreadable_embedded_file_ends_with_5(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.store.parent.mkdir()
    mesa.store.write_bytes(b"esto no es una base de datos" * 100)
    said = mesa.run("apply", "--yes", code=5)
    assert "restaure un respaldo" in said.err


# --- 6: the record ----------------------------------------------------------------------------------------


def remote(mesa: Desk, folder: Path) -> Path:
    """Give the repository a remote that has its main branch."""
    path = folder / "origin.git"
    mesa.forge.git("init", "--quiet", "--bare", "--initial-branch=main", str(path), inside=False)
    mesa.forge.git("remote", "add", "origin", str(path))
    mesa.forge.git("push", "--quiet", "origin", "main")
    return path


def test_a_record_that_the_remote_refuses_ends_with_6_and_nothing_is_changed(mesa: Desk, tmp_path: Path) -> None:
    path = remote(mesa, tmp_path)
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.forge.git("push", "--quiet", "origin", "main")
    hook = path / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'rama protegida' >&2\nexit 1\n")
    hook.chmod(0o755)
    said = mesa.run("apply", "--yes", code=6)
    assert "rama protegida" in said.err
    assert mesa.reading().accounts == {}
    hook.unlink()
    mesa.run("apply", "--yes")
    assert "Sin hallazgos" in mesa.run("audit").out
    assert set(mesa.reading().accounts) == {"juan.perez"}


def test_a_baja_that_something_holds_ends_with_3_and_not_with_nothing_to_do(mesa: Desk) -> None:
    import sqlite3  # noqa: PLC0415 -- only to protect an object behind everybody's back

    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    mesa.forge.pull_request({SAF: saf({"juan.perez": leaving(JUAN["juan.perez"])})})
    with contextlib.closing(sqlite3.connect(mesa.store)) as database, database:
        database.execute("UPDATE objetos SET protegido = 'adminCount=1' WHERE marca = 'juan.perez'")
    said = mesa.run("apply", "--yes", code=3)
    assert "Bajas sin hacer, y todavía se puede iniciar sesión con ellas: juan.perez." in said.err
    assert "Nada que hacer" not in said.out


def test_another_target_does_not_destroy_the_sheet_of_a_password_that_is_set(tmp_path: Path) -> None:
    places = {"embedded": "embebido.sqlite", "prueba": "prueba.sqlite"}
    targets = [f"  {name}:\n    tipo: embedded\n    archivo: .cuentas/{file}\n" for name, file in places.items()]
    mesa = desk(tmp_path, "destinos:\n" + "".join(targets))
    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    before = mesa.sheet("juan.perez")
    mesa.run("apply", "--yes", "--target", "prueba")
    assert mesa.sheet("juan.perez") == before
    there = [the_sheet(mesa.sheets.parent / name, "juan.perez").name for name in ("embedded", "prueba")]
    assert [one["data"]["hoja"] for one in mesa.record() if one["kind"] == "hoja_sellada"] == [
        f"embedded/{there[0]}",
        f"prueba/{there[1]}",
    ]


def test_a_mark_that_nobody_of_ours_wrote_takes_no_alta_over(mesa: Desk) -> None:
    import sqlite3  # noqa: PLC0415 -- only to forge a mark behind everybody's back

    mesa.forge.pull_request({SAF: saf(JUAN)})
    mesa.run("apply", "--yes")
    with contextlib.closing(sqlite3.connect(mesa.store)) as database, database:
        database.execute(
            "INSERT INTO objetos (guid, cn, usuario, correo, upn, nombre_visible, habilitado, marca)"
            " VALUES ('ajeno', 'intruso', 'luis.soto', 'luis.soto@sinaloa.gob.mx', 'x', 'Intruso', 1, 'luis.soto')"
        )
    mesa.forge.pull_request({SAF: saf(JUAN, {"luis.soto": person("Luis", "Soto")})})
    said = mesa.run("apply", "--yes")
    assert "no consta que cuentas lo haya creado ni adoptado" in " ".join(said.out.split())
    assert mesa.reading().state[AccountKey("luis.soto")].display_name == "Intruso"
    assert [one for one in mesa.sheets.iterdir() if one.name.startswith("luis.soto")] == []
