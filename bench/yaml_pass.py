"""The reference for reading: PyYAML's C loader over the same files, and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import yaml


def main() -> None:
    """Load every declaration under a folder and say how many accounts that makes."""
    accounts = 0
    for path in sorted(Path(sys.argv[1]).rglob("*.yaml")):
        loaded = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
        accounts += len(loaded.get("cuentas") or ())
    print(accounts)


if __name__ == "__main__":
    main()
