"""Worker processes that do jobs, and die."""

import os
import pickle
import signal
import time
from multiprocessing import Pipe

import pytest

from galseg.errors import GalsegError, OutputError
from galseg.survey.engines import LocalEngine, local
from galseg.survey.job import Died, Done, Job, Work
from galseg.survey.record import finished_shards
from tests.survey import fakes

PLAN = "a plan"


def engine(folder, processor=None, *, n_workers=1):
    work = Work(folder, PLAN, processor or fakes.FakeProcessor())
    return LocalEngine(work, n_workers=n_workers)


def test_jobs_are_done_by_as_many_workers_as_asked(tmp_path):
    with engine(tmp_path, fakes.FakeProcessor(bad=frozenset({5})), n_workers=2) as workers:
        jobs = [Job(shard, range(shard * 4, shard * 4 + 4)) for shard in range(3)]
        for job in jobs[:2]:
            assert workers.has_room
            workers.submit(job)
        assert not workers.has_room
        ended = [workers.next()]
        workers.submit(jobs[2])
        ended += [workers.next(), workers.next()]
        assert workers.is_idle
        assert len(workers.pids) == 2
    failures = {job.shard: dict(outcome.failures) for job, outcome in ended}
    assert failures == {0: {}, 1: {fakes.BAD: 1}, 2: {}}
    assert list(finished_shards(tmp_path, plan=PLAN)) == [0, 1, 2]


@pytest.mark.parametrize("death", [fakes.exit_at_once, fakes.crash, fakes.want_memory])
def test_a_death_names_its_job_and_the_worker_is_replaced(death, tmp_path):
    with engine(tmp_path, fakes.FakeProcessor({2: death})) as workers:
        workers.submit(Job(0, range(4)))
        assert workers.next() == (Job(0, range(4)), Died(1))
        workers.submit(Job(1, range(4, 8)))
        assert isinstance(workers.next()[1], Done)
    assert list(finished_shards(tmp_path, plan=PLAN)) == [1]


@pytest.mark.parametrize("unread", [(), ("half a word",)], ids=["gone", "reset"])
def test_a_worker_whose_driver_was_killed_ends_without_a_word(unread, tmp_path, monkeypatch):
    monkeypatch.setattr(local, "become_worker", lambda n_threads: None)
    ours, theirs = Pipe()
    for word in unread:
        theirs.send(word)
    ours.close()
    work = pickle.dumps(Work(tmp_path, PLAN, fakes.FakeProcessor()))
    assert local._serve(theirs, work, 0) is None


def test_a_worker_killed_while_it_is_idle_is_replaced(tmp_path):
    with engine(tmp_path) as workers:
        workers.submit(Job(0, range(4)))
        workers.next()
        os.kill(workers.pids[0], signal.SIGKILL)
        workers.submit(Job(1, range(4, 8)))
        assert workers.next()[1] == Died(1)
        workers.submit(Job(1, range(4, 8)))
        assert isinstance(workers.next()[1], Done)


def test_a_probe_writes_nothing(tmp_path):
    with engine(tmp_path) as workers:
        workers.submit(Job(0, range(4), is_probe=True))
        assert workers.next()[1].n_rows == 4
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("what", "raised"), [(fakes.fill_the_disk, OutputError), (fakes.be_strange, GalsegError)]
)
def test_what_is_no_matter_of_a_galaxy_is_raised(what, raised, tmp_path):
    with engine(tmp_path, fakes.FakeProcessor({1: what})) as workers:
        workers.submit(Job(0, range(4)))
        with pytest.raises(raised, match=r"no space left|of a stranger"):
            workers.next()


def test_what_goes_wrong_at_the_start_of_a_worker_is_told(tmp_path):
    with engine(tmp_path, fakes.no_processor) as workers:
        workers.submit(Job(0, range(4)))
        with pytest.raises(GalsegError, match="no such model"):
            workers.next()


def test_workers_that_die_at_their_start_stop_the_run(tmp_path):
    with engine(tmp_path, fakes.die_at_start) as workers:
        for _ in range(2):
            workers.submit(Job(0, range(4)))
            assert workers.next()[1] == Died(0)
        workers.submit(Job(0, range(4)))
        with pytest.raises(GalsegError, match="3 worker processes died while they started"):
            workers.next()


def test_the_end_does_not_wait_for_what_is_at_work(tmp_path):
    began = time.monotonic()
    with engine(tmp_path, fakes.FakeProcessor(seconds=60), n_workers=2) as workers:
        workers.submit(Job(0, range(4)))
        pids = workers.pids
    assert time.monotonic() - began < 30
    assert not any(fakes.is_running(pid) for pid in pids)
