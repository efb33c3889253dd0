"""Image files to whatever is saved of their predictions, on every core.

Reading and writing FITS takes Python a good part of the time that a small network takes, and
Python runs on one core. So each worker process does the whole line for a few files at a time with
one thread: no queue lies between reading, network and writing, and no core waits for another.
"""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import torch

from galseg.errors import ConfigError, GalsegError
from galseg.io.images import GalaxyImage, WcsRule, read_image
from galseg.predict.orientations import Orientations
from galseg.predict.processes import become_worker, worker_context
from galseg.predict.segmenter import Segmenter
from galseg.predict.squares import to_square
from galseg.prediction import Prediction

__all__ = ["Outcome", "predict_files"]

Save = Callable[[GalaxyImage, Prediction], None]
Files = Sequence[tuple[str, Path]]

_AT_ONCE = 4  # files; more do not make a network on a CPU any faster
_AHEAD = 2  # batches a worker that are handed out before their turn
_WORTH_WORKERS = 256  # files that take longer than starting processes does
_MAX_WORKERS = 1024


class Outcome(NamedTuple):
    """What became of an image.

    Attributes
    ----------
    galaxy_id : str
    path : pathlib.Path
    reason : str
        Why it could not be used; empty where it could.
    """

    galaxy_id: str
    path: Path
    reason: str


def predict_files(
    segmenter: Segmenter,
    files: Mapping[str, Path],
    *,
    save: Save,
    wcs: WcsRule = "required",
    n_samples: int = 1,
    seed: int = 0,
    orientations: Orientations = 1,
    n_workers: int | None = 0,
    batch_size: int = _AT_ONCE,
) -> Iterator[Outcome]:
    """Read images, predict, and save, a few at a time.

    Memory does not grow with the number of files.

    Parameters
    ----------
    segmenter : Segmenter
    files : mapping of str to pathlib.Path
        Images by galaxy.
    save : callable
        Takes the image and its prediction. With workers it is called in them, so it must pickle:
        a function of a module, or a `functools.partial` of one.
    wcs : str, optional
        See `read_image`.
    n_samples, seed, orientations : optional
        See `Segmenter.predict`.
    n_workers : int, optional
        Processes that share the cores; 0: this process alone, whose network uses them all. None:
        one a core where there are files enough to be worth it and the model is on the CPU. A
        script that asks for workers guards its main part with ``if __name__ == "__main__":``.
    batch_size : int, optional
        Images that go through the network together.

    Yields
    ------
    Outcome
        One a file, in their order. A bad image is an outcome with a reason and stops nothing.

    Raises
    ------
    ConfigError
        If an option is out of range.
    OutputError
        If `save` cannot write.
    GalsegError
        If a worker process died.
    """
    segmenter.check_options(n_samples=n_samples, orientations=orientations)
    if batch_size < 1:
        raise ConfigError(f"batch_size must be at least 1, got {batch_size}")
    n_workers = _n_workers(n_workers, segmenter, n_files=len(files))
    line = _Line(segmenter, save, wcs, n_samples, seed, orientations)
    remaining = iter(files.items())
    batches = iter(lambda: list(islice(remaining, batch_size)), [])
    done = map(line, batches) if n_workers == 0 else _in_workers(line, batches, n_workers)
    return (outcome for outcomes in done for outcome in outcomes)


@dataclass(frozen=True)
class _Line:
    """Everything that happens to a few files."""

    segmenter: Segmenter
    save: Save
    wcs: WcsRule
    n_samples: int
    seed: int
    orientations: Orientations

    def __call__(self, files: Files) -> list[Outcome]:
        images, squares, outcomes = [], [], []
        for galaxy_id, path in files:
            try:
                image = read_image(path, wcs=self.wcs)
                squares.append(to_square(image, self.segmenter.card))
            except GalsegError as error:
                outcomes.append(Outcome(galaxy_id, path, str(error)))
                continue
            images.append(image)
            outcomes.append(Outcome(galaxy_id, path, ""))
        if squares:
            predictions = self.segmenter.predict_squares(
                squares, n_samples=self.n_samples, seed=self.seed, orientations=self.orientations
            )
            for image, prediction in zip(images, predictions, strict=True):
                self.save(image, prediction)
        return outcomes


def _n_workers(asked: int | None, segmenter: Segmenter, *, n_files: int) -> int:
    if asked is None:
        n_cores = torch.get_num_threads()
        worth_it = n_cores > 1 and n_files >= _WORTH_WORKERS and segmenter.on_cpu
        return n_cores if worth_it else 0
    if not 0 <= asked <= _MAX_WORKERS:
        raise ConfigError(f"the number of workers must be 0 to {_MAX_WORKERS}, got {asked}")
    return asked


def _in_workers(line: _Line, batches: Iterator[Files], n_workers: int) -> Iterator[list[Outcome]]:
    n_threads = max(1, torch.get_num_threads() // n_workers)
    pool = ProcessPoolExecutor(
        n_workers,
        mp_context=worker_context(__name__),
        initializer=_start_worker,
        initargs=(pickle.dumps(line), n_threads),
    )
    waiting: deque[Future[list[Outcome]]] = deque()
    try:
        for batch in batches:
            waiting.append(pool.submit(_work, batch))
            if len(waiting) >= _AHEAD * n_workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    except BrokenProcessPool as error:
        raise GalsegError(
            "a worker process died, often for want of memory; ask for fewer workers, or for none"
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)


_line: _Line  # of this worker


def _start_worker(pickled: bytes, n_threads: int) -> None:
    global _line  # how a pool hands something large to its workers once
    become_worker(n_threads=n_threads)
    _line = pickle.loads(pickled)


def _work(files: Files) -> list[Outcome]:
    return _line(files)
