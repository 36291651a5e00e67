"""`python -m bench.long_world FOLDER MERGES FILES`: a long history, and the record of its one run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from reconciler.bitacora.chain import Entry, Tail, link
from reconciler.bitacora.reading import GENESIS, GENESIS_TEXT
from reconciler.events import JSON, Event, EventKind
from reconciler.model import AccountKey
from reconciler.repository import Repository, fast_import, init

BEGINNING = datetime(2024, 1, 8, 16, tzinfo=UTC)
_STEP = timedelta(minutes=20)
_LEAVES = 4
"""One merge in so many gives a baja, the others an alta."""

_RUN = "20250101T000000Z-0000"
_DIRECTOR = "Dirección de Servicios Compartidos <dsct@sinaloa.gob.mx>"
_HEADER = """\
dependencia: Secretaría {siglas}
siglas: {siglas}
enlaces:
  laura.beltran:
    nombre: Laura Beltrán Ochoa
    correo: laura.beltran@sinaloa.gob.mx
"""
_OFICIO = "    fecha: 2024-01-02\n    recibido: 2024-01-03\n    medio: oficio\n    enlace: laura.beltran\n"


@dataclass
class _Agency:
    """One agency's file, which grows; `served` are its people in service, in the order of their altas."""

    siglas: str
    oficios: list[str] = field(default_factory=list)
    accounts: dict[str, str] = field(default_factory=dict)
    served: list[str] = field(default_factory=list)

    def move(self, number: int) -> None:
        """Give an alta, or a baja to whoever has been there longest."""
        oficio = f"{self.siglas}/{number:06d}/2024"
        self.oficios.append(oficio)
        if number % _LEAVES == 0 and self.served:
            self.accounts[self.served.pop(0)] += f"    baja: {oficio}\n    motivo_baja: Renuncia\n"
            return
        key = f"persona.n{number:06d}"
        self.served.append(key)
        self.accounts[key] = f"    nombre: Persona\n    apellidos: Número\n    puesto: Analista\n    alta: {oficio}\n"

    def text(self) -> bytes:
        """Return the file in canonical form."""
        oficios = "".join(f"  {one}:\n{_OFICIO}" for one in self.oficios) or "  {}\n"
        accounts = "".join(f"  {key}:\n{entry}" for key, entry in sorted(self.accounts.items()))
        lists = f"oficios:\n{oficios}" if self.oficios else "oficios: {}\n"
        people = f"cuentas:\n{accounts}" if accounts else "cuentas: {}\n"
        return f"{_HEADER.format(siglas=self.siglas)}{lists}{people}".encode()


def stream(agencies: list[_Agency], first: int, last: int) -> Iterator[bytes]:
    """Yield merges of pull requests, each with the one commit that it joins, onto main."""
    if first == 1:
        files = {"cuentas.yaml": b"dominios: [sinaloa.gob.mx]\n", **{_path(one): one.text() for one in agencies}}
        yield from _commit("main", _DIRECTOR, BEGINNING, "Repositorio", files)
    for number in range(first, last + 1):
        agency = agencies[number % len(agencies)]
        agency.move(number)
        at = BEGINNING + number * _STEP
        base = b"from refs/heads/main\n" if number == first and first > 1 else b""
        tip = b"refs/heads/main^0\n" if base else b"refs/heads/main\n"
        files = {_path(agency): agency.text()}
        enlace = "Laura Beltrán Ochoa <laura.beltran@sinaloa.gob.mx>"
        yield from _commit("rama", enlace, at, "Movimiento", files, b"from " + tip)
        merge = f"Merge pull request #{number} from laura/movimiento"
        start = b"from refs/heads/main^0\n" if base else b""
        yield from _commit("main", _DIRECTOR, at + _STEP / 2, merge, files, start + b"merge refs/heads/rama\n")
    yield b"done\n"


def _path(agency: _Agency) -> str:
    return f"accounts/{agency.siglas}.yaml"


def _commit(
    branch: str, who: str, at: datetime, message: str, files: dict[str, bytes], parents: bytes = b""
) -> Iterator[bytes]:
    words = message.encode()
    yield f"commit refs/heads/{branch}\ncommitter {who} {int(at.timestamp())} -0700\ndata {len(words)}\n".encode()
    yield words + b"\n" + parents
    for path, data in files.items():
        yield f"M 100644 inline {path}\ndata {len(data)}\n".encode() + data + b"\n"


def record(repository: Repository) -> bytes:
    """Return the segment of one run that carried everything out."""
    commits = [one for one in repository.first_parent("main") if one.is_merge]
    events = [_event(EventKind.RUN_STARTED, destino="embedded", commit=commits[-1].commit, version="0")]
    agencies = 0
    for number, commit in enumerate(commits, start=1):
        siglas = commit.files[0].path[len("accounts/") : -len(".yaml")]
        oficio, baja = f"{siglas}/{number:06d}/2024", number % _LEAVES == 0
        key = AccountKey(f"persona.n{number:06d}")
        agencies += 1
        if baja:
            continue
        said = {"cambio": f"{number:016x}", "verbo": "create"}
        more = {"clase": "altas", "dependencia": siglas, "oficio": oficio, "fusion": commit.commit}
        events.append(_event(EventKind.ATTEMPT, key, **said, **more))
        events.append(_event(EventKind.OUTCOME, key, **said, estado="aplicado", guid=f"guid-{number}"))
    events.append(_event(EventKind.RUN_ENDED, resultado="completa", cuentas=agencies))
    entries = (Entry(f"{_RUN}/{number}", one) for number, one in enumerate(events, start=1))
    return b"".join(line + b"\n" for line, _ in link(entries, Tail()))


def _event(kind: EventKind, key: AccountKey | None = None, **data: JSON) -> Event:
    return Event(kind=kind, at=datetime(2025, 6, 1, tzinfo=UTC), run=_RUN, key=key, data=data)


def main() -> None:
    """Make the whole, or add to it: with a fourth word, so many merges more."""
    folder, merges, files = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    agencies = [_Agency(f"D{number:03d}") for number in range(files)]
    if len(sys.argv) > 4:
        for number in range(1, merges + 1):
            agencies[number % files].move(number)
        fast_import(folder, stream(agencies, merges + 1, merges + int(sys.argv[4])))
        return
    init(folder)
    fast_import(folder, stream(agencies, 1, merges))
    with Repository.open(folder) as repository:
        segment = record(repository)
    kept = {GENESIS: GENESIS_TEXT, f"eventos/2025/{_RUN}/0001.jsonl": segment}
    fast_import(folder, [*_commit("bitacora", "cuentas <c@noreply.invalid>", BEGINNING, "corrida", kept), b"done\n"])


if __name__ == "__main__":
    main()
