"""Who is who, asked of a roster by each name that somebody has."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reconciler.config import Aprobador
from reconciler.model import Siglas
from reconciler.roster import Person, Roster

names = st.frozensets(st.sampled_from(["a", "b", "c"]), max_size=2)
people = st.builds(Person, names, names)


@given(person=people, known=st.lists(people, max_size=6))
def test_somebody_is_called_all_that_everybody_is_who_shares_a_name_with_them_or_with_one_who_does(
    person: Person, known: list[Person]
) -> None:
    listed = {str(place): one for place, one in enumerate(known)}
    expected = person
    for _ in known:
        for one in known:
            if one.is_also(expected):
                expected = Person(expected.addresses | one.addresses, expected.users | one.users)
    assert Roster(approvers={}, desk=listed, enlaces={}).known_as(person) == expected
    assert Roster(approvers={}, desk={}, enlaces={Siglas("SAF"): listed}).known_as(person) == expected
    approving = {key: (one, Aprobador(correos=("x@sinaloa.gob.mx",))) for key, one in listed.items()}
    assert Roster(approvers=approving, desk={}, enlaces={}).known_as(person) == expected
