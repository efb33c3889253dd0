"""Work that is shared among the processors, a little of it at a time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

__all__ = ["run_in_threads"]

_WAITING = 2  # tasks a thread, so that none runs dry


def run_in_threads(tasks: Iterable[Callable[[], None]]) -> None:
    """Run tasks in one thread a processor, for work in OpenCV and zlib, which let others run.

    Parameters
    ----------
    tasks : iterable of callable
        Taken one by one, in the caller's thread, and only when a few others have been done: what
        they hold in memory does not grow with their number.

    Raises
    ------
    Exception
        What a task raises; what has begun is done first.

    Examples
    --------
    >>> done = []
    >>> run_in_threads([lambda: done.append(1), lambda: done.append(2)])
    >>> sorted(done)
    [1, 2]
    """
    n_threads = os.cpu_count() or 1
    running: set[Future[None]] = set()
    with ThreadPoolExecutor(n_threads) as pool:
        for task in tasks:
            if len(running) >= _WAITING * n_threads:
                running = _check_done(running)
            running.add(pool.submit(task))
        while running:
            running = _check_done(running)


def _check_done(running: set[Future[None]]) -> set[Future[None]]:
    """Wait for one task or more to be done, and return the others."""
    done, others = wait(running, return_when=FIRST_COMPLETED)
    for future in done:
        future.result()
    return others
