"""The canonical form of a file (`cuentas fmt`): sorted, evenly indented, and every comment where it belongs."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from reconciler.declaration import tree
from reconciler.declaration.models import HEADERS, SECTIONS, CuentaYaml, EnlaceYaml, EntregaYaml, OficioYaml
from reconciler.declaration.problems import Problems
from reconciler.declaration.text import decode
from reconciler.declaration.writing import scalar
from reconciler.errors import DeclarationError

_TYPED = frozenset({"fecha", "recibido", "vigencia", "conservar_hasta", "cuota_mb", "existente"})
_ORDER = {
    name: place
    for model in (EnlaceYaml, OficioYaml, CuentaYaml, EntregaYaml)
    for place, name in enumerate(model.model_fields)
}
_TOP = (*HEADERS, *SECTIONS)
_MARK = "# yaml-language-server: "


def canonical(data: bytes, path: str) -> bytes:
    """Return a file in its canonical form: same meaning, same comments, one way to write it.

    A comment on a line of its own goes with the key below it; one at the end of a line stays on its line.

    Raises:
        DeclarationError: the file cannot be read, so that nothing of it could be kept safely.

    """
    problems = Problems()
    text = decode(data, path, problems)
    root = None if text is None else tree.parse(text, path, problems)
    if text is None or root is None or problems.blocks:
        raise DeclarationError(problems.in_order())
    comments = _Comments.of(text, root)
    schema = "parte" if path.count("/") > 1 else "dependencia"
    up = "../" * max(path.count("/"), 1) if path.startswith("accounts/") else "../"
    mark = comments.mark or f"{_MARK}$schema={up}schemas/{schema}.schema.json"
    lines = [mark, *_mapping(root, 0, comments), *comments.last]
    return ("\n".join(lines) + "\n").encode()


@dataclass
class _Comments:
    """Comments by the line of the key they go with; `last` are those below everything."""

    above: dict[int, list[str]] = field(default_factory=dict)
    beside: dict[int, str] = field(default_factory=dict)
    last: list[str] = field(default_factory=list)
    mark: str | None = None

    @classmethod
    def of(cls, text: str, root: tree.Mapping) -> _Comments:
        found = cls()
        keys = sorted(set(_key_lines(root)))
        for line, words, alone in _comments(text):
            if words.startswith(_MARK):
                found.mark = found.mark or words
            elif not alone and line in keys and line not in found.beside:
                found.beside[line] = words
            else:
                place = bisect_left(keys, line)
                below = found.above.setdefault(keys[place], []) if place < len(keys) else found.last
                below.append(words)
        return found


def _key_lines(node: tree.Node) -> Iterator[int]:
    if isinstance(node, tree.Mapping):
        for key, value in node.entries.items():
            yield node.keys[key]
            yield from _key_lines(value)


def _comments(text: str) -> Iterator[tuple[int, str, bool]]:
    """Yield (line, comment, alone on its line): what lies between YAML's tokens and starts with a hash."""
    lines = text.replace("\r\n", "\n").split("\n")
    ends: dict[int, int] = {}
    inside: set[int] = set()
    for token in yaml.scan(text, Loader=yaml.CSafeLoader):
        start, end = token.start_mark, token.end_mark
        if isinstance(token, yaml.ScalarToken):
            inside.update(range(start.line, end.line))
            ends[end.line] = max(ends.get(end.line, 0), end.column)
        elif start.line == end.line and end.column > start.column:
            ends[end.line] = max(ends.get(end.line, 0), end.column)
    for number, line in enumerate(lines):
        start = line.find("#", ends.get(number, 0))
        if number not in inside and start >= 0:
            yield number + 1, line[start:].rstrip(), not line[:start].strip()


def _mapping(node: tree.Mapping, depth: int, comments: _Comments) -> Iterator[str]:
    for key in sorted(node.entries, key=lambda name: _place(name, depth)):
        value = node.entries[key]
        line = node.keys[key]
        indent = "  " * depth
        beside = f"  {comments.beside[line]}" if line in comments.beside else ""
        for words in comments.above.get(line, ()):
            yield indent + words
        name = scalar(key, typed=depth != 1)
        if isinstance(value, tree.Text):
            bare = key in _TYPED and value.bare
            yield f"{indent}{name}: {scalar(value.value, typed=bare)}{beside}"
        elif _is_empty(value):
            yield f"{indent}{name}: {'[]' if isinstance(value, tree.Sequence) else '{}'}{beside}"
        else:
            yield f"{indent}{name}:{beside}"
            yield from _nested(value, depth + 1, comments)


def _nested(value: tree.Node, depth: int, comments: _Comments) -> Iterator[str]:
    if isinstance(value, tree.Mapping):
        yield from _mapping(value, depth, comments)
    elif isinstance(value, tree.Sequence):
        for item in value.items:
            if isinstance(item, tree.Text):
                yield f"{'  ' * depth}- {scalar(item.value)}"
            else:
                raise TypeError("una lista dentro de otra no es parte de una declaración")


def _is_empty(value: tree.Node) -> bool:
    return not (
        value.entries if isinstance(value, tree.Mapping) else isinstance(value, tree.Sequence) and value.items
    )


def _place(name: str, depth: int) -> tuple[int, str]:
    """Return where a key goes: headers and sections in their order, entries by name, fields as in the models."""
    if depth == 0:
        return (_TOP.index(name) if name in _TOP else len(_TOP), name)
    if depth == 1:
        return (0, name)
    return (_ORDER.get(name, len(_ORDER)), name)
