"""Repositories made from nothing, for the demonstration and the tests, and what a forge does to them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
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


def check_out(path: Path, branch: str) -> None:
    """Bring the working copy to the tip of a branch, over whatever is there."""
    _inside(path).run("checkout", "--quiet", "--force", branch, "--")


def merge(path: Path, branch: str, message: str, person: str, at: datetime) -> None:
    """Merge a branch into the one checked out, with a merge commit of a person's ("Name <mail>").

    Raises:
        GitFailedError: the two branches change the same lines.

    """
    name, _, email = person.rstrip(">").partition(" <")
    identity = {
        f"GIT_{role}_{field}": value
        for role in ("AUTHOR", "COMMITTER")
        for field, value in (("NAME", name), ("EMAIL", email), ("DATE", at.isoformat(timespec="seconds")))
    }
    words = ("merge", "--quiet", "--no-ff", "--no-edit", "-m", message, branch)
    _inside(path).run(*words, env=identity)


def printed(path: Path, *words: str) -> str:
    """Return what a git command prints in a working copy: for people to look at, never to be taken apart."""
    return _inside(path).run(*words).out.decode("utf-8", "replace")


def _inside(path: Path) -> Door:
    path = path.absolute()
    return Door(path / ".git", path / ".git", path)
