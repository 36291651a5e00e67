"""Over HTTP: what each answer means, how long it is waited for, and that neither token nor foreign text is shown."""

from __future__ import annotations

import json
import logging
import socket
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydantic import ValidationError

from reconciler.check import Check, State, examined
from reconciler.config import OficiosHttp
from reconciler.errors import (
    ConfigurationError,
    OutcomeUnknownError,
    TargetError,
    TargetRejectedError,
    TargetUnreachableError,
)
from reconciler.orders import Telling
from reconciler.patience import Patience
from reconciler.sistema_oficios.service import CODES, HttpSystem
from reconciler.sistema_oficios.service_examination import ServiceExamination
from tests.lab.oficios import ORDERS, STATUS, TEXT, Fault, OficiosServer
from tests.letters import now, patient
from tests.sistema_oficios.work import TOKEN, ZONE, closed, config, order


@contextmanager
def system(settings: OficiosHttp, patience: Patience | None = None) -> Iterator[HttpSystem]:
    opened = HttpSystem(settings, ZONE, lambda: patience or patient(600))
    try:
        yield opened
    finally:
        opened.close()


def test_an_order_is_raised_and_closed_under_its_key(server: OficiosServer, folder: Path) -> None:
    with system(config(server, folder)) as there:
        assert there.tell(order(), Telling.OPEN) == "SO-00001"
        assert there.tell(closed(number="SO-00001"), Telling.CLOSE) == "SO-00001"
    assert server.keys == ["OT-2026-00000001/levantar", "OT-2026-00000001/cerrar"]
    assert server.closed == ["SO-00001"]
    _, headers, body = server.asked[1]
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert json.loads(body)["cierre"] == "2026-03-23"  # a day earlier than in UTC


@pytest.mark.parametrize(
    "fault",
    [Fault.BROKEN, Fault.DOWN, Fault.BUSY, Fault.CUT_BEFORE, Fault.CUT_AFTER, Fault.BROKEN_AFTER, Fault.HUGE_AFTER],
)
def test_trouble_that_passes_is_waited_out_and_nothing_is_done_twice(
    server: OficiosServer, folder: Path, fault: Fault
) -> None:
    server.faults.extend([fault, fault])
    with system(config(server, folder)) as there:
        assert there.tell(order(), Telling.OPEN) == "SO-00001"
    assert server.keys == ["OT-2026-00000001/levantar"] * 3
    assert server.done == 1


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        (Fault.BROKEN, OutcomeUnknownError, "contestó 500"),
        (Fault.BROKEN_AFTER, OutcomeUnknownError, "contestó 500"),
        (Fault.CUT_BEFORE, OutcomeUnknownError, "no terminó de contestar"),
        (Fault.CUT_AFTER, OutcomeUnknownError, "no terminó de contestar"),
        (Fault.HUGE_AFTER, OutcomeUnknownError, "no terminó de contestar"),
        (Fault.PACKED_AFTER, OutcomeUnknownError, "no terminó de contestar"),
        (Fault.DOWN, TargetUnreachableError, "contestó 503"),
        (Fault.BUSY, TargetUnreachableError, "contestó 429"),
    ],
)
def test_trouble_that_lasts_ends_after_so_many_tries(
    server: OficiosServer, folder: Path, fault: Fault, error: type[TargetError], words: str
) -> None:
    server.faults.extend([fault] * 9)
    with system(config(server, folder, intentos=4)) as there, pytest.raises(error, match=words) as caught:
        there.tell(order(), Telling.OPEN)
    assert len(server.keys) == 4
    assert TEXT not in str(caught.value)
    server.faults.clear()
    with system(config(server, folder)) as there:
        assert there.tell(order(), Telling.OPEN) == "SO-00001"
    assert server.done == 1


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        (Fault.GARBLED_AFTER, OutcomeUnknownError, "no es lo del contrato"),
        (Fault.DEEP_AFTER, OutcomeUnknownError, "no es lo del contrato"),
        (Fault.ANOTHERS_AFTER, OutcomeUnknownError, "no es lo del contrato"),
        (Fault.NO_CONTENT, OutcomeUnknownError, "contestó 204"),
        (Fault.UNKNOWN_AGENCY, TargetRejectedError, "no conoce esa dependencia"),
        (Fault.CONFLICT, TargetRejectedError, "recibió antes otra cosa"),
        (Fault.DENIED, TargetUnreachableError, "Revise «clave_archivo»"),
        (Fault.FORBIDDEN, TargetUnreachableError, "Revise «clave_archivo»"),
        (Fault.GONE, TargetUnreachableError, "Corrija «url»"),
        (Fault.REDIRECT, TargetUnreachableError, "manda a otra dirección"),
        (Fault.BUSY_FOR_LONG, TargetUnreachableError, "contestó 429"),
    ],
)
def test_an_answer_that_stands_is_not_asked_for_again(
    server: OficiosServer, folder: Path, fault: Fault, error: type[TargetError], words: str
) -> None:
    server.faults.append(fault)
    with system(config(server, folder)) as there, pytest.raises(TargetError, match=words) as caught:
        there.tell(order(), Telling.OPEN)
    assert type(caught.value) is error
    assert len(server.keys) == 1
    assert TEXT not in str(caught.value)


def test_a_number_that_comes_later_is_asked_for_by_telling_again(server: OficiosServer, folder: Path) -> None:
    server.faults.append(Fault.LATER)
    with system(config(server, folder)) as there:
        assert there.tell(order(), Telling.OPEN) is None
        assert there.answers().taken == ()
        assert there.tell(order(), Telling.OPEN) == "SO-00001"


def test_the_service_is_left_alone_as_long_as_it_asks_and_no_longer_than_a_minute(
    server: OficiosServer, folder: Path
) -> None:
    server.faults.append(Fault.BUSY)
    heard: list[str] = []
    with system(config(server, folder), patient(600, heard)) as there:
        there.tell(order(), Telling.OPEN)
    assert heard == ["El Sistema de Oficios contestó 429. Se intenta de nuevo en 7.0 s."]


def test_an_answer_that_drips_in_for_ever_is_cut(server: OficiosServer, folder: Path) -> None:
    server.faults.append(Fault.SLOW_AFTER)
    began = time.monotonic()
    with system(config(server, folder, espera_s=1, intentos=1)) as there, pytest.raises(OutcomeUnknownError):
        there.tell(order(), Telling.OPEN)
    assert time.monotonic() - began < 10  # the answer alone would take half a minute
    with system(config(server, folder)) as there:
        assert there.tell(order(), Telling.OPEN) == "SO-00001"


def test_one_that_never_greets_over_tls_is_cut_too(folder: Path, server: OficiosServer) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        taken: list[socket.socket] = []
        threading.Thread(target=lambda: taken.append(silent.accept()[0]), daemon=True).start()
        settings = config(
            server, folder, url=f"https://127.0.0.1:{silent.getsockname()[1]}/x", espera_s=1, intentos=1
        )
        with system(settings) as there, pytest.raises(TargetUnreachableError, match="no contesta"):
            there.tell(order(), Telling.OPEN)
        for one in taken:
            one.close()


def test_another_authority_is_not_believed_and_gets_no_token(server: OficiosServer, folder: Path) -> None:
    settings = config(server, folder, ca=folder / "otra" / "ca.pem")
    with system(settings) as there, pytest.raises(TargetUnreachableError, match="no prueba ser quien debe"):
        there.tell(order(), Telling.OPEN)
    assert server.asked == []


def test_a_proxy_of_the_environment_is_nobody(
    server: OficiosServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with system(config(server, folder)) as there:
        assert there.tell(order(), Telling.OPEN) == "SO-00001"


def test_without_a_token_none_is_sent(server: OficiosServer, folder: Path) -> None:
    settings = config(server, folder, clave_archivo=None)
    with system(settings) as there, pytest.raises(TargetUnreachableError, match="clave_archivo"):
        there.tell(order(), Telling.OPEN)
    assert "Authorization" not in server.asked[0][1]


@pytest.mark.parametrize(
    ("content", "mode", "words"),
    [
        (f"{TOKEN}\n", 0o644, "Otros pueden leer"),
        ("", 0o600, "está vacío"),
        (f"{TOKEN}\r\nX-Otro: 1\n", 0o600, "testigo"),
        ("ñandú", 0o600, "testigo"),
    ],
)
def test_a_token_that_others_may_read_or_that_is_none_is_refused_and_not_quoted(
    server: OficiosServer, folder: Path, tmp_path: Path, content: str, mode: int, words: str
) -> None:
    file = tmp_path / "testigo"
    file.touch(mode)
    file.write_text(content)
    with pytest.raises(ConfigurationError, match=words) as caught:
        HttpSystem(config(server, folder, clave_archivo=file), ZONE, patient)
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("fault", list(Fault))
def test_no_failure_shows_the_token_in_its_text_its_trace_or_the_log(
    server: OficiosServer, folder: Path, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.faults.append(fault)
    said = ""
    try:
        with system(config(server, folder, espera_s=1, intentos=1)) as there:
            there.tell(order(), Telling.OPEN)
    except TargetError as error:
        said = "".join(traceback.format_exception(error)) + str(error) + repr(error)
    assert [secret for secret in (TOKEN, TEXT) if secret in said] == []
    assert TOKEN not in caplog.text


@pytest.mark.parametrize(
    "url",
    [
        "http://x.mx",
        "https://x.mx:0",
        "https://x.mx:99999",
        "https://x.mx/a?b=1",
        "https://a@x.mx",
        "https://x.mx/#a",
    ],
)
def test_an_address_that_is_none_is_said_before_anything_is_asked(
    server: OficiosServer, folder: Path, url: str
) -> None:
    with pytest.raises(ValidationError, match="url"):
        config(server, folder, url=url)


def test_every_code_of_the_contract_is_worded() -> None:
    assert all(words and words == words.strip() for words in CODES.values())


def checks(settings: OficiosHttp) -> dict[str, Check]:
    examination = ServiceExamination(settings, now)
    try:
        return {one.name: one for one in examined("Sistema de Oficios", examination.steps())}
    finally:
        examination.close()


def test_an_examination_lets_itself_in_and_raises_nothing(server: OficiosServer, folder: Path) -> None:
    found = checks(config(server, folder))
    assert {name: one.state for name, one in found.items()} == dict.fromkeys(
        ("nombre", "puerto", "TLS", "entrada"), State.OK
    )
    assert [path for path, _, _ in server.asked] == [STATUS]
    assert ORDERS not in [path for path, _, _ in server.asked]


def test_an_examination_says_what_is_wrong_with_token_address_and_authority(
    server: OficiosServer, folder: Path, tmp_path: Path
) -> None:
    token = tmp_path / "otro"
    token.touch(0o600)
    token.write_text("otro")
    assert "clave_archivo" in checks(config(server, folder, clave_archivo=token))["entrada"].remedy
    assert "url" in checks(config(server, folder, url=f"{server.url}/otra"))["entrada"].remedy
    found = checks(config(server, folder, ca=folder / "otra" / "ca.pem"))
    assert (found["TLS"].state, found["entrada"].state) == (State.FAILED, State.SKIPPED)
    assert "«ca» de «sistema_oficios»" in found["TLS"].remedy
