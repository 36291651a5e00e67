"""The one way to run git: GitPython starts it, hardened and bounded; nobody else starts a process."""

from __future__ import annotations

import contextlib
import os
import re
import selectors
import signal
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from reconciler.errors import ConfigurationError

os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")  # without git, say so when it is needed, not on import

from git import exc
from git.cmd import Git

PATIENCE = 120.0
"""Seconds without a byte from git after which it is taken for hung."""

_CHUNK = 1 << 16
_GRACE = 2.0
_LONGEST = 2000
_PASSWORD_IN_URL = re.compile(r"(\w[\w+.-]*://)[^\s'\"]*@")

_SETTINGS = (
    "core.quotePath=false",
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.attributesFile=/dev/null",
    "core.splitIndex=false",
    "core.fsync=all",
    "core.fsyncMethod=fsync",
    "diff.orderFile=/dev/null",
    "i18n.commitEncoding=UTF-8",
    "advice.graftFileDeprecated=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "log.showSignature=false",
    "log.showRoot=true",
    "submodule.recurse=false",
)

_TRACES = (
    "GIT_TRACE",
    "GIT_TRACE_CURL",
    "GIT_TRACE_PACKET",
    "GIT_TRACE_PERFORMANCE",
    "GIT_TRACE_REFS",
    "GIT_TRACE_SETUP",
    "GIT_TRACE2",
    "GIT_TRACE2_EVENT",
    "GIT_TRACE2_PERF",
)
"""What would put words on standard error that are no complaint."""

_ENVIRONMENT = {
    "LC_ALL": "C",
    "LANGUAGE": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",  # these two show another history than the one that was pushed
    "GIT_GRAFT_FILE": "/dev/null",
    "GIT_NAMESPACE": "",
    **dict.fromkeys(_TRACES, "0"),
    "GIT_TRACE_REDACT": "1",
    "GIT_PAGER": "cat",
    "GIT_EDITOR": "true",
}

_NOBODYS_CONFIGURATION = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_COUNT": "0",
    "GIT_CONFIG_PARAMETERS": "",
}


class GitFailedError(ConfigurationError):
    """Git is missing, hung, or refused; `complaint` is what it said, without credentials."""

    def __init__(self, what: str, complaint: str) -> None:
        super().__init__(
            f"Git no pudo hacer «{what}»: {complaint or 'no dijo por qué'}.",
            remedy="Revise el repositorio (por ejemplo con «git fsck») y vuelva a intentarlo.",
        )
        self.complaint = complaint


@dataclass(frozen=True, slots=True)
class Answer:
    """How a git command ended: its status, what it wrote, and what it said on standard error."""

    status: int
    out: bytes
    complaint: str

    @property
    def line(self) -> str:
        """The output as one line of text."""
        return self.out.decode("utf-8", "surrogateescape").strip()


@dataclass(slots=True)
class _Ending:
    status: int = -1
    complaint: bytearray = field(default_factory=bytearray)

    @property
    def said(self) -> str:
        return clean(self.complaint.decode("utf-8", "replace"))


def clean(text: str) -> str:
    """Return git's words on one line, the last of them where they are many: there it says why it stopped.

    The user and password that a URL may carry are left out, a password with @ or / in it too; so is what a
    remote may send to harm a terminal.
    """
    visible = "".join(char for char in " ".join(text.split()) if char.isprintable())
    return without_password(visible)[-_LONGEST:].rstrip(".")


def without_password(url: str) -> str:
    """Return a text with URLs without the user and password that they may carry."""
    return _PASSWORD_IN_URL.sub(r"\1***@", url)


class Door:
    """Runs git in one repository; no state between two commands, no descriptor or process left behind.

    The repository is named by its folders and never discovered, so that GIT_DIR in the caller's environment
    does not lead elsewhere. The configuration of the user and of the machine does not count, except where a
    command reaches the network: credential helpers, proxies and authorities live there.
    """

    def __init__(self, git_dir: Path, common_dir: Path, worktree: Path | None, patience: float = PATIENCE) -> None:
        self.common_dir = common_dir
        self._prefix = ["git", "--no-pager", f"--git-dir={git_dir}"]
        self._prefix += [] if worktree is None else [f"--work-tree={worktree}"]
        self._prefix += [word for setting in _SETTINGS for word in ("-c", setting)]
        self._git = Git(str(worktree or git_dir))
        self._patience = patience
        self._environment = _ENVIRONMENT | {
            "GIT_COMMON_DIR": str(common_dir),
            "GIT_OBJECT_DIRECTORY": str(common_dir / "objects"),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": "",
            "GIT_INDEX_FILE": str(git_dir / "index"),
        }

    def run(
        self,
        *words: str,
        feed: Iterable[bytes] = (),
        allow: tuple[int, ...] = (0,),
        env: Mapping[str, str] | None = None,
        network: bool = False,
    ) -> Answer:
        """Run one command to its end, within the patience in all.

        Raises:
            GitFailedError: git is missing, took too long, or ended with a status that is not allowed.

        """
        ending = _Ending()
        deadline = time.monotonic() + self._patience
        environment = ({} if network else _NOBODYS_CONFIGURATION) | dict(env or {})
        out = b"".join(self._talk(words, feed, ending, environment, deadline))
        if ending.status not in allow:
            raise GitFailedError(words[0], ending.said)
        return Answer(ending.status, out, ending.said)

    def stream(self, *words: str, feed: Iterable[bytes] = ()) -> Iterator[bytes]:
        """Yield what a command writes as it writes it, feeding it meanwhile; memory stays bounded.

        The caller may be slow and may stop early (the process then ends); git may not be silent for longer
        than the patience.

        Raises:
            GitFailedError: as `run`, once everything that was written has been yielded.

        """
        ending = _Ending()
        yield from self._talk(words, feed, ending, _NOBODYS_CONFIGURATION)
        if ending.status != 0:
            raise GitFailedError(words[0], ending.said)

    def _talk(
        self,
        words: tuple[str, ...],
        feed: Iterable[bytes],
        ending: _Ending,
        environment: Mapping[str, str],
        deadline: float = float("inf"),
    ) -> Iterator[bytes]:
        try:
            wrapper = self._git.execute(
                [*self._prefix, *words],
                istream=subprocess.PIPE,
                as_process=True,
                env=self._environment | dict(environment),
                start_new_session=True,  # a hung git dies with its helpers, and none asks on the terminal
            )
        except exc.GitCommandNotFound:
            remedy = "Instálelo (Debian: apt install git)."
            raise ConfigurationError("No se encontró git.", remedy=remedy) from None
        process = cast("subprocess.Popen[bytes]", wrapper.proc)
        try:
            yield from _exchange(process, iter(feed), ending.complaint, self._patience, deadline)
            ending.status = process.wait(timeout=self._patience)
        except (TimeoutError, subprocess.TimeoutExpired):
            raise GitFailedError(words[0], f"no respondió en {self._patience:.0f} segundos") from None
        finally:
            _end(process)


def _exchange(
    process: subprocess.Popen[bytes],
    feed: Iterator[bytes],
    complaint: bytearray,
    patience: float,
    deadline: float,
) -> Iterator[bytes]:
    """Feed, listen to both outputs and yield one of them, in one thread; raise TimeoutError on silence."""
    stdin, stdout, stderr = process.stdin, process.stdout, process.stderr
    if stdin is None or stdout is None or stderr is None:
        raise ValueError("a process without pipes cannot be talked to")
    with selectors.DefaultSelector() as selector:
        os.set_blocking(stdin.fileno(), False)
        selector.register(stdin, selectors.EVENT_WRITE)
        selector.register(stdout, selectors.EVENT_READ)
        selector.register(stderr, selectors.EVENT_READ)
        pending = memoryview(b"")
        while selector.get_map():
            left = min(patience, deadline - time.monotonic())
            ready = selector.select(left) if left > 0 else []
            if not ready:
                raise TimeoutError
            for key, _ in ready:
                if key.fileobj is stdin:
                    try:
                        pending = pending or memoryview(next(feed))
                        pending = pending[os.write(key.fd, pending) :]
                    except (StopIteration, BrokenPipeError):
                        selector.unregister(stdin)
                        stdin.close()
                    continue
                data = os.read(key.fd, _CHUNK)
                if not data:
                    selector.unregister(key.fileobj)
                elif key.fileobj is stderr:
                    complaint += data
                    del complaint[:-_CHUNK]
                else:
                    yield data


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let nothing of it remain: helpers included, pipes closed, status collected."""
    if process.poll() is None:
        for farewell in (signal.SIGTERM, signal.SIGKILL):  # the first lets git take its lock files away
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, farewell)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(timeout=_GRACE)
                break
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
