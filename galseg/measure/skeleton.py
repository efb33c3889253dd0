"""The longest way through the skeleton of a mask."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph
from skimage.morphology import skeletonize

from galseg.measure.footprint import box_of

__all__ = ["longest_path"]

Ints = NDArray[np.int64]

# x, y of the pixels beside one, row after row.
_STEPS = np.array([[-1, -1], [0, -1], [1, -1], [-1, 0], [1, 0], [-1, 1], [0, 1], [1, 1]])


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
    rows, columns = box_of(mask)
    skeleton = skeletonize(mask[rows, columns])
    graph = _graph(skeleton)
    start, _ = _farthest(graph, 0)
    end, before = _farthest(graph, start)
    towards = before.tolist()
    walk = [end]
    while walk[-1] != start:
        walk.append(towards[walk[-1]])
    row, column = np.nonzero(skeleton)
    return np.column_stack([column[walk] + columns.start, row[walk] + rows.start])


def _graph(skeleton: NDArray[np.bool_]) -> sparse.csr_array:
    """Distances between neighbouring pixels, corners included, in the order of the pixels."""
    padded = np.zeros(np.add(skeleton.shape, 2), dtype=bool)
    padded[1:-1, 1:-1] = skeleton
    pixels = np.flatnonzero(padded)
    number = np.zeros(padded.size, dtype=np.int32)  # csgraph
    number[pixels] = np.arange(len(pixels))
    dx, dy = _STEPS.T
    beside = pixels[:, None] + dy * (skeleton.shape[1] + 2) + dx
    is_near = padded.ravel()[beside]
    first = np.append(0, np.cumsum(np.count_nonzero(is_near, axis=1)))
    distances = np.broadcast_to(np.hypot(dx, dy), beside.shape)[is_near]
    neighbours = number[beside[is_near]]
    return sparse.csr_array(
        (distances, neighbours, first.astype(np.int32)), shape=(len(pixels), len(pixels))
    )


def _farthest(graph: sparse.csr_array, start: int) -> tuple[int, Ints]:
    distance, before = csgraph.dijkstra(graph, indices=start, return_predecessors=True)
    return int(np.argmax(np.where(np.isfinite(distance), distance, -1))), before
