"""An invented government with a history in Git, for the demonstration and the benchmarks."""

from reconciler.demo.folder import prepare
from reconciler.demo.history import CONFIG, Scale, history
from reconciler.demo.key import new_key, sheet_without_password
from reconciler.demo.making import Made, make

__all__ = ["CONFIG", "Made", "Scale", "history", "make", "new_key", "prepare", "sheet_without_password"]
