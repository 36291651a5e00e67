"""A history as `git fast-import` reads it: a founding commit, pull requests, merges; one process for all of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

Files = Mapping[str, bytes | None]
"""Path -> new content; None takes the file away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Founding:
    """The root commit."""

    files: Files
    author: str
    at: datetime
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PullRequest:
    """Files proposed on a branch; `merged` and `approver` None while it waits, and then the branch stays."""

    number: int
    branch: str
    title: str
    body: str
    author: str
    proposed: datetime
    files: Files
    approver: str | None = None
    merged: datetime | None = None

    @property
    def message(self) -> str:
        """What the merge says, as forges write it."""
        return f"Merge pull request #{self.number} from {self.branch}\n\n{self.title}\n\n{self.body}\n"


def stream(founding: Founding | None, pulls: Iterable[PullRequest], branch: str = "main") -> Iterator[bytes]:
    """Yield the commands that write a history on `branch`; without a founding it goes on from what is there."""
    main = f"refs/heads/{branch}"
    mark = 0
    parent = f"{main}^0"
    if founding:
        mark += 1
        yield _commit(main, mark, founding.author, founding.at, founding.message)
        yield from _inline(founding.files)
        parent = f":{mark}"
    for pull in pulls:
        names, mark = _named(pull.files, mark)
        yield from _blobs(pull.files, names)
        mark += 1
        side = mark
        ref = main if pull.merged else f"refs/heads/{pull.branch}"
        yield _commit(ref, side, pull.author, pull.proposed, f"{pull.title}\n\n{pull.body}\n")
        yield f"from {parent}\n".encode()
        yield from _changes(names)
        if pull.merged and pull.approver:
            mark += 1
            yield _commit(main, mark, pull.approver, pull.merged, pull.message)
            yield f"from {parent}\nmerge :{side}\n".encode()
            yield from _changes(names)
            parent = f":{mark}"
    yield b"done\n"


def _commit(ref: str, mark: int, person: str, at: datetime, message: str) -> bytes:
    when = f"{int(at.timestamp())} {at.strftime('%z')}"
    head = f"commit {ref}\nmark :{mark}\nauthor {person} {when}\ncommitter {person} {when}\n"
    return head.encode() + _data(message.encode())


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


def _inline(files: Files) -> Iterator[bytes]:
    for path, content in files.items():
        if content is not None:
            yield f"M 100644 inline {path}\n".encode() + _data(content)


def _named(files: Files, mark: int) -> tuple[dict[str, int | None], int]:
    names: dict[str, int | None] = {}
    for path, content in files.items():
        if content is not None:
            mark += 1
        names[path] = None if content is None else mark
    return names, mark


def _blobs(files: Files, names: Mapping[str, int | None]) -> Iterator[bytes]:
    for path, content in files.items():
        if content is not None:
            yield f"blob\nmark :{names[path]}\n".encode() + _data(content)


def _changes(names: Mapping[str, int | None]) -> Iterator[bytes]:
    for path, mark in names.items():
        yield f"D {path}\n".encode() if mark is None else f"M 100644 :{mark} {path}\n".encode()
