"""Bands along a curve, rounded off at both ends."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["end_taper", "ribbon"]

Floats = NDArray[np.float64]

_SHARPNESS = 8


def end_taper(along: Floats) -> Floats:
    """Width of a ribbon relative to its full one, 1 in the middle, 0 at both ends.

    Parameters
    ----------
    along : ndarray
        Place on the ribbon, 0 at one end, 1 at the other.

    Examples
    --------
    >>> end_taper(np.array([0.0, 0.1, 0.5, 1.0])).round(2)
    array([0.  , 0.91, 1.  , 0.  ])
    """
    return np.asarray(np.sqrt((1 - np.abs(2 * along - 1) ** _SHARPNESS).clip(0)))


def ribbon(line: Floats, *, half_width: Floats | float) -> Floats:
    """Outline of a band along a curve.

    Parameters
    ----------
    line : ndarray, shape (N, 2)
        The curve, which bends less sharply than the band is wide.
    half_width : ndarray, shape (N,), or float
        Distance of the edges from the curve where `end_taper` is 1.

    Returns
    -------
    ndarray, shape (2 N - 2, 2)
        Out along one edge and back along the other; the ends are the curve's own.
    """
    tangent = np.gradient(line, axis=0)
    normal = np.column_stack([-tangent[:, 1], tangent[:, 0]])
    normal /= np.hypot(*tangent.T)[:, None]
    width = half_width * end_taper(np.linspace(0, 1, len(line)))
    offset = normal * width[:, None]
    return np.vstack([line + offset, (line - offset)[-2:0:-1]])
