"""How far a survey is, and whether too much of it fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from galseg.errors import ConfigError, GalsegError

__all__ = ["Tally", "check_max_failed", "most_frequent"]

_ENOUGH = 100  # rows, to judge by
_TOLD = 3


class Tally:
    """Rows done and rows failed.

    Parameters
    ----------
    n_rows : int
        Of the whole survey.

    Attributes
    ----------
    n_done : int
    failures : Counter of str
        Rows that could not be measured, by kind of reason.
    """

    def __init__(self, n_rows: int) -> None:
        self.n_rows = n_rows
        self.n_done = 0
        self.failures: Counter[str] = Counter()

    @property
    def n_failed(self) -> int:
        """Rows that could not be measured."""
        return self.failures.total()

    def add(self, n_rows: int, failures: Mapping[str, int]) -> None:
        """Count a finished shard."""
        self.n_done += n_rows
        self.failures.update(failures)

    def check(self, *, max_failed: float) -> None:
        """See that not too many rows fail.

        Raises
        ------
        GalsegError
            If more than this share does, of a hundred rows at least.
        """
        if self.n_done >= _ENOUGH and self.n_failed > max_failed * self.n_done:
            raise GalsegError(
                f"{self.n_failed} of the first {self.n_done} galaxies failed, over max_failed "
                f"{max_failed:g}: {most_frequent(self.failures)}; see to them, or raise "
                "max_failed, and start again to go on"
            )


def check_max_failed(share: float) -> None:
    """Check the option.

    Raises
    ------
    ConfigError
        If it is no share.
    """
    if not 0 <= share <= 1:
        raise ConfigError(f"max_failed is a share, 0 to 1, got {share}")


def most_frequent(failures: Mapping[str, int]) -> str:
    """Tell the most frequent reasons in words.

    Examples
    --------
    >>> most_frequent({"no such file": 3, "damaged": 5})
    '5 damaged, 3 no such file'
    """
    ranked = Counter(failures).most_common()
    told = [f"{count} {reason}" for reason, count in ranked[:_TOLD]]
    n_others = sum(count for _, count in ranked[_TOLD:])
    return ", ".join(told + ([f"{n_others} for other reasons"] if n_others else []))
