"""Stages of a line of work that run at the same time, each in a thread, in order."""

from __future__ import annotations

from collections.abc import Generator
from queue import Empty, Queue
from threading import Event, Thread
from typing import Generic, NamedTuple, TypeVar

__all__ = ["run_ahead"]

T = TypeVar("T")

_PATIENCE_S = 10.0  # for a stage that hangs in a read; its thread does not keep the process alive


class _Found(NamedTuple, Generic[T]):
    item: T


class _End(NamedTuple):
    error: BaseException | None


def run_ahead(stage: Generator[T, None, None], *, n_ahead: int) -> Generator[T, None, None]:
    """Run a generator in a thread of its own, some items ahead of who takes them.

    Items come in the order in which they are made, and what the generator raises is raised where
    the next item would have come. When nobody takes any more, because of an error or of Ctrl-C,
    close what is returned (`contextlib.closing`): the generator is then stopped after the item it
    is at, and closed in its own thread. So stages can be stacked.

    Parameters
    ----------
    stage : generator
        Must not be used elsewhere.
    n_ahead : int
        Items that may wait, at least 1; one more is in the making.

    Yields
    ------
    object
        What `stage` yields.

    Examples
    --------
    >>> list(run_ahead((n * n for n in range(4)), n_ahead=2))
    [0, 1, 4, 9]
    """
    waiting: Queue[_Found[T] | _End] = Queue(n_ahead)
    stopped = Event()
    thread = Thread(target=_fill, args=(waiting, stage, stopped), daemon=True)
    thread.start()
    try:
        while isinstance(found := waiting.get(), _Found):
            yield found.item
        if found.error is not None:
            raise found.error
    finally:
        stopped.set()
        _empty(waiting)  # wakes a thread that waits for room
        thread.join(_PATIENCE_S)


def _fill(
    waiting: Queue[_Found[T] | _End], stage: Generator[T, None, None], stopped: Event
) -> None:
    error: BaseException | None = None
    try:
        for item in stage:
            waiting.put(_Found(item))
            if stopped.is_set():
                break
    except BaseException as raised:
        error = raised
    finally:
        stage.close()
    if not stopped.is_set():
        waiting.put(_End(error))


def _empty(waiting: Queue[_Found[T] | _End]) -> None:
    while True:
        try:
            waiting.get_nowait()
        except Empty:
            return
