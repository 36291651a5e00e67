"""What a forge answers, read strictly: each needed field of its type and size, whatever else left out.

GitHub's fields are those of its REST API 2022-11-28, Gitea's and Forgejo's those of their API v1 (modules/structs,
services/convert), which took the names from GitHub.
"""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from reconciler.errors import TargetUnreachableError
from reconciler.https import Reply

COMMIT = r"^[0-9a-f]{40}$"

_Id = Annotated[int, Field(ge=1, le=1 << 53)]
_Login = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,100}(\[bot\])?$")]
_Ref = Annotated[str, Field(max_length=1000)]
_Word = Annotated[str, Field(max_length=100)]
_Page = Annotated[str, Field(pattern=r"^https?://[!-~]{1,500}$")]

Answer = TypeVar("Answer")


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)


class User(_Answer):
    """Somebody of the forge's; who deleted their account is null where they would be."""

    login: _Login


class Place(_Answer):
    """A repository's full name."""

    full_name: _Ref


class Head(_Answer):
    """The proposed branch: its commit is "" where Gitea cannot tell; its repository is null once deleted."""

    label: _Ref | None = None
    ref: _Ref
    sha: _Word
    repo: Place | None = None


class Base(_Answer):
    """The branch that a pull request goes to."""

    ref: _Ref
    repo: Place


class Pull(_Answer):
    """A pull request. Of one that is not merged, `merge_commit_sha` is a trial that GitHub makes by itself."""

    id: _Id
    number: _Id
    html_url: _Page
    user: User | None
    merged_at: AwareDatetime | None
    merge_commit_sha: _Word | None
    head: Head
    base: Base


class Review(_Answer):
    """A review; one that is still being written has no time."""

    id: _Id
    user: User | None
    state: _Word
    commit_id: _Word | None
    submitted_at: AwareDatetime | None = None


class GiteaReview(Review):
    """A review of Gitea's, whose state stays what it was when it is dismissed or the branch goes on."""

    dismissed: bool
    stale: bool
    official: bool


class Said(_Answer):
    """A comment."""

    id: _Id
    user: User | None
    body: Annotated[str, Field(max_length=1 << 20)] | None


class Rights(_Answer):
    """What whoever asks may do with the repository."""

    pull: bool
    push: bool


class Repository(_Answer):
    """The repository, as whoever asks sees it."""

    full_name: _Ref
    permissions: Rights | None = None


PULL = TypeAdapter(Pull)
PULLS = TypeAdapter(list[Pull])
REVIEWS = TypeAdapter(list[Review])
GITEA_REVIEWS = TypeAdapter(list[GiteaReview])
COMMENT = TypeAdapter(Said)
COMMENTS = TypeAdapter(list[Said])
REPOSITORY = TypeAdapter(Repository)
USER = TypeAdapter(User)


def understood(kind: TypeAdapter[Answer], reply: Reply) -> Answer:
    """Return an answer as values; nothing of its text is ever shown.

    Raises:
        TargetUnreachableError: it is not UTF-8, not JSON, or not what the API says.

    """
    try:
        return kind.validate_json(reply.body)
    except ValidationError:
        raise TargetUnreachableError(
            "La forja contestó algo que no se entiende: no es lo que dice su documentación.",
            remedy="Revise «tipo» y «url» de «forja», y que nada se ponga en medio (una página de entrada).",
        ) from None
