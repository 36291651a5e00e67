"""Git, behind one door: the declarations' history for reading and a branch for the record."""

from reconciler.repository.anchors import HOW_TO_SIGN, Anchors
from reconciler.repository.branch import GitBranch
from reconciler.repository.door import GitFailedError
from reconciler.repository.making import check_out, fast_import, init, merge, printed
from reconciler.repository.repository import DECLARED, SIZE_LIMIT, Repository
from reconciler.repository.topic import Person, Proposed, TopicBranch
from reconciler.repository.worktree import read_files

__all__ = [
    "DECLARED",
    "HOW_TO_SIGN",
    "SIZE_LIMIT",
    "Anchors",
    "GitBranch",
    "GitFailedError",
    "Person",
    "Proposed",
    "Repository",
    "TopicBranch",
    "check_out",
    "fast_import",
    "init",
    "merge",
    "printed",
    "read_files",
]
