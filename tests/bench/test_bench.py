"""The benchmark still runs; how fast is not a test's business."""

from __future__ import annotations

import subprocess
import sys

import pytest

from bench.runs import StepFailedError, cost_of


def test_a_tiny_benchmark_prints_a_row_for_every_step() -> None:
    words = ("--accounts", "30", "--agencies", "13", "--target", "embedded", "--repeat", "1")
    done = subprocess.run([sys.executable, "-m", "bench", *words], capture_output=True, text=True, check=True)
    rows = [line.split()[:3] for line in done.stdout.splitlines()[3:]]
    assert rows == [
        ["-", "cuentas", "validate"],
        ["embedded", "cuentas", "plan"],
        ["embedded", "cuentas", "apply"],
        ["embedded", "cuentas", "plan"],
    ]


def test_a_step_that_fails_says_what_it_said() -> None:
    with pytest.raises(StepFailedError, match=r"(?s)salió con 3.*ay"):
        cost_of((sys.executable, "-c", "print('ay'); raise SystemExit(3)"), {})


def test_a_process_is_measured_apart_from_the_one_that_measures() -> None:
    large = cost_of((sys.executable, "-c", "bytearray(200_000_000)"), {})
    small = cost_of((sys.executable, "-S", "-c", ""), {})
    assert large.megabytes > 150 > small.megabytes
    assert large.seconds > 0
