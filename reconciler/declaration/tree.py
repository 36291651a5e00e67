"""From text to a tree of plain values that know their line: YAML's events, and nothing constructed.

Events come one after the other, so that nesting is bounded here and not by the C stack; aliases are refused when
they are met, so that no document can grow; every scalar stays the text that was written.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

import yaml

from reconciler.declaration.characters import described, fault, odd, shown
from reconciler.declaration.problems import Problems
from reconciler.model import Source

_NULLS = frozenset({"~", "null", "Null", "NULL"})

MAX_DEPTH = 10
"""Levels of nesting that a file may have; a declaration needs five."""

MAX_SCALARS = 120_000
"""Keys and values that a file may have: some six thousand accounts."""


@dataclass(frozen=True, slots=True)
class Text:
    """A scalar: what was written, NFC. `bare` means without quotes."""

    value: str
    line: int
    bare: bool


@dataclass(slots=True)
class Sequence:
    """A list."""

    line: int
    items: list[Node] = field(default_factory=list)


@dataclass(slots=True)
class Mapping:
    """A mapping, in the order written; `keys` holds the line of each key."""

    line: int
    entries: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, int] = field(default_factory=dict)


Node = Text | Sequence | Mapping


class _Refused(Exception):  # noqa: N818
    """A file that cannot be read any further; never leaves this module."""

    def __init__(self, line: int, code: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.line, self.code, self.message, self.remedy = line, code, message, remedy


def parse(text: str, file: str, problems: Problems) -> Mapping | None:
    """Return a file's root mapping, or None after saying why there is none.

    Duplicate keys and odd characters are said and do not stop the reading.
    """
    try:
        root = _Builder(file, problems).build(text)
    except _Refused as refused:
        problems.add(Source(file, refused.line), refused.code, refused.message, refused.remedy)
        return None
    if isinstance(root, Mapping):
        return root
    line = root.line if root else 1
    problems.add(
        Source(file, line),
        "forma",
        "El archivo está vacío." if root is None else "El archivo no empieza con «clave: valor».",
        "Tome como modelo otro archivo de accounts/, o el ejemplo de la documentación.",
    )
    return None


class _Builder:
    def __init__(self, file: str, problems: Problems) -> None:
        self._file = file
        self._problems = problems
        self._root: Node | None = None
        self._scalars = 0
        self._open: list[Sequence | Mapping] = []
        self._keys: list[tuple[str, int] | None] = []

    def build(self, text: str) -> Node | None:
        documents = 0
        try:
            for event in yaml.parse(text, Loader=yaml.CSafeLoader):
                if isinstance(event, yaml.DocumentStartEvent):
                    documents += 1
                    if documents > 1:
                        raise _Refused(
                            _line(event), "varios-documentos", "El archivo trae más de un documento («---»).",
                            "Deje uno solo; cada dependencia va en su propio archivo.",
                        )  # fmt: skip
                self._take(event)
        except yaml.MarkedYAMLError as error:
            raise _syntax(error) from None
        except (yaml.YAMLError, RecursionError, MemoryError):
            raise _Refused(0, "yaml", "El archivo no es YAML legible.", _CHECK_INDENT) from None
        return self._root

    def _take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.AliasEvent):
            raise _no_anchors(event)
        if isinstance(event, yaml.NodeEvent):
            _refuse_marks(event)
        if isinstance(event, yaml.ScalarEvent):
            self._scalars += 1
            if self._scalars > MAX_SCALARS:
                raise _Refused(
                    _line(event), "archivo-grande", f"El archivo trae más de {MAX_SCALARS} valores.",
                    "Divida la dependencia en la carpeta accounts/<siglas>/.",
                )  # fmt: skip
            self._scalar(event)
        elif isinstance(event, yaml.MappingStartEvent):
            self._begin(Mapping(_line(event)))
        elif isinstance(event, yaml.SequenceStartEvent):
            self._begin(Sequence(_line(event)))
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._open.pop()
            self._keys.pop()

    def _begin(self, node: Sequence | Mapping) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise _Refused(node.line, "profundidad", f"Hay más de {MAX_DEPTH} niveles de sangrado.", _CHECK_INDENT)
        self._place(node)
        self._open.append(node)
        self._keys.append(None)

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        line = _line(event)
        value = event.value
        expects_key = self._open and isinstance(self._open[-1], Mapping) and self._keys[-1] is None
        if expects_key:
            self._key(value, line)
            return
        if not event.style and value in _NULLS:
            self._problems.add(
                Source(self._file, line), "nulo", f"{shown(value)} es, en YAML, un valor vacío.",
                "Quite el renglón; si de verdad es ese texto, póngalo entre comillas.",
            )  # fmt: skip
        if not value.isascii():
            value = unicodedata.normalize("NFC", value)
        self._refuse_characters(value.replace("\n", " "), line)
        self._place(Text(value, line, bare=not event.style))

    def _key(self, key: str, line: int) -> None:
        if key == "<<":
            raise _Refused(line, "fusion", "Las claves de fusión «<<» no se aceptan.", "Escriba cada campo.")
        if not key.isascii() and unicodedata.normalize("NFC", key) != key:
            self._problems.add(
                Source(self._file, line), "clave-nfd",
                f"La clave {shown(key)} está escrita con acentos sueltos (Unicode NFD).",
                "Vuelva a escribirla a mano: letras sin acento, cifras y puntos.",
            )  # fmt: skip
        else:
            self._refuse_characters(key, line)
        mapping = self._open[-1]
        assert isinstance(mapping, Mapping)  # noqa: S101 -- _scalar looked
        if key in mapping.keys:
            self._problems.add(
                Source(self._file, line), "clave-repetida",
                f"{shown(key)} ya está en el renglón {mapping.keys[key]}.",
                "Deje una sola; si son dos personas, una necesita otra clave.",
            )  # fmt: skip
        mapping.keys.setdefault(key, line)
        self._keys[-1] = (key, line)

    def _refuse_characters(self, text: str, line: int) -> None:
        char = odd(text)
        if char is not None:
            self._problems.add(
                Source(self._file, line), "caracter",
                f"{shown(text)} lleva {fault(char)}: {described(char)}.",
                "Vuelva a escribirlo a mano en lugar de pegarlo.",
            )  # fmt: skip

    def _place(self, node: Node) -> None:
        if not self._open:
            self._root = node
            return
        parent = self._open[-1]
        if isinstance(parent, Sequence):
            parent.items.append(node)
            return
        waiting = self._keys[-1]
        if waiting is None:
            raise _Refused(node.line, "clave", "Una clave no puede ser una lista ni un mapa.", _CHECK_INDENT)
        parent.entries.setdefault(waiting[0], node)
        self._keys[-1] = None


_CHECK_INDENT = "Revise el sangrado (dos espacios por nivel), las comillas y los dos puntos de ese renglón."

_SYNTAX = (
    ("could not find expected ':'", "falta «:» después de la clave"),
    ("mapping values are not allowed", "hay un «:» de más; un valor que lo lleva va entre comillas"),
    ("did not find expected key", "el sangrado no coincide con el de los renglones vecinos"),
    ("found character that cannot start any token", "un valor no puede empezar con ese signo sin comillas"),
    ("found unexpected end of stream", "unas comillas o un corchete quedaron abiertos"),
    ("did not find expected", "un corchete, una llave o unas comillas no cierran bien"),
)


def _syntax(error: yaml.MarkedYAMLError) -> _Refused:
    unfinished = (error.context or "").startswith("while scanning")  # then what is wrong is where it began
    mark = (error.context_mark if unfinished else None) or error.problem_mark or error.context_mark
    said = f"{error.problem or ''} {error.context or ''}"
    reason = next((words for sign, words in _SYNTAX if sign in said), "la sintaxis no es válida")
    return _Refused(
        int(mark.line) + 1 if mark is not None else 0, "yaml", f"El YAML no se entiende: {reason}.", _CHECK_INDENT
    )


def _line(event: yaml.Event) -> int:
    return 0 if event.start_mark is None else int(event.start_mark.line) + 1


def _refuse_marks(event: yaml.NodeEvent) -> None:
    if event.anchor is not None:
        raise _no_anchors(event)
    tag = getattr(event, "tag", None)
    if tag is not None:
        raise _Refused(
            _line(event), "etiqueta", f"Las etiquetas de YAML ({shown(tag, 40)}) no se aceptan.",
            "Quite lo que empieza con «!».",
        )  # fmt: skip


def _no_anchors(event: yaml.Event) -> _Refused:
    return _Refused(
        _line(event), "ancla", "Las anclas y alias de YAML (& y *) no se aceptan.",
        "Escriba cada entrada completa; un texto que empieza con & o * va entre comillas.",
    )  # fmt: skip
