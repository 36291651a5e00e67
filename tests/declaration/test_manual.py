"""The operations manual tells the numbers that the code has."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from reconciler import declaration
from reconciler.config import Config, CorreoArchivo, CorreoEws, CorreoSmtp, DestinoAD, Exchange, Limite, Limites
from reconciler.exchange.mailboxes import HERE, REMOTE
from reconciler.letters import Carta, example
from reconciler.letters.letters import TEMPLATES
from reconciler.letters.values import names

MANUAL = Path(__file__).parents[2] / "docs" / "operacion.md"


def test_the_limits_in_the_manual_are_those_of_the_code() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| (\d+ / \d+ / \d+) \| (\d+ / \d+ / \d+) \|$", MANUAL.read_text("utf-8"), re.MULTILINE
    )
    limits = Limites()
    assert rows == [
        (kind.value, _words(limit), _words(limits.total[kind])) for kind, limit in limits.dependencia.items()
    ]


def _words(limit: Limite) -> str:
    return f"{limit.maximo} / {limit.porcentaje:g} / {limit.libres}"


def rows(title: str) -> list[list[str]]:
    """Return the rows of the table below a heading, each as its cells."""
    table = MANUAL.read_text("utf-8").partition(f"\n{title}\n|---|---|\n")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]


def named(title: str) -> list[str]:
    return [name for row in rows(title) for name in re.findall(r"`([\w.-]+)`", row[0])]


@pytest.mark.parametrize("carta", Carta)
def test_the_manual_lists_the_values_that_each_letter_has(carta: Carta) -> None:
    which = carta.value.removesuffix("-interesado")
    spoken = {carta.value, f"las de {'reincorporación' if which == 'reincorporacion' else which}"}
    if which in {"alta", "baja", "reincorporacion"}:
        spoken.add("las de un movimiento")
    listed = {
        name
        for row in rows("| Valores | En qué cartas |")
        if row[1].startswith("todas") or spoken & set(row[1].split(", "))
        for name in re.findall(r"`([\w.]+)`", row[0])
    }
    assert listed == set(names(example(carta, Config(dominios=("sinaloa.gob.mx",)), date(2026, 1, 1))))


def test_the_manual_lists_the_templates_there_are() -> None:
    assert sorted(named("| Archivo | Qué es |")) == sorted(TEMPLATES)


def test_the_manual_lists_the_fields_of_mail() -> None:
    fields = {name for model in (CorreoArchivo, CorreoEws, CorreoSmtp) for name in model.model_fields}
    assert set(named("| Campo | Qué es |")) == fields


def test_the_manuals_examples_of_mail_are_valid() -> None:
    examples = re.findall(r"```yaml\n(correo:.*?)```", MANUAL.read_text("utf-8"), re.DOTALL)
    configs = [declaration.load_config(f"dominios: [sinaloa.gob.mx]\n{one}".encode()) for one in examples]
    assert [one.correo.via for one in configs] == ["ews", "smtp"]


def test_the_example_of_exchange_is_valid_with_and_without_what_it_leaves_out() -> None:
    directory = re.findall(r"```yaml\ndestinos:\n  ad:\n(.*?)```", MANUAL.read_text("utf-8"), re.DOTALL)
    [example] = re.findall(r"```yaml\n(.*?)```", MANUAL.with_name("exchange.md").read_text("utf-8"), re.DOTALL)
    whole = example.replace("    # … lo del directorio\n", directory[0])
    optional = re.sub(r"^( +)# ([a-z_ ]+:)", r"\1\2", whole, flags=re.MULTILINE)
    optional = re.sub(r"^( +)#   ([a-z_]+:)", r"\1  \2", optional, flags=re.MULTILINE)
    sections = []
    for written in (whole, optional):
        config = declaration.load_config(f"dominios: [sinaloa.gob.mx]\n{written}".encode())
        target = config.destinos["ad"]
        assert isinstance(target, DestinoAD)
        assert target.exchange is not None
        assert config.baja.respuesta_automatica
        sections.append(target.exchange)
    assert sections[1].model_fields_set == Exchange.model_fields.keys() - {"puerto"}


def test_the_exchange_manual_names_every_cmdlet_that_is_needed() -> None:
    text = MANUAL.with_name("exchange.md").read_text("utf-8")
    assert [name for name in HERE if f"`{name}`" not in text] == []
    assert [name for name in REMOTE if name.partition("-")[0] + "-" not in text] == []
