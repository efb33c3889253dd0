"""How well a number of volunteers fixes a fraction."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaincinv

from galseg.errors import ConfigError, ShapeError

__all__ = ["fraction_interval"]

Floats = NDArray[np.float64]


def fraction_interval(
    votes: ArrayLike, n_asked: ArrayLike, *, level: float = 0.68
) -> tuple[Floats, Floats]:
    """Credible interval of the share of all volunteers who would mark a pixel.

    Equal-tailed, under the Jeffreys prior Beta(1/2, 1/2): the votes are binomial draws from a
    crowd far larger than those who were asked. With no votes the lower end is 0, with every vote
    the upper end is 1.

    Parameters
    ----------
    votes : array_like of int
        Volunteers who marked it: a number, or any array of them.
    n_asked : array_like of int
        Volunteers who were asked: a number, or one for each step along the leading axes of
        `votes`, so that ``fraction_interval(consensus.votes, consensus.n_asked)`` works.
    level : float, optional
        Probability inside the interval.

    Returns
    -------
    low, high : ndarray, shaped as `votes`
        NaN where nobody was asked.

    Raises
    ------
    ShapeError
        If the counts are not whole, negative or more than were asked, or the shapes do not fit.
    ConfigError
        If `level` is not between 0 and 1.

    References
    ----------
    Brown, L. D., Cai, T. T. & DasGupta, A. (2001), Statistical Science 16, 101,
    doi:10.1214/ss/1009213286.

    Examples
    --------
    >>> low, high = fraction_interval([0, 5, 10], 10)
    >>> low.round(3), high.round(3)
    (array([0.   , 0.35 , 0.908]), array([0.092, 0.65 , 1.   ]))
    """
    if not 0 < level < 1:
        raise ConfigError(f"level must lie between 0 and 1, got {level}")
    k, n = np.asarray(votes), np.asarray(n_asked)
    for name, counts in (("votes", k), ("n_asked", n)):
        if counts.dtype.kind not in "iu":
            raise ShapeError(f"{name} must be whole numbers, got dtype {counts.dtype}")
    if n.shape != k.shape[: n.ndim]:
        raise ShapeError(
            f"n_asked must be a number or follow the leading axes of votes, {k.shape}, "
            f"got shape {n.shape}"
        )
    n = np.broadcast_to(n.reshape(n.shape + (1,) * (k.ndim - n.ndim)), k.shape)
    if k.size and (k.min() < 0 or (k > n).any()):
        raise ShapeError("votes must lie between 0 and n_asked on every pixel")
    return _look_up(k, n, level)


def _look_up(k: NDArray[np.integer], n: NDArray[np.integer], level: float) -> tuple[Floats, Floats]:
    """Quantiles for every number asked that occurs, once, and then one look-up a pixel."""
    numbers, row = np.unique(n, return_inverse=True)
    low_table, high_table = _quantiles(numbers, int(numbers.max(initial=0)), level)
    row = row.reshape(n.shape)
    return low_table[row, k], high_table[row, k]


def _quantiles(numbers: NDArray[np.integer], most: int, level: float) -> tuple[Floats, Floats]:
    n, k = np.meshgrid(numbers, np.arange(most + 1), indexing="ij")
    possible = (k <= n) & (n > 0)
    a, b = np.where(possible, k, np.nan) + 0.5, np.where(possible, n - k, np.nan) + 0.5
    low = np.where(possible & (k == 0), 0.0, betaincinv(a, b, (1 - level) / 2))
    high = np.where(possible & (k == n), 1.0, betaincinv(a, b, (1 + level) / 2))
    return low, high
