"""Where problems are gathered while files are read, so that all of them are said at once."""

from __future__ import annotations

from collections import defaultdict

from reconciler.errors import Problem
from reconciler.model import Source

PER_FILE = 200
"""Problems said of one file; beyond them only their number is given."""


class Problems:
    """Everything found wrong so far, at most `PER_FILE` lines for each file."""

    def __init__(self) -> None:
        self._said: dict[str, list[Problem]] = defaultdict(list)
        self._unsaid: dict[str, int] = defaultdict(int)
        self._unsaid_blocks: set[str] = set()
        self._places: set[tuple[str, int, str]] = set()

    def add(self, where: Source, code: str, message: str, remedy: str) -> None:
        """Say that something has to be corrected before anything can be applied."""
        self._say(Problem(where.file, where.line, code, message, remedy))

    def warn(self, where: Source, code: str, message: str, remedy: str) -> None:
        """Say that a person should look at something that stops nothing."""
        self._say(Problem(where.file, where.line, code, message, remedy, blocks=False))

    def take(self, others: Problems) -> None:
        """Say all that was said of files of which nothing was said here."""
        for file, said in others._said.items():
            self._said[file] = list(said)
        self._unsaid.update(others._unsaid)
        self._unsaid_blocks |= others._unsaid_blocks
        self._places |= others._places

    def has(self, where: Source, code: str) -> bool:
        """Tell whether this was already said of this line."""
        return (where.file, where.line, code) in self._places

    def full(self, file: str) -> bool:
        """Tell whether no more problems of a file will be said."""
        return len(self._said[file]) >= PER_FILE

    @property
    def blocks(self) -> bool:
        """Whether something must be corrected before anything can be applied."""
        return bool(self._unsaid_blocks) or any(problem.blocks for said in self._said.values() for problem in said)

    def in_order(self) -> tuple[Problem, ...]:
        """Return every problem by file and line, and for each file too full a closing line with the rest."""
        said = (problem for problems in self._said.values() for problem in sorted(set(problems)))
        return tuple(sorted([*said, *map(self._closing, self._unsaid)], key=_by_place))

    def _say(self, problem: Problem) -> None:
        said = self._said[problem.file]
        if len(said) < PER_FILE:
            said.append(problem)
            self._places.add((problem.file, problem.line, problem.code))
            return
        self._unsaid[problem.file] += 1
        if problem.blocks:
            self._unsaid_blocks.add(problem.file)

    def _closing(self, file: str) -> Problem:
        return Problem(
            file,
            max(problem.line for problem in self._said[file]),
            "y-mas",
            f"Hay {self._unsaid[file]} problemas más en este archivo que no se muestran.",
            "Corrija los anteriores y vuelva a validar.",
            blocks=file in self._unsaid_blocks,
        )


def _by_place(problem: Problem) -> tuple[str, int, bool, Problem]:
    return problem.file, problem.line, problem.code == "y-mas", problem
