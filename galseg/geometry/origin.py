"""Drawing programs count pixels from a corner, galseg from the centre of the first pixel.

In the corner convention (COCO, QuPath, every canvas) the first pixel covers 0 to 1 and its centre
is at 0.5; in galseg's it covers -0.5 to 0.5 and its centre is at 0.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

__all__ = ["from_corner_origin", "to_corner_origin"]


def from_corner_origin(geometry: BaseGeometry, *, flip_height: int | None = None) -> BaseGeometry:
    """Turn corner coordinates into galseg's.

    Parameters
    ----------
    geometry : shapely geometry
    flip_height : int, optional
        Height of the image, if its rows are counted from the other end.

    Returns
    -------
    shapely geometry

    Examples
    --------
    >>> from_corner_origin(shapely.Point(0.5, 0.5)).wkt
    'POINT (0 0)'
    >>> from_corner_origin(shapely.Point(0.5, 0.5), flip_height=10).wkt
    'POINT (0 9)'
    """
    return shapely.transform(geometry, lambda xy: _flipped(xy, flip_height) - 0.5)


def to_corner_origin(geometry: BaseGeometry, *, flip_height: int | None = None) -> BaseGeometry:
    """Turn galseg's coordinates into corner ones, the inverse of `from_corner_origin`.

    Examples
    --------
    >>> to_corner_origin(shapely.Point(0, 9), flip_height=10).wkt
    'POINT (0.5 0.5)'
    """
    return shapely.transform(geometry, lambda xy: _flipped(xy + 0.5, flip_height))


def _flipped(xy: NDArray[np.float64], height: int | None) -> NDArray[np.float64]:
    return xy if height is None else np.column_stack([xy[:, 0], height - xy[:, 1]])
