"""Logarithmic spirals through ridges."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

__all__ = ["LogSpiral", "biweight", "fit_log_spiral", "straight_line"]

Floats = NDArray[np.float64]

_ITERATIONS = 10
_CONVERGED = 1e-3  # change of a weight
_TUKEY = 4.685  # 95% efficient on Gaussian scatter
_MAD_TO_SIGMA = 1.4826
_CIRCLE = 1e-9  # rise in ln r
_FLOOR = 1e-4  # of the scatter in ln r, so that exact points keep a weight


@dataclass(frozen=True)
class LogSpiral:
    """``r = r0 exp(slope * azimuth)`` between two azimuths.

    Attributes
    ----------
    log_r0 : float
        ln r at azimuth 0.
    slope : float
        Tangent of the pitch angle; positive where r grows anticlockwise.
    slope_err : float
        One standard deviation.
    start, end : float
        Azimuths in radians, rising.
    scatter : float
        Standard deviation of ln r about the spiral.
    middle : float
        Azimuth at which the errors of slope and level are independent.
    level_err : float
        One standard deviation of ln r there.

    Examples
    --------
    >>> quarter = LogSpiral(0.0, 0.0, 0.0, 0.0, math.pi / 2, 0.0)
    >>> round(quarter.arc_length, 4), quarter.pitch_angle_deg
    (1.5708, 0.0)
    """

    log_r0: float
    slope: float
    slope_err: float
    start: float
    end: float
    scatter: float
    middle: float = 0.0
    level_err: float = 0.0

    @property
    def pitch_angle_deg(self) -> float:
        """Angle between the arm and a circle, not negative."""
        return math.degrees(math.atan(abs(self.slope)))

    @property
    def pitch_angle_deg_err(self) -> float:
        """One standard deviation."""
        return math.degrees(self.slope_err / (1 + self.slope**2))

    @property
    def winding(self) -> str:
        """Letter of the winding, ``"S"`` or ``"Z"``; empty where the slope may be either."""
        if not abs(self.slope) > self.slope_err:
            return ""
        return "Z" if self.slope > 0 else "S"

    @property
    def radii(self) -> tuple[float, float]:
        """Inner and outer radius."""
        ends = sorted((self.start * self.slope, self.end * self.slope))
        return math.exp(self.log_r0 + ends[0]), math.exp(self.log_r0 + ends[1])

    @property
    def mean_radius(self) -> float:
        """Mean over azimuth."""
        inner, outer = self.radii
        rise = math.log(outer / inner)
        return inner if rise < _CIRCLE else (outer - inner) / rise

    @property
    def arc_length(self) -> float:
        """Length along the spiral: ``|r2 - r1| / sin p``, and ``r`` times azimuth for a circle."""
        return self.mean_radius * (self.end - self.start) * math.hypot(1, self.slope)

    def log_r_err(self, azimuth: float) -> float:
        """One standard deviation of ln r at an azimuth, from level and slope."""
        return math.hypot(self.level_err, self.slope_err * (azimuth - self.middle))


def fit_log_spiral(
    azimuth: Floats,
    radius: Floats,
    *,
    weights: Floats,
    correlation_length: float,
    end_err: float = 0.0,
) -> LogSpiral:
    """Fit a straight line to ln r against azimuth, down-weighting what lies off it.

    Parameters
    ----------
    azimuth : ndarray, shape (N,)
        Radians, not wrapped; at least two different ones.
    radius : ndarray, shape (N,)
        Above zero, in any unit.
    weights : ndarray, shape (N,)
        Not negative.
    correlation_length : float
        Along the arm, in the unit of the radius: points nearer than that count once in the
        error.
    end_err : float, optional
        One standard deviation of the line that the points come from, at either end by itself, in
        the unit of the radius; what bends or tilts the whole line leaves no scatter about it.

    Returns
    -------
    LogSpiral

    References
    ----------
    Holland, P. & Welsch, R. (1977), Commun. Stat. A6, 813, doi:10.1080/03610927708827533:
    iteratively reweighted least squares, with Tukey's biweight.

    Examples
    --------
    >>> azimuth = np.linspace(0, 4, 50)
    >>> arm = fit_log_spiral(
    ...     azimuth, 10 * np.exp(0.3 * azimuth), weights=np.ones(50), correlation_length=5.0
    ... )
    >>> round(arm.slope, 6), round(arm.radii[0], 6), arm.winding
    (0.3, 10.0, 'Z')
    """
    log_r = np.log(radius)
    total = weights
    for _ in range(_ITERATIONS):
        residual = straight_line(azimuth, log_r, total)[-1]
        before, total = total, weights * biweight(residual)
        if np.abs(total - before).max() <= _CONVERGED * weights.max():
            break
    slope, log_r0, spread, residual = straight_line(azimuth, log_r, total)
    scatter = math.sqrt(float(total @ residual**2 / total.sum()))
    arm = LogSpiral(log_r0, slope, 0.0, float(azimuth.min()), float(azimuth.max()), scatter)
    level_err = scatter / math.sqrt(max(arm.arc_length / correlation_length, 1.0))
    relative_err = end_err / arm.mean_radius
    tilt_err = math.sqrt(2) * relative_err / (arm.end - arm.start)
    return replace(
        arm,
        slope_err=math.hypot(level_err / spread, tilt_err),
        middle=float(total @ azimuth / total.sum()),
        level_err=math.hypot(level_err, relative_err / math.sqrt(2)),
    )


def biweight(residual: Floats) -> Floats:
    """Weights from 1 on the line to 0 far off it, on the scale of the residuals themselves."""
    distance = np.abs(residual)
    scale = max(
        _MAD_TO_SIGMA * float(np.partition(distance, len(distance) // 2)[len(distance) // 2]),
        _FLOOR,
    )
    return np.asarray(np.maximum(1 - (residual / (_TUKEY * scale)) ** 2, 0) ** 2)


def straight_line(x: Floats, y: Floats, weights: Floats) -> tuple[float, float, float, Floats]:
    """Fit a weighted straight line: its slope, value at zero, the spread of x, and residuals."""
    total = float(weights.sum())
    x0, y0 = float(weights @ x) / total, float(weights @ y) / total
    dx, dy = x - x0, y - y0
    weighted = weights * dx
    sum_of_squares = float(weighted @ dx)
    slope = float(weighted @ dy) / sum_of_squares
    return slope, y0 - slope * x0, math.sqrt(sum_of_squares / total), dy - slope * dx
