"""How values are written: plain where no YAML reader could take them for something else, quoted elsewhere."""

from __future__ import annotations

import json
import re

PLAIN = r"[^\W_](?:[^\s:#\"\\{}\[\]]|:(?=[^\s:#])| (?=[^\s#]))*"
"""A scalar on one line that needs no quotes; also what the fast reader of `entries` accepts."""

_PLAIN = re.compile(PLAIN)
_AMBIGUOUS = re.compile(
    r"(?i)y|n|yes|no|on|off|true|false|null|nan|inf|[-+]?[\d_]*\.?[\d_]*(e[-+]?\d+)?|0[xob][\da-f_]+|[\d:]+(\.\d+)?"
    r"|\d{4}-\d\d?-\d\d?.*"
)


def scalar(value: str, *, typed: bool = False) -> str:
    """Return a value as it is written on one line; `typed` is for dates, numbers and booleans, left bare."""
    if typed and re.fullmatch(r"[\w.-]+", value):
        return value
    if _PLAIN.fullmatch(value) and not _AMBIGUOUS.fullmatch(value):
        return value
    return json.dumps(value, ensure_ascii=False)
