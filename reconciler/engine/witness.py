"""What the record, Git and the forge say of merges, each asked when it is needed and only once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from reconciler.config import Aprobacion
from reconciler.engine.ports import Forge, Sources
from reconciler.errors import ConfigurationError, TargetError
from reconciler.events import Event
from reconciler.evidence import Frozen, Reviewed, Silence
from reconciler.signature import Keyring, Signature
from reconciler.testimony import frozen

KEYS = "llaves"
"""The folder of the repository with the OpenPGP keys (`*.asc`) of those who sign."""

_UNASKED = "la bitácora no guarda quién la revisó en la forja, y a la forja no se le pregunta aquí"


def _nobody() -> Sequence[Event]:
    return ()


@dataclass(frozen=True, slots=True)
class Hearsay:
    """Where to hear what Git does not know: the record's events, and the forge (None: it is not asked).

    `why_not` says in Spanish why it is not.
    """

    record: Callable[[], Iterable[Event]] = _nobody
    forge: Callable[[], AbstractContextManager[Forge]] | None = None
    why_not: str = _UNASKED


def keyring(sources: Sources, main: str, keys: Collection[str], approving: Aprobacion) -> Keyring:
    """Return some keys with what it takes to verify by them: revocations, and the OpenPGP keys that `main` has."""
    files = sources.tree(main, (KEYS,))
    armored = [one.data for one in files if one.path.endswith(".asc") and one.data is not None]
    return Keyring.of(keys, approving.llaves_revocadas, armored)


@dataclass(frozen=True)
class Testimony:
    """Witness of merges. `main` is the published main line's tip, whose keys and revocations count."""

    sources: Sources
    main: str
    approving: Aprobacion
    hearsay: Hearsay
    _said: dict[str, Reviewed | Silence | None] = field(default_factory=dict)
    _kept: list[Mapping[str, Frozen]] = field(default_factory=list)

    def frozen(self) -> Mapping[str, Frozen]:
        """Return what the record has of merges, as it was when it was first asked."""
        if not self._kept:
            self._kept.append(frozen(self.hearsay.record()))
        return self._kept[0]

    def signatures(self, merges: Sequence[str], keys: Collection[str]) -> Mapping[str, Signature]:
        """Return how signatures turned out, by these keys and with the main line's revocations.

        Raises:
            ConfigurationError: there is one to verify, and nothing here to do it with.

        """
        return self.sources.signatures(merges, keyring(self.sources, self.main, keys, self.approving))

    def reviews(self, merges: Sequence[str]) -> Mapping[str, Reviewed | Silence]:
        """Return what the forge says of merges; nothing for one that is of no pull request.

        Where it does not answer, the rest is not asked: what nobody vouches for is held.
        """
        missing = [one for one in merges if one not in self._said]
        if missing:
            self._said.update(self._asked(missing))
        return {one: said for one in merges if (said := self._said[one]) is not None}

    def _asked(self, merges: Sequence[str]) -> Mapping[str, Reviewed | Silence | None]:
        found: dict[str, Reviewed | Silence | None] = {}
        if self.hearsay.forge is None:
            return dict.fromkeys(merges, Silence(self.hearsay.why_not))
        try:
            with self.hearsay.forge() as forge:
                for merge in merges:
                    found[merge] = _of_pull_request(forge, merge)
        except TargetError as error:
            silence = Silence(f"hace falta quién la revisó, y la forja no respondió: {_said(error.message)}")
            return dict.fromkeys(merges, silence) | found
        except ConfigurationError as error:
            silence = Silence(
                f"hace falta quién la revisó, y no se pudo preguntar a la forja: {_said(error.message)}"
            )
            return dict.fromkeys(merges, silence) | found
        return found


def _of_pull_request(forge: Forge, merge: str) -> Reviewed | None:
    pull = forge.merged_as(merge)
    if pull is None:
        return None
    return Reviewed(number=pull.number, author=pull.author, opinions=tuple(forge.opinions(pull.number)))


def _said(message: str) -> str:
    return message.rstrip(".")
