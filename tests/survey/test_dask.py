"""Surveys on a cluster of dask.distributed."""

import os
import signal

import pytest

from galseg.errors import GalsegError, OutputError
from galseg.survey.agenda import KILLED
from tests.survey import fakes
from tests.survey.survey_run import results, run

distributed = pytest.importorskip("distributed")

from galseg.survey.engines.dask import DaskEngine  # noqa: E402

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed") / "out"
    run(folder, n_workers=1)
    return results(folder)


@pytest.fixture(scope="module")
def cluster():
    """Return a cluster that tries a job again by itself, as they do unless told otherwise."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, dashboard_address=None, silence_logs=50
    ) as started:
        yield started


def run_on(cluster, folder, *args, **options):
    def engine(work, *, n_workers):
        return DaskEngine(work, n_workers=n_workers, scheduler=cluster.scheduler_address)

    return run(folder, *args, engine=engine, **options)


def test_a_cluster_of_its_own_gives_the_same_bytes(undisturbed, tmp_path):
    run(tmp_path / "out", engine=DaskEngine)
    assert results(tmp_path / "out") == undisturbed


def test_a_worker_that_is_killed_is_no_matter(cluster, undisturbed, tmp_path):
    killed = []

    def kill_one(tally):
        with distributed.Client(cluster.scheduler_address) as client:
            pids = client.run(os.getpid)
        if tally.n_done and not killed:
            killed.extend(list(pids.values())[:1])
            os.kill(killed[0], signal.SIGKILL)

    run_on(cluster, tmp_path / "out", fakes.FakeProcessor(seconds=0.05), watch=kill_one)
    assert killed
    assert results(tmp_path / "out") == undisturbed


def test_exactly_the_rows_that_kill_their_worker_are_set_aside(cluster, tmp_path):
    manifest = run_on(cluster, tmp_path / "out", fakes.FakeProcessor({13: fakes.exit_at_once}))
    assert manifest.failures == {KILLED: 1}


def test_what_is_no_matter_of_a_galaxy_is_raised(cluster, undisturbed, tmp_path):
    with pytest.raises(OutputError, match="no space left"):
        run_on(cluster, tmp_path / "out", fakes.FakeProcessor({13: fakes.fill_the_disk}))
    run_on(cluster, tmp_path / "out")
    assert results(tmp_path / "out") == undisturbed


def test_workers_that_do_not_start_are_an_error(monkeypatch):
    def fail(**_):
        raise RuntimeError("Nanny failed to start.")

    monkeypatch.setattr("galseg.survey.engines.dask.LocalCluster", fail)
    with pytest.raises(GalsegError, match="could not start 2 workers"):
        DaskEngine(None, n_workers=2).__enter__()


def test_no_scheduler_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr("galseg.survey.engines.dask._PATIENCE", 2)
    with pytest.raises(GalsegError, match="no scheduler of Dask answers at tcp"):
        DaskEngine(None, n_workers=1, scheduler="tcp://127.0.0.1:9").__enter__()
