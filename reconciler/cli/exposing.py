"""Everything that a pull request brings into Git, commit by commit, looked through for personal data."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from reconciler.cli.comparison import Comparison
from reconciler.declaration.exposure import Brought, exposed
from reconciler.declaration.text import MAX_BYTES
from reconciler.errors import Problem
from reconciler.history import ACCOUNTS, CommitChange, FileChange
from reconciler.pull import PULL_REQUEST, Kind
from reconciler.trail import CONFIG, LINK, is_plain_file

MOST_COMMITS = 250
MOST_FILES = 4000
MOST_BYTES = 64 * 1024 * 1024
"""What one pull request may bring: beyond it nobody reviews it, and no check ends."""

_Files = Sequence[tuple[CommitChange, FileChange]]


def exposures(there: Comparison) -> tuple[Problem, ...]:
    """Return what has no place in Git of all that the branch brings into it.

    Of a pull request of code only what it brings of declarations and configuration is looked at, in any commit.
    """
    repository = there.workspace.repository
    commits = list(itertools.islice(repository.brought(there.main, there.workspace.tip), MOST_COMMITS + 1))
    is_code = there.scope.kinds(there.changes) <= {Kind.CODE}
    files = [
        (commit, file)
        for commit in commits
        for file in commit.files
        if file.new_blob and (is_plain_file(file.new_mode) or file.new_mode == LINK)
        if not (is_code and there.scope.kind(file.path) is Kind.CODE)
    ]
    sizes = repository.sizes(dict.fromkeys(str(file.new_blob) for _, file in files))
    if len(commits) > MOST_COMMITS or len(files) > MOST_FILES or sum(sizes.values()) > MOST_BYTES:
        words = f"El pull request trae demasiado para revisarlo: {len(commits)} commits, {len(files)} archivos."
        return (Problem(PULL_REQUEST, 0, "demasiado", words, "Divídalo."),)
    readable = (name for name, size in sizes.items() if size <= MAX_BYTES)
    return exposed(_brought(there, () if is_code else commits, files, dict(repository.blobs(readable))))


def _brought(
    there: Comparison, commits: Sequence[CommitChange], files: _Files, contents: dict[str, bytes]
) -> Brought:
    """Put together what is looked at; what a merge took from the base is none of the branch's own."""
    paths = sorted({file.path for _, file in files})
    trees = (ACCOUNTS, CONFIG, there.scope.templates, *paths)
    base = there.workspace.repository.tree(there.fork, trees, MAX_BYTES) if paths else ()
    known = {(one.path, one.data) for one in base if one.data is not None}
    return Brought(
        commits=commits,
        files=[(commit, one) for commit, one in files if (one.path, contents.get(str(one.new_blob))) not in known],
        contents=contents,
        base={one.path: one.data for one in base if one.data is not None},
        head={one.path: one.new_blob for one in there.changes if one.new_blob},
        pictures=there.scope.logos,
        domains=there.config.dominios,
    )
