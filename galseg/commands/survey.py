"""``galseg survey status`` and ``galseg survey verify``: a survey seen from outside."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from galseg.errors import GalsegError
from galseg.survey import SurveyStatus, read_status, verify_survey
from galseg.survey.progress import expected_end
from galseg.survey.tally import most_frequent

__all__ = ["status", "verify"]

_MOST_TOLD = 10


def status(*, output: Path) -> SurveyStatus:
    """Tell how far a survey is, what failed, and whether a run works on it.

    Parameters
    ----------
    output : Path
        Folder of the survey.

    Returns
    -------
    SurveyStatus

    Raises
    ------
    MissingInputError
        If there is no survey.
    """
    seen = read_status(output)
    share = seen.n_done / seen.n_rows
    print(f"{seen.n_done} of {seen.n_rows} galaxies ({share:.1%})" + ", whole" * seen.is_whole)
    if seen.failures:
        print(f"failed: {most_frequent(seen.failures)}")
    if not seen.is_whole:
        print(_who_works(seen))
    if seen.rate:
        print(f"{seen.rate:.1f} galaxies/s" + _end(seen, seen.rate))
    return seen


def _who_works(seen: SurveyStatus) -> str:
    last = f"{seen.last_event:%Y-%m-%d %H:%M:%S} UTC" if seen.last_event else "never"
    if seen.holder is None:
        return f"no run works on it; the last stopped {last}: {seen.stopped or 'unknown'}"
    if seen.holder.seems_alive is False:
        return f"{seen.holder} was killed; last sign {last}; start again to go on"
    alive = "works on it" if seen.holder.seems_alive else "works on it, or was killed"
    return f"{seen.holder} {alive}; last sign {last}"


def _end(seen: SurveyStatus, rate: float) -> str:
    if seen.is_whole or seen.holder is None or seen.holder.seems_alive is False:
        return ""
    return f", until {expected_end(seen.n_rows - seen.n_done, rate, now=datetime.now())}"


def verify(*, output: Path, sample: int = 20, seed: int = 0) -> None:
    """Compare the files of a survey with their hashes, and make a sample of its rows again.

    Parameters
    ----------
    output : Path
        Folder of the survey.
    sample : int
        Galaxies, drawn at random, that are predicted and measured again; 0 for none.
    seed : int
        Of the sample.

    Raises
    ------
    GalsegError
        If anything differs.
    MissingInputError
        If there is no survey, or its images are gone.
    """
    changed = verify_survey(output, sample=sample, seed=seed)
    if changed:
        more = f"; and {len(changed) - _MOST_TOLD} more" if len(changed) > _MOST_TOLD else ""
        raise GalsegError(f"{output}: {'; '.join(changed[:_MOST_TOLD])}{more}")
    print(f"every file is what was written, and {sample} galaxies came out again: {output}")
