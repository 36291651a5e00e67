"""The hash chain, pure: events as canonical lines, each holding the digest of the line before it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from reconciler.events import Event, EventKind
from reconciler.model import AccountKey

NOTHING = "0" * 64
"""What the first line holds for the digest of the line before it."""

SEGMENT = re.compile(r"eventos/[0-9]{4}/([A-Za-z0-9][A-Za-z0-9-]{0,63})/[0-9]{4,}\.jsonl")

_FIELDS = frozenset(("id", "kind", "at", "run", "key", "data"))
_LINKED = _FIELDS | {"n", "prev"}
_KINDS = {kind.value: kind for kind in EventKind}
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))


class MalformedLineError(ValueError):
    """A line is not one that this program writes; the text says why, in Spanish."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An event and the name that makes it unique for ever: `<run>/<counter>`."""

    id: str
    event: Event


@dataclass(frozen=True, slots=True)
class Tail:
    """Where a chain ends: how many lines it has and the digest of the last one."""

    n: int = 0
    digest: str = NOTHING


@dataclass(frozen=True, slots=True)
class Link:
    """An entry in its place: its number from 1 and the digest of its line."""

    n: int
    digest: str
    entry: Entry


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing wrong in a record: where (file and line, commit or branch), its code and what it is."""

    place: str
    code: str
    message: str

    def __str__(self) -> str:
        """Return what a person reads: whoever writes to the branch does not write to the terminal."""
        text = f"{self.place}: {self.message}"
        return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in text)


@dataclass(frozen=True, slots=True)
class Chain:
    """Lines in order and what is wrong with them; to be trusted only where `findings` is empty."""

    links: tuple[Link, ...] = ()
    findings: tuple[Finding, ...] = ()
    by_id: Mapping[str, Link] = field(default_factory=dict, repr=False)

    @property
    def tail(self) -> Tail:
        """Where it ends."""
        return Tail(self.links[-1].n, self.links[-1].digest) if self.links else Tail()

    def holds(self, tail: Tail) -> bool:
        """Whether a chain that ended there may have grown into this one, nothing cut off or rewritten."""
        return tail.n == 0 or (tail.n <= len(self.links) and self.links[tail.n - 1].digest == tail.digest)


def moment(at: datetime) -> str:
    """Write an aware moment as the record does: UTC, microseconds, Z."""
    if at.tzinfo is None:
        raise ValueError("a moment on record must be aware")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def read_moment(text: object) -> datetime:
    """Read what `moment` wrote; raises MalformedLineError for any other spelling."""
    try:
        at = datetime.fromisoformat(str(text))
        if at.tzinfo is not None and moment(at) == text:
            return at
    except (ValueError, OverflowError):
        pass
    raise MalformedLineError("la fecha no es UTC con microsegundos")


def encode(entry: Entry) -> bytes:
    """Return an entry as a canonical line without its end: sorted keys, no spaces, UTF-8.

    Raises:
        ValueError, TypeError: its data are no JSON values.

    """
    return _ENCODER.encode(_payload(entry)).encode()


def link(entries: Iterable[Entry], after: Tail) -> Iterator[tuple[bytes, Link]]:
    """Chain entries after a tail, and yield each one's line (without its end) and place."""
    n, digest = after.n, after.digest
    for entry in entries:
        n += 1
        line = _ENCODER.encode({**_payload(entry), "n": n, "prev": digest}).encode()
        digest = sha256(line).hexdigest()
        yield line, Link(n, digest, entry)


def decode(line: bytes) -> Entry:
    """Read a line that `encode` wrote; raises MalformedLineError for any other."""
    return _entry(_canonical(line, _FIELDS))


def verify(segments: Iterable[tuple[str, bytes]], after: Chain | None = None) -> Chain:
    """Read segment files, whatever their order, into the chain that they make, with all that is wrong.

    `after` is a chain already verified that these segments go on from; its findings are kept.
    """
    before = after or Chain()
    findings = list(before.findings)
    lines = sorted(_lines(segments, findings), key=lambda line: line.n)
    links, by_id, tail = list(before.links), dict(before.by_id), before.tail
    for line in lines:
        if line.n <= tail.n:
            findings.append(_again(line, links))
            continue
        if line.n > tail.n + 1:
            gap = f"faltan las líneas {tail.n + 1} a {line.n - 1} de la cadena"
            findings.append(Finding(line.place, "hueco", gap))
        elif line.prev != tail.digest:
            broken = f"la línea {line.n} no enlaza con la {tail.n}: una de las dos fue alterada"
            findings.append(Finding(line.place, "enlace_roto", broken))
        if line.entry.id in by_id:
            findings.append(Finding(line.place, "repetido", f"el hecho {line.entry.id} ya estaba en la cadena"))
        tail = Tail(line.n, line.digest)
        links.append(Link(line.n, line.digest, line.entry))
        by_id[line.entry.id] = links[-1]
    return Chain(tuple(links), tuple(findings), by_id)


@dataclass(frozen=True, slots=True)
class _Line:
    n: int
    prev: str
    digest: str
    entry: Entry
    place: str


def _lines(segments: Iterable[tuple[str, bytes]], findings: list[Finding]) -> Iterator[_Line]:
    for path, data in segments:
        matched = SEGMENT.fullmatch(path)
        if matched is None:
            findings.append(Finding(path, "ajeno", "no es un archivo de la bitácora"))
            continue
        if not data.endswith(b"\n"):
            findings.append(Finding(path, "incompleto", "no termina en fin de línea: está vacío o fue cortado"))
        last = 0
        for number, raw in enumerate(data.removesuffix(b"\n").split(b"\n"), start=1):
            place = f"{path}:{number}"
            try:
                line = _linked(raw, matched[1], place)
            except MalformedLineError as error:
                findings.append(Finding(place, "ilegible", str(error)))
                continue
            if line.n <= last:
                findings.append(Finding(place, "desorden", f"la línea {line.n} va después de la {last}"))
            last = line.n
            yield line


def _linked(raw: bytes, run: str, place: str) -> _Line:
    payload = _canonical(raw, _LINKED)
    n, prev, entry = payload["n"], payload["prev"], _entry(payload)
    if type(n) is not int or n < 1 or not isinstance(prev, str):
        raise MalformedLineError("su número o su enlace no son válidos")
    if not entry.id.startswith(run + "/"):
        raise MalformedLineError(f"el hecho {entry.id} no es de la corrida {run}")
    return _Line(n, prev, sha256(raw).hexdigest(), entry, place)


def _again(line: _Line, links: list[Link]) -> Finding:
    if line.n <= len(links) and links[line.n - 1].digest == line.digest:
        return Finding(line.place, "duplicada", f"la línea {line.n} de la cadena está dos veces")
    return Finding(line.place, "bifurcacion", f"hay dos líneas {line.n} distintas en la cadena")


def _canonical(line: bytes, fields: frozenset[str]) -> dict[str, Any]:
    try:
        text = line.decode()
        payload = json.loads(text)
        same = _ENCODER.encode(payload) == text
    except (ValueError, RecursionError):
        raise MalformedLineError("no es JSON en UTF-8") from None
    if not same:
        raise MalformedLineError("no está escrita en la forma canónica")
    if not isinstance(payload, dict) or payload.keys() != fields:
        raise MalformedLineError("no tiene los campos de un hecho")
    return payload


def _entry(payload: dict[str, Any]) -> Entry:
    name, at, run, key, data = (payload[field] for field in ("id", "at", "run", "key", "data"))
    kind = _KINDS.get(payload["kind"]) if isinstance(payload["kind"], str) else None
    if kind is None:
        raise MalformedLineError(f"el hecho «{payload['kind']}» no se conoce: actualice cuentas")
    if not (isinstance(name, str) and isinstance(run, str) and isinstance(data, dict)):
        raise MalformedLineError("un campo no es de su tipo")
    if not (key is None or isinstance(key, str)):
        raise MalformedLineError("la cuenta no es un texto")
    account = None if key is None else AccountKey(key)
    return Entry(name, Event(kind=kind, at=read_moment(at), run=run, key=account, data=data))


def _payload(entry: Entry) -> dict[str, object]:
    event = entry.event
    return {
        "id": entry.id,
        "kind": event.kind.value,
        "at": moment(event.at),
        "run": event.run,
        "key": event.key,
        "data": dict(event.data),
    }
