"""Simultaneous truth and performance level estimation (STAPLE)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from galseg.consensus.votes import Ballots
from galseg.extras import extra

__all__ = ["staple_fraction"]

Floats = NDArray[np.float64]

_FEWEST_RATERS = 3
_MAX_ITERATIONS = 1000


def staple_fraction(ballots: Ballots) -> tuple[Floats, Floats]:
    """Probability of each run of pixels by STAPLE, times the share of volunteers who drew.

    STAPLE sees those who drew, and only the pixels that at least one of them marked: the more
    empty sky there is, the more surely every mark is taken for true, until on a full frame the
    estimate collapses onto the union of all marks. It says where a feature is and not whether
    there is one, hence the share.

    Parameters
    ----------
    ballots : Ballots
        V volunteers, R runs.

    Returns
    -------
    fraction : ndarray, shape (R,)
        Where fewer than three drew, or all drew the same, there is nothing to estimate from, and
        it is the plain share of the votes.
    skill : ndarray, shape (V,)
        Sensitivity + specificity - 1 (Youden's J) within those pixels: 1 is perfect, 0 is blind;
        NaN for those who drew nothing and where nothing was estimated.

    Raises
    ------
    MissingDependencyError
        If SimpleITK is not installed.

    References
    ----------
    Warfield, S. K., Zou, K. H. & Wells, W. M. (2004), IEEE Trans. Medical Imaging 23, 903,
    doi:10.1109/TMI.2004.828354.
    Youden, W. J. (1950), Cancer 3, 32.
    """
    with extra("staple", 'method "staple" needs SimpleITK'):
        import SimpleITK as sitk  # noqa: N813
    drew = ballots.drew
    raters = ballots.marked[drew]
    skill = np.full(len(drew), np.nan)
    if len(raters) < _FEWEST_RATERS or raters.all():
        return ballots.n_votes / max(len(drew), 1), skill
    staple = sitk.STAPLEImageFilter()
    staple.SetForegroundValue(1)
    staple.SetMaximumIterations(_MAX_ITERATIONS)
    pixels = np.repeat(raters.astype(np.uint8), ballots.n_pixels, axis=1)
    probability = staple.Execute([sitk.GetImageFromArray(row[None]) for row in pixels])
    first_of_run = np.cumsum(ballots.n_pixels) - ballots.n_pixels
    fraction = sitk.GetArrayFromImage(probability)[0, first_of_run] * drew.mean()
    skill[drew] = np.add(staple.GetSensitivity(), staple.GetSpecificity()) - 1
    return fraction, skill
