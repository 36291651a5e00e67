"""What no accepted pull request does, whatever its author writes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reconciler import declaration
from reconciler.config import Config
from reconciler.history import CommitChange, FileChange
from reconciler.model import AccountKey, TreeFile, normalized_oficio
from reconciler.pull import Proposal, Side, judge, scope_of, uses_of
from reconciler.pull.authority import author_of
from reconciler.trail import PLACE, EntryChange, Trail, siglas_of
from tests.forge import RECEIVED, Agency, person

CONFIG = Config.model_validate({"dominios": ["sinaloa.gob.mx"]})
NUMBERS = tuple(range(1, 5))
KEYS = ("juan.perez", "ana.ruiz", "rosa.gil")
NAMES = {"juan.perez": ("Juan", "Pérez"), "ana.ruiz": ("Ana", "Ruiz"), "rosa.gil": ("Rosa", "Gil")}
START = {
    "SAF": Agency("SAF", (), {"juan.perez": person("Juan", "Pérez", "SAF/1/2026")}),
    "SEBIDES": Agency("SEBIDES", (), {"ana.ruiz": person("Ana", "Ruiz", "SEBIDES/1/2026")}),
}

Fields = Mapping[str, str]


def side(agencies: Mapping[str, Agency]) -> tuple[Side | None, dict[str, str]]:
    """Read agencies as a commit has them; each has its own enlace, and every oficio."""
    texts = {}
    for siglas, agency in agencies.items():
        agency.oficios = tuple(f"{siglas}/{number}/2026" for number in NUMBERS)
        texts[f"accounts/{siglas}.yaml"] = agency.text().replace("laura.beltran@", f"{siglas.lower()}@")
    files = [TreeFile(path, "100644", len(text), text.encode()) for path, text in texts.items()]
    loaded = declaration.load(files, CONFIG, RECEIVED)
    if loaded.declaration is None:
        return None, texts
    written = {
        AccountKey(key): fields
        for one in files
        for (section, key), fields in declaration.entries(one.data or b"").items()
        if section == "cuentas"
    }
    return Side(declaration=loaded.declaration, written=written), texts


BEFORE, TEXTS = side(START)
assert BEFORE is not None
ROOT = CommitChange("c" * 40, (), "a", "a", datetime(2026, 1, 1, tzinfo=UTC), "", "", ())
USES = uses_of(
    Trail(
        commits={ROOT.commit: ROOT},
        origins={},
        movements={
            key: [
                EntryChange(ROOT.commit, {}, {**fields, PLACE: BEFORE.declaration.accounts[key].account.dependencia})
            ]
            for key, fields in BEFORE.written.items()
        },
    )
)


@st.composite
def entries(draw: st.DrawFn, siglas: str, key: str) -> dict[str, str]:
    """Draw what somebody might write for an account, sound or not."""
    number = st.sampled_from(NUMBERS).map(lambda one: f"{siglas}/{one}/2026")
    fields = person(*draw(st.sampled_from([NAMES[key], ("Juan", "Pérez")])), draw(number))
    fields["puesto"] = draw(st.sampled_from(["Analista", "Jefe"]))
    if draw(st.booleans()):
        fields |= {"baja": draw(number), "motivo_baja": "Renuncia"}
    if draw(st.booleans()):
        fields["cambio"] = draw(number)
    if draw(st.integers(0, 3)) == 0:
        fields["renombra"] = draw(st.sampled_from([one for one in KEYS if one != key]))
    return fields


@st.composite
def proposals(draw: st.DrawFn) -> dict[str, Agency]:
    """Draw both agencies as a branch may leave them, most of it as it was."""
    found = {siglas: Agency(siglas, (), dict(one.accounts)) for siglas, one in START.items()}
    for key in draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=2, unique=True)):
        for one in found.values():
            one.accounts.pop(key, None)
        siglas = draw(st.sampled_from([None, "SAF", "SAF", "SEBIDES"]))
        if siglas:
            found[siglas].accounts[key] = draw(entries(siglas, key))
    return found


SOUND = {
    "SAF": Agency("SAF", (), START["SAF"].accounts | {"rosa.gil": person("Rosa", "Gil", "SAF/2/2026")}),
    "SEBIDES": Agency("SEBIDES", (), START["SEBIDES"].accounts),
}


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@example(SOUND)
@given(proposals())
def test_what_an_enlace_gets_accepted_stays_in_the_agency_loses_nobody_and_names_fresh_oficios(
    agencies: dict[str, Agency],
) -> None:
    assert BEFORE is not None
    after, texts = side(agencies)
    if after is None:
        return
    changed = [path for path, text in texts.items() if text != TEXTS[path]]
    proposal = Proposal(
        before=BEFORE,
        after=after,
        main=BEFORE.declaration,
        config=CONFIG,
        changes=tuple(FileChange(path, "100644", "100644", "a" * 40, "b" * 40) for path in changed),
        author=author_of("SAF <saf@sinaloa.gob.mx>"),
        day=RECEIVED,
        uses=USES,
    )
    problems = judge(proposal, scope_of(CONFIG, None))
    if any(one.blocks for one in problems):
        assert agencies is not SOUND
        return
    assert {siglas_of(path) for path in changed} <= {"SAF"}
    kept = {*after.declaration.accounts, *(one.previous for one in after.declaration.accounts.values())}
    assert BEFORE.declaration.accounts.keys() <= kept
    for one in proposal.differences:
        assert one.named
        assert all(("SAF", normalized_oficio(number)) not in USES for number in one.named.values())
