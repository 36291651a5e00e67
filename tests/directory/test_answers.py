"""Every answer that a directory can give is an error that says who must act, in words of ours."""

from __future__ import annotations

from typing import Any

import pytest
from ldap3.core import results

from reconciler.directory import answers
from reconciler.directory.session import Session
from reconciler.errors import ChangedMeanwhileError, TargetError, TargetRejectedError, TargetUnreachableError
from tests.conformance.outsiders import samba_config
from tests.lab.samba import DomainController

CODES = sorted(
    {value for name, value in vars(results).items() if name.startswith("RESULT_") and isinstance(value, int)}
)
SECRET = "0000052D: Constraint violation - the value Rk7#mWq4-Tn9xVd2 is not good"  # noqa: S105 -- a server's message


def answer(code: int, message: str = "") -> dict[str, Any]:
    return {"result": code, "message": message}


@pytest.mark.parametrize("code", CODES)
def test_every_result_code_is_an_error_with_a_remedy_and_its_number(code: int) -> None:
    error = answers.error_for(answer(code), "CN=juan.perez")
    assert isinstance(error, TargetError)
    assert error.remedy
    assert error.message.startswith("CN=juan.perez: ")
    assert f"LDAP {code}" in error.message


@pytest.mark.parametrize(
    ("code", "message", "cls"),
    [
        (16, "", ChangedMeanwhileError),
        (20, "", ChangedMeanwhileError),
        (32, "00002030: no such object", ChangedMeanwhileError),
        (80, "00002095: parent gone", ChangedMeanwhileError),
        (19, "0000052D: password", TargetRejectedError),
        (19, "0000202F: upn", TargetRejectedError),
        (50, "", TargetRejectedError),
        (68, "00002071: samldb", TargetRejectedError),
        (1, "000004DC: bind first", TargetUnreachableError),
        (51, "", TargetUnreachableError),
        (52, "", TargetUnreachableError),
    ],
)
def test_who_must_act_depends_on_the_code_and_not_on_the_words(
    code: int, message: str, cls: type[TargetError]
) -> None:
    assert type(answers.error_for(answer(code, message), "x")) is cls


@pytest.mark.parametrize("data", ["525", "52e", "530", "531", "532", "533", "701", "773", "775", "fff"])
def test_a_refused_bind_says_why_and_stops_the_run(data: str) -> None:
    said = f"80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data {data}, v3839"
    error = answers.error_for(answer(49, said), "No se pudo entrar")
    assert isinstance(error, TargetUnreachableError)
    assert error.remedy
    assert data in error.message


def test_failure_i_the_servers_own_words_are_never_repeated() -> None:
    error = answers.error_for(answer(19, SECRET), "CN=juan.perez")
    assert "Rk7" not in str(error)
    assert "0000052D" in str(error)


def test_failure_j_a_busy_server_is_asked_again_a_few_times_and_then_said_to_be_busy(
    domain_controller: DomainController,
) -> None:
    waits: list[float] = []
    session = Busy(samba_config(domain_controller), waits.append)
    session.refusals = 2
    assert session.get(domain_controller.managed_base, ["ou"]) is not None
    assert waits == [0.5, 1.0]
    session.refusals = 99
    with pytest.raises(TargetUnreachableError, match="ocupado"):
        session.get(domain_controller.managed_base, ["ou"])
    assert len(waits) == 5
    session.close()


class Busy(Session):
    """A session whose server says a few times that it is busy."""

    refusals = 0

    def _open(self) -> Any:
        return _Refusing(super()._open(), self)


class _Refusing:
    def __init__(self, connection: Any, session: Busy) -> None:
        self._connection, self._session = connection, session

    def search(self, *words: Any, **options: Any) -> Any:
        return self._connection.search(*words, **options)

    def __getattr__(self, name: str) -> Any:
        if name == "result" and self._session.refusals > 0:
            self._session.refusals -= 1
            return answer(answers.BUSY)
        return getattr(self._connection, name)
