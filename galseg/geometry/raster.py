"""Polygons to pixels: a pixel belongs to a polygon when its centre lies inside.

A centre on the boundary (to 1e-9 pixel) is outside, as in `shapely.contains_xy`. Work is done on
spans, runs of pixels in a row, so that the cost follows the length of the outlines and not the
area of the image.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray
from shapely.geometry.base import BaseGeometry

from galseg.errors import ShapeError

__all__ = ["Spans", "polygon_mask", "spans_of", "votes_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_ON_BOUNDARY = 1e-9


@dataclass(frozen=True, eq=False)
class Spans:
    """Runs of pixels: ``image[row, start:stop]``, each belonging to an item.

    Attributes
    ----------
    item, row, start, stop : ndarray of int, shape (N,)
        Sorted by item, row and start; runs of one item do not overlap.
    shape : tuple of int
        ``(ny, nx)`` of the image that the runs lie in.
    """

    item: Ints
    row: Ints
    start: Ints
    stop: Ints
    shape: tuple[int, int]

    def __len__(self) -> int:
        return len(self.row)

    def regroup(self, groups: ArrayLike) -> Spans:
        """Give every item to a group and join the runs within each group.

        Parameters
        ----------
        groups : array_like of int
            The group of item 0, 1, ...; not negative.
        """
        group = np.asarray(groups, dtype=np.int64)[self.item]
        line = group * self.shape[0] + self.row
        opens, closes = self._keys(line, self.start), self._keys(line, self.stop)
        return _from_events([opens, closes], np.array([1, -1]), self.shape)

    def n_pixels(self, n_items: int) -> Ints:
        """Count the pixels of each item, shape (n_items,)."""
        counts = np.bincount(self.item, weights=self.stop - self.start, minlength=n_items)
        return counts.astype(np.int64)

    def count(self) -> NDArray[np.int32]:
        """Count the items on every pixel, shape (ny, nx)."""
        ny, nx = self.shape
        steps = np.repeat([1, -1], len(self))
        place = np.concatenate([self._keys(self.row, self.start), self._keys(self.row, self.stop)])
        order = np.argsort(place, kind="stable")
        total = np.cumsum(steps[order], dtype=np.int32)
        n_pixels = np.diff(place[order], prepend=0, append=ny * (nx + 1))
        image = np.repeat(np.concatenate([np.zeros(1, np.int32), total]), n_pixels)
        return image.reshape(ny, nx + 1)[:, :nx]

    def _keys(self, line: Ints, x: Ints) -> Ints:
        return line * (self.shape[1] + 1) + x


def polygon_mask(geometry: BaseGeometry, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Mask of the pixels whose centres lie inside a polygon.

    Parameters
    ----------
    geometry : shapely geometry
        Valid polygon, multipolygon or collection, in pixels; points and lines hold no pixel.
    shape : tuple of int
        ``(ny, nx)``.

    Returns
    -------
    ndarray of bool, shape (ny, nx)

    Raises
    ------
    ShapeError
        If the polygon is not valid.

    Examples
    --------
    >>> polygon_mask(shapely.box(0.5, 0.5, 2.5, 1.5), (3, 4)).astype(int)
    array([[0, 0, 0, 0],
           [0, 1, 1, 0],
           [0, 0, 0, 0]])
    """
    return spans_of([geometry], shape).count() > 0


def votes_of(
    geometries: Sequence[BaseGeometry], groups: ArrayLike, shape: tuple[int, int]
) -> NDArray[np.int32]:
    """Count, on every pixel, the groups with a polygon over it.

    Parameters
    ----------
    geometries : sequence of shapely geometries
        Valid polygons in pixels.
    groups : array_like of int, shape (N,)
        Who drew each polygon; a group counts once on a pixel however many of its polygons
        overlap there.
    shape : tuple of int
        ``(ny, nx)``.

    Returns
    -------
    ndarray of int32, shape (ny, nx)

    Raises
    ------
    ShapeError
        If a polygon is not valid.

    Examples
    --------
    >>> square = shapely.box(-1, -1, 1.5, 0.5)
    >>> votes_of([square, square, square], [7, 7, 8], (1, 3))
    array([[2, 2, 0]], dtype=int32)
    """
    return spans_of(geometries, shape).regroup(groups).count()


def spans_of(geometries: Sequence[BaseGeometry], shape: tuple[int, int]) -> Spans:
    """Turn polygons into runs of pixels.

    Parameters
    ----------
    geometries : sequence of shapely geometries
        Valid polygons in pixels; parts outside the image are cut off.
    shape : tuple of int
        ``(ny, nx)``.

    Returns
    -------
    Spans
        `item` counts through `geometries`.

    Raises
    ------
    ShapeError
        If a polygon is not valid, since what lies inside is then not defined.
    """
    polygons, item = _polygons(geometries)
    start, end, edge_item = _edges(polygons, item)
    opens, closes = _inside_runs(start, end, edge_item, shape)
    hole_opens, hole_closes = _boundary_runs(start, end, edge_item, shape)
    # A run of boundary pixels outweighs every run of inside pixels.
    weights = np.array([1, -1, -len(opens) - 1, len(opens) + 1])
    return _from_events([opens, closes, hole_opens, hole_closes], weights, shape)


def _polygons(geometries: Sequence[BaseGeometry]) -> tuple[NDArray[np.object_], Ints]:
    parts = np.asarray(geometries, dtype=object).reshape(-1)
    item = np.arange(len(parts), dtype=np.int64)
    while (shapely.get_type_id(parts) >= 4).any():
        parts, index = shapely.get_parts(parts, return_index=True)
        item = item[index]
    is_polygon = shapely.get_type_id(parts) == 3
    parts, item = parts[is_polygon], item[is_polygon]
    valid = shapely.is_valid(parts)
    if not valid.all():
        worst = int(np.argmin(valid))
        raise ShapeError(
            f"polygon {item[worst]} is not valid ({shapely.is_valid_reason(parts[worst])}); "
            "repair strokes with galseg.geometry.enclosed_by_stroke first"
        )
    return parts, item


def _edges(polygons: NDArray[np.object_], item: Ints) -> tuple[Floats, Floats, Ints]:
    rings, of_polygon = shapely.get_rings(polygons, return_index=True)
    xy, of_ring = shapely.get_coordinates(rings, return_index=True)
    joined = of_ring[1:] == of_ring[:-1]
    return xy[:-1][joined], xy[1:][joined], item[of_polygon][of_ring[:-1][joined]]


def _inside_runs(
    start: Floats, end: Floats, item: Ints, shape: tuple[int, int]
) -> tuple[Ints, Ints]:
    """Keys of where the rows enter and leave polygons, boundaries excluded.

    An edge holds its lower end and not its upper one, so that every row crosses the edges of an
    item an even number of times: in, out, in, out.
    """
    ny, nx = shape
    low = np.ceil(np.minimum(start[:, 1], end[:, 1])).clip(0, ny).astype(np.int64)
    high = np.ceil(np.maximum(start[:, 1], end[:, 1])).clip(0, ny).astype(np.int64)
    n_crossed = high - low
    edge = np.repeat(np.arange(len(low)), n_crossed)
    row = np.arange(len(edge)) - np.repeat(np.cumsum(n_crossed) - n_crossed, n_crossed) + low[edge]
    with np.errstate(divide="ignore", invalid="ignore"):  # level edges cross no row
        slope = (end[:, 0] - start[:, 0]) / (end[:, 1] - start[:, 1])
    x = start[edge, 0] + (row - start[edge, 1]) * slope[edge]
    # Twice x, rounded to "on a centre" or "between two": all that matters, and sorted as integers.
    half = np.floor(x + _ON_BOUNDARY) + np.ceil(x - _ON_BOUNDARY)
    half = half.clip(-2, 2 * nx).astype(np.int64) + 2
    width = 2 * nx + 3
    line, half = np.divmod(np.sort((item[edge] * ny + row) * width + half), width)
    enter = (half[0::2] // 2).clip(0, nx)
    leave = ((half[1::2] - 1) // 2).clip(0, nx)
    filled = leave > enter
    first_key = line[0::2] * (nx + 1)
    return (first_key + enter)[filled], (first_key + leave)[filled]


def _boundary_runs(
    start: Floats, end: Floats, item: Ints, shape: tuple[int, int]
) -> tuple[Ints, Ints]:
    """Keys of the pixel centres on vertices and on level edges, which crossings do not see."""
    ny, nx = shape
    row = np.round(start[:, 1])
    on_row = (np.abs(row - start[:, 1]) < _ON_BOUNDARY) & (row >= 0) & (row < ny)
    start, end, item, row = start[on_row], end[on_row], item[on_row], row[on_row]
    level = np.abs(end[:, 1] - start[:, 1]) < _ON_BOUNDARY
    other = np.where(level, end[:, 0], start[:, 0])
    first = np.ceil(np.minimum(start[:, 0], other) - _ON_BOUNDARY).clip(0, nx).astype(np.int64)
    stop = np.floor(np.maximum(start[:, 0], other) + _ON_BOUNDARY + 1).clip(0, nx).astype(np.int64)
    key = (item * ny + row.astype(np.int64)) * (nx + 1)
    keep = stop > first
    return (key + first)[keep], (key + stop)[keep]


def _from_events(keys: list[Ints], weights: Ints, shape: tuple[int, int]) -> Spans:
    """Lay runs over one another; what remains is where their weights sum to above zero.

    `keys` holds, for each of `weights`, the places ``(item * ny + row) * (nx + 1) + x`` at which
    it is added to the sum.
    """
    kinds = len(keys)
    event = np.sort(np.concatenate([key * kinds + kind for kind, key in enumerate(keys)]))
    key, kind = np.divmod(event, kinds)
    total = np.cumsum(weights[kind])
    last = np.ones(len(key), dtype=bool)  # of several events at one place, only the last knows
    last[:-1] = key[1:] != key[:-1]
    key, covered = key[last], total[last] > 0
    before = np.concatenate([[False], covered[:-1]]) if len(key) else covered
    line, start = np.divmod(key[covered & ~before], shape[1] + 1)
    stop = key[before & ~covered] - line * (shape[1] + 1)
    item, row = np.divmod(line, shape[0])
    return Spans(item, row, start, stop, shape)
