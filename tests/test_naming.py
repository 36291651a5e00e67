"""Keys proposed from names: as people here are called, never anybody else's, always the same."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.config import KEY
from reconciler.declaration.names import RESERVED
from reconciler.model import LOGON_LENGTH
from reconciler.naming import LONGEST, folded, named, person_keys, shared_keys, unfortunate

NAMES = st.one_of(
    st.sampled_from(
        [
            "Juan",
            "María de la Luz",
            "José Luis",
            "Óscar",
            "Felipe de Jesús",
            "O'Farril",
            "Peña-Nieto",
            "de la Cruz",
            "y",
        ]
    ),
    st.text(max_size=40),
)


def nobody(name: str) -> bool:
    return not name


@pytest.mark.parametrize(
    ("given_name", "surnames", "first"),
    [
        ("Juan", "Pérez López", "juan.perez"),
        ("Óscar", "Núñez Güémez", "oscar.nunez"),
        ("Felipe de Jesús", "Esquivel Gámez", "felipedejesus.esquivel"),
        ("María de la Luz", "Ruiz", "mariadelaluz.ruiz"),
        ("Ana", "O'Farril Soto", "ana.ofarril"),
        ("Julio", "Peña-Nieto Burgos", "julio.penanieto"),
        ("Rosa", "de la Cruz Pérez", "rosa.delacruz"),
        ("Luis", "del Río", "luis.delrio"),
        ("Ana", "San Martín y Soto", "ana.sanmartin"),
        ("  MARÍA   ", "lópez", "maria.lopez"),
    ],
)
def test_names_of_here_give_the_keys_in_use(given_name: str, surnames: str, first: str) -> None:
    assert person_keys(given_name, surnames, nobody)[0].key == first


def test_homonyms_take_an_initial_then_both_surnames_then_a_number() -> None:
    taken: set[str] = set()
    found = []
    for _ in range(5):
        key = person_keys("Juan", "Pérez López", taken.__contains__)[0].key
        found.append(key)
        taken.add(key)
    assert found == ["juan.perez", "juan.perezl", "juan.perezlopez", "juan.perez2", "juan.perez3"]


@pytest.mark.parametrize(
    ("given_name", "surnames", "key"),
    [
        ("Łukasz", "Wałęsa", "lukasz.walesa"),
        ("Søren", "Møller", "soren.moller"),
        ("Đorđe", "Strauß", "dorde.strauss"),
        ("Ægir", "O'Brien-Núñez", "aegir.obriennunez"),
    ],
)
def test_a_letter_of_another_language_is_not_lost(given_name: str, surnames: str, key: str) -> None:
    assert person_keys(given_name, surnames, nobody)[0].key == key


def test_a_compound_name_is_offered_whole_and_by_its_first_one() -> None:
    keys = [one.key for one in person_keys("José Luis", "Soto Leal", nobody)]
    assert keys[:2] == ["joseluis.soto", "jose.soto"]


def test_someone_with_one_surname_has_no_initial_to_take() -> None:
    assert [one.key for one in person_keys("Ana", "Soto", {"ana.soto"}.__contains__)] == ["ana.soto2", "ana.soto3"]


def test_a_key_too_long_to_log_on_with_comes_with_a_shorter_logon() -> None:
    one = person_keys("Felipe de Jesús", "Esquivel", nobody)[0]
    assert (one.logon, one.better_logon) == ("felipedejesus.esquiv", "felipe.esquivel")
    taken = {"felipe.esquivel", "f.esquivel", "fesquivel", "felipedejesus.esquiv"}
    other = person_keys("Felipe de Jesús", "Esquivel", taken.__contains__)[0]
    assert other.better_logon == "felipedejesus.es2"


def test_a_shared_mailbox_is_called_after_what_it_is_for_and_its_agency() -> None:
    assert shared_keys("Contabilidad SAF", "SAF", nobody)[0].key == "contabilidad.saf"
    assert shared_keys("Sala de juntas, piso 2", "SEPyC", nobody)[0].key == "sala.juntas.sepyc"


@pytest.mark.parametrize("text", ["李", "", "...", "12", "—"])
def test_names_without_letters_of_ours_give_nothing(text: str) -> None:
    assert person_keys(text, "Soto", nobody) == ()
    assert person_keys("", text, nobody) == ()


def test_a_key_that_turns_into_a_word_nobody_wants_says_so() -> None:
    assert unfortunate("ana.puto2") == "puto"
    assert person_keys("Ana", "Put Olea", {"ana.put"}.__contains__)[0].unfortunate == "puto"
    assert unfortunate("penelope.diputada") is None


@given(given_name=NAMES, surnames=NAMES, taken=st.sets(st.sampled_from(["juan.y", "jose.ofarril", "juan.delacruz"])))
def test_every_proposal_is_a_valid_key_free_and_always_the_same(
    given_name: str, surnames: str, taken: set[str]
) -> None:
    def is_taken(name: str) -> bool:
        return name in taken or name in RESERVED

    found = person_keys(given_name, surnames, is_taken)
    assert found == person_keys(given_name, surnames, is_taken)
    assert len({one.key for one in found}) == len(found)
    for one in found:
        assert re.fullmatch(KEY, one.key)
        assert len(one.key) <= LONGEST
        assert not is_taken(one.key)
        assert one.better_logon is None or (len(one.better_logon) <= LOGON_LENGTH and not is_taken(one.better_logon))
        assert (one.better_logon is None) == (len(one.key) <= LOGON_LENGTH)


@given(given_name=st.text("abcñáü", min_size=1, max_size=12), surnames=st.text("abcñáü", min_size=1, max_size=12))
def test_whoever_has_letters_gets_a_proposal_however_many_homonyms_there_are(given_name: str, surnames: str) -> None:
    taken: set[str] = set()
    for _ in range(12):
        key = person_keys(given_name, surnames, taken.__contains__)[0].key
        assert key not in taken
        taken.add(key)


@given(name=st.text(max_size=60), unit=st.sampled_from(["SAF", "SEPyC"]))
def test_what_is_shared_gets_valid_keys_too(name: str, unit: str) -> None:
    for one in shared_keys(name, unit, nobody):
        assert re.fullmatch(KEY, one.key)
        assert len(one.key) <= LONGEST


@given(st.text())
def test_what_is_folded_stays_as_it_is(text: str) -> None:
    assert folded(folded(text)) == folded(text)
    assert re.fullmatch("[a-z0-9]*", folded(text))


def test_a_key_that_a_person_chose_is_judged_like_one_that_was_proposed() -> None:
    assert named("felipedejesus.esquivel", nobody).better_logon == "felipedejesus.esquiv"
    assert named("juan.perez", nobody).better_logon is None
