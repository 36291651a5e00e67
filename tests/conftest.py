"""What every test may ask for: the laboratory, one for the whole session."""

import signal
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["tests.lab.fixtures"]

# A machine shared with others is slow at times: what a test promises is no time.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

# Whoever starts the suite in the background may have it ignore Ctrl-C; commands that are sent one would inherit that.
signal.signal(signal.SIGINT, signal.default_int_handler)

_HERE = Path(__file__).parent
_ITS_OWN = (_HERE / "lab", _HERE / "acceptance", _HERE / "conformance")
"""Where tests start a laboratory of their own, at the session's addresses, or ask for the session's when they run."""


def pytest_collection_modifyitems(items: Sequence[pytest.Item]) -> None:
    """Mark what needs the laboratory (one runs at a time) and what runs commands (`make suite` parts them)."""
    for item in items:
        if item.path.is_relative_to(_HERE / "cli"):
            item.add_marker("cli")
        asks = "samba_template" in getattr(item, "fixturenames", ())
        if asks or any(item.path.is_relative_to(folder) for folder in _ITS_OWN):
            item.add_marker("lab")
