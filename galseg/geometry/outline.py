"""Masks to polygons."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import ndimage
from shapely.geometry import MultiPolygon, Polygon

from galseg.errors import ShapeError

__all__ = ["mask_outline"]

Ints = NDArray[np.int64]

# The sides of a pixel, walked with the pixel on the left (y up): where its neighbour lies across
# the side, and where the side starts and ends, counted from the pixel's lower left corner.
_NEIGHBOUR = np.array([[0, -1], [1, 0], [0, 1], [-1, 0]])
_START = np.array([[0, 0], [1, 0], [1, 1], [0, 1]])
_END = np.roll(_START, -1, axis=0)


def mask_outline(mask: NDArray[np.bool_]) -> MultiPolygon:
    """Polygons along the edges of a mask's pixels.

    Parameters
    ----------
    mask : ndarray of bool, shape (ny, nx)

    Returns
    -------
    shapely.MultiPolygon
        Union of the pixels, each a square of side 1 about its centre: `polygon_mask` gives the
        same mask again. Pixels that touch at a corner only are in different polygons.

    Raises
    ------
    ShapeError
        If the mask is not a 2-D array of bool.

    Examples
    --------
    >>> mask_outline(np.array([[False, True, True]])).wkt
    'MULTIPOLYGON (((0.5 -0.5, 2.5 -0.5, 2.5 0.5, 0.5 0.5, 0.5 -0.5)))'
    """
    mask = np.asarray(mask)
    if mask.ndim != 2 or mask.dtype != bool:
        raise ShapeError(f"mask must be a 2-D array of bool, got {mask.dtype} {mask.shape}")
    shells: dict[int, NDArray[np.float64]] = {}
    holes: dict[int, list[NDArray[np.float64]]] = {}
    for region, corners in _rings(mask):
        ring = np.asarray(corners - 0.5, dtype=np.float64)
        if shapely.is_ccw(shapely.linearrings(ring)):
            shells[region] = ring
        else:
            holes.setdefault(region, []).append(ring)
    return MultiPolygon([Polygon(shell, holes.get(of)) for of, shell in shells.items()])


def _rings(mask: NDArray[np.bool_]) -> Iterator[tuple[int, Ints]]:
    """Walk round every region and its holes: the region's number and the corners."""
    pixel, side = _sides(mask)
    region = ndimage.label(mask)[0][pixel[:, 1], pixel[:, 0]]
    start, end = pixel + _START[side], pixel + _END[side]
    following = _following(start, end, pixel, region).tolist()
    unseen = [True] * len(following)
    for first in range(len(following)):
        walk, step = [], first
        while unseen[step]:
            unseen[step] = False
            walk.append(step)
            step = following[step]
        if walk:
            turns = side[walk] != np.roll(side[walk], 1)
            yield int(region[first]), start[walk][turns]


def _sides(mask: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Pixels x, y and their sides that face the outside of the mask."""
    padded = np.pad(mask, 1)
    ny, nx = mask.shape
    pixels, sides = [], []
    for side, (dx, dy) in enumerate(_NEIGHBOUR):
        across = padded[1 + dy : 1 + dy + ny, 1 + dx : 1 + dx + nx]
        y, x = np.nonzero(mask & ~across)
        pixels.append(np.column_stack([x, y]))
        sides.append(np.full(len(x), side))
    return np.concatenate(pixels), np.concatenate(sides)


def _following(start: Ints, end: Ints, pixel: Ints, region: Ints) -> Ints:
    """Find the side that goes on where another one ends.

    Two go on from where pixels touch at a corner only. If the pixels are of two regions, it is the
    side of the same pixel; if of one, the other, so that what they enclose becomes a hole.
    """
    if len(start) == 0:
        return np.empty(0, dtype=np.int64)
    width = start[:, 0].max() + 2
    key_start, key_end = start @ (1, width), end @ (1, width)
    order = np.argsort(key_start)
    place = np.searchsorted(key_start[order], key_end)
    one, other = order[place], order[np.minimum(place + 1, len(order) - 1)]
    forks = (key_start[other] == key_end) & (one != other)
    stays = (pixel[one] == pixel).all(axis=1)
    apart = region[one] != region[other]
    return np.where(forks & (stays != apart), other, one)
