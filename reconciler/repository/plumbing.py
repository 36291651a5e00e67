"""The questions that both the repository and a branch of it ask git."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from reconciler.history import CommitChange
from reconciler.repository import parsing
from reconciler.repository.door import Answer, Door, GitFailedError, clean
from reconciler.repository.index import temporary_index


def log(door: Door, *words: str, prefixes: tuple[str, ...]) -> Iterator[CommitChange]:
    """Stream a history as values, oldest first; `words` are options and resolved commits."""
    options = ("--reverse", "--raw", "--no-renames", "--no-abbrev", "-z", "--diff-merges=first-parent")
    more = (
        "--no-ext-diff",
        "--no-relative",
        "--ignore-submodules=none",
        "--no-show-signature",
        "--encoding=UTF-8",
    )
    command = ("log", *options, *more, f"--format={parsing.LOG_FORMAT}", *words, "--")
    return parsing.commit_changes(door.stream(*command), prefixes)


def blobs(door: Door, ids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Yield blobs with their ids; see `Repository.blobs`."""
    chunks = door.stream("cat-file", "--batch", feed=parsing.batch_lines(ids))
    for name, kind, data in parsing.batch_objects(chunks):
        if kind != "blob":
            raise GitFailedError("cat-file", f"{name}: {kind}")
        yield name, data


def ref(door: Door, name: str) -> str | None:
    """Return the commit that a reference, named in full, is at; None where there is no such reference.

    Raises:
        GitFailedError: it is there and cannot be read, which is not the same.

    """
    words = ("rev-parse", "--verify", "--quiet", "--end-of-options", name)
    answer = door.run(*words, allow=(0, 1))
    if not answer.line and answer.complaint:
        raise GitFailedError("rev-parse", answer.complaint)
    return answer.line or None


def is_ancestor(door: Door, ancestor: str, descendant: str) -> bool:
    """Whether one resolved commit is, or is reachable from, the other."""
    return door.run("merge-base", "--is-ancestor", ancestor, descendant, allow=(0, 1)).status == 0


def verdict(answer: Answer) -> str:
    """Return what `git push --porcelain` says of the one branch pushed; not what a hook there may say."""
    lines = answer.out.decode("utf-8", "replace").splitlines()
    return clean(" ".join(line.rpartition("\t")[2] for line in lines if line.startswith("!")))


def write_commit(
    door: Door, parent: str | None, files: Mapping[str, bytes], message: str, identity: Mapping[str, str]
) -> str:
    """Write a commit with what `parent` holds and some files over it, and return it; no reference moves.

    Neither the working copy nor the user's index is touched. `identity` is git's own environment for who and when.
    """
    with temporary_index(door.common_dir / "cuentas") as path:
        index = {"GIT_INDEX_FILE": str(path)}
        door.run("read-tree", *([parent] if parent else ["--empty"]), env=index)
        lines = b"".join(f"100644 {_write_blob(door, data)}\t{path}\0".encode() for path, data in files.items())
        door.run("update-index", "-z", "--index-info", feed=[lines] if lines else (), env=index)
        tree = door.run("write-tree", env=index).line
    parents = ["-p", parent] if parent else []
    return door.run("commit-tree", *parents, "-F", "-", tree, feed=[message.encode()], env=identity).line


def join(door: Door, one: str, other: str) -> str | None:
    """Write a merge of two resolved commits that nobody's branch has; None where they conflict."""
    words = ("merge-tree", "--write-tree", "--no-messages", "--name-only", one, other)
    answer = door.run(*words, allow=(0, 1))
    if answer.status != 0:
        return None
    who = {"NAME": "cuentas", "EMAIL": "cuentas@noreply.invalid", "DATE": "2000-01-01T00:00:00+00:00"}
    identity = {f"GIT_{role}_{field}": text for role in ("AUTHOR", "COMMITTER") for field, text in who.items()}
    parents = ("-p", one, "-p", other)
    return door.run("commit-tree", *parents, "-F", "-", answer.line, feed=[b"Como quedaria\n"], env=identity).line


def _write_blob(door: Door, data: bytes) -> str:
    words = ("hash-object", "-w", "--no-filters", "--stdin")
    return door.run(*words, feed=[data] if data else ()).line
