"""The long and the short axis of an elongated piece of a map, to a fraction of a pixel."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from galseg.measure.evidence import Component
from galseg.measure.plane import LocalPlane
from galseg.measure.profile import Extent, extent_of

__all__ = ["Axes", "find_axes", "second_moments"]

Floats = NDArray[np.float64]
Levels = tuple[float, float] | None

_STEP = 0.25  # of the samples, in pixels
_MAX_SAMPLES = 800  # along an axis that is longer than this many steps, coarser ones
_MARGIN = 3.0
_CORE = 0.6  # part of the width in which the ends are looked for
_MIN_HALF_CORE = 0.5
_N_BANDS, _LINES_PER_BAND = 4, 3  # of the core, on either side of the axis
_END_ACROSS_ERR = 0.11  # pixel error of an end across the axis, found on exact masks


@dataclass(frozen=True, eq=False)
class Axes:
    """Ends and sides in the plane of the sky round the piece, its long axis along the first.

    Attributes
    ----------
    plane : LocalPlane
        Turned so that (1, 0) is the long axis; the unit is a pixel's mean size.
    along, across : Extent
    angle_err : float
        Of the long axis, in radians.
    roundness : float
        Minor over major axis of the second moments.
    """

    plane: LocalPlane
    along: Extent
    across: Extent
    angle_err: float
    roundness: float

    @property
    def middle_xy(self) -> Floats:
        """Middle of the two extents in pixels, shape (2,)."""
        return np.asarray(self.plane.to_pixel([(self.along.middle, self.across.middle)])[0])

    @property
    def ends_xy(self) -> Floats:
        """Ends of the long axis in pixels, shape (2, 2)."""
        v = self.across.middle
        return self.plane.to_pixel([(self.along.low, v), (self.along.high, v)])

    @property
    def sides_xy(self) -> Floats:
        """Ends of the short axis in pixels, shape (2, 2)."""
        u = self.along.middle
        return self.plane.to_pixel([(u, self.across.low), (u, self.across.high)])

    def covers(self, xy: Floats) -> bool:
        """Whether a pixel lies within both extents."""
        u, v = self.plane.to_plane(xy[None])[0]
        return bool(
            abs(u - self.along.middle) <= self.along.length / 2
            and abs(v - self.across.middle) <= self.across.length / 2
        )


def second_moments(plane: LocalPlane, points: Floats, weights: Floats) -> Floats:
    """Covariance of weighted pixel centres in a plane, shape (2, 2)."""
    offsets = plane.to_plane(points)
    offsets -= np.average(offsets, axis=0, weights=weights)
    return np.asarray((offsets * weights[:, None]).T @ offsets / weights.sum())


def find_axes(
    component: Component, plane: LocalPlane, *, threshold: float, levels: Levels
) -> Axes | None:
    """Find the long axis from second moments and the ends from profiles along and across it.

    Parameters
    ----------
    component : Component
    plane : LocalPlane
        In which to measure: the sky near the piece, or the disc of its galaxy.
    threshold : float
        Of the profiles, the means over the inner part of the other axis.
    levels : tuple of float or None
        See `galseg.measure.profile.extent_of`.

    Returns
    -------
    Axes or None
        None if a profile never reaches the threshold, as for scattered pixels.
    """
    points, weights = component.points, component.weights
    (minor, major), directions = np.linalg.eigh(second_moments(plane, points, weights))
    turn = directions.T[::-1]  # its rows are the long and the short axis
    plane = plane.stretched(turn)
    offsets = plane.to_plane(points)
    span = float(np.ptp(offsets[:, 0]))
    reach = np.abs(offsets).max(axis=0) + _MARGIN + span / 4
    u, v, inner = (_samples_up_to(distance) for distance in (*reach, span / 8))

    middle = _sample(component, plane, inner, v)
    across = extent_of(middle.mean(axis=1), v, threshold, levels)
    if not across.length > 0:
        return None
    along = _tips(component, plane, u, across, threshold=threshold, levels=levels)
    if not along.length > 0:
        return None
    sides_err = 0.0 if levels is None else _sides_err(component, plane, v, along, threshold, levels)
    # The outer quarters lie 3/4 of the length apart, and both sides of one may move together.
    angle_err = math.hypot(2 * _END_ACROSS_ERR, sides_err / 0.75) / along.length
    along_grid_err, across_grid_err = _pixel_errs(plane)
    return Axes(
        plane,
        replace(along, err=math.hypot(along.err, along_grid_err)),
        replace(across, err=math.hypot(across.err, across_grid_err)),
        angle_err,
        math.sqrt(max(minor, 0) / major),
    )


def _tips(
    component: Component,
    plane: LocalPlane,
    u: Floats,
    across: Extent,
    *,
    threshold: float,
    levels: Levels,
) -> Extent:
    """Find the ends on the long axis from parabolas through the ends of bands beside it.

    Averaging over a part of the width alone would be stable on ragged ends and fall short of
    round ones. Ends that widen outwards are taken for straight ones.
    """
    half_core = min(max(_CORE * across.length / 2, _MIN_HALF_CORE), across.length / 2)
    n_lines = _N_BANDS * _LINES_PER_BAND
    beside = (np.arange(-n_lines, n_lines) + 0.5) / n_lines * half_core
    lines = _sample(component, plane, u, across.middle + beside)
    bands = (lines + lines[::-1])[n_lines:].reshape(_N_BANDS, _LINES_PER_BAND, -1).mean(axis=1) / 2
    distance2 = (beside[n_lines:] ** 2).reshape(_N_BANDS, -1).mean(axis=1)

    found = [extent_of(band, u, threshold) for band in bands]
    reach = np.array([(-extent.low, extent.high) for extent in found])
    is_found = np.isfinite(reach[:, 0])
    if not is_found.any():
        return found[0]
    reach, distance2 = reach[is_found], distance2[is_found]
    spread = distance2 - distance2.mean()
    slope = np.minimum(spread @ reach / max(spread @ spread, np.finfo(float).tiny), 0)
    low, high = reach.mean(axis=0) - slope * distance2.mean()
    err = 0.0 if levels is None else extent_of(bands.mean(axis=0), u, threshold, levels).err
    return Extent(-float(low), float(high), err)


def _sides_err(
    component: Component,
    plane: LocalPlane,
    v: Floats,
    along: Extent,
    threshold: float,
    levels: Levels,
) -> float:
    """Error of the width near the ends, over the outer quarters of the length."""
    quarter = _samples_up_to(along.length / 8)
    strips = [
        _sample(component, plane, along.middle + side * 3 / 8 * along.length + quarter, v)
        for side in (-1, 1)
    ]
    sides = extent_of(np.hstack(strips).mean(axis=1), v, threshold, levels)
    return float(np.nan_to_num(sides.err))


def _samples_up_to(distance: float) -> Floats:
    """Even steps from minus to plus a distance, or a little more."""
    step = max(_STEP, distance * 2 / _MAX_SAMPLES)
    n = math.ceil(distance / step)
    return np.asarray(np.arange(-n, n + 1) * step, dtype=float)


def _sample(component: Component, plane: LocalPlane, u: Floats, v: Floats) -> Floats:
    """Interpolate the map on lines along the long axis, shape (V, U); zero outside the image."""
    corners = plane.to_pixel([(u[0], v[0]), (u[1], v[0]), (u[0], v[1])]) - component.origin_xy
    to_source = np.column_stack([corners[1] - corners[0], corners[2] - corners[0], corners[0]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    samples = cv2.warpAffine(component.values, to_source, (len(u), len(v)), flags=flags)
    return np.asarray(samples, dtype=float)


def _pixel_errs(plane: LocalPlane) -> Floats:
    """Error of a length along each axis from the pixel grid: an even spread over a pixel an end."""
    return np.asarray(np.sqrt((plane.matrix**2).sum(axis=1) / 12 * 2))
