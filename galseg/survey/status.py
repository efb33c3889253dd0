"""How far a survey is, seen from outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from galseg.errors import MissingInputError
from galseg.survey.journal import read_journal
from galseg.survey.lock import Holder, holder_of
from galseg.survey.manifest import read_manifest
from galseg.survey.plan import read_plan
from galseg.survey.record import failures_of, finished_shards

__all__ = ["SurveyStatus", "read_status"]


@dataclass(frozen=True, kw_only=True)
class SurveyStatus:
    """How far a survey is.

    Attributes
    ----------
    n_rows, n_done : int
        Galaxies, those that could not be measured too.
    failures : mapping of str to int
        Galaxies that could not be measured, by kind of reason.
    is_whole : bool
        Whether the catalogues are made.
    holder : Holder or None
        The run that works on it, or was killed.
    rate : float or None
        Galaxies a second since the last start; None where nothing was done since.
    last_event : datetime or None
        When anything was last written down.
    stopped : str
        Why the last run stopped; empty where it did not, or was killed.
    """

    n_rows: int
    n_done: int
    failures: Mapping[str, int]
    is_whole: bool
    holder: Holder | None
    rate: float | None
    last_event: datetime | None
    stopped: str


def read_status(folder: Path) -> SurveyStatus:
    """Look how far a survey is, without disturbing it.

    Parameters
    ----------
    folder : pathlib.Path
        Of the run.

    Returns
    -------
    SurveyStatus

    Raises
    ------
    MissingInputError
        If there is no survey.
    FormatError
        If its plan or manifest is damaged.
    """
    plan = read_plan(folder)
    if plan is None:
        raise MissingInputError(f"no survey in {folder}")
    manifest = read_manifest(folder)
    if manifest is not None:
        n_done, failures = manifest.n_rows, dict(manifest.failures)
    else:
        records = finished_shards(folder, plan=plan.fingerprint).values()
        n_done = sum(record.n_rows for record in records)
        failures = failures_of(records)
    return SurveyStatus(
        n_rows=plan.n_rows,
        n_done=n_done,
        failures=failures,
        is_whole=manifest is not None,
        holder=holder_of(folder),
        **_from_journal(folder),
    )


def _from_journal(folder: Path) -> dict[str, Any]:
    began = last = None
    n_rows, last_shard, stopped = 0, None, ""
    for event in read_journal(folder):
        last = datetime.fromisoformat(event["time"])
        if event["event"] == "start":
            began, n_rows, last_shard, stopped = last, 0, None, ""
        elif event["event"] == "shard":
            n_rows, last_shard = n_rows + event["n_rows"], last
        elif event["event"] == "stop":
            stopped = event["reason"]
    seconds = (last_shard - began).total_seconds() if began and last_shard else 0.0
    rate = n_rows / seconds if seconds > 0 else None
    return {"rate": rate, "last_event": last, "stopped": stopped}
