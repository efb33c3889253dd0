"""What a survey keeps of the maps of a galaxy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from galseg.geometry.rle import encode_rle
from galseg.imaging.png import encode_png

__all__ = ["encode_mask", "encode_probability"]

_LEVELS = 254  # above the one of level 0, which says that nothing is known


def encode_mask(probability: NDArray[np.float32], *, threshold: float) -> str:
    """Pack the pixels at or above a threshold into COCO's compressed run lengths.

    Parameters
    ----------
    probability : ndarray, shape (ny, nx)
        NaN where nothing is known, which is outside the mask.
    threshold : float

    Returns
    -------
    str
        What COCO calls ``counts``; the array's rows as they are.

    Examples
    --------
    >>> encode_mask(np.float32([[0.1, 0.6, 0.9], [np.nan, 0.2, 0.7]]), threshold=0.5)
    '2111'
    """
    counts: str = encode_rle(probability >= threshold)["counts"]
    return counts


def encode_probability(probability: NDArray[np.float32]) -> bytes:
    """Write a map as a PNG file of 8-bit grey, first row the top of the image.

    Parameters
    ----------
    probability : ndarray, shape (ny, nx)
        0 to 1, NaN where nothing is known.

    Returns
    -------
    bytes
        Level 0 where nothing is known, otherwise 1 + 254 times the probability, rounded to the
        nearest (halves to the even one): off by at most 0.002.

    Examples
    --------
    >>> encode_probability(np.float32([[0, 1], [np.nan, 0.5]]))[1:4]
    b'PNG'
    """
    levels = np.nan_to_num(np.rint(probability * _LEVELS) + 1, nan=0)
    return encode_png(np.ascontiguousarray(levels[::-1].astype(np.uint8)))
