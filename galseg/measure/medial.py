"""The line along the middle of a piece of a map, from end to end."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from galseg.measure.axes import second_moments
from galseg.measure.evidence import Component
from galseg.measure.plane import LocalPlane
from galseg.measure.skeleton import longest_path

__all__ = ["MedialAxis", "find_medial_axis"]

Floats = NDArray[np.float64]

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

    def at(self, points: Floats) -> Floats:
        """Values at points x, y of shape (N, M, 2); zero outside."""
        x, y = np.moveaxis(points, -1, 0).astype(np.float32)
        return np.asarray(cv2.remap(self.values, x, y, cv2.INTER_LINEAR), dtype=float)

    def reach(self, profiles: Floats) -> Floats:
        """Where profiles of shape (N, M), from inside outwards, first cross the threshold.

        Zero where the first sample lies outside, M - 1 where none does.
        """
        is_out = profiles < self.threshold
        stop = np.where(is_out.any(axis=1), is_out.argmax(axis=1), profiles.shape[1] - 1)
        row = np.arange(len(profiles))
        inner, outer = profiles[row, np.maximum(stop - 1, 0)], profiles[row, stop]
        with np.errstate(divide="ignore", invalid="ignore"):
            part = np.clip((inner - self.threshold) / (inner - outer), 0, 1)
        return np.where(stop > 0, stop - 1 + np.where(inner > outer, part, 1), 0.0)


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
    path = longest_path(filled).astype(float)
    area, length = np.count_nonzero(filled), _length(path)
    half_width = max(area / (2 * length + 1), _LEAST_HALF_WIDTH)
    line, n_rounds = _smoothed(_evenly(path), half_width), _N_ROUNDS
    if length**2 < _SHORT * area:
        ends, elongation = _major_axis(component, plane)
        line = (ends - low) / step
        n_rounds = _N_ROUNDS if elongation > _STUBBY else 0
    line = _to_ends(_trimmed(line, half_width), page, half_width)
    for _ in range(n_rounds):
        line = _to_ends(_centred(_trimmed(line, half_width), page, half_width), page, half_width)
    _, turn = _arc(line)
    return MedialAxis(line * step + low, abs(turn) * _length(line), is_closed)


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
    is_small = is_hole & (stats[:, cv2.CC_STAT_AREA] < _SMALL_HOLE * np.count_nonzero(inside))
    return inside | is_small[labels], bool((is_hole & ~is_small).any())


def _major_axis(component: Component, plane: LocalPlane) -> tuple[Floats, float]:
    """Three points on the major axis, a standard deviation apart, and major over minor axis."""
    moments = second_moments(plane, component.points, component.weights)
    (minor, major), directions = np.linalg.eigh(moments)
    middle = plane.to_plane(component.centroid_xy[None])
    step = math.sqrt(major) * directions[:, 1]
    return middle + np.array([[-1], [0], [1]]) * step, math.sqrt(major / max(minor, 1 / 12))


def _steps(line: Floats) -> Floats:
    return np.asarray(np.hypot(*np.diff(line, axis=0).T))


def _length(line: Floats) -> float:
    return float(_steps(line).sum())


def _evenly(line: Floats, start: float = 0.0, stop: float = math.inf) -> Floats:
    """Points one sample apart, or three at least, from one place along a line to another."""
    along = np.append(0, np.cumsum(_steps(line)))
    stop = min(stop, along[-1])
    places = np.linspace(start, stop, max(math.ceil(stop - start) + 1, 3))
    return np.column_stack([np.interp(places, along, line[:, i]) for i in (0, 1)])


def _trimmed(line: Floats, half_width: float) -> Floats:
    """Take half a width off both ends, or a third of the line if that is less."""
    length = _length(line)
    cut = min(half_width, length / 3)
    return _evenly(line, cut, length - cut)


def _smoothed(values: Floats, sigma: float) -> Floats:
    """Smooth along the first axis; the ends go on as they came, so that they stay."""
    n = min(math.ceil(3 * sigma), len(values) - 1)
    before = 2 * values[0] - values[n:0:-1]
    after = 2 * values[-1] - values[-2 : -n - 2 : -1]
    longer = np.concatenate([before, values, after])
    return np.asarray(ndimage.gaussian_filter1d(longer, sigma, axis=0)[n : n + len(values)])


def _centred(line: Floats, page: _Page, half_width: float) -> Floats:
    """Move a line to the middle of the cuts across it."""
    tangent = np.gradient(line, axis=0)
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]]) / np.hypot(*tangent.T)[:, None]
    outwards = np.arange(math.ceil(2.5 * half_width + 4))[:, None]
    left, right = (
        page.reach(page.at(line[:, None] + sign * outwards * normal[:, None])) for sign in (1, -1)
    )
    shift = _smoothed((left - right) / 2, max(half_width, _LEAST_SMOOTHING))
    return np.asarray(line + shift[:, None] * normal)


def _arc(line: Floats) -> tuple[float, float]:
    """Direction at the end of a line, and change of direction per sample, as of a circle."""
    steps = np.diff(line, axis=0)
    direction = np.unwrap(np.arctan2(steps[:, 1], steps[:, 0]))
    length = _length(line)
    along = np.cumsum(_steps(line)) - _steps(line) / 2
    # With these weights the fit is that of a parabola to the points, and not to their steps.
    change, at_start = np.polyfit(along, direction, 1, w=np.sqrt(along * (length - along)))
    return float(at_start + change * length), float(change)


def _to_ends(line: Floats, page: _Page, half_width: float) -> Floats:
    """Lead a line on to where the piece ends."""
    last = _end_of(line, page, half_width)
    first = _end_of(line[::-1], page, half_width)
    return _evenly(np.concatenate([first[::-1], line, last]))


def _end_of(line: Floats, page: _Page, half_width: float) -> Floats:
    """Points from the last one of a line to the end of the piece, on the circle of its end."""
    n_fitted = max(round(3 * half_width), 4)
    direction, change = _arc(line[-n_fitted:])
    change = float(np.clip(change, -0.5 / half_width, 0.5 / half_width))
    onwards = np.arange(math.ceil(4 * half_width + 8))
    angle = direction + change * onwards
    steps = np.column_stack([np.cos(angle), np.sin(angle)])
    track = line[-1] + np.cumsum(steps, axis=0) - steps
    across = np.linspace(-_CORE, _CORE, 5)[:, None] * half_width
    normal = np.column_stack([-steps[:, 1], steps[:, 0]])
    profile = page.at(track[:, None] + across * normal[:, None]).mean(axis=1)
    reach = float(page.reach(profile[None])[0])
    places = np.append(np.arange(1, math.floor(reach) + 1), reach)
    return np.column_stack([np.interp(places, onwards, track[:, i]) for i in (0, 1)])
