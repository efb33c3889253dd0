"""The line along the middle of a piece of a map, from end to end."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from galseg.measure.axes import second_moments
from galseg.measure.evidence import Component
from galseg.measure.plane import LocalPlane
from galseg.measure.skeleton import longest_path

__all__ = ["MedialAxis", "find_medial_axis", "tangents"]

Floats = NDArray[np.float64]
Line: TypeAlias = NDArray[np.complex128]  # points x + iy

_TO_LINE = np.array([1, 1j])
_STEP = 0.5  # of the samples, in mean pixels
_MAX_SAMPLES = 800  # along a side of a larger piece, which is sampled more coarsely
_MARGIN = 3.0
_SMALL_HOLE = 0.1  # of the piece: those that are not parted by a closed ring
_LEAST_HALF_WIDTH = 4.0  # samples
_LEAST_SMOOTHING = 8.0  # samples
_SHORT = 3.0  # length over width: a skeleton of less is that of the corners
_STUBBY = 2.0  # major over minor axis: below, the line is straight
_N_ROUNDS = 3
_CORE = 0.2  # part of the width in which the ends are looked for


@dataclass(frozen=True, eq=False)
class MedialAxis:
    """A line along the middle of a piece.

    Attributes
    ----------
    points : ndarray, shape (N, 2)
        In the plane, evenly spaced from end to end, N at least 3.
    turning : float
        By how much the line turns, in radians, taken as an arc of a circle: its length over that
        circle's radius. Zero for an S as for a straight line.
    is_closed : bool
        Whether the piece goes round a hole that is not small. The line then goes half way round,
        and its length is not that of the piece.
    """

    points: Floats
    turning: float
    is_closed: bool


@dataclass(frozen=True, eq=False)
class _Page:
    """A piece on square samples in a plane of the sky; lengths are in samples."""

    values: NDArray[np.float32]
    threshold: float

    def at(self, points: Line) -> Floats:
        """Values at points of shape (N, M); zero outside."""
        x, y = points.real.astype(np.float32), points.imag.astype(np.float32)
        return np.asarray(cv2.remap(self.values, x, y, cv2.INTER_LINEAR), dtype=float)

    def reach(self, profiles: Floats) -> Floats:
        """Where profiles of shape (N, M), from inside outwards, first cross the threshold.

        Zero where the first sample lies outside, M - 1 where none does.
        """
        is_out = profiles < self.threshold
        is_out[:, -1] = True
        stop = is_out.argmax(axis=1)
        row = np.arange(len(profiles))
        inner, outer = profiles[row, np.maximum(stop - 1, 0)], profiles[row, stop]
        fall = inner - outer
        part = np.divide(inner - self.threshold, fall, where=fall > 0, out=np.ones(len(fall)))
        return np.where(stop > 0, stop - 1 + part.clip(0, 1), 0.0)


def find_medial_axis(component: Component, plane: LocalPlane, *, threshold: float) -> MedialAxis:
    """Find the line along the middle of a piece.

    The longest path through the skeleton is a first guess. Three times it is then cut off half a
    width before its ends, moved to the middle of the cuts across it, smoothed over half a width,
    and led on along its own circle to where the piece ends. All of it happens on the plane, so
    that oblong and sheared pixels make no difference, and between pixels.

    Parameters
    ----------
    component : Component
    plane : LocalPlane
        In which to measure.
    threshold : float
        Of the map, where the piece ends.

    References
    ----------
    Zhang, T. Y. & Suen, C. Y. (1984), Commun. ACM 27, 236, doi:10.1145/357994.358023: the
    skeleton.
    """
    page, low, step = _lay_out(component, plane, threshold)
    inside = page.values >= np.float32(threshold)
    filled, is_closed = _fill_small_holes(inside)
    path = longest_path(filled) @ _TO_LINE
    area, length = np.count_nonzero(filled), float(_along(path)[-1])
    # A piece is not wider than long, whatever the skeleton of a round one says.
    half_width = max(min(area / (2 * length + 1), math.sqrt(area) / 2), _LEAST_HALF_WIDTH)
    line, n_rounds = _smoothed(_evenly(path), half_width), _N_ROUNDS
    if length**2 < _SHORT * area:
        ends, elongation = _major_axis(component, plane)
        line = (ends - low) / step @ _TO_LINE
        n_rounds = _N_ROUNDS if elongation > _STUBBY else 0
    line = _to_ends(_trimmed(line, half_width), page, half_width)
    for _ in range(n_rounds):
        line = _to_ends(_centred(_trimmed(line, half_width), page, half_width), page, half_width)
    _, (turn,) = _arcs(line[None])
    points = np.column_stack([line.real, line.imag])
    return MedialAxis(points * step + low, abs(float(turn)) * float(_along(line)[-1]), is_closed)


def _lay_out(
    component: Component, plane: LocalPlane, threshold: float
) -> tuple[_Page, Floats, float]:
    """Sample a piece; also the first sample's place in the plane and the samples' distance."""
    points = plane.to_plane(component.points)
    low = points.min(axis=0) - _MARGIN
    extent = points.max(axis=0) + _MARGIN - low
    step = max(_STEP, float(extent.max()) / _MAX_SAMPLES)
    width, height = (int(n) for n in np.ceil(extent / step))
    start = plane.to_pixel(low[None])[0] - component.origin_xy
    to_source = np.column_stack([np.linalg.inv(plane.matrix) * step, start])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    values = cv2.warpAffine(component.values, to_source, (width, height), flags=flags)
    return _Page(values, threshold), low, step


def _fill_small_holes(inside: NDArray[np.bool_]) -> tuple[NDArray[np.bool_], bool]:
    """Fill the holes of less than a tenth of the piece, and say whether there are others."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        (~inside).astype(np.uint8), connectivity=4
    )
    is_hole = np.ones(len(stats), dtype=bool)
    is_hole[[0, labels[0, 0]]] = False  # the piece itself, and what lies round it
    if not is_hole.any():
        return inside, False
    is_small = is_hole & (stats[:, cv2.CC_STAT_AREA] < _SMALL_HOLE * np.count_nonzero(inside))
    return inside | is_small[labels], bool((is_hole & ~is_small).any())


def _major_axis(component: Component, plane: LocalPlane) -> tuple[Floats, float]:
    """Three points on the major axis, a standard deviation apart, and major over minor axis."""
    moments = second_moments(plane, component.points, component.weights)
    (minor, major), directions = np.linalg.eigh(moments)
    middle = plane.to_plane(component.centroid_xy[None])
    step = math.sqrt(major) * directions[:, 1]
    return middle + np.array([[-1], [0], [1]]) * step, math.sqrt(major / max(minor, 1 / 12))


def _along(line: Line) -> Floats:
    """Distance of every point from the first, along a line."""
    along = np.zeros(len(line))
    np.cumsum(np.abs(line[1:] - line[:-1]), out=along[1:])
    return along


def _evenly(line: Line) -> Line:
    """Points one sample apart, or three at least, along a line."""
    return _trimmed(line, 0.0)


def _trimmed(line: Line, half_width: float) -> Line:
    """Take half a width off both ends, or a third of the line if that is less; else `_evenly`."""
    along = _along(line)
    length = float(along[-1])
    cut = min(half_width, length / 3)
    n_steps = max(math.ceil(length - 2 * cut), 2)
    places = cut + np.arange(n_steps + 1) * ((length - 2 * cut) / n_steps)
    return np.asarray(np.interp(places, along, line))


def tangents(line: Line) -> Line:
    """Directions of a line of points x + iy at each of them; their lengths mean nothing."""
    return np.asarray(np.append(line[1:], line[-1]) - np.append(line[0], line[:-1]))


def _smoothed(values: NDArray[Any], sigma: float) -> NDArray[Any]:
    """Smooth a line or numbers; the ends go on as they came, so that they stay."""
    n = min(math.ceil(3 * sigma), len(values) - 1)
    before = 2 * values[0] - values[n:0:-1]
    after = 2 * values[-1] - values[-2 : -n - 2 : -1]
    longer = np.concatenate([before, values, after])
    parts = longer.view(float).reshape(len(longer), -1)
    smooth = ndimage.gaussian_filter1d(parts, sigma, axis=0)[n : n + len(values)]
    return np.asarray(smooth.view(values.dtype)[:, 0])


def _centred(line: Line, page: _Page, half_width: float) -> Line:
    """Move a line to the middle of the cuts across it."""
    tangent = tangents(line)
    normal = 1j * (tangent / np.abs(tangent))
    outwards = np.arange(math.ceil(2.5 * half_width + 4))
    cuts = outwards * normal[:, None]
    left, right = np.split(
        page.reach(page.at(np.concatenate([line[:, None] + cuts, line[:, None] - cuts]))), 2
    )
    shift = _smoothed((left - right) / 2, max(half_width, _LEAST_SMOOTHING))
    return np.asarray(line + shift * normal)


def _arcs(lines: NDArray[np.complex128]) -> tuple[Floats, Floats]:
    """Direction at the end of lines, and change of direction per sample, as of a circle."""
    steps = lines[:, 1:] - lines[:, :-1]
    turns = steps.copy()
    turns[:, 1:] *= steps[:, :-1].conj()
    direction = np.cumsum(np.angle(turns), axis=1)
    size = np.abs(steps)
    ends = np.cumsum(size, axis=1)
    along, length = ends - size / 2, ends[:, -1:]
    # With these weights the fit is that of a parabola to the points, and not to their steps.
    weights = along * (length - along)
    total = weights.sum(axis=1)
    middle = _dot(weights, along) / total
    from_middle = along - middle[:, None]
    weighted = weights * from_middle
    change = _dot(weighted, direction) / _dot(weighted, from_middle)
    return _dot(weights, direction) / total + change * (length[:, 0] - middle), change


def _dot(one: Floats, other: Floats) -> Floats:
    """Sum of products, row by row."""
    return np.asarray(np.einsum("ij,ij->i", one, other))


def _to_ends(line: Line, page: _Page, half_width: float) -> Line:
    """Lead a line on at both ends, on the circle of the end, to where the piece ends."""
    n_fitted = max(round(3 * half_width), 4)
    direction, change = _arcs(np.stack([line[:n_fitted][::-1], line[-n_fitted:]]))
    change = change.clip(-0.5 / half_width, 0.5 / half_width)
    onwards = np.arange(math.ceil(4 * half_width + 8))
    steps = np.exp(1j * (direction[:, None] + change[:, None] * onwards))
    tracks = line[[0, -1], None] + np.cumsum(steps, axis=1) - steps
    across = np.linspace(-_CORE, _CORE, 5)[:, None] * half_width
    samples = page.at(tracks.ravel() + across * (1j * steps).ravel())
    reach = page.reach(samples.mean(axis=0).reshape(tracks.shape)).tolist()
    first, last = (_up_to(*ends) for ends in zip(tracks, reach, strict=True))
    return _evenly(np.concatenate([first[::-1], line, last]))


def _up_to(track: Line, reach: float) -> Line:
    """Points after the first one of a track, as far as it reaches."""
    last = math.floor(reach)
    beyond = track[min(last + 1, len(track) - 1)]
    return np.append(track[1 : last + 1], track[last] + (reach - last) * (beyond - track[last]))
