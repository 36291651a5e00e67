"""A request made on the forge: the body that its issue form writes, read strictly. Pure.

GitHub writes `### Label`, a blank line and the value, `_No response_` for none; Gitea and Forgejo write the same and
end with more blank lines. Whoever may edit an issue may write anything into it: what is not exactly the form's is
refused, and what stands below a label is text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.errors import NotAFormError, UsageError
from reconciler.model import Movimiento
from reconciler.request import Request

LARGEST_EVENT = 1024 * 1024
LARGEST_BODY = 20_000
LARGEST_VALUE = 500

_HIGHEST = 1 << 53
_EMPTY = frozenset({"_No response_", "*No response*", "None", ""})
_HEADING = re.compile(r"###(?!#)[ \t]+(.*\S)[ \t]*")
_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_REMEDY = "Pida que lo llenen de nuevo con el formulario, sin editar el texto del issue; o capture los datos a mano."


@dataclass(frozen=True, slots=True)
class Form:
    """An issue form: what it asks for, and its labels by the box that each one is."""

    movement: Movimiento
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Issue:
    """What an event of the forge's says of an issue: its text, who opened it, and its number where it has one."""

    body: str
    author: str
    number: int | None = None


def issue_of(data: bytes) -> Issue:
    """Return the issue that an event file is about, or that the forge's API gives by itself.

    Raises:
        UsageError: it is no event of an issue, or is far too large.

    """
    if len(data) > LARGEST_EVENT:
        raise UsageError("El archivo del evento es demasiado grande.", remedy="Dé el que escribe la forja.")
    try:
        found = json.loads(data)
        issue = found.get("issue", found)
        body, author, number = issue["body"], issue["user"]["login"], issue.get("number")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        body = author = number = None
    if not isinstance(body, str) or not isinstance(author, str) or not _LOGIN.fullmatch(author):
        raise UsageError(
            "El archivo no es un issue, ni el evento de uno: le falta «body» o «user.login».",
            remedy="Dé el que la forja deja en GITHUB_EVENT_PATH, o el que da su API: «gh api "
            "repos/DUEÑO/REPOSITORIO/issues/NÚMERO > issue.json».",
        )
    known = isinstance(number, int) and not isinstance(number, bool) and 0 < number <= _HIGHEST
    return Issue(body, author, number if known else None)


def parse(body: str, forms: tuple[Form, ...]) -> Request:
    """Return the request that an issue's body makes, by the one form whose labels it has.

    Raises:
        NotAFormError: it is not what one of the forms writes; says why.

    """
    if len(body) > LARGEST_BODY:
        raise NotAFormError(f"El issue pasa de {LARGEST_BODY} caracteres.", remedy=_REMEDY)
    if "<!--" in body:
        raise NotAFormError("El issue lleva un comentario oculto («<!--»).", remedy=_REMEDY)
    found = _sections(body.replace("\r\n", "\n"))
    form = next((one for one in forms if set(found) == set(one.labels.values())), None)
    if form is None:
        raise _not_a_form(found, forms)
    return Request(
        movimiento=form.movement, **{box: _value(label, found[label]) for box, label in form.labels.items()}
    )


def _sections(body: str) -> dict[str, list[str]]:
    """Cut a body at its headings; nothing may stand before the first one, and no heading twice."""
    found: dict[str, list[str]] = {}
    lines: list[str] | None = None
    for line in body.split("\n"):
        heading = _HEADING.fullmatch(line)
        if heading:
            label = heading.group(1)
            if label in found:
                raise NotAFormError(f"El issue trae dos veces «{label[:60]}».", remedy=_REMEDY)
            lines = found[label] = []
        elif lines is not None:
            lines.append(line)
        elif line.strip():
            raise NotAFormError("El issue trae texto antes de su primer recuadro.", remedy=_REMEDY)
    return found


def _value(label: str, lines: list[str]) -> str:
    text = "\n".join(lines).strip()
    if text in _EMPTY:
        return ""
    if "\n" in text:
        raise NotAFormError(f"«{label}» lleva varios renglones.", remedy=_REMEDY)
    if len(text) > LARGEST_VALUE:
        raise NotAFormError(f"«{label}» pasa de {LARGEST_VALUE} caracteres.", remedy=_REMEDY)
    return text


def _not_a_form(found: Mapping[str, object], forms: tuple[Form, ...]) -> NotAFormError:
    """Say what an issue has too much or too little, compared with the form that it is most like."""
    nearest = max(forms, key=lambda one: len(set(found) & set(one.labels.values())))
    strange = sorted(set(found) - set(nearest.labels.values()))
    lacking = [label for label in nearest.labels.values() if label not in found]
    if strange and len(strange) < len(found):
        reason = f"trae un recuadro que no es del formulario: «{strange[0][:60]}»"
    elif lacking and found and not strange:
        reason = f"le falta el recuadro «{lacking[0]}»"
    else:
        reason = "no trae los recuadros de ningún formulario de solicitud"
    return NotAFormError(f"El issue no es una solicitud: {reason}.", remedy=_REMEDY)
