"""The history written out as a repository, with a working copy to look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from reconciler import repository
from reconciler.demo.chronicle import PullRequest, stream
from reconciler.demo.history import Scale, history
from reconciler.demo.plot import Cast


@dataclass(frozen=True, kw_only=True)
class Made:
    """A repository that was made: who plays in it, how many pull requests were merged, and which one waits."""

    path: Path
    cast: Cast
    merges: int
    waiting: PullRequest


def make(path: Path, scale: Scale, today: date, seed: int, config: str) -> Made:
    """Write a history as a new repository at `path`; `config` is the text of its cuentas.yaml."""
    made = history(scale, today, seed, config)
    seen: list[PullRequest] = []
    repository.init(path)
    repository.fast_import(path, stream(made.founding, _last_kept(made.pulls(), seen)))
    repository.check_out(path, "main")
    return Made(path=path, cast=made.cast, merges=len(made.plans), waiting=seen[0])


def _last_kept(pulls: Iterator[PullRequest], seen: list[PullRequest]) -> Iterator[PullRequest]:
    for pull in pulls:
        seen[:] = [pull]
        yield pull
