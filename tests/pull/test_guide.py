"""The guide's examples, one pull request after the other, pass the rules that it tells of."""

from __future__ import annotations

from reconciler import declaration
from reconciler.history import FileChange
from reconciler.model import AccountKey
from reconciler.pull import Proposal, Side, judge, scope_of, uses_of
from reconciler.pull.authority import author_of
from reconciler.trail import PLACE, EntryChange, Trail
from tests.build import TODAY
from tests.declaration.files import CONFIG, load
from tests.declaration.test_guide import EXAMPLES, Files, taken_in, written
from tests.pull.test_properties import ROOT

DESK = CONFIG.model_validate(
    CONFIG.model_dump(mode="json", exclude_defaults=True)
    | {"mesa_de_ayuda": {"integrantes": {"mesa": {"correos": ["mesa@sinaloa.gob.mx"], "usuario": "mesa"}}}}
)


def side(files: Files) -> Side:
    texts = written(files)
    loaded = load(texts)
    assert loaded.declaration is not None
    entries = {
        AccountKey(key): fields
        for text in texts.values()
        for (section, key), fields in declaration.entries(str(text).encode()).items()
        if section == "cuentas"
    }
    return Side(declaration=loaded.declaration, written=entries)


def pull_requests() -> list[Files]:
    """Return the files after each pull request of the guide.

    An example that declares no oficio is of the letter of the one before, and goes with it.
    """
    states: list[Files] = []
    files: Files = {}
    for path, example in EXAMPLES:
        files = taken_in(files, path, example)
        if states and "oficios:" not in example:
            states.pop()
        states.append(files)
    return states


def test_the_examples_are_pull_requests_that_pass() -> None:
    states = pull_requests()
    assert len(states) >= 6
    files: Files = {}
    before = side({})
    movements: dict[AccountKey, list[EntryChange]] = {}
    for changed in states:
        after = side(changed)
        paths = [one for one in changed if changed[one] != files.get(one)]
        proposal = Proposal(
            before=before,
            after=after,
            main=before.declaration,
            config=DESK,
            changes=tuple(FileChange(one, "100644", "100644", "a" * 40, "b" * 40) for one in paths),
            author=author_of("mesa"),
            day=TODAY,
            uses=uses_of(Trail(commits={ROOT.commit: ROOT}, origins={}, movements=movements)),
        )
        assert [one for one in judge(proposal, scope_of(DESK, None)) if one.blocks] == []
        for one in proposal.differences:
            after_it = {**one.new, PLACE: one.agency}
            movements.setdefault(one.key, []).append(EntryChange(ROOT.commit, {}, after_it))
        files, before = changed, after
