"""The double as a process beside the domain controller of `make lab`: started, found again and ended."""

import json
import sys
import time
from pathlib import Path

from tests.lab.process import ServerProcess
from tests.lab.samba.domain import LabError

READY = "exchange.json"
FAULTS = "faults.json"
LOG = "exchange.log"
_PROCESS = "exchange-process.json"
START_SECONDS = 30.0
_POLL_SECONDS = 0.05


Variables = dict[str, dict[str, str]]
"""What tells `cuentas` where the double is: by the way in (`basico`, `kerberos`), names and values."""


def start(folder: Path, *, outlives_us: bool = True) -> Variables:
    """Start the double over the controller that runs in `folder`, in the place of one left over.

    Return its variables. Unless it `outlives_us`, it ends itself when we end. Raises LabError, with the end of the
    log, when it does not listen after START_SECONDS; whatever is raised, an interruption too, leaves none running.
    """
    stop(folder)
    (folder / READY).unlink(missing_ok=True)
    command = (sys.executable, "-m", "tests.lab.exchange", str(folder))
    process = ServerProcess.spawn(command, folder / LOG, outlives_us=outlives_us)
    try:
        process.record(folder / _PROCESS)
        return _listening(process, folder)
    except BaseException:
        process.kill()
        raise


def _listening(process: ServerProcess, folder: Path) -> Variables:
    deadline = time.monotonic() + START_SECONDS
    while process.is_running() and time.monotonic() < deadline:
        found = settings(folder)
        if found:
            return found
        time.sleep(_POLL_SECONDS)
    tail = (folder / LOG).read_text(encoding="utf-8", errors="replace")[-2000:]
    raise LabError(f"El Exchange de prueba no respondió ({START_SECONDS:.0f} s). Fin de su registro:\n{tail}")


def settings(folder: Path) -> Variables:
    """Return the variables of a double that runs in `folder`; none where none does."""
    if ServerProcess.recorded_in(folder / _PROCESS) is None or not (folder / READY).exists():
        return {}
    found: Variables = json.loads((folder / READY).read_text(encoding="utf-8"))
    return found


def stop(folder: Path) -> bool:
    """End the double that runs in `folder`; return whether one did."""
    process = ServerProcess.recorded_in(folder / _PROCESS)
    if process is not None:
        process.stop()
    return process is not None
