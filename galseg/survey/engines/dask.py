"""Worker processes of a cluster of dask.distributed."""

from __future__ import annotations

import logging
import pickle
from contextlib import ExitStack, suppress
from itertools import count
from types import TracebackType
from uuid import uuid4

from galseg.errors import GalsegError
from galseg.extras import extra
from galseg.predict.processes import uninterrupted
from galseg.survey.job import Died, Do, Job, Outcome, Work

with extra("survey", "the engine 'dask' needs dask and distributed"):
    from distributed import (
        Client,
        Future,
        KilledWorker,
        LocalCluster,
        WorkerPlugin,
        get_worker,
        wait,
    )

__all__ = ["DaskEngine"]

_LOOK = 1.0  # seconds between looks at which workers are there
_PATIENCE = 120.0  # seconds for a scheduler to answer, and a worker on this machine to start


class DaskEngine:
    """Workers of a cluster, one job each at a time.

    A job is given to one worker by name, so that when the worker is lost it is known with which
    job. Workers that the cluster gains while it runs are used, too.

    Parameters
    ----------
    work : Work
    n_workers : int
        Processes of a cluster on this machine; without meaning where there is a scheduler.
    scheduler : str, optional
        Address of a cluster's scheduler. Its workers have galseg and see the same files at the
        same paths.

    References
    ----------
    Rocklin, M. (2015), Proc. 14th Python in Science Conf., 126, doi:10.25080/Majora-7b98e3ed-013.
    """

    def __init__(self, work: Work, *, n_workers: int, scheduler: str | None = None) -> None:
        self._plugin = _WorkPlugin(pickle.dumps(work))
        self._n_workers = n_workers
        self._scheduler = scheduler
        self._at_work: dict[str, tuple[Job, Future]] = {}
        self._room: dict[str, str] = {}
        self._slots: dict[str, int] = {}

    def __enter__(self) -> DaskEngine:
        with ExitStack() as opened, uninterrupted():
            address = self._scheduler or _start_cluster(opened, self._n_workers)
            try:
                self._client = opened.enter_context(Client(address, timeout=_PATIENCE))
            except OSError as error:
                raise GalsegError(f"no scheduler of Dask answers at {address}: {error}") from error
            self._client.register_plugin(self._plugin)
            self._open = opened.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        with self._open:
            for _, future in self._at_work.values():
                future.cancel()
            self._client.unregister_worker_plugin(self._plugin.name)

    @property
    def has_room(self) -> bool:
        """Whether a worker is free; waits for the first one, where there is none."""
        self._room = self._free()
        while not self._room and not self._at_work:
            self._wait_for_workers()
            self._room = self._free()
        return bool(self._room)

    @property
    def is_idle(self) -> bool:
        """Whether no job is at work."""
        return not self._at_work

    def submit(self, job: Job) -> None:
        """Hand a job to a free worker."""
        address, host = self._room.popitem()
        future = self._client.submit(
            _do,
            self._plugin.name,
            self._slot(address, host),
            job,
            workers=[address],
            key=f"galseg-{job.shard}-{uuid4().hex}",
            pure=False,
        )
        self._at_work[address] = job, future

    def next(self) -> tuple[Job, Outcome]:
        """Wait until a job ends; see `Engine`."""
        while True:
            self._wait_a_moment()
            there = self._workers()
            for address, (job, future) in self._at_work.items():
                outcome = _outcome(future, is_there=address in there)
                if outcome is not None:
                    del self._at_work[address]
                    return job, outcome

    def _wait_a_moment(self) -> None:
        """Wait until a job is done, or it is time to look which workers are there."""
        futures = [future for _, future in self._at_work.values()]
        with self._client.as_current(), suppress(TimeoutError):  # the caller may have others
            wait(futures, timeout=_LOOK, return_when="FIRST_COMPLETED")

    def _workers(self) -> dict[str, str]:
        """Return the host of each worker that is there now, by its address."""
        workers = self._client.scheduler_info(n_workers=-1)["workers"]
        return {address: str(facts["host"]) for address, facts in workers.items()}

    def _free(self) -> dict[str, str]:
        there = self._workers()
        return {address: there[address] for address in there if address not in self._at_work}

    def _wait_for_workers(self) -> None:
        try:
            self._client.wait_for_workers(1, timeout=None if self._scheduler else _PATIENCE)
        except TimeoutError as error:
            raise GalsegError(
                f"no worker process started within {_PATIENCE:g} s; ask for fewer workers"
            ) from error

    def _slot(self, address: str, host: str) -> int:
        """Return the number of a worker on its machine: the least that no other there has."""
        there = self._workers()
        self._slots = {one: slot for one, slot in self._slots.items() if one in there}
        if address not in self._slots:
            taken = {slot for one, slot in self._slots.items() if there[one] == host}
            self._slots[address] = next(slot for slot in count() if slot not in taken)
        return self._slots[address]


def _start_cluster(opened: ExitStack, n_workers: int) -> str:
    """Start a cluster on this machine and return the address of its scheduler."""
    try:
        cluster = LocalCluster(
            n_workers=n_workers,
            threads_per_worker=1,
            memory_limit=0,  # it is bounded by the shards
            dashboard_address=None,
            silence_logs=logging.CRITICAL,
        )
    except RuntimeError as error:
        raise GalsegError(
            f"Dask could not start {n_workers} workers ({error}), often for want of memory; "
            "start again, or with fewer workers"
        ) from error
    opened.enter_context(cluster)
    return str(cluster.scheduler_address)


class _WorkPlugin(WorkerPlugin):  # type: ignore[misc]  # distributed is untyped
    """Brings the work to every worker, those that come later too."""

    def __init__(self, work: bytes) -> None:
        self.name = f"galseg-survey-{uuid4().hex}"
        self._work = work
        self._do: Do | None = None

    def do(self, slot: int, job: Job) -> Outcome:
        """Do a job, in the worker."""
        if self._do is None:
            work: Work = pickle.loads(self._work)
            self._do = work.start(slot)
        return self._do(job)


def _do(plugin: str, slot: int, job: Job) -> Outcome:
    outcome: Outcome = get_worker().plugins[plugin].do(slot, job)
    return outcome


def _outcome(future: Future, *, is_there: bool) -> Outcome | None:
    """Return what became of a job; None where that is not known yet.

    The answer stays in the worker's memory until it is fetched, so it can be lost with the worker
    after the job is done.
    """
    if future.status == "error":
        error = future.exception()
        if isinstance(error, KilledWorker):
            return Died(error.allowed_failures + 1)
        raise error
    if not is_there:
        future.cancel()
        return Died()
    if future.cancelled():
        raise GalsegError("the scheduler of Dask dropped a job; start again to go on")
    if not future.done():
        return None
    try:
        outcome: Outcome = future.result(timeout=_LOOK)
    except TimeoutError:
        return None
    return outcome
