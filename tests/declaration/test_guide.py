"""The user's guide: its examples are loaded, its tables are compared, its messages are really said."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from reconciler import declaration
from reconciler.config import Config
from reconciler.declaration.models import CuentaYaml, DependenciaYaml, EnlaceYaml, EntregaYaml, OficioYaml
from reconciler.model import AccountKey
from tests.declaration.files import CONFIG, OTHER, OTHER_PATH, PATH, SAF, load, person

GUIDE = Path("docs/guia/declaracion.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```yaml\n# (\S+)\n(.*?)```", GUIDE, re.DOTALL)
Files = dict[str, dict[str, dict[str, object]]]


def taken_in(files: Files, path: str, example: str) -> Files:
    """Return the files after an example: its entries are put in, from wherever else they or their old names were."""
    after = {name: {section: dict(entries) for section, entries in file.items()} for name, file in files.items()}
    for (section, key), fields in declaration.entries(example.encode()).items():
        values = {name: json.loads(text) if text[0] in "[{" else text for name, text in fields.items()}
        if section == "cuentas":
            for file in after.values():
                file.get("cuentas", {}).pop(key, None)
                file.get("cuentas", {}).pop(str(values.get("renombra")), None)
        after.setdefault(path, {}).setdefault(section, {})[key] = values
    return after


def written(files: Files) -> dict[str, str | bytes]:
    """Return files as text: flow style is YAML too."""
    return {
        path: json.dumps(
            {name: value[""] for name, value in file[""].items() if isinstance(value, dict)}
            | {section: entries for section, entries in file.items() if section}
        )
        for path, file in files.items()
    }


def test_every_block_of_yaml_is_an_example_that_is_tried() -> None:
    assert len(EXAMPLES) == GUIDE.count("```yaml") == 9


def test_the_examples_one_after_the_other_are_a_sound_declaration_at_every_step() -> None:
    files: Files = {}
    loaded = load({})
    for path, example in EXAMPLES:
        files = taken_in(files, path, example)
        loaded = load(written(files))
        assert loaded.problems == (), example
    assert loaded.declaration is not None
    accounts = loaded.declaration.accounts
    assert accounts[AccountKey("juan.perezr")].account.dependencia == "SEBIDES"
    assert accounts[AccountKey("maria.lopezr")].account.aliases == ("maria.lopez@sinaloa.gob.mx",)
    assert accounts[AccountKey("juan.perez")].account.title == "Subdirector"


@pytest.mark.parametrize(("path", "example"), EXAMPLES)
def test_an_example_is_written_as_fmt_would(path: str, example: str) -> None:
    done = declaration.canonical(example.encode(), path).decode().partition("\n")[2]
    assert sorted(done.splitlines()) == sorted(example.splitlines())


def table(title: str) -> list[list[str]]:
    """Return the rows of the table below a line, each as its cells."""
    body = GUIDE.partition(f"\n{title}")[2].partition("|---|")[2].partition("\n")[2].partition("\n\n")[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in body.splitlines()]


@pytest.mark.parametrize(
    ("title", "model"),
    [
        ("Al principio del archivo:", DependenciaYaml),
        ("De un enlace:", EnlaceYaml),
        ("De un oficio ", OficioYaml),
        ("De una cuenta:", CuentaYaml),
        ("De `entrega`:", EntregaYaml),
    ],
)
def test_a_table_of_fields_has_those_of_the_model(title: str, model: type[BaseModel]) -> None:
    named = [name for row in table(title) for name in re.findall(r"`(\w+)`", row[0])]
    assert named == list(model.model_fields)


WARNED = Config(dominios=CONFIG.dominios, patrones_oficio={"SAF": "x"})
SHARED = "  buzon.saf:\n    tipo: compartida\n    nombre: Buzón\n    responsable: ana.soto\n    alta: SAF/1/2025\n"
GONE = "baja: SAF/2/2026\nmotivo_baja: Renuncia"
BROKEN: list[str | bytes | dict[str, str | bytes]] = [
    SAF.replace("    alta: SAF/1/2025\n", ""),
    SAF + "    pueto: x\n",
    SAF + SAF,
    {PATH: SAF, OTHER_PATH: OTHER},
    SAF + person("ana.soto", more="alias: [juan.perez@sinaloa.gob.mx]"),
    SAF + person("felipedejesus.esquivel") + person("felipedejesus.esquivias"),
    SAF.replace("    alta: SAF/1/2025", "    alta: SAF/7/2025"),
    SAF.replace("    alta: SAF/1/2025", "    alta: S/N"),
    SAF.replace("SAF/2/2026:\n    fecha: 2026", "SAF-1-2025:\n    fecha: 2025"),
    SAF.replace("enlace: laura.beltran\ncuentas", "enlace: juan.perez\ncuentas"),
    SAF.replace("fecha: 2025-02-11", "fecha: 11/02/2025"),
    SAF.replace("recibido: 2025-02-12", "recibido: 2027-02-12"),
    SAF + "    baja: SAF/2/2026\n",
    SAF + "    entrega: {medio: correo, a: interesado}\n",
    SAF + "    avisar_a: ana.soto@ejemplo.mx\n",
    SAF + "    avisar_a: juan.perez@sinaloa.gob.mx\n",
    SAF + person("laura.beltran", more="entrega: {medio: correo, a: enlace, motivo: Lejos}"),
    SAF + "    # PELJ800101HSLRPN09\n",
    SAF + "    # juan@gmail.com\n",
    SAF + person("ana.soto", more=GONE) + SHARED,
    SAF + "    area: null\n",
    SAF + "\tarea: x\n",
    SAF + "    area: x: y\n",
    SAF.replace("juan.perez", "ju\u0430n.perez"),
    SAF.encode("latin-1"),
    SAF + "    vigencia: 2026-01-01\n",
]
MESSAGES = [row[0].strip("`") for row in table("Cada mensaje dice")]


@pytest.fixture(scope="module")
def said() -> str:
    return "\n".join(problem.message for broken in BROKEN for problem in load(broken, WARNED).problems)


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_that_the_guide_explains_is_really_said(message: str, said: str) -> None:
    assert re.search(".+".join(map(re.escape, message.split("…"))), said)


def test_the_guide_explains_many_messages() -> None:
    assert len(MESSAGES) == 29
