"""What is shown while a survey runs."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import TracebackType

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from galseg.survey.tally import Tally, most_frequent

__all__ = ["Display", "Pace", "expected_end"]

_DAY = timedelta(days=1)


class Pace:
    """Rows a second, of those that were done since the first look.

    Parameters
    ----------
    n_done : int
        At the first look.
    time : float
        In seconds.
    """

    def __init__(self, n_done: int, time: float) -> None:
        self._start = n_done, time

    def rate(self, n_done: int, time: float) -> float | None:
        """Return rows a second until this look; None where nothing was done yet."""
        n_before, began = self._start
        if n_done <= n_before or time <= began:
            return None
        return (n_done - n_before) / (time - began)


def expected_end(n_left: int, rate: float, *, now: datetime) -> str:
    """Say when it will be done, with the date where that is more than a day ahead.

    Examples
    --------
    >>> expected_end(3600, 1.0, now=datetime(2026, 5, 4, 12, 30))
    '13:30'
    >>> expected_end(360_000, 1.0, now=datetime(2026, 5, 4, 12, 30))
    '2026-05-08 16:30'
    """
    left = timedelta(seconds=n_left / rate)
    if left > 3650 * _DAY:
        return "in more than ten years"
    return (now + left).strftime("%H:%M" if left < _DAY else "%Y-%m-%d %H:%M")


class Display:
    """A bar with the rate, the expected end and the failures by reason.

    Call it with the tally whenever it changes.
    """

    def __init__(self) -> None:
        self._progress = Progress(
            TextColumn("survey"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[told]}"),
            transient=True,
        )
        self._task: TaskID | None = None
        self._pace: Pace | None = None

    def __enter__(self) -> Display:
        self._progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._progress.stop()

    def __call__(self, tally: Tally) -> None:
        """Show the tally."""
        now = self._progress.get_time()
        if self._pace is None or self._task is None:
            self._pace = Pace(tally.n_done, now)
            self._task = self._progress.add_task("", total=tally.n_rows, told="")
        told = []
        if rate := self._pace.rate(tally.n_done, now):
            end = expected_end(tally.n_rows - tally.n_done, rate, now=datetime.now())
            told = [f"{rate:.1f} galaxies/s", f"until {end}"]
        if tally.failures:
            told.append(f"failed: {most_frequent(tally.failures)}")
        self._progress.update(self._task, completed=tally.n_done, told="; ".join(told))
