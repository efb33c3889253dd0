"""What a worker is asked to do, and what became of it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol, TypeAlias

from galseg.survey.record import write_shard
from galseg.survey.rows import ShardTables

__all__ = ["Died", "Do", "Done", "Job", "Outcome", "ProcessorOf", "ShardProcessor", "Work"]


@dataclass(frozen=True)
class Job:
    """Rows to process.

    Attributes
    ----------
    shard : int
        That they belong to.
    rows : range
    set_aside : mapping of int to str
        Rows that are not to be touched, and why.
    is_probe : bool
        Whether nothing is to be written: it is only seen whether the worker survives.
    """

    shard: int
    rows: range
    set_aside: Mapping[int, str] = field(default_factory=dict)
    is_probe: bool = False


class Done(NamedTuple):
    """A job that was done.

    Attributes
    ----------
    n_rows : int
    failures : Counter of str
        Rows that could not be measured, by kind of reason.
    seconds : float
        That it took.
    """

    n_rows: int
    failures: Counter[str]
    seconds: float


class Died(NamedTuple):
    """A job whose worker died.

    Attributes
    ----------
    n_times : int
        Deaths; a cluster may try a job again by itself.
    """

    n_times: int = 1


Outcome: TypeAlias = Done | Died
Do: TypeAlias = Callable[[Job], Outcome]


class ShardProcessor(Protocol):
    """What makes the tables of some rows; a `galseg.survey.worker.ShardWorker`."""

    def process(self, rows: range, *, set_aside: Mapping[int, str] = ...) -> ShardTables:
        """Return the tables, and how many rows failed for which reason."""


ProcessorOf: TypeAlias = Callable[[int], ShardProcessor]


@dataclass(frozen=True)
class Work:
    """All that a worker process needs to know; it is pickled to each.

    Parameters
    ----------
    folder : pathlib.Path
        Of the run.
    plan : str
        Fingerprint of its plan.
    processor_of : callable
        Makes the processor of the worker with a number, counted from 0 on each machine.
    """

    folder: Path
    plan: str
    processor_of: ProcessorOf

    def start(self, slot: int) -> Do:
        """Load what the worker of this number needs, and return what does a job."""
        processor = self.processor_of(slot)

        def do(job: Job) -> Outcome:
            began = time.monotonic()
            try:
                tables = processor.process(job.rows, set_aside=job.set_aside)
                if not job.is_probe:
                    write_shard(self.folder, job.shard, tables, rows=job.rows, plan=self.plan)
            except MemoryError:  # as the system's own killer would
                return Died()
            return Done(len(job.rows), tables.failures, time.monotonic() - began)

        return do
