"""A plan carried out: shards made by workers, then the catalogues made of the shards."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from galseg.errors import GalsegError, OutputError
from galseg.survey.agenda import Agenda
from galseg.survey.engines.engine import Engine
from galseg.survey.job import Died, Done, Job, Outcome
from galseg.survey.journal import Journal
from galseg.survey.lock import LOCK, locked
from galseg.survey.manifest import Manifest, read_manifest, write_manifest
from galseg.survey.plan import PLAN_FILE, Plan, keep_to_plan
from galseg.survey.record import (
    SHARDS,
    failures_of,
    finished_shards,
    remove_leftovers,
    shard_folder,
)
from galseg.survey.tally import Tally

__all__ = ["Assemble", "Watch", "carry_out"]

Assemble: TypeAlias = Callable[[Sequence[Path], Path], Mapping[str, str]]
Watch: TypeAlias = Callable[[Tally], None]


def carry_out(
    folder: Path,
    plan: Plan,
    *,
    engine: Callable[[], Engine],
    assemble: Assemble,
    describe: Callable[[], None],
    facts: Mapping[str, Any],
    watch: Watch,
    max_failed: float,
    keep_shards: bool,
) -> Manifest:
    """Begin a survey, or go on where it stopped, to its end.

    Parameters
    ----------
    folder : pathlib.Path
        Of the run.
    plan : Plan
    engine : callable
        Starts the workers.
    assemble : callable
        Makes the catalogues: takes the folders of the shards and that of the run, and returns the
        hash of each file by its path.
    describe : callable
        Writes into the folder what this run is.
    facts : mapping
        What the journal shall tell of this start.
    watch : callable
        Takes the tally whenever it changes.
    max_failed : float
        Share of the rows that may fail.
    keep_shards : bool
        Whether the shards stay when the catalogues are made.

    Returns
    -------
    Manifest

    Raises
    ------
    OutputError
        If another run works in the folder, it holds something else, or it cannot be written.
    ConfigError
        If the survey was begun with other options.
    GalsegError
        If too many rows fail, or a shard kills its workers and none of its rows does.
    """
    _check_folder(folder)
    with locked(folder):
        keep_to_plan(folder, plan)
        with Journal(folder) as journal:
            manifest = read_manifest(folder)
            if manifest is None:
                describe()
                journal.write("start", host=socket.gethostname(), pid=os.getpid(), **facts)
                try:
                    _make_shards(folder, plan, engine, journal, watch, max_failed)
                    manifest = _make_catalogues(folder, plan, journal, assemble)
                except KeyboardInterrupt as stop:
                    journal.write("stop", reason="interrupted")
                    raise KeyboardInterrupt("start again to go on where it was") from stop
                except Exception as error:
                    journal.write("stop", reason=str(error) or type(error).__name__)
                    raise
                journal.write("end", n_rows=manifest.n_rows, failures=dict(manifest.failures))
            if not keep_shards:
                shutil.rmtree(folder / SHARDS, ignore_errors=True)
    return manifest


def _check_folder(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise OutputError(f"{folder} is no folder; name another output")
    is_new = not folder.exists() or not any(folder.iterdir())
    if not is_new and not (folder / PLAN_FILE).is_file() and not (folder / LOCK).is_file():
        raise OutputError(f"{folder} holds something that is no survey; name another output")


def _make_shards(
    folder: Path,
    plan: Plan,
    engine: Callable[[], Engine],
    journal: Journal,
    watch: Watch,
    max_failed: float,
) -> None:
    """Make every shard that is not there yet."""
    finished = finished_shards(folder, plan=plan.fingerprint)
    remove_leftovers(folder, keep=finished)
    tally = Tally(plan.n_rows)
    for record in finished.values():
        tally.add(record.n_rows, record.failures)
    watch(tally)
    tally.check(max_failed=max_failed)
    if len(finished) == plan.n_shards:
        return
    agenda = Agenda(plan, finished=finished)
    try:
        with engine() as workers:
            _work_off(agenda, workers, journal, tally, watch, max_failed)
    finally:
        remove_leftovers(folder, keep=finished_shards(folder, plan=plan.fingerprint))
    if agenda.given_up:
        raise GalsegError(
            f"all is done but shards {sorted(agenda.given_up)}, whose workers die although none of "
            "their galaxies kills one alone, often for want of memory; start again with fewer "
            "workers"
        )


def _work_off(
    agenda: Agenda,
    workers: Engine,
    journal: Journal,
    tally: Tally,
    watch: Watch,
    max_failed: float,
) -> None:
    while True:
        while workers.has_room and (job := agenda.next()) is not None:
            workers.submit(job)
        if workers.is_idle:
            return
        job, outcome = workers.next()
        agenda.note(job, outcome)
        _write_down(journal, job, outcome)
        if isinstance(outcome, Done) and not job.is_probe:
            tally.add(outcome.n_rows, outcome.failures)
            watch(tally)
            tally.check(max_failed=max_failed)


def _write_down(journal: Journal, job: Job, outcome: Outcome) -> None:
    if isinstance(outcome, Died):
        rows = [job.rows.start, job.rows.stop]
        journal.write("worker died", shard=job.shard, rows=rows, is_probe=job.is_probe)
    elif not job.is_probe:
        facts = {"n_rows": outcome.n_rows, "failures": dict(outcome.failures)}
        journal.write("shard", shard=job.shard, seconds=round(outcome.seconds, 3), **facts)


def _make_catalogues(folder: Path, plan: Plan, journal: Journal, assemble: Assemble) -> Manifest:
    """Make the catalogues of all shards, and the manifest when they are whole."""
    records = finished_shards(folder, plan=plan.fingerprint, check_content=True)
    remove_leftovers(folder, keep=records)
    if missing := [shard for shard in range(plan.n_shards) if shard not in records]:
        raise OutputError(
            f"shards {missing} in {folder / SHARDS} are not what was written, as on a failing "
            "disk; start again to make them anew"
        )
    journal.write("catalogues")
    hashes = assemble([shard_folder(folder, shard) for shard in records], folder)
    manifest = Manifest(
        plan=plan.fingerprint,
        n_rows=plan.n_rows,
        failures=failures_of(records.values()),
        sha256=dict(hashes),
    )
    write_manifest(folder, manifest)
    return manifest
