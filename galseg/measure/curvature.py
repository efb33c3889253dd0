"""How the pitch angle of an arm changes along it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from galseg.measure.logspiral import LogSpiral, biweight

__all__ = ["pitch_angle_change_deg"]

Floats = NDArray[np.float64]

_FEWEST = 4


def pitch_angle_change_deg(
    spiral: LogSpiral, azimuth: Floats, radius: Floats, *, weights: Floats, n_independent: float
) -> tuple[float, float]:
    """Pitch angle at an arm's outer end less the one at its inner end, and its error.

    From a parabola in ln r against azimuth, through what lies near the spiral.

    Parameters
    ----------
    spiral : LogSpiral
        Fitted to these points.
    azimuth : ndarray, shape (N,)
        Radians, not wrapped.
    radius : ndarray, shape (N,)
        Above zero, in any unit.
    weights : ndarray, shape (N,)
        Not negative.
    n_independent : float
        Number of independent points along the arm.

    Returns
    -------
    change, change_err : float
        NaN where there are fewer than four independent points.

    References
    ----------
    Savchenko, S. S. & Reshetnikov, V. P. (2013), MNRAS 436, 1074, doi:10.1093/mnras/stt1627: pitch
    angles of real arms change along them.

    Examples
    --------
    >>> from galseg.measure.logspiral import fit_log_spiral
    >>> azimuth, even = np.linspace(0, 3, 60), np.ones(60)
    >>> radius = 10 * np.exp(0.2 * azimuth + 0.05 * azimuth**2)
    >>> spiral = fit_log_spiral(azimuth, radius, weights=even, correlation_length=2.0)
    >>> change, _ = pitch_angle_change_deg(
    ...     spiral, azimuth, radius, weights=even, n_independent=10
    ... )
    >>> round(change, 3), round(math.degrees(math.atan(0.5) - math.atan(0.2)), 3)
    (15.255, 15.255)
    """
    if n_independent < _FEWEST:
        return math.nan, math.nan
    log_r = np.log(radius)
    total = weights * biweight(log_r - spiral.log_r0 - spiral.slope * azimuth)
    middle, half = (azimuth.max() + azimuth.min()) / 2, np.ptp(azimuth) / 2
    x = (azimuth - middle) / half
    terms = np.column_stack([np.ones_like(x), x, x**2])
    normal = (terms * total[:, None]).T @ terms / total.sum()
    level, rise, bend = np.linalg.solve(normal, (terms * total[:, None]).T @ log_r / total.sum())
    residual = log_r - terms @ (level, rise, bend)
    variance = float(np.average(residual**2, weights=total)) / (n_independent - 3)
    slope, change = abs(rise) / half, 4 * bend / half
    inner, outer = slope - change / 2, slope + change / 2
    per_change = (1 / (1 + inner**2) + 1 / (1 + outer**2)) / 2
    change_err = 4 / half * math.sqrt(variance * np.linalg.inv(normal)[2, 2])
    return (
        math.degrees(math.atan(outer) - math.atan(inner)),
        math.degrees(per_change * change_err),
    )
