"""Worker processes on this machine."""

from __future__ import annotations

import pickle
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import TracebackType

from galseg.errors import GalsegError
from galseg.predict.processes import become_worker, uninterrupted, worker_context
from galseg.survey.job import Died, Do, Job, Outcome, Work

__all__ = ["LocalEngine"]

_READY = "ready"
_MAX_DEAD_STARTS = 3


class LocalEngine:
    """Processes of this machine; one that dies is replaced.

    Parameters
    ----------
    work : Work
    n_workers : int
        Processes. A script that starts them guards its main part with
        ``if __name__ == "__main__":``.
    """

    def __init__(self, work: Work, *, n_workers: int) -> None:
        self._work = pickle.dumps(work)
        self._free_slots = list(range(n_workers))[::-1]
        self._workers: list[_Worker] = []
        self._n_dead_starts = 0

    def __enter__(self) -> LocalEngine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        for worker in self._workers:
            worker.process.kill()
        for worker in self._workers:
            worker.end()

    @property
    def pids(self) -> list[int]:
        """Process identifiers of the workers that were started."""
        return [worker.process.pid for worker in self._workers if worker.process.pid is not None]

    @property
    def has_room(self) -> bool:
        """Whether a worker is free, or may be started."""
        return bool(self._free_slots) or any(worker.job is None for worker in self._workers)

    @property
    def is_idle(self) -> bool:
        """Whether no job is at work."""
        return all(worker.job is None for worker in self._workers)

    def submit(self, job: Job) -> None:
        """Hand a job to a free worker, or to a new one."""
        worker = next((one for one in self._workers if one.job is None), None)
        if worker is None:
            worker = _Worker(self._free_slots.pop(), self._work)
            self._workers.append(worker)
        worker.take(job)

    def next(self) -> tuple[Job, Outcome]:
        """Wait until a job ends; see `Engine`."""
        by_connection = {one.connection: one for one in self._workers if one.job is not None}
        while True:
            for connection in wait(list(by_connection)):
                worker = by_connection[connection]  # type: ignore[index]
                try:
                    answer = worker.connection.recv()
                except (EOFError, OSError):
                    return self._bury(worker)
                if answer == _READY:
                    worker.is_ready = True
                    self._n_dead_starts = 0
                elif isinstance(answer, BaseException):
                    raise answer
                else:
                    return worker.finish(), answer

    def _bury(self, worker: _Worker) -> tuple[Job, Outcome]:
        job = worker.finish()
        worker.end()
        self._workers.remove(worker)
        self._free_slots.append(worker.slot)
        if worker.is_ready:
            return job, Died()
        self._n_dead_starts += 1
        if self._n_dead_starts >= _MAX_DEAD_STARTS:
            raise GalsegError(
                f"{self._n_dead_starts} worker processes died while they started (the last with "
                f"exit code {worker.process.exitcode}), often for want of memory; ask for fewer "
                "workers"
            )
        return job, Died(0)


class _Worker:
    """A process, and the job that it is at."""

    def __init__(self, slot: int, work: bytes) -> None:
        context = worker_context(__name__)
        self.slot = slot
        self.connection, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(  # type: ignore[attr-defined]
            target=_serve, args=(theirs, work, slot), daemon=True
        )
        with uninterrupted():
            self.process.start()
        theirs.close()  # so that its end is seen here
        self.job: Job | None = None
        self.is_ready = False

    def take(self, job: Job) -> None:
        self.job = job
        try:
            self.connection.send(job)
        except OSError:  # it died while it was idle, which is seen when its answer is waited for
            return

    def finish(self) -> Job:
        job, self.job = self.job, None
        if job is None:
            raise RuntimeError("a worker answered without a job")
        return job

    def end(self) -> None:
        self.connection.close()
        self.process.join()


def _serve(connection: Connection, work: bytes, slot: int) -> None:
    """Do what comes, until nobody is there to ask."""
    become_worker(n_threads=1)
    with suppress(EOFError, ConnectionError):  # the driver was killed, maybe in the middle of it
        try:
            unpickled: Work = pickle.loads(work)
            do = unpickled.start(slot)
        except Exception as error:
            connection.send(_as_sendable(error))
            return
        connection.send(_READY)
        while True:
            connection.send(_done(do, connection.recv()))


def _done(do: Do, job: Job) -> Outcome | Exception:
    """Do a job, and return what ended it if it is no matter of one galaxy."""
    try:
        return do(job)
    except Exception as error:
        return _as_sendable(error)


def _as_sendable(error: Exception) -> Exception:
    """Return an error, or what it says where it cannot be pickled."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # anything goes wrong in the pickling of strangers
        return GalsegError(f"{type(error).__name__}: {error}")
    return error
