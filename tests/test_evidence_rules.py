"""What is promised of evidence whatever there is: properties of the pure judge."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from reconciler.config import Aprobacion, Aprobador, Config, Exige, Integrante, MesaDeAyuda
from reconciler.events import Event, EventKind
from reconciler.evidence import EVERYTHING, Evidence, Regime, Reviewed, effective
from reconciler.model import Siglas
from reconciler.pull_request import Opinion
from reconciler.roster import Roster
from reconciler.signature import Signature, State
from reconciler.testimony import frozen, unrecorded

SAF, SEBIDES = Siglas("SAF"), Siglas("SEBIDES")
TODAY = date(2026, 6, 1)
KEYS = [f"{n}" * 40 for n in "ABCD"]
PEOPLE = ["ana", "beto", "carla"]
HEAD = "b" * 40
EVERYBODY = {who: Integrante(correos=(f"{who}@sinaloa.gob.mx",), usuario=f"{who}-git") for who in PEOPLE}
AT = datetime(2026, 3, 1, tzinfo=UTC)


def spelled(who: str, *, hidden: bool = False) -> str:
    return f"{who} <7+{who}-git@users.noreply.github.com>" if hidden else f"{who} <{who}@sinaloa.gob.mx>"


days = st.dates(date(2026, 1, 1), TODAY)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 5, 31), timezones=st.just(UTC))  # noqa: DTZ001
people = st.sampled_from(PEOPLE)
agencies = st.sets(st.sampled_from([SAF, SEBIDES, EVERYTHING]), min_size=1).map(frozenset)
states = st.sampled_from(list(State))


@st.composite
def approvers(draw: st.DrawFn) -> dict[str, Aprobador]:
    found: dict[str, Aprobador] = {}
    for who in draw(st.sets(people)):
        first, last = sorted((draw(days), draw(days)))
        found[who] = Aprobador(
            correos=(f"{who}@sinaloa.gob.mx",),
            usuario=f"{who}-git",
            llaves=tuple(draw(st.sets(st.just(KEYS[PEOPLE.index(who)])))),
            desde=draw(st.sampled_from([first, None])),
            hasta=draw(st.sampled_from([last, None])),
        )
        only = tuple(draw(st.sets(st.sampled_from([SAF, SEBIDES]))))
        found[who] = found[who].model_copy(update={"dependencias": only})
    return found


@st.composite
def regimes(draw: st.DrawFn) -> Regime:
    rules = Aprobacion(
        exige=Exige(firma=draw(st.none() | days), revision=draw(st.none() | days)),
        aprueban=draw(approvers()),
        llaves_forja=tuple(draw(st.sets(st.sampled_from(KEYS[3:])))),
    )
    config = Config(dominios=("sinaloa.gob.mx",), aprobacion=rules, mesa_de_ayuda=MesaDeAyuda(integrantes=EVERYBODY))
    return Regime(approving=rules, roster=Roster.of(config, {}), zone=UTC, today=TODAY)


@st.composite
def evidences(draw: st.DrawFn) -> Evidence:
    opinion = st.builds(
        Opinion,
        user=people.map(lambda who: f"{who}-git"),
        commit=st.sampled_from([HEAD, "c" * 40]),
        at=st.just(AT),
    )
    reviewed = st.builds(
        Reviewed,
        number=st.integers(1, 9),
        author=people.map(lambda who: f"{who}-git"),
        opinions=st.lists(opinion, max_size=3).map(tuple),
    )
    return Evidence(
        merge="a" * 40,
        heads=(HEAD,),
        merger=spelled(draw(people), hidden=draw(st.booleans())),
        proposers=tuple(spelled(one, hidden=draw(st.booleans())) for one in draw(st.sets(people, min_size=1))),
        at=draw(moments),
        signature=draw(st.none() | st.builds(Signature, state=states, key=st.sampled_from(KEYS))),
        reviewed=draw(st.none() | reviewed),
    )


def passes(regime: Regime, evidence: Evidence, for_whom: frozenset[Siglas]) -> bool:
    return regime.fault(evidence, for_whom) is None


@given(regimes(), evidences(), agencies)
def test_what_passes_was_approved_by_somebody_who_did_not_propose_it(
    regime: Regime, evidence: Evidence, for_whom: frozenset[Siglas]
) -> None:
    if passes(regime, evidence, for_whom):
        wrote = {one.split()[0] for one in evidence.proposers}
        approved = {one.removesuffix("-git") for one in regime.approvers(evidence, for_whom)}
        approved = approved or {evidence.merger.split()[0]}
        assert not approved & wrote


@given(regimes(), evidences(), agencies)
def test_what_passes_under_a_list_was_approved_by_one_of_it_in_time_and_for_all_the_agencies(
    regime: Regime, evidence: Evidence, for_whom: frozenset[Siglas]
) -> None:
    day = evidence.at.date()
    if passes(regime, evidence, for_whom) and regime.names_approvers(day):
        names = regime.approvers(evidence, for_whom)
        assert names
        for name in names:
            entry = regime.approving.aprueban[name]
            assert (entry.desde or day) <= day <= (entry.hasta or day)
            assert not entry.dependencias or for_whom <= set(entry.dependencias)


@given(regimes(), evidences(), agencies)
def test_what_passes_after_signatures_are_due_is_signed_well_by_a_key_that_counts(
    regime: Regime, evidence: Evidence, for_whom: frozenset[Siglas]
) -> None:
    if passes(regime, evidence, for_whom) and regime.asks_signature(evidence.at.date()):
        assert evidence.signature is not None
        assert evidence.signature.state is State.GOOD
        assert evidence.signature.key in regime.keys


@given(regimes(), evidences(), agencies)
def test_what_passes_after_reviews_are_due_was_approved_as_it_was_merged(
    regime: Regime, evidence: Evidence, for_whom: frozenset[Siglas]
) -> None:
    if passes(regime, evidence, for_whom) and regime.asks_review(evidence.at.date()):
        assert isinstance(evidence.reviewed, Reviewed)
        assert any(one.commit == HEAD for one in evidence.reviewed.opinions)


@given(regimes(), evidences(), agencies)
def test_more_proposers_or_more_agencies_never_help(
    regime: Regime, evidence: Evidence, for_whom: frozenset[Siglas]
) -> None:
    if not passes(regime, evidence, for_whom):
        wider = replace(evidence, proposers=(*evidence.proposers, *map(spelled, PEOPLE)))
        assert not passes(regime, wider, for_whom)
        assert not passes(regime, evidence, for_whom | {SAF, SEBIDES, EVERYTHING})


@given(regimes(), evidences(), st.sampled_from([SAF, SEBIDES, EVERYTHING]))
def test_what_is_put_on_record_is_judged_as_it_was_and_is_not_put_there_again(
    regime: Regime, evidence: Evidence, siglas: Siglas
) -> None:
    for_whom = frozenset({siglas})
    if not passes(regime, evidence, for_whom):
        return
    data = list(unrecorded([(evidence, for_whom, "SAF/1/2026")], regime))
    assert bool(data) == regime.demands(evidence.at)
    known = frozen(Event(kind=EventKind.EVIDENCE, at=AT, run="una", data=one) for one in data).get(evidence.merge)
    if known:
        thawed = replace(evidence, signature=known.signature, reviewed=known.reviewed, frozen=known)
        assert passes(regime, thawed, for_whom)
        assert list(unrecorded([(thawed, for_whom, "SAF/1/2026")], regime)) == []


@given(st.lists(st.datetimes(timezones=st.just(UTC)), max_size=20))
def test_dates_never_run_backwards_and_none_is_before_its_own(dates: list[datetime]) -> None:
    line = [(str(place), at) for place, at in enumerate(dates)]
    found = effective(line, UTC, TODAY)
    past = [name for name, at in line if at.date() <= TODAY]
    told = [found[name] for name in past]
    assert told == sorted(told)
    assert all(found[name] >= at for name, at in line)
    assert all(found[name].date() <= TODAY for name in past)


@given(st.integers(1, 400))
def test_a_backdated_merge_gains_nothing(days_back: int) -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    found = effective([("una", now), ("otra", now - timedelta(days=days_back))], UTC, TODAY)
    assert found["otra"] == now
