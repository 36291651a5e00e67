"""What a pull request is about: declarations, configuration or code, and never two of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from reconciler.config import Config
from reconciler.errors import Problem
from reconciler.history import ACCOUNTS, FileChange
from reconciler.model import Siglas
from reconciler.pull.proposal import PULL_REQUEST
from reconciler.trail import CONFIG, siglas_of

KEYS = "llaves"
"""The folder of public keys that are configuration."""

_BESIDE = frozenset({"README.md", ".gitkeep"})
"""What may stand under accounts/ beside declarations; it declares nothing."""
_PLAIN = "100644"
_NOTHING = "000000"
_IMAGES = frozenset({".png", ".jpg", ".jpeg"})
_SHOWN = 3


class Kind(StrEnum):
    """What a path belongs to, in the words that people read."""

    DATA = "declaración"
    CONFIG = "configuración"
    CODE = "código"


@dataclass(frozen=True, slots=True)
class Scope:
    """How paths are told apart: by the base's configuration; `logos` are the images that documents may carry."""

    templates: str
    logos: frozenset[str]

    def kind(self, path: str) -> Kind:
        """Return what a path belongs to; whatever looks like accounts/ or cuentas.yaml in other letters counts."""
        first, _, rest = path.partition("/")
        if first.casefold() == ACCOUNTS and not (first == ACCOUNTS and PurePosixPath(rest).name in _BESIDE):
            return Kind.DATA
        settings = path.casefold() == CONFIG or path in self.logos or first.casefold() == KEYS
        return Kind.CONFIG if settings or _is_in(path, self.templates) else Kind.CODE

    def kinds(self, changes: Iterable[FileChange]) -> frozenset[Kind]:
        """Return everything that some changes are about."""
        return frozenset(self.kind(one.path) for one in changes)

    def agencies(self, changes: Iterable[FileChange]) -> tuple[Siglas, ...]:
        """Return the agencies whose files some changes touch, sorted."""
        return tuple(sorted({siglas_of(one.path) for one in changes if self.kind(one.path) is Kind.DATA}))


def scope_of(base: Config, proposed: Config | None) -> Scope:
    """Return how paths are told apart; of what is proposed only a logo is believed, and only an image."""
    logos = {one.documentos.logotipo for one in (base, proposed) if one} - {None}
    images = frozenset(str(one) for one in logos if PurePosixPath(str(one)).suffix.lower() in _IMAGES)
    return Scope(base.plantillas, images)


def scope_problems(scope: Scope, changes: tuple[FileChange, ...]) -> tuple[Problem, ...]:
    """Return what keeps a pull request from being of one kind, and what is no declaration under accounts/."""
    found = [problem for one in changes for problem in _of_file(scope, one)]
    kinds = scope.kinds(changes)
    if len(kinds) > 1:
        parts = "; ".join(f"{kind}: {_some(scope, kind, changes)}" for kind in Kind if kind in kinds)
        words = f"El pull request mezcla {' y '.join(kind for kind in Kind if kind in kinds)} ({parts})."
        remedy = "Sepárelo en uno por cada cosa: cada una la revisa otra persona."
        found.append(Problem(PULL_REQUEST, 0, "mezcla", words, remedy))
    return tuple(sorted(found))


def _of_file(scope: Scope, one: FileChange) -> Iterator[Problem]:
    if scope.kind(one.path) is Kind.CODE or one.new_mode == _NOTHING:
        return
    if one.new_mode != _PLAIN:
        what = {"120000": "un enlace simbólico", "160000": "un submódulo", "100755": "un programa (ejecutable)"}
        yield Problem(
            one.path,
            0,
            "no-es-archivo",
            f"Aquí solo van archivos comunes, y éste es {what.get(one.new_mode, 'otra cosa')}.",
            "Ponga un archivo común; si es su permiso, quíteselo con «git update-index --chmod=-x».",
        )
    elif scope.kind(one.path) is Kind.DATA and not _declares(one.path):
        yield Problem(
            one.path,
            0,
            "archivo-ajeno",
            "En accounts/ solo va SIGLAS.yaml o SIGLAS/PARTE.yaml.",
            "Quite el archivo, o corrija su nombre o su carpeta.",
        )
    elif one.path.casefold() == CONFIG and one.path != CONFIG:
        words, remedy = f"«{one.path}» se confunde con {CONFIG}.", f"Cambie {CONFIG}, o dé otro nombre al archivo."
        yield Problem(one.path, 0, "archivo-ajeno", words, remedy)


def _declares(path: str) -> bool:
    parts = PurePosixPath(path)
    return parts.parts[0] == ACCOUNTS and len(parts.parts) in {2, 3} and parts.suffix == ".yaml"


def _is_in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder}/")


def _some(scope: Scope, kind: Kind, changes: Iterable[FileChange]) -> str:
    paths = [one.path for one in changes if scope.kind(one.path) is kind]
    rest = len(paths) - _SHOWN
    return ", ".join(f"«{path[:80]}»" for path in paths[:_SHOWN]) + (f" y {rest} más" if rest > 0 else "")
