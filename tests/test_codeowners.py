"""Whose review the forge demands: the file as GitHub and as Gitea read it."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler import declaration
from reconciler.codeowners import CodeOwners, codeowners
from reconciler.config import Aprobacion, Aprobador, Config, Forja, Integrante, MesaDeAyuda
from reconciler.errors import ConfigurationError
from reconciler.model import Dependencia, Enlace, Siglas
from reconciler.repository import SIZE_LIMIT, read_files

ROOT = Path(__file__).parents[1]
DAY = date(2026, 11, 27)
DIRECTOR = Aprobador(correos=("director@sinaloa.gob.mx",), usuario="director")
SALUD = Aprobador(correos=("salud@sinaloa.gob.mx",), usuario="dir-salud", dependencias=("SALUD",))
DESK = {"ana.mesa": Integrante(correos=("ana@sinaloa.gob.mx",), usuario="ana-mesa")}
GITEA = Forja(tipo="gitea", url="https://forja.sinaloa.gob.mx/api/v1", repositorio="dsct/cuentas")


def agency(siglas: str, *users: str | None) -> Dependencia:
    enlaces = {
        f"enlace{n}": Enlace(key=f"enlace{n}", name="X", email=f"e{n}@sinaloa.gob.mx", git_user=user)
        for n, user in enumerate(users)
    }
    return Dependencia(siglas=Siglas(siglas), name=siglas, domain="sinaloa.gob.mx", enlaces=enlaces)


SAF = agency("SAF", "lbeltran")


def config(approvers: dict[str, Aprobador] | None = None, *, desk: bool = True, forge: Forja | None = None) -> Config:
    return Config(
        dominios=("sinaloa.gob.mx",),
        aprobacion=Aprobacion(aprueban=approvers or {}),
        mesa_de_ayuda=MesaDeAyuda(integrantes=DESK if desk else {}),
        forja=forge,
    )


def owners(made: CodeOwners, path: str) -> set[str]:
    """Return who owns a file: the last line that fits on GitHub, all that fit on Gitea."""
    lines = [line.split() for line in made.text.splitlines() if line and not line.startswith("#")]
    if made.path.startswith(".gitea"):
        fits = [bool(re.fullmatch(one[0].removeprefix("!"), path)) != one[0].startswith("!") for one in lines]
        return {owner for one, fit in zip(lines, fits, strict=True) if fit for owner in one[1:]}
    found: set[str] = set()
    for pattern, *named in lines:
        if pattern in {"*", f"/{path}"} or (pattern.endswith("/") and f"/{path}".startswith(pattern)):
            found = set(named)
    return found


@pytest.mark.parametrize("forge", [None, GITEA])
def test_who_may_approve_owns_the_declarations_and_the_enlace_only_stands_beside(forge: Forja | None) -> None:
    made = codeowners(config({"director": DIRECTOR}, forge=forge), [SAF], DAY)
    assert owners(made, "accounts/SAF.yaml") == owners(made, "accounts/SAF/parte.yaml") == {"@director"}
    assert owners(made, "accounts/NUEVA.yaml") == {"@director"}
    assert "# SAF: propone @lbeltran\n" in made.text


@pytest.mark.parametrize("forge", [None, GITEA])
def test_what_says_who_approves_and_what_runs_is_not_the_mesas_to_approve(forge: Forja | None) -> None:
    made = codeowners(config({"director": DIRECTOR}, forge=forge), [SAF], DAY)
    for path in ("cuentas.yaml", ".github/workflows/aplicar.yml", "plantillas/alta.txt"):
        assert "@director" in owners(made, path)
    if forge is None:
        assert owners(made, "cuentas.yaml") == owners(made, ".github/CODEOWNERS") == {"@director"}
    assert owners(made, "reconciler/engine/apply.py") == {"@ana-mesa", "@director"}


@pytest.mark.parametrize("forge", [None, GITEA])
def test_an_approver_of_some_agencies_owns_only_theirs(forge: Forja | None) -> None:
    made = codeowners(config({"d": DIRECTOR, "s": SALUD}, forge=forge), [SAF, agency("SALUD")], DAY)
    assert owners(made, "accounts/SALUD.yaml") == {"@director", "@dir-salud"}
    assert owners(made, "accounts/SAF.yaml") == {"@director"}
    assert "@dir-salud" not in owners(made, "cuentas.yaml")


def test_where_everybody_approves_for_some_agencies_they_all_own_the_configuration_and_never_the_mesa() -> None:
    made = codeowners(config({"s": SALUD}), [agency("SALUD")], DAY)
    assert owners(made, "cuentas.yaml") == owners(made, ".github/workflows/aplicar.yml") == {"@dir-salud"}


def test_where_nobody_is_named_to_approve_the_enlace_and_the_mesa_own_the_agencys_file() -> None:
    made = codeowners(config(), [SAF, agency("SEBIDES", None)], DAY)
    assert owners(made, "accounts/SAF.yaml") == {"@lbeltran", "@ana-mesa"}
    assert owners(made, "accounts/SEBIDES.yaml") == owners(made, "cuentas.yaml") == {"@ana-mesa"}


def test_who_left_owns_nothing_from_the_day_after() -> None:
    left = DIRECTOR.model_copy(update={"usuario": "anterior", "hasta": DAY})
    two = config({"antes": left, "ahora": DIRECTOR})
    assert owners(codeowners(two, [SAF], DAY), "accounts/SAF.yaml") == {"@anterior", "@director"}
    assert owners(codeowners(two, [SAF], date(2026, 11, 28)), "accounts/SAF.yaml") == {"@director"}


@pytest.mark.parametrize(
    ("approvers", "desk", "what"),
    [
        ({}, False, "cuentas.yaml"),
        ({"s": SALUD, "d": DIRECTOR.model_copy(update={"dependencias": ("SEBIDES",)})}, True, "cuentas.yaml"),
        ({"d": DIRECTOR.model_copy(update={"usuario": None})}, True, "cuentas.yaml"),
    ],
)
def test_what_nobody_would_own_is_refused_with_what_to_write(
    approvers: dict[str, Aprobador], desk: bool, what: str
) -> None:
    with pytest.raises(ConfigurationError, match=what) as caught:
        codeowners(config(approvers, desk=desk), [SAF], DAY)
    assert "«usuario»" in caught.value.remedy


def test_a_file_that_github_would_not_read_is_refused() -> None:
    many = {f"a{n}": Aprobador(correos=("a@b.mx",), usuario=f"u{'x' * 55}{n}") for n in range(400)}
    with pytest.raises(ConfigurationError, match="3 MB"):
        codeowners(config(many), [agency(f"D{n}") for n in range(100)], DAY)


USERS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,20}", fullmatch=True)
SIGLAS = st.from_regex(r"[A-Za-z][A-Za-z0-9]{1,15}", fullmatch=True)


@given(
    st.lists(USERS, min_size=1, max_size=4),
    st.lists(SIGLAS, unique_by=str.casefold, max_size=5),
    USERS,
    st.booleans(),
)
def test_every_file_has_an_owner_and_no_enlace_owns_one_that_others_approve(
    approving: list[str], siglas: list[str], enlace: str, gitea: bool
) -> None:
    approvers = {f"a{n}": Aprobador(correos=("a@b.mx",), usuario=user) for n, user in enumerate(approving)}
    made = codeowners(config(approvers, forge=GITEA if gitea else None), [agency(one, enlace) for one in siglas], DAY)
    entitled = {f"@{user}".casefold() for user in approving}
    for path in ("cuentas.yaml", "README.md", "accounts/OTRA.yaml", *(f"accounts/{one}.yaml" for one in siglas)):
        found = {one.casefold() for one in owners(made, path)}
        assert found
        assert not path.startswith("accounts/") or found == entitled


def test_the_projects_own_file_is_in_step_with_its_sample() -> None:
    paths = [one.relative_to(ROOT).as_posix() for one in ((ROOT / "cuentas.yaml"), *ROOT.glob("accounts/**/*.yaml"))]
    files = tuple(read_files(ROOT, sorted(paths), SIZE_LIMIT))
    settings = next(one for one in files if one.path == "cuentas.yaml")
    found = declaration.load_config(settings.data or b"")
    loaded = declaration.load([one for one in files if one.path != "cuentas.yaml"], found, DAY).declaration
    assert loaded
    made = codeowners(found, loaded.dependencias.values(), DAY)
    assert (ROOT / made.path).read_text(encoding="utf-8") == made.text, "Corra «cuentas codeowners --worktree»"
