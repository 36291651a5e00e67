"""The canonical form of a file (`cuentas fmt`): sorted, evenly indented, and every comment where it belongs."""

from __future__ import annotations

from collections.abc import Iterator

from reconciler.declaration import tree
from reconciler.declaration.agencies import is_part
from reconciler.declaration.comments import MARK, Comments
from reconciler.declaration.models import HEADERS, SECTIONS, EntregaYaml
from reconciler.declaration.problems import Problems
from reconciler.declaration.text import decode
from reconciler.declaration.writing import scalar
from reconciler.errors import DeclarationError
from reconciler.model import Source

TYPED = frozenset({"fecha", "recibido", "vigencia", "conservar_hasta", "cuota_mb", "existente"})
"""Fields whose values are written bare: they are no texts."""
_TOP = (*HEADERS, *SECTIONS)
_OF_A_FILE, _OF_A_PART = "schemas/dependencia.schema.json", "schemas/parte.schema.json"


def canonical(data: bytes, path: str) -> bytes:
    """Return a file in its canonical form: same meaning, same comments, one way to write it.

    A comment on a line of its own goes with the key below it; one at the end of a line stays on its line.

    Raises:
        DeclarationError: the file cannot be read, so that nothing of it could be kept safely.

    """
    return rendered(*taken_apart(data, path), path)


def taken_apart(data: bytes, path: str) -> tuple[tree.Mapping, Comments]:
    """Return what a file says and its comments, each by the line of its key; raises as `canonical` does."""
    problems = Problems()
    text = decode(data, path, problems)
    root = None if text is None else tree.parse(text, path, problems)
    if root is not None:
        _refuse_nested_lists(root, path, problems)
    if text is None or root is None or problems.blocks:
        raise DeclarationError(problems.in_order())
    return root, Comments.of(text, root)


def rendered(root: tree.Mapping, comments: Comments, path: str) -> bytes:
    """Return a file in its canonical form; what has line 0 was not in it before and has no comments."""
    lines = [_mark(path, comments.mark), *_mapping(root, (), comments), *comments.last]
    return ("\n".join(lines) + "\n").encode()


def _mark(path: str, there: str | None) -> str:
    """Return the line that tells editors the file's schema; one that names somebody else's schema is kept."""
    if there and not there.endswith((_OF_A_FILE, _OF_A_PART)):
        return there
    return f"{MARK}$schema=../../{_OF_A_PART}" if is_part(path) else f"{MARK}$schema=../{_OF_A_FILE}"


def _refuse_nested_lists(node: tree.Node, path: str, problems: Problems) -> None:
    if isinstance(node, tree.Mapping):
        for value in node.entries.values():
            _refuse_nested_lists(value, path, problems)
    elif isinstance(node, tree.Sequence):
        for item in node.items:
            if not isinstance(item, tree.Text):
                problems.add(
                    Source(path, item.line), "forma", "Una lista lleva textos, no otras listas ni campos.",
                    "Escriba un texto por renglón, cada uno con su guion.",
                )  # fmt: skip


def _mapping(node: tree.Mapping, path: tuple[str, ...], comments: Comments) -> Iterator[str]:
    indent = "  " * len(path)
    order = _order(path)
    for key in sorted(node.entries, key=lambda name: (order.index(name) if name in order else len(order), name)):
        value = node.entries[key]
        for words in comments.take_above(node.keys[key]):
            yield indent + words
        beside = comments.take_beside(node.keys[key])
        name = scalar(key, typed=len(path) != 1)
        if isinstance(value, tree.Text):
            yield f"{indent}{name}: {scalar(value.value, typed=key in TYPED and value.bare)}{beside}"
        elif _is_empty(value):
            yield f"{indent}{name}: {'[]' if isinstance(value, tree.Sequence) else '{}'}{beside}"
        elif isinstance(value, tree.Mapping):
            yield f"{indent}{name}:{beside}"
            yield from _mapping(value, (*path, key), comments)
        else:
            yield f"{indent}{name}:{beside}"
            yield from _items(value, f"{indent}  ", comments)


def _items(value: tree.Sequence, indent: str, comments: Comments) -> Iterator[str]:
    for item in value.items:
        assert isinstance(item, tree.Text)  # noqa: S101 -- _refuse_nested_lists looked
        for words in comments.take_above(item.line):
            yield indent + words
        yield f"{indent}- {scalar(item.value)}{comments.take_beside(item.line)}"


def _is_empty(value: tree.Mapping | tree.Sequence) -> bool:
    return not (value.entries if isinstance(value, tree.Mapping) else value.items)


def _order(path: tuple[str, ...]) -> tuple[str, ...]:
    """Return the order of the keys at a place: headers, sections and fields have one; entries go by name."""
    match path:
        case ():
            return _TOP
        case (section, _) if section in SECTIONS:
            return tuple(SECTIONS[section].model_fields)
        case ("cuentas", _, "entrega"):
            return tuple(EntregaYaml.model_fields)
        case _:
            return ()
