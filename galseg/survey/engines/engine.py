"""What an engine is."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from galseg.survey.job import Job, Outcome

__all__ = ["Engine"]


class Engine(Protocol):
    """Worker processes that do one job each at a time, so that a death names its job.

    As a context manager it ends them, whatever they do, when the block ends.
    """

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None: ...

    @property
    def has_room(self) -> bool:
        """Whether a worker is free, or may be started."""

    @property
    def is_idle(self) -> bool:
        """Whether no job is at work."""

    def submit(self, job: Job) -> None:
        """Hand a job to a free worker."""

    def next(self) -> tuple[Job, Outcome]:
        """Wait until a job ends, and return it with what became of it.

        Raises
        ------
        Exception
            That ended it, if it is no matter of one galaxy: a full disk, a missing package.
        GalsegError
            If workers die before they have begun.
        """
