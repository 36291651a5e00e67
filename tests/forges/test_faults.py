"""Whatever a forge does: bounded waits, nothing done twice, errors of ours that show neither token nor its text."""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from reconciler.errors import ConfigurationError, TargetError, TargetRejectedError, TargetUnreachableError
from reconciler.forge.rest import RestForge
from tests.forges.work import BRANCH, MARK, adapter, config
from tests.lab.forge import TEXT, Fault, ForgeDouble
from tests.letters import patient

PASSING = [
    Fault.BROKEN,
    Fault.DOWN,
    Fault.BUSY,
    Fault.LIMITED,
    Fault.CUT_BEFORE,
    Fault.CUT_AFTER,
    Fault.BROKEN_AFTER,
    Fault.HUGE_AFTER,
    Fault.PACKED_AFTER,
]


@pytest.mark.parametrize("fault", PASSING)
def test_trouble_that_passes_is_waited_out_and_nothing_is_said_twice(
    double: ForgeDouble, forge: RestForge, fault: Fault
) -> None:
    number = double.open_issue()
    double.fail(fault, fault, method="POST")
    forge.say(number, "Recibida.", MARK)
    assert [one.edits for one in double.comments(number)] == [0]


@pytest.mark.parametrize("fault", PASSING)
def test_no_pull_request_is_opened_twice(double: ForgeDouble, forge: RestForge, fault: Fault) -> None:
    double.fail(fault, method="POST")
    assert forge.propose(BRANCH, "main", "Alta", "Cuerpo").number == 1
    assert list(double.pulls) == [1]


@pytest.mark.parametrize("fault", PASSING)
def test_what_is_only_read_is_read_again(double: ForgeDouble, forge: RestForge, fault: Fault) -> None:
    number = double.open_pull(BRANCH).number
    double.approve(number, "ana")
    double.fail(fault, fault)
    assert [one.user for one in forge.opinions(number)] == ["ana"]


def test_what_was_said_and_whose_answer_was_lost_is_found_even_without_another_try(double: ForgeDouble) -> None:
    forge, number = adapter(double, intentos=1), double.open_issue()
    double.fail(Fault.CUT_AFTER, method="POST")
    forge.say(number, "Recibida.", MARK)
    forge.close()
    assert len(double.comments(number)) == 1
    assert len(double.asked("POST")) == 1


def test_trouble_that_lasts_ends_after_so_many_tries(double: ForgeDouble) -> None:
    forge, number = adapter(double, intentos=4), double.open_pull(BRANCH).number
    double.fail(*[Fault.DOWN] * 9)
    with pytest.raises(TargetUnreachableError, match="contestó 503"):
        forge.opinions(number)
    forge.close()
    assert len(double.requests) == 4


@pytest.mark.parametrize("double", ["github"], indirect=True)
def test_a_forge_is_left_alone_as_long_as_it_asks_and_no_longer_than_a_minute(double: ForgeDouble) -> None:
    heard: list[str] = []
    forge, number = adapter(double, patient(600, heard)), double.open_pull(BRANCH).number
    double.fail(Fault.BUSY)
    forge.opinions(number)
    assert heard == ["La forja contestó 429. Se intenta de nuevo en 7.0 s."]
    for fault in (Fault.BUSY_FOR_LONG, Fault.LIMITED_FOR_LONG):
        double.fail(fault)
        with pytest.raises(TargetUnreachableError, match=r"pide que se le espere 3[56]"):
            forge.opinions(number)
    forge.close()
    assert len(double.requests) == 4


@pytest.mark.parametrize(
    ("fault", "error", "words"),
    [
        (Fault.DENIED, TargetUnreachableError, "no acepta el testigo"),
        (Fault.REDIRECT, TargetUnreachableError, "manda a otra dirección"),
        (Fault.FORBIDDEN, TargetRejectedError, "permisos del testigo"),
        (Fault.GONE, TargetRejectedError, "no tiene eso"),
        (Fault.HTML_AFTER, TargetUnreachableError, "no se entiende"),
        (Fault.LATIN_AFTER, TargetUnreachableError, "no se entiende"),
        (Fault.SURROGATE_AFTER, TargetUnreachableError, "no se entiende"),
        (Fault.DEEP_AFTER, TargetUnreachableError, "no se entiende"),
        (Fault.OBJECT_AFTER, TargetUnreachableError, "no se entiende"),
        (Fault.STRINGS_AFTER, TargetUnreachableError, "no se entiende"),
        (Fault.NULLS_AFTER, TargetUnreachableError, "no se entiende"),
    ],
)
def test_an_answer_that_stands_is_not_asked_for_again(
    double: ForgeDouble, forge: RestForge, fault: Fault, error: type[TargetError], words: str
) -> None:
    number = double.open_issue()
    double.comment(number, "ana", "hola")
    double.fail(fault)
    with pytest.raises(TargetError, match=words) as caught:
        forge.comments(number)
    assert type(caught.value) is error
    assert len(double.requests) == 1


def test_a_page_that_is_missing_is_not_the_end_of_the_list(double: ForgeDouble, forge: RestForge) -> None:
    double.page = 2
    number = double.open_pull(BRANCH).number
    for user in ("ana", "beto", "carla"):
        double.approve(number, user)
    double.fail(Fault.GONE, path="page=2")
    with pytest.raises(TargetRejectedError):
        forge.opinions(number)


def every_act(double: ForgeDouble) -> list[Callable[[RestForge], object]]:
    """Return everything that a forge is asked, each with something to find."""
    pull = double.open_pull(BRANCH)
    double.approve(pull.number, "ana")
    double.comment(pull.number, "ana", "hola")
    commit = double.merge(pull.number)
    issue = double.open_issue()
    return [
        lambda forge: forge.merged_as(commit),
        lambda forge: forge.opinions(pull.number),
        lambda forge: forge.comments(pull.number),
        lambda forge: forge.say(issue, "Recibida.", MARK),
        lambda forge: forge.propose(BRANCH, "main", "Alta", "Cuerpo"),
        lambda forge: forge.seen(),
    ]


@pytest.mark.parametrize("fault", list(Fault))
def test_no_failure_is_a_foreign_one_or_shows_the_token_or_what_the_forge_says(
    double: ForgeDouble, fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said = ""
    for act in every_act(double):
        forge = adapter(double, espera_s=1, intentos=1)
        double.fail(fault)
        try:
            act(forge)
        except (TargetUnreachableError, TargetRejectedError) as error:
            said += "".join(traceback.format_exception(error)) + str(error) + repr(error)
        forge.close()
        double.troubles.clear()
    assert [secret for secret in (double.token, TEXT) if secret in said] == []
    assert double.token not in caplog.text


def test_an_answer_that_drips_in_for_ever_is_cut(double: ForgeDouble) -> None:
    forge, number = adapter(double, espera_s=1, intentos=1), double.open_issue()
    for _ in range(3):
        double.comment(number, "ana", "x" * 100)
    double.fail(Fault.SLOW_AFTER)
    began = time.monotonic()
    with pytest.raises(TargetUnreachableError, match="no terminó"):
        forge.comments(number)
    assert time.monotonic() - began < 10
    forge.close()


def test_another_authority_is_not_believed_and_gets_no_token(double: ForgeDouble, folder: Path) -> None:
    forge = adapter(double, ca=folder / "otra" / "ca.pem")
    with pytest.raises(TargetUnreachableError, match=r"La forja .* no prueba ser quien debe"):
        forge.comments(double.open_issue())
    forge.close()
    assert double.requests == []


def test_the_token_goes_in_its_header_and_nowhere_else(double: ForgeDouble, forge: RestForge) -> None:
    for act in every_act(double):
        act(forge)
    assert all(headers["Authorization"] == f"Bearer {double.token}" for _, _, headers, _ in double.requests)
    assert all(double.token not in path and double.token.encode() not in body for _, path, _, body in double.requests)


def test_a_token_that_others_may_read_is_refused(double: ForgeDouble, tmp_path: Path) -> None:
    (tmp_path / "testigo").write_text(double.token)
    (tmp_path / "testigo").chmod(0o644)
    with pytest.raises(ConfigurationError, match=r"Otros pueden leer .* la cuenta de la forja"):
        adapter(double, clave_archivo=tmp_path / "testigo")


@pytest.mark.parametrize("url", ["http://x.mx", "https://x.mx:0", "https://x.mx:99999", "https://a@x.mx"])
def test_an_address_that_is_none_is_said_before_anything_is_asked(double: ForgeDouble, url: str) -> None:
    with pytest.raises(ValidationError, match="url"):
        config(double, url=url)
