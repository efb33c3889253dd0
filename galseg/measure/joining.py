"""Pieces of one arm, brought together over gaps and crossings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from galseg.measure.logspiral import straight_line
from galseg.measure.polar import PolarMap
from galseg.measure.ridges import Ridge

__all__ = ["join_ridges"]

Floats = NDArray[np.float64]

_MAX_GAP = 0.6  # radians
_MAX_HIDDEN = 3.2  # radians, where the map is filled all along
_FILLED = 0.9
_MAX_OVERLAP = 0.15
_STEEPEST = math.tan(math.radians(60))
_END_SPAN = 0.7  # radians of an end that say where it points
_SURE_SPAN = 0.35  # radians of a ridge from which on its direction counts
_MAX_BEND = math.radians(25)
_MAX_MISFIT = 0.5
_GAP_COST = 0.25  # per radian
_MAX_PIECES = 40


class _Fit(NamedTuple):
    """How the start of one ridge fits to the stop of another."""

    cost: float
    gap: float


_MISFIT = _Fit(math.inf, 0.0)


def join_ridges(ridges: Sequence[Ridge], polar: PolarMap) -> tuple[list[Ridge], bool]:
    """Join ridges of which one carries on where another stops.

    Two ends fit if one straight line in ln r against azimuth runs through both, with a scatter of
    at most a quarter of the arm's thickness. The gap is at most 0.6 radians and no longer than
    the longer of the two; or 2.5, and no longer than both, where it lies in the structure, as it
    does where arms cross something else. The best fit is joined first. What comes to fit on
    itself is a ring and left out.

    Parameters
    ----------
    ridges : sequence of Ridge
        Only the 40 longest are kept.
    polar : PolarMap
        That they were traced on.

    Returns
    -------
    ridges : list of Ridge
        Longest first.
    has_ring : bool
        Whether one was left out.
    """
    pieces = sorted(ridges, key=attrgetter("length"))[: -_MAX_PIECES - 1 : -1]
    fits = [[_fit(first, second, polar) for second in pieces] for first in pieces]
    has_ring = False
    while pieces:
        costs = np.array([[fit.cost for fit in row] for row in fits])
        i, j = (int(k) for k in np.unravel_index(np.argmin(costs), costs.shape))
        if not np.isfinite(costs[i, j]):
            break
        new = _join(pieces[i], pieces[j], fits[i][j].gap)
        kept = [k for k in range(len(pieces)) if k not in (i, j)]
        pieces = [pieces[k] for k in kept]
        fits = [[fits[k][m] for m in kept] for k in kept]
        if i == j:
            has_ring = True
            continue
        for row, piece in zip(fits, pieces, strict=True):
            row.append(_fit(piece, new, polar))
        pieces.append(new)
        fits.append([_fit(new, piece, polar) for piece in pieces])
    return sorted(pieces, key=attrgetter("length"), reverse=True), has_ring


def _fit(first: Ridge, second: Ridge, polar: PolarMap) -> _Fit:
    gap = float(second.azimuth[0] - first.azimuth[-1]) + _MAX_OVERLAP
    gap = gap % (2 * math.pi) - _MAX_OVERLAP
    spans = first.azimuth_span, second.azimuth_span
    thickness = (first.relative_thickness + second.relative_thickness) / 2
    is_near = gap <= min(sum(spans), _MAX_GAP)
    rise = abs(math.log(second.radius[0] / first.radius[-1]))
    if gap > min(2 * sum(spans), _MAX_HIDDEN) or rise > max(gap, 0.0) * _STEEPEST + thickness:
        return _MISFIT
    if not (is_near or _is_hidden(first, second, gap, polar)):
        return _MISFIT
    before, after = _end(first, gap, -1), _end(second, gap, 0)
    before[0] -= gap
    if min(spans) > _SURE_SPAN and not _points_at(before, after, gap, thickness):
        return _MISFIT
    residual = _straight(*np.concatenate([before, after], axis=1))[-1]
    cost = float(np.std(residual)) / (thickness / 2)
    if cost > _MAX_MISFIT:
        return _MISFIT
    return _Fit(cost + _GAP_COST * max(gap, 0.0), gap)


def _points_at(before: Floats, after: Floats, gap: float, thickness: float) -> bool:
    """Whether two ends, drawn on straight, meet half-way over the gap and bend little there."""
    (slope, log_r, *_), (next_slope, next_log_r, *_) = (_straight(*end) for end in (before, after))
    miss = abs(log_r - next_log_r + (next_slope - slope) * gap / 2)
    bend = abs(math.atan(slope) - math.atan(next_slope))
    return miss <= thickness / 2 and bend <= _MAX_BEND


def _is_hidden(first: Ridge, second: Ridge, gap: float, polar: PolarMap) -> bool:
    """Whether the map is filled along a straight line, in ln r, over a gap."""
    share = np.linspace(0, 1, 2 + int(abs(gap) / polar.azimuth_step))
    radius = first.radius[-1] * (second.radius[0] / first.radius[-1]) ** share
    return polar.covered_share(first.azimuth[-1] + share * gap, radius) >= _FILLED


def _end(ridge: Ridge, gap: float, index: int) -> Floats:
    """Azimuth from an end, and ln r, of the part of a ridge that says where it points."""
    azimuth = ridge.azimuth - ridge.azimuth[index]
    near = np.abs(azimuth) <= max(_END_SPAN, gap)
    return np.array([azimuth[near], ridge.log_radius[near]])


def _straight(x: Floats, y: Floats) -> tuple[float, float, float, Floats]:
    return straight_line(x, y, np.ones(len(x)))


def _join(first: Ridge, second: Ridge, gap: float) -> Ridge:
    turn = first.azimuth[-1] + gap - second.azimuth[0]
    return Ridge(
        np.concatenate([first.azimuth, second.azimuth + turn]),
        np.concatenate([first.radius, second.radius]),
        np.concatenate([first.thickness, second.thickness]),
    )
