"""Pages of the user's guide are played: every command in them runs, and what it printed is what the page shows.

A block that begins with ```console holds commands, each on a line that begins with «$ » (one that ends in a
backslash goes on), and below each what it prints. Between blocks, a comment `<!-- hacer: nombre -->` has the story
do what other people do meanwhile: the Director merges, Mesa de Ayuda applies. Names that are made at random are
shown as others of the same shape, always the same.
"""

from __future__ import annotations

import random
import re
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from reconciler.cli import workspace
from tests.cli.children import Preparation, child
from tests.forge import Forge

BEGINNING = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
"""When every page begins: a Tuesday, nine in the morning in Culiacán."""

_STEP = timedelta(minutes=5)
_BLOCK = re.compile(r"```console\n(.*?)```\n", re.DOTALL)
_ACTION = re.compile(r"<!-- hacer: ([\w-]+) -->")
_COMMAND = re.compile(r"^\$ ((?:.*\\\n)*.*)$", re.MULTILINE)
_HEX = "0123456789abcdef"
_RANDOM = (
    (re.compile(r"\b(?:H|OT)-\d{4}-([0-9A-HJKMNP-TV-Z]{8})\b"), "0123456789ABCDEFGHJKMNPQRSTVWXYZ"),
    (re.compile(r"\b\d{8}T\d{6}Z-([0-9a-f]{4})\b"), _HEX),
    (re.compile(r"\b([0-9a-f]{64}|[0-9a-f]{16}|[0-9a-f]{10})\b"), _HEX),
    (re.compile(r"\b([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\b"), _HEX),
)
"""What is made at random, or by the clock: folios and orders, runs, digests and commits, GUIDs."""


@dataclass
class Story:
    """A repository in which a page is played, and what others do in it, by name; time goes on with every command."""

    forge: Forge
    home: Path
    actions: Mapping[str, Callable[[Story], None]] = field(default_factory=dict)
    moment: datetime = BEGINNING
    _names: dict[str, str] = field(default_factory=dict)
    _made: dict[str, int] = field(default_factory=dict)

    def command(self, line: str) -> str:
        """Run a line of the page and return what a terminal would show, exit codes of failures included."""
        words = shlex.split(self._real(line).replace("\\\n", " "))
        program, *rest = words
        self.moment += _STEP
        self.forge.clock = max(self.forge.clock, int(self.moment.timestamp()))
        if program == "git":
            return self._shown(self.forge.git(*rest) + "\n")
        assert program == "cuentas", f"the guide only shows cuentas and git: {line}"
        said = child(self.forge.path, *rest, prepare=_at(self.moment))
        assert said.code != 1, said
        return self._shown(said.out + said.err)

    def act(self, name: str) -> None:
        """Have others do something."""
        self.moment += _STEP
        self.forge.clock = max(self.forge.clock, int(self.moment.timestamp()))
        self.actions[name](self)

    def _shown(self, text: str) -> str:
        """Return a text as the page has it: places of this machine and names made at random replaced."""
        text = text.replace(f"{self.forge.path}/", "").replace(str(self.forge.path), ".")
        text = text.replace(str(self.home), "~")
        for pattern, letters in _RANDOM:
            text = pattern.sub(partial(self._sample, letters), text)
        return "".join(f"{line.rstrip()}\n" for line in text.splitlines())

    def _sample(self, letters: str, found: re.Match[str]) -> str:
        """Return what stands for a name: what is random in it, as it depends on how many of its kind came before.

        What has a prefix (orders, sheets) is counted apart from the rest, so that a page's own commands go on naming
        the same order when a digest more is printed above.
        """
        name, made = found[0], found[1]
        known = next((sample for real, sample in self._names.items() if real.startswith(name)), None)
        if known is None:
            prefix = name.removesuffix(made) if name[0] in "HO" else ""
            kind = f"{letters} {prefix}"
            before = self._made[kind] = self._made.get(kind, -1) + 1
            chance = random.Random(f"{kind} {before}")  # noqa: S311 -- names of an example
            sample = "".join(char if char == "-" else chance.choice(letters) for char in made)
            known = self._names[name] = name.replace(made, sample)
        return known[: len(name)]

    def _real(self, line: str) -> str:
        """Return a line of the page with the names that there really are; it names nothing that is not there."""
        unknown = {one[0] for one in _RANDOM[0][0].finditer(line)} - set(self._names.values())
        assert not unknown, f"nothing printed {sorted(unknown)} so far, only {sorted(self._names.values())}"
        for name, sample in self._names.items():
            line = line.replace(sample, name)
        return line


def played(page: str, story: Story) -> str:
    """Return a page with the output that its commands have now."""
    parts: list[str] = []
    done = 0
    for match in sorted((*_BLOCK.finditer(page), *_ACTION.finditer(page)), key=lambda one: one.start()):
        parts.append(page[done : match.start()])
        done = match.end()
        if match.re is _ACTION:
            story.act(match[1])
            parts.append(match[0])
        else:
            parts.append("```console\n" + "".join(_run(match[1], story)) + "```\n")
    return "".join((*parts, page[done:]))


def _run(block: str, story: Story) -> Iterator[str]:
    for line in _COMMAND.findall(block):
        yield f"$ {line}\n"
        yield story.command(line)


def _at(moment: datetime) -> Preparation:
    """Make a command believe that it is some moment."""

    def prepare() -> None:
        def fixed() -> datetime:
            return moment

        real = workspace.now
        for name, module in list(sys.modules.items()):
            if name.startswith("reconciler."):
                for attribute in ("now", "_now"):
                    there = vars(module).get(attribute)
                    if there is real or (attribute == "_now" and callable(there)):
                        vars(module)[attribute] = fixed

    return prepare
