"""Repositories made from nothing, for the demonstration and the tests."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from reconciler.repository.door import Door


def init(path: Path, branch: str = "main", *, bare: bool = False) -> None:
    """Make an empty repository whose first commit will be on `branch`; nobody's templates are copied."""
    path = path.absolute()
    path.mkdir(parents=True, exist_ok=True)
    git_dir = path if bare else path / ".git"
    words = ["init", "--quiet", "--template=", f"--initial-branch={branch}"]
    Door(git_dir, git_dir, None).run(*words, *(["--bare"] if bare else [str(path)]))


def fast_import(path: Path, stream: Iterable[bytes]) -> None:
    """Feed a stream to `git fast-import`; the working copy stays as it is.

    Raises:
        GitFailedError: the stream is not what fast-import understands; nothing of it remains on a branch.

    """
    path = path.absolute()
    git_dir = path / ".git" if (path / ".git").is_dir() else path
    Door(git_dir, git_dir, None).run("fast-import", "--quiet", "--done", feed=stream)
