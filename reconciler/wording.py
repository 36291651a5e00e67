"""Which merge approved each template of a letter: pure, over what the repository read of its history.

As with a declared value, only a merge that joined a branch which had changed it approves a text; the grain is the
file, because a letter is read as a whole.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from reconciler.history import CommitChange
from reconciler.lineage import Lineage
from reconciler.review import Unapproved

Content = Callable[[str, str], bytes | None]
"""What a commit has at a path; None for nothing, or for what is no plain file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """Judges templates; `baseline` are commits accepted as the starting point."""

    lineage: Lineage
    content: Content
    baseline: Collection[str] = frozenset()

    def fault(self, line: Iterable[CommitChange]) -> Unapproved | None:
        """Return what is wrong with how any template came to be as it is, or gone as it is; the oldest first.

        `line` is the first-parent line with the files of the templates' folder.
        """
        latest: dict[str, CommitChange] = {}
        for change in line:
            latest.update((file.path, change) for file in change.files)
        found = ((change, self._unreviewed(path, change)) for path, change in latest.items())
        faults = [Unapproved(commit=change.commit, reason=reason) for change, reason in found if reason]
        return min(faults, key=lambda one: self.lineage.position[one.commit], default=None)

    def _unreviewed(self, path: str, change: CommitChange) -> str | None:
        if change.commit in self.baseline or change.is_root:
            return None
        if not change.is_merge:
            return "se empujó sin pasar por una fusión"
        text = self.content(change.commit, path)
        for side in change.parents[1:]:
            bases = self.lineage.bases(change.commit, side)
            changed = all(self.content(base, path) != text for base in bases)
            if side not in bases and changed and self.content(side, path) == text:
                return None
        return "el texto se escribió o volvió al fusionar: la rama revisada no lo cambiaba así"
