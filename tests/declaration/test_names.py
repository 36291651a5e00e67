"""Names: one key, one address, one alias, one logon across all agencies, bajas included."""

from __future__ import annotations

import pytest

from tests.declaration.files import OTHER, OTHER_PATH, PATH, SAF, account, codes, line_of, person, problems, warnings

BAJA = "baja: SAF/2/2026\nmotivo_baja: Renuncia"


def in_both(first: str, second: str) -> dict[str, str | bytes]:
    """Return two agencies, each with one more person; SEBIDES without SAF's Juan."""
    other = OTHER.replace("juan.perez", "otro.juan")
    return {PATH: SAF + first, OTHER_PATH: other + second}


@pytest.mark.parametrize("more", ["", BAJA])
def test_a_key_is_taken_across_agencies_even_by_somebody_who_left(more: str) -> None:
    said = problems(in_both(person("ana.soto", more=more), person("ana.soto", given="Anabel")))
    assert [(one.file, one.code) for one in said if one.blocks] == [(OTHER_PATH, "clave-repetida")]
    assert f"{PATH}:{len(SAF.splitlines()) + 1}" in said[0].message


@pytest.mark.parametrize("more", ["", f"\n{BAJA}"])
def test_an_alias_is_taken_across_agencies_even_by_somebody_who_left(more: str) -> None:
    alias = "alias: [soto@sinaloa.gob.mx]"
    said = problems(in_both(person("ana.soto", more=alias + more), person("eva.soto", more=alias)))
    assert [(one.file, one.code) for one in said] == [(OTHER_PATH, "direccion-repetida")]


def test_an_alias_is_not_another_persons_address() -> None:
    text = SAF + person("ana.soto", more="alias: [juan.perez@sinaloa.gob.mx]")
    assert codes(text) == [(len(text.splitlines()), "direccion-repetida")]


def test_an_alias_is_not_the_accounts_own_address() -> None:
    text = SAF + "    alias: [juan.perez@sinaloa.gob.mx]\n"
    assert codes(text) == [(len(text.splitlines()), "alias")]


def test_an_alias_is_not_another_persons_key_in_another_domain() -> None:
    text = SAF + person("ana.soto", more="alias: [juan.perez@salud.sinaloa.gob.mx]")
    assert codes(text) == [(len(text.splitlines()), "direccion-repetida")]


def test_a_person_may_have_the_same_local_part_in_another_domain() -> None:
    assert account(SAF + "    alias: [juan.perez@salud.sinaloa.gob.mx]\n").aliases == (
        "juan.perez@salud.sinaloa.gob.mx",
    )


@pytest.mark.parametrize("alias", ["soto@gmail.com", "soto", "Soto@sinaloa.gob.mx", ".soto@sinaloa.gob.mx"])
def test_an_alias_is_a_whole_address_of_an_allowed_domain(alias: str) -> None:
    text = SAF + f"    alias: [{alias}]\n"
    assert codes(text) == [(len(text.splitlines()), "alias")]


@pytest.mark.parametrize("key", ["administrator", "postmaster", "krbtgt", "canario.cuentas"])
def test_a_name_that_the_system_keeps_for_itself_is_refused(key: str) -> None:
    assert codes(SAF.replace("juan.perez", key)) == [(line_of(SAF, "juan.perez"), "clave-reservada")]


@pytest.mark.parametrize("key", ["Juan", "juan pérez", "juán", "juan_perez", "1juan", "juan..p", "juan.", "j" * 65])
def test_a_key_is_lower_case_letters_digits_and_inner_full_stops(key: str) -> None:
    assert codes(SAF.replace("juan.perez", key)) == [(line_of(SAF, "juan.perez"), "clave")]


def test_the_logon_is_the_key_when_it_fits_in_twenty_characters() -> None:
    assert account(SAF).logon == "juan.perez"


def test_a_long_key_gives_a_logon_of_twenty_characters_and_a_warning() -> None:
    text = SAF.replace("juan.perez", "felipedejesus.esquivel")
    assert account(text, "felipedejesus.esquivel").logon == "felipedejesus.esquiv"
    assert warnings(text) == [(line_of(text, "felipedejesus"), "usuario-recortado")]


def test_a_logon_cut_at_a_full_stop_does_not_end_in_it() -> None:
    assert account(SAF.replace("juan.perez", "mariadelosangelesab.q"), "mariadelosangelesab.q").logon == (
        "mariadelosangelesab"
    )


def test_two_keys_that_give_one_logon_are_refused() -> None:
    text = SAF + person("felipedejesus.esquivel") + person("felipedejesus.esquivias")
    assert codes(text) == [(line_of(text, "felipedejesus.esquivias"), "usuario-repetido")]


def test_a_declared_logon_settles_the_collision_and_the_warning() -> None:
    text = SAF + person("felipedejesus.esquivel", more="usuario_ad: felipe.esquivel")
    assert warnings(text) == []
    assert account(text, "felipedejesus.esquivel").logon == "felipe.esquivel"


def test_logons_are_the_same_whatever_the_case_and_the_agency() -> None:
    said = problems(in_both(person("ana.soto", more="usuario_ad: Soto"), person("soto")))
    assert [(one.file, one.code) for one in said] == [(OTHER_PATH, "usuario-repetido")]


@pytest.mark.parametrize("logon", ["a" * 21, '"con espacio"', "punto.", "'a/b'", "'a@b'", "'a*'"])
def test_a_logon_that_active_directory_would_refuse_is_refused(logon: str) -> None:
    text = SAF + f"    usuario_ad: {logon}\n"
    assert codes(text) == [(len(text.splitlines()), "valor")]


def test_a_renamed_account_keeps_its_former_address_as_an_alias() -> None:
    assert account(SAF + "    renombra: juan.p\n").aliases == ("juan.p@sinaloa.gob.mx",)


def test_a_rename_replaces_the_former_entry() -> None:
    text = SAF + person("ana.soto") + person("ana.sotomayor", more="renombra: ana.soto")
    assert (len(text.splitlines()), "renombra") in codes(text)


def test_a_rename_does_not_take_an_address_that_is_somebodys() -> None:
    text = SAF + person("ana.soto", more="alias: [juan.p@sinaloa.gob.mx]") + person("eva.p", more="renombra: juan.p")
    assert codes(text) == [(len(text.splitlines()), "direccion-repetida")]
