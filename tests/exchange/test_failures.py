"""What an ErrorRecord or a fault stands for, whatever language it is in."""

from types import SimpleNamespace
from typing import Any

import pytest
import requests

from reconciler.errors import (
    ChangedMeanwhileError,
    OutcomeUnknownError,
    TargetError,
    TargetRejectedError,
    TargetUnreachableError,
)
from reconciler.exchange import failures, records
from reconciler.exchange.connection import PlainAnswerError
from reconciler.exchange.failures import Attempt, BusyError

WRITE, READ = Attempt("Set-Mailbox", "ex1:80"), Attempt("Get-Mailbox", "ex1:80")


def record(kind: str, message: str = "não ⟨juan⟩") -> Any:
    exception = SimpleNamespace(types=["System.Exception"], adapted_properties={"Message": message})
    return SimpleNamespace(fq_error=f"[FailureCategory=Cmdlet-{kind}] 1,X", exception=exception, reason="")


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
        ("OverBudgetException", BusyError),
    ],
)
def test_the_category_says_who_acts_and_the_text_is_not_repeated(kind: str, cls: type[Exception]) -> None:
    error = records.error_for([record(kind)], WRITE)
    assert type(error) is cls or isinstance(error, cls)
    assert "juan" not in str(error)


def test_a_read_changes_nothing_so_it_is_never_unknown() -> None:
    assert isinstance(records.error_for([record("ADTransientException")], READ), TargetUnreachableError)
    assert isinstance(failures.interrupted(requests.ReadTimeout(), READ), TargetUnreachableError)
    assert isinstance(failures.interrupted(requests.ReadTimeout(), WRITE), OutcomeUnknownError)


def test_what_is_not_known_is_shown_on_one_short_line() -> None:
    error = records.error_for([record("RareException", "uno\r\n\x1b[31mdos " + "x" * 900)], WRITE)
    assert isinstance(error, TargetError)
    assert "RareException: uno [31mdos" in error.message
    assert error.message.isprintable()
    assert len(error.message) < 300


def test_an_answer_in_clear_to_an_encrypted_change_is_not_believed() -> None:
    assert isinstance(failures.not_begun(PlainAnswerError(), WRITE), OutcomeUnknownError)
    assert "sin cifrar" in str(failures.not_opened(PlainAnswerError(), "ex1:80"))
