"""The area that a mark covers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from galseg.errors import ShapeError

__all__ = ["mark_areas"]

_AREA_DIMENSION = 2


def mark_areas(marks: pd.DataFrame) -> list[BaseGeometry]:
    """Turn marks into areas: lines and points get the width they were drawn with.

    A line becomes the band of pixels within half its width, cut off square at both ends, so that
    its length stays what was drawn; its bends are round. A point becomes a disc.

    Parameters
    ----------
    marks : pandas.DataFrame
        With the columns ``geometry`` and ``line_width_pix`` of `AnnotationSet.marks`.

    Returns
    -------
    list of shapely geometries
        In the order of the marks, in image pixels.

    Raises
    ------
    ShapeError
        If a line or a point has no width.

    Examples
    --------
    >>> line = shapely.LineString([(0, 0), (10, 0)])
    >>> marks = pd.DataFrame({"geometry": [line], "line_width_pix": [3.0]})
    >>> mark_areas(marks)[0].bounds
    (0.0, -1.5, 10.0, 1.5)
    """
    areas = marks["geometry"].to_numpy(dtype=object, copy=True)
    width_pix = marks["line_width_pix"].to_numpy(dtype=np.float64)
    has_width = width_pix > 0
    thin = ~has_width & (shapely.get_dimensions(areas) < _AREA_DIMENSION)
    if thin.any():
        first = int(np.argmax(thin))
        raise ShapeError(
            f"mark {first} is a {areas[first].geom_type} with line_width_pix "
            f"{width_pix[first]}; a line or a point needs a positive width to cover any pixel"
        )
    is_point = shapely.get_dimensions(areas) == 0
    for chosen, cap_style in ((has_width & is_point, "round"), (has_width & ~is_point, "flat")):
        areas[chosen] = shapely.buffer(areas[chosen], width_pix[chosen] / 2, cap_style=cap_style)
    return list(areas)
