"""Solid angles of pixels, summed over any region of an image."""

from __future__ import annotations

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import ArrayLike, NDArray

from galseg.celestial import directions_of
from galseg.errors import FrameError
from galseg.frame import ImageFrame

__all__ = ["solid_angle_arcsec2"]

Floats = NDArray[np.float64]

_N_NODES = 5  # along each side of the region's box: exact for distortions up to the fourth order
_NODES = chebyshev.chebpts1(_N_NODES)
_TO_COEFFICIENTS = np.linalg.inv(chebyshev.chebvander(_NODES, _N_NODES - 1))
_ARCSEC2 = float(np.degrees(1) * 3600) ** 2


def solid_angle_arcsec2(
    shares: ArrayLike, *, frame: ImageFrame, origin_xy: ArrayLike = (0, 0)
) -> float:
    """Integrate a map over the solid angle of its pixels.

    The size of a pixel on the sky is found through the full WCS at 25 places of the map's box and
    interpolated between them, so that distortions and wide fields cost no more than a plain scale.

    Parameters
    ----------
    shares : array_like, shape (h, w)
        Of each pixel, 0 to 1, for the solid angle of a region; any map per solid angle for its
        integral. Bools count as zeros and ones.
    frame : ImageFrame
    origin_xy : array_like of int, shape (2,), optional
        Pixel of the frame on which the map's first one lies.

    Returns
    -------
    float
        NaN without a WCS.

    Raises
    ------
    FrameError
        If a part of the map's box has no place on the sky.

    Examples
    --------
    >>> solid_angle_arcsec2(np.ones((3, 4)), frame=ImageFrame((8, 8)))
    nan
    """
    if not frame.has_sky:
        return float("nan")
    weights = np.asarray(shares, dtype=float)
    coefficients = _TO_COEFFICIENTS @ _pixel_sizes(weights.shape, frame, origin_xy)
    rows, columns = (chebyshev.chebvander(_unit_range(n), _N_NODES - 1) for n in weights.shape)
    return float(np.sum((rows.T @ weights @ columns) * (coefficients @ _TO_COEFFICIENTS.T)))


def _pixel_sizes(shape: tuple[int, ...], frame: ImageFrame, origin_xy: ArrayLike) -> Floats:
    """Solid angles of pixels about the nodes, shape (nodes in y, nodes in x)."""
    y, x = ((_NODES + 1) * n / 2 - 0.5 for n in shape)
    nodes = np.stack(np.meshgrid(x, y), axis=-1) + np.asarray(origin_xy, dtype=float)
    steps = 0.5 * np.array([[1, 0], [-1, 0], [0, 1], [0, -1], [0, 0]])
    points = (nodes + steps[:, None, None]).reshape(-1, 2)
    directions = directions_of(frame.to_radec_deg(points))
    if not np.isfinite(directions).all():
        raise FrameError(
            f"the WCS has no finite pixel size everywhere in the box of {shape[1]} x {shape[0]} "
            f"pixels from x, y = {np.asarray(origin_xy).tolist()}; mask what lies off the sky"
        )
    right, left, up, down, middle = directions.reshape(5, _N_NODES, _N_NODES, 3)
    volumes = np.linalg.det(np.stack([right - left, up - down, middle], axis=-1))
    return np.asarray(np.abs(volumes) * _ARCSEC2)


def _unit_range(n: int) -> Floats:
    """Pixel centres of a side, from -1 to 1 at its outer edges."""
    return np.asarray((2 * np.arange(n) + 1) / n - 1)
