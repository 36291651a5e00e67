"""What git's plumbing writes, as values: trees, histories and blobs, taken in as they arrive."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from reconciler.history import Commit, CommitChange, FileChange

LOG_FORMAT = "%x01%H%x00%P%x00%an <%ae>%x00%cn <%ce>%x00%ct%x00%s%x00%b%x00"
"""Seven fields, each ended by NUL, which no commit object's header or message can hold."""

_FIELDS = 7
_NOTHING = "0" * 40
_BATCH = 512


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """A line of `git ls-tree -r -l`. `size` is 0 for what is not a blob (a submodule)."""

    path: str
    mode: str
    blob: str
    size: int

    @property
    def is_file(self) -> bool:
        """Whether its blob is a file's content: neither a symbolic link nor a submodule."""
        return self.mode.startswith("100")


def text(data: bytes) -> str:
    """Decode a path: bytes that are not UTF-8 survive and can be told."""
    return data.decode("utf-8", "surrogateescape")


def split(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut a stream at its NULs; what follows the last one is dropped."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\0")
        yield from whole


def tree_entries(chunks: Iterable[bytes]) -> Iterator[TreeEntry]:
    """Read `git ls-tree -r -l -z`."""
    for line in split(chunks):
        head, _, path = line.partition(b"\t")
        mode, _, blob, size = head.decode("ascii").split()
        yield TreeEntry(text(path), mode, blob, 0 if size == "-" else int(size))


def commit_changes(chunks: Iterable[bytes], prefixes: tuple[str, ...]) -> Iterator[CommitChange]:
    """Read `git log --raw -z --no-abbrev` in `LOG_FORMAT`; files outside the prefixes are left out.

    No prefix at all means every file.
    """
    tokens = split(chunks)
    header: list[bytes] = []
    files: list[FileChange] = []
    for token in tokens:
        if token.startswith(b"\x01"):
            if header:
                yield _commit(header, files)
            header = [token[1:], *(next(tokens, b"") for _ in range(_FIELDS - 1))]
            files = []
        elif token:
            change = _file_change(token.lstrip(b"\n"), next(tokens, b""))
            if not prefixes or within(change.path, prefixes):
                files.append(change)
    if header:
        yield _commit(header, files)


GRAPH_FORMAT = "%H%x00%P%x00%an <%ae>"


def graph(chunks: Iterable[bytes]) -> Iterator[Commit]:
    """Read `git log -z` in `GRAPH_FORMAT`."""
    tokens = split(chunks)
    for commit in tokens:
        parents, author = next(tokens, b""), next(tokens, b"")
        yield Commit(text(commit), tuple(text(parents).split()), author.decode("utf-8", "replace"))


def comparisons(chunks: Iterable[bytes]) -> Iterator[tuple[FileChange, ...]]:
    """Read `git diff-tree --stdin --always --raw -z`: the files of each comparison, in the order asked for."""
    tokens = split(chunks)
    files: list[FileChange] | None = None
    for token in tokens:
        if token.startswith(b":"):
            files = [] if files is None else files
            files.append(_file_change(token, next(tokens, b"")))
        elif token:
            if files is not None:
                yield tuple(files)
            files = []
    if files is not None:
        yield tuple(files)


def within(path: str, prefixes: tuple[str, ...]) -> bool:
    """Whether a path is one of the prefixes or lies in the folder that one names."""
    return any(path == prefix or path.startswith(prefix + "/") for prefix in prefixes)


def _file_change(line: bytes, path: bytes) -> FileChange:
    old_mode, new_mode, old_blob, new_blob, _ = line.decode("ascii").lstrip(":").split()
    return FileChange(
        text(path),
        old_mode,
        new_mode,
        None if old_blob == _NOTHING else old_blob,
        None if new_blob == _NOTHING else new_blob,
    )


def _commit(header: list[bytes], files: list[FileChange]) -> CommitChange:
    commit, parents, author, committer, seconds, subject, body = (
        field.decode("utf-8", "replace") for field in header
    )
    return CommitChange(
        commit=commit,
        parents=tuple(parents.split()),
        author=author,
        committer=committer,
        at=_moment(seconds),
        subject=subject,
        body=body.strip("\n"),
        files=tuple(files),
    )


def _moment(seconds: str) -> datetime:
    """Return a committer's date; one that no calendar holds (it is free text to git) reads as 1970."""
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def batch_lines(ids: Iterable[str]) -> Iterator[bytes]:
    """Write the input of `git cat-file --batch`, many names at a time."""
    lines: list[str] = []
    for name in ids:
        lines.append(name + "\n")
        if len(lines) == _BATCH:
            yield "".join(lines).encode("ascii")
            lines.clear()
    if lines:
        yield "".join(lines).encode("ascii")


def batch_objects(chunks: Iterable[bytes]) -> Iterator[tuple[str, str, bytes]]:
    """Read `git cat-file --batch`: name, type (`missing` where there is no such object) and content."""
    buffer = bytearray()
    source = iter(chunks)
    while True:
        while (end := buffer.find(b"\n")) < 0:
            chunk = next(source, None)
            if chunk is None:
                return
            buffer += chunk
        name, kind, *size = buffer[:end].decode("ascii", "replace").split()
        length = int(size[0]) + 1 if size else 0
        while len(buffer) < end + 1 + length:
            chunk = next(source, None)
            if chunk is None:
                return
            buffer += chunk
        yield name, kind, bytes(buffer[end + 1 : end + max(length, 1)])
        del buffer[: end + 1 + length]
