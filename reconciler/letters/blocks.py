"""A letter's body as blocks: from one plain text both the text that is sent and its HTML are made.

A blank line ends a block. Lines that begin with "- " are a list, with "1. " steps, with "| " data
("| Cuenta: juan.perez@…"), with "# " a heading; anything else is a paragraph, however its lines are broken.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

from markupsafe import Markup, escape

_WIDTH = 72
_LINK = re.compile(r"https://[^\s<>\"«»]*[^\s<>\"«».,;:)]|[A-Za-z0-9._-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_BORDER = "1px solid #767676"


class Kind(Enum):
    """What a block is, with how its lines begin."""

    HEADING = re.compile(r"# +")
    BULLETS = re.compile(r"- +")
    STEPS = re.compile(r"[0-9]{1,2}\. +")
    DATA = re.compile(r"\| *")
    PARAGRAPH = re.compile("")


@dataclass
class Block:
    """A block with its items: one for a heading or a paragraph; a datum is "Etiqueta: valor"."""

    kind: Kind
    items: list[str] = field(default_factory=list)


def blocks(body: str) -> list[Block]:
    """Return a body's blocks."""
    found: list[Block] = []
    fresh = True
    for line in body.splitlines():
        words = line.strip()
        if not words:
            fresh = True
            continue
        kind, said = _told(words)
        current = found[-1] if found and not fresh else None
        if current is not None and kind is Kind.PARAGRAPH and current.kind is not Kind.HEADING:
            current.items[-1] += f" {said}"
        elif current is not None and current.kind is kind and kind is not Kind.HEADING:
            current.items.append(said)
        else:
            found.append(Block(kind, [said]))
        fresh = False
    return found


def _told(line: str) -> tuple[Kind, str]:
    for kind in Kind:
        start = kind.value.match(line)
        if start:
            return kind, line[start.end() :]
    raise AssertionError(line)


def as_text(body: Sequence[Block]) -> str:
    """Return the body as plain text, folded; addresses and long words are never broken."""
    return "\n\n".join("\n".join(_text_lines(block)) for block in body) + "\n"


def _text_lines(block: Block) -> Iterator[str]:
    if block.kind is Kind.HEADING:
        yield from (block.items[0], "-" * len(block.items[0]))
    elif block.kind is Kind.DATA:
        data = [_datum(item) for item in block.items]
        width = max(len(label) for label, _ in data) + 2
        for label, value in data:
            start = f"  {label + ':' if label else '':<{width}}"
            yield _folded(value, start, " " * len(start))
    else:
        for number, item in enumerate(block.items, 1):
            start = {Kind.BULLETS: "- ", Kind.STEPS: f"{number}. "}.get(block.kind, "")
            yield _folded(item, start, " " * len(start))


def _folded(text: str, start: str, rest: str) -> str:
    return textwrap.fill(
        text,
        _WIDTH,
        initial_indent=start,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _datum(item: str) -> tuple[str, str]:
    label, colon, value = item.partition(":")
    return (label, value.strip()) if colon else ("", item)


def as_html(body: Sequence[Block]) -> Markup:
    """Return the body as HTML; whatever the letter's values hold is text in it."""
    return Markup("\n").join(_html(block) for block in body)


def _html(block: Block) -> Markup:
    match block.kind:
        case Kind.HEADING:
            style = "font-size:1.15em;line-height:1.3;margin:1.6em 0 0.5em;"
            return Markup('<h2 style="{}">{}</h2>').format(style, _linked(block.items[0]))
        case Kind.PARAGRAPH:
            return Markup('<p style="margin:0 0 1em;">{}</p>').format(_linked(block.items[0]))
        case Kind.DATA:
            rows = Markup("\n").join(_row(*_datum(item)) for item in block.items)
            style = "border-collapse:collapse;margin:0 0 1em;width:100%;"
            return Markup('<table style="{}">\n{}\n</table>').format(style, rows)
        case Kind.BULLETS | Kind.STEPS:
            tag = "ul" if block.kind is Kind.BULLETS else "ol"
            items = Markup("\n").join(
                Markup('<li style="margin:0 0 0.4em;">{}</li>').format(_linked(item)) for item in block.items
            )
            return Markup('<{0} style="margin:0 0 1em;padding-left:1.6em;">\n{1}\n</{0}>').format(tag, items)


def _row(label: str, value: str) -> Markup:
    cell = f"padding:0.4em 0.8em 0.4em 0;border-bottom:{_BORDER};text-align:left;vertical-align:top;"
    return Markup(
        '<tr><th scope="row" style="{0}font-weight:normal;white-space:nowrap;">{1}</th>'
        '<td style="{0}"><strong>{2}</strong></td></tr>'
    ).format(cell, label, _linked(value))


def _linked(text: str) -> Markup:
    """Escape a text and make links of the addresses in it."""
    parts: list[Markup] = []
    end = 0
    for found in _LINK.finditer(text):
        parts.append(escape(text[end : found.start()]))
        target = found.group() if "://" in found.group() else f"mailto:{found.group()}"
        parts.append(Markup('<a href="{}">{}</a>').format(target, found.group()))
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])
