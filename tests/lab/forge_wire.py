"""How the double of a forge answers: the REST calls that cuentas uses, in GitHub's words and in Gitea's.

GitHub as docs.github.com/rest has it (2022-11-28); Gitea as routers/api/v1 and services/convert of its source do.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.lab.forge import TEXT, Comment, Fault, ForgeDouble, Pull, Review
from tests.lab.https import Handler

_STATES = {"REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}
Answer = tuple[int, Any]
Query = Mapping[str, str]


class ForgeHandler(Handler):
    """Answers for `double`."""

    double: ForgeDouble

    def take(self, method: str, body: bytes) -> None:
        double = self.double
        parts = urlsplit(self.path)
        double.requests.append((method, self.path, dict(self.headers), body))
        fault = double.fault_for(method, self.path)
        if fault is Fault.CUT_BEFORE:
            self.close_connection = True
        elif fault and not fault.name.endswith("_AFTER"):
            self._refuse(fault)
        elif not self._enters():
            self._say(401, {"message": TEXT})
        else:
            query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            base = "/api/v1" if double.kind == "gitea" else ""
            path = parts.path.removeprefix(base) if parts.path.startswith(base) else "/otra"
            self._end(*self._done(method, path, query, body), query, fault)

    def _enters(self) -> bool:
        """GitHub takes nothing without these headers of cuentas' own; both want the token."""
        given = self.headers["Authorization"] == f"Bearer {self.double.token}"
        if self.double.kind == "github":
            return given and self.headers["X-GitHub-Api-Version"] == "2022-11-28"
        return given

    def _done(self, method: str, path: str, query: Query, body: bytes) -> Answer:
        if path == "/user":
            return (200, {"login": self.double.who}) if self.double.says_who else (403, {"message": TEXT})
        repository = f"/repos/{self.double.repository}"
        if not path.startswith(repository):
            return 404, {"message": TEXT}
        given = json.loads(body) if body else {}
        for verb, pattern, act in _ROUTES:
            found = re.fullmatch(pattern, path.removeprefix(repository))
            if verb == method and found:
                return act(self.double, found.groups(), query, given)
        return 404, {"message": TEXT}

    def _end(self, status: int, found: Any, query: Query, fault: Fault | None) -> None:
        headers: list[tuple[str, str]] = []
        if isinstance(found, list):
            found, headers = self._paged(found, query)
        body = json.dumps(found).encode()
        match fault:
            case Fault.CUT_AFTER:
                self.close_connection = True
            case Fault.SLOW_AFTER:
                self.drip(status, body)
            case Fault.PACKED_AFTER:
                self.answer(status, body, ("Content-Encoding", "gzip"))
            case Fault.BROKEN_AFTER:
                self.answer(502, TEXT.encode())
            case None:
                self._say(status, found, *headers)
            case _:
                self.answer(status, _spoilt(found, fault), *headers)

    def _paged(self, found: list[Any], query: Query) -> tuple[list[Any], list[tuple[str, str]]]:
        """Cut a list into pages; Gitea gives all comments at once (ListIssueComments has no page)."""
        double, whole = self.double, "/comments" in self.path and self.double.kind == "gitea"
        size = min(int(query.get("per_page" if double.kind == "github" else "limit", "30")), double.page)
        page = int(query.get("page", "1"))
        part = found if whole else found[(page - 1) * size : page * size]
        headers = []
        if not whole and len(found) > page * size:
            headers.append(("Link", f'<https://{double.host}:1/otra?page={page + 1}>; rel="next"'))
        if double.kind == "gitea":
            headers.append(("X-Total-Count", str(len(found))))
        return part, headers

    def _refuse(self, fault: Fault) -> None:
        match fault:
            case Fault.BUSY | Fault.BUSY_FOR_LONG:
                wait = "7" if fault is Fault.BUSY else "3600"
                self._say(429, {"message": TEXT}, ("Retry-After", wait))
            case Fault.LIMITED | Fault.LIMITED_FOR_LONG:
                reset = time.time() + (3600 if fault is Fault.LIMITED_FOR_LONG else -5)
                headers = ("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", f"{reset:.0f}")
                self._say(403, {"message": TEXT}, *headers)
            case Fault.REDIRECT:
                self._say(307, {"message": TEXT}, ("Location", f"https://{self.double.host}:1/otra"))
            case _:
                self._say(int(fault.value), {"message": TEXT})

    def _say(self, status: int, found: Any, *headers: tuple[str, str]) -> None:
        kind = ("Content-Type", "application/json; charset=utf-8")
        self.answer(status, json.dumps(found).encode(), kind, *headers)


def _spoilt(found: Any, fault: Fault) -> bytes:
    """Return an answer that is not what it should be."""
    match fault:
        case Fault.HUGE_AFTER:
            return b" " * (33 << 20) + json.dumps(found).encode()
        case Fault.HTML_AFTER:
            return f"<html>{TEXT}</html>".encode()
        case Fault.LATIN_AFTER:
            return json.dumps(found)[:-1].encode() + b', {"x": "\xf1"}]'
        case Fault.SURROGATE_AFTER:
            return b'[{"id": 1, "user": null, "body": "\\ud800"}]'
        case Fault.DEEP_AFTER:
            return b"[" * 60_000
        case Fault.OBJECT_AFTER:
            return b'{"message": "' + TEXT.encode() + b'"}'
        case Fault.STRINGS_AFTER:
            return re.sub(rb'": (\d+)', rb'": "\1"', json.dumps(found).encode())
        case _:
            return re.sub(rb'": ("[^"]*"|\d+)', b'": null', json.dumps(found).encode())


def _at(moment: datetime | None) -> str | None:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def _user(name: str | None) -> dict[str, Any] | None:
    return {"login": name, "id": 7, "avatar_url": "https://x.invalid/a"} if name else None


def _pull(double: ForgeDouble, pull: Pull) -> dict[str, Any]:
    owner = double.repository.partition("/")[0]
    github = double.kind == "github"
    there = double.git("for-each-ref", f"refs/heads/{pull.branch}")
    repo = {"full_name": pull.fork or double.repository}
    trial = "f" * 40 if github and not pull.closed else None  # GitHub's trial merge
    return {
        "id": 5000 + pull.number,
        "number": pull.number,
        "html_url": f"https://forja.invalid/{double.repository}/pulls/{pull.number}",
        "state": "closed" if pull.closed else "open",
        "title": pull.title,
        "user": _user(pull.author),
        "merged_at": _at(pull.merged_at),
        "merge_commit_sha": pull.merge or trial,
        "head": {
            "label": f"{owner}:{pull.branch}" if github else pull.branch,
            "ref": pull.branch if github or there else f"refs/pull/{pull.number}/head",
            "sha": double.head_of(pull),
            "repo": repo,
        },
        "base": {"label": pull.base, "ref": pull.base, "repo": {"full_name": double.repository}},
    }


def _review(double: ForgeDouble, one: Review) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": one.id,
        "user": _user(one.user),
        "commit_id": one.commit,
        "submitted_at": _at(one.at),
    }
    if double.kind == "gitea":
        marks = {"dismissed": one.dismissed, "stale": one.stale, "official": one.official}
        return found | {"state": one.state} | marks
    if one.state == "PENDING":
        del found["submitted_at"]
    return found | {"state": "DISMISSED" if one.dismissed else _STATES.get(one.state, one.state)}


def _comment(one: Comment) -> dict[str, Any]:
    return {"id": one.id, "user": _user(one.user), "body": one.body, "created_at": _at(one.at)}


def _repository(double: ForgeDouble, *_: Any) -> Answer:
    rights = {"admin": False, "push": double.may_push, "pull": True}
    return 200, {"id": 1, "full_name": double.repository, "permissions": rights}


def _of_commit(double: ForgeDouble, places: tuple[str, ...], *_: Any) -> Answer:
    """GitHub: what a commit of the default branch came in with, and open ones elsewhere; an unknown commit is 422."""
    commit = places[0]
    known = double.git("rev-list", "--all").split()
    if double.kind == "github" and commit not in known:
        return 422, {"message": TEXT}
    found = [one for one in double.pulls.values() if commit in {one.merge, one.head}]
    if double.kind == "github":
        return 200, [_pull(double, one) for one in found]
    merged = next((one for one in found if one.merge == commit), None)
    return (200, _pull(double, merged)) if merged else (404, {"message": TEXT})


def _listed(double: ForgeDouble, _: tuple[str, ...], query: Query, __: Any) -> Answer:
    owner, wanted = double.repository.partition("/")[0], query.get("head")
    found = [one for one in double.pulls.values() if not one.closed]
    if wanted:
        found = [one for one in found if f"{(one.fork or owner).partition('/')[0]}:{one.branch}" == wanted]
    return 200, [_pull(double, one) for one in reversed(found)]


def _proposed(double: ForgeDouble, _: tuple[str, ...], __: Query, given: Mapping[str, str]) -> Answer:
    open_ones = [one for one in double.pulls.values() if not one.closed and not one.fork]
    if any((one.branch, one.base) == (given["head"], given["base"]) for one in open_ones):
        return (422 if double.kind == "github" else 409), {"message": TEXT}
    if not double.git("for-each-ref", f"refs/heads/{given['head']}"):
        return 422, {"message": TEXT}
    pull = double.open_pull(given["head"], double.who, given["base"], given["title"], given["body"])
    return 201, _pull(double, pull)


def _reviews(double: ForgeDouble, places: tuple[str, ...], *_: Any) -> Answer:
    """Both hide what others are still writing."""
    number = int(places[0])
    found = [one for one in double.reviews.get(number, []) if one.state != "PENDING" or one.user == double.who]
    return (200, [_review(double, one) for one in found]) if number in double.pulls else (404, {"message": TEXT})


def _comments(double: ForgeDouble, places: tuple[str, ...], *_: Any) -> Answer:
    number = int(places[0])
    if number not in double.pulls and number not in double.issues:
        return 404, {"message": TEXT}
    return 200, [_comment(one) for one in double.comments(number)]


def _commented(double: ForgeDouble, places: tuple[str, ...], _: Query, given: Mapping[str, str]) -> Answer:
    number = int(places[0])
    if number not in double.pulls and number not in double.issues:
        return 404, {"message": TEXT}
    return 201, _comment(double.comment(number, double.who, given["body"]))


def _edited(double: ForgeDouble, places: tuple[str, ...], _: Query, given: Mapping[str, str]) -> Answer:
    found = [one for those in double.said.values() for one in those if one.id == int(places[0])]
    for one in found:
        one.body, one.edits = given["body"], one.edits + 1
        return 200, _comment(one)
    return 404, {"message": TEXT}


def _issues(double: ForgeDouble, *_: Any) -> Answer:
    return 200, [{"number": number, "user": _user(author)} for number, author in double.issues.items()]


Act = Callable[[ForgeDouble, tuple[Any, ...], Query, Any], Answer]
_ROUTES: tuple[tuple[str, str, Act], ...] = (
    ("GET", "", _repository),
    ("GET", r"/commits/([0-9a-f]{40})/pulls?", _of_commit),
    ("GET", "/pulls", _listed),
    ("POST", "/pulls", _proposed),
    ("GET", r"/pulls/(\d+)/reviews", _reviews),
    ("GET", "/issues", _issues),
    ("GET", r"/issues/(\d+)/comments", _comments),
    ("POST", r"/issues/(\d+)/comments", _commented),
    ("PATCH", r"/issues/comments/(\d+)", _edited),
)
