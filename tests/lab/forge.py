"""A double of a forge over a bare repository: pull requests, reviews, comments and issues, over HTTPS.

It speaks the REST calls that cuentas uses, as GitHub and as Gitea or Forgejo do, and does what they do: merging a
pull request makes the merge commit in the bare repository. What it answers is in `forge_wire`.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Literal

from tests.lab.https import Handler, HttpsDouble
from tests.lab.samba.domain import ADDRESSES
from tests.letters import issue as issue_certificates

TEXT = "SECRETO-DE-LA-FORJA"
"""What the forge says in its own words in an error: nobody is ever to see it."""

BOT = "github-actions[bot]"
DIRECTOR = "Dirección de Servicios Compartidos <dsct@sinaloa.gob.mx>"


class Fault(Enum):
    """What to do to one request instead of answering it; those in `_AFTER` come once it is done."""

    BROKEN = 500
    DOWN = 503
    BUSY = "429, in seven seconds"
    BUSY_FOR_LONG = "429, in an hour"
    LIMITED = "403, nothing remains until a moment ago"
    LIMITED_FOR_LONG = "403, nothing remains for an hour"
    DENIED = 401
    FORBIDDEN = 403
    GONE = 404
    REDIRECT = 307
    CUT_BEFORE = "cut before"
    CUT_AFTER = "cut after"
    BROKEN_AFTER = "502 after"
    SLOW_AFTER = "drips for ever"
    HUGE_AFTER = "huge"
    HTML_AFTER = "no json"
    LATIN_AFTER = "latin-1"
    SURROGATE_AFTER = "half a character"
    PACKED_AFTER = "gzip"
    DEEP_AFTER = "[[[["
    OBJECT_AFTER = "{}"
    STRINGS_AFTER = "every number a string"
    NULLS_AFTER = "every value null"


@dataclass
class Pull:
    """A pull request; `base` is where it goes, `merge` the commit that it was merged as."""

    number: int
    author: str
    branch: str
    base: str
    title: str
    body: str
    head: str
    at: datetime
    fork: str | None = None
    merge: str | None = None
    merged_at: datetime | None = None
    closed: bool = False


@dataclass
class Review:
    """A review; `state` as Gitea says it, and what becomes of it."""

    id: int
    user: str | None
    state: Literal["APPROVED", "REQUEST_CHANGES", "COMMENT", "PENDING"]
    commit: str | None
    at: datetime
    dismissed: bool = False
    stale: bool = False
    official: bool = True


@dataclass
class Comment:
    """Something said on an issue or a pull request."""

    id: int
    user: str | None
    body: str
    at: datetime
    edits: int = 0


@dataclass
class Trouble:
    """A fault, and which request it is for: the first that matches."""

    fault: Fault
    method: str
    path: str


@dataclass
class ForgeDouble(HttpsDouble):
    """`with ForgeDouble(bare, kind, certificates) as forge`: `certificates` has ca.pem, cert.pem and key.pem.

    `who` is whose the token is, `says_who` whether the forge tells (GitHub does not of a workflow's own token),
    `page` the most things of a page. `requests` are those seen: method, path with its query, headers, body.
    """

    bare: Path
    kind: Literal["github", "gitea"]
    certificates: Path
    token: str = field(default="Canario7_testigo.de-la-forja", repr=False)
    repository: str = "sinaloa/cuentas"
    who: str = BOT
    says_who: bool = True
    may_push: bool = True
    page: int = 50
    pulls: dict[int, Pull] = field(default_factory=dict)
    reviews: dict[int, list[Review]] = field(default_factory=dict)
    said: dict[int, list[Comment]] = field(default_factory=dict)
    issues: dict[int, str] = field(default_factory=dict)
    troubles: list[Trouble] = field(default_factory=list)
    requests: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list, repr=False)
    clock: datetime = datetime(2026, 3, 23, 18, 0, tzinfo=UTC)
    ids: int = 1000

    host = ADDRESSES[3]

    def handler(self) -> type[Handler]:
        """Return what answers."""
        from tests.lab.forge_wire import ForgeHandler  # noqa: PLC0415 -- it needs what is above

        return ForgeHandler

    @property
    def url(self) -> str:
        """Where the API begins, as cuentas.yaml says it."""
        return f"https://{self.host}:{self.port}" + ("/api/v1" if self.kind == "gitea" else "")

    def config(self, **more: str | int) -> str:
        """Return the `forja:` part of cuentas.yaml; the token is written where it says."""
        token = self.certificates.parent / "testigo-forja"
        token.touch(0o600)
        token.write_text(f"{self.token}\n", "utf-8")
        fields: dict[str, str | int] = {
            "tipo": self.kind,
            "url": self.url,
            "repositorio": self.repository,
            "usuario": f"'{BOT}'",
            "ca": str(self.certificates / "ca.pem"),
            "clave_archivo": str(token),
            "espera_s": 5,
        }
        return "forja:\n" + "".join(f"  {name}: {value}\n" for name, value in (fields | more).items())

    def now(self) -> datetime:
        """Return a moment after every one before."""
        self.clock += timedelta(minutes=1)
        return self.clock

    def new_id(self) -> int:
        """Return a number that nothing has."""
        self.ids += 1
        return self.ids

    def _number(self) -> int:
        return max([0, *self.pulls, *self.issues]) + 1

    def open_issue(self, author: str = "lbeltran") -> int:
        """Open an issue."""
        number = self._number()
        self.issues[number] = author
        return number

    def open_pull(
        self, branch: str, author: str = "lbeltran", base: str = "main", title: str = "Movimientos", body: str = ""
    ) -> Pull:
        """Open a pull request of a branch that is in the bare repository."""
        number = self._number()
        head = self.git("rev-parse", f"refs/heads/{branch}")
        self.git("update-ref", f"refs/pull/{number}/head", head)
        self.pulls[number] = Pull(number, author, branch, base, title, body, head, self.now())
        return self.pulls[number]

    def head_of(self, pull: Pull) -> str:
        """Return what a pull request proposes now: what its branch holds, until it is merged.

        Gitea goes on telling the branch's commit after that, as long as the branch is there.
        """
        if pull.merge and self.kind == "github":
            return pull.head
        found = self.git("for-each-ref", "--format=%(objectname)", f"refs/heads/{pull.branch}")
        if not pull.merge:
            pull.head = found or pull.head
        return found or pull.head

    def review(
        self, number: int, user: str | None, state: Literal["APPROVED", "REQUEST_CHANGES", "COMMENT", "PENDING"]
    ) -> Review:
        """Review a pull request as somebody, at what it proposes now."""
        found = Review(self.new_id(), user, state, self.head_of(self.pulls[number]), self.now())
        self.reviews.setdefault(number, []).append(found)
        return found

    def approve(self, number: int, user: str) -> Review:
        """Approve a pull request as somebody."""
        return self.review(number, user, "APPROVED")

    def comment(self, number: int, user: str | None, body: str) -> Comment:
        """Say something on an issue or a pull request."""
        found = Comment(self.new_id(), user, body, self.now())
        self.said.setdefault(number, []).append(found)
        return found

    def comments(self, number: int) -> list[Comment]:
        """Return what was said on an issue or a pull request."""
        return self.said.get(number, [])

    def merge(self, number: int, by: str = DIRECTOR) -> str:
        """Merge a pull request with a merge commit by somebody (`Name <mail>`), and return it."""
        pull = self.pulls[number]
        head, base = self.head_of(pull), self.git("rev-parse", f"refs/heads/{pull.base}")
        tree = self.git("merge-tree", "--write-tree", base, head).splitlines()[0]
        words = f"Merge pull request #{number} from {pull.branch}\n\n{pull.title}"
        if self.kind == "gitea":
            words = f"Merge pull request '{pull.title}' (#{number}) from {pull.branch} into {pull.base}"
        commit = self.git("commit-tree", tree, "-p", base, "-p", head, "-m", words, by=by, after=(base, head))
        self.git("update-ref", f"refs/heads/{pull.base}", commit, base)
        self.git("update-ref", f"refs/pull/{number}/head", head)
        pull.head, pull.merge, pull.merged_at, pull.closed = head, commit, self.now(), True
        return commit

    def fail(self, *faults: Fault, method: str = "", path: str = "") -> None:
        """Have the next requests of a method whose path holds some text go wrong, one for each fault."""
        self.troubles += [Trouble(one, method, path) for one in faults]

    def fault_for(self, method: str, path: str) -> Fault | None:
        """Take the fault that is for a request."""
        for one in self.troubles:
            if one.method in {"", method} and one.path in path:
                self.troubles.remove(one)
                return one.fault
        return None

    def asked(self, method: str = "") -> list[str]:
        """Return the paths of the requests seen, those of one method or all."""
        return [path for how, path, _, _ in self.requests if method in {"", how}]

    def git(self, *words: str, by: str = DIRECTOR, after: tuple[str, ...] = ()) -> str:
        """Run git in the bare repository as somebody, at a minute after the commits in `after`."""
        name, email = by.rstrip(">").split(" <")
        environment = {one: value for one, value in os.environ.items() if not one.startswith("GIT_")}
        environment |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
        for role in ("AUTHOR", "COMMITTER"):
            environment |= {f"GIT_{role}_NAME": name, f"GIT_{role}_EMAIL": email}
        if after:
            last = max(int(self.git("show", "-s", "--format=%ct", one)) for one in after) + 60
            environment |= {f"GIT_{role}_DATE": f"{last} -0700" for role in ("AUTHOR", "COMMITTER")}
        done = subprocess.run(
            ["git", "-C", str(self.bare), *words], env=environment, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()


@contextmanager
def forge_double(folder: Path, bare: Path, kind: Literal["github", "gitea"] = "github") -> Iterator[ForgeDouble]:
    """Start a double with certificates of its own, which it leaves in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with ForgeDouble(bare, kind, issue_certificates(folder) / "servidor") as double:
        yield double
