"""Worker processes: how they start, and when they end."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_all_start_methods, get_context, parent_process
from multiprocessing.context import BaseContext
from threading import RLock, Thread

import torch
from tqdm import tqdm

from galseg.errors import ConfigError

__all__ = [
    "become_worker",
    "device_of_worker",
    "n_workers_here",
    "uninterrupted",
    "worker_context",
]

_WORKERS_A_GPU = 4


def n_workers_here(*, device: str | None, runtime: str) -> int:
    """Return how many workers make use of this machine: one a core, or a few a GPU.

    ``OMP_NUM_THREADS`` may limit the cores.
    """
    n_cores = torch.get_num_threads()
    if not _uses_gpu(device, runtime):
        return n_cores
    n_gpus = 1 if device and ":" in device else torch.cuda.device_count()
    return max(n_gpus, min(n_cores, _WORKERS_A_GPU * n_gpus))


def device_of_worker(slot: int, *, device: str | None, runtime: str) -> str | None:
    """Return the device of a worker: the GPUs in turn, where none is named.

    Parameters
    ----------
    slot : int
        Number of the worker on its machine.
    device : str or None
        That is asked for.
    runtime : str

    Raises
    ------
    ConfigError
        If a GPU is asked for and there is none.

    Examples
    --------
    >>> device_of_worker(3, device="cpu", runtime="torch")
    'cpu'
    """
    if device is not None and device.startswith("cuda") and not torch.cuda.is_available():
        raise ConfigError(f"there is no GPU for device {device!r} that torch can use; use 'cpu'")
    if device not in (None, "cuda") or not _uses_gpu(device, runtime):
        return device
    return f"cuda:{slot % torch.cuda.device_count()}"


def _uses_gpu(device: str | None, runtime: str) -> bool:
    may = runtime == "torch" and (device is None or device.startswith("cuda"))
    return may and torch.cuda.is_available()


def worker_context(module: str) -> BaseContext:
    """Return how to start processes without this one's threads, which a fork would break.

    Parameters
    ----------
    module : str
        That the workers import; where possible it is imported once for all of them.
    """
    if "forkserver" not in get_all_start_methods():
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload([module])
    return context


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Start processes inside: they will not see the Ctrl-C that is meant for this one.

    One that comes meanwhile is seen at the end.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def become_worker(*, n_threads: int) -> None:
    """Set up this process as a worker: its parent stops it, and it ends when its parent does.

    Parameters
    ----------
    n_threads : int
        Cores that its network may use.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(n_threads)
    tqdm.set_lock(RLock())  # torch draws bars; their own lock would outlive a killed process
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
