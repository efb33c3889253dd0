"""One spiral through the strokes of several volunteers, who count as the independent units."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import KDTree

from galseg.measure.curvature import pitch_angle_change_deg
from galseg.measure.logspiral import LogSpiral, biweight

__all__ = ["CrowdSpiral", "fit_crowd_spiral"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_ROUNDS, _ROUNDS_AGAIN = 15, 5
_FLOOR = 1e-4  # of the scatter in ln r
_POINTS_A_TREMBLE = 5.0  # neighbouring points of a stroke that are off together
_N_DRAWS = 200
_FEWEST, _LEAST_AZIMUTH = 6, 0.1  # points and radians for a parabola
_SINGULAR = 1e-9
_FULL_TURN = 2 * math.pi


@dataclass(frozen=True, eq=False)
class CrowdSpiral:
    """A logarithmic spiral, and others that such a crowd might have drawn.

    Attributes
    ----------
    spiral : LogSpiral
        Its ends are the medians of where the volunteers began and stopped.
    draws : tuple of LogSpiral
        Within the errors of the line, between the ends of volunteers drawn anew.
    pitch_change : tuple of float
        Change of the pitch angle from the inner to the outer end in degrees, and its error.
    n_volunteers : int
    """

    spiral: LogSpiral
    draws: tuple[LogSpiral, ...]
    pitch_change: tuple[float, float]
    n_volunteers: int

    def err(self, quantity: Callable[[LogSpiral], float]) -> float:
        """Take the standard deviation of a quantity between the draws."""
        return float(np.std([quantity(draw) for draw in self.draws]))


@dataclass(frozen=True, eq=False)
class _Points:
    """All points of an arm in ln r against azimuth."""

    azimuth: Floats
    log_r: Floats
    volunteer: Ints
    weight: Floats

    def without(self, number: int) -> _Points:
        """Take a volunteer's weight away."""
        return replace(self, weight=np.where(self.volunteer == number, 0.0, self.weight))

    def ends(self, n: int) -> tuple[Floats, Floats]:
        """Lowest and highest azimuth of each volunteer."""
        starts, stops = np.full(n, np.inf), np.full(n, -np.inf)
        np.minimum.at(starts, self.volunteer, self.azimuth)
        np.maximum.at(stops, self.volunteer, self.azimuth)
        return starts, stops


@dataclass(frozen=True, eq=False)
class _Fit:
    """ln r0 and slope, and what they were weighted by.

    Attributes
    ----------
    line : ndarray, shape (2,)
    total : ndarray, shape (V,)
        Weight of each volunteer's points.
    offset, taken_out : ndarray, shape (V,)
        Each volunteer's, in ln r, and the share of it that does not count.
    robust : ndarray, shape (N,)
    scatter : float
        Of ln r, the offsets taken out.
    """

    line: Floats
    total: Floats
    offset: Floats
    taken_out: Floats
    robust: Floats
    scatter: float


def fit_crowd_spiral(
    strokes: Sequence[Floats], volunteers: Sequence[int], *, rng: np.random.Generator
) -> CrowdSpiral:
    """Fit ``ln r = ln r0 + slope * azimuth + offset`` with a random offset for each volunteer.

    A hand is off by a length, not by a share of the radius, so points weigh as the square of
    their radius; what lies far off is down-weighted. How much of a volunteer's own offset is
    taken out follows from how far volunteers differ, as against how much a line trembles: with
    little between them the strokes are fitted as one, with much each has only its slope to say.

    Parameters
    ----------
    strokes : sequence of ndarray, shape (N_i, 2)
        Right and up of the centre, evenly spaced.
    volunteers : sequence of int
        Who drew each, from 0; at least two people.
    rng : numpy.random.Generator
        For drawing volunteers anew.

    Returns
    -------
    CrowdSpiral

    References
    ----------
    Swamy, P. A. V. B. & Arora, S. S. (1972), Econometrica 40, 261, doi:10.2307/1909405: random
    offsets as partly taken-out means.

    Examples
    --------
    >>> azimuth = np.linspace(0, 3, 40)
    >>> arms = [np.exp(0.3 * azimuth + off) * [np.cos(azimuth), np.sin(azimuth)]
    ...         for off in (-0.1, 0.0, 0.1)]
    >>> crowd = fit_crowd_spiral([arm.T for arm in arms], [0, 1, 2], rng=np.random.default_rng(0))
    >>> round(crowd.spiral.slope, 3), crowd.spiral.winding
    (0.3, 'Z')
    """
    points = _lay_out(strokes, volunteers)
    fit = _fit(points)
    fewer = [points.without(number) for number in range(len(fit.total))]
    fits_of_fewer = [_fit(some, fit) for some in fewer]
    covariance = _jackknife(np.array([other.line for other in fits_of_fewer]))
    found, *draws = _spirals(points, fit, covariance, rng)
    change, *changes = (
        _pitch_change(some, other, found)
        for some, other in zip([points, *fewer], [fit, *fits_of_fewer], strict=True)
    )
    change_err = math.sqrt(_jackknife(np.array(changes)[:, None]).item())
    return CrowdSpiral(found, tuple(draws), (change, change_err), len(fewer))


def _spirals(
    points: _Points, fit: _Fit, covariance: Floats, rng: np.random.Generator
) -> list[LogSpiral]:
    """Put line and ends together: first those found, then the draws."""
    n = len(fit.total)
    lines = np.vstack([fit.line, rng.multivariate_normal(fit.line, covariance, _N_DRAWS)])
    chosen = np.vstack([np.arange(n), rng.integers(n, size=(_N_DRAWS, n))])
    ends = np.column_stack([np.median(side[chosen], axis=1) for side in points.ends(n)])
    slope_err = math.sqrt(covariance[1, 1])
    return [
        LogSpiral(log_r0, slope, slope_err, min(sides), max(sides), fit.scatter)
        for (log_r0, slope), sides in zip(lines.tolist(), ends.tolist(), strict=True)
    ]


def _jackknife(left_out: Floats) -> Floats:
    """Covariance of estimates, of which each had another volunteer left out."""
    return np.atleast_2d(np.cov(left_out.T, ddof=0)) * (len(left_out) - 1)


def _pitch_change(points: _Points, fit: _Fit, spiral: LogSpiral) -> float:
    """Change of the pitch angle along a spiral, the offsets taken out."""
    inside = (points.azimuth >= spiral.start) & (points.azimuth <= spiral.end) & (points.weight > 0)
    if inside.sum() < _FEWEST or np.ptp(points.azimuth[inside]) < _LEAST_AZIMUTH:
        return math.nan
    log_r = points.log_r - (fit.taken_out * fit.offset)[points.volunteer]
    change, _ = pitch_angle_change_deg(
        replace(spiral, log_r0=float(fit.line[0]), slope=float(fit.line[1])),
        points.azimuth[inside],
        np.exp(log_r[inside]),
        weights=points.weight[inside],
        n_independent=math.inf,
    )
    return change


def _lay_out(strokes: Sequence[Floats], volunteers: Sequence[int]) -> _Points:
    """Unwrap azimuths so that strokes that lie beside each other have the same turn."""
    longest = max(strokes, key=len)
    guide = np.unwrap(np.arctan2(longest[:, 1], longest[:, 0]))
    tree = KDTree(longest)
    azimuths = []
    for stroke in strokes:
        azimuth = np.unwrap(np.arctan2(stroke[:, 1], stroke[:, 0]))
        ahead = float(np.median(guide[tree.query(stroke)[1]] - azimuth))
        azimuths.append(azimuth + _FULL_TURN * round(ahead / _FULL_TURN))
    radius = np.hypot(*np.concatenate(strokes).T)
    return _Points(
        np.concatenate(azimuths),
        np.log(radius),
        np.repeat(np.asarray(volunteers), [len(stroke) for stroke in strokes]),
        radius**2 / np.mean(radius**2),
    )


def _fit(points: _Points, start: _Fit | None = None) -> _Fit:
    """Reweight until settled, which takes fewer rounds from a fit to almost the same points."""
    fit = start or _unweighted(points)
    for _ in range(_ROUNDS if start is None else _ROUNDS_AGAIN):
        fit = _reweighted(points, fit)
    return fit


def _unweighted(points: _Points) -> _Fit:
    none = np.zeros(int(points.volunteer.max()) + 1)
    return _Fit(np.zeros(2), none, none, none, np.ones_like(points.log_r), 0.0)


def _reweighted(points: _Points, fit: _Fit) -> _Fit:
    """Solve for the line with the weights of a fit, and find the weights that follow from it."""
    who, n = points.volunteer, len(fit.total)
    weight = points.weight * fit.robust
    total = np.bincount(who, weight, n).astype(float)

    def means(values: Floats) -> Floats:
        sums = np.bincount(who, weight * values, n)
        return np.asarray(sums / np.maximum(total, np.finfo(float).tiny))

    shift, scale = fit.taken_out[who], np.sqrt(weight)
    azimuth = points.azimuth - shift * means(points.azimuth)[who]
    log_r = points.log_r - shift * means(points.log_r)[who]
    design = np.column_stack([1 - shift, azimuth])
    line = np.linalg.lstsq(design * scale[:, None], log_r * scale, rcond=_SINGULAR)[0]

    robust = biweight((log_r - design @ line) * np.sqrt(points.weight))
    residual = points.log_r - line[0] - line[1] * points.azimuth
    offset = means(residual)
    within = float(np.average((residual - offset[who]) ** 2, weights=weight))
    noise = max(within, _FLOOR**2) * _POINTS_A_TREMBLE
    between = max(float(np.var(offset[total > 0])) - noise / float(total[total > 0].mean()), 0.0)
    taken_out = 1 - np.sqrt(noise / (noise + total * between))
    return _Fit(np.asarray(line, dtype=float), total, offset, taken_out, robust, math.sqrt(within))
