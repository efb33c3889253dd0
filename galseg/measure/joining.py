"""Pieces of one arm, brought together over gaps and crossings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from galseg.measure.logspiral import straight_line
from galseg.measure.ridges import Ridge

__all__ = ["join_ridges"]

Floats = NDArray[np.float64]

_MAX_GAP = 0.6  # radians
_MAX_OVERLAP = 0.15
_END_SPAN = 0.5  # radians of an end that say where it points
_MAX_BEND = math.radians(25)
_MAX_PIECES = 40


class _End(NamedTuple):
    """Where a ridge starts or stops and where it points, in azimuth and ln r."""

    azimuth: float
    log_r: float
    slope: float


def join_ridges(ridges: Sequence[Ridge]) -> list[Ridge]:
    """Join ridges of which one carries on where another stops.

    Two ends fit if each, drawn on straight in ln r against azimuth, meets the other half-way
    within half the arm's thickness, and they bend by at most 25 degrees there. The gap is at most
    0.6 radians and no longer than the longer of the two. The best fit is joined first.

    Parameters
    ----------
    ridges : sequence of Ridge
        Only the 40 longest are kept.

    Returns
    -------
    list of Ridge
        Longest first.
    """
    pieces = sorted(ridges, key=_length, reverse=True)[:_MAX_PIECES]
    while True:
        mismatch, gap = _mismatches(pieces)
        if not np.isfinite(mismatch).any():
            return sorted(pieces, key=_length, reverse=True)
        i, j = np.unravel_index(np.argmin(mismatch), mismatch.shape)
        joined = _join(pieces[i], pieces[j], float(gap[i, j]))
        pieces = [piece for k, piece in enumerate(pieces) if k not in (i, j)] + [joined]


def _length(ridge: Ridge) -> float:
    return float(np.hypot(*np.diff(ridge.points, axis=0).T).sum())


def _mismatches(pieces: Sequence[Ridge]) -> tuple[Floats, Floats]:
    """Distance in ln r, over half the thickness, from the stop of i to the start of j; and gap."""
    if len(pieces) < 2:
        return np.full((len(pieces),) * 2, np.inf), np.zeros((len(pieces),) * 2)
    starts = np.array([_end(p, p.azimuth <= p.azimuth[0] + _END_SPAN, 0) for p in pieces])
    stops = np.array([_end(p, p.azimuth >= p.azimuth[-1] - _END_SPAN, -1) for p in pieces])
    span = np.array([p.azimuth[-1] - p.azimuth[0] for p in pieces])
    relative_thickness = np.array([np.median(p.thickness / p.radius) for p in pieces])
    azimuth, log_r, slope = starts.T
    stop_azimuth, stop_log_r, stop_slope = stops.T[:, :, None]
    gap = (azimuth - stop_azimuth + _MAX_OVERLAP) % (2 * math.pi) - _MAX_OVERLAP
    miss = np.abs(stop_log_r + stop_slope * gap / 2 - (log_r - slope * gap / 2))
    miss /= (relative_thickness + relative_thickness[:, None]) / 4
    bend = np.abs(np.arctan(slope) - np.arctan(stop_slope))
    longest_gap = np.minimum(np.maximum(span, span[:, None]), _MAX_GAP)
    fits = (miss <= 1) & (bend <= _MAX_BEND) & (gap <= longest_gap)
    np.fill_diagonal(fits, False)
    return np.where(fits, miss, np.inf), gap


def _end(ridge: Ridge, near: NDArray[np.bool_], index: int) -> _End:
    azimuth = ridge.azimuth[near] - ridge.azimuth[index]
    slope, log_r, _, _ = straight_line(azimuth, np.log(ridge.radius[near]), np.ones(len(azimuth)))
    return _End(float(ridge.azimuth[index]), log_r, slope)


def _join(first: Ridge, second: Ridge, gap: float) -> Ridge:
    turn = first.azimuth[-1] + gap - second.azimuth[0]
    return Ridge(
        np.concatenate([first.azimuth, second.azimuth + turn]),
        np.concatenate([first.radius, second.radius]),
        np.concatenate([first.thickness, second.thickness]),
    )
