"""The measured logarithmic spiral of an arm, back on the pixels of its image."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from galseg.frame import ImageFrame
from galseg.measure import ArmMeasurement
from galseg.measure.plane import as_seen, pixels_of

__all__ = ["spiral_xy"]

Floats = NDArray[np.float64]

_POINTS_PER_TURN = 180


def spiral_xy(
    arm: ArmMeasurement,
    *,
    frame: ImageFrame,
    centre_xy: tuple[float, float],
    disc: Floats | None,
) -> Floats:
    """Draw ``r = r0 exp(azimuth tan(pitch))`` with the pitch angle and the winding of an arm.

    Its ends lie at the azimuths of the ends of the ridge, and r0 where half of the ridge is
    outside and half inside, so that the curve shows whether the numbers fit the arm.

    Parameters
    ----------
    arm : ArmMeasurement
    frame : ImageFrame
    centre_xy : tuple of float
        Centre that the arm was measured round, in pixels.
    disc : ndarray, shape (2, 2), or None
        Disc that it was measured in; see `galseg.measure.host.disc_stretch`.

    Returns
    -------
    ndarray, shape (N, 2)
        Pixels, from the inner end to the outer.
    """
    points = as_seen(frame, arm.ridge_xy, centre_xy)
    if disc is not None:
        points = points @ disc.T
    azimuth = np.unwrap(np.arctan2(points[:, 1], points[:, 0]))
    log_r = np.log(np.hypot(*points.T))
    slope = math.tan(math.radians(arm.pitch_angle_deg))
    if arm.winding == "S" or (not arm.winding and _falls(azimuth, log_r)):
        slope = -slope
    start, end = azimuth.min(), azimuth.max()
    along = np.linspace(start, end, 2 + math.ceil((end - start) / (2 * math.pi) * _POINTS_PER_TURN))
    radius = np.exp(np.median(log_r - slope * azimuth) + slope * along)
    curve = radius[:, None] * np.column_stack([np.cos(along), np.sin(along)])
    if disc is not None:
        curve = curve @ np.linalg.inv(disc).T
    return pixels_of(frame, curve if slope > 0 else curve[::-1], centre_xy)


def _falls(azimuth: Floats, log_r: Floats) -> bool:
    return bool(np.cov(azimuth, log_r)[0, 1] < 0)
