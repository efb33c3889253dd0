"""From the wide range of a galaxy image to 0 to 1, for eyes and for networks."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from galseg.errors import ConfigError, ShapeError

__all__ = ["asinh_stretch", "sky_and_noise"]

_SIGMA_PER_MAD = 1.4826
_BORDER = 0.1  # share of the side whose pixels tell sky and noise
_ENOUGH = 16  # pixels to tell them from
_ROUNDING = 1e-6  # of the level, within which float32 pixels of an even image scatter
_LEAST_SOFTENING = 1e-3  # of the range, for images without noise


def asinh_stretch(
    image: ArrayLike, *, softening: float = 3.0, high_percentile: float = 99.8
) -> NDArray[np.float32]:
    """Stretch an image linearly near the noise and logarithmically above it.

    The sky and its noise come from the median and the median absolute deviation of the outer
    tenth of the image, each band for itself, so that the same galaxy looks the same in any units.

    Parameters
    ----------
    image : array_like, shape (ny, nx) or (bands, ny, nx)
        Any real numbers; NaN and infinities are missing.
    softening : float, optional
        Noise standard deviations above the sky at which the stretch turns logarithmic; infinite,
        it stays linear.
    high_percentile : float, optional
        Percentile of the image that becomes 1.

    Returns
    -------
    ndarray of float32, same shape
        0 (one standard deviation below the sky, and missing pixels) to 1.

    Raises
    ------
    ShapeError
        If the image has neither two nor three axes, or is empty.
    ConfigError
        If the softening is not positive or the percentile is outside (0, 100].

    References
    ----------
    Lupton, R. et al. (2004), PASP 116, 133, doi:10.1086/382245: the asinh stretch.

    Examples
    --------
    >>> y, x = np.mgrid[-20:21, -20:21]
    >>> galaxy = np.exp(-np.hypot(x, y) / 4)
    >>> stretched = asinh_stretch(galaxy)
    >>> float(stretched.min()), float(stretched.max())
    (0.0, 1.0)
    >>> bool(np.allclose(stretched, asinh_stretch(500 + 30 * galaxy), atol=1e-3))
    True
    """
    pixels = np.asarray(image)
    if pixels.dtype != np.float32:
        pixels = pixels.astype(np.float64, copy=False)
    if pixels.ndim not in (2, 3) or pixels.size == 0:
        raise ShapeError(f"an image has shape (ny, nx) or (bands, ny, nx), got {pixels.shape}")
    if not softening > 0 or not 0 < high_percentile <= 100:
        raise ConfigError(
            "softening must be positive and high_percentile in (0, 100], got "
            f"{softening} and {high_percentile}"
        )
    if pixels.ndim == 3:
        bands = [_stretch_band(band, softening, high_percentile) for band in pixels]
        return np.stack(bands)
    return _stretch_band(pixels, softening, high_percentile)


def _stretch_band(
    band: NDArray[np.floating], softening: float, high_percentile: float
) -> NDArray[np.float32]:
    finite = np.isfinite(band)
    if not finite.any():
        return np.zeros(band.shape, dtype=np.float32)
    values = band.astype(np.float64)
    sky, noise = sky_and_noise(values, finite)
    low = sky - noise
    seen = band.ravel() if finite.all() else band[finite]
    high = _quantile(seen, high_percentile / 100)  # in float32 if it can be: half the time
    span = high - low
    if not span > _ROUNDING * abs(high):
        return np.zeros(band.shape, dtype=np.float32)
    values -= low
    values[~finite] = 0
    np.clip(values, 0, span, out=values)
    if np.isinf(softening):
        values /= span
    else:
        turn = max(softening * noise, _LEAST_SOFTENING * span)
        values /= turn
        np.arcsinh(values, out=values)
        values /= np.arcsinh(span / turn)
    return values.astype(np.float32)


def sky_and_noise(band: NDArray[np.float64], finite: NDArray[np.bool_]) -> tuple[float, float]:
    """Return the sky and its standard deviation, from the outer tenth of a band.

    Parameters
    ----------
    band : ndarray, shape (ny, nx)
    finite : ndarray of bool, shape (ny, nx)
        Which of its pixels count; at least one.
    """
    ny, nx = band.shape
    depth_y, depth_x = max(1, round(ny * _BORDER)), max(1, round(nx * _BORDER))
    border = finite.copy()
    border[depth_y : ny - depth_y, depth_x : nx - depth_x] = False
    values = band[border]
    if values.size < _ENOUGH:
        values = band[finite]
    sky = _median(values)
    return sky, _SIGMA_PER_MAD * _median(np.abs(values - sky))


def _median(values: NDArray[np.floating]) -> float:
    """Return `numpy.median` of finite values in a third of its time."""
    middle = values.size // 2
    parted = np.partition(values, middle)
    upper = parted[middle]
    return float(upper if values.size % 2 else (parted[:middle].max() + upper) / 2)


def _quantile(values: NDArray[np.floating], share: float) -> np.float64:
    """Return `numpy.quantile` of finite values in a third of its time."""
    place = share * (values.size - 1)
    below = int(place)
    parted = np.partition(values, below)
    lower, t = np.float64(parted[below]), place - below
    if t == 0:
        return lower
    upper = np.float64(parted[below + 1 :].min())
    return lower + (upper - lower) * t if t < 0.5 else upper - (upper - lower) * (1 - t)
