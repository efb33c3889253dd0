"""A map round the centre of a galaxy, in azimuth and radius, and its cuts along the radius."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from galseg.measure.evidence import Evidence
from galseg.measure.plane import LocalPlane

__all__ = ["Cuts", "PolarMap"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_SQUARE = np.ones((3, 3), np.uint8)
_RADIUS_STEP = 0.7  # pixels, of their mean size in the plane
_ARC_STEP = 1.4  # at the largest radius
_MIN_AZIMUTHS = 360
_SMOOTHING = 0.15  # of the width of the structure
_LEAST_SMOOTHING = 0.3  # pixels
_CORE = 0.7  # of the crest: where the middle of a cut is taken, and how low valleys are
_HALF = 0.5  # of the crest: where the thickness is taken
_RING_COVERAGE = 0.95  # of all azimuths
_RING_EVENNESS = 0.6  # of the highest value on the ring


@dataclass(frozen=True, eq=False)
class Cuts:
    """Stretches of radius that belong to a structure, by azimuth and outwards.

    Attributes
    ----------
    row : ndarray of int, shape (N,)
        Number of the azimuth.
    start, stop : ndarray of int, shape (N,)
        Samples about the crest, the stop excluded.
    radius, thickness : ndarray, shape (N,)
        Middle and length, in the unit of the plane.
    """

    row: Ints
    start: Ints
    stop: Ints
    radius: Floats
    thickness: Floats

    def __len__(self) -> int:
        return len(self.row)


_NO_CUTS = Cuts(*(np.zeros(0, dtype=np.int64),) * 3, *(np.zeros(0),) * 2)


@dataclass(frozen=True, eq=False)
class PolarMap:
    """A map sampled along rays from the origin of a plane.

    Attributes
    ----------
    values : ndarray of float32, shape (n_azimuths, n_radii)
        Freed of specks and smoothed in proportion to the width of what is there.
    threshold : float
        A sample belongs to the structure from here on.
    core : float
        Share of a crest above which a cut is taken for tracing; a mask has no crests.
    radius_step : float
        In the unit of the plane.
    """

    values: NDArray[np.float32]
    threshold: float
    core: float
    radius_step: float

    @classmethod
    def of(cls, evidence: Evidence, plane: LocalPlane) -> PolarMap:
        """Lay a map out; call only where its mask has any pixel."""
        y, x = np.nonzero(evidence.mask)
        pixel_size = math.sqrt(abs(float(np.linalg.det(plane.matrix))))
        reach = float(np.hypot(*plane.to_plane(np.column_stack([x, y])).T).max()) + 2 * pixel_size
        step, arc = _RADIUS_STEP * pixel_size, _ARC_STEP * pixel_size
        n_azimuths = max(_MIN_AZIMUTHS, math.ceil(2 * math.pi * reach / arc))
        azimuth = np.arange(n_azimuths) * (2 * math.pi / n_azimuths)
        radius = np.arange(0, reach, step, dtype=np.float32)
        rays = np.column_stack([np.cos(azimuth), np.sin(azimuth)]) @ plane.inverse.T
        origin, rays = plane.origin_xy.astype(np.float32), rays.astype(np.float32)
        map_x, map_y = (origin[i] + rays[:, i, None] * radius for i in (0, 1))
        values = cv2.remap(_cleaned(evidence), map_x, map_y, cv2.INTER_LINEAR)
        return cls(values, evidence.threshold, _HALF if evidence.is_mask else _CORE, step)

    @property
    def azimuth_step(self) -> float:
        """In radians."""
        return 2 * math.pi / len(self.values)

    def cuts(self) -> tuple[Cuts, bool]:
        """Cut the structure along every ray, and where a valley parts two crests.

        Cuts that hold the centre are left out, and those that touch a band of radius which is
        filled nearly all the way round.

        Returns
        -------
        cuts : Cuts
        has_ring : bool
            Whether there was such a band.
        """
        in_ring = _ring_bands(self.values, self.threshold)
        filled = self.values >= np.float32(self.threshold)
        filled[:, -1] = False  # so that no cut runs on into the next ray
        profile, width = self.values.ravel().astype(float), filled.shape[1]
        first, last = _edges(filled.ravel())
        first, last = _parted(profile, first, last)
        if not len(first):
            return _NO_CUTS, bool(in_ring.any())
        samples = _Samples.of(profile, first, last)
        crest = np.maximum.reduceat(samples.height, samples.opens)
        core = _Stretches.above(samples, np.maximum(self.core * crest, self.threshold))
        whole = _Stretches.above(samples, np.maximum(_HALF * crest, self.threshold))
        row, start = np.divmod(core.first, width)
        stop = start + core.last - core.first
        ring_before = np.append(0, np.cumsum(in_ring))
        kept = (start > 0) & (ring_before[stop] == ring_before[start])
        cuts = Cuts(
            row[kept],
            start[kept],
            stop[kept],
            ((core.inner + core.outer) / 2 - row * width)[kept] * self.radius_step,
            (whole.outer - whole.inner)[kept] * self.radius_step,
        )
        return cuts, bool(in_ring.any())

    def covered_share(self, azimuth: Floats, radius: Floats) -> float:
        """Share of points that lie in the structure."""
        row = np.rint(azimuth / self.azimuth_step).astype(int) % len(self.values)
        column = np.rint(radius / self.radius_step).astype(int)
        sampled = self.values[row, column.clip(0, self.values.shape[1] - 1)]
        return float((sampled >= self.threshold).mean())


class _Samples(NamedTuple):
    """Samples of a profile that lie in stretches, one stretch after the other.

    Attributes
    ----------
    profile : ndarray
        All of it.
    place : ndarray of int, shape (N,)
        In the profile.
    number : ndarray of int, shape (N,)
        Of the stretch.
    height : ndarray, shape (N,)
        Of the profile.
    opens : ndarray of int
        Of each stretch, its first among these samples.
    """

    profile: Floats
    place: Ints
    number: Ints
    height: Floats
    opens: Ints

    @classmethod
    def of(cls, profile: Floats, first: Ints, last: Ints) -> _Samples:
        """Take all samples of stretches, the last one excluded."""
        length = last - first
        opens = np.cumsum(length) - length
        number = np.repeat(np.arange(len(first)), length)
        place = np.arange(len(number)) + (first - opens)[number]
        return cls(profile, place, number, profile[place], opens)


class _Stretches(NamedTuple):
    """Stretches of a profile: their samples, and their ends between samples."""

    first: Ints
    last: Ints
    inner: Floats
    outer: Floats

    @classmethod
    def above(cls, samples: _Samples, level: Floats) -> _Stretches:
        """Narrow stretches to what lies between the first and the last sample at a level."""
        profile, place, number, height, opens = samples
        stands = height >= level[number]
        start = np.minimum.reduceat(np.where(stands, place, len(profile)), opens)
        end = np.maximum.reduceat(np.where(stands, place, -1), opens)
        inner = start - _share_below(profile[start], profile[np.maximum(start - 1, 0)], level)
        outer = end + _share_below(profile[end], profile[end + 1], level)
        return cls(start, end + 1, inner, outer)


def _share_below(inside: Floats, outside: Floats, level: Floats) -> Floats:
    """Part of the step from a sample to its neighbour after which the profile is below a level."""
    fall = inside - outside
    share = np.divide(inside - level, fall, where=fall > 0, out=np.ones(len(level)))
    return np.minimum(share, 1.0)


def _cleaned(evidence: Evidence) -> NDArray[np.float32]:
    """Take specks away, unless that takes most, and smooth in proportion to the width."""
    cleaned = cv2.medianBlur(evidence.values, 3)
    mask = cleaned >= np.float32(evidence.threshold)
    n_pixels = np.count_nonzero(mask)
    if 2 * n_pixels < np.count_nonzero(evidence.mask):
        return evidence.values
    core = cv2.erode(mask.astype(np.uint8), _SQUARE, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    width = 2 * n_pixels / (n_pixels - np.count_nonzero(core))
    sigma = _SMOOTHING * width
    if sigma < _LEAST_SMOOTHING:
        return np.asarray(cleaned)
    return np.asarray(cv2.GaussianBlur(cleaned, (0, 0), sigma))


def _ring_bands(values: NDArray[np.float32], threshold: float) -> NDArray[np.bool_]:
    """Radii where the map stands nearly all the way round, those about the centre left out."""
    level = np.maximum(_RING_EVENNESS * values.max(axis=0), np.float32(threshold))
    full = (values >= level).mean(axis=0) >= _RING_COVERAGE
    full[: int(np.argmin(full))] = False
    return np.asarray(full)


def _edges(filled: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    change = np.diff(filled.astype(np.int8), prepend=0, append=0)
    return np.flatnonzero(change == 1), np.flatnonzero(change == -1)


def _parted(profile: Floats, first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Part stretches at valleys, where both sides hold crests that stand much higher."""
    _, place, number, height, _ = _Samples.of(profile, first, last)
    apart = 2 * number
    before = np.maximum.accumulate(height + apart) - apart
    after = np.maximum.accumulate((height - apart)[::-1])[::-1] + apart
    stands = np.zeros(len(profile), dtype=bool)
    stands[place] = height >= _CORE * np.minimum(before, after)
    return _edges(stands)
