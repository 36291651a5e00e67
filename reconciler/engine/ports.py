"""The interfaces that the engine needs of the world; adapters fit them and inherit nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from pydantic import SecretStr

from reconciler.capture import Answer, Answers
from reconciler.events import JSON, Event, EventKind
from reconciler.history import Commit, CommitChange, FileChange
from reconciler.letter import Message, Sent
from reconciler.model import Account, AccountKey, Handle, Mailbox, Observed, Reading, Siglas, TreeFile
from reconciler.orders import Order, Telling
from reconciler.plan import FieldChange
from reconciler.pull_request import Comment, Opinion, PullRequest
from reconciler.sheet import Sealed
from reconciler.signature import Keyring, Signature


class Target(Protocol):
    """Where accounts live. Every write is addressed by `Handle.guid`, never by a name.

    Every method raises only `TargetError`s: `TargetUnreachableError` (the run stops), `OutcomeUnknownError`
    (read back before believing anything), `ChangedMeanwhileError` (the object no longer holds the old
    values: nothing was changed) or `TargetRejectedError` (this account only).
    """

    def read(self) -> Reading:
        """Read everything there is, completely or not at all."""

    def lookup(self, guid: str) -> Observed | None:
        """Read one of our objects again; None when it is not there or does not carry our mark."""

    def create(self, account: Account) -> Handle:
        """Create the account unable to log on, marked as ours and unfinished, without a mailbox.

        The dependencia's container is created under the managed base where it is missing.
        """

    def set_first_password(self, handle: Handle, password: SecretStr) -> None:
        """Set a password that has to be changed at the next logon."""

    def finish(self, handle: Handle, account: Account) -> None:
        """End a creation: allow logon where `account.logon_enabled`, and drop the unfinished mark, at once."""

    def adopt(self, handle: Handle, key: AccountKey) -> None:
        """Put our mark on an account that exists, and change nothing else."""

    def rename(self, handle: Handle, key: AccountKey, fields: tuple[FieldChange, ...]) -> None:
        """Give the object its new key, logon, address and mark in one step."""

    def move(self, handle: Handle, to: Siglas) -> None:
        """Move the object to another dependencia's container."""

    def update(self, handle: Handle, fields: tuple[FieldChange, ...]) -> None:
        """Change attributes from exactly their old values to the new ones, all or none."""

    def change_aliases(self, handle: Handle, added: tuple[str, ...], removed: tuple[str, ...]) -> None:
        """Add and remove further addresses; other kinds of address stay as they are."""

    def disable(self, handle: Handle) -> None:
        """Give baja: no logon, and the mark says so, in one step."""

    def reactivate(self, handle: Handle, account: Account) -> None:
        """Undo a baja: the mark says active, and logon is allowed where `account.logon_enabled`."""

    def enable_mailbox(self, handle: Handle, mailbox: Mailbox) -> None:
        """Give the account a mailbox; refused where one that was taken off it is waiting."""

    def update_mailbox(self, handle: Handle, fields: tuple[FieldChange, ...]) -> None:
        """Change mailbox settings from exactly their old values to the new ones."""

    def answer_automatically(self, handle: Handle, text: str | None) -> None:
        """Answer whatever arrives with a text, or (None) no longer; done again it changes nothing."""

    def disconnect_mailbox(self, handle: Handle) -> None:
        """Take the mailbox off the account and keep it apart."""

    def reconnect_mailbox(self, handle: Handle, mailbox: Mailbox) -> None:
        """Give the account back the mailbox that was taken off it, which no longer answers by itself.

        Where that was begun and not ended (the object has that mailbox and still remembers it), it is ended.
        """

    def companions(self) -> Sequence[Target]:
        """Return further targets over the same thing, one for each account more that may be worked on at once.

        None where one is as fast as many. They know what this one has read, and are closed before it.
        """

    def close(self) -> None:
        """Let go of connections and files; calling it again does nothing."""


class Record(Protocol):
    """The bitácora as one run sees it. Raises only `RecordError`."""

    def events(self) -> Sequence[Event]:
        """Return every event on record, verified, in order, those not yet published included."""

    def append(self, *events: Event) -> None:
        """Put events on record on this machine: once it returns they survive the machine's stop."""

    def publish(self) -> None:
        """Commit what was appended to the branch and to the remote, where there is one."""

    def head(self) -> str:
        """Return the digest of the last line that is published; sixty-four zeros where there is none."""


class Says(Protocol):
    """Makes a run's events, as of now."""

    def __call__(self, kind: EventKind, key: AccountKey | None = None, **data: JSON) -> Event:
        """Return an event of the run; nothing is on record yet."""


class Spool(Protocol):
    """Where sealed credential sheets wait for delivery. What several accounts share: any thread may seal."""

    def check(self) -> None:
        """Make sure that a sheet could be sealed and stored now.

        Raises:
            RefusedError: no recipient is configured, or the folder is not safe to write to.

        """

    def begin(self, head: str, orders: Mapping[AccountKey, str]) -> None:
        """Take what this run's sheets name: the digest of the record's last line, and each account's order."""

    def seal(self, account: Account, password: SecretStr) -> Sealed:
        """Write the account's credential sheet, seal it for whoever it goes to, and store it durably.

        The account's former sheet stays beside it: until the new password is set, that one may be in force.

        Raises:
            RefusedError: no recipient is configured.
            TargetError: the sheet cannot be written, sealed or stored: the password must not be set.

        """

    def keep_only(self, key: AccountKey, sheet: Sealed) -> None:
        """Remove the account's other sheets, now that the password of this one is set; raises nothing."""

    def waiting(self) -> Sequence[tuple[AccountKey, Sealed]]:
        """Return every sheet that is stored, with whose it is, as it was sealed before its password was set.

        Raises:
            RefusedError, TargetError: nobody can look.

        """


class Post(Protocol):
    """The mailbox that notifies. Raises only `TargetError`s."""

    def send(self, message: Message) -> Sent:
        """Send a message, unless one with its mark was sent before.

        Raises:
            TargetRejectedError: the message or one of its recipients is refused; nobody got it.
            OutcomeUnknownError: the answer was lost; sending it again does not make it two.
            TargetUnreachableError: nobody answers, or the mailbox may not send; nobody got it.

        """

    def close(self) -> None:
        """Let go of connections; calling it again does nothing."""


class OrderSystem(Protocol):
    """The Sistema de Oficios, as far as orders are raised and closed in it. Raises only `TargetError`s."""

    def tell(self, order: Order, what: Telling) -> str | None:
        """Raise or close an order there and return the number that it has there.

        Telling it the same again makes no second order. None: it was taken, and its number comes later (`answers`).

        Raises:
            TargetRejectedError: this order is refused; others may be told.
            OutcomeUnknownError: the answer was lost; telling it again does no harm.
            TargetUnreachableError: nobody answers; nothing more is tried now.

        """

    def answers(self) -> Answers:
        """Return the numbers that came since; they are given again until they are `settle`d.

        Raises:
            TargetUnreachableError: it cannot be looked.

        """

    def settle(self, taken: Collection[Answer], due: Collection[tuple[str, Telling]]) -> None:
        """Take note that answers are on record, and what is due still: nobody needs the rest again.

        Raises:
            TargetUnreachableError: that cannot be noted; they will be given again, which does no harm.

        """

    def close(self) -> None:
        """Let go of connections; calling it again does nothing."""


class Sources(Protocol):
    """The repository of declarations, read through commits named by 40 hex digits."""

    def tree(self, commit: str, prefixes: tuple[str, ...] = ...) -> Sequence[TreeFile]:
        """Return the declarations and cuentas.yaml as the commit has them, or what is under other prefixes."""

    def worktree(self) -> Sequence[TreeFile]:
        """Return the same from the working copy."""

    def first_parent(self, tip: str, since: str | None = None) -> Iterator[CommitChange]:
        """Walk the first-parent line from its root to `tip`, or only what `since` lacks of it."""

    def blobs(self, ids: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Read blobs in the order asked for."""

    def graph(self, tip: str) -> Iterator[Commit]:
        """Walk every commit reachable from `tip`, the merged branches' included."""

    def comparisons(self, pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[FileChange, ...]]:
        """Compare commits, each pair (commit, other) in the order asked for; the other is the old side."""

    def signatures(self, commits: Iterable[str], keyring: Keyring) -> Mapping[str, Signature]:
        """Return how the signature of each commit turned out by some keys.

        Raises:
            ConfigurationError: there is one to verify, and nothing here to do it with.

        """

    def is_shallow(self) -> bool:
        """Whether history was cut off when the repository was cloned."""

    def is_first_parent_ancestor(self, ancestor: str, descendant: str) -> bool:
        """Whether a commit is on another one's first-parent line (itself included)."""


class Forge(Protocol):
    """Where pull requests are.

    Every method raises only `TargetUnreachableError` (nobody answers) or `TargetRejectedError` (it said no).
    """

    def merged_as(self, commit: str) -> PullRequest | None:
        """Return the pull request that was merged as a commit of the main branch; None where it was none."""

    def opinions(self, number: int) -> Sequence[Opinion]:
        """Return the approvals that stand, one at most of each person."""

    def comments(self, number: int) -> Sequence[Comment]:
        """Return what was said on a pull request or an issue, oldest first."""

    def say(self, number: int, body: str, mark: str) -> None:
        """Say something once: our own comment that has the mark is put in order, or a new one is made with it.

        `mark` is a word that the comment carries where nobody sees it.
        """

    def propose(self, branch: str, base: str, title: str, body: str) -> PullRequest:
        """Open a pull request of a branch that is there; the one that is open already is returned as it is."""
