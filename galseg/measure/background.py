"""Level and noise of the sky beside a galaxy."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from astropy.stats import sigma_clipped_stats
from numpy.typing import NDArray

__all__ = ["Sky", "sky_of"]


class Sky(NamedTuple):
    """Level, and standard deviation of a pixel."""

    level: float
    noise: float


def sky_of(values: NDArray[np.float64]) -> Sky:
    """Estimate the sky from pixels that mostly show it.

    Parameters
    ----------
    values : ndarray, shape (N,)
        Without NaN.

    Returns
    -------
    Sky
        The mode as 2.5 median - 1.5 mean of what is within 3 standard deviations, and the median
        where the two lie far apart, as in crowded fields.

    References
    ----------
    Bertin, E. & Arnouts, S. (1996), A&AS 117, 393, doi:10.1051/aas:1996164.

    Examples
    --------
    >>> pixels = np.random.default_rng(0).normal(5, 2, 40000)
    >>> [round(number, 1) for number in sky_of(np.append(pixels, [1e4] * 50))]
    [5.0, 2.0]
    """
    mean, median, noise = (float(n) for n in sigma_clipped_stats(values, sigma=3, maxiters=20))
    is_crowded = abs(mean - median) > 0.3 * noise
    return Sky(median if is_crowded else 2.5 * median - 1.5 * mean, noise)
