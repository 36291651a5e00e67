"""What an installation lacks of an SMTP server, said without sending anything."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from reconciler.check import Check, State, examined
from reconciler.config import Smtp
from reconciler.post.examination import SmtpExamination
from tests.lab.smtp import SmtpServer
from tests.letters import SECRET, issue

WRONG = "Otra-cosa-9"


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return issue(tmp_path_factory.mktemp("smtp"))


@pytest.fixture(name="server")
def _server(folder: Path) -> Iterator[SmtpServer]:
    with SmtpServer(folder / "servidor", "mesa.ayuda", SECRET) as server:
        yield server


def config(server: SmtpServer, folder: Path, **more: object) -> Smtp:
    given = {"servidor": server.host, "puerto": server.port, "ca": folder / "servidor" / "ca.pem", "espera_s": 5}
    given |= {"usuario": "mesa.ayuda", "clave_archivo": folder / "clave"}
    return Smtp.model_validate(given | more)


def checks(config: Smtp, *, ahead: timedelta = timedelta(0)) -> dict[str, Check]:
    examination = SmtpExamination(config, "correo", lambda: datetime.now(UTC) + ahead)
    try:
        return {one.name: one for one in examined("Correo", examination.steps())}
    finally:
        examination.close()


def lacking(config: Smtp, name: str) -> str:
    found = checks(config)
    assert [one.name for one in found.values() if one.state is State.FAILED] == [name], found
    return f"{found[name].detail} {found[name].remedy}"


def test_a_server_that_lets_us_in_lacks_nothing_and_gets_no_message(server: SmtpServer, folder: Path) -> None:
    found = checks(config(server, folder))
    assert {name: one.state for name, one in found.items()} == dict.fromkeys(
        ("nombre", "puerto", "TLS", "entrada"), State.OK
    )
    assert "vence el 20" in found["TLS"].detail
    assert found["entrada"].detail == "entró por SMTP como mesa.ayuda"
    assert server.sent == []


def test_a_wrong_password_is_said_and_not_shown(server: SmtpServer, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "clave").touch(0o600)
    (tmp_path / "clave").write_text(WRONG)
    said = lacking(config(server, folder, clave_archivo=tmp_path / "clave"), "entrada")
    assert "«clave_archivo» de «correo»" in said
    assert WRONG not in said


def test_another_authority_and_no_tls_at_all_are_said(server: SmtpServer, folder: Path) -> None:
    assert "certificado" in lacking(config(server, folder, ca=folder / "otra" / "ca.pem"), "TLS")
    with SmtpServer(folder / "servidor", "mesa.ayuda", SECRET, tls=False) as plain:
        assert "no ofrece TLS" in lacking(config(plain, folder), "TLS")


def test_a_certificate_that_ends_within_the_month_is_a_warning(server: SmtpServer, folder: Path) -> None:
    assert checks(config(server, folder), ahead=timedelta(days=3640))["TLS"].state is State.WARNED


def test_a_port_where_nobody_is_stops_what_needs_it(server: SmtpServer, folder: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        lacking(config(server, folder, servidor="127.0.0.1", puerto=closed.getsockname()[1]), "puerto")


def test_one_that_greets_and_hangs_up_is_no_traceback(server: SmtpServer, folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as rude:

        def hang_up() -> None:
            for _ in range(2):
                rude.accept()[0].close()

        threading.Thread(target=hang_up, daemon=True).start()
        where = {"servidor": "127.0.0.1", "puerto": rude.getsockname()[1]}
        assert "no atiende por ahora" in lacking(config(server, folder, **where), "TLS")
