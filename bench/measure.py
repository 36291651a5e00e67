"""Run one process to its end and tell how long it took and how much memory it needed at its peak.

It is a program of its own (`python bench/measure.py REPORT COMMAND...`), small on purpose: on Linux a child's
peak counts what its parent occupied when it was forked.
"""

from __future__ import annotations

import json
import os
import sys
import time


def main() -> None:
    """Run the command with standard input and output as they are; write seconds, KiB and exit code."""
    report, *command = sys.argv[1:]
    started = time.monotonic()
    pid = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(pid, 0)
    seconds = time.monotonic() - started
    with open(report, "w", encoding="utf-8") as file:  # noqa: PTH123 -- pathlib would weigh more
        json.dump({"segundos": seconds, "kib": usage.ru_maxrss, "codigo": os.waitstatus_to_exitcode(status)}, file)


if __name__ == "__main__":
    main()
