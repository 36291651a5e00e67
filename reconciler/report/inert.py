"""Values made harmless where they are shown: data never becomes markup, a mention, a link or a control sequence."""

from __future__ import annotations

import re
import unicodedata

_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories of what is not seen: controls, bidirectional overrides, zero widths, private use."""

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~@:&])")
_MENTION = re.compile(r"(?<![A-Za-z0-9])(\\@)|(\\#)(?=\d)")


def visible(text: str) -> str:
    """Return text on one line, whatever nobody would see spelled as its code point.

    Nor does it order anything of the machine whose log it ends in: GitHub's runner obeys `##[command]` anywhere in a
    line (actions/runner, `ActionCommand.cs`), and may be told by it to hide a word from then on.
    """
    return "".join(map(_spelled, text)).replace("##[", f"#{_named('#')}[")


def in_markdown(text: str) -> str:
    """Return text that stays text in Markdown and HTML, and in what forges do to them afterwards.

    A forge looks for mentions and issue numbers in the rendered text, where a backslash no longer helps: a
    space of no width keeps them apart.
    """
    escaped = _MARKDOWN.sub(r"\\\1", " ".join(visible(text).split()))
    return _MENTION.sub(lambda found: f"{found.group()}&#8203;", escaped)


def _spelled(char: str) -> str:
    if char in "\n\r\t":
        return " "
    return _named(char) if unicodedata.category(char) in _HIDDEN else char


def _named(char: str) -> str:
    return f"⟨U+{ord(char):04X}⟩"
