"""Workers that make small tables without images or a network, and misbehave where they are told."""

import os
import signal
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute

from galseg.errors import ModelError, OutputError
from galseg.survey.rows import ShardTables

BAD = "FormatError"
STATUS = {"": "ok", BAD: "unreadable"}


def exit_at_once():
    os._exit(3)


def crash():
    os.kill(os.getpid(), signal.SIGSEGV)


def be_killed():
    os.kill(os.getpid(), signal.SIGKILL)


def want_memory():
    raise MemoryError


@dataclass(frozen=True)
class FakeProcessor:
    """Rows to tables.

    Attributes
    ----------
    deadly : mapping of int to callable
        What a row does to its worker.
    bad : container of int
        Rows that fail and tell why.
    once : path of a folder, or None
        Where it is given, a deadly row is so only the first time.
    seconds : float
        A row takes.
    """

    deadly: Mapping = field(default_factory=dict)
    bad: frozenset = frozenset()
    once: Path | None = None
    seconds: float = 0.0

    def __call__(self, slot):
        """Be made by a worker, as `galseg.survey.job.Work` asks."""
        return self

    def process(self, rows, *, set_aside=None):
        set_aside = set_aside or {}
        reasons = []
        for row in rows:
            time.sleep(self.seconds)
            if row in set_aside:
                reasons.append(set_aside[row])
                continue
            if row in self.deadly and self._is_first(row):
                self.deadly[row]()
            reasons.append(BAD if row in self.bad else "")
        return tables_of(rows, reasons)

    def _is_first(self, row):
        if self.once is None:
            return True
        mark = self.once / str(row)
        if mark.exists():
            return False
        mark.touch()
        return True


def tables_of(rows, reasons):
    numbers = pa.array(list(rows), pa.int64())
    status = [STATUS.get(reason, "set aside") for reason in reasons]
    galaxies = pa.table(
        {
            "row": numbers,
            "status": status,
            "reason": pa.array(reasons, pa.string()),
            "length": pa.compute.sqrt(numbers),
        }
    )
    arms = galaxies.select(["row"])
    return ShardTables(
        galaxies=galaxies,
        arms=arms,
        tidal=arms.slice(0, 0),
        masks=None,
        failures=Counter(filter(None, reasons)),
    )


class StrangeError(Exception):
    def __reduce__(self):
        return StrangeError._refuse, ()

    @staticmethod
    def _refuse():
        raise TypeError


def be_strange():
    raise StrangeError("of a stranger")


def fill_the_disk():
    raise OutputError("no space left")


def no_processor(slot):
    raise ModelError("no such model")


def die_at_start(slot):
    os._exit(3)


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
