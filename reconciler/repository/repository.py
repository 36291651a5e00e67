"""A Git repository of declarations, read: trees, the first-parent line, blobs and the working copy."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from git import Repo, exc

from reconciler.errors import ConfigurationError, RecordError, UsageError
from reconciler.history import Commit, CommitChange, FileChange
from reconciler.model import TreeFile
from reconciler.repository import parsing, plumbing
from reconciler.repository.anchors import Anchors
from reconciler.repository.branch import GitBranch
from reconciler.repository.door import Door, GitFailedError, without_password
from reconciler.repository.signatures import signatures
from reconciler.repository.topic import Person, TopicBranch
from reconciler.repository.worktree import read_files
from reconciler.signature import Keyring, Signature

DECLARED = ("accounts", "cuentas.yaml")
"""What a repository of declarations declares in."""

SIZE_LIMIT = 4 * 1024 * 1024
"""Bytes above which a file is named but not read."""

_HASH = re.compile(r"[0-9a-f]{40}")


class Repository:
    """A repository opened for reading; every method takes commits, resolved before git sees them.

    Where git itself fails or hangs, every method raises `GitFailedError` (a `ConfigurationError`).
    """

    def __init__(self, path: Path, git_dir: Path, door: Door, *, has_worktree: bool) -> None:
        self.path = path
        self.git_dir = git_dir
        self.home = git_dir.parent if git_dir.name == ".git" else path
        self._door = door
        self._has_worktree = has_worktree

    @classmethod
    def open(cls, path: Path) -> Repository:
        """Open the repository that a folder is part of.

        `path` becomes the top of the working copy (or the bare repository), `git_dir` the folder that all
        its working copies share, `home` the first of these copies, where what is kept beside them belongs.

        Raises:
            UsageError: there is no repository there.
            ConfigurationError: it names commits by SHA-256, and not by the 40 digits expected here.

        """
        try:
            with Repo(path.absolute(), search_parent_directories=True, expand_vars=False) as found:
                git_dir, common = Path(found.git_dir).resolve(), Path(found.common_dir).resolve()
                top = None if found.working_tree_dir is None else Path(found.working_tree_dir).resolve()
        except (exc.InvalidGitRepositoryError, exc.NoSuchPathError, OSError):
            raise UsageError(
                f"«{path}» no es un repositorio de Git, ni está dentro de uno.",
                remedy="Indique con --repo la carpeta del repositorio de declaraciones (git clone …).",
            ) from None
        door = Door(git_dir, common, top)
        if door.run("rev-parse", "--show-object-format").line != "sha1":
            raise ConfigurationError(
                f"«{path}» es un repositorio de Git con SHA-256, y cuentas solo sabe leer SHA-1.",
                remedy="Haga el repositorio de declaraciones con «git init --object-format=sha1».",
            )
        return cls(top or common, common, door, has_worktree=top is not None)

    def close(self) -> None:
        """Let go of what is held; calling it again does nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def is_shallow(self) -> bool:
        """Whether history was cut off when it was cloned, so that nothing can be proved from it."""
        return self._door.run("rev-parse", "--is-shallow-repository").line == "true"

    def resolve(self, rev: str) -> str:
        """Return the 40 digits of the commit that a revision names.

        Raises:
            UsageError: it names none, is ambiguous, or looks like an option.

        """
        if _HASH.fullmatch(rev):
            known = self._door.run("cat-file", "-e", f"{rev}^{{commit}}", allow=(0, 1, 128))
            found = rev if known.status == 0 else ""
        elif not rev or rev.startswith("-") or "\0" in rev:
            found = ""
        else:
            words = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{rev}^{{commit}}")
            found = self._door.run(*words, allow=(0, 1, 128)).line
        if not _HASH.fullmatch(found):
            raise UsageError(
                f"«{rev}» no nombra ningún commit de {self.path.name}.",
                remedy="Escriba una rama, una etiqueta o un commit que exista («git log --oneline»).",
            )
        return found

    def head_of(self, branch: str) -> str | None:
        """Return the commit at the tip of a local branch; None where there is no such branch."""
        return self._ref(f"refs/heads/{branch}")

    def remote_head_of(self, remote: str, branch: str) -> str | None:
        """Return the tip of a remote's branch as the last fetch saw it; None where there is none."""
        return self._ref(f"refs/remotes/{remote}/{branch}")

    def _ref(self, name: str) -> str | None:
        return plumbing.ref(self._door, name)

    def remote_url(self, name: str) -> str | None:
        """Return where a remote is, without password; None where no such remote is configured."""
        answer = self._door.run("config", "--get", f"remote.{name}.url", allow=(0, 1))
        return without_password(answer.line).replace("://***@", "://") or None

    def published(self, remote: str, branch: str) -> str | None:
        """Ask a remote where its branch is now, and keep nothing of it; None where it has no such branch.

        Raises:
            RecordError: the remote cannot be reached or does not answer.

        """
        words = ("ls-remote", "--quiet", remote, f"refs/heads/{branch}")
        try:
            answer = self._door.run(*words, network=True)
        except GitFailedError as error:
            raise RecordError(
                f"No se pudo leer el remoto «{remote}»: {error.complaint}.",
                remedy=f"Revise la red y el acceso de esta máquina: «git ls-remote {remote}».",
            ) from None
        return answer.line.partition("\t")[0] or None

    def has_remote(self, name: str) -> bool:
        """Whether a remote of that name is configured."""
        return self.remote_url(name) is not None

    def main_remote(self) -> str | None:
        """Return the remote that the main branch is published on; None for a repository that has none.

        This is the clone's to say, never a commit's: what is to be judged must not choose its judge.

        Raises:
            UsageError: there are several, and the clone does not say which.

        """
        remotes = self._door.run("remote").out.decode("utf-8", "replace").split()
        asked = self._setting("remoto")
        if asked and asked not in remotes:
            raise UsageError(
                f"Este clon dice que su remoto es «{asked}», y no lo tiene.",
                remedy="Corríjalo con «git config cuentas.remoto NOMBRE».",
            )
        if asked or len(remotes) <= 1:
            return asked or next(iter(remotes), None)
        if "origin" in remotes:
            return "origin"
        raise UsageError(
            f"Este clon tiene varios remotos ({', '.join(sorted(remotes))}).",
            remedy="Diga cuál es el de la rama principal: «git config cuentas.remoto NOMBRE».",
        )

    def main_branch(self) -> str:
        """Return the main branch's name: what this clone says, or what the remote does, or main.

        Raises:
            UsageError: it cannot be told.

        """
        remote = self.main_remote()
        asked = self._setting("rama")
        if asked:
            return asked
        if remote is not None:
            head = f"refs/remotes/{remote}/HEAD"
            answer = self._door.run("symbolic-ref", "--quiet", head, allow=(0, 1, 128)).line
            name = answer.removeprefix(f"refs/remotes/{remote}/")
            if name and name != answer:
                return name
        if self.head_of("main") or (remote is not None and self.remote_head_of(remote, "main")):
            return "main"
        raise UsageError(
            "No se sabe cuál es la rama principal de este repositorio.",
            remedy="Si todavía no tiene commits, haga el primero en «main» con cuentas.yaml; si se llama de otro "
            "modo, dígalo con «git config cuentas.rama NOMBRE».",
        )

    def _setting(self, name: str) -> str | None:
        return self._door.run("config", "--local", "--get", f"cuentas.{name}", allow=(0, 1)).line or None

    def tree(
        self, commit: str, prefixes: tuple[str, ...] = DECLARED, size_limit: int = SIZE_LIMIT
    ) -> tuple[TreeFile, ...]:
        """Read the files of a commit under the prefixes, in path order; above the limit only their size."""
        words = ("ls-tree", "-r", "-l", "-z", "--full-tree", self.resolve(commit), "--", *prefixes)
        entries = sorted(parsing.tree_entries(self._door.stream(*words)), key=lambda entry: entry.path)
        wanted = dict.fromkeys(entry.blob for entry in entries if entry.is_file and entry.size <= size_limit)
        data = dict(self.blobs(wanted))
        return tuple(
            TreeFile(entry.path, entry.mode, entry.size, data.get(entry.blob) if entry.is_file else None)
            for entry in entries
        )

    def worktree(self, prefixes: tuple[str, ...] = DECLARED, size_limit: int = SIZE_LIMIT) -> tuple[TreeFile, ...]:
        """Read the same from the working copy, uncommitted and new files included, ignored ones not.

        Raises:
            UsageError: the repository has no working copy.

        """
        if not self._has_worktree:
            raise UsageError(
                f"«{self.path}» no tiene copia de trabajo.",
                remedy="Quite --worktree, o use un clon que no sea «bare».",
            )
        words = ("ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", *prefixes)
        paths = [parsing.text(path) for path in parsing.split(self._door.stream(*words))]
        return tuple(read_files(self.path, paths, size_limit))

    def first_parent(
        self, tip: str, since: str | None = None, prefixes: tuple[str, ...] = DECLARED
    ) -> Iterator[CommitChange]:
        """Yield the commits of the first-parent line that `since` lacks, oldest first, as git lists them.

        Every commit is there, with those of its files that are under the prefixes.
        """
        span = [self.resolve(tip)] + ([f"^{self.resolve(since)}"] if since else [])
        return plumbing.log(self._door, "--first-parent", *span, prefixes=prefixes)

    def blobs(self, ids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield blobs with their ids, in the order asked for, holding one at a time.

        Raises:
            GitFailedError: one is missing (a damaged or partial clone) or is no blob.

        """
        return plumbing.blobs(self._door, ids)

    def graph(self, tip: str) -> Iterator[Commit]:
        """Yield every commit reachable from `tip`, merged branches included, newest first."""
        words = ("log", "-z", f"--format={parsing.GRAPH_FORMAT}", "--encoding=UTF-8", self.resolve(tip), "--")
        return parsing.graph(self._door.stream(*words))

    def authors(self, commits: Iterable[str]) -> dict[str, str]:
        """Return who wrote some commits, as `name <e-mail>`."""
        wanted = list(dict.fromkeys(commits))
        if not wanted:
            return {}
        words = ("log", "--no-walk=unsorted", "--stdin", "-z", f"--format={parsing.GRAPH_FORMAT}", "--encoding=UTF-8")
        chunks = self._door.stream(*words, feed=parsing.batch_lines(wanted))
        return {one.commit: one.author for one in parsing.graph(chunks)}

    def comparisons(self, pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[FileChange, ...]]:
        """Compare commits with others, each pair (commit, other), in the order asked for.

        The files are all those that differ, whatever they belong to; the other one is the old side.
        """
        options = ("--always", "-r", "--raw", "-z", "--no-renames", "--no-abbrev", "-m", "--root")
        feed = (f"{commit} {other}\n".encode("ascii") for commit, other in pairs)
        chunks = self._door.stream("diff-tree", "--stdin", *options, feed=feed)
        yield from parsing.comparisons(chunks)

    def changes(self, base: str, head: str) -> tuple[FileChange, ...]:
        """Return every path, whatever it belongs to, that two commits have differently."""
        options = ("-r", "--raw", "-z", "--no-renames", "--no-abbrev", "--no-relative", "--ignore-submodules=none")
        words = ("diff-tree", *options, self.resolve(base), self.resolve(head), "--")
        return next(parsing.comparisons(self._door.stream(*words)), ())

    def brought(self, base: str, head: str) -> Iterator[CommitChange]:
        """Yield every commit that `head` has and `base` lacks, merged ones too, oldest first, with all its files.

        A merge's files are those that it has otherwise than its first parent.
        """
        return plumbing.log(self._door, "--topo-order", self.resolve(head), f"^{self.resolve(base)}", prefixes=())

    def sizes(self, ids: Iterable[str]) -> Mapping[str, int]:
        """Return how many bytes some blobs have, by id; what is missing, or no blob, is left out."""
        out = self._door.run("cat-file", "--batch-check", feed=parsing.batch_lines(ids)).out
        answers = (line.split() for line in out.decode("ascii", "replace").splitlines())
        return {one[0]: int(one[2]) for one in answers if len(one) == 3 and one[1] == "blob"}  # noqa: PLR2004

    def signatures(self, commits: Iterable[str], keyring: Keyring) -> Mapping[str, Signature]:
        """Return how the signature of each commit turned out by these keys; verdicts are kept beside the record.

        Raises:
            ConfigurationError: there is a signature to verify, and no ssh-keygen or no gpg to do it with.

        """
        return signatures(self._door, commits, keyring, self.git_dir / "cuentas" / "firmas")

    def blob_at(self, commit: str, path: str) -> bytes | None:
        """Return a file of a commit; None where the commit has no plain file of that path."""
        words = ("ls-tree", "-r", "-l", "-z", "--full-tree", self.resolve(commit), "--", path)
        for entry in parsing.tree_entries(self._door.stream(*words)):
            if entry.path == path and entry.is_file:
                return next(data for _, data in self.blobs([entry.blob]))
        return None

    def merge_base(self, one: str, other: str) -> str | None:
        """Return the last commit that two lines of history share; None where they share none."""
        words = ("merge-base", self.resolve(one), self.resolve(other))
        return self._door.run(*words, allow=(0, 1)).line or None

    def joined(self, base: str, head: str) -> str | None:
        """Return a commit that joins a head to a base as a forge's button would.

        None where they conflict or share no history. It is a merge of the base's line, also where the head could be
        taken as it is: the first-parent line of a branch that merged the base tells another story than the base's.
        What the base has already joins nothing.

        Only objects are written: no reference moves, and the same two give the same commit.
        """
        one, other = self.resolve(base), self.resolve(head)
        shared = self.merge_base(one, other)
        if shared is None:
            return None
        return one if shared == other else plumbing.join(self._door, one, other)

    def is_ancestor(self, ancestor: str, descendant: str) -> bool:
        """Whether a commit is, or is reachable from, another one."""
        return plumbing.is_ancestor(self._door, self.resolve(ancestor), self.resolve(descendant))

    def leads_to(self, commit: str, tip: str) -> bool:
        """Whether a commit is, or is reachable from, another one; one that this clone lacks leads nowhere."""
        known = self._door.run("cat-file", "-e", f"{commit}^{{commit}}", allow=(0, 1, 128)).status == 0
        return known and plumbing.is_ancestor(self._door, commit, tip)

    def is_first_parent_ancestor(self, ancestor: str, descendant: str) -> bool:
        """Whether a commit is on another one's first-parent line (itself included)."""
        wanted, tip = self.resolve(ancestor), self.resolve(descendant)
        lines = self._door.run("rev-list", "--first-parent", tip).out.split()
        return wanted.encode("ascii") in lines

    def branch(
        self,
        name: str,
        remote: str | None,
        email: str = "cuentas@noreply.invalid",
        *,
        holds: str = "la bitácora",
    ) -> GitBranch:
        """Return a branch to keep something in (`holds` says what, in Spanish); an unknown remote counts as none."""
        known = remote if remote is not None and self.has_remote(remote) else None
        return GitBranch(self._door, name, known, email, holds)

    def fetch(self, remote: str, *branches: str) -> None:
        """Ask a remote for some branches as they are now; a name that ends in `/*` is all those below it.

        Nothing but what this clone remembers of the remote changes.

        Raises:
            RecordError: the remote cannot be reached, does not answer, or has no such branch.

        """
        options = ("--quiet", "--no-tags", "--no-prune", "--no-write-fetch-head", "--recurse-submodules=no")
        specs = (f"+refs/heads/{name}:refs/remotes/{remote}/{name}" for name in branches)
        try:
            self._door.run("fetch", *options, remote, *specs, network=True)
        except GitFailedError as error:
            raise RecordError(
                f"No se pudo leer el remoto «{remote}»: {error.complaint}.",
                remedy=f"Revise la red y el acceso de esta máquina: «git ls-remote {remote}».",
            ) from None

    def anchors(self, remote: str | None) -> Anchors:
        """Return the anchors of the record, here and on a remote."""
        return Anchors(self._door, remote)

    def topic(self, name: str, remote: str | None) -> TopicBranch:
        """Return a branch to propose something on."""
        return TopicBranch(self._door, name, remote)

    def person(self) -> Person:
        """Return who uses this clone, as their commits say it: what git's configuration has, theirs included.

        Raises:
            UsageError: git does not know.

        """
        asked = {
            name: self._door.run("config", "--get", f"user.{name}", allow=(0, 1), network=True).line
            for name in ("name", "email")
        }
        if not all(asked.values()):
            raise UsageError(
                "Git no sabe quién es usted, y el commit tiene que decirlo.",
                remedy="Dígaselo: «git config --global user.name 'Su nombre'» y «git config --global user.email "
                "su.cuenta@sinaloa.gob.mx».",
            )
        return Person(asked["name"], asked["email"])
