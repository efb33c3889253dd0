"""Where a profile of probability or filling begins and ends."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from galseg.errors import ConfigError

__all__ = ["Extent", "extent_of", "vote_levels"]

Floats = NDArray[np.float64]

_LOWEST_LEVEL = 0.01
ONE_SIGMA_LEVELS = (0.159, 0.841)


@dataclass(frozen=True)
class Extent:
    """Two ends on an axis; NaN where there are none.

    Attributes
    ----------
    low, high : float
        Where the profile last lies at the level, going outwards.
    err : float
        One standard deviation of ``high - low`` from the profile's slope at the ends; zero if
        no levels were given.
    """

    low: float
    high: float
    err: float = 0.0

    @property
    def length(self) -> float:
        """Distance between the ends."""
        return self.high - self.low

    @property
    def relative_err(self) -> float:
        """`err` over `length`."""
        return self.err / self.length

    @property
    def middle(self) -> float:
        """Middle between the ends."""
        return (self.low + self.high) / 2


def vote_levels(threshold: float, n_asked: int | None) -> tuple[float, float]:
    """Levels between which an outline lies with 68% confidence.

    For fractions of `n_asked` volunteers, the threshold plus and minus the binomial error of a
    fraction there. Else the map is taken as calibrated: a structure reaches beyond a point with
    the probability that stands there, so that its end lies between 0.84 and 0.16.

    Raises
    ------
    ConfigError
        If `n_asked` is below 1.

    Examples
    --------
    >>> vote_levels(0.5, 25)
    (0.4, 0.6)
    """
    if n_asked is None:
        return ONE_SIGMA_LEVELS
    if n_asked < 1:
        raise ConfigError(f"n_asked must be at least 1, got {n_asked}; nobody asked is no map")
    spread = math.sqrt(threshold * (1 - threshold) / n_asked)
    return max(threshold - spread, _LOWEST_LEVEL), min(threshold + spread, 1.0)


def extent_of(
    profile: Floats, axis: Floats, level: float, levels: tuple[float, float] | None = None
) -> Extent:
    """Find the outermost places where a profile crosses a level, between its samples.

    Parameters
    ----------
    profile : ndarray, shape (N,)
        0 to 1, zero beyond its samples.
    axis : ndarray, shape (N,)
        Coordinate of the samples, evenly spaced and rising.
    level : float
        Above 0.
    levels : tuple of float, optional
        Lower and upper level between which each end lies with 68% confidence.

    Returns
    -------
    Extent

    Examples
    --------
    >>> extent_of(np.array([0, 1, 0.4, 1, 0.0]), np.arange(5.0), 0.5)
    Extent(low=0.5, high=3.5, err=0.0)
    """
    above = np.flatnonzero(profile >= level).tolist()
    if not above:
        return Extent(math.nan, math.nan, math.nan)
    step = float(axis[1] - axis[0])
    right = _Side(profile[above[0] :], float(axis[above[0]]), step, above[-1] - above[0])
    left = _Side(profile[above[-1] :: -1], -float(axis[above[-1]]), step, above[-1] - above[0])
    high, low = right.outwards(level), -left.outwards(level)
    if levels is None:
        return Extent(low, high)
    half_widths = [(side.outwards(levels[0]) - side.inwards(levels[1])) / 2
                   for side in (left, right)]  # fmt: skip
    return Extent(low, high, math.hypot(*half_widths))


@dataclass(frozen=True, eq=False)
class _Side:
    """A profile from its first sample at the level, with the last one at index `last`."""

    profile: Floats
    start: float
    step: float
    last: int

    def outwards(self, level: float) -> float:
        """First crossing beyond the last sample."""
        beyond = np.append(self.profile[self.last :], 0.0)
        stop = int(np.argmax(beyond < level))
        return self._between(self.last + stop - 1, beyond[stop - 1], beyond[stop], level)

    def inwards(self, level: float) -> float:
        """Last crossing of a higher level, or where the profile peaks below it."""
        reached = np.flatnonzero(self.profile[: self.last + 1] >= level)
        if len(reached) == 0:
            return self.start + self.step * int(np.argmax(self.profile[: self.last + 1]))
        i = int(reached[-1])
        following = self.profile[i + 1] if i + 1 < len(self.profile) else 0.0
        return self._between(i, self.profile[i], following, level)

    def _between(self, i: int, inner: float, outer: float, level: float) -> float:
        return self.start + self.step * (i + float((inner - level) / (inner - outer)))
