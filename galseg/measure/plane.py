"""The sky round a point as a flat page: west to the right, north up."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from galseg.errors import FrameError
from galseg.frame import ImageFrame

__all__ = ["LocalPlane", "as_seen", "pixels_of", "position_angle_deg", "separation_arcsec"]

Floats = NDArray[np.float64]

_EAST_TO_LEFT = np.array([-1.0, 1.0])
_MAX_STEPS = 20
_SETTLED_PIX = 1e-9


def as_seen(frame: ImageFrame, xy: ArrayLike, origin_xy: ArrayLike) -> Floats:
    """Offsets from an origin as the sky is seen, through the full WCS.

    Parameters
    ----------
    frame : ImageFrame
    xy : array_like, shape (N, 2)
        Pixels.
    origin_xy : array_like, shape (2,)
        Pixel at the origin.

    Returns
    -------
    ndarray, shape (N, 2)
        Right (west) and up (north) in arcsec; without a WCS the pixel offsets themselves.
    """
    if not frame.has_sky:
        return np.asarray(np.subtract(xy, origin_xy), dtype=float)
    return np.asarray(frame.to_offsets_arcsec(xy, origin_xy) * _EAST_TO_LEFT)


def pixels_of(frame: ImageFrame, seen: ArrayLike, origin_xy: ArrayLike) -> Floats:
    """Find the pixels of points of `as_seen`, its inverse through the full WCS, shape (N, 2).

    Raises
    ------
    FrameError
        If the WCS has no finite pixel size at the origin.
    """
    points = np.asarray(seen, dtype=float)
    plane = LocalPlane.at(frame, origin_xy)
    unit = plane.unit_arcsec if frame.has_sky else 1.0
    xy = plane.to_pixel(points / unit)
    for _ in range(_MAX_STEPS if frame.has_sky else 0):
        step = plane.to_pixel((points - as_seen(frame, xy, origin_xy)) / unit) - plane.origin_xy
        xy = xy + step
        if np.abs(step).max(initial=0) < _SETTLED_PIX:
            break
    return xy


def separation_arcsec(start: ArrayLike, end: ArrayLike) -> float:
    """Great-circle distance between two points of `as_seen`, in arcsec."""
    (ax, ay), (bx, by) = (np.radians(np.divide(p, 3600)) for p in (start, end))
    cross = math.hypot(ay - by, bx - ax, ax * by - ay * bx)
    return math.degrees(math.atan2(cross, ax * bx + ay * by + 1)) * 3600


def position_angle_deg(direction: ArrayLike) -> float:
    """Position angle of a direction of `as_seen`, north through east, [0, 180)."""
    right, up = np.asarray(direction, dtype=float)
    angle = math.degrees(math.atan2(-right, up)) % 180.0
    return angle if angle < 180.0 else 0.0  # -1e-20 % 180 is 180


@dataclass(frozen=True, eq=False)
class LocalPlane:
    """The linear part of `as_seen` near a point, in units of a pixel's mean size there.

    Good for deciding directions and which pixels belong together, on any sheared, mirrored or
    oblong pixels; lengths that are published go through the full WCS.

    Attributes
    ----------
    origin_xy : ndarray, shape (2,)
        The pixel that lies at (0, 0).
    matrix : ndarray, shape (2, 2)
        From pixel offsets to the plane.
    unit_arcsec : float
        Length of the plane's unit; NaN without a WCS.
    """

    origin_xy: Floats
    matrix: Floats
    unit_arcsec: float

    @classmethod
    def at(cls, frame: ImageFrame, origin_xy: ArrayLike) -> LocalPlane:
        """Flatten the sky round a pixel.

        Raises
        ------
        FrameError
            If the WCS has no finite pixel size there.
        """
        origin = np.asarray(origin_xy, dtype=float)
        if not frame.has_sky:
            return cls(origin, np.eye(2), float("nan"))
        steps = origin + 0.5 * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
        seen = as_seen(frame, steps, origin)
        matrix = np.column_stack([seen[0] - seen[1], seen[2] - seen[3]])
        (a, b), (c, d) = matrix.tolist()
        unit = math.sqrt(abs(a * d - b * c))
        if not (math.isfinite(unit) and unit > 0):
            raise FrameError(f"the WCS has no finite pixel size at x, y = {origin.tolist()}")
        return cls(origin, matrix / unit, unit)

    def stretched(self, stretch: Floats) -> LocalPlane:
        """Carry the plane on by another linear map, shape (2, 2), for example into a disc."""
        return LocalPlane(self.origin_xy, stretch @ self.matrix, self.unit_arcsec)

    @cached_property
    def inverse(self) -> Floats:
        """From the plane to pixel offsets, shape (2, 2)."""
        (a, b), (c, d) = self.matrix.tolist()
        return np.asarray(np.array([[d, -b], [-c, a]]) / (a * d - b * c))

    def to_plane(self, xy: ArrayLike) -> Floats:
        """Transform pixels to the plane, shape (N, 2)."""
        return np.asarray((np.asarray(xy, dtype=float) - self.origin_xy) @ self.matrix.T)

    def to_pixel(self, points: ArrayLike) -> Floats:
        """Transform points of the plane to pixels, shape (N, 2)."""
        return np.asarray(np.asarray(points, dtype=float) @ self.inverse.T + self.origin_xy)
