"""Which rows come next, and how those that kill their worker are found."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Container, Iterator

from galseg.survey.job import Died, Job, Outcome
from galseg.survey.plan import Plan

__all__ = ["KILLED", "Agenda"]

KILLED = "killed the worker that read it"
_TRIES = 3  # a worker may also be killed for what others do
_FRUITLESS = 2  # searches of a shard that find no row, until it is given up


class Agenda:
    """The shards of a plan that are still to be done.

    A shard whose worker died is tried again as it is. When that fails too, it is searched by
    halves: probes, which write nothing, tell by dying where the rows are that kill a worker. A
    row is blamed only after it killed as many workers as a shard may, alone. Then the whole shard
    is done without those rows.

    Parameters
    ----------
    plan : Plan
    finished : container of int
        Shards that are done already.

    Attributes
    ----------
    given_up : list of int
        Shards that kill their workers although none of their rows does alone.
    """

    def __init__(self, plan: Plan, *, finished: Container[int] = ()) -> None:
        self._plan = plan
        self._shards = (shard for shard in range(plan.n_shards) if shard not in finished)
        self._urgent: deque[Job] = deque()
        self._deaths: Counter[tuple[int, range, bool]] = Counter()
        self._n_probes: Counter[int] = Counter()
        self._killing: defaultdict[int, dict[int, str]] = defaultdict(dict)
        self._n_known: Counter[int] = Counter()
        self._fruitless: Counter[int] = Counter()
        self.given_up: list[int] = []

    def next(self) -> Job | None:
        """Return the next job; None where nothing can be done before another job ends."""
        if self._urgent:
            return self._urgent.popleft()
        shard = next(self._shards, None)
        return None if shard is None else self._whole(shard)

    def note(self, job: Job, outcome: Outcome) -> None:
        """Take down what became of a job."""
        if isinstance(outcome, Died):
            self._note_death(job, outcome.n_times)
        if job.is_probe:
            self._n_probes[job.shard] -= 1
            if self._n_probes[job.shard] == 0:
                self._end_search(job.shard)

    def _whole(self, shard: int) -> Job:
        return Job(shard, self._plan.rows_of(shard), dict(self._killing[shard]))

    def _note_death(self, job: Job, n_times: int) -> None:
        key = (job.shard, job.rows, job.is_probe)
        self._deaths[key] += n_times
        is_row = len(job.rows) == 1
        may_try = is_row or not job.is_probe or n_times == 0
        if self._deaths[key] < _TRIES and may_try:
            self._add(job)
        elif job.is_probe and is_row:
            self._killing[job.shard][job.rows.start] = KILLED
        else:
            del self._deaths[key]
            for half in _halves(job.rows):
                self._add(Job(job.shard, half, job.set_aside, is_probe=True))

    def _add(self, job: Job) -> None:
        self._urgent.append(job)
        self._n_probes[job.shard] += job.is_probe

    def _end_search(self, shard: int) -> None:
        n_found = len(self._killing[shard])
        self._fruitless[shard] += n_found == self._n_known[shard]
        self._n_known[shard] = n_found
        if self._fruitless[shard] < _FRUITLESS:
            self._urgent.append(self._whole(shard))
        else:
            self.given_up.append(shard)


def _halves(rows: range) -> Iterator[range]:
    middle = len(rows) // 2
    return (half for half in (rows[:middle], rows[middle:]) if half)
