"""The size of a galaxy from its light."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from galseg.errors import ShapeError
from galseg.imaging.stretch import sky_and_noise

__all__ = ["petrosian_radius"]

_ETA = 0.2  # of the SDSS
_RINGS = 60
_INNERMOST, _RING_RATIO = 0.8, 1.25  # SDSS: light in a ring from 0.8 to 1.25 radii


def petrosian_radius(image: ArrayLike) -> float:
    """Find where a galaxy's light has fallen to a fifth of its mean within.

    Rings and circles are about the centre of the image. The radius depends on neither distance
    nor dimming, and hardly on depth.

    Parameters
    ----------
    image : array_like, shape (ny, nx)
        Linear in the light; NaN where nothing was observed.

    Returns
    -------
    float
        In pixels; NaN where the light nowhere falls that low, or there is none.

    Raises
    ------
    ShapeError
        If the image does not have two axes, or is empty.

    References
    ----------
    Blanton, M. R. et al. (2001), AJ 121, 2358, doi:10.1086/320405, for the ratio and the rings.

    Examples
    --------
    An exponential disc falls to a fifth at 3.5 scale lengths with these rings:

    >>> y, x = np.mgrid[-100:101, -100:101]
    >>> round(petrosian_radius(np.exp(-np.hypot(x, y) / 10)), 0)
    35.0
    """
    pixels = np.asarray(image, dtype=np.float64)
    if pixels.ndim != 2 or pixels.size == 0:
        raise ShapeError(f"an image has shape (ny, nx), got {pixels.shape}")
    seen = np.isfinite(pixels)
    if not seen.any():
        return np.nan
    sky, _ = sky_and_noise(pixels, seen)
    y, x = np.nonzero(seen)
    distance = np.hypot(y - (pixels.shape[0] - 1) / 2, x - (pixels.shape[1] - 1) / 2)
    return _where_fallen(distance, pixels[seen] - sky, largest=min(pixels.shape) / 2)


def _where_fallen(
    distance: NDArray[np.float64], light: NDArray[np.float64], *, largest: float
) -> float:
    order = np.argsort(distance)
    sorted_distance = distance[order]
    total = np.concatenate([[0.0], np.cumsum(light[order])])

    def mean_within(inner: NDArray[np.float64], outer: NDArray[np.float64]) -> NDArray[np.float64]:
        first, last = (np.searchsorted(sorted_distance, edge) for edge in (inner, outer))
        return np.asarray((total[last] - total[first]) / np.maximum(last - first, 1))

    radii = np.geomspace(1.5, max(largest / _RING_RATIO, 1.6), _RINGS)
    within = mean_within(np.zeros_like(radii), radii)
    ratio = np.divide(
        mean_within(_INNERMOST * radii, _RING_RATIO * radii),
        within,
        out=np.full_like(radii, np.nan),
        where=within > 0,
    )
    fallen = np.flatnonzero(ratio <= _ETA)
    if fallen.size == 0 or fallen[0] == 0:
        return np.nan
    k = fallen[0]
    share = (ratio[k - 1] - _ETA) / (ratio[k - 1] - ratio[k])
    return float(radii[k - 1] + share * (radii[k] - radii[k - 1]))
