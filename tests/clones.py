"""Clones of a repository with a remote, and the bitácora on it as only git sees it, without our own reader."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path

from reconciler.bitacora import Bitacora
from reconciler.events import JSON, Event, EventKind
from reconciler.model import AccountKey
from reconciler.repository import GitBranch, Repository, fast_import, init

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
BRANCH = "refs/heads/bitacora"


def event(run: str, number: int = 1, kind: EventKind = EventKind.ATTEMPT, **data: JSON) -> Event:
    """A fact of a run, told from its others by its number."""
    at = NOON + timedelta(seconds=number)
    return Event(kind=kind, at=at, run=run, key=AccountKey("josé.núñez"), data={"cambio": f"c{number}"} | data)


def never(_: float) -> None:
    """Stand where a program would sleep and must not."""
    raise AssertionError("nobody was to wait")


@dataclass(frozen=True)
class Clone:
    """A repository at `path`, with or without a working copy; `origin` where it has a remote."""

    path: Path

    @property
    def git_dir(self) -> Path:
        """Git's own folder."""
        return self.path / ".git" if (self.path / ".git").exists() else self.path

    @property
    def folder(self) -> Path:
        """Where the clone keeps what is not published."""
        return self.git_dir / "cuentas"

    @property
    def journals(self) -> list[str]:
        """The names of the journals that wait."""
        return sorted(path.name for path in (self.folder / "pendientes").glob("*"))

    def journal(self, run: str) -> Path:
        """Return where a run's journal is, or would be."""
        return self.folder / "pendientes" / f"{run}.jsonl"

    def git(self, *words: str) -> str:
        """Run git here."""
        command = ["git", "-C", str(self.path), *words]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def branch(self) -> GitBranch:
        """Open the branch of the record."""
        with Repository.open(self.path) as repository:
            return repository.branch("bitacora", "origin")

    def record(self, run: str, branch: GitBranch | None = None, sleep: Callable[[float], None] = never) -> Bitacora:
        """Open the record for a run."""
        return Bitacora(branch or self.branch(), self.folder, run, sleep=sleep)

    def tip(self) -> str | None:
        """Return the commit of the record's branch."""
        return self.git("for-each-ref", "--format=%(objectname)", BRANCH) or None

    def files(self) -> dict[str, bytes]:
        """Return the files of the record's branch."""
        names = self.git("ls-tree", "-r", "--name-only", BRANCH).splitlines() if self.tip() else []
        return {name: (self.git("cat-file", "blob", f"{BRANCH}:{name}") + "\n").encode() for name in names}

    def lines(self) -> list[bytes]:
        """Return the lines on record in their order, once they are known to be chained."""
        found = [line for name, data in self.files().items() if name != "bitacora.json" for line in data.splitlines()]
        found.sort(key=lambda line: int(json.loads(line)["n"]))
        before = ["0" * 64, *(sha256(line).hexdigest() for line in found)]
        assert [json.loads(line)["prev"] for line in found] == before[:-1]
        assert [json.loads(line)["n"] for line in found] == list(range(1, len(found) + 1))
        return found

    def ids(self) -> list[str]:
        """Return the names of the facts on record, in their order."""
        return [str(json.loads(line)["id"]) for line in self.lines()]

    def commits(self) -> int:
        """Return how many commits the record took."""
        return int(self.git("rev-list", "--count", BRANCH))

    def put(self, changes: Mapping[str, bytes | None], *, merge: str = "", fresh: bool = False) -> None:
        """Commit to the record's branch what no run of ours would: changed, removed and foreign files."""
        words = [f"commit {BRANCH}", "committer Alguien <alguien@ejemplo.mx> 1790000000 +0000", "data 1", "x"]
        if self.tip() and not fresh:
            words.append(f"from {BRANCH}^0")
        stream = "\n".join([*words, *([f"merge {merge}"] if merge else [])]).encode() + b"\n"
        stream += b"deleteall\n" if fresh else b""
        for name, data in changes.items():
            quoted = json.dumps(name, ensure_ascii=False).encode("utf-8", "surrogateescape")
            if data is None:
                stream += b"D " + quoted + b"\n"
            else:
                stream += b"M 100644 inline " + quoted + b"\ndata %d\n%s\n" % (len(data), data)
        if fresh and self.tip():
            self.git("update-ref", "-d", BRANCH)
        fast_import(self.path, [stream, b"done\n"])

    def hook(self, name: str, script: str) -> None:
        """Install a hook."""
        path = self.git_dir / "hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)


def bare(path: Path) -> Clone:
    """Make an empty repository to push to."""
    init(path, bare=True)
    return Clone(path)


def clone(path: Path, remote: Clone | None = None) -> Clone:
    """Make a repository that has a remote, or none."""
    init(path)
    made = Clone(path)
    if remote is not None:
        made.git("remote", "add", "origin", str(remote.path))
    return made


def put(record: Bitacora, *numbers: int) -> None:
    """Append and publish."""
    record.append(*(event(record.run, number) for number in numbers))
    record.publish()


def grown(branch: GitBranch, name: str = "a", data: bytes = b"uno\n") -> str:
    """Add a file to what the branch holds."""
    head = branch.head()
    return branch.commit(head, {name: data}, f"Agrega {name}\n", expected=head)


def in_processes(*jobs: Callable[[], None]) -> list[int]:
    """Run each job in a process of its own, all at once; return how each ended (less than 0: its signal)."""
    context = get_context("fork")
    processes = [context.Process(target=job) for job in jobs]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return [process.exitcode or 0 for process in processes]
