"""Names in the directory: escaped going in, told apart coming out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reconciler.directory import places
from reconciler.model import Siglas

BASE = "OU=Cuentas,DC=lab,DC=sinaloa,DC=test"
NAMES = st.text(st.sampled_from('abcñÁ ,+"\\<>;=#.-'), min_size=1, max_size=12).filter(
    lambda name: name.strip() == name
)


@given(NAMES, NAMES)
def test_an_object_knows_its_own_name_its_parent_and_its_dependencia(name: str, unit: str) -> None:
    parent = places.unit(Siglas(unit), BASE)
    dn = f"{places.common_name(name)},{parent}"
    assert places.own_name(dn) == places.common_name(name)
    assert places.parent(dn) == parent
    assert places.is_under(dn, BASE.upper())
    assert places.siglas_of(dn, BASE) == unit


def test_a_name_in_hexadecimal_is_read_too() -> None:
    assert places.siglas_of(f"CN=Caja #1,OU=\\C3\\91and\\C3\\BA\\, S.A.,{BASE}", BASE) == "Ñandú, S.A."


def test_only_the_unit_right_below_the_base_counts() -> None:
    assert places.siglas_of(f"CN=x,OU=Sub,OU=SAF,{BASE}", BASE) == "SAF"
    assert places.siglas_of(f"CN=x,{BASE}", BASE) == ""
    assert places.siglas_of(f"CN=x,CN=Caja,{BASE}", BASE) == ""
    assert places.siglas_of("CN=x,OU=Ajenas,DC=lab,DC=sinaloa,DC=test", BASE) == ""


def test_the_base_is_not_under_itself_and_a_name_that_ends_like_it_is_not_either() -> None:
    assert not places.is_under(BASE, BASE)
    assert not places.is_under(f"CN=x,OU=Mis{BASE[3:]}", BASE)
