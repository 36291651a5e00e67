"""The words that typer says by itself, in Spanish: headings of the help and errors of whoever types."""

from __future__ import annotations

import difflib
import re
from typing import Any

from typer.core import TyperCommand, TyperGroup

_HELP = (
    (r"(?m)^Usage: ", "Uso: "),
    (r"(?m)^Options:$", "Opciones:"),
    (r"(?m)^Arguments:$", "Argumentos:"),
    (r"(?m)^Commands:$", "Comandos:"),
    (r"\[OPTIONS\]", "[OPCIONES]"),
    (r"COMMAND \[ARGS\]\.\.\.", "COMANDO ..."),
    (r"Show this message and exit\.", "Muestra esta ayuda."),
    (r"\s*\[required\]", ""),
    (r"(?m)^(  [A-ZÁÉÍÓÚÑ]+) <[^>\n]+>\n +", r"\1  "),
    (r"(?m)^(  [A-ZÁÉÍÓÚÑ]+) (<[\w\[\]]+>)(?=  )", lambda found: found.group(1) + " " * (len(found.group(2)) + 1)),
    (r"(?s)\[default:(\s+)\(?(.*?)\)?\]", r"[si no se da:\1\2]"),
)

_ERRORS = (
    (r"No such option: (\S+)(?: \(Possible options: (.*)\))?", "No existe la opción «{0}».", "¿Quiso decir {1}?"),
    (r"No such command '(.*?)'\.(?: Did you mean '(.*)'\?)?.*", "No existe el comando «{0}».", "¿Quiso decir «{1}»?"),
    (r"Option '(.*)' requires .*", "A la opción «{0}» le falta su valor.", ""),
    (r"Option '(.*)' does not take a value\.", "La opción «{0}» no lleva valor.", ""),
    (r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", "Sobra «{0}».", ""),
    (r"Missing argument '(.*?)'\.?.*", "Falta {0}.", ""),
    (r"Missing option '(.*?)'\.?.*", "Falta la opción «{0}».", ""),
    (r"Missing command\.", "Falta el comando.", ""),
    (
        r"Invalid value for '(.*?)': (?:Value error, )?'(.*)' is not one of (?P<choices>.*)\.",
        "«{1}» no sirve en «{0}»: use {2}.",
        "",
    ),
    (r"Invalid value for '(.*?)': (.*)", "El valor de «{0}» no sirve: {1}", ""),
)


class SpanishCommand(TyperCommand):
    """A command whose help has Spanish headings, and is listed by its whole first sentence."""

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the first sentence; where it is too long for a line, the list folds it."""
        del limit
        return _first_sentence(self.help)

    def get_help(self, ctx: Any) -> str:
        """Return the help."""
        return help_in_spanish(super().get_help(ctx))


class SpanishGroup(TyperGroup):
    """The command itself or a group of it, whose help has Spanish headings."""

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the first sentence, as of a command."""
        del limit
        return _first_sentence(self.help)

    def get_help(self, ctx: Any) -> str:
        """Return the help."""
        return help_in_spanish(super().get_help(ctx))


def _first_sentence(text: str | None) -> str:
    found = re.match(r".*?\.(?=\s|$)", " ".join((text or "").split()))
    return found.group() if found else ""


def help_in_spanish(text: str) -> str:
    """Return typer's help with its own words translated."""
    for pattern, words in _HELP:
        text = re.sub(pattern, words, text)
    return text


def _near(typed: str, options: str) -> str:
    """Return those of some options that somebody may have meant; far-off ones mislead more than they help."""
    near = difflib.get_close_matches(typed.lstrip("-"), [one.lstrip("-") for one in options.split(", ")], cutoff=0.7)
    return " o ".join(f"«--{one}»" for one in near)


def usage_in_spanish(message: str) -> tuple[str, str]:
    """Return what is wrong with what was typed, and a hint ("" for none); as typer says it where unknown."""
    for pattern, words, hint in _ERRORS:
        found = re.fullmatch(pattern, message, re.DOTALL)
        if found:
            groups = [group or "" for group in found.groups()]
            if "choices" in found.groupdict():
                groups[-1] = groups[-1].replace("'", "")
            if pattern.startswith("No such option"):
                groups[1] = _near(*groups)
            hinted = hint and groups[-1]
            return words.format(*groups), hint.format(*groups) if hinted else ""
    return message, ""
