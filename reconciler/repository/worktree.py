"""Files of a working copy, read without ever following a symbolic link out of it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from reconciler.model import TreeFile

_LINK = "120000"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def read_files(root: Path, paths: Iterable[str], size_limit: int) -> Iterator[TreeFile]:
    """Read the named files under a root, in path order; those that are gone are left out.

    A symbolic link, be it the file or a folder on its way, is reported under its own path and not followed;
    so is whatever else is no plain file. Nothing is read of a file above the limit.
    """
    seen: set[str] = set()
    for path in sorted(set(paths)):
        found = _read(root, path.rstrip("/"), size_limit)
        if found is not None and found.path not in seen:
            seen.add(found.path)
            yield found


def _read(root: Path, path: str, size_limit: int) -> TreeFile | None:
    *folders, name = PurePosixPath(path).parts
    place = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for depth, folder in enumerate(folders, start=1):
            try:
                inner = os.open(folder, _FOLDER, dir_fd=place)
            except OSError:
                return _not_read("/".join(folders[:depth]), folder, place)
            os.close(place)
            place = inner
        return _read_in(place, name, path, size_limit)
    finally:
        os.close(place)


def _read_in(place: int, name: str, path: str, size_limit: int) -> TreeFile | None:
    try:
        descriptor = os.open(name, _FILE, dir_fd=place)
    except OSError:
        return _not_read(path, name, place)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return TreeFile(path, _mode(status), 0, None)
        return _content(descriptor, path, status, size_limit)
    finally:
        os.close(descriptor)


def _content(descriptor: int, path: str, status: os.stat_result, size_limit: int) -> TreeFile:
    with open(descriptor, "rb", closefd=False) as file:
        data = None if status.st_size > size_limit else file.read(size_limit + 1)
    if data is None or len(data) > size_limit:
        return TreeFile(path, _mode(status), max(status.st_size, size_limit + 1), None)
    return TreeFile(path, _mode(status), len(data), data)


def _not_read(path: str, name: str, place: int) -> TreeFile | None:
    try:
        status = os.stat(name, dir_fd=place, follow_symlinks=False)
    except OSError:
        return None
    return TreeFile(path, _mode(status), status.st_size, None)


def _mode(status: os.stat_result) -> str:
    if stat.S_ISLNK(status.st_mode):
        return _LINK
    if stat.S_ISDIR(status.st_mode):
        return "160000"
    if stat.S_ISREG(status.st_mode):
        return "100755" if status.st_mode & stat.S_IXUSR else "100644"
    return f"{stat.S_IFMT(status.st_mode):06o}"
