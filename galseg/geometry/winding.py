"""What a freehand stroke encloses."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry import MultiPolygon, Polygon

from galseg.errors import ShapeError

__all__ = ["enclosed_by_stroke", "winding_number"]


def winding_number(ring: ArrayLike, xy: ArrayLike) -> NDArray[np.int64]:
    """Count how often a closed line goes round points.

    Parameters
    ----------
    ring : array_like, shape (N, 2)
        Vertices x, y; the last is joined to the first.
    xy : array_like, shape (M, 2)
        Points, none of them on the line.

    Returns
    -------
    ndarray of int, shape (M,)
        Positive anticlockwise with y up; zero outside.

    References
    ----------
    Sunday, D. (2001), "Inclusion of a Point in a Polygon".

    Examples
    --------
    >>> pentagram = [(np.sin(a), np.cos(a)) for a in np.arange(5) * 0.8 * np.pi]
    >>> winding_number(pentagram, [[0, 0], [2, 0]])
    array([-2,  0])
    """
    start = np.asarray(ring, dtype=float)
    end = np.roll(start, -1, axis=0)
    x, y = np.asarray(xy, dtype=float).T[..., None]
    left = (end[:, 0] - start[:, 0]) * (y - start[:, 1]) - (x - start[:, 0]) * (
        end[:, 1] - start[:, 1]
    )
    upward = (start[:, 1] <= y) & (end[:, 1] > y) & (left > 0)
    downward = (start[:, 1] > y) & (end[:, 1] <= y) & (left < 0)
    return np.asarray(upward.sum(axis=1) - downward.sum(axis=1))


def enclosed_by_stroke(xy: ArrayLike) -> Polygon | MultiPolygon:
    """Area that a closed freehand stroke winds round at least once.

    A stroke that crosses itself encloses what its nonzero winding does: the even-odd rule, and
    with it `shapely.make_valid`, would cut the middle out of a pentagram.

    Parameters
    ----------
    xy : array_like, shape (N, 2)
        Vertices of the stroke, finite, at least three different ones; the last is joined to the
        first.

    Returns
    -------
    shapely.Polygon or shapely.MultiPolygon
        Valid; empty if the stroke encloses nothing.

    Raises
    ------
    ShapeError
        If `xy` is not (N, 2), or not finite.

    Examples
    --------
    >>> pentagram = [(np.sin(a), np.cos(a)) for a in np.arange(5) * 0.8 * np.pi]
    >>> enclosed_by_stroke(pentagram).contains(shapely.Point(0, 0))
    True
    """
    points = np.asarray(xy, dtype=float)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ShapeError(f"a stroke must have shape (N, 2), got {points.shape}")
    if not np.isfinite(points).all():
        raise ShapeError("a stroke must be finite; drop or reject vertices that are not")
    if len(points) < 3:
        return Polygon()
    simple = Polygon(points)
    if simple.is_valid:
        return simple
    lines = shapely.node(shapely.linearrings(np.vstack([points, points[:1]])))
    faces = shapely.get_parts(shapely.polygonize([lines]))
    if len(faces) == 0:
        return Polygon()
    inside = shapely.get_coordinates(shapely.point_on_surface(faces))
    enclosed = shapely.union_all(faces[winding_number(points, inside) != 0])
    return enclosed if isinstance(enclosed, Polygon | MultiPolygon) else Polygon()
