"""The comments of a file, each with the key or list item that it goes with."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from reconciler.declaration import tree

MARK = "# yaml-language-server: "
"""How the comment starts that tells editors a file's schema."""


@dataclass
class Comments:
    """Comments by the line of the key or list item they go with; `last` are those below everything."""

    above: dict[int, list[str]] = field(default_factory=dict)
    beside: dict[int, str] = field(default_factory=dict)
    last: list[str] = field(default_factory=list)
    mark: str | None = None

    @classmethod
    def of(cls, text: str, root: tree.Mapping) -> Comments:
        """Return the comments of a text that was parsed into `root`."""
        found = cls()
        keys = sorted(set(key_lines(root)))
        for line, words, alone in _comments(text):
            if words.startswith(MARK):
                found.mark = found.mark or words
            elif alone or not keys or line < keys[0]:
                place = bisect_left(keys, line)
                below = found.above.setdefault(keys[place], []) if place < len(keys) else found.last
                below.append(words)
            elif (own := keys[bisect_right(keys, line) - 1]) not in found.beside:
                found.beside[own] = words
            else:
                found.above.setdefault(own, []).append(words)
        return found

    def take_above(self, line: int) -> list[str]:
        """Return the comments above a line, once: several items of a list may share it."""
        return self.above.pop(line, [])

    def take_beside(self, line: int) -> str:
        """Return the comment at the end of a line, once."""
        return f"  {self.beside.pop(line)}" if line in self.beside else ""


def key_lines(node: tree.Node) -> Iterator[int]:
    """Yield the line of every key and list item."""
    if isinstance(node, tree.Mapping):
        for key, value in node.entries.items():
            yield node.keys[key]
            yield from key_lines(value)
    elif isinstance(node, tree.Sequence):
        yield from (item.line for item in node.items)


def _comments(text: str) -> Iterator[tuple[int, str, bool]]:
    """Yield (line, comment, alone on its line): what lies between YAML's tokens and starts with a hash."""
    lines = text.replace("\r\n", "\n").split("\n")
    ends: dict[int, int] = {}
    inside: set[int] = set()
    for token in yaml.scan(text, Loader=yaml.CSafeLoader):
        start, end = token.start_mark, token.end_mark
        if isinstance(token, yaml.ScalarToken) and token.style in {"|", ">"}:
            unended = end.column > 0  # the file ends in it, without a line end
            inside.update(range(start.line + 1, end.line + unended))
            ends[start.line] = start.column + 1
        elif isinstance(token, yaml.ScalarToken):
            inside.update(range(start.line, end.line))
            ends[end.line] = max(ends.get(end.line, 0), end.column)
        elif start.line == end.line and end.column > start.column:
            ends[end.line] = max(ends.get(end.line, 0), end.column)
    for number, line in enumerate(lines):
        start = line.find("#", ends.get(number, 0))
        if number not in inside and start >= 0:
            yield number + 1, line[start:].rstrip(), not line[:start].strip()
