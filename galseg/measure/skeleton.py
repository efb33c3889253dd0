"""The longest way through the skeleton of a mask."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph
from skimage.morphology import skeletonize

__all__ = ["longest_path"]

Ints = NDArray[np.int64]

_STEPS = ((1, 0), (0, 1), (1, 1), (-1, 1))


def longest_path(mask: NDArray[np.bool_]) -> Ints:
    """Find the two points of a skeleton that lie farthest apart along it, and the way between.

    Parameters
    ----------
    mask : ndarray of bool, shape (ny, nx)
        One connected piece.

    Returns
    -------
    ndarray of int, shape (N, 2)
        x, y of neighbouring pixels. In a skeleton that goes in circles, a long way and not
        always the longest.

    Examples
    --------
    >>> mask = np.zeros((5, 9), dtype=bool)
    >>> mask[2, 1:8] = True
    >>> longest_path(mask)[[0, -1], 0].tolist()
    [1, 7]
    """
    row, column = np.nonzero(skeletonize(mask))
    graph = _graph(row, column, mask.shape)
    start, _ = _farthest(graph, 0)
    end, before = _farthest(graph, start)
    walk = [end]
    while walk[-1] != start:
        walk.append(int(before[walk[-1]]))
    return np.column_stack([column[walk], row[walk]])


def _graph(row: Ints, column: Ints, shape: tuple[int, ...]) -> sparse.csr_array:
    """Distances between neighbouring pixels, corners included."""
    number = np.full((shape[0] + 1, shape[1] + 2), -1)
    number[row, column + 1] = np.arange(len(row))
    pixels, neighbours, distances = [], [], []
    for dx, dy in _STEPS:
        neighbour = number[row + dy, column + 1 + dx]
        pixel = np.flatnonzero(neighbour >= 0)
        pixels.append(pixel)
        neighbours.append(neighbour[pixel])
        distances.append(np.full(len(pixel), np.hypot(dx, dy)))
    index = tuple(np.concatenate(part).astype(np.int32) for part in (pixels, neighbours))  # csgraph
    return sparse.csr_array((np.concatenate(distances), index), shape=(len(row), len(row)))


def _farthest(graph: sparse.csr_array, start: int) -> tuple[int, Ints]:
    distance, before = csgraph.dijkstra(
        graph, directed=False, indices=start, return_predecessors=True
    )
    return int(np.argmax(np.where(np.isfinite(distance), distance, -1))), before
