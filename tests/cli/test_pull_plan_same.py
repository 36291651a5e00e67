"""What the plan of a pull request shows is what apply makes of it, whatever is declared and whatever drifted."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from reconciler.plan import FieldChange, Plan, change_id
from tests.cli.desk import SAF, SEBIDES, Desk
from tests.cli.test_pull_plan import proposed
from tests.forge import Agency, person

NUMBERS = tuple(range(1, 40))
NAMES = ("Ana", "Beto", "Carla", "Dora", "Elsa", "Fidel", "Gema", "Hugo")
Entry = dict[str, str]


class Staff:
    """Two agencies as somebody edits them at random; each step names an oficio that no step named before."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)  # noqa: S311 -- a test that repeats
        self.people: dict[str, dict[str, Entry]] = {"SAF": {}, "SEBIDES": {}}
        self.used = 0

    def oficio(self, siglas: str) -> str:
        self.used += 1
        return f"{siglas}/{self.used}/2026"

    def files(self) -> dict[str, Agency | str | None]:
        return {
            path: Agency(siglas, tuple(f"{siglas}/{one}/2026" for one in NUMBERS), self.people[siglas])
            for siglas, path in (("SAF", SAF), ("SEBIDES", SEBIDES))
        }

    def alta(self, siglas: str) -> None:
        name, letter = self.rng.choice(NAMES), chr(ord("a") + self.used % 26)
        entry = person(name, f"Gil {letter * 3}".title(), self.oficio(siglas))
        if self.rng.random() < 0.3:
            entry |= {"cuota_mb": str(self.rng.randrange(100, 900))}
        if self.rng.random() < 0.3:
            entry |= {"alias": f"[otra.{self.used}@sinaloa.gob.mx]"}
        self.people[siglas][f"{name.lower()}.gil{letter * 3}"] = entry

    def step(self) -> None:
        siglas = self.rng.choice(("SAF", "SEBIDES"))
        mine = self.people[siglas]
        serving = [key for key, one in mine.items() if "baja" not in one]
        gone = [key for key, one in mine.items() if "baja" in one]
        what = self.rng.choice(("alta", "alta", "baja", "change", "rename", "transfer", "back", "quota", "alias"))
        if what == "alta" or not serving:
            self.alta(siglas)
            return
        key = self.rng.choice(serving)
        entry = mine[key]
        match what:
            case "baja":
                mine[key] = entry | {"baja": self.oficio(siglas), "motivo_baja": "Renuncia"}
            case "back" if gone:
                key = self.rng.choice(gone)
                kept = {
                    name: value for name, value in mine[key].items() if name not in {"baja", "motivo_baja", "cambio"}
                }
                mine[key] = kept | {"alta": self.oficio(siglas)}
            case "rename" if "renombra" not in entry:
                del mine[key]
                mine[f"{key}x"] = entry | {"renombra": key, "cambio": self.oficio(siglas)}
            case "transfer":
                other = "SEBIDES" if siglas == "SAF" else "SAF"
                del mine[key]
                moved = {name: value for name, value in entry.items() if name != "cambio"}
                self.people[other][key] = moved | {"alta": self.oficio(other)}
            case "quota":
                mine[key] = entry | {"cuota_mb": str(self.rng.randrange(100, 900)), "cambio": self.oficio(siglas)}
            case "alias":
                mine[key] = entry | {"alias": f"[mas.{self.used}@sinaloa.gob.mx]", "cambio": self.oficio(siglas)}
            case _:
                mine[key] = entry | {"puesto": f"Puesto {self.used}", "cambio": self.oficio(siglas)}

    def drift(self, mesa: Desk) -> None:
        with mesa.target() as opened:
            there = list(opened.read().accounts.values())
            for one in self.rng.sample(there, min(2, len(there))):
                opened.update(one.handle, (FieldChange("title", one.account.title, f"A mano {self.used}"),))


@pytest.mark.parametrize("seed", [1, 5])
def test_what_is_shown_of_a_pull_request_is_what_is_left_to_do_once_it_is_merged(
    mesa: Desk, tmp_path: Path, seed: int
) -> None:
    staff = Staff(seed)
    for _ in range(8):
        staff.alta(staff.rng.choice(("SAF", "SEBIDES")))
    mesa.forge.pull_request(staff.files())
    mesa.run("apply", "--yes")
    for number in range(3):
        if staff.rng.random() < 0.6:
            staff.drift(mesa)
        for _ in range(staff.rng.randrange(1, 6)):
            staff.step()
        mesa.run("snapshot", "--publish", "--renovar", "0")
        branch = f"solicitud-{number}-propuesta"
        proposed(mesa, staff.files(), branch)
        words = ("plan", "--at", branch, "--base", "main", "--against", "publicada", "--format", "json")
        shown = json.loads(mesa.run(*words).out)
        mesa.forge.merge(branch, "merge", "Merge pull request")
        mesa.run("plan", "-o", str(tmp_path / "plan.json"))
        left = Plan.from_json((tmp_path / "plan.json").read_text("utf-8")).changes
        told = {one["cambio"] for one in (*shown["causados"], *shown["deriva"])}
        assert told == set(map(change_id, left)), (shown, left)
        if shown["rechazos"]:
            mesa.run("apply", "--yes", code=3)
            return
        mesa.run("apply", "--yes")
        assert "Nada que hacer" in mesa.run("apply", "--yes").out
