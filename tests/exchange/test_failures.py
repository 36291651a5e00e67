"""What an error of Exchange's stands for, whatever language it is in."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from reconciler.errors import (
    ChangedMeanwhileError,
    OutcomeUnknownError,
    TargetError,
    TargetRejectedError,
    TargetUnreachableError,
)
from reconciler.exchange import failures
from reconciler.exchange.failures import Attempt
from reconciler.exchange.line import PlainAnswerError
from reconciler.exchange.shell import Shell
from tests.exchange.shells import config, everything, exchange_over_tls, fails
from tests.lab.exchange.server import ExchangeShell

WRITE, READ = Attempt("Set-Mailbox", "ex1:80"), Attempt("Get-Mailbox", "ex1:80")


@pytest.fixture(scope="module")
def exchange(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ExchangeShell]:
    with exchange_over_tls(tmp_path_factory.mktemp("exchange")) as serving:
        yield serving


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def shell(exchange: ExchangeShell, tmp_path: Path, slept: list[float]) -> Iterator[Shell]:
    made = Shell(config(exchange, tmp_path), patience_s=3, sleep=slept.append)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("kind", "cls"),
    [
        ("ManagementObjectNotFoundException", ChangedMeanwhileError),
        ("RecipientTaskException", ChangedMeanwhileError),
        ("ProxyAddressExistsException", TargetRejectedError),
        ("DataValidationException", TargetRejectedError),
        ("ADOperationException", TargetRejectedError),
        ("CommandNotFoundException", TargetUnreachableError),
        ("ADTransientException", OutcomeUnknownError),
    ],
)
def test_the_category_says_who_acts_and_the_text_is_not_repeated(
    kind: str, cls: type[TargetError], exchange: ExchangeShell, shell: Shell
) -> None:
    exchange.cmdlets = everything(fails(kind, "não ⟨juan⟩"))
    with pytest.raises(cls) as caught:
        shell.invoke("Set-Mailbox", Identity="x")
    assert kind in str(caught.value) or kind == "CommandNotFoundException"
    assert "juan" not in str(caught.value)


def test_a_spent_budget_is_waited_for_as_long_as_its_text_asks(
    exchange: ExchangeShell, shell: Shell, slept: list[float]
) -> None:
    exchange.cmdlets = everything(fails("OverBudgetException", "espere 1250 milisegundos"))
    with pytest.raises(TargetUnreachableError, match="OverBudgetException"):
        shell.invoke("Set-Mailbox", Identity="x")
    assert slept == [1.25, 1.25]


def test_a_read_changes_nothing_so_it_is_never_unknown(exchange: ExchangeShell, shell: Shell) -> None:
    exchange.cmdlets = everything(fails("ADTransientException"))
    with pytest.raises(TargetUnreachableError):
        shell.invoke("Get-Mailbox", Identity="x")
    assert isinstance(failures.interrupted(requests.ReadTimeout(), READ), TargetUnreachableError)
    assert isinstance(failures.interrupted(requests.ReadTimeout(), WRITE), OutcomeUnknownError)


@pytest.mark.parametrize("categorised", [True, False])
def test_what_is_not_known_is_named_and_its_text_is_not_repeated(
    categorised: bool, exchange: ExchangeShell, shell: Shell
) -> None:
    exchange.cmdlets = everything(fails("RareException", "clave de juan.perez: 1234", categorised=categorised))
    with pytest.raises(TargetRejectedError, match=r"\(RareException, categoría 5\)") as caught:
        shell.invoke("Set-Mailbox", Identity="x")
    assert "juan" not in str(caught.value)
    assert "1234" not in str(caught.value)


def test_an_answer_in_clear_to_an_encrypted_change_is_not_believed() -> None:
    assert isinstance(failures.not_begun(PlainAnswerError(), WRITE, posted=True), OutcomeUnknownError)
    assert "sin cifrar" in str(failures.not_opened(PlainAnswerError(), "ex1:80"))
