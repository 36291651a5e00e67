"""What an installation needs, examined: each thing a step, each answer a value that says what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from reconciler.errors import ConfigurationError, CuentasError


class State(StrEnum):
    """How one thing is: as it has to be, missing, worth a look, or not looked at."""

    OK = "ok"
    FAILED = "falta"
    WARNED = "aviso"
    SKIPPED = "omitido"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was examined, in Spanish; `code` is the exit code that its lack stands for, 0 for none."""

    area: str
    name: str
    state: State
    detail: str
    remedy: str = ""
    code: int = 0


class Doubt(Exception):  # noqa: N818 -- it stops nothing: the thing is there, and somebody should look at it
    """Something works and is worth a warning."""

    def __init__(self, message: str, *, remedy: str) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to examine: `act` returns what it found, or raises a `Doubt` or what is wrong.

    It is skipped where one of the steps in `needs`, named within its area, failed or was skipped itself.
    """

    name: str
    act: Callable[[], str]
    needs: tuple[str, ...] = ()


class Examination(Protocol):
    """What an adapter looks at, over a connection of its own; to begin it may raise `ConfigurationError`."""

    def steps(self) -> Iterable[Step]:
        """Return what is looked at, in the order in which one thing needs the other."""

    def close(self) -> None:
        """Hang up."""


def examined(area: str, steps: Iterable[Step]) -> Iterator[Check]:
    """Take the steps one by one, and yield each answer as soon as there is one.

    What is skipped names the step that failed, however many lie between.
    """
    missing: dict[str, str] = {}
    for step in steps:
        culprit = next((missing[name] for name in step.needs if name in missing), None)
        check = _answer(area, step) if culprit is None else skipped(area, step.name, f"falta «{culprit}»")
        if check.state in {State.FAILED, State.SKIPPED}:
            missing[step.name] = culprit or step.name
        yield check


def skipped(area: str, name: str, why: str) -> Check:
    """Return the answer for what could not be looked at, and why not."""
    return Check(area, name, State.SKIPPED, f"no se revisó: {why}")


def through(area: str, begin: Callable[[], Examination]) -> Iterator[Check]:
    """Begin an examination, take its steps and close it; where it cannot even begin, that is the one answer."""
    try:
        examination = begin()
    except ConfigurationError as error:
        yield failed(area, "configuración", error)
        return
    try:
        yield from examined(area, examination.steps())
    finally:
        examination.close()


def _answer(area: str, step: Step) -> Check:
    try:
        return Check(area, step.name, State.OK, step.act())
    except Doubt as doubt:
        return Check(area, step.name, State.WARNED, doubt.message, doubt.remedy)
    except CuentasError as error:
        return failed(area, step.name, error)


def failed(area: str, name: str, error: CuentasError) -> Check:
    """Return the answer for what is not as it has to be."""
    return Check(area, name, State.FAILED, error.message, error.remedy, error.exit_code)
