"""validate --base: who proposes, what a pull request is about, and what an agency may have."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.desk import ANA, JUAN, SAF, SEBIDES, Desk, desk, leaving, saf
from tests.cli.pulls import DESK, FIVE, codes, configuration, found, proposed
from tests.forge import DIRECTOR, ENLACE, Agency, person

MARIO = {"mario.gil": person("Mario", "Gil Ruiz", alta="SEBIDES/1/2026")}
ALIEN = "Alguien <alguien@example.org>"


@pytest.fixture(name="known")
def _known(tmp_path: Path) -> Desk:
    """Return a desk whose configuration says who is of the Mesa de Ayuda and who approves."""
    return desk(tmp_path, DESK)


# --- who proposes ---


@pytest.mark.parametrize("author", [ENLACE, "mesauno", "MESAUNO", "Mesa <mesa.uno@sinaloa.gob.mx>"])
def test_an_enlace_and_the_mesa_de_ayuda_may_propose(known: Desk, author: str) -> None:
    proposed(known, {SAF: saf(JUAN)})
    assert codes(known, 0, author) == []


@pytest.mark.parametrize("author", [ALIEN, "alguien", "laura.beltran", "mesa.uno@example.org", "directora"])
def test_nobody_else_may(known: Desk, author: str) -> None:
    proposed(known, {SAF: saf(JUAN)})
    assert "autor-ajeno" in codes(known, 2, author)


def test_the_enlace_of_another_agency_may_not_propose_for_this_one(known: Desk) -> None:
    def of_another(agency: Agency) -> str:
        return agency.text().replace("laura.beltran@sinaloa.gob.mx", "otra@sinaloa.gob.mx")

    known.forge.pull_request({SAF: of_another(saf())})
    proposed(known, {SAF: of_another(saf(JUAN))})
    assert "autor-ajeno" in codes(known, 2, ENLACE)
    assert codes(known, 0, "Otra <otra@sinaloa.gob.mx>") == []


def test_an_enlace_is_known_by_the_forges_user_and_only_as_the_base_says(mesa: Desk) -> None:
    proposed(mesa, {SAF: saf(JUAN).text().replace("    correo:", "    usuario_git: mallory\n    correo:")})
    said = found(mesa, 2, "mallory")
    assert [one["code"] for one in said] == ["autor-ajeno", "enlace-cambiado"]
    assert "mesa_de_ayuda: integrantes:" in said[0]["remedy"]
    mesa.forge.pull_request({SAF: saf().text().replace("    correo:", "    usuario_git: lbeltran\n    correo:")})
    proposed(mesa, {SAF: saf(JUAN).text().replace("    correo:", "    usuario_git: lbeltran\n    correo:")})
    assert codes(mesa, 0, "LBeltran") == []


@pytest.mark.parametrize(
    "fields",
    [
        "    correo: dsct@sinaloa.gob.mx\n    usuario_git: mallory\n",
        "    correo: otro.mas@sinaloa.gob.mx\n    usuario_git: Directora\n",
        "    correo: mesa.uno@sinaloa.gob.mx\n",
    ],
)
def test_no_enlace_gives_the_address_or_user_of_who_approves_or_receives(known: Desk, fields: str) -> None:
    more = f"  otro.mas:\n    nombre: Otro Más\n{fields}oficios:\n"
    proposed(known, {SAF: saf(JUAN).text().replace("oficios:\n", more, 1)})
    assert codes(known, 2) == ["enlace-con-nombre-ajeno", "enlace-cambiado"]
    assert sorted(codes(known, 0, "mesauno")) == ["enlace-cambiado", "enlace-con-nombre-ajeno"]


def test_an_old_branch_does_not_bring_somebody_back_who_left_the_mesa_de_ayuda(known: Desk) -> None:
    proposed(known, {SAF: saf(JUAN)})
    known.forge.pull_request({"cuentas.yaml": configuration(known).replace("mesauno", "mesados")})
    assert codes(known, 2, "mesauno") == ["autor-ajeno"]


def test_an_author_that_nobody_told_is_said_and_not_judged(mesa: Desk) -> None:
    proposed(mesa, {SAF: saf(JUAN)})
    assert codes(mesa, 0, None) == ["autor-sin-revisar"]


def test_whoever_approves_may_propose_and_is_told_that_another_one_approves(tmp_path: Path) -> None:
    mesa = desk(tmp_path, DESK.replace("mesa.uno@", "dsct@"))
    proposed(mesa, {SAF: saf(JUAN)})
    assert codes(mesa, 0, DIRECTOR) == ["propone-quien-aprueba"]


FORGE = "forja:\n  tipo: github\n  url: https://forja.example.org\n  repositorio: gob/cuentas\n"
REQUEST = (
    "--alta", "--dependencia", "SAF", "--nombre", "Pedro", "--apellidos", "Ruiz Soto", "--puesto", "Analista",
    "--oficio", "SAF/9/2026", "--fecha", "2026-05-04", "--recibido", "2026-05-06", "--yes",
)  # fmt: skip


def requesting(mesa: Desk) -> Desk:
    mesa.forge.git("config", "user.name", "Mesa de Ayuda")
    mesa.forge.git("config", "user.email", "mesa.uno@sinaloa.gob.mx")
    return mesa


def test_the_forges_own_user_may_propose_what_is_on_record_and_nothing_else(tmp_path: Path) -> None:
    mesa = requesting(desk(tmp_path, DESK + FORGE))
    bot = "github-actions[bot]"
    mesa.run("request", *REQUEST)
    mesa.run("validate", "--at", "solicitud/saf-pedro.ruiz-saf-9-2026", "--base", "main", "--author", bot)
    proposed(mesa, {SAF: saf(JUAN)})
    assert codes(mesa, 2, bot) == ["autor-ajeno"]


def test_a_letter_that_asks_for_two_accounts_passes_on_two_branches_once_it_is_on_record(known: Desk) -> None:
    mesa = requesting(known)
    mesa.run("request", *REQUEST)
    second = tuple(word.replace("Pedro", "Rosa").replace("Ruiz Soto", "Gil Lugo") for word in REQUEST)
    mesa.run("request", *second)
    first, other = sorted(
        mesa.forge.git("for-each-ref", "--format=%(refname:short)", "refs/heads/solicitud/").split()
    )
    words = ("--base", "main", "--author", "mesauno", "--format", "json")
    assert mesa.run("validate", "--at", other, *words).out == "[]\n"
    mesa.forge.merge(first, "merge", "Merge pull request #1")
    said = mesa.run("validate", "--at", other, *words).out
    assert "oficio-con-orden" in said
    assert "La propone" not in said


# --- what it is about ---


def test_data_and_code_do_not_go_together(mesa: Desk) -> None:
    proposed(mesa, {SAF: saf(JUAN), "reconciler/x.py": "print()\n"})
    assert codes(mesa, 2) == ["mezcla"]
    proposed(mesa, {SAF: saf(JUAN), "cuentas.yaml": configuration(mesa) + "retencion:\n  buzon_dias: 30\n"})
    assert "mezcla" in codes(mesa, 2)


def test_code_alone_has_nothing_of_the_declaration_to_judge(mesa: Desk) -> None:
    proposed(mesa, {"reconciler/x.py": "# CURP PELJ800101HSLRPN09 y alguien@gmail.com\n"})
    assert codes(mesa, 0, ALIEN) == ["solo-codigo"]
    assert (
        "de la declaración no hay nada que revisar" in mesa.run("validate", "--at", "propuesta", "--base", "main").out
    )


@pytest.mark.parametrize("path", ["accounts/SAF.yml", "accounts/a/b/c.yaml", "Accounts/SAF.yaml", "Cuentas.yaml"])
def test_what_looks_like_a_declaration_and_is_none_is_refused(mesa: Desk, path: str) -> None:
    proposed(mesa, {path: "x: 1\n"})
    assert "archivo-ajeno" in codes(mesa, 2)


def test_links_programs_and_submodules_are_no_declarations(mesa: Desk) -> None:
    mesa.forge.git("switch", "--quiet", "-C", "propuesta", "main")
    (mesa.forge.path / "accounts" / "SEPyC.yaml").symlink_to("SAF.yaml")
    (mesa.forge.path / SAF).chmod(0o755)
    mesa.forge.git("add", "--all")
    head = mesa.forge.head()
    mesa.forge.git("update-index", "--add", "--cacheinfo", f"160000,{head},accounts/otro.yaml")
    mesa.forge.git("commit", "--quiet", "-m", "Enlaces")
    mesa.forge.git("switch", "--quiet", "--force", "main")
    assert codes(mesa, 2).count("no-es-archivo") == 3


def test_the_configuration_is_changed_by_the_mesa_de_ayuda_or_whoever_approves(known: Desk) -> None:
    proposed(known, {"cuentas.yaml": configuration(known) + "retencion:\n  buzon_dias: 30\n"})
    assert codes(known, 0, "mesauno") == []
    assert codes(known, 0, "directora") == ["propone-quien-aprueba"]
    assert codes(known, 2, ENLACE) == ["autor-ajeno"]


def test_a_base_that_knows_nobody_lets_somebody_begin(mesa: Desk) -> None:
    proposed(mesa, {"cuentas.yaml": configuration(mesa) + DESK})
    assert codes(mesa, 0, ENLACE) == ["nadie-declarado"]


def test_a_configuration_has_to_be_valid_and_fit_what_is_declared(known: Desk) -> None:
    known.forge.pull_request({SAF: saf(JUAN)})
    proposed(known, {"cuentas.yaml": configuration(known).replace("sinaloa.gob.mx]\nent", "otro.gob.mx]\nent")})
    assert "correo-ajeno" in codes(known, 2, "mesauno")
    proposed(known, {"cuentas.yaml": "dominios: []\n"})
    assert codes(known, 2, "mesauno") != []
    proposed(known, {"cuentas.yaml": None})
    assert codes(known, 2, "mesauno") == ["configuracion-desaparecida"]


def test_the_heads_own_configuration_does_not_judge_it(known: Desk) -> None:
    wider = configuration(known).replace("[sinaloa.gob.mx]", "[sinaloa.gob.mx, example.org]", 1)
    alias = {"juan.perez": JUAN["juan.perez"] | {"alias": "[juan@example.org]"}}
    proposed(known, {"cuentas.yaml": wider, SAF: saf(alias)})
    assert {"alias", "mezcla"} <= set(codes(known, 2, "mesauno"))


# --- agencies ---


def test_one_agency_for_each_pull_request(known: Desk) -> None:
    proposed(known, {SAF: saf(JUAN), SEBIDES: Agency("SEBIDES", ("SEBIDES/1/2026",), MARIO)})
    assert codes(known, 2, "mesauno") == ["varias-dependencias"]


def test_from_the_agency_that_loses_an_account_nothing_else_goes(known: Desk) -> None:
    known.forge.pull_request({SAF: saf(JUAN, ANA, oficios=FIVE)})
    there = Agency("SEBIDES", ("SEBIDES/1/2026",), {"juan.perez": JUAN["juan.perez"] | {"alta": "SEBIDES/1/2026"}})
    proposed(known, {SAF: saf(ANA, oficios=FIVE), SEBIDES: there})
    assert codes(known, 0, "mesauno") == []
    gone = {"ana.ruiz": leaving(ANA["ana.ruiz"])}
    proposed(known, {SAF: saf(gone, oficios=FIVE), SEBIDES: there})
    assert codes(known, 2, "mesauno") == ["traslado-con-mas"]


def test_an_agency_with_oficios_does_not_disappear(known: Desk) -> None:
    proposed(known, {SEBIDES: None})
    assert codes(known, 2, "mesauno") == ["dependencia-desaparecida"]


def test_a_new_agency_is_proposed_by_the_mesa_de_ayuda(known: Desk) -> None:
    proposed(known, {"accounts/SEPyC.yaml": Agency("SEPyC", ("X/1/2026",))})
    assert codes(known, 0, "mesauno") == []
    assert codes(known, 2, ENLACE) == ["autor-ajeno"]


TWO = "[sinaloa.gob.mx, salud.gob.mx, obras.gob.mx]"


def domains(tmp_path: Path, more: str = "") -> Desk:
    mesa = desk(tmp_path, DESK + more)
    mesa.forge.push({"cuentas.yaml": configuration(mesa).replace("[sinaloa.gob.mx]", TWO, 1)})
    mesa.forge.pull_request({SAF: saf(JUAN)})
    return mesa


def in_domain(domain: str) -> str:
    return saf(JUAN).text().replace("siglas: SAF\n", f"siglas: SAF\ndominio: {domain}\n")


def test_a_changed_domain_is_the_mesa_de_ayudas_to_propose(tmp_path: Path) -> None:
    mesa = domains(tmp_path)
    proposed(mesa, {SAF: in_domain("salud.gob.mx")})
    assert codes(mesa, 2) == ["dominio-cambiado"]
    assert codes(mesa, 0, "mesauno") == []


def test_an_agency_stays_in_the_domains_that_are_its_own(tmp_path: Path) -> None:
    mesa = domains(tmp_path, "dependencias:\n  SAF:\n    dominios: [sinaloa.gob.mx, salud.gob.mx]\n")
    proposed(mesa, {SAF: in_domain("obras.gob.mx")})
    assert codes(mesa, 2, "mesauno") == ["dominio-ajeno"]
    proposed(mesa, {SAF: in_domain("salud.gob.mx")})
    assert codes(mesa, 0) == []
    alias = {"juan.perez": JUAN["juan.perez"] | {"alias": "[juan@obras.gob.mx]", "cambio": "SAF/2/2026"}}
    proposed(mesa, {SAF: saf(alias)})
    assert codes(mesa, 2) == ["dominio-ajeno"]


def test_a_pull_request_does_not_put_an_agency_above_its_headcount(tmp_path: Path) -> None:
    mesa = desk(tmp_path, DESK + "dependencias:\n  saf:\n    plazas: 1\n")
    proposed(mesa, {SAF: saf(JUAN)})
    assert codes(mesa, 0) == []
    proposed(mesa, {SAF: saf(JUAN, ANA)})
    assert codes(mesa, 2) == ["plazas"]
    mesa.forge.pull_request({SAF: saf(JUAN, ANA, oficios=FIVE)})
    assert "plazas" in mesa.run("validate").out
    gone = {"ana.ruiz": leaving(ANA["ana.ruiz"])}
    rosa = {"rosa.gil": person("Rosa", "Gil Lugo", alta="SAF/3/2026")}
    proposed(mesa, {SAF: saf(JUAN, gone, rosa, oficios=FIVE)})
    assert [(one["code"], one["blocks"]) for one in found(mesa, 0)] == [("plazas", False)]


def test_a_changed_name_of_an_agency_is_seen(known: Desk) -> None:
    proposed(known, {SAF: saf(JUAN).text().replace("Administración y Finanzas", "Hacienda")})
    assert codes(known, 0) == ["nombre-cambiado"]


# --- how it is said ---


def test_a_file_gets_what_was_found_and_people_read_it_all_the_same(mesa: Desk, tmp_path: Path) -> None:
    mesa.forge.pull_request({SAF: saf(JUAN)})
    proposed(mesa, {SAF: saf()})
    words = ("validate", "--at", "propuesta", "--base", "main", "--author", ENLACE)
    said = mesa.run(*words, "--format", "sarif", "-o", str(tmp_path / "validar.sarif"), code=2)
    (run,) = json.loads((tmp_path / "validar.sarif").read_text(encoding="utf-8"))["runs"]
    assert [one["ruleId"] for one in run["results"]] == ["entrada-desaparecida"]
    assert "[entrada-desaparecida]" in said.err
    assert said.err.splitlines()[-1].startswith("Qué hacer: Corríjalo en la misma rama")
    mesa.run(*words, "-o", str(tmp_path / "validar.txt"), code=2)
    assert "[entrada-desaparecida]" in (tmp_path / "validar.txt").read_text(encoding="utf-8")


def test_annotations_are_all_that_is_printed(mesa: Desk) -> None:
    words = ("validate", "--at", "propuesta", "--base", "main", "--author", ENLACE, "--format", "annotations")
    proposed(mesa, {SAF: saf(JUAN)})
    assert mesa.run(*words).out == (
        "::notice title=cuentas::Declaración válida: 2 dependencias, 1 cuenta (1 en servicio, 0 de baja).\n"
    )
    proposed(mesa, {SAF: saf(JUAN).text().replace("alta: SAF/1", "alta: SAF/7")})
    said = mesa.run(*words, code=2)
    assert said.out.startswith(f"::error file={SAF},line=")
    assert said.out.splitlines()[-1].startswith("::notice title=cuentas::El pull request tiene 1 problema")
    assert said.err == ""


def test_a_declaration_alone_is_said_in_every_format_too(mesa: Desk) -> None:
    mesa.forge.push({SAF: saf({"juan.perez": {"nombre": "Juan"}})})
    assert "::error file=accounts/SAF.yaml" in mesa.run("validate", "--format", "annotations", code=2).out
    assert json.loads(mesa.run("validate", "--format", "sarif", code=2).out)["version"] == "2.1.0"
