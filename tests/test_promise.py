"""The promise of approval, for invented rosters, histories and reviewers, against an oracle that reads Git by itself.

Nothing is approved unless somebody merged it, or reviewed it in the forge where that is due, who might on that day
for every agency concerned, and who wrote none of what the merge joined; and what somebody so approved is approved.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconciler.approval import Approval
from reconciler.pull_request import Opinion, PullRequest
from tests.forge import Agency, Forge, founded, person
from tests.test_evidence import Reviews, rules, verdicts

PEOPLE = ("ana", "beto", "carla")
KNOWN = "organizacion: {zona_horaria: America/Mazatlan}\nmesa_de_ayuda:\n  integrantes:\n" + "".join(
    f"    {who}:\n      correos: [{who}@sinaloa.gob.mx]\n      usuario: {who}-git\n" for who in PEOPLE
)
"""Everybody is declared with both names: that two names are one person nobody can tell otherwise."""
FIRST = date(2026, 2, 1)
LAST = 40
"""Days that a history takes, at the most."""


@dataclass(frozen=True)
class Entry:
    """Somebody on the list: who, from and until which day of the history, for which agencies ((): all)."""

    who: str
    since: int | None
    until: int | None
    only: tuple[str, ...]

    def lets(self, day: int, agencies: frozenset[str]) -> bool:
        """Whether it entitles on a day for all of some agencies."""
        in_time = (self.since or 0) <= day <= (LAST if self.until is None else self.until)
        return in_time and (not self.only or agencies <= set(self.only))

    def text(self, key: str) -> str:
        """Return it as cuentas.yaml writes it; what is compared without regard to case is written in another one."""
        lines = [f"correos: [{self.who.upper()}@sinaloa.gob.mx]", f"usuario: {self.who.title()}-git"]
        lines += [] if self.since is None else [f"desde: {FIRST + timedelta(self.since)}"]
        lines += [] if self.until is None else [f"hasta: {FIRST + timedelta(self.until)}"]
        lines += [f"dependencias: [{', '.join(self.only).lower()}]"] if self.only else []
        return f"    {key}:\n" + "".join(f"      {line}\n" for line in lines)


@dataclass(frozen=True)
class Step:
    """One merge to be: days after the one before, who writes, who brings it up to date, merges and reviews.

    `how` says what it joins: a branch, that and the one before which nobody merged, or both at once; `moves` the
    account of an earlier step to the other agency; `pushed` is around review.
    """

    days: int
    agency: str
    writers: tuple[str, ...]
    merger: str
    hidden: bool
    updater: str | None
    how: str
    moves: bool
    pushed: bool
    opener: str
    reviews: tuple[tuple[str, bool, int], ...]


@dataclass
class History:
    """What came of some steps: the repository, its forge, and the day of each commit of the line."""

    forge: Forge
    reviews: Reviews = field(default_factory=Reviews)
    places: dict[str, str] = field(default_factory=dict)
    pending: str | None = None

    def take(self, number: int, step: Step) -> None:
        """Play one step."""
        git = self.forge.git
        noon = datetime(FIRST.year, FIRST.month, FIRST.day, 19, tzinfo=UTC)
        now = int((noon + timedelta(days=step.days)).timestamp())
        self.forge.clock = max(self.forge.clock, now)
        files = self._files(number, step)
        if step.pushed:
            self.forge.push(files, author=spelled(step.writers[0]))
            return
        branch, others = f"r{number}", []
        start = self.pending if self.pending and step.how == "stacked" else "main"
        git("switch", "--quiet", "--create", branch, start)
        for name in step.writers[1:]:
            self.forge.push({f"notas/{number}.txt": f"{name}\n"}, author=spelled(name))
        self.forge.push(files, author=spelled(step.writers[0]))
        if step.how == "waits":
            git("switch", "--quiet", "main")
            self.pending = branch
            return
        if step.updater and git("rev-list", "-1", f"{branch}..main"):
            git("merge", "--quiet", "--no-edit", "-X", "ours", "main", author=spelled(step.updater))
        if self.pending and step.how == "octopus":
            others = [self.pending]
        git("switch", "--quiet", "main")
        who = spelled(step.merger, hidden=step.hidden)
        git("merge", "--quiet", "--no-ff", "-m", "Merge", branch, *others, author=who)
        self._reviewed(number, step)

    def _files(self, number: int, step: Step) -> Mapping[str, str | None]:
        key = f"persona.n{number}"
        if step.moves and step.how == "plain" and self.places:
            key, path = next(iter(self.places.items()))
            if (self.forge.path / path).exists():
                there = {"SAF": "SEBIDES", "SEBIDES": "SAF"}[path.split("/")[1]]
                self.places[key] = f"accounts/{there}/{key}.yaml"
                return {path: None, self.places[key]: entry(key, there, number)}
        self.places[f"persona.n{number}"] = f"accounts/{step.agency}/persona.n{number}.yaml"
        return {f"accounts/{step.agency}/persona.n{number}.yaml": entry(f"persona.n{number}", step.agency, number)}

    def _reviewed(self, number: int, step: Step) -> None:
        merge = self.forge.head()
        heads = self.forge.git("rev-parse", f"{merge}^@").split()[1:]
        self.reviews.pulls[merge] = PullRequest(
            number=number, url="https://forja/1", author=f"{step.opener}-git", head=heads[0], branch="r", merge=merge
        )
        self.reviews.approved[number] = tuple(
            Opinion(
                user=f"{who}-Git",
                commit=heads[0] if whole else "0" * 40,
                at=datetime(2026, 2, 1, 19, tzinfo=UTC) + timedelta(days=day),
            )
            for who, whole, day in step.reviews
        )


def spelled(who: str, *, hidden: bool = False) -> str:
    return f"{who} <7+{who}-git@users.noreply.github.com>" if hidden else f"{who} <{who}@sinaloa.gob.mx>"


def entry(key: str, siglas: str, number: int) -> str:
    fields = person(f"Persona {'abcdefghij'[number]}", "Pérez López", f"{siglas}/1/2026")
    return f"cuentas:\n  {key}:\n" + "".join(f"    {name}: {value}\n" for name, value in fields.items())


names = st.sampled_from(PEOPLE)
offsets = st.none() | st.integers(0, LAST)
entries = st.builds(
    Entry, names, offsets, offsets, st.sampled_from([(), (), ("SAF",), ("SEBIDES",), ("SAF", "SEBIDES")])
).filter(lambda one: one.since is None or one.until is None or one.since <= one.until)
steps = st.builds(
    Step,
    days=st.integers(0, LAST - 1),
    agency=st.sampled_from(["SAF", "SEBIDES"]),
    writers=st.lists(names, min_size=1, max_size=2, unique=True).map(tuple),
    merger=names,
    hidden=st.booleans(),
    updater=st.none() | names,
    how=st.sampled_from(["plain", "plain", "waits", "stacked", "octopus"]),
    moves=st.integers(0, 3).map(lambda one: one == 0),
    pushed=st.integers(0, 9).map(lambda one: one == 0),
    opener=names,
    reviews=st.lists(st.tuples(names, st.booleans(), st.integers(0, LAST)), max_size=3).map(tuple),
)


def expected(history: History, listed: Sequence[Entry], due: int | None, key: str) -> bool:
    """Tell from Git's own words and the steps' reviews whether everything about an account was approved."""
    git = history.forge.git
    line = git("log", "--first-parent", "--reverse", "--format=%H", "main").split()
    latest, standing = 0, ""
    good: dict[str, bool] = {}
    for commit in line[1:]:
        latest = max(latest, int(git("show", "--no-patch", "--format=%ct", commit)))
        day = (datetime.fromtimestamp(latest, UTC).date() - FIRST).days
        touched = git("diff", "--name-only", f"{commit}^1", commit).split()
        agencies = frozenset(one.split("/")[1] for one in touched if one.endswith(f"/{key}.yaml"))
        if agencies:
            standing = commit
            good[commit] = _good(git("rev-parse", f"{commit}^@").split(), history, commit, agencies, day, listed, due)
    return bool(standing) and all(good.values())


def _good(  # noqa: PLR0913, PLR0917 -- what there is to know of a merge
    parents: Sequence[str],
    history: History,
    commit: str,
    agencies: frozenset[str],
    day: int,
    listed: Sequence[Entry],
    due: int | None,
) -> bool:
    if len(parents) == 1:
        return False
    git, reviews = history.forge.git, history.reviews
    wrote = git("log", "--no-merges", "--format=%an", f"{commit}^1..{commit}").split()
    merger = git("show", "--no-patch", "--format=%an", commit)
    strict = any((one.since or 0) <= day for one in listed)

    def lets(who: str, when: int) -> bool:
        in_force = any((one.since or 0) <= when for one in listed)
        return not in_force or any(one.who == who and one.lets(when, agencies) for one in listed)

    by_merging = merger not in wrote and (not strict or lets(merger, day))
    if due is None or day < due:
        return by_merging
    pull = reviews.pulls[commit]
    wrote.append(pull.author.removesuffix("-git"))
    said = [(one.user.lower().removesuffix("-git"), one) for one in reviews.approved[pull.number]]
    by_review = len(parents) == 2 and any(
        one.commit == parents[1] and who not in wrote and lets(who, day) and lets(who, (one.at.date() - FIRST).days)
        for who, one in said
    )
    return by_review and (strict or merger not in wrote)


@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(
    st.none().map(lambda _: []) | st.lists(entries, min_size=2, max_size=5),
    st.lists(steps, min_size=4, max_size=7),
    st.none() | st.integers(0, LAST),
)
def test_nothing_is_approved_but_what_somebody_entitled_who_wrote_none_of_it_merged_or_reviewed(
    listed: list[Entry], plays: list[Step], due: int | None
) -> None:
    lines = ["llaves_forja: []" if due is None else f"exige: {{revision: {FIRST + timedelta(due)}}}"]
    text = "".join(one.text(f"{one.who}.e{place}") for place, one in enumerate(listed))
    with tempfile.TemporaryDirectory() as folder:
        forge = founded(
            Path(folder) / "repo",
            rules(*lines, aprueban=text, more=KNOWN),
        )
        heads = {
            f"accounts/{one}/_dependencia.yaml": Agency(one, (f"{one}/1/2026",)).text() for one in ("SAF", "SEBIDES")
        }
        cut = {path: text.partition("cuentas:")[0] for path, text in heads.items()}
        forge.write({"accounts/SAF.yaml": None, "accounts/SEBIDES.yaml": None, **cut})
        forge.git("add", "--all")
        forge.git("commit", "--quiet", "--amend", "--no-edit")
        history = History(forge)
        for number, step in enumerate(sorted(plays, key=lambda one: one.days), 1):
            history.take(number, step)
        found = verdicts(forge, reviews=history.reviews)
        told = {key: isinstance(one, Approval) for key, one in found.items()}
        assert told == {key: expected(history, listed, due, key) for key in told}
