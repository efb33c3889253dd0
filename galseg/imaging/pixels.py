"""The numbers of an image in the one type that everything here computes with."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from galseg.errors import ShapeError

__all__ = ["as_pixels"]

Pixels = NDArray[np.float32]

_LOSS = 1e-3  # of the scatter of the pixels, that rounding may cost
_ENOUGH = 1_000_000  # pixels to tell it from


def as_pixels(values: NDArray[np.generic]) -> Pixels:
    """Turn the numbers of an image into float32, or say why they do not fit.

    Parameters
    ----------
    values : ndarray
        Of any real number type and byte order; a masked array too.

    Returns
    -------
    ndarray of float32, same shape
        A copy; NaN where masked or infinite.

    Raises
    ------
    ShapeError
        If they are not real numbers, or would lose what they show: too large for float32, too
        small, or nearly alike on top of a large constant.

    Examples
    --------
    >>> as_pixels(np.ma.masked_equal([[3, -99]], -99))
    array([[ 3., nan]], dtype=float32)
    """
    if values.dtype.kind not in "iuf":
        raise ShapeError(f"an image holds real numbers, got {values.dtype}")
    if isinstance(values, np.ma.MaskedArray):
        values = np.ma.filled(values.astype(np.promote_types(values.dtype, np.float32)), np.nan)
    with np.errstate(over="ignore"):
        pixels = np.array(values, dtype=np.float32)
    if not np.can_cast(values.dtype, np.float32) and _loses(values, pixels):
        raise ShapeError(
            f"the values of the image, {np.nanmin(values)} to {np.nanmax(values)}, do not fit "
            "float32; subtract a constant or change the unit"
        )
    pixels[~np.isfinite(pixels)] = np.nan
    return pixels


def _loses(values: NDArray[np.generic], pixels: Pixels) -> bool:
    step = max(1, values.size // _ENOUGH)
    some, kept = (array.reshape(-1)[::step].astype(np.float64) for array in (values, pixels))
    some, kept = some[np.isfinite(some)], kept[np.isfinite(some)]
    if not np.isfinite(kept).all():
        return True
    if some.size == 0 or np.ptp(some) == 0:
        return False
    return bool(np.abs(kept - some).mean() > _LOSS * some.std())
