"""The few expressions that the workflows use, evaluated as GitHub does; whatever else is refused.

Source: https://docs.github.com/en/actions/reference/evaluate-expressions-in-workflows-and-actions. Operators are
`||`, `&&`, `==`, `!=` and `!`; a property that is not there is null, which equals the empty string; text is compared
without regard to capitals.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Context = Mapping[str, Any]

_TOKEN = re.compile(
    r"\s*(?:('(?:[^']|'')*')|(\|\||&&|==|!=|[!()])|([A-Za-z_][A-Za-z0-9_-]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*))"
)
_EMBEDDED = re.compile(r"\$\{\{(.*?)\}\}", re.DOTALL)
_STATUS = frozenset({"always", "success", "failure", "cancelled"})


class RefusedExpressionError(Exception):
    """The workflows are kept to what this evaluator knows."""


def interpolated(text: str, context: Context) -> str:
    """Return a string of a workflow with its `${{ }}` put in."""
    return _EMBEDDED.sub(lambda found: _shown(evaluated(found[1], context)), text)


def condition(text: str, context: Context) -> bool:
    """Return what an `if:` says. Unless it asks for the status, a failure before it skips."""
    whole = _EMBEDDED.fullmatch(text.strip())
    expression = whole[1] if whole else text
    asks = any(f"{name}()" in expression for name in _STATUS)
    return (asks or context["status"] == "success") and bool(evaluated(expression, context))


def evaluated(text: str, context: Context) -> Any:
    """Return the value of an expression."""
    reader = _Reader(_tokens(text), context)
    value = reader.either()
    if reader.rest:
        raise RefusedExpressionError(text)
    return value


def _tokens(text: str) -> list[str]:
    found, place = [], 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if match is None:
            raise RefusedExpressionError(text)
        found.append(match[0].strip())
        place = match.end()
    return found


@dataclass
class _Reader:
    rest: list[str]
    context: Context

    def either(self) -> Any:
        value = self.both()
        while self._next("||"):
            other = self.both()
            value = value or other
        return value

    def both(self) -> Any:
        value = self.compared()
        while self._next("&&"):
            other = self.compared()
            value = value and other
        return value

    def compared(self) -> Any:
        value = self.one()
        for sign in ("==", "!="):
            if self._next(sign):
                return (_folded(value) == _folded(self.one())) is (sign == "==")
        return value

    def one(self) -> Any:
        if self._next("!"):
            return not self.one()
        if self._next("("):
            value = self.either()
            self._demand(")")
            return value
        return self._named(self._take())

    def _named(self, token: str) -> Any:
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if self._next("("):
            self._demand(")")
            return self._status(token)
        name, *properties = token.split(".")
        if name not in self.context:
            raise RefusedExpressionError(f"no hay contexto «{name}»")
        value: Any = self.context[name]
        for one in properties:
            value = value.get(one) if isinstance(value, Mapping) else None
        return value

    def _status(self, name: str) -> bool:
        if name not in _STATUS:
            raise RefusedExpressionError(f"{name}()")
        return name == "always" or self.context["status"] == name

    def _take(self) -> str:
        if not self.rest:
            raise RefusedExpressionError("termina antes de tiempo")
        return self.rest.pop(0)

    def _next(self, token: str) -> bool:
        if self.rest and self.rest[0] == token:
            self.rest.pop(0)
            return True
        return False

    def _demand(self, token: str) -> None:
        if not self._next(token):
            raise RefusedExpressionError(f"falta «{token}»")


def _folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else "" if value is None else value


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if value is None:
        return ""
    if isinstance(value, str | int):
        return str(value)
    raise RefusedExpressionError(f"no se escribe: {value!r}")
