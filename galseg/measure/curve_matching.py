"""Which arm, or which tidal feature, of one measurement is which of another."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from galseg.measure.arm import ArmMeasurement
from galseg.measure.tidal import TidalMeasurement

__all__ = ["match_arms", "match_tidal"]

Floats = NDArray[np.float64]

_FARTHEST = 0.25
_MOST_POINTS = 50


def match_arms(
    arms: Sequence[ArmMeasurement], others: Sequence[ArmMeasurement], *, centre_xy: ArrayLike
) -> list[ArmMeasurement | None]:
    """Find the same arms in another measurement of the same galaxy.

    Two arms lie as far apart as their middles do, each point from the nearest of the other arm
    and in units of its radius, so that azimuth and ln r count alike. Those with the least
    distances in all belong together, if they are nearer than a quarter of the radius and do not
    wind in opposite ways.

    Parameters
    ----------
    arms, others : sequence of ArmMeasurement
    centre_xy : array_like, shape (2,)
        Of the galaxy, in pixels.

    Returns
    -------
    list of ArmMeasurement or None
        One for each of `arms`; None where there is no such arm among `others`.

    References
    ----------
    Kuhn, H. W. (1955), Naval Research Logistics Quarterly 2, 83, doi:10.1002/nav.3800020109.
    """
    centre = np.asarray(centre_xy, dtype=float)
    apart = _distances(
        [arm.ridge_xy for arm in arms],
        [arm.ridge_xy for arm in others],
        scale=lambda points: np.hypot(*(points - centre).T),
    )
    for i, arm in enumerate(arms):
        for j, other in enumerate(others):
            if {arm.winding, other.winding} == {"S", "Z"}:
                apart[i, j] = math.inf
    return [None if j is None else others[j] for j in _assign(apart)]


def match_tidal(
    features: Sequence[TidalMeasurement], others: Sequence[TidalMeasurement]
) -> list[TidalMeasurement | None]:
    """Find the same tidal features in another measurement of the same galaxy.

    As `match_arms`, with the medial axes, which must be nearer than a quarter of their length.

    Parameters
    ----------
    features, others : sequence of TidalMeasurement

    Returns
    -------
    list of TidalMeasurement or None
    """
    apart = _distances(
        [feature.medial_xy for feature in features],
        [feature.medial_xy for feature in others],
        scale=lambda points: np.hypot(*np.diff(points, axis=0).T).sum(),
    )
    return [None if j is None else others[j] for j in _assign(apart)]


def _distances(
    curves: Sequence[Floats],
    others: Sequence[Floats],
    *,
    scale: Callable[[Floats], Floats | np.float64],
) -> Floats:
    """Mean of the median distances from either curve to the other, in units of its scale."""
    curves, others = (
        [curve[:: max(len(curve) // _MOST_POINTS, 1)] for curve in group]
        for group in (curves, others)
    )
    apart = np.full((len(curves), len(others)), math.inf)
    for i, curve in enumerate(curves):
        for j, other in enumerate(others):
            if len(curve) > 1 and len(other) > 1:
                between = cdist(curve, other)
                there = np.median(between.min(axis=1) / scale(curve))
                back = np.median(between.min(axis=0) / scale(other))
                apart[i, j] = (there + back) / 2
    return apart


def _assign(apart: Floats) -> list[int | None]:
    """Pair rows with columns at the least distance in all; None where nothing is near."""
    paired: list[int | None] = [None] * len(apart)
    for i, j in zip(*linear_sum_assignment(np.minimum(apart, _FARTHEST)), strict=True):
        if apart[i, j] < _FARTHEST:
            paired[i] = int(j)
    return paired
