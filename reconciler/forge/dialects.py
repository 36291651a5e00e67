"""What GitHub and Gitea (and Forgejo, its fork) do each in its own way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Protocol

from reconciler.forge.answers import GITEA_REVIEWS, PULL, PULLS, REVIEWS, GiteaReview, Pull, Review, understood
from reconciler.forge.line import Line
from reconciler.forge.reviews import Word

_GONE = 404


class Dialect(Protocol):
    """One kind of forge. `repository` is the path of ours, `size` how a page's size is asked for."""

    size: str
    headers: Mapping[str, str]
    taken: frozenset[int]
    """What a pull request of a branch that has an open one is refused with."""

    def merged(self, line: Line, repository: str, commit: str) -> list[Pull]:
        """Return the pull requests that the forge links to a commit; none where it does not know it."""

    def words(self, line: Line, path: str) -> Iterator[Word]:
        """Yield every decisive word among the reviews at a path."""

    def opened(self, line: Line, repository: str, branch: str) -> list[Pull]:
        """Return open pull requests, those of a branch of ours among them."""

    def branch(self, pull: Pull) -> str:
        """Return the name of the branch that a pull request proposes."""


class GitHub:
    """GitHub's REST API, version 2022-11-28: the next one leaves `merge_commit_sha` out of pull requests.

    It is served until March 2028 at the least (Breaking changes; REST API version 2026-03-10 is now available).
    """

    size = "per_page"
    headers: Mapping[str, str] = MappingProxyType(
        {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
    )
    taken = frozenset({422})

    def merged(self, line: Line, repository: str, commit: str) -> list[Pull]:
        """Ask for what is merged with a commit (List pull requests associated with a commit); 422: no such commit."""
        return line.every(f"{repository}/commits/{commit}/pulls", PULLS, absent=frozenset({_GONE, 422}))

    def words(self, line: Line, path: str) -> Iterator[Word]:
        """Read reviews (List reviews for a pull request): one that is dismissed has DISMISSED for its state.

        COMMENTED and PENDING take nothing back: GitHub keeps whoever approved and comments later among the approvers.
        """
        for one in line.every(path, REVIEWS):
            if one.state in {"APPROVED", "CHANGES_REQUESTED", "DISMISSED"}:
                yield from _word(one, approves=one.state == "APPROVED")

    def opened(self, line: Line, repository: str, branch: str) -> list[Pull]:
        """Ask for the open pull requests of a branch (List pull requests): `head` is `owner:branch`."""
        owner = repository.rsplit("/", 2)[-2]
        return line.every(f"{repository}/pulls", PULLS, {"state": "open", "head": f"{owner}:{branch}"})

    def branch(self, pull: Pull) -> str:
        """Return `head.ref`."""
        return pull.head.ref


class Gitea:
    """Gitea's and Forgejo's API v1. They take a token as `Authorization: Bearer` too (services/auth/oauth2.go)."""

    size = "limit"
    headers: Mapping[str, str] = MappingProxyType({})
    taken = frozenset({409, 422})

    def merged(self, line: Line, repository: str, commit: str) -> list[Pull]:
        """Ask for the pull request that a commit merged (repoGetCommitPullRequest); 404: none."""
        reply = line.ask(f"{repository}/commits/{commit}/pull", also=frozenset({_GONE}))
        return [] if reply.status == _GONE else [understood(PULL, reply)]

    def words(self, line: Line, path: str) -> Iterator[Word]:
        """Read reviews (repoListPullReviews): a state outlives its dismissal and the commits that came after.

        Anybody who can read may approve; only `official` counts, of whoever may write or is named by the branch's
        rule (IsOfficialReviewer). Its older versions say so only where the branch has a rule.
        """
        for one in line.every(path, GITEA_REVIEWS):
            if one.state in {"APPROVED", "REQUEST_CHANGES"}:
                yield from _word(one, approves=_counts(one))

    def opened(self, line: Line, repository: str, branch: str) -> list[Pull]:
        """Ask for every open pull request (repoListPullRequests): it cannot be asked for those of a branch."""
        del branch
        return line.every(f"{repository}/pulls", PULLS, {"state": "open"})

    def branch(self, pull: Pull) -> str:
        """Return `head.label`: once the branch is deleted, `head.ref` is `refs/pull/N/head` (ToAPIPullRequest)."""
        return pull.head.label or pull.head.ref


def _counts(review: GiteaReview) -> bool:
    return review.state == "APPROVED" and review.official and not review.dismissed and not review.stale


def _word(review: Review, *, approves: bool) -> Iterator[Word]:
    """Yield what a review says, if it is known of whom and when: of anybody else it is nobody's approval."""
    if review.user and review.submitted_at:
        yield Word(review.submitted_at, review.id, review.user.login, approves, review.commit_id or "")


DIALECTS: Mapping[str, Dialect] = MappingProxyType({"github": GitHub(), "gitea": Gitea()})
