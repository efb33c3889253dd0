"""Surveys whose driver or workers are killed."""

import os
import signal
import time

import psutil
import pytest

from galseg.errors import OutputError
from galseg.survey.lock import holder_of
from tests.survey.fakes import is_running
from tests.survey.survey_run import results, run, start

PATIENCE = 120  # seconds; the machine may be busy
N_SHARDS = 3


def wait_until(condition, *, driver=None):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not come"
        assert driver is None or driver.poll() is None, driver.stderr.read()
        time.sleep(0.02)


def wait_for_a_shard(out, driver):
    wait_until(lambda: n_finished(out) > 0, driver=driver)  # two may end at once
    assert n_finished(out) < N_SHARDS


def n_finished(folder):
    return len(list((folder / "shards").glob("[0-9]*")))


def descendants(process):
    return [child.pid for child in psutil.Process(process.pid).children(recursive=True)]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed") / "out"
    run(folder, n_workers=1)
    return results(folder)


def test_a_killed_run_goes_on_to_the_same_bytes(undisturbed, tmp_path):
    out = tmp_path / "out"
    driver = start(out, seconds=0.2)
    wait_for_a_shard(out, driver)
    with pytest.raises(OutputError, match=f"another run works in .*: process {driver.pid} on"):
        run(out)
    workers = descendants(driver)
    driver.kill()
    driver.communicate()
    assert not holder_of(out).seems_alive
    run(out)
    assert results(out) == undisturbed
    wait_until(lambda: not any(map(is_running, workers)))


@pytest.mark.slow
def test_an_interrupt_stops_everything_without_a_word_of_the_workers(undisturbed, tmp_path):
    out = tmp_path / "out"
    driver = start(out, seconds=0.2)
    wait_for_a_shard(out, driver)
    workers = descendants(driver)
    os.killpg(driver.pid, signal.SIGINT)
    _, said = driver.communicate(timeout=PATIENCE)
    assert (driver.returncode, said) == (130, "interrupted; start again to go on where it was\n")
    wait_until(lambda: not any(map(is_running, workers)))
    assert not list((out / "shards").glob(".*"))
    run(out)
    assert results(out) == undisturbed


@pytest.mark.slow
def test_drivers_and_workers_are_killed_in_turn(undisturbed, tmp_path):
    out = tmp_path / "out"
    for n in range(4):
        driver = start(out, seconds=0.25)
        wait_until(lambda: holder_of(out) and holder_of(out).pid == driver.pid, driver=driver)  # noqa: B023
        wait_until(lambda: len(descendants(driver)) >= 3, driver=driver)  # noqa: B023
        time.sleep(0.5 * n)
        if n % 2:
            os.kill(descendants(driver)[-1], signal.SIGKILL)
            time.sleep(1)
        driver.kill()
        driver.communicate()
    run(out)
    assert results(out) == undisturbed
