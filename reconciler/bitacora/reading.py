"""Reading the branch: its files become one verified chain, and what was verified once is not read again."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from reconciler.bitacora.chain import Chain, verify
from reconciler.bitacora.ports import Branch
from reconciler.errors import RecordError

GENESIS = "bitacora.json"
"""The file that every commit of a bitácora holds and that tells it from any other branch."""

GENESIS_TEXT = b'{"formato":1,"sistema":"cuentas"}\n'

_BLOB = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The record at one commit (None: before the first): its files' blobs and the chain in them."""

    commit: str | None = None
    listing: Mapping[str, str] = field(default_factory=dict)
    chain: Chain = field(default_factory=Chain)

    def next_segment(self, year: int, run: str) -> str:
        """Return the path of the segment that a run would write next."""
        folder = f"eventos/{year:04d}/{run}/"
        numbers = [int(path[len(folder) : -len(".jsonl")]) for path in self.listing if path.startswith(folder)]
        return f"{folder}{max(numbers, default=0) + 1:04d}.jsonl"


class NotARecordError(RecordError):
    """A branch of that name is something else, or its beginning was taken away."""


class Reader:
    """Reads commits of a branch, from scratch or on from the last one that it read without findings."""

    def __init__(self, branch: Branch) -> None:
        self._branch = branch
        self._last = Snapshot()

    def read(self, commit: str | None) -> Snapshot:
        """Return the record at a commit.

        Raises:
            RecordError: anything at all is wrong with it; names the first place, and how many there are.

        """
        snapshot = self.inspect(commit)
        findings = snapshot.chain.findings
        if not findings:
            self._last = snapshot
            return snapshot
        more = f" (y {len(findings) - 1} más)" if len(findings) > 1 else ""
        raise RecordError(
            f"La bitácora no se puede creer: {findings[0]}{more}.",
            remedy="Corra «cuentas audit» y compare la rama con otra copia; no escriba nada más.",
        )

    def inspect(self, commit: str | None) -> Snapshot:
        """Return the record at a commit with all that is wrong with it in its chain's findings.

        Raises:
            RecordError: the branch cannot be read; `NotARecordError` where it was never a bitácora.

        """
        if commit is None:
            return Snapshot()
        if commit == self._last.commit:
            return self._last
        listing = self._branch.listing(commit)
        self._check_genesis(commit, listing)
        known = self._last if self._last.listing.items() <= listing.items() else Snapshot()
        new = {path: blob for path, blob in listing.items() if path not in known.listing and path != GENESIS}
        return Snapshot(commit, listing, verify(self._segments(new), known.chain))

    def _segments(self, listing: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
        paths = [path for path, blob in listing.items() if _BLOB.fullmatch(blob)]
        contents = self._branch.blobs(listing[path] for path in paths)
        for path, (_, data) in zip(paths, contents, strict=True):
            yield path, data
        for path in listing.keys() - paths:  # a link, a submodule, a program: not a segment, whatever its name
            yield f"{path} ({listing[path][:6]})", b""

    def _check_genesis(self, commit: str, listing: Mapping[str, str]) -> None:
        blob = listing.get(GENESIS, "")
        ours = _BLOB.fullmatch(blob) and next(data for _, data in self._branch.blobs([blob])) == GENESIS_TEXT
        if not ours:
            raise NotARecordError(
                f"La rama «{self._branch.name}» ({commit[:10]}) no es una bitácora de cuentas: "
                f"no tiene el archivo {GENESIS} con que empieza toda bitácora.",
                remedy="Si la rama es de otra cosa, cámbiele el nombre; la bitácora se crea sola.",
            )
