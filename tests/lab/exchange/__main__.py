"""`python -m tests.lab.exchange FOLDER`: the double over the controller that runs in FOLDER, until SIGTERM.

Where its standard input is a pipe, it ends with whoever holds the other end, as Samba does.

Once it listens, the variables that `cuentas` needs are in FOLDER/exchange.json; faults are ordered in
FOLDER/faults.json.
"""

import json
import os
import signal
import stat
import sys
import threading
from pathlib import Path

from tests.lab.exchange.double import ExchangeDouble
from tests.lab.exchange.process import FAULTS, READY
from tests.lab.samba import DomainController


def main() -> int:
    """Exit code 0: it was ended in order; 1: there is no controller."""
    folder = Path(sys.argv[1])
    controller = DomainController.attached(folder)
    if controller is None:
        sys.stderr.write(f"No hay un controlador de dominio en marcha en {folder}.\n")
        return 1
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # before any thread is made, so that all of them have it
    if stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode):
        threading.Thread(target=_end_with_parent, daemon=True).start()
    with ExchangeDouble(controller, folder / FAULTS, kerberos=True) as exchange:
        variables = {"basico": exchange.settings(), "kerberos": exchange.kerberos_settings()}
        partial = folder / f"{READY}.partial"
        partial.write_text(json.dumps(variables), encoding="utf-8")
        partial.rename(folder / READY)
        signal.sigwait(ends)
    return 0


def _end_with_parent() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
