"""Box and convex hull of a mask's pixels."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["box_of", "convex_hull", "n_pixels_inside"]

Ints = NDArray[np.int64]


def box_of(mask: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Rows and columns that hold all pixels of a mask; empty for an empty one.

    Examples
    --------
    >>> box_of(np.array([[False, True, True], [False, False, False]]))
    (slice(0, 1, None), slice(1, 3, None))
    """
    x, y, width, height = cv2.boundingRect(mask.view(np.uint8))
    return slice(y, y + height), slice(x, x + width)


def convex_hull(mask: NDArray[np.bool_]) -> Ints:
    """Corners of the convex hull of the centres of a mask's pixels, in order.

    Parameters
    ----------
    mask : ndarray of bool, shape (h, w)
        Not empty.

    Returns
    -------
    ndarray of int, shape (N, 2)
        x, y; a single point for a single pixel.

    Examples
    --------
    >>> convex_hull(np.ones((1, 4), dtype=bool)).tolist()
    [[3, 0], [0, 0]]
    """
    rows = np.flatnonzero(mask.any(axis=1))
    first = mask.argmax(axis=1)[rows]
    last = mask.shape[1] - 1 - mask[:, ::-1].argmax(axis=1)[rows]
    ends = np.column_stack([np.concatenate([first, last]), np.tile(rows, 2)])
    return np.asarray(cv2.convexHull(ends.astype(np.int32)).reshape(-1, 2), dtype=np.int64)


def n_pixels_inside(corners: Ints) -> int:
    """Count the pixels whose centres lie in a convex polygon or on it.

    Parameters
    ----------
    corners : ndarray of int, shape (N, 2)
        In order.

    References
    ----------
    Pick, G. (1899), Sitzungsber. Lotos (Prag) 19, 311: the area of a polygon between points of a
    grid, from the points inside and on it.

    Examples
    --------
    >>> n_pixels_inside(np.array([[0, 0], [3, 0], [3, 2], [0, 2]]))
    12
    """
    steps = np.roll(corners, -1, axis=0) - corners
    twice_area = abs(int((corners[:, 0] * steps[:, 1] - corners[:, 1] * steps[:, 0]).sum()))
    n_on_outline = int(np.gcd(*steps.T).sum())
    return (twice_area + n_on_outline) // 2 + 1
