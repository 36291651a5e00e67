"""An entry put into the file where it belongs; everything else in it keeps its meaning and its comments."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from reconciler.declaration import tree
from reconciler.declaration.agencies import HEAD, is_part
from reconciler.declaration.canonical import TYPED, rendered, taken_apart
from reconciler.declaration.comments import Comments, key_lines
from reconciler.errors import UsageError
from reconciler.history import ACCOUNTS
from reconciler.model import TreeFile

Value = str | tuple[str, ...] | Mapping[str, str]
"""What a field says: a text, a list of them, or a group of fields."""

_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_PLAIN_FILE = "100644"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry to put: the fields that it gets, and those that it loses. Fields that are not named stay."""

    section: str
    key: str
    fields: Mapping[str, Value]
    gone: tuple[str, ...] = ()


@dataclass(slots=True)
class _Opened:
    """A file taken apart."""

    path: str
    root: tree.Mapping
    comments: Comments
    changed: bool = field(default=False)

    def holds(self, section: str, key: str) -> bool:
        return key in _entries(self.root, section)

    def put(self, entry: Entry) -> None:
        section = self.root.entries.get(entry.section)
        if not isinstance(section, tree.Mapping):
            section = tree.Mapping(0)
            _set(self.root, entry.section, section)
        there = section.entries.get(entry.key)
        if not isinstance(there, tree.Mapping):
            there = tree.Mapping(0)
            _set(section, entry.key, there)
        for name in entry.gone:
            self._take_away(there, name)
        for name, value in entry.fields.items():
            self._put(there, name, value)
        self.changed = True

    def _put(self, mapping: tree.Mapping, name: str, value: Value) -> None:
        old = mapping.entries.get(name)
        if isinstance(value, str):
            _set(mapping, name, tree.Text(value, 0, bare=name in TYPED))
        elif isinstance(value, tuple):
            kept = old.items if isinstance(old, tree.Sequence) else []
            said = {item.value for item in kept if isinstance(item, tree.Text)}
            new: list[tree.Node] = [tree.Text(one, 0, bare=True) for one in value if one not in said]
            _set(mapping, name, tree.Sequence(0, [*kept, *new]))
        else:
            inner = old if isinstance(old, tree.Mapping) else tree.Mapping(0)
            _set(mapping, name, inner)
            for one in [one for one in inner.entries if one not in value]:
                self._take_away(inner, one)
            for one, text in value.items():
                self._put(inner, one, text)

    def _take_away(self, mapping: tree.Mapping, name: str) -> None:
        """Take a field away; its comments go above the next key that stays: they may say why it was there."""
        node = mapping.entries.pop(name, None)
        if node is None:
            return
        line = mapping.keys.pop(name)
        if line in key_lines(self.root):  # it shares its line with a key that stays, and so its comments
            return
        words = [*self.comments.above.pop(line, []), *self._beside(line)]
        if words:
            kept = [one for one in mapping.keys.values() if one]
            place = min((one for one in kept if one > line), default=max(kept, default=0))
            self.comments.above.setdefault(place, []).extend(words) if place else self.comments.last.extend(words)

    def _beside(self, line: int) -> list[str]:
        words = self.comments.beside.pop(line, None)
        return [] if words is None else [words]


def put(
    files: Iterable[TreeFile], siglas: str, entries: Sequence[Entry], part: str | None = None
) -> tuple[TreeFile, ...]:
    """Put entries into the files of an agency and return those that changed, in canonical form.

    An entry that is there stays in its file. A new oficio goes where most oficios are, and a new account where
    `part` says, or where those of its area are, or where the oficios are.

    Raises:
        UsageError: `part` names no part, or the agency has but one file.
        DeclarationError: a file cannot be read.

    """
    opened = [_open(file) for file in files if _siglas(file.path) == siglas and file.data is not None]
    chosen = None if part is None else _part(opened, siglas, part)
    for entry in entries:
        home = next((one for one in opened if one.holds(entry.section, entry.key)), None)
        if home is None:
            home = chosen if entry.section == "cuentas" and chosen else _home(opened, entry)
        home.put(entry)
    return tuple(
        _closed(one) for one in (*opened, *([chosen] if chosen and chosen not in opened else [])) if one.changed
    )


def parts(files: Iterable[TreeFile], siglas: str) -> tuple[str, ...]:
    """Return the names of an agency's parts, without `.yaml`; none where it is a single file."""
    paths = [PurePosixPath(file.path) for file in files if _siglas(file.path) == siglas and is_part(file.path)]
    return tuple(path.stem for path in paths)


def _siglas(path: str) -> str:
    return PurePosixPath(path).parts[1] if is_part(path) else PurePosixPath(path).stem


def _open(file: TreeFile) -> _Opened:
    return _Opened(file.path, *taken_apart(file.data or b"", file.path))


def _closed(one: _Opened) -> TreeFile:
    data = rendered(one.root, one.comments, one.path)
    return TreeFile(one.path, _PLAIN_FILE, len(data), data)


def _part(opened: Sequence[_Opened], siglas: str, name: str) -> _Opened:
    folder = bool(opened) and is_part(opened[0].path)
    if not folder or not _PART.fullmatch(name):
        names = ", ".join(PurePosixPath(one.path).stem for one in opened)
        raise UsageError(
            f"«{name[:64]}» no es una parte de {siglas}." if folder else f"{siglas} está en un solo archivo.",
            remedy=f"Son {names}; una nueva lleva letras, cifras y guiones." if folder else "Quite «--parte».",
        )
    path = f"{ACCOUNTS}/{siglas}/{name}.yaml"
    there = next((one for one in opened if one.path == path), None)
    return there or _Opened(path, tree.Mapping(0), Comments())


def _home(opened: Sequence[_Opened], entry: Entry) -> _Opened:
    """Return the file that a new entry goes to."""
    letters = max(opened, key=lambda one: (len(_entries(one.root, "oficios")), one.path.endswith(HEAD)))
    area = entry.fields.get("area") if entry.section == "cuentas" else None
    if not isinstance(area, str):
        return letters
    areas = [Counter(_areas(one)) for one in opened]
    best = max(range(len(opened)), key=lambda place: areas[place][area.casefold()])
    return opened[best] if areas[best][area.casefold()] else letters


def _areas(one: _Opened) -> list[str]:
    found = []
    for entry in _entries(one.root, "cuentas").values():
        area = entry.entries.get("area") if isinstance(entry, tree.Mapping) else None
        if isinstance(area, tree.Text):
            found.append(area.value.casefold())
    return found


def _entries(root: tree.Mapping, section: str) -> Mapping[str, tree.Node]:
    node = root.entries.get(section)
    return node.entries if isinstance(node, tree.Mapping) else {}


def _set(mapping: tree.Mapping, name: str, node: tree.Node) -> None:
    """Put a node under a name; a name that was there keeps its line, and so its comments."""
    mapping.keys.setdefault(name, 0)
    mapping.entries[name] = node
