"""A server process of the lab: started, found again by another process, and ended by its own number only."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab.samba.domain import LabError

STOP_SECONDS = 10.0
_POLL_SECONDS = 0.02


@dataclass(frozen=True)
class ServerProcess:
    """A running server, leader of a process group of its own; nothing outside it is ever signalled."""

    pid: int
    born: str

    @classmethod
    def spawn(cls, command: Sequence[str], log: Path, *, outlives_us: bool) -> "ServerProcess":
        """Start a server whose output goes to the end of `log`.

        Unless it `outlives_us`, its standard input is a pipe that breaks with this process, and a server that
        minds it ends itself then.
        """
        with log.open("ab") as output:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL if outlives_us else subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        _children[process.pid] = process
        return cls(process.pid, _birth(process.pid) or "")

    @classmethod
    def recorded_in(cls, file: Path) -> "ServerProcess | None":
        """Find the process that `record` wrote down, if it is still that one and still running.

        What is no record, cut short or somebody else's, names no process.
        """
        try:
            found = json.loads(file.read_text(encoding="ascii"))
            process = cls(pid=int(found["pid"]), born=str(found["born"]))
        except (FileNotFoundError, ValueError, TypeError, KeyError):
            return None
        return process if process.is_running() else None

    def record(self, file: Path) -> None:
        """Write down which process it is: all of it, or nothing."""
        partial = file.with_name(f"{file.name}.partial")
        partial.write_text(json.dumps({"pid": self.pid, "born": self.born}), encoding="ascii")
        partial.replace(file)

    def is_running(self) -> bool:
        """Whether this very process lives: a reused number has another time of birth."""
        if (child := _children.get(self.pid)) and child.poll() is not None:
            return False
        return _birth(self.pid) == self.born

    def stop(self) -> None:
        """End the whole group, gently; what has not gone after STOP_SECONDS is killed."""
        if not self._end(signal.SIGTERM):
            self.kill()

    def kill(self) -> None:
        """End the whole group at once, as a power cut would."""
        if not self._end(signal.SIGKILL):
            raise LabError(f"El proceso {self.pid} no termina.")

    def _end(self, number: signal.Signals) -> bool:
        deadline = time.monotonic() + STOP_SECONDS
        if self.is_running():
            os.killpg(self.pid, number)
        while self._group_lives():
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_SECONDS)
        self._forget()
        return True

    def _group_lives(self) -> bool:
        self.is_running()  # reaps the leader when it is our child
        try:
            os.killpg(self.pid, 0)
        except ProcessLookupError:
            return False
        return bool(group_members(self.pid))

    def _forget(self) -> None:
        child = _children.pop(self.pid, None)
        if child is not None:
            child.wait(timeout=STOP_SECONDS)
            if child.stdin is not None:
                child.stdin.close()


_children: dict[int, "subprocess.Popen[bytes]"] = {}


def _status(pid: str | int) -> list[str]:
    """Read /proc/PID/stat from the state on: state, parent, process group, ...; [] for no process."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return []
    return text.rpartition(")")[2].split()


def _birth(pid: int) -> str | None:
    status = _status(pid)
    return status[19] if status and status[0] != "Z" else None


def group_members(group: int) -> list[int]:
    """List a process group's members that are more than zombies, which an untidy parent has not reaped."""
    everyone = ((int(one.name), _status(one.name)) for one in Path("/proc").iterdir() if one.name.isdigit())
    return [pid for pid, status in everyone if status and status[0] != "Z" and status[2] == str(group)]
