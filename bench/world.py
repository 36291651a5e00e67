"""`python -m bench.world FOLDER ACCOUNTS AGENCIES`: make the repository that is measured, and say how large it is."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from pathlib import Path

from reconciler.demo import CONFIG, Scale, make, new_key
from reconciler.plan import Kind

SEED = 8


def config(key: Path) -> str:
    """Return a cuentas.yaml that lets a founding load through: the benchmark is not about guards."""
    wide = "".join(f"    {kind.value}: {{maximo: 1000000}}\n" for kind in Kind)
    limits = f"limites:\n  total:\n{wide}  dependencia:\n{wide}"
    return f"{CONFIG}{limits}entrega:\n  destinatario: {new_key(key)}\n"


def main() -> None:
    """Make it and print what was made, as JSON."""
    folder, accounts, agencies = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    scale = Scale(accounts=accounts, agencies=agencies)
    made = make(folder / "declaraciones", scale, datetime.now(UTC).date(), SEED, config(folder / "llave.txt"))
    files = list((made.path / "accounts").rglob("*.yaml"))
    size = sum(file.stat().st_size for file in files)
    print(json.dumps({"fusiones": made.merges, "archivos": len(files), "bytes": size}))


if __name__ == "__main__":
    main()
