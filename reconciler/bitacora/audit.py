"""The audit of the record itself: everything wrong with it as values, and where it ends."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reconciler.bitacora.anchor import Anchor, UnreadableAnchorError
from reconciler.bitacora.chain import Chain, Finding, Link
from reconciler.bitacora.ports import Branch
from reconciler.bitacora.reading import NotARecordError, Reader
from reconciler.errors import RecordError
from reconciler.events import EventKind


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found: nothing wrong where `findings` is empty.

    `commit`, `count` and `digest` say where the chain ends. A chain tells edits, not a tail cut off: write
    these down elsewhere (a signed tag, a printed report) and compare. `links` are its lines, to find one on paper.
    """

    commit: str | None
    count: int
    digest: str
    findings: tuple[Finding, ...]
    links: tuple[Link, ...] = ()

    def line(self, head: str) -> Link | None:
        """Return the line with that digest, or whose digest begins so; None where there is none, or several."""
        found = [one for one in self.links if one.digest.startswith(head)]
        return found[0] if len(found) == 1 else None

    def sheets_after(self, line: Link) -> tuple[str, ...]:
        """Return the folios of the sheets that name a line: its own run sealed them once it was the last one."""
        return tuple(
            str(event.data["folio"])
            for event in (one.entry.event for one in self.links[line.n :])
            if event.kind is EventKind.SHEET_SEALED and event.run == line.entry.event.run and "folio" in event.data
        )


def audit_chain(branch: Branch, directory: Path) -> Audit:
    """Verify the record as the last fetch left it: chain, files' history, and this copy against the remote.

    Raises:
        RecordError: git cannot read the branch at all.

    """
    local, remote = branch.head(), branch.remote_head()
    findings = list(_divergence(branch, local, remote))
    published = remote if branch.remote else local
    tip = published or local
    try:
        chain = Reader(branch).inspect(tip).chain
    except NotARecordError as error:
        return Audit(tip, 0, "", (*findings, Finding(branch.name, "no_es_bitacora", error.message)))
    findings += chain.findings
    try:
        Anchor(directory, branch.remote).check(chain if tip == published else Chain())
    except RecordError as error:
        code = "ancla_ilegible" if isinstance(error, UnreadableAnchorError) else "recortada"
        findings.append(Finding(branch.name, code, error.message))
    if tip is not None:
        findings += _rewritten_files(branch, tip)
    return Audit(tip, chain.tail.n, chain.tail.digest, tuple(findings), chain.links)


def _divergence(branch: Branch, local: str | None, remote: str | None) -> Iterator[Finding]:
    if branch.remote is None or local == remote:
        return
    place = f"{branch.remote}/{branch.name}"
    if remote is None:
        yield Finding(place, "sin_publicar", "la rama no está en el remoto: todo consta solo en esta copia")
    elif local is None or branch.is_ancestor(local, remote):
        return
    elif branch.is_ancestor(remote, local):
        yield Finding(place, "sin_publicar", "esta copia tiene commits que el remoto no tiene todavía")
    else:
        yield Finding(place, "divergente", "esta copia y el remoto tienen cada uno commits que el otro no")


def _rewritten_files(branch: Branch, tip: str) -> Iterator[Finding]:
    """Yield a finding for every file that a commit changed or took away, and for every merge."""
    for change in branch.history(tip):
        place = change.commit[:10]
        if change.is_merge:
            yield Finding(place, "mezcla", "el commit mezcla dos historias; la bitácora es una sola línea")
        for file in change.files:
            if file.old_blob is not None:
                verb = "modifica" if file.new_blob else "borra"
                yield Finding(place, "archivo_alterado", f"el commit {verb} {file.path}, que no debía cambiar")
