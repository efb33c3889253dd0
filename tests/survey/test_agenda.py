"""Which rows come next, and how those that kill their worker are found."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galseg.survey.agenda import KILLED, Agenda
from galseg.survey.job import Died, Done
from galseg.survey.plan import Plan

DONE = Done(0, Counter(), 0.0)


def work_off(agenda, dies, *, most=10_000):
    """Do the jobs one by one; return those that wrote a shard, and all that died."""
    written, died = [], []
    for _ in range(most):
        job = agenda.next()
        if job is None:
            return written, died
        if dies(job):
            died.append(job)
            agenda.note(job, Died())
        else:
            agenda.note(job, DONE)
            if not job.is_probe:
                written.append(job)
    raise AssertionError("it goes on for ever")


def plan_of(n_rows, shard_size):
    return Plan(n_rows=n_rows, shard_size=shard_size, options={})


@given(n_rows=st.integers(0, 60), shard_size=st.integers(1, 20), deadly=st.sets(st.integers(0, 59)))
def test_exactly_the_deadly_rows_are_set_aside(n_rows, shard_size, deadly):
    agenda = Agenda(plan_of(n_rows, shard_size))
    written, _ = work_off(agenda, lambda job: deadly & set(job.rows) - set(job.set_aside))
    assert sorted(row for job in written for row in job.rows) == list(range(n_rows))
    blamed = {row: why for job in written for row, why in job.set_aside.items()}
    assert blamed == dict.fromkeys(deadly & set(range(n_rows)), KILLED)
    assert agenda.given_up == []


def test_finished_shards_are_not_done_again():
    written, _ = work_off(Agenda(plan_of(50, 10), finished={0, 3}), lambda job: False)
    assert [job.shard for job in written] == [1, 2, 4]


@pytest.mark.parametrize("n_deaths", range(20))
def test_deaths_that_come_from_outside_blame_no_row(n_deaths):
    """Workers that are killed at random, each job at most twice in a row."""
    died_by = Counter()

    def dies(job):
        does = died_by[job.rows] < 2 and died_by.total() < n_deaths
        died_by[job.rows] += does
        return does

    written, died = work_off(Agenda(plan_of(40, 8)), dies)
    assert len(died) == min(n_deaths, 10)
    assert [len(job.rows) for job in written] == [8] * 5
    assert not any(job.set_aside for job in written)


def test_a_shard_that_kills_as_a_whole_only_is_given_up_and_the_others_are_done():
    agenda = Agenda(plan_of(30, 10))
    written, _ = work_off(agenda, lambda job: job.shard == 1 and not job.is_probe)
    assert [job.shard for job in written] == [0, 2]
    assert agenda.given_up == [1]


def test_workers_that_never_began_count_for_nothing():
    agenda = Agenda(plan_of(4, 4))
    for _ in range(20):
        job = agenda.next()
        assert not job.is_probe
        agenda.note(job, Died(0))


def test_several_searches_at_once_do_not_mix():
    """Jobs end in the opposite order of their beginning, as many at a time as can be."""
    agenda, deadly, written = Agenda(plan_of(30, 10)), {3, 4, 17, 29}, []
    while jobs := list(iter(agenda.next, None)):
        for job in reversed(jobs):
            lethal = deadly & set(job.rows) - set(job.set_aside)
            agenda.note(job, Died() if lethal else DONE)
            if not job.is_probe and not lethal:
                written.append(job)
    assert {row for job in written for row in job.set_aside} == deadly
    assert sorted(job.shard for job in written) == [0, 1, 2]
