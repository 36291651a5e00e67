"""request: from RSDT-08.01 to a branch for a pull request and an order on the bitácora (PSDT-08, 1.1 to 6.1)."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from reconciler import declaration
from reconciler.bitacora import Bitacora
from reconciler.declaration.issue_template import labels
from reconciler.orders import Order, OrderState, orders
from reconciler.repository import Repository, TopicBranch, init
from reconciler.request import LABELS, flag
from tests.cli.children import Preparation, Said, child, killing
from tests.cli.desk import ANA, JUAN, ROOT, SAF, SEBIDES, Desk, leaving, saf
from tests.forge import RECEIVED, Agency, person

ALTA = (
    "--alta", "--dependencia", "SAF", "--nombre", "Pedro", "--apellidos", "Ruiz Soto", "--puesto", "Analista",
    "--oficio", "SAF/9/2026", "--fecha", "2026-05-04", "--recibido", "2026-05-06",
)  # fmt: skip
BAJA = ("--baja", "--dependencia", "SAF", "--clave", "juan.perez", "--motivo-baja", "Renuncia")
LETTER = ("--oficio", "SAF/9/2026", "--fecha", "2026-05-04")
BRANCH = "solicitud/saf-pedro.ruiz-saf-9-2026"


@pytest.fixture(name="mesa")
def _mesa(mesa: Desk) -> Desk:
    """Return a desk with somebody who commits, and Juan in service."""
    mesa.forge.git("config", "user.name", "Mesa de Ayuda")
    mesa.forge.git("config", "user.email", "mesa@sinaloa.gob.mx")
    mesa.forge.pull_request({SAF: saf(JUAN)})
    return mesa


def request(mesa: Desk, *words: str, code: int = 0) -> Said:
    return mesa.run("request", *words, code=code)


def branches(mesa: Desk) -> list[str]:
    return mesa.forge.git("for-each-ref", "--format=%(refname:short)", "refs/heads/solicitud/").split()


def has_record(mesa: Desk) -> bool:
    return bool(mesa.forge.git("for-each-ref", "refs/heads/bitacora"))


def events(mesa: Desk) -> list[dict[str, Any]]:
    return mesa.record() if has_record(mesa) else []


def received(mesa: Desk) -> list[Order]:
    """Return the orders on record, as the real command reads them."""

    with Repository.open(mesa.forge.path) as repository:
        record = Bitacora(repository.branch("bitacora", None), repository.git_dir / "cuentas", "prueba")
        return list(orders(record.events(), "embedded").values())


def entries(mesa: Desk, branch: str = BRANCH, path: str = SAF) -> Any:
    return declaration.entries(f"{mesa.forge.git('show', f'{branch}:{path}')}\n".encode())


def untouched(mesa: Desk) -> None:
    """Make sure that nothing was written: no branch, no record, no draft."""
    assert branches(mesa) == []
    assert not has_record(mesa)
    assert not (mesa.forge.path / ".cuentas" / "solicitudes").exists()
    assert mesa.forge.git("status", "--porcelain") == ""


def merged(mesa: Desk, branch: str) -> None:
    mesa.forge.merge(branch, "merge", f"Merge pull request from {branch}")


# --- an alta ---


def test_an_alta_leaves_one_commit_on_the_main_line_and_the_working_copy_as_it_was(mesa: Desk) -> None:
    (mesa.forge.path / "a-medias.txt").write_text("x", encoding="utf-8")
    head = mesa.forge.head()
    said = request(mesa, *ALTA, "--yes").out
    assert branches(mesa) == [BRANCH]
    assert mesa.forge.git("rev-parse", f"{BRANCH}^") == head
    assert mesa.forge.git("diff", "--name-only", head, BRANCH) == SAF
    assert entries(mesa)["cuentas", "pedro.ruiz"] == person("Pedro", "Ruiz Soto", "SAF/9/2026")
    assert entries(mesa)["oficios", "SAF/9/2026"] == {
        "fecha": "2026-05-04", "recibido": "2026-05-06", "medio": "oficio", "enlace": "laura.beltran",
    }  # fmt: skip
    assert mesa.forge.git("status", "--porcelain") == "?? a-medias.txt"
    assert mesa.forge.git("symbolic-ref", "HEAD") == "refs/heads/main"
    order = received(mesa)[0]
    message = mesa.forge.git("log", "-1", "--format=%an <%ae>%n%B", BRANCH)
    assert message.splitlines()[:2] == ["Mesa de Ayuda <mesa@sinaloa.gob.mx>", "Alta de pedro.ruiz (SAF)"]
    assert message.endswith(f"\n\nOficio: SAF/9/2026\nOrden: {order.id}")
    assert f"Alta de pedro.ruiz (SAF): rama {BRANCH}." in said
    assert "| Orden de trabajo |" in said
    mesa.run("validate", "--at", BRANCH, "--base", "main")


def test_the_order_is_received_on_record_with_nothing_personal_but_the_key(mesa: Desk) -> None:
    request(mesa, *ALTA, "--yes")
    (event,) = events(mesa)
    order = received(mesa)[0]
    assert (event["kind"], event["key"]) == ("orden_recibida", "pedro.ruiz")
    assert event["data"] == {
        "orden": order.id, "movimiento": "alta", "dependencia": "SAF", "oficio": "SAF/9/2026",
        "recibido": "2026-05-06", "medio": "oficio", "enlace": "laura.beltran", "quien": "mesa",
    }  # fmt: skip
    assert order.state is OrderState.RECIBIDA
    text = json.dumps(event)
    assert "Pedro" not in text
    assert "Analista" not in text


def test_the_same_request_again_changes_nothing_and_opens_no_second_order(mesa: Desk) -> None:
    request(mesa, *ALTA, "--yes")
    tip, count = mesa.forge.git("rev-parse", BRANCH), len(events(mesa))
    said = request(mesa, *ALTA, "--yes").out
    assert "que ya estaba y dice lo mismo" in said
    assert "ya estaba recibida" in said
    assert (mesa.forge.git("rev-parse", BRANCH), len(events(mesa))) == (tip, count)


def test_a_branch_that_has_something_else_is_never_overwritten(mesa: Desk) -> None:
    request(mesa, *ALTA, "--yes")
    tip = mesa.forge.git("rev-parse", BRANCH)
    other = [word.replace("Analista", "Auditor") for word in ALTA]
    assert "no se sobrescribe" in request(mesa, *other, "--clave", "pedro.ruiz", code=2).err
    assert mesa.forge.git("rev-parse", BRANCH) == tip
    assert len(events(mesa)) == 1


def test_merged_and_applied_the_order_that_was_received_is_the_one_that_was_asked_for(mesa: Desk) -> None:
    request(mesa, *ALTA, "--yes")
    (order,) = received(mesa)
    merged(mesa, BRANCH)
    mesa.run("apply", "--yes")
    assert "pedro.ruiz" in mesa.reading().accounts
    assert [one.id for one in received(mesa) if one.key == "pedro.ruiz"] == [order.id]
    assert "Nada que hacer: el alta de «pedro.ruiz»" in request(mesa, *ALTA, "--clave", "pedro.ruiz").out
    mesa.forge.git("branch", "--quiet", "-D", BRANCH)
    assert "Nada que hacer: el alta de «pedro.ruiz»" in request(mesa, *ALTA, "--yes").out
    mesa.run("history", "pedro.ruiz")
    mesa.run("audit")


def test_a_homonym_gets_the_initial_of_the_second_surname_and_so_does_one_on_the_way(mesa: Desk) -> None:
    words = [word.replace("Pedro", "Juan").replace("Ruiz Soto", "Pérez Ríos") for word in ALTA]
    assert "juan.perezr (SAF)" in request(mesa, *words, "--yes").out
    more = [word.replace("Ríos", "Robles").replace("SAF/9/", "SAF/10/") for word in words]
    assert "juan.perezrobles (SAF)" in request(mesa, *more, "--yes").out


def test_who_has_the_very_same_names_is_for_a_person_to_tell(mesa: Desk) -> None:
    words = [word.replace("Pedro", "JUAN").replace("Ruiz Soto", "Perez  Lopez") for word in ALTA]
    assert "juan.perez (SAF)" in request(mesa, *words, "--yes", code=2).err
    untouched(mesa)
    assert "juan.perezl (SAF)" in request(mesa, *words, "--clave", "juan.perezl").out


def test_without_a_terminal_the_key_has_to_be_confirmed(mesa: Desk) -> None:
    said = request(mesa, *ALTA, code=2).err
    assert "Se propone: pedro.ruiz, pedro.ruizs, pedro.ruizsoto" in said
    untouched(mesa)


def test_a_key_that_was_ever_anybodys_is_refused_and_never_proposed(mesa: Desk) -> None:
    renamed = {"juan.lopez": JUAN["juan.perez"] | {"renombra": "juan.perez"}}
    mesa.forge.pull_request({SAF: saf(renamed)})
    forgotten = {
        key: {name: value for name, value in entry.items() if name != "renombra"} for key, entry in renamed.items()
    }
    mesa.forge.pull_request({SAF: saf(forgotten)})
    words = [word.replace("Pedro", "Juan").replace("Ruiz Soto", "Pérez") for word in ALTA]
    assert "ya fue de alguien" in request(mesa, *words, "--clave", "juan.perez", code=2).err
    assert "juan.perez2 (SAF)" in request(mesa, *words, "--yes").out


def test_a_long_key_is_warned_about_and_takes_another_logon(mesa: Desk) -> None:
    words = [word.replace("Pedro", "Felipe de Jesús").replace("Ruiz", "Esquivel") for word in ALTA]
    said = request(mesa, *words, "--yes", "--usuario-ad", "felipe.esquivel").out
    assert "| Inicio de sesión | felipe\\.esquivel |" in said
    branch = "solicitud/saf-felipedejesus.esquivel-saf-9-2026"
    assert entries(mesa, branch)["cuentas", "felipedejesus.esquivel"]["usuario_ad"] == "felipe.esquivel"
    more = [word.replace("Esquivel", "Esquinca").replace("SAF/9/", "SAF/10/") for word in words]
    said = request(mesa, *more, "--yes").out
    assert "su inicio de sesión será «felipedejesus.esquin». Si prefiere otro: --usuario-ad felipe.esquinca." in said


def test_a_key_that_turns_into_a_word_is_not_taken_by_itself_and_is_warned_about(mesa: Desk) -> None:
    words = [word.replace("Pedro", "Ana").replace("Ruiz Soto", "Moco Leal") for word in ALTA]
    assert "ana.mocol (SAF)" in request(mesa, *words, "--yes").out
    more = [word.replace("Leal", "Soto").replace("SAF/9/", "SAF/10/") for word in words]
    assert "aviso: En «ana.moco» se lee «moco»." in request(mesa, *more, "--clave", "ana.moco").out


def test_a_key_that_has_nothing_of_the_name_is_warned_about(mesa: Desk) -> None:
    said = request(mesa, *ALTA, "--clave", "ana.lopez").out
    assert "Cuenta (--clave): aviso: «ana.lopez» no se parece a «Pedro Ruiz Soto»" in said
    more = [word.replace("SAF/9/", "SAF/10/") for word in ALTA]
    assert "no se parece" not in request(mesa, *more, "--clave", "pruizs").out


def test_what_is_wrong_in_a_box_is_told_once_and_as_it_was_written(mesa: Desk) -> None:
    said = request(mesa, *ALTA[:9], "--oficio", "///", "--fecha", "2026-05-04", "--tipo", "Otra cosa", code=2).err
    assert said.count("no parece un número de oficio") == 1
    assert "«Otra cosa» no es una opción" in said
    hidden = request(mesa, *BAJA, *LETTER, "--clave", "juan\u200b.perez", code=2).err
    assert hidden.count("Cuenta (--clave)") == 1
    assert "Responsable" not in said


def test_a_declared_oficio_is_taken_as_it_is_however_it_is_spelled(mesa: Desk) -> None:
    words = [*ALTA[:9], "--oficio", "saf-2-2026", "--yes"]
    request(mesa, *words)
    branch = "solicitud/saf-pedro.ruiz-saf-2-2026"
    assert entries(mesa, branch)["cuentas", "pedro.ruiz"]["alta"] == "SAF/2/2026"
    assert received(mesa)[0].received == RECEIVED
    assert mesa.forge.git("diff", "--numstat", "main", branch).split()[:2] == [
        "6",
        "0",
    ]  # the entry and the schema's line


def test_an_oficio_that_is_declared_otherwise_is_a_problem(mesa: Desk) -> None:
    words = [*ALTA[:9], "--oficio", "SAF/2/2026", "--fecha", "2026-03-21", "--medio", "correo", "--yes"]
    said = request(mesa, *words, code=2).err
    assert "Fecha del oficio (--fecha): error: El oficio «SAF/2/2026» ya está declarado con «2026-03-20»" in said
    assert "Medio (--medio): error" in said
    untouched(mesa)


def test_a_shared_mailbox_is_asked_for_with_its_responsable(mesa: Desk) -> None:
    words = ("--alta", "--dependencia", "SAF", "--tipo", "Compartida", "--nombre", "Contabilidad", *LETTER, "--yes")
    assert "Responsable (--responsable): error: Falta." in request(mesa, *words, code=2).err
    request(mesa, *words, "--responsable", "juan.perez@sinaloa.gob.mx", "--alias", "facturas@sinaloa.gob.mx")
    entry = entries(mesa, "solicitud/saf-contabilidad.saf-saf-9-2026")["cuentas", "contabilidad.saf"]
    assert entry["tipo"] == "compartida"
    assert entry["alias"] == '["facturas@sinaloa.gob.mx"]'


def test_an_agency_in_a_folder_gets_its_entry_in_the_part_that_was_chosen(mesa: Desk) -> None:
    head = Agency("SEPyC", ("SEPyC/1/2026",)).text().replace("  {}\n", "  {}\n")
    files: dict[str, Any] = {
        "accounts/SEPyC/_dependencia.yaml": head,
        "accounts/SEPyC/media.yaml": "cuentas: {}\n",
    }
    mesa.forge.pull_request(files)
    words = [word.replace("SAF", "sepyc") for word in ALTA]
    assert "no es una parte" in request(mesa, *words, "--yes", "--parte", "../SAF", code=2).err
    request(mesa, *words, "--yes", "--parte", "media")
    changed = mesa.forge.git("diff", "--name-only", "main", "solicitud/sepyc-pedro.ruiz-sepyc-9-2026").split()
    assert changed == ["accounts/SEPyC/_dependencia.yaml", "accounts/SEPyC/media.yaml"]


# --- a baja, and somebody who comes back ---


def test_a_baja_adds_two_fields_and_its_oficio_and_takes_the_account_out(mesa: Desk) -> None:
    mesa.run("apply", "--yes")
    request(mesa, *BAJA, *LETTER, "--nombre", "Juan Pérez")
    branch = "solicitud/saf-juan.perez-saf-9-2026"
    assert entries(mesa, branch)["cuentas", "juan.perez"] == leaving(JUAN["juan.perez"], "SAF/9/2026")
    (order,) = [one for one in received(mesa) if one.movement == "baja"]
    merged(mesa, branch)
    mesa.run("apply", "--yes")
    assert not mesa.reading().accounts["juan.perez"].account.logon_enabled  # type: ignore[index]
    assert [one.id for one in received(mesa) if one.movement == "baja"] == [order.id]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--clave", "juan.peres"), "¿Es «juan.perez»?"),
        (("--clave", "juan.perez", "--nombre", "Ana"), "que no es quien dice la solicitud"),
        (("--clave", "juan.perez", "--dependencia", "SEBIDES"), "es de SAF, no de SEBIDES"),
        (("--clave", "juan.perez@gmail.com"), "«juan.perez@gmail.com» no es una cuenta de sinaloa.gob.mx"),
    ],
)
def test_a_baja_names_an_account_that_is_there_and_is_that_persons(
    mesa: Desk, words: tuple[str, ...], said: str
) -> None:
    assert said in request(mesa, *BAJA, *LETTER, *words, code=2).err
    untouched(mesa)


def test_who_is_out_of_service_is_not_taken_out_again(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf({"juan.perez": leaving(JUAN["juan.perez"])})})
    assert "ya está de baja" in request(mesa, *BAJA, *LETTER, code=2).err
    assert "Nada que hacer" in request(mesa, *BAJA, "--oficio", "SAF/2/2026").out


def test_a_baja_leaves_nothing_without_somebody_to_care_for_it(mesa: Desk) -> None:
    shared = {"tipo": "compartida", "nombre": "Contabilidad", "responsable": "juan.perez", "alta": "SAF/1/2026"}
    mesa.forge.pull_request({SAF: saf({"contabilidad.saf": shared}, JUAN)})
    said = request(mesa, *BAJA, *LETTER, code=2).err
    assert "«juan.perez» es responsable de «contabilidad.saf», que se quedaría sin nadie que la cuide" in said
    assert "ponga su clave en «responsable»" in said
    assert "accounts/" not in said
    untouched(mesa)


def test_a_second_letter_for_a_baja_that_is_on_its_way_opens_no_order_that_could_never_be_resolved(
    mesa: Desk,
) -> None:
    request(mesa, *BAJA, *LETTER)
    (order,) = received(mesa)
    said = request(mesa, *BAJA, "--oficio", "SAF/10/2026", "--fecha", "2026-05-04", code=2).err
    assert f"La orden {order.id} ya pide la baja de «juan.perez», con el oficio SAF/9/2026" in said
    assert f"cuentas order withdraw {order.id}" in said
    assert len(received(mesa)) == 1


def test_a_baja_of_somebody_whose_alta_is_on_its_way_says_which_order_that_is(mesa: Desk) -> None:
    request(mesa, *ALTA, "--yes")
    (order,) = received(mesa)
    words = ("--baja", "--dependencia", "SAF", "--clave", "pedro.ruiz", "--motivo-baja", "Renuncia")
    said = request(mesa, *words, "--oficio", "SAF/10/2026", "--fecha", "2026-05-04", code=2).err
    assert f"El alta de «pedro.ruiz» está en trámite (orden {order.id})" in said
    assert f"cuentas order withdraw {order.id}" in said


def test_somebody_comes_back_with_a_new_oficio_and_the_baja_goes(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf({"juan.perez": leaving(JUAN["juan.perez"])})})
    words = ("--alta", "--dependencia", "SAF", "--clave", "juan.perez", "--puesto", "Director", *LETTER)
    assert "Reincorporación de juan.perez (SAF)" in request(mesa, *words).out
    entry = entries(mesa, "solicitud/saf-juan.perez-saf-9-2026")["cuentas", "juan.perez"]
    assert entry == JUAN["juan.perez"] | {"puesto": "Director", "alta": "SAF/9/2026"}


def test_who_comes_back_gets_nothing_where_an_old_request_said(mesa: Desk) -> None:
    old = {"vigencia": "2026-12-31", "avisar_a": "ana.ruiz@sinaloa.gob.mx"}
    delivery = "\n      medio: correo\n      a: interesado\n      motivo: Comisionado a otra ciudad"
    gone = leaving(JUAN["juan.perez"] | old | {"entrega": delivery})
    mesa.forge.pull_request({SAF: saf({"juan.perez": gone})})
    request(mesa, "--alta", "--dependencia", "SAF", "--clave", "juan.perez", "--puesto", "Director", *LETTER)
    entry = entries(mesa, "solicitud/saf-juan.perez-saf-9-2026")["cuentas", "juan.perez"]
    assert entry == JUAN["juan.perez"] | {"puesto": "Director", "alta": "SAF/9/2026"}


def test_a_key_does_not_pass_to_somebody_else(mesa: Desk) -> None:
    mesa.forge.pull_request({SAF: saf({"juan.perez": leaving(JUAN["juan.perez"])})})
    assert "Una clave no pasa a otra persona" in request(mesa, *ALTA, "--clave", "juan.perez", code=2).err
    mesa.forge.pull_request({SAF: saf(JUAN)})
    assert "ya está en servicio" in request(mesa, *ALTA, "--clave", "juan.perez", code=2).err
    untouched(mesa)


# --- everything that is wrong, once ---


def test_every_problem_is_told_at_once_with_its_box_and_nothing_is_written(mesa: Desk) -> None:
    said = request(
        mesa, "--alta", "--dependencia", "SAF", "--nombre", "Juan 2", "--puesto", "a\nb", "--telefono", "12",
        "--responsable", "nadie", "--alias", "x@gmail.com", "--oficio", "S/N", "--fecha", "2099-01-01",
        "--enlace", "otro.alguien", "--avisar-a", "no", "--entrega", "correo", code=2,
    ).err  # fmt: skip
    boxes = (
        "apellidos",
        "puesto",
        "telefono",
        "alias",
        "oficio",
        "fecha",
        "enlace",
        "avisar_a",
        "entrega_motivo",
        "nombre",
    )
    for box in boxes:
        assert f"{LABELS[box]} ({flag(box)}): error: " in said, (box, said)
    untouched(mesa)


def test_what_lacks_is_told_at_once_for_each_movement(mesa: Desk) -> None:
    assert "«--alta» o «--baja»" in request(mesa, code=2).err
    for words, boxes in (
        ("--alta", ("dependencia", "nombre", "apellidos")),
        ("--baja", ("dependencia", "clave", "motivo_baja")),
    ):
        said = request(mesa, words, code=2).err
        assert [box for box in LABELS if f"({flag(box)}): error: Falta." in said] == sorted(
            boxes, key=list(LABELS).index
        )
    untouched(mesa)


def test_a_box_that_cannot_be_read_is_never_left_out_in_silence(mesa: Desk) -> None:
    words = [word.replace("Analista", "Ana\u202elista") for word in ALTA]
    assert "Puesto (--puesto): error" in request(mesa, *words, "--yes", code=2).err
    untouched(mesa)


def test_what_a_delivery_lacks_is_told_of_the_box_that_it_goes_in(mesa: Desk) -> None:
    said = request(mesa, *ALTA, "--entrega", "correo", "--entrega-a", "interesado", "--yes", code=2).err
    assert "Correo de la parte interesada (--avisar-a): error: Falta: una hoja que se envía al interesado" in said
    assert said.count("(--entrega-motivo): error: Falta") == 1
    assert "«avisar_a»" not in said
    assert "2 problemas" in said
    less = request(mesa, *ALTA, "--entrega", "correo", "--yes", code=2).err
    assert less.count("Falta") == 2


def test_a_main_line_that_is_not_sound_is_told_before_anything(mesa: Desk) -> None:
    mesa.forge.push({SEBIDES: "dependencia: [\n"})
    assert "accounts/SEBIDES.yaml" in request(mesa, *ALTA, "--yes", code=2).err
    untouched(mesa)


def test_git_has_to_know_who_commits(mesa: Desk, tmp_path: Path) -> None:
    mesa.forge.git("config", "--unset", "user.email")

    def nobody() -> None:
        os.environ["HOME"] = os.environ["XDG_CONFIG_HOME"] = str(tmp_path)
        os.environ["GIT_CONFIG_NOSYSTEM"] = "1"

    said = mesa.run("request", *ALTA, "--yes", code=2, prepare=nobody)
    assert "Git no sabe quién es usted" in said.err
    untouched(mesa)


HOSTILE = [
    "x: y\n    baja: SAF/1/2026", "- a", "{a: b}", "[x", "'", '"', "&a *a", "!!python/object:os", "# no", "../../x",
    "%YAML", "null", "~", "true", "1e3", "2026-01-01", "@todos", "<script>", "$(id)", "`id`", "-", "--push", "\u202e",
    "\x01", "\udcff", "x" * 5000, "ñ" * 64, "a\tb", "\ufeffx", "\u2028",
]  # fmt: skip
BOXES = [box for box in LABELS if box not in {"movimiento", "dependencia"}]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.dictionaries(st.sampled_from(BOXES), st.sampled_from(HOSTILE), min_size=1, max_size=5))
def test_no_box_says_more_than_its_own_field(mesa: Desk, values: dict[str, str]) -> None:
    before = entries(mesa, "main")
    extra = [word for box, value in values.items() for word in (f"{flag(box)}={value}",)]
    said = request(mesa, *ALTA, *extra, "--yes", code=None)  # type: ignore[arg-type]
    assert said.code in {0, 2, 3}, said
    for branch in branches(mesa):
        after = dict(entries(mesa, branch))
        assert set(mesa.forge.git("diff", "--name-only", "main", branch).split()) == {SAF}
        new = {name: after.pop(name) for name in set(after) - set(before)}
        assert after == before
        assert {section for section, _ in new} <= {"oficios", "cuentas"}
        assert len(new) == 2
        assert all("baja" not in fields for fields in new.values())
        mesa.forge.git("branch", "--quiet", "-D", branch)


# --- who asks, and what waits (P1 to P3) ---


def test_who_is_no_enlace_is_turned_to_the_enlaces_by_name_and_mail(mesa: Desk) -> None:
    said = request(mesa, *ALTA, "--yes", "--solicitante", "Pedro Ruiz", code=3).err
    assert "«Pedro Ruiz» no es enlace tecnológico de SAF" in said
    assert "Laura Beltrán Ochoa <laura.beltran@sinaloa.gob.mx>" in said
    untouched(mesa)


@pytest.mark.parametrize("who", ["laura.beltran", "LAURA BELTRAN OCHOA", "Laura.Beltran@sinaloa.gob.mx"])
def test_an_enlace_is_known_by_key_name_or_mail(mesa: Desk, who: str) -> None:
    request(mesa, *ALTA, "--yes", "--solicitante", who)
    assert received(mesa)[0].enlace == "laura.beltran"


def waiting(mesa: Desk, *words: str) -> Order:
    request(mesa, *words)
    (order,) = [one for one in received(mesa) if one.state is OrderState.SIN_OFICIO]
    return order


def test_a_request_by_telephone_is_received_and_waits_with_its_data_on_this_machine_alone(mesa: Desk) -> None:
    order = waiting(mesa, *ALTA[:9], "--yes")
    assert (order.medium, order.key, order.oficio) == ("telefono", "pedro.ruiz", None)
    draft = mesa.forge.path / ".cuentas" / "solicitudes" / f"{order.id}.json"
    assert draft.stat().st_mode & 0o777 == 0o600
    assert "Ruiz Soto" in draft.read_text("utf-8")
    assert branches(mesa) == []
    assert mesa.forge.git("status", "--porcelain") == ""
    assert "Ruiz Soto" not in json.dumps(mesa.record())


def test_when_its_oficio_comes_the_order_goes_on_to_its_branch(mesa: Desk) -> None:
    order = waiting(mesa, *ALTA[:9], "--yes")
    said = request(mesa, "--orden", order.id, *LETTER, "--recibido", "2026-05-06").out
    assert f"Orden {order.id}" in said
    (after,) = received(mesa)
    assert (after.id, after.state, after.oficio, after.received) == (
        order.id, OrderState.RECIBIDA, "SAF/9/2026", order.received,
    )  # fmt: skip
    assert [one["data"]["recibido"] for one in mesa.record() if one["kind"] == "orden_oficio"] == ["2026-05-06"]
    assert entries(mesa)["oficios", "SAF/9/2026"]["recibido"] == "2026-05-06"
    assert entries(mesa)["oficios", "SAF/9/2026"]["medio"] == "oficio"
    assert [one["data"]["recibido"] for one in mesa.record() if one["kind"] == "orden_oficio"] == ["2026-05-06"]
    assert not list((mesa.forge.path / ".cuentas" / "solicitudes").glob("*.json"))
    assert "Nada que hacer" in request(mesa, "--orden", order.id, "--oficio", "saf-9-2026").out
    assert "ya tiene su oficio" in request(mesa, "--orden", order.id, "--oficio", "SAF/8/2026", code=2).err
    merged(mesa, BRANCH)
    mesa.run("apply", "--yes")
    assert [one.id for one in received(mesa) if one.key == "pedro.ruiz"] == [order.id]


def test_what_waits_is_not_received_twice_and_its_key_is_nobody_elses(mesa: Desk) -> None:
    order = waiting(mesa, *ALTA[:9], "--yes")
    for words in (ALTA[:9], ALTA):
        assert f"cuentas request --orden {order.id}" in request(mesa, *words, "--yes", code=2).err
    other = [word.replace("Ruiz Soto", "Ruiz Leal").replace("SAF/9/", "SAF/10/") for word in ALTA]
    assert "pedro.ruizl (SAF)" in request(mesa, *other, "--yes").out
    assert len(received(mesa)) == 2


def test_a_waiting_baja_is_completed_from_another_clone_with_its_data_again(mesa: Desk) -> None:
    order = waiting(mesa, *BAJA)
    for path in (mesa.forge.path / ".cuentas" / "solicitudes").glob("*.json"):
        path.unlink()
    assert "Motivo de la baja" in request(mesa, "--orden", order.id, *LETTER, code=2).err
    request(mesa, "--orden", order.id, *LETTER, "--motivo-baja", "Renuncia")
    assert branches(mesa) == ["solicitud/saf-juan.perez-saf-9-2026"]


def test_the_problems_of_a_request_are_told_before_it_waits(mesa: Desk) -> None:
    said = request(mesa, *ALTA[:7], "--telefono", "12", "--yes", code=2).err
    assert "(--telefono): error" in said
    assert "PROVISIONAL" not in said
    untouched(mesa)


@pytest.mark.parametrize("name", ["OT-2026-AAAAAAAA", "../../x", "OT-2026-0A1B2C3D/../x", ""])
def test_only_an_order_that_is_on_record_is_gone_on_with(mesa: Desk, name: str) -> None:
    request(mesa, f"--orden={name}", *LETTER, code=2)
    untouched(mesa)


def test_what_waited_under_an_order_that_is_over_is_forgotten(mesa: Desk) -> None:
    order = waiting(mesa, *ALTA[:9], "--yes")
    mesa.run("order", "withdraw", order.id, "--motivo", "Ya no se pide")
    request(mesa, *BAJA, *LETTER)
    assert not list((mesa.forge.path / ".cuentas" / "solicitudes").glob("*"))


def test_an_order_is_not_turned_into_another(mesa: Desk) -> None:
    order = waiting(mesa, *BAJA)
    assert "es de baja" in request(mesa, "--alta", "--orden", order.id, *LETTER, code=2).err
    assert "es de «juan.perez»" in request(mesa, "--orden", order.id, "--clave", "ana.ruiz", *LETTER, code=2).err


def test_five_accounts_that_one_letter_asks_for_are_proposed_one_after_another(mesa: Desk) -> None:
    request(mesa, *ALTA, "--yes")
    other = [word.replace("Pedro", "Pablo") for word in ALTA]
    other[other.index("SAF/9/2026")] = "saf 9-2026"
    del other[-2:]  # the day on which it was received: that of the letter's first request
    request(mesa, *other, "--yes")
    there = "solicitud/saf-pablo.ruiz-saf-9-2026"
    assert entries(mesa, there)["oficios", "SAF/9/2026"] == entries(mesa)["oficios", "SAF/9/2026"]
    merged(mesa, BRANCH)
    said = request(mesa, *other, "--yes").out
    assert "rehecha sobre la rama principal de ahora" in said
    assert mesa.forge.git("rev-parse", f"{there}^") == mesa.forge.head()
    merged(mesa, there)
    mesa.run("validate")
    assert "que ya estaba y dice lo mismo" not in request(mesa, *other, "--yes").out
    assert len(received(mesa)) == 2


# --- where requests come from, and where they go ---


@pytest.fixture(name="clones")
def _clones(mesa: Desk, tmp_path: Path) -> tuple[Path, Path]:
    """Return two clones of what the desk has, of two people of Mesa de Ayuda."""
    init(tmp_path / "remoto.git", bare=True)
    mesa.forge.git("push", "--quiet", str(tmp_path / "remoto.git"), "main")
    found = (tmp_path / "una", tmp_path / "otra")
    for path in found:
        mesa.forge.git("clone", "--quiet", str(tmp_path / "remoto.git"), str(path), inside=False)
        for name, value in (("name", path.name), ("email", f"{path.name}@sinaloa.gob.mx")):
            mesa.forge.git("-C", str(path), "config", f"user.{name}", value, inside=False)
    return found


def test_what_another_machine_received_is_not_taken_for_a_homonym(mesa: Desk, clones: tuple[Path, Path]) -> None:
    one, other = clones
    order = mesa.run("request", *ALTA[:9], "--yes", at=one).out.split("orden ")[1].split(",")[0]
    for words in (ALTA[:9], ALTA):
        said = mesa.run("request", *words, "--yes", at=other, code=2).err
        assert f"La orden {order} ya recibió el alta de «pedro.ruiz», y aquí no consta de quién es" in said
        assert f"--orden {order}" in said
    said = mesa.run("request", "--orden", order, *LETTER, at=other, code=2).err
    assert "en la máquina que la recibió" in said
    said = mesa.run("request", *ALTA, "--orden", order, "--yes", at=other).out
    assert f"rama {BRANCH}" in said
    mesa.run("request", "--orden", order, *LETTER, at=one)
    assert not list((one / ".cuentas" / "solicitudes").glob("*.json"))


def test_the_same_letter_received_by_two_machines_is_one_request(mesa: Desk, clones: tuple[Path, Path]) -> None:
    one, other = clones
    mesa.run("request", *ALTA, "--yes", at=one)
    assert "aquí no consta de quién es" in mesa.run("request", *ALTA, "--yes", at=other, code=2).err
    mesa.run("request", *ALTA, "--yes", "--push", at=one)
    assert "que ya estaba y dice lo mismo" in mesa.run("request", *ALTA, "--yes", at=other).out


def meanwhile(folder: Path, *words: str) -> Preparation:
    """Return a preparation by which another machine receives a request once this one has judged its own."""

    name = "commit"

    def prepare() -> None:
        real = getattr(TopicBranch, name)

        def late(*arguments: Any, **named: Any) -> Any:
            setattr(TopicBranch, name, real)
            assert child(folder, "request", *words).code == 0
            return real(*arguments, **named)

        setattr(TopicBranch, name, late)

    return prepare


def test_two_homonyms_received_at_once_do_not_get_one_key(mesa: Desk, clones: tuple[Path, Path]) -> None:
    one, other = clones
    homonym = [word.replace("Ruiz Soto", "Ruiz Leal").replace("SAF/9/", "SAF/10/") for word in ALTA]
    said = mesa.run("request", *homonym, "--yes", at=other, code=3, prepare=meanwhile(one, *ALTA, "--yes")).err
    assert "Otra máquina recibió al mismo tiempo el alta de «pedro.ruiz»" in said
    assert "se propondrá otra clave" in said
    assert not mesa.forge.git("-C", str(other), "branch", "--list", "solicitud/*", inside=False)
    assert "pedro.ruizl (SAF)" in mesa.run("request", *homonym, "--yes", at=other).out
    listed = mesa.run("order", "list", at=other).out
    assert "2 órdenes" in listed


def test_a_request_stands_on_what_the_remote_has_now(mesa: Desk, clones: tuple[Path, Path]) -> None:
    one, other = clones
    mesa.run("request", *ALTA, "--yes", "--push", at=one)
    for way in (("merge", "--quiet", "--no-ff", "-m", "Merge", BRANCH), ("push", "--quiet", "origin", "main")):
        mesa.forge.git("-C", str(one), *way, inside=False)
    words = [word.replace("Pedro", "Pablo") for word in ALTA]
    mesa.run("request", *words, "--yes", at=other)
    there = "solicitud/saf-pablo.ruiz-saf-9-2026"
    mesa.forge.git("-C", str(one), "fetch", "--quiet", str(other), there, inside=False)
    mesa.forge.git("-C", str(one), "merge", "--quiet", "--no-ff", "-m", "Merge", "FETCH_HEAD", inside=False)
    assert "Nada que hacer" in mesa.run("request", *ALTA, "--yes", at=other).out


def test_a_proposal_made_again_takes_the_place_of_its_own_on_the_remote_and_of_nothing_else(
    mesa: Desk, clones: tuple[Path, Path]
) -> None:
    one, other = clones
    words = [word.replace("Pedro", "Pablo") for word in ALTA]
    there = "solicitud/saf-pablo.ruiz-saf-9-2026"
    mesa.run("request", *words, "--yes", "--push", at=one)
    mesa.run("request", *ALTA, "--yes", "--push", at=one)
    for way in (("merge", "--quiet", "--no-ff", "-m", "Merge", BRANCH), ("push", "--quiet", "origin", "main")):
        mesa.forge.git("-C", str(one), *way, inside=False)
    said = mesa.run("request", *words, "--yes", at=one).out
    assert "rehecha" in said
    assert f"git push --force-with-lease={there}:" in said
    assert "Empujada" in mesa.run("request", *words, "--yes", "--push", at=one).out
    remote = mesa.forge.git("ls-remote", str(one.parent / "remoto.git"), there, inside=False).split()[0]
    assert remote == mesa.forge.git("-C", str(one), "rev-parse", there, inside=False)
    assert "que ya estaba" in mesa.run("request", *words, "--yes", "--push", at=other).out


def test_a_remote_that_refuses_the_branch_says_why_and_what_is_there_already(
    mesa: Desk, clones: tuple[Path, Path]
) -> None:
    one, _ = clones
    hook = one.parent / "remoto.git" / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\ngrep -q solicitud && { echo 'Solo por la forja'; exit 1; }\nexit 0\n", "utf-8")
    hook.chmod(0o755)
    said = mesa.run("request", *ALTA, "--yes", "--push", at=one, code=2).err
    assert f"«origin» no aceptó la rama «{BRANCH}»: [remote rejected] (pre-receive hook declined)" in said
    assert "Solo por la forja" in said
    assert "con «--push»" in said
    assert "hint" not in said
    assert "fsck" not in said
    hook.unlink()
    assert "Empujada" in mesa.run("request", *ALTA, "--yes", "--push", at=one).out


def issue(mesa: Desk, movement: str, values: dict[str, str], author: str = "lbeltran") -> Path:
    """Return an event file of the forge's, outside of the repository."""
    template = declaration_labels(movement)
    body = "\n\n".join(f"### {label}\n\n{values.get(box, '_No response_')}" for box, label in template.items())
    path = mesa.forge.path.parent / "evento.json"
    path.write_text(json.dumps({"action": "opened", "issue": {"body": body, "user": {"login": author}}}), "utf-8")
    return path


def declaration_labels(movement: str) -> Any:
    return labels((ROOT / ".github" / "ISSUE_TEMPLATE" / f"{movement}.yml").read_bytes(), movement)


@pytest.fixture(name="forge")
def _forge(mesa: Desk) -> Desk:
    """Return a desk whose repository has the issue forms, and an enlace with a user there."""
    named = saf(JUAN).text().replace("sinaloa.gob.mx\noficios", "sinaloa.gob.mx\n    usuario_git: LBeltran\noficios")
    files: dict[str, Any] = {SAF: named}
    for name in ("alta", "baja"):
        path = f".github/ISSUE_TEMPLATE/{name}.yml"
        files[path] = (ROOT / path).read_text("utf-8")
    mesa.forge.pull_request(files)
    return mesa


def test_an_issue_of_the_forges_becomes_the_same_branch(forge: Desk) -> None:
    values = {
        "dependencia": "SAF",
        "tipo": "personal",
        "nombre": "Pedro",
        "apellidos": "Ruiz Soto",
        "puesto": "Analista",
    }
    path = issue(forge, "alta", values | {"oficio": "SAF/9/2026", "fecha": "04/05/2026"})
    request(forge, "--issue", str(path), "--yes")
    assert entries(forge)["cuentas", "pedro.ruiz"] == person("Pedro", "Ruiz Soto", "SAF/9/2026")
    assert entries(forge)["oficios", "SAF/9/2026"]["fecha"] == "2026-05-04"


def test_who_opened_an_issue_is_who_asks(forge: Desk) -> None:
    values = {"dependencia": "SAF", "clave": "juan.perez", "nombre": "Juan Pérez", "motivo_baja": "Renuncia"}
    said = request(forge, "--issue", str(issue(forge, "baja", values, "otro")), code=3).err
    assert "«@otro» no es enlace" in said
    assert "propóngala en su «usuario_git»" in said
    untouched(forge)
    request(forge, "--issue", str(issue(forge, "baja", values)))
    assert received(forge)[0].state is OrderState.SIN_OFICIO


def test_a_filled_form_in_pdf_becomes_the_same_branch(mesa: Desk, tmp_path: Path) -> None:
    empty, filled = tmp_path / "vacio.pdf", tmp_path / "lleno.pdf"
    mesa.run("form", "rsdt-08.01", "--dependencia", "SAF", "-o", str(empty))
    writer = PdfWriter(clone_from=PdfReader(str(empty)))
    values = {
        "nombre": "Pedro",
        "apellidos": "Ruiz Soto",
        "puesto": "Analista",
        "oficio": "SAF/9/2026",
        "fecha": "2026-05-04",
    }
    for page in writer.pages:
        writer.update_page_form_field_values(page, values, auto_regenerate=False)
    writer.write(str(filled))
    request(mesa, str(filled), "--yes")
    assert entries(mesa)["cuentas", "pedro.ruiz"]["apellidos"] == "Ruiz Soto"
    assert "«--baja», y la solicitud es de alta" in request(mesa, str(filled), "--baja", "--yes", code=2).err


def test_a_file_that_is_no_form_is_refused(mesa: Desk, tmp_path: Path) -> None:
    (tmp_path / "x.pdf").write_bytes(b"%PDF-1.7 nada")
    request(mesa, str(tmp_path / "x.pdf"), code=2)
    assert "No se pudo leer" in request(mesa, str(tmp_path / "no.pdf"), code=2).err
    assert "no tiene formularios" in request(mesa, "--issue", str(issue(mesa, "alta", {})), code=2).err
    untouched(mesa)


def test_the_branch_is_pushed_where_that_is_asked_for(mesa: Desk, tmp_path: Path) -> None:
    assert "no tiene remoto" in request(mesa, *ALTA, "--yes", "--push", code=2).err
    init(tmp_path / "remoto.git", bare=True)
    mesa.forge.git("remote", "add", "origin", str(tmp_path / "remoto.git"))
    mesa.forge.git("push", "--quiet", "--set-upstream", "origin", "main")
    assert f"git push origin {BRANCH}" in request(mesa, *ALTA, "--yes").out
    assert "refs/heads/bitacora" in mesa.forge.git("ls-remote", "origin")
    assert BRANCH not in mesa.forge.git("ls-remote", "origin")
    request(mesa, *ALTA, "--yes", "--push")
    assert f"refs/heads/{BRANCH}" in mesa.forge.git("ls-remote", "origin")


def test_a_commit_that_is_not_published_is_not_what_a_request_stands_on(mesa: Desk, tmp_path: Path) -> None:
    init(tmp_path / "remoto.git", bare=True)
    mesa.forge.git("remote", "add", "origin", str(tmp_path / "remoto.git"))
    mesa.forge.git("push", "--quiet", "origin", "main")
    published = mesa.forge.head()
    mesa.forge.pull_request({SAF: saf(JUAN, ANA)})
    request(mesa, *ALTA, "--yes")
    assert mesa.forge.git("rev-parse", f"{BRANCH}^") == published


def test_the_text_of_the_pull_request_is_kept_where_asked_with_every_value_inert(mesa: Desk, tmp_path: Path) -> None:
    words = [word.replace("Analista", "Jefe @todos <b>#1</b> [x](http://x)") for word in ALTA]
    said = request(mesa, *words, "--yes", "--cuerpo", str(tmp_path / "cuerpo.md")).out
    body = (tmp_path / "cuerpo.md").read_text("utf-8")
    assert body not in said
    assert "| Puesto | Jefe \\@&#8203;todos \\<b\\>" in body
    assert "](" not in body
    assert "<b>" not in body
    assert f"| Orden de trabajo | {received(mesa)[0].id} |" in body
    assert "- [ ] El oficio es el de la carta" in body


def test_killed_between_branch_and_record_the_next_one_ends_it(mesa: Desk) -> None:
    mesa.run("request", *ALTA, "--yes", code=-9, prepare=killing([(Bitacora, "append")], 1))
    assert branches(mesa) == [BRANCH]
    assert not has_record(mesa)
    request(mesa, *ALTA, "--clave", "pedro.ruiz")
    assert [one.key for one in received(mesa)] == ["pedro.ruiz"]
    mesa.forge.git("branch", "--quiet", "-D", BRANCH)
    mesa.run("request", *BAJA, *LETTER, code=-9, prepare=killing([(Bitacora, "publish")], 1))
    request(mesa, *BAJA, *LETTER)
    assert sorted(one.key for one in received(mesa)) == ["juan.perez", "pedro.ruiz"]
