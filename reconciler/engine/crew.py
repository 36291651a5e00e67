"""Several accounts at a time: one saga for each, stage after stage, and results as they come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import groupby
from queue import SimpleQueue

from reconciler.engine.saga import Ended, Hands
from reconciler.plan import Change, stage_of

Steps = tuple[Change, ...]


def worked(
    accounts: Sequence[Steps],
    crew: Sequence[Hands],
    carry_out: Callable[[Steps, Hands], Ended],
    refuse: Callable[[Steps], Ended | None],
) -> Iterator[tuple[Steps, Ended]]:
    """Carry out every account's changes, as many at a time as there are hands, and yield each as it ends.

    A later stage waits for the one before it: a shared account needs its responsable. `refuse` is asked, in the
    caller's thread, before an account is begun, and answers for it where it must not be. Where the caller stops
    listening, what was begun is ended, and nothing more is begun.
    """
    if len(crew) == 1:
        yield from ((steps, refuse(steps) or carry_out(steps, crew[0])) for steps in accounts)
        return
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
            running: set[Future[tuple[Steps, Ended]]] = set()
            for steps in stage:
                if len(running) == len(crew):
                    ended, running = wait(running, return_when=FIRST_COMPLETED)
                    yield from (one.result() for one in ended)
                refused = refuse(steps)
                if refused:
                    yield steps, refused
                else:
                    running.add(pool.submit(work, steps))
            while running:
                ended, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (one.result() for one in ended)
