"""A forge over REST: which pull request was merged, who approved it, what was said on it, and proposing one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cached_property

from reconciler.config import Forja
from reconciler.errors import TargetRejectedError
from reconciler.forge.answers import COMMENTS, COMMIT, PULL, REPOSITORY, USER, Pull, Repository, understood
from reconciler.forge.dialects import DIALECTS
from reconciler.forge.line import LARGEST, Line
from reconciler.forge.reviews import standing
from reconciler.https import Reply, Service
from reconciler.patience import Patience
from reconciler.pull_request import Comment, Opinion, PullRequest

LONGEST = 65_536
"""Characters of a comment or of a pull request's text (GitHub's limit; Gitea's is no smaller)."""

_UNSEEN = frozenset({403, 404})
_MARK = re.compile(r"[a-z][a-z0-9:._-]{2,60}")


class RestForge:
    """Fits the engine's `Forge`; for one thread. The pull requests that count go to `main`.

    `patience` gives each operation's, its attempts included.
    """

    def __init__(self, config: Forja, main: str, patience: Callable[[], Patience]) -> None:
        """Take what is needed; nothing is connected yet.

        Raises:
            ConfigurationError: the authority or the token cannot be read.

        """
        self._dialect = DIALECTS[config.tipo]
        service = Service(
            name="La forja",
            whose="de la forja",
            section="forja",
            url=config.url,
            authority=config.ca,
            token=config.clave_archivo,
            seconds=config.espera_s,
            largest=LARGEST,
            headers=self._dialect.headers,
        )
        self._line = Line(service, config.intentos, patience, self._dialect.size)
        self._main = main
        self._name = config.repositorio
        self._path = f"/repos/{config.repositorio}"
        self._user = config.usuario.casefold()

    def close(self) -> None:
        """Hang up; calling it again does nothing."""
        self._line.close()

    def merged_as(self, commit: str) -> PullRequest | None:
        """Return the pull request that was merged as a commit of the main branch; None where it was none.

        Its `head` is what the forge says of the branch now: Gitea goes on moving it while the branch is there.
        Whoever judges a review compares its commit with the merge's second parent. Where a merge ended several
        pull requests (another one had the same commits), it is the first of them.
        """
        if not re.fullmatch(COMMIT, commit):
            raise ValueError("a commit is named by 40 hex digits")
        found = self._dialect.merged(self._line, self._path, commit)
        if not found:
            self.seen()  # a repository that is hidden from us has no commits either
            return None
        merged = [
            one
            for one in found
            if one.merged_at is not None and one.merge_commit_sha == commit and self._goes_to(one, self._main)
        ]
        return self._told(min(merged, key=lambda one: one.number)) if merged else None

    def opinions(self, number: int) -> Sequence[Opinion]:
        """Return the approvals that stand, one at most of each person."""
        return standing(self._dialect.words(self._line, f"{self._path}/pulls/{number}/reviews"))

    def comments(self, number: int) -> Sequence[Comment]:
        """Return what was said on a pull request or an issue, oldest first."""
        found = self._line.every(f"{self._path}/issues/{number}/comments", COMMENTS)
        return tuple(
            Comment(id=one.id, user=one.user.login if one.user else "", body=one.body or "")
            for one in sorted(found, key=lambda one: one.id)
        )

    def say(self, number: int, body: str, mark: str) -> None:
        """Say something once: our own comment that has the mark is put in order, or a new one is made with it.

        The mark is an HTML comment that begins with it; where the body has one already, it is left as it is. What
        others wrote is never touched, whatever marks it has.
        """
        text = marked(body, mark)
        _refuse_longer(text)
        own = self._own(number, mark)
        if own is None:
            there = f"{self._path}/issues/{number}/comments"
            self._line.make(there, {"body": text}, lambda: self._own(number, mark))
        elif own.body.replace("\r\n", "\n").strip() != text.strip():
            self._line.ask(f"{self._path}/issues/comments/{own.id}", method="PATCH", body={"body": text})

    def propose(self, branch: str, base: str, title: str, body: str) -> PullRequest:
        """Open a pull request of a branch that is there; the one that is open already is returned as it is."""
        _refuse_longer(body)
        there = self._open(branch, base)
        if there is None:
            asked = {"title": title, "head": branch, "base": base, "body": body}
            found = self._line.make(
                f"{self._path}/pulls", asked, lambda: self._open(branch, base), self._dialect.taken
            )
            there = self._proposed(found, branch, base) if isinstance(found, Reply) else found
        return self._told(there)

    def seen(self) -> Repository:
        """Return the repository as whoever asks sees it.

        Raises:
            TargetUnreachableError: they do not.

        """
        reply = self._line.ask(self._path, also=_UNSEEN)
        if reply.status in _UNSEEN:
            raise self._line.unreachable(
                f"no deja ver «{self._name}» con este testigo", "Corrija «repositorio», o dé permiso a ese testigo"
            )
        return understood(REPOSITORY, reply)

    @cached_property
    def me(self) -> str | None:
        """Whose the token is; None where the forge does not say, as of a workflow's own (GitHub, Get the user)."""
        reply = self._line.ask("/user", also=_UNSEEN)
        return None if reply.status in _UNSEEN else understood(USER, reply).login

    def listed(self, what: str) -> None:
        """Ask for one of the repository's issues or pull requests, to see whether the token may.

        Raises:
            TargetUnreachableError, TargetRejectedError: it may not.

        """
        self._line.ask(f"{self._path}/{what}?state=open&page=1&{self._dialect.size}=1")

    def _own(self, number: int, mark: str) -> Comment | None:
        """Return our comment that has a mark: of whoever posts the plans, or else of the token's own user."""
        found = [one for one in self.comments(number) if _has(one.body, mark)]
        own = next((one for one in found if one.user.casefold() == self._user), None)
        if own is None and found and self.me:
            own = next((one for one in found if one.user.casefold() == self.me.casefold()), None)
        return own

    def _open(self, branch: str, base: str) -> Pull | None:
        found = self._dialect.opened(self._line, self._path, branch)
        mine = (one for one in found if self._is_ours(one, branch) and self._goes_to(one, base))
        return min(mine, key=lambda one: one.number, default=None)

    def _proposed(self, reply: Reply, branch: str, base: str) -> Pull:
        if reply.status not in self._dialect.taken:
            return understood(PULL, reply)
        there = self._open(branch, base)  # somebody opened it since it was looked
        if there is None:
            raise TargetRejectedError(
                f"La forja no abre un pull request de «{branch}» a «{base}» (código {reply.status}).",
                remedy="Mire que la rama esté ahí y traiga algo que la principal no tenga.",
            )
        return there

    def _is_ours(self, pull: Pull, branch: str) -> bool:
        """Whether a pull request is of a branch of this repository's, and not of a fork's."""
        place = pull.head.repo.full_name.casefold() if pull.head.repo else ""
        return self._dialect.branch(pull) == branch and place == self._name.casefold()

    def _goes_to(self, pull: Pull, base: str) -> bool:
        return pull.base.ref == base and pull.base.repo.full_name.casefold() == self._name.casefold()

    def _told(self, pull: Pull) -> PullRequest:
        if not re.fullmatch(COMMIT, pull.head.sha):
            raise self._line.unreachable(
                f"no dice qué propone el pull request {pull.number}", "Ábralo en ella y mire si se puede ver"
            )
        return PullRequest(
            number=pull.number,
            url=pull.html_url,
            author=pull.user.login if pull.user else "",
            head=pull.head.sha,
            branch=self._dialect.branch(pull),
            merge=pull.merge_commit_sha if pull.merged_at else None,
        )


def marked(body: str, mark: str) -> str:
    """Return a comment's text with its mark, which Markdown does not show."""
    if not _MARK.fullmatch(mark):
        raise ValueError("a mark is a word")
    return body if _has(body, mark) else f"{body.rstrip()}\n\n<!-- {mark} -->\n"


def _has(body: str, mark: str) -> bool:
    return re.search(rf"^<!-- {re.escape(mark)}(?![A-Za-z0-9:._-])", body, re.MULTILINE) is not None


def _refuse_longer(text: str) -> None:
    if len(text) > LONGEST:
        raise TargetRejectedError(
            f"El texto para la forja pasa de {LONGEST} caracteres.", remedy="Resúmalo, o divida lo que se propone."
        )
