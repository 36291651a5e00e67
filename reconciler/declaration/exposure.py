"""Personal data anywhere in what a branch brings into Git: what enters it does not leave it, whoever removes it.

Names of files, messages of commits and every version of every file are looked at. An author's own name and address
are Git's, and so are those of trailers (`Co-authored-by`): who proposes must be known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from reconciler.declaration import tree
from reconciler.declaration.personal import DIGESTS, NUMBERS, forbidden, private_address, written
from reconciler.declaration.problems import Problems
from reconciler.declaration.text import MAX_BYTES
from reconciler.errors import Problem
from reconciler.history import CommitChange, FileChange
from reconciler.trail import CONFIG, declares

_KEYS = DIGESTS | {"llaves", "llaves_forja", "llaves_ancla", "llaves_revocadas", "destinatario", "plan", "linea_base"}
_OF_OTHERS = frozenset({"correo", "correos", "remitente", "usuario", "canario", "protegidas", "raiz", "base"})
"""Settings whose addresses are accounts of machines, or how a forge names people."""
_TOKEN = re.compile(r"[A-Za-z0-9+/=]{40,}")
"""Keys and digests: digits enough for anything, and nobody's."""
_TRAILER = re.compile(r"[A-Za-z][A-Za-z-]*-by: [^<>]*<[^<>]*>\s*")
_OFICIO = re.compile(r"(?:Oficio|alta|baja|cambio)\s*:", re.IGNORECASE)
_ENTRY = re.compile(r"\s*[^\s:][^:]*:\s*(?:#.*)?")
_REWRITE = (
    "Lo que entra a Git ya no sale: rehaga la rama sin ese commit («git rebase -i», «git push --force-with-lease») "
    "y, si ya se había empujado, avise a quien administra el repositorio."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What a branch brings: its commits, the files of theirs that are looked at, and the content of each by blob.

    `base` are the contents that the main line has already, by path: what they say is no news. `head` is the blob that
    the last commit leaves at each path: what a declaration says there is judged with its line elsewhere. `pictures`
    are the paths where something that is no text may be, and `domains` the institution's own.
    """

    commits: Sequence[CommitChange]
    files: Sequence[tuple[CommitChange, FileChange]]
    contents: Mapping[str, bytes]
    base: Mapping[str, bytes]
    head: Mapping[str, str]
    pictures: frozenset[str]
    domains: tuple[str, ...]


def exposed(brought: Brought) -> tuple[Problem, ...]:
    """Return everything in what a branch brings that has no place in Git, once for each text that says it."""
    found = [problem for commit in brought.commits for problem in _of_commit(commit, brought.domains)]
    said = {value for path, data in brought.base.items() for _, value, _ in _telling(path, data, brought.domains)}
    looked: set[tuple[str, str]] = set()
    for commit, file in brought.files:
        blob = file.new_blob
        if blob is None or (file.path, blob) in looked:
            continue
        looked.add((file.path, blob))
        found += _of_name(commit, file.path, brought.domains)
        if brought.head.get(file.path) == blob and declares(file.path) and file.path != CONFIG:
            continue
        found += _of_content(commit, file.path, blob, brought, said)
    return tuple(sorted(set(found)))


def _of_commit(commit: CommitChange, domains: tuple[str, ...]) -> Iterator[Problem]:
    for line in (commit.subject, *commit.body.split("\n")):
        reason = forbidden(line, number=bool(_OFICIO.match(line)))
        if reason is None and not _TRAILER.fullmatch(line):
            reason = _foreign(line, domains)
        if reason:
            words = f"El mensaje del commit {commit.commit[:10]} {reason}."
            yield Problem(f"(commit {commit.commit[:10]})", 0, "dato-personal-en-commit", words, _REWRITE)
            return


def _of_name(commit: CommitChange, path: str, domains: tuple[str, ...]) -> Iterator[Problem]:
    reason = forbidden(path) or _foreign(path, domains)
    if reason:
        words = f"El nombre de un archivo del commit {commit.commit[:10]} {reason}."
        yield Problem(f"(commit {commit.commit[:10]})", 0, "dato-personal-en-commit", words, _REWRITE)


def _of_content(commit: CommitChange, path: str, blob: str, brought: Brought, said: set[str]) -> Iterator[Problem]:
    """Yield what one version of a file brings; nothing of it is quoted: a pull request's checks are read by many."""
    data = brought.contents.get(blob)
    current = brought.head.get(path) == blob
    if data is None or (b"\0" in data and path not in brought.pictures):
        what = "pasa de 1 MiB" if data is None else "no es texto"
        words = f"En el commit {commit.commit[:10]}, el archivo {what}: no se puede revisar lo que lleva."
        yield Problem(_place(path), 0, "no-revisable", words, f"Quítelo. {_REWRITE}")
        return
    if path in brought.pictures:
        return
    for line, value, reason in _telling(path, data, brought.domains):
        if value in said:
            continue
        if current:
            yield Problem(_place(path), line, "dato-personal", f"El renglón {reason}.", f"Quítelo. {_REWRITE}")
        else:
            words = f"El commit {commit.commit[:10]} lleva en el renglón {line} de este archivo algo que {reason}."
            yield Problem(_place(path), 0, "dato-personal-en-commit", words, _REWRITE)


def _telling(path: str, data: bytes, domains: tuple[str, ...]) -> Iterator[tuple[int, str, str]]:
    """Yield the line, the text and the reason of everything in a file that seems to be somebody's own."""
    text = data.decode("utf-8", "replace")
    root = tree.parse(text, path, Problems()) if declares(path) and len(data) <= MAX_BYTES else None
    parts: Iterable[tuple[str, str, int]] = (
        _lines(text) if root is None else written(root, text)
    )  # a file that cannot be parsed is looked at line by line
    others = _OF_OTHERS if path == CONFIG else frozenset()
    is_keys = PurePosixPath(path).parts[0] == "llaves"
    for name, value, line in parts:
        plain = "" if name in _KEYS else _TOKEN.sub(" ", value)
        reason = forbidden(plain, number=name in NUMBERS or name == "oficio")
        if reason is None and not is_keys and name not in others | {"llaves"}:
            reason = _foreign(value, domains)
        if reason:
            yield line, value, reason


def _lines(text: str) -> Iterator[tuple[str, str, int]]:
    for number, line in enumerate(text.split("\n"), start=1):
        oficio = _OFICIO.match(line.strip()) or _ENTRY.fullmatch(line)
        yield "alta" if oficio else "", line, number


def _foreign(text: str, domains: tuple[str, ...]) -> str | None:
    return f"lleva un correo ajeno; aquí van los de {', '.join(domains)}" if private_address(text, domains) else None


def _place(path: str) -> str:
    """Return a path as a problem's place: none that a log would take for something else."""
    return f"./{path}" if path.startswith((":", "#", "(")) else path
