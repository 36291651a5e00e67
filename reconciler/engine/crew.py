"""Several accounts at a time: one saga for each, stage after stage, and results as they come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import groupby
from queue import SimpleQueue

from reconciler.engine.saga import Ended, Hands
from reconciler.plan import Change, stage_of

Steps = tuple[Change, ...]
_Running = set[Future[tuple[Steps, Ended]]]

HEARTBEAT_SECONDS = 60.0
"""One cmdlet may wait for minutes, and an account takes several: the lease is looked after meanwhile."""


def worked(
    accounts: Sequence[Steps],
    crew: Sequence[Hands],
    carry_out: Callable[[Steps, Hands], Ended],
    refuse: Callable[[Steps], Ended | None],
    heartbeat: Callable[[], None],
    *,
    every: float = HEARTBEAT_SECONDS,
) -> Iterator[tuple[Steps, Ended]]:
    """Carry out every account's changes, as many at a time as there are hands, and yield each as it ends.

    A later stage waits for the one before it: a shared account needs its responsable. `refuse` is asked, in the
    caller's thread, before an account is begun, and answers for it where it must not be; `heartbeat` is called there,
    too, at least `every` so many seconds while accounts are waited for. Where the caller stops listening, what was
    begun is ended, and nothing more is begun.
    """
    idle: SimpleQueue[Hands] = SimpleQueue()
    for hands in crew:
        idle.put(hands)

    def work(steps: Steps) -> tuple[Steps, Ended]:
        hands = idle.get()
        try:
            return steps, carry_out(steps, hands)
        finally:
            idle.put(hands)

    with ThreadPoolExecutor(len(crew), thread_name_prefix="cuentas") as pool:
        for _, stage in groupby(accounts, key=stage_of):
            running: _Running = set()
            for steps in stage:
                if len(running) == len(crew):
                    ended, running = _wait(running, heartbeat, every)
                    yield from (one.result() for one in ended)
                refused = refuse(steps)
                if refused:
                    yield steps, refused
                else:
                    running.add(pool.submit(work, steps))
            while running:
                ended, running = _wait(running, heartbeat, every)
                yield from (one.result() for one in ended)


def _wait(running: _Running, heartbeat: Callable[[], None], every: float) -> tuple[_Running, _Running]:
    """Wait until some have ended, with a heartbeat whenever it takes long, and return those and the others."""
    while True:
        ended, left = wait(running, timeout=every, return_when=FIRST_COMPLETED)
        if ended:
            return ended, left
        heartbeat()
