"""Random first-parent lines: people move, come twice, are renamed and removed, and files go bad and are mended."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha1

from hypothesis import strategies as st

from reconciler.history import CommitChange, FileChange
from reconciler.trail import Entries

PATHS = ("accounts/SAF.yaml", "accounts/SEBIDES.yaml", "accounts/SEPyC/uno.yaml", "cuentas.yaml", "README.md")
KEYS = ("ana", "beto", "caro", "dino")
BROKEN = "roto"
AUTHORS = ("Dirección <d@b.mx>", "Rosa Íñiguez <r@b.mx>", "Laura <l@b.mx>")

entry = st.fixed_dictionaries(
    {"alta": st.sampled_from(["SAF/1/2026", "SAF/2/2026", "saf-3-2026"])},
    optional={
        "baja": st.sampled_from(["SAF/8/2026", "SAF/9/2026"]),
        "cambio": st.just("SAF/7/2026"),
        "renombra": st.sampled_from(KEYS),
        "nombre": st.sampled_from(["Ñ", "\udcff", ""]),
    },
)
content = st.dictionaries(st.sampled_from(KEYS), entry, max_size=3) | st.just(BROKEN) | st.none()
step = st.tuples(
    st.dictionaries(st.sampled_from(PATHS), content, max_size=3), st.booleans(), st.sampled_from(AUTHORS)
)


@dataclass
class Lines:
    """A repository as the index asks it, with lines of commits by name; counts the versions that were read."""

    tips: dict[str, tuple[CommitChange, ...]] = field(default_factory=dict)
    blobs: dict[str, object] = field(default_factory=dict)
    read: int = 0

    def grown(self, before: Sequence[CommitChange], steps: Sequence[tuple[Mapping[str, object], bool, str]]) -> str:
        """Add commits to a line and return the name of the last one."""
        line = list(before)
        files = self._files(line)
        for contents, merge, author in steps:
            changes = [one for path, value in contents.items() if (one := self._change(files, path, value))]
            line.append(self._commit(line, changes, merge, author))
            self.tips[line[-1].commit] = tuple(line)
        return line[-1].commit

    def _files(self, line: Sequence[CommitChange]) -> dict[str, str | None]:
        return {file.path: file.new_blob for one in line for file in one.files}

    def _change(self, files: dict[str, str | None], path: str, value: object) -> FileChange | None:
        new = None if value is None else sha1(json.dumps(value).encode(), usedforsecurity=False).hexdigest()
        old = files.get(path)
        if old == new:
            return None
        if new:
            self.blobs[new] = value
        files[path] = new
        return FileChange(path, "100644" if old else "000000", "100644" if new else "000000", old, new)

    def _commit(
        self, line: Sequence[CommitChange], changes: Sequence[FileChange], merge: bool, author: str
    ) -> CommitChange:
        before = [line[-1].commit] if line else []
        name = sha1(repr((before, changes, merge, author)).encode(), usedforsecurity=False).hexdigest()
        return CommitChange(
            commit=name,
            parents=(*before, *([f"{name[:39]}x"] if merge and before else [])),
            author=author,
            committer="forja <f@b.mx>",
            at=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=13 * len(line)),
            subject=f"Cambio {len(line)}",
            body="",
            files=tuple(changes),
        )

    # --- as the index asks --------------------------------------------------------------------------------------

    def commits(self, tip: str, since: str | None) -> Sequence[CommitChange] | None:
        """Return what a line has and another one lacks."""
        if since is not None and since not in self.tips:
            return None
        known = {one.commit for one in self.tips[since]} if since else set()
        return [one for one in self.tips[tip] if one.commit not in known]

    def reader(self, commits: Sequence[CommitChange]) -> Callable[[str], Entries]:
        """Return what reads a version."""
        del commits
        return self.entries

    def entries(self, blob: str) -> Entries:
        """Read a version: whom it declares, and an oficio."""
        self.read += 1
        value = self.blobs[blob]
        if not isinstance(value, dict):
            raise ValueError("no se puede leer")  # noqa: TRY004 -- what a reader promises
        return {("oficios", "SAF/1/2026"): {"fecha": "2026-01-01"}} | {
            ("cuentas", key): fields for key, fields in value.items()
        }

    def authors(self, commits: Sequence[str]) -> Mapping[str, str]:
        """Return who wrote what was merged; of one in three nobody knows."""
        return {one: f"Enlace {one[:4]} <e@b.mx>" for one in commits if int(one[0], 16) % 3}
